"""The events of one response's output items, in the order real traffic has (protocol §4.4)."""

from __future__ import annotations

import re
from typing import Any

from realtime.upstream.embedded.audio_format import AudioFormat
from realtime.upstream.embedded.audio_out import AudioOut
from realtime.upstream.embedded.conversation import Conversation, Item, TimedText
from realtime.upstream.embedded.outbox import Outbox
from realtime.upstream.embedded.ports import SpokenWord


class OutputItem:
    """One output item being written: opened on construction, finished by `close`.

    conversation is None for out-of-band responses, whose items belong to no conversation.
    """

    def __init__(
        self,
        item: Item,
        outbox: Outbox,
        conversation: Conversation | None,
        response_id: str,
        output_index: int,
    ) -> None:
        self.item = item
        self._outbox = outbox
        self._conversation = conversation
        self._in_response = {"response_id": response_id, "output_index": output_index}
        self._outbox.send("response.output_item.added", **self._in_response, item=dict(item.wire))
        if conversation is not None:
            previous = conversation.add(item)
            outbox.send("conversation.item.added", previous_item_id=previous, item=dict(item.wire))

    def close(self, status: str) -> None:
        """Send the item's last events. `status` is completed or incomplete."""
        self.item.wire["status"] = status
        if self._conversation is not None and self._conversation.holds(self.item.item_id):
            self._outbox.send(
                "conversation.item.done",
                previous_item_id=self._conversation.before(self.item),
                item=self.item.wire,
            )
        self._outbox.send("response.output_item.done", **self._in_response, item=self.item.wire)


class OutputMessage(OutputItem):
    """An assistant message: spoken (`audio`) or written."""

    def __init__(
        self,
        item_id: str,
        outbox: Outbox,
        conversation: Conversation | None,
        response_id: str,
        output_index: int,
        *,
        audio_format: AudioFormat | None,
        audio_out: AudioOut,
    ) -> None:
        wire: dict[str, Any] = {
            "id": item_id,
            "type": "message",
            "status": "in_progress",
            "role": "assistant",
            "content": [],
        }
        item = Item(wire)
        super().__init__(item, outbox, conversation, response_id, output_index)
        self._spoken = audio_format is not None
        self._said = ""
        self._audio_out = audio_out
        self._in_part = {
            "response_id": response_id,
            "item_id": item_id,
            "output_index": output_index,
            "content_index": 0,
        }
        if audio_format is not None:
            item.audio_format = audio_format
            part = {"type": "audio", "transcript": ""}
            self._content: dict[str, Any] = {"type": "output_audio", "transcript": ""}
        else:
            part = {"type": "text", "text": ""}
            self._content = {"type": "output_text", "text": ""}
        outbox.send("response.content_part.added", **self._in_part, part=part)
        item.wire["content"] = [self._content]

    def write(self, text: str) -> None:
        """Send written text as deltas of one word each."""
        for word in split_words(text):
            self._content["text"] += word
            self._outbox.send("response.output_text.delta", **self._in_part, delta=word)

    def say(self, word: SpokenWord) -> None:
        """Send a word's transcript, then its audio: a client can map heard audio to words."""
        item = self.item
        self._said += word.text
        if not item.truncated:
            start_ms = item.audio_format.duration_ms(len(item.audio))
            item.timed_text.append(TimedText(word.text, start_ms))
            self._content["transcript"] += word.text
        self._outbox.send(
            "response.output_audio_transcript.delta", **self._in_part, delta=word.text
        )
        self._audio_out.say(item, self._in_part, word.audio)
        if not item.truncated:
            item.audio += word.audio
            item.audio_ms = item.audio_format.duration_ms(len(item.audio))

    def close(self, status: str) -> None:
        if self._spoken:
            transcript = self._said
            self._outbox.send("response.output_audio.done", **self._in_part)
            self._outbox.send(
                "response.output_audio_transcript.done", **self._in_part, transcript=transcript
            )
            part = {"type": "audio", "transcript": transcript}
        else:
            text = self._content["text"]
            self._outbox.send("response.output_text.done", **self._in_part, text=text)
            part = {"type": "text", "text": text}
        self._outbox.send("response.content_part.done", **self._in_part, part=part)
        super().close(status)


def send_function_call(
    outbox: Outbox,
    conversation: Conversation | None,
    response_id: str,
    output_index: int,
    *,
    item_id: str,
    call_id: str,
    name: str,
    arguments: str,
) -> Item:
    """Send one whole function call item (protocol §4.4 C) and return it."""
    wire: dict[str, Any] = {
        "id": item_id,
        "type": "function_call",
        "status": "in_progress",
        "name": name,
        "call_id": call_id,
        "arguments": "",
    }
    output = OutputItem(Item(wire), outbox, conversation, response_id, output_index)
    in_item = {
        "response_id": response_id,
        "item_id": item_id,
        "output_index": output_index,
        "call_id": call_id,
    }
    for piece in split_words(arguments):
        outbox.send("response.function_call_arguments.delta", **in_item, delta=piece)
    outbox.send("response.function_call_arguments.done", **in_item, name=name, arguments=arguments)
    wire["arguments"] = arguments
    output.close("completed")
    return output.item


def split_words(text: str) -> list[str]:
    """Pieces of one word and the space before it; they concatenate to `text` exactly."""
    return re.findall(r"\s*\S+(?:\s+$)?|\s+$", text)

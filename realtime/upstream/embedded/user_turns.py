"""The user's turns: from appended audio or created items to heard, committed conversation items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from realtime.core.errors import InvalidEvent
from realtime.upstream.embedded.audio_format import parse_audio_format
from realtime.upstream.embedded.conversation import Conversation, Item, check_call_is_known
from realtime.upstream.embedded.effects import Hear
from realtime.upstream.embedded.ids import IdMaker
from realtime.upstream.embedded.input_audio import InputAudio
from realtime.upstream.embedded.outbox import Outbox
from realtime.upstream.embedded.output_items import split_words
from realtime.upstream.embedded.parameters import expect_text
from realtime.upstream.embedded.ports import Heard, Origin
from realtime.upstream.embedded.responder import Responder
from realtime.upstream.embedded.response_options import response_options
from realtime.upstream.embedded.session_fields import LOGPROBS
from realtime.upstream.embedded.speech_detector import SpeechStarted
from realtime.upstream.embedded.transcription import logprob, transcription_usage

PREVIOUS = "previous_item_id"


class UserTurns:
    """Sends the events of timeline A up to the response (protocol §4.4) and asks the ears.

    The mind needs words, so every spoken item is heard even when the client wants no transcription
    events.
    """

    def __init__(
        self,
        input_audio: InputAudio,
        conversation: Conversation,
        responder: Responder,
        outbox: Outbox,
        new_id: IdMaker,
    ) -> None:
        self._input = input_audio
        self._conversation = conversation
        self._responder = responder
        self._outbox = outbox
        self._new_id = new_id
        self._config: Mapping[str, Any] = {}
        self._item_id = ""
        self._speech_from_ms = 0
        self._listening_to: dict[str, Item] = {}
        self._tell_transcript: set[str] = set()

    @property
    def _detection(self) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = self._config["audio"]["input"]["turn_detection"]
        return found

    def configure(self, config: Mapping[str, Any]) -> None:
        """Apply the effective session; detection restarts only when its settings changed."""
        before = self._config.get("audio", {}).get("input", {})
        self._config = config
        after = config["audio"]["input"]
        changed = any(before.get(key) != after[key] for key in ("turn_detection", "format"))
        if changed or not before:
            self._input.configure(
                after["turn_detection"], parse_audio_format(after["format"], "format")
            )

    def listen(self, now: float) -> None:
        """Hear up to one second of appended audio and act on turns that start or end in it."""
        for change in self._input.listen():
            if isinstance(change, SpeechStarted):
                self._start(change.at_ms, now)
            else:
                self._stop(change.at_ms, now)

    def commit(self) -> None:
        """The client's commit. Raises InvalidEvent for less than 100 ms; makes no response."""
        was_speaking = self._input.speaking
        audio = self._input.take_all()
        item_id = self._item_id if was_speaking else self._new_id("item")
        self._commit_audio(item_id, audio)

    def clear(self) -> None:
        self._input.clear()
        self._outbox.send("input_audio_buffer.cleared")

    def add_item(self, item: Item, previous_item_id: object) -> None:
        """An item the client made. Raises InvalidEvent for an unknown predecessor."""
        where = None if previous_item_id is None else expect_text(previous_item_id, PREVIOUS)
        check_call_is_known(item, self._conversation, "item.call_id")
        self._add(item, where)
        self.hear_if_spoken(item, tell=True)

    def hear_if_spoken(self, item: Item, *, tell: bool) -> None:
        """Ask the ears for the words of a user item that brought audio.

        tell: send transcription events for it, if the session wants them.
        """
        spoken = item.wire.get("role") == "user" and item.audio
        if spoken and item.origin is Origin.TYPED and not item.hearing:
            item.hearing = True
            self._listening_to[item.item_id] = item
            if tell and self._config["audio"]["input"]["transcription"] is not None:
                self._tell_transcript.add(item.item_id)
            self._outbox.do(Hear(item.item_id, bytes(item.audio), item.audio_format))

    def heard(self, item_id: str, result: Heard, now: float) -> None:
        item = self._listening_to.pop(item_id, None)
        if item is None:
            return
        item.hearing = False
        item.heard_text, item.origin = result.text, result.origin
        for part in item.wire["content"]:
            if part["type"] == "input_audio":
                part["transcript"] = result.text
        if self._wants_transcript(item_id):
            self._tell(item_id, result)
        self._responder.advance(now)

    def _tell(self, item_id: str, result: Heard) -> None:
        wanted = self._config["audio"]["input"]["transcription"] or {}
        certain = LOGPROBS in (self._config["include"] or ())
        where = {"item_id": item_id, "content_index": 0}
        known = [logprob(word, result.origin) for word in split_words(result.text)]
        for token in known:
            extra = {"logprobs": [token]} if certain else {}
            self._outbox.send(
                "conversation.item.input_audio_transcription.delta",
                **where,
                delta=token["token"],
                **extra,
            )
        self._outbox.send(
            "conversation.item.input_audio_transcription.completed",
            **where,
            transcript=result.text,
            usage=transcription_usage(wanted.get("model") or "", result),
            **({"logprobs": known} if certain else {}),
        )

    def not_heard(self, item_id: str, code: str, message: str, now: float) -> None:
        """The ears gave up; the mind is told nothing was understood."""
        item = self._listening_to.pop(item_id, None)
        if item is None:
            return
        item.hearing = False
        item.origin = Origin.NOTHING
        if self._wants_transcript(item_id):
            self._outbox.send(
                "conversation.item.input_audio_transcription.failed",
                item_id=item_id,
                content_index=0,
                error={"type": "transcription_error", "code": code, "message": message},
            )
        self._responder.advance(now)

    def check_idle(self, now: float) -> None:
        """Prompt a user who stays silent past `idle_timeout_ms` (protocol §5)."""
        deadline = self.next_deadline()
        if deadline is None or now < deadline or self._detection is None:
            return
        end_ms = self._input.end_ms
        item_id = self._new_id("item")
        self._outbox.send(
            "input_audio_buffer.timeout_triggered",
            item_id=item_id,
            audio_start_ms=max(0, end_ms - int(self._detection["idle_timeout_ms"])),
            audio_end_ms=end_ms,
        )
        self._commit_audio(item_id, b"")
        self._respond(now)

    def next_deadline(self) -> float | None:
        detection = self._detection
        idle_ms = detection.get("idle_timeout_ms") if detection else None
        quiet_since = self._responder.quiet_since
        if idle_ms is None or quiet_since is None or self._input.speaking:
            return None
        return quiet_since + float(idle_ms) / 1000

    def _start(self, at_ms: int, now: float) -> None:
        self._item_id = self._new_id("item")
        self._speech_from_ms = at_ms
        self._responder.quiet_since = None
        self._outbox.send(
            "input_audio_buffer.speech_started", item_id=self._item_id, audio_start_ms=at_ms
        )
        if self._detection is not None and self._detection.get("interrupt_response"):
            self._responder.interrupt(now)

    def _stop(self, at_ms: int, now: float) -> None:
        self._outbox.send(
            "input_audio_buffer.speech_stopped", item_id=self._item_id, audio_end_ms=at_ms
        )
        self._commit_audio(self._item_id, self._input.take(self._speech_from_ms, at_ms))
        if self._detection is not None and self._detection.get("create_response"):
            self._respond(now)

    def _respond(self, now: float) -> None:
        if self._config["type"] == "transcription":
            return
        try:
            options = response_options(self._config, None, self._conversation, self._new_id)
            self._responder.create(options, now)
        except InvalidEvent as error:
            self._outbox.send_error(error, None)

    def _commit_audio(self, item_id: str, audio: bytes) -> None:
        audio_format = self._input.audio_format
        self._outbox.send(
            "input_audio_buffer.committed",
            previous_item_id=self._conversation.last_item_id,
            item_id=item_id,
        )
        item = Item(
            {
                "id": item_id,
                "type": "message",
                "status": "completed",
                "role": "user",
                "content": [{"type": "input_audio", "transcript": None}],
            },
            audio=bytearray(audio),
            audio_format=audio_format,
            audio_ms=audio_format.duration_ms(len(audio)),
        )
        if not audio:
            item.origin = Origin.SILENT
        self._add(item, None)
        self.hear_if_spoken(item, tell=True)

    def _add(self, item: Item, previous_item_id: str | None) -> None:
        previous = self._conversation.add(item, previous_item_id)
        self._outbox.send("conversation.item.added", previous_item_id=previous, item=item.wire)
        self._outbox.send("conversation.item.done", previous_item_id=previous, item=item.wire)

    def _wants_transcript(self, item_id: str) -> bool:
        wanted = item_id in self._tell_transcript
        self._tell_transcript.discard(item_id)
        return wanted

"""One response: thinks, writes or speaks at a pace, ends exactly once (protocol §4.4).

Audio is made far faster than it is played. It is sent with a head start and then somewhat faster
than real time, so that a slow listener always has enough and an interruption still meets an answer
in the making instead of one that was sent whole in its first second.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from realtime.upstream.embedded.audio_out import AudioOut
from realtime.upstream.embedded.conversation import Conversation, Item
from realtime.upstream.embedded.effects import Abandon, Speak, Think
from realtime.upstream.embedded.ids import IdMaker
from realtime.upstream.embedded.outbox import Outbox
from realtime.upstream.embedded.output_items import OutputMessage, send_function_call
from realtime.upstream.embedded.ports import CallFunction, Context, Say, SpokenWord, Thought
from realtime.upstream.embedded.response_options import ResponseOptions
from realtime.upstream.embedded.tool_config import offered_tools
from realtime.upstream.embedded.usage import InputTokens, count_input, text_tokens, usage_object


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast speech leaves: `head_start_ms` at once, then `rate` times real time."""

    head_start_ms: int = 2000
    rate: float = 1.5


class Response:
    """Drive it with `advance` after every input; it is over when `ended` is true.

    `context_items` are the items it answers; it thinks once none of them is still being heard.
    """

    def __init__(
        self,
        response_id: str,
        options: ResponseOptions,
        context_items: Sequence[Item],
        conversation: Conversation,
        conversation_id: str,
        outbox: Outbox,
        new_id: IdMaker,
        pace: Pace,
        cached: InputTokens,
        audio_out: AudioOut,
    ) -> None:
        self.response_id = response_id
        self.options = options
        self.ended = False
        self.seen = InputTokens(0, 0)
        self._context_items = list(context_items)
        self._conversation = conversation if options.in_conversation else None
        self._conversation_id = conversation_id if options.in_conversation else None
        self._outbox = outbox
        self._new_id = new_id
        self._pace = pace
        self._cached = cached
        self._audio_out = audio_out
        self._thinking = False
        self._thought_out = False
        self._thoughts: deque[Thought] = deque()
        self._words: deque[SpokenWord] = deque()
        self._speaking = False
        self._first_audio_at: float | None = None
        self._audio_sent_ms = 0
        self._message: OutputMessage | None = None
        self._output: list[Item] = []
        self._outbox.send("response.created", response=self._wire("in_progress"))

    @property
    def sent_audio(self) -> bool:
        return self._first_audio_at is not None

    @property
    def playback_left_s(self) -> float:
        """How much of the audio sent is ahead of real time at most."""
        return self._audio_sent_ms / 1000

    @property
    def total_tokens(self) -> int:
        """Input and output so far, as its usage says."""
        spent = self._output_text_tokens() + self._audio_sent_ms // 50
        return self.seen.text + self.seen.audio + spent

    def thought(self, thought: Thought) -> None:
        self._thoughts.append(thought)

    def thinking_ended(self) -> None:
        self._thought_out = True

    def spoken(self, words: Sequence[SpokenWord]) -> None:
        self._speaking = False
        self._words.extend(words)

    def advance(self, now: float) -> None:
        """Send whatever may be sent at `now` and ask for what is needed next."""
        if not self._thinking:
            if any(item.hearing for item in self._context_items):
                return
            self._start_thinking()
        while not self.ended:
            if self._words:
                if self._ready_at(now) > now:
                    return
                self._say(self._words.popleft(), now)
            elif self._speaking:
                return
            elif self._thoughts:
                self._act_on(self._thoughts.popleft())
            elif self._thought_out:
                self._end("completed", None)
            else:
                return

    def next_deadline(self, now: float) -> float | None:
        """When the next word may leave; None while there is none to send."""
        return self._ready_at(now) if self._words and not self.ended else None

    def cancel(self, reason: str) -> None:
        """End now. `reason` is turn_detected or client_cancelled."""
        self._end("cancelled", {"type": "cancelled", "reason": reason})

    def fail(self, code: str, message: str) -> None:
        error = {"type": "server_error", "code": code, "message": message}
        self._end("failed", {"type": "failed", "error": error})

    def _start_thinking(self) -> None:
        self._thinking = True
        options = self.options
        self.seen = count_input(options.instructions, options.tools, self._context_items)
        named = options.tool_choice if isinstance(options.tool_choice, dict) else None
        context = Context(
            instructions=options.instructions,
            history=tuple(item.as_history() for item in self._context_items),
            tools=offered_tools(options.tools, options.tool_choice),
            required=options.tool_choice == "required",
            required_name=named.get("name") if named else None,
            parallel=options.parallel_tool_calls,
        )
        self._outbox.do(Think(self.response_id, context))

    def _act_on(self, thought: Thought) -> None:
        if isinstance(thought, CallFunction):
            if self._over_budget(thought.name + thought.arguments, 0):
                self._end("incomplete", {"type": "incomplete", "reason": "max_output_tokens"})
                return
            self._close_message("completed")
            item = send_function_call(
                self._outbox,
                self._conversation,
                self.response_id,
                len(self._output),
                item_id=self._new_id("item"),
                call_id=self._new_id("call"),
                name=thought.name,
                arguments=thought.arguments,
            )
            self._output.append(item)
        elif thought.text and not self.options.speaks:
            if self._over_budget(thought.text, 0):
                self._run_out(thought)
            else:
                self._open_message().write(thought.text)
        elif thought.text:
            self._speaking = True
            self._outbox.do(
                Speak(
                    self.response_id,
                    thought.text,
                    self.options.voice,
                    self.options.speed,
                    self.options.audio_format,
                )
            )

    def _say(self, word: SpokenWord, now: float) -> None:
        audio_ms = self.options.audio_format.duration_ms(len(word.audio))
        if self._over_budget(word.text, audio_ms):
            self._end("incomplete", {"type": "incomplete", "reason": "max_output_tokens"})
            return
        if self._first_audio_at is None:
            self._first_audio_at = now
        self._open_message().say(word)
        self._audio_sent_ms += audio_ms

    def _run_out(self, thought: Say) -> None:
        """Write as many characters of the piece as the budget holds, then end as incomplete."""
        budget = int(self.options.max_output_tokens) - self._output_text_tokens()
        message = self._open_message()
        message.write(thought.text[: budget * 4])
        self._end("incomplete", {"type": "incomplete", "reason": "max_output_tokens"})

    def _over_budget(self, text: str, audio_ms: int) -> bool:
        limit = self.options.max_output_tokens
        if not isinstance(limit, int):
            return False
        spent = self._output_text_tokens() + self._audio_sent_ms // 50
        return spent + text_tokens(text) + audio_ms // 50 > limit

    def _ready_at(self, now: float) -> float:
        if self._first_audio_at is None:
            return now
        ahead_ms = self._audio_sent_ms - self._pace.head_start_ms
        return self._first_audio_at + ahead_ms / 1000 / self._pace.rate

    def _open_message(self) -> OutputMessage:
        if self._message is None:
            self._message = OutputMessage(
                self._new_id("item"),
                self._outbox,
                self._conversation,
                self.response_id,
                len(self._output),
                audio_format=self.options.audio_format if self.options.speaks else None,
                audio_out=self._audio_out,
            )
            self._output.append(self._message.item)
        return self._message

    def _close_message(self, status: str) -> None:
        if self._message is not None:
            self._message.close(status)
            self._message = None

    def _end(self, status: str, details: dict[str, Any] | None) -> None:
        if self.ended:
            return
        self.ended = True
        self._audio_out.finish(self.response_id)
        self._close_message("completed" if status == "completed" else "incomplete")
        self._outbox.do(Abandon(self.response_id))
        self._outbox.send("response.done", response=self._wire(status, details))

    def _output_text_tokens(self) -> int:
        total = 0
        for item in self._output:
            if item.wire["type"] == "function_call":
                total += text_tokens(item.wire["name"] + item.wire["arguments"])
            else:
                total += text_tokens(item.text)
        return total

    def _wire(self, status: str, details: dict[str, Any] | None = None) -> dict[str, Any]:
        over = status != "in_progress"
        return {
            "object": "realtime.response",
            "id": self.response_id,
            "status": status,
            "status_details": details,
            "output": [item.wire for item in self._output],
            "conversation_id": self._conversation_id,
            "output_modalities": list(self.options.output_modalities),
            "max_output_tokens": self.options.max_output_tokens,
            "audio": {
                "output": {
                    "format": self.options.audio_format.as_wire(),
                    "voice": self.options.voice,
                }
            },
            "usage": usage_object(
                self.seen,
                self._cached,
                output_text=self._output_text_tokens(),
                output_audio=self._audio_sent_ms // 50,
            )
            if over
            else None,
            "metadata": self.options.metadata,
        }

"""All responses of one session: at most one in the conversation, any number beside it."""

from __future__ import annotations

from collections.abc import Sequence

from realtime.core.errors import InvalidEvent
from realtime.upstream.embedded.audio_out import AudioOut, truncate_unheard
from realtime.upstream.embedded.conversation import Conversation
from realtime.upstream.embedded.ids import IdMaker
from realtime.upstream.embedded.outbox import Outbox
from realtime.upstream.embedded.ports import SpokenWord, Thought
from realtime.upstream.embedded.rate_limit import TokenBudget
from realtime.upstream.embedded.response import Pace, Response
from realtime.upstream.embedded.response_options import ResponseOptions
from realtime.upstream.embedded.usage import InputTokens

MAX_PARALLEL_RESPONSES = 8


class Responder:
    """Results for a response that has ended meanwhile are ignored."""

    def __init__(
        self,
        conversation: Conversation,
        outbox: Outbox,
        new_id: IdMaker,
        pace: Pace,
        audio_out: AudioOut,
    ) -> None:
        self.has_spoken = False
        self.quiet_since: float | None = None
        self._conversation = conversation
        self._conversation_id = new_id("conv")
        self._outbox = outbox
        self._new_id = new_id
        self._pace = pace
        self._audio_out = audio_out
        self._live: dict[str, Response] = {}
        self._cached = InputTokens(0, 0)
        self._budget = TokenBudget()

    @property
    def active(self) -> Response | None:
        """The response being made in the conversation, if any."""
        for response in self._live.values():
            if response.options.in_conversation:
                return response
        return None

    def check_free(self, options: ResponseOptions) -> None:
        """Raises InvalidEvent while another response is in the way (protocol §4.4 F)."""
        active = self.active if options.in_conversation else None
        if active is not None:
            raise InvalidEvent(
                "Conversation already has an active response in progress: "
                f"{active.response_id}. Wait until the response is finished before creating a "
                "new one.",
                code="conversation_already_has_active_response",
            )
        if len(self._live) >= MAX_PARALLEL_RESPONSES:
            raise InvalidEvent("Too many responses in progress.", code="rate_limit_exceeded")

    def create(self, options: ResponseOptions, now: float) -> None:
        """Start a response. Raises InvalidEvent when `check_free` does."""
        self.check_free(options)
        items = tuple(self._conversation) if options.given_input is None else options.given_input
        response = Response(
            self._new_id("resp"),
            options,
            items,
            self._conversation,
            self._conversation_id,
            self._outbox,
            self._new_id,
            self._pace,
            self._cached,
            self._audio_out,
        )
        self._live[response.response_id] = response
        self.quiet_since = None
        self.advance(now)

    def cancel(self, response_id: object, now: float) -> None:
        """The client's `response.cancel`. Raises InvalidEvent when there is nothing to cancel."""
        response = self.active if response_id is None else self._live.get(str(response_id))
        if response is None:
            raise InvalidEvent(
                "Cancellation failed: no active response found",
                code="response_cancel_not_active",
            )
        response.cancel("client_cancelled")
        self._settle(now)

    def interrupt(self, now: float) -> None:
        """The user began to speak."""
        cut = self._audio_out.cut()
        if self.active is not None:
            self.active.cancel("turn_detected")
            self._settle(now)
        truncate_unheard(cut, self._conversation, self._outbox)

    def silence(self, now: float) -> None:
        """The client's `output_audio_buffer.clear`: play no more of what is being said."""
        cut = self._audio_out.cut()
        if self.active is not None and self.active.sent_audio:
            self.active.cancel("client_cancelled")
            self._settle(now)
        truncate_unheard(cut, self._conversation, self._outbox)

    def thought(self, response_id: str, thought: Thought, now: float) -> None:
        if response := self._live.get(response_id):
            response.thought(thought)
            self.advance(now)

    def thinking_ended(self, response_id: str, now: float) -> None:
        if response := self._live.get(response_id):
            response.thinking_ended()
            self.advance(now)

    def spoken(self, response_id: str, words: Sequence[SpokenWord], now: float) -> None:
        if response := self._live.get(response_id):
            response.spoken(words)
            self.advance(now)

    def failed(self, response_id: str, code: str, message: str, now: float) -> None:
        if response := self._live.get(response_id):
            response.fail(code, message)
            self._settle(now)

    def advance(self, now: float) -> None:
        for response in tuple(self._live.values()):
            response.advance(now)
            self._settle(now)

    def next_deadline(self, now: float) -> float | None:
        deadlines = [response.next_deadline(now) for response in self._live.values()]
        return min((at for at in deadlines if at is not None), default=None)

    def _settle(self, now: float) -> None:
        for response in tuple(self._live.values()):
            self.has_spoken = self.has_spoken or response.sent_audio
            if not response.ended:
                continue
            del self._live[response.response_id]
            if response.options.in_conversation:
                self._cached = response.seen
                self.quiet_since = now + response.playback_left_s
            self._conversation.drop_old_audio()
            limits = self._budget.spend(response.total_tokens, now)
            self._outbox.send("rate_limits.updated", rate_limits=limits)

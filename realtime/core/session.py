"""One voice session as a pure machine: events and time in, effects out. No I/O, no clock.

Its parts: `link` (dial, set-up, seeding, re-dial), `client_side`, `upstream_side`, `ending`; what
they share is `session_state`. A WebRTC call has `call_link` for its link and `call_side` besides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from realtime.core.allowance import ANSWER_MAX_S, Allowance, quota_notice
from realtime.core.call_link import CallLink
from realtime.core.call_side import CallSide
from realtime.core.client_side import ClientSide
from realtime.core.effects import DetachClient, Effect, EndReason
from realtime.core.ending import end_session, end_without_client, say_why
from realtime.core.errors import LimitReached, Unavailable, VoiceError
from realtime.core.frames import Frame, parse_server_frame
from realtime.core.glance import Activity, Line, activity_of, latest_lines
from realtime.core.link import UpstreamLink
from realtime.core.pieces import Pieces
from realtime.core.session_config import SessionSetup
from realtime.core.session_state import Phase, SessionState
from realtime.core.tally import Tally
from realtime.core.upstream_side import UpstreamSide

# WebSocket closes with which a client says goodbye; any other way it was lost.
_GOODBYES = frozenset({1000, 1001, 1005})
# Closes after which a client that can resume may come back. 1001 and 1005 are what browsers and
# proxies leave behind when they let go of a line; such a client hangs up with 1000.
_LINE_BROKE = frozenset({1001, 1005, 1006, 1011, 1014, 1015})


class Session:
    """Relays Realtime GA between one client and one provider, and records what was said.

    Call `open` first and perform every list of effects a method returns, in order. Times are
    monotonic seconds of one clock. After an `EndSession` effect every method returns [].

    hear, follow: the short ways for what comes many times a second (`ClientSide.hear`,
        `Pieces.follow`). Ask them first; `receive_from_…` does the same for any frame, as effects.
    """

    def __init__(self, setup: SessionSetup, now: float) -> None:
        self.setup = setup
        self._state = SessionState(setup, now)
        self._link = UpstreamLink(self._state)
        self._call_side: CallSide | None = None
        if setup.call is not None:
            self._link = CallLink(self._state, setup.call)
            self._call_side = CallSide(self._state, self._link)
        self._client_side = ClientSide(self._state, self._link, now)
        self._upstream_side = UpstreamSide(self._state, self._link)
        self.hear = self._client_side.hear
        self.follow = Pieces(self._state).follow if setup.call is None else _follow_nothing

    @property
    def ended(self) -> bool:
        return self._state.phase is Phase.ENDED

    @property
    def busy(self) -> bool:
        """A response is in the air: a drain lets it finish."""
        return not self.ended and (self._is_playing or self._state.responses.are_active)

    @property
    def _is_playing(self) -> bool:
        return self._call_side is not None and self._call_side.is_playing

    def activity(self, now: float) -> Activity:
        """What goes on just now, in a word."""
        return activity_of(self._state, now, is_playing=self._is_playing)

    def latest_lines(self) -> tuple[Line, ...]:
        """What was said last, as far as it has come."""
        return latest_lines(self._state)

    @property
    def tally(self) -> Tally:
        """What has passed through so far."""
        return self._state.tally

    @property
    def can_resume(self) -> bool:
        """A client whose line breaks now may come back to this run (contract §4, Resume)."""
        setup = self.setup
        return self._state.announced and setup.private_events and setup.limits.resume_s > 0

    @property
    def detached(self) -> bool:
        """The session goes on without a client, which may still come back."""
        return not self.ended and self._state.detached_until is not None

    @property
    def held_bytes(self) -> int:
        """Client frames waiting for the provider. Stop reading the client while this is large."""
        return 0 if self.ended else self._state.held_bytes

    def open(self) -> list[Effect]:
        """Dial the provider. Nothing is sent to the client before it has set the session up."""
        return self._link.dial()

    def upstream_opened(self, now: float) -> list[Effect]:
        """The dial that `OpenUpstream` asked for succeeded."""
        return [] if self.ended else self._link.opened(now)

    def upstream_failed(self, error: VoiceError, now: float) -> list[Effect]:
        """The dial failed with UpstreamFailed or UpstreamTimedOut."""
        return [] if self.ended else self._link.failed(error, now)

    def upstream_closed(
        self, code: int, reason: str, now: float, unsent: Sequence[str] = ()
    ) -> list[Effect]:
        """The provider closed. `unsent`: SendUpstream frames that never left, oldest first."""
        if self.ended:
            return []
        if self._call_side is not None:
            self._call_side.line_broke()
        return self._link.closed(code, reason, now, unsent)

    def receive_from_client(self, raw: str | bytes, now: float) -> list[Effect]:
        """One frame of the client; bytes are a binary frame. Then wait `client_wait_s`."""
        return [] if self.ended else self._client_side.receive(raw, now)

    def client_wait_s(self, now: float) -> float:
        """Seconds to wait before reading the client again (contract §8: read more slowly)."""
        return 0.0 if self.ended else self._client_side.wait_s(now)

    def receive_from_upstream(self, raw: str, now: float) -> list[Effect]:
        """One frame of the provider. What is no event is dropped: no client could read it."""
        frame = parse_server_frame(raw)
        if self.ended or frame is None:
            return []
        if self._state.phase is Phase.LIVE or self._link.hears_already(frame):
            effects = self._upstream_side.receive(frame, now)
        else:
            effects = self._set_up_with(frame, now)
        if self._call_side is not None and not self.ended:
            effects += self._call_side.receive(frame, now)
        return effects

    def _set_up_with(self, frame: Frame, now: float) -> list[Effect]:
        first = not self._state.announced
        if first:
            self._client_side.notice_early_dialect()
        effects = self._link.receive(frame, now)
        if first and self._state.announced:
            effects += self._client_side.release_early(now)
        return effects

    def client_closed(self, now: float, code: int = 1000) -> list[Effect]:
        """The client went away; 1000, 1001 and 1005 count as hanging up, others as lost.

        One that can resume has `resume_s` to come back, unless it hung up with 1000.
        """
        state = self._state
        if self.ended or state.detached_until is not None:
            return []
        if self.can_resume and code in _LINE_BROKE:
            state.detached_until = now + self.setup.limits.resume_s
            return [DetachClient()]
        reason = EndReason.USER_HANGUP if code in _GOODBYES else EndReason.CLIENT_LOST
        return end_without_client(state, reason)

    def client_resumed(self, now: float, *, recovered: bool) -> list[Effect]:
        """The client is back on a new line (or took over its old one). The effect returned is that
        line's first frame; what was missed follows it.

        recovered: everything the client missed is still at hand.
        """
        if self.ended:
            return []
        self._state.detached_until = None
        return self._state.resumed_to_client(recovered=recovered)

    def client_superseded(self) -> list[Effect]:
        """What the older line is told, last of all, when a newer one takes over (4409)."""
        return say_why(self._state, EndReason.MOVED_DEVICE)

    def end(self, reason: EndReason, now: float, error: VoiceError | None = None) -> list[Effect]:
        """End for a reason from outside; `error` brings a closer code and sentence."""
        return [] if self.ended else end_session(self._state, reason, error)

    def client_active(self, now: float) -> list[Effect]:
        """Somebody uses the session in a way that no event tells: it is not idle."""
        self._state.idle.touch(now)
        return []

    def audio_dropped(self, now: float) -> list[Effect]:
        """The client reads too slowly; some of the assistant's audio was not sent to it."""
        if self.ended:
            return []
        if self.setup.private_events:
            return self._state.notice_to_client("audio_dropped")
        return self._state.error_to_client(
            LimitReached(
                "The client reads too slowly; audio was left out.", code="output_audio_dropped"
            )
        )

    def persistence_failed(self, now: float) -> list[Effect]:
        """What is said cannot be stored now; finals are withheld until it can (design law 2)."""
        if self.ended:
            return []
        return self._state.error_to_client(
            Unavailable(
                "What is said cannot be saved at the moment; it will be shown once it is.",
                code="persistence_unavailable",
            )
        )

    def allow(self, allowance: Allowance, now: float) -> list[Effect]:
        """The user's quota was counted: this is what it leaves from now on.

        When it is used up no answer begins any more, one in the air finishes, and the session ends
        with BUDGET_EXHAUSTED.
        """
        if self.ended:
            return []
        news = self._state.allowance.learn(allowance, now)
        effects: list[Effect] = []
        if self.setup.private_events:
            for low in news:
                effects += self._state.event_to_client(quota_notice(low))
        return effects

    def tick(self, now: float) -> list[Effect]:
        """Call at `next_deadline` (earlier does no harm)."""
        if self.ended:
            return []
        if _passed(self._link.deadline, now):
            return self._link.timed_out(now)
        if _passed(self._state.detached_until, now):
            return end_without_client(self._state, EndReason.CLIENT_LOST)
        if _passed(self._state.ends_at, now):
            return end_session(self._state, EndReason.MAX_DURATION)
        if _passed(self._budget_deadline(), now) or _passed(self._quota_deadline(), now):
            return end_session(self._state, EndReason.BUDGET_EXHAUSTED)
        if _passed(self._idle_deadline(), now):
            return end_session(self._state, EndReason.IDLE_TIMEOUT)
        return []

    def next_deadline(self) -> float | None:
        """When `tick` has something to do; it may move with every event."""
        if self.ended:
            return None
        state = self._state
        deadlines = (
            self._link.deadline,
            state.detached_until,
            state.ends_at,
            self._budget_deadline(),
            self._quota_deadline(),
            self._idle_deadline(),
        )
        earliest: float | None = None
        for at in deadlines:  # a loop, for it stands in the way of every event
            if at is not None and (earliest is None or at < earliest):
                earliest = at
        return earliest

    def _budget_deadline(self) -> float | None:
        """When the last answer that this session may have has been played."""
        if not self._state.announced or self.busy or not self._state.budget_spent:
            return None
        return self._state.idle.active_until

    def _quota_deadline(self) -> float | None:
        """When the user's quota is used up and the last answer has been played."""
        spent_at = self._state.allowance.spent_at
        if spent_at is None or not self._state.announced:
            return None
        played_at = max(spent_at, self._state.idle.active_until)
        latest = spent_at + ANSWER_MAX_S
        is_in_the_air = self.busy or self._state.responses.is_asked
        return latest if is_in_the_air else min(played_at, latest)

    def _idle_deadline(self) -> float | None:
        if not self._state.announced or self._state.responses.are_active:
            return None
        return self._state.idle.deadline()


def _follow_nothing(_raw: bytes, _now: float) -> dict[str, Any] | None:
    """In a call every event has more to follow."""
    return None


def _passed(deadline: float | None, now: float) -> bool:
    return deadline is not None and now >= deadline

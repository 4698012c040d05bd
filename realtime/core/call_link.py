"""The way to a running WebRTC call: attach beside its client, listen, and attach again.

A call goes on without us (protocol §1.4): it announces no session when we come, is not set up a
second time, keeps its conversation while we are away, and closes our line cleanly when its client
hangs up. What was said while nobody listened cannot be asked for: it is recorded as a gap.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from realtime.core import names
from realtime.core.effects import Effect, EndReason, SendUpstream, SessionStarted
from realtime.core.ending import end_session, end_without_client
from realtime.core.errors import UpstreamFailed, VoiceError
from realtime.core.frames import Frame, dump, mapping_or_empty
from realtime.core.link import UpstreamLink, closed_error
from realtime.core.records import RecordingGap
from realtime.core.session_config import CallSetup
from realtime.core.session_state import Phase, SessionState

# Also what a call answers that does not run yet, or not any more.
_NOT_FOUND: Final = "upstream_not_found"
_HUNG_UP: Final = frozenset({1000, 1005})
# The reason of a clean close by which our own provider says that nobody hung up: the caller's line
# broke, or never came about. Others do not tell.
CALLER_LOST: Final = "caller_lost"
# A call whose first words could not have been finished yet was heard from its beginning.
_HEARD_WITHIN_S: Final = 1.0


class CallLink(UpstreamLink):
    def __init__(self, state: SessionState, call: CallSetup) -> None:
        super().__init__(state)
        self._call = call
        self._gap_id: str | None = None
        self._unheard_since = state.began_at

    def dial(self, delay_s: float = 0.0) -> list[Effect]:
        effects: list[Effect] = []
        if self._state.phase is Phase.NEW and self._call.resumes:
            effects = self._open_gap(self._call.unheard_ms)
        return effects + super().dial(delay_s)

    def opened(self, now: float) -> list[Effect]:
        """Ask for what is in effect. Only what must hold is set: the client may have changed the
        rest already."""
        state = self._state
        state.phase = Phase.CONFIGURING
        self._deadline = now + state.setup.limits.attach_timeout_s
        self._setup_event_id = state.ids.next()
        session: dict[str, Any] = {"type": state.setup.kind.value}
        audio_input = mapping_or_empty(mapping_or_empty(state.config.get("audio")).get("input"))
        if "transcription" in audio_input:
            session["audio"] = {"input": {"transcription": audio_input["transcription"]}}
        update = {
            "type": names.SESSION_UPDATE,
            "event_id": self._setup_event_id,
            "session": session,
        }
        return [SendUpstream(dump(update))]

    def failed(self, error: VoiceError, now: float) -> list[Effect]:
        """Attaching failed: try again for a short while, then end the call, which would go on
        without being recorded."""
        is_unknown = isinstance(error, UpstreamFailed) and error.code == _NOT_FOUND
        may_come = is_unknown or not isinstance(error, UpstreamFailed) or error.retryable
        unheard_s = now - self._unheard_since
        is_in_time = unheard_s < self._state.setup.limits.attach_within_s
        if may_come and is_in_time and self._attempt < len(self._delays_s):
            return self._redial(now)
        effects: list[Effect] = []
        if self._gap_id is None:
            effects = self._open_gap(round((now - self._state.began_at) * 1000))
        was_heard = self._state.announced or self._call.resumes
        reason = EndReason.UPSTREAM_ERROR
        if is_unknown and was_heard:
            reason = EndReason.UPSTREAM_CLOSED  # it ended while we were away
        return effects + end_session(self._state, reason, error)

    def closed(self, code: int, reason: str, now: float, unsent: Sequence[str]) -> list[Effect]:
        state = self._state
        if code in _HUNG_UP:
            is_lost = reason == CALLER_LOST
            return end_without_client(
                state, EndReason.CLIENT_LOST if is_lost else EndReason.USER_HANGUP
            )
        if state.phase is not Phase.LIVE:
            return self.failed(closed_error(code, reason), now)
        self._forgive(now)
        self._unheard_since = now
        # What was taken was taken for good, and answers in the air go on without us.
        state.outstanding.take(())
        state.hold_first(list(unsent))
        state.responses.forget()
        state.idle.user_is_speaking = False
        effects = self._open_gap(0)
        if self._attempt >= len(self._delays_s):
            return effects + end_session(state, EndReason.UPSTREAM_CLOSED)
        return effects + self._redial(now)

    def receive(self, frame: Frame, now: float) -> list[Effect]:
        """An answer to our asking; the errors of others are no business of the set-up."""
        if frame.type == names.ERROR:
            error = mapping_or_empty(frame.body.get("error"))
            if error.get("event_id") != self._setup_event_id:
                return []
        return super().receive(frame, now)

    def hears_already(self, frame: Frame) -> bool:
        """The call talks while we ask; only the answers to that belong to the set-up."""
        is_attached = self._state.phase is Phase.CONFIGURING
        return is_attached and frame.type not in (names.SESSION_UPDATED, names.ERROR)

    @property
    def _delays_s(self) -> tuple[float, ...]:
        return self._state.setup.limits.attach_delays_s

    def _go_live(self, updated: Frame, now: float) -> list[Effect]:
        state = self._state
        state.learn_session(mapping_or_empty(updated.body.get("session")))
        state.phase = Phase.LIVE
        self._deadline = None
        self._live_since = now
        is_new = not state.announced and not self._call.resumes
        effects: list[Effect] = []
        if is_new and now - state.began_at > _HEARD_WITHIN_S:
            effects += self._open_gap(round((now - state.began_at) * 1000))
        effects += self._close_gap()
        if is_new:
            effects += self._seed()
        if not state.announced:
            state.announced = True
            state.ends_at = now + state.setup.limits.max_duration_s
            state.idle.touch(now)
            effects.append(SessionStarted())
        if is_new:
            effects += self._greet(now)
        return effects + state.release_held(now)

    def _place(self, previous: str) -> dict[str, str]:
        """In front of what may have been said already."""
        return {"previous_item_id": previous}

    def _open_gap(self, began_ms_ago: int) -> list[Effect]:
        self._gap_id = self._state.ids.next("gap")
        return self._state.store([RecordingGap(self._gap_id, began_ms_ago)])

    def _close_gap(self) -> list[Effect]:
        gap_id, self._gap_id = self._gap_id, None
        return [] if gap_id is None else self._state.store([RecordingGap(gap_id, is_over=True)])

"""Beside a WebRTC call: what its client does is seen only in what the provider says of it.

So limits and policy hold by what follows: a session that policy forbids is set right again, an
item it forbids is taken out, and a client that goes on loses the call.
"""

from __future__ import annotations

from typing import Any, Final

from realtime.core import names
from realtime.core.call_guard import judge
from realtime.core.effects import Effect, EndReason, SendUpstream
from realtime.core.ending import end_session
from realtime.core.frames import Frame, mapping_or_empty, string_or_none
from realtime.core.link import UpstreamLink
from realtime.core.playback import Playback
from realtime.core.session_config import merge_session
from realtime.core.session_state import SessionState
from realtime.core.spoken import estimated_ms

# The third forbidden change ends the call: the first may be a program that knows no better.
MAX_VIOLATIONS: Final = 3
# A client's next updates may be on their way before our correction has arrived.
_CORRECTIONS_IN_A_ROW: Final = 4
_MAX_CORRECTIONS: Final = 100
_SHOWN_ONLY: Final = frozenset({"id", "object", "expires_at", "model", "client_secret"})


class CallSide:
    """Feed it every event of the provider, behind the other parts of the session."""

    def __init__(self, state: SessionState, link: UpstreamLink) -> None:
        self._state = state
        self._link = link
        self._playback = Playback(state.recorder)
        self._violations = 0
        self._corrections = 0
        self._in_a_row = 0
        self._correction_ids: set[str] = set()

    @property
    def is_playing(self) -> bool:
        """An answer sounds at the client."""
        return self._playback.is_playing

    def line_broke(self) -> None:
        self._playback.line_broke()
        self._correction_ids.clear()

    def receive(self, frame: Frame, now: float) -> list[Effect]:
        body = frame.body
        if frame.type == names.SESSION_UPDATED:
            return self._updated(mapping_or_empty(body.get("session")))
        if frame.type == names.ERROR:
            return self._error(mapping_or_empty(body.get("error")))
        if frame.type in (names.ITEM_ADDED, names.OUTPUT_ITEM_ADDED):
            ended = self._check_item(mapping_or_empty(body.get("item")))
            if ended:
                return ended
        if frame.type == names.OUTPUT_TRANSCRIPT_DELTA:
            self._state.idle.played(estimated_ms(str(body.get("delta"))), now)
        if frame.type in (names.OUTPUT_AUDIO_STOPPED, names.OUTPUT_AUDIO_CLEARED):
            self._state.idle.silenced(now)
        effects = self._state.store(self._playback.receive(frame, now))
        if frame.type == names.RESPONSE_CREATED and self._state.budget_spent:
            effects += self._answer_no_more()
        return effects

    def _updated(self, session: Any) -> list[Effect]:
        state = self._state
        findings = judge(session, state.config, state.setup)
        if not findings.patch:
            self._in_a_row = 0
            shown = {key: value for key, value in session.items() if key not in _SHOWN_ONLY}
            state.config = merge_session(state.config, shown)
            return []
        if findings.violations and self._in_a_row == 0:
            self._violations += 1
        self._in_a_row += 1
        if self._in_a_row > _CORRECTIONS_IN_A_ROW and not findings.violations:
            return []  # that is how this provider shows what we ask for
        if (
            self._violations >= MAX_VIOLATIONS
            or self._in_a_row > _CORRECTIONS_IN_A_ROW
            or self._corrections >= _MAX_CORRECTIONS
        ):
            return end_session(state, EndReason.POLICY_BLOCKED)
        self._corrections += 1
        return self._update(dict(findings.patch), must_hold=bool(findings.violations))

    def _error(self, error: Any) -> list[Effect]:
        if error.get("code") == "session_expired":
            return end_session(self._state, EndReason.UPSTREAM_EXPIRED)
        if string_or_none(error.get("event_id")) in self._correction_ids:
            # What policy forbids is in effect, and cannot be undone: a voice that has spoken.
            return end_session(self._state, EndReason.POLICY_BLOCKED)
        return []

    def _check_item(self, item: Any) -> list[Effect]:
        policy = self._state.setup.policy
        if str(item.get("type")).startswith("mcp_") and not policy.allow_mcp:
            # The provider is calling out with our account already.
            return end_session(self._state, EndReason.POLICY_BLOCKED)
        if item.get("role") == "system" and not policy.allow_system_items:
            self._violations += 1
            if self._violations >= MAX_VIOLATIONS:
                return end_session(self._state, EndReason.POLICY_BLOCKED)
            delete = {"type": names.ITEM_DELETE, "item_id": item.get("id")}
            return [SendUpstream(self._link.own_event(delete))]
        return []

    def _answer_no_more(self) -> list[Effect]:
        """This is the last answer: the voice detection is to ask for no other."""
        audio_input = mapping_or_empty(
            mapping_or_empty(self._state.config.get("audio")).get("input")
        )
        detection = audio_input.get("turn_detection")
        if not isinstance(detection, dict):
            return []
        silent = {**detection, "create_response": False}
        return self._update({"audio": {"input": {"turn_detection": silent}}}, must_hold=False)

    def _update(self, patch: dict[str, Any], *, must_hold: bool) -> list[Effect]:
        session = {"type": self._state.setup.kind.value, **patch}
        raw = self._link.own_event({"type": names.SESSION_UPDATE, "session": session})
        if must_hold:
            self._correction_ids.add(self._link.last_own_event_id)
        return [SendUpstream(raw)]

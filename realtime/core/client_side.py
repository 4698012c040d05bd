"""The client's events: checked against policy, translated to GA, passed on as they came.

Only what protects us is judged here; the rest is the provider's answer. A malformed or forbidden
event costs an `error` event and nothing else (contract §7).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from realtime.core import names
from realtime.core.audio import check_audio
from realtime.core.dialect import Dialect
from realtime.core.effects import Effect
from realtime.core.errors import InvalidEvent, QuotaExhausted
from realtime.core.fields import check_keys, invalid, optional_object
from realtime.core.frames import Frame, dump, mapping_or_empty, parse_client_frame
from realtime.core.limits import TokenBucket
from realtime.core.link import UpstreamLink
from realtime.core.plain_append import plain_append_bytes
from realtime.core.policy import check_item, clamp_response
from realtime.core.session_config import clamp_session, joined_instructions
from realtime.core.session_kind import SessionKind, check_kind, listening_patch
from realtime.core.session_state import PendingUpdate, Phase, SessionState, held_cost
from realtime.core.truncation import truncate_earlier

# Looked up once: of an enumeration that takes longer than all else in a comparison.
_LIVE: Final = Phase.LIVE
_GA: Final = Dialect.GA
# An audio frame of these keys alone hides none that somebody could read otherwise.
_APPEND_KEYS: Final = frozenset({"type", "audio", "event_id"})
_JUDGED_IN: Final = {
    "session": names.SESSION_UPDATE,
    "response": names.RESPONSE_CREATE,
    "item": names.ITEM_CREATE,
}


class ClientSide:
    __slots__ = ("_audio", "_early", "_events", "_link", "_state")

    def __init__(self, state: SessionState, link: UpstreamLink, now: float) -> None:
        self._state = state
        self._link = link
        limits = state.setup.limits
        self._events = TokenBucket(limits.events_per_s, limits.events_per_s, now)
        self._audio = TokenBucket(limits.audio_bytes_per_s, limits.audio_burst_bytes, now)
        self._early: list[str | bytes] = []

    def wait_s(self, now: float) -> float:
        return max(self._events.wait_s(now), self._audio.wait_s(now))

    def receive(self, raw: str | bytes, now: float) -> list[Effect]:
        """One frame. Before the client has seen `session.created` frames wait, in order."""
        self._events.take(1, now)
        if self._state.announced:
            return self._handle(raw, now)
        self._early.append(raw)
        self._state.held_bytes += held_cost(raw)
        return []

    def hear(self, raw: bytes, now: float) -> int | None:
        """Take a frame (as UTF-8) that is nothing but sound for a provider that is there, from a
        client that need not wait: how many bytes of sound, and all there is left to do is to send
        it on as it is. None: nothing was done; `receive` it."""
        state, events, audio = self._state, self._events, self._audio
        if (
            events.level < 0
            or audio.level < 0
            or state.phase is not _LIVE
            or state.edge.dialect is not _GA
        ):
            return None
        byte_count = plain_append_bytes(raw)
        audio_format = state.input_format
        if byte_count is None or byte_count % audio_format.bytes_per_sample:
            return None
        # What `receive` and `_heard` count.
        events.take(1, now)
        audio.take(byte_count, now)
        tally = state.tally
        tally.audio_in_bytes += byte_count
        tally.audio_in_ms += byte_count // audio_format.bytes_per_ms
        return byte_count

    def notice_early_dialect(self) -> None:
        """A flat `session.update` among the waiting frames decides how the client is greeted."""
        for raw in self._early:
            try:
                self._state.edge.notice_dialect(parse_client_frame(raw))
            except InvalidEvent:
                continue  # reported in its turn, when the frame is handled

    def release_early(self, now: float) -> list[Effect]:
        """Handle the frames that came before `session.created` was sent."""
        early, self._early = self._early, []
        self._state.held_bytes -= sum(held_cost(raw) for raw in early)
        effects: list[Effect] = []
        for raw in early:
            effects += self._handle(raw, now)
        return effects

    def _handle(self, raw: str | bytes, now: float) -> list[Effect]:
        try:
            frame = parse_client_frame(raw)
        except InvalidEvent as error:
            return self._state.error_to_client(error)
        try:
            return self._accept(self._state.edge.from_client(frame), now)
        except InvalidEvent as error:
            error.client_event_id = frame.event_id
            return self._state.error_to_client(error, frame)

    def _accept(self, frame: Frame, now: float) -> list[Effect]:
        if frame.type != names.INPUT_AUDIO_APPEND or not frame.body.keys() <= _APPEND_KEYS:
            _check_outline(frame)
        if frame.type == names.INPUT_AUDIO_APPEND:
            byte_count = check_audio(frame.body.get("audio"), self._state.input_format)
            self._heard(byte_count, now)
            return self._state.to_upstream(frame, now)
        if frame.type == names.PLAYOUT and self._state.setup.private_events:
            return []  # a measurement for the tap, and nothing that anybody does
        self._state.idle.touch(now)
        if frame.type == names.SESSION_UPDATE:
            return self._session_update(frame, now)
        if frame.type == names.ITEM_TRUNCATE:
            answered = truncate_earlier(self._state, self._link, frame)
            return self._state.to_upstream(frame, now) if answered is None else answered
        if frame.type == names.RESPONSE_CREATE:
            self._check_answers()
            if not self._state.may_ask(now):
                return self._no_answer_left(frame)
            frame = self._clamped_response(frame)
        elif frame.type == names.ITEM_CREATE:
            check_item(frame.body.get("item"), self._state.setup.policy, path="item")
        elif frame.type not in names.CLIENT_EVENTS:
            known = ", ".join(f"'{name}'" for name in names.CLIENT_EVENTS)
            raise InvalidEvent(
                f"Invalid value: '{frame.type[:64]}'. Supported values are: {known}.", param="type"
            )
        return self._state.to_upstream(frame, now)

    def _heard(self, byte_count: int, now: float) -> None:
        self._audio.take(byte_count, now)
        tally = self._state.tally
        tally.audio_in_bytes += byte_count
        tally.audio_in_ms += self._state.input_format.duration_ms(byte_count)

    def _no_answer_left(self, frame: Frame) -> list[Effect]:
        sentence = "Your voice quota is used up."
        if self._state.budget_spent:
            sentence = "This session has had all the answers it may have."
        error = QuotaExhausted(sentence)
        error.client_event_id = frame.event_id
        return self._state.error_to_client(error, frame)

    def _check_answers(self) -> None:
        if self._state.setup.kind is SessionKind.TRANSCRIPTION:
            raise InvalidEvent("A transcription session makes no responses.")

    def _session_update(self, frame: Frame, now: float) -> list[Effect]:
        session = frame.body.get("session")
        if not isinstance(session, dict):
            raise _missing("session")
        if "type" not in session and self._state.edge.dialect is Dialect.GA:
            raise _missing("session.type")
        kind = self._state.setup.kind
        check_kind(session, kind)
        if kind is SessionKind.TRANSCRIPTION:
            session = listening_patch(session)
        patch = {"type": kind.value, **clamp_session(session, self._state.setup.policy)}
        return self._send_update(frame, patch, now)

    def _send_update(self, frame: Frame, patch: dict[str, Any], now: float) -> list[Effect]:
        setup = self._state.setup
        instructions: str | None = None
        if "instructions" in patch:
            instructions = patch["instructions"] or ""
            patch["instructions"] = joined_instructions(
                setup.server_instructions, patch["instructions"]
            )
        asked_null = _asked_null_transcription(patch)
        listens = setup.kind is SessionKind.TRANSCRIPTION
        if asked_null and (setup.save_transcript or listens):
            patch = _without_transcription(patch)
        if listens:  # transcription is all that such a session is
            asked_null = None
        event_id = frame.event_id or self._state.ids.next()
        self._state.pending_updates.append(
            PendingUpdate(event_id, frame.event_id is None, patch, instructions, asked_null)
        )
        body = {"type": names.SESSION_UPDATE, "event_id": event_id, "session": patch}
        return self._state.to_upstream(Frame(dump(body), names.SESSION_UPDATE, body, event_id), now)

    def _clamped_response(self, frame: Frame) -> Frame:
        """The client's own frame, or one without what is for the server to choose."""
        response = optional_object(frame.body, "response", "")
        clamped = clamp_response(response, self._state.setup.policy)
        if clamped is response:
            return frame
        body = {**frame.body, "response": clamped}
        return Frame(dump(body), frame.type, body, frame.event_id)


def _check_outline(frame: Frame) -> None:
    """What is judged stands where it is judged, and nowhere else in an event."""
    check_keys(frame.body, "")
    for key, home in _JUDGED_IN.items():
        if key in frame.body and frame.type != home:
            raise invalid(f"Unknown parameter: '{key}'.", key, "unknown_parameter")


def _missing(param: str) -> InvalidEvent:
    return InvalidEvent(
        f"Missing required parameter: '{param}'.", code="missing_required_parameter", param=param
    )


def _asked_null_transcription(patch: Mapping[str, Any]) -> bool | None:
    """Whether a session object asks for no transcription; None when it says nothing about it."""
    audio_input = mapping_or_empty(mapping_or_empty(patch.get("audio")).get("input"))
    return audio_input["transcription"] is None if "transcription" in audio_input else None


def _without_transcription(patch: Mapping[str, Any]) -> dict[str, Any]:
    audio = patch["audio"]
    kept = {key: value for key, value in audio["input"].items() if key != "transcription"}
    return {**patch, "audio": {**audio, "input": kept}}

"""The provider's events while the session is live: recorded, then forwarded as they came."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from realtime.core import names
from realtime.core.effects import Effect, EndReason
from realtime.core.ending import end_session
from realtime.core.frames import Frame, dump, list_or_empty, mapping_or_empty
from realtime.core.link import UpstreamLink
from realtime.core.records import Record
from realtime.core.session_config import merge_session
from realtime.core.session_state import SessionState

# Events that carry the final text of items: withheld while that text could not be stored (law 2).
_WITH_FINAL_TEXT: Final = frozenset(
    {
        names.TRANSCRIPTION_COMPLETED,
        names.OUTPUT_TRANSCRIPT_DONE,
        names.OUTPUT_TEXT_DONE,
        names.ARGUMENTS_DONE,
        names.CONTENT_PART_DONE,
        names.OUTPUT_ITEM_DONE,
        names.ITEM_DONE,
        names.ITEM_RETRIEVED,
        names.RESPONSE_DONE,
    }
)


class UpstreamSide:
    __slots__ = ("_link", "_state")

    def __init__(self, state: SessionState, link: UpstreamLink) -> None:
        self._state = state
        self._link = link

    def receive(self, frame: Frame, now: float) -> list[Effect]:
        """One event of a live provider session: `[Store…, SendClient]` (design law 2)."""
        state = self._state
        if self._link.owns(frame):
            return []
        if frame.type == names.RESPONSE_CREATED and not state.may_begin(now):
            return end_session(state, EndReason.BUDGET_EXHAUSTED)  # before a word of it is said
        answered = state.outstanding.answered(frame)
        if frame.type == names.ERROR:
            return self._error(frame, answered)
        if frame.type == names.SESSION_CREATED:
            return []  # the client has seen its one
        if frame.type == names.SESSION_UPDATED:
            self._updated(frame)
        self._follow(frame, now)
        records: list[Record] = state.recorder.receive(frame)
        response = state.responses.receive(frame, now)
        if response is not None:
            records.append(replace(response, sound=state.tally.take_sound()))
        return state.store(records) + state.to_client(frame, item_ids=_final_items(frame))

    def _error(self, frame: Frame, answered: str | None) -> list[Effect]:
        state = self._state
        error = mapping_or_empty(frame.body.get("error"))
        if error.get("code") == "session_expired":
            return []  # the provider's cap, not ours: it closes now, and the session is rolled over
        state.tally.count_error(error.get("code"))
        if answered == names.RESPONSE_CREATE:
            state.responses.refused()
        for update in state.pending_updates:
            if update.event_id == error.get("event_id"):
                state.pending_updates.remove(update)
                if update.ours:
                    body = {**frame.body, "error": {**error, "event_id": None}}
                    return state.to_client(Frame(dump(body), frame.type, body, frame.event_id))
                break
        return state.to_client(frame)

    def _updated(self, frame: Frame) -> None:
        state = self._state
        session = mapping_or_empty(frame.body.get("session"))
        state.learn_session(session)
        if not state.pending_updates:
            return
        update = state.pending_updates.pop(0)
        state.config = merge_session(state.config, update.patch)
        if update.client_instructions is not None:
            state.edge.client_instructions = update.client_instructions
        if update.transcription_asked_null is not None:
            state.edge.transcription_asked_null = update.transcription_asked_null

    def _follow(self, frame: Frame, now: float) -> None:
        """Keep the idle clock and the seed in step with what happens."""
        state = self._state
        if frame.type == names.OUTPUT_AUDIO_DELTA:
            encoded = frame.body.get("delta")
            if isinstance(encoded, str):
                state.sound_to_client(encoded, now)
            return
        if frame.type in names.SIGNS_OF_LIFE:
            state.idle.touch(now)
        elif frame.type == names.RATE_LIMITS_UPDATED:
            state.tally.learn_rate_limits(frame.body)
        if frame.type == names.SPEECH_STARTED:
            state.idle.user_is_speaking = True
            state.idle.silenced(now)
        elif frame.type in names.SPEECH_ENDS:
            state.idle.user_is_speaking = False
        elif frame.type == names.ITEM_TRUNCATED:
            state.idle.silenced(now)
        elif frame.type == names.ITEM_DELETED:
            deleted = frame.body.get("item_id")
            state.seed = tuple(item for item in state.seed if item.item_id != deleted)


def _final_items(frame: Frame) -> tuple[str, ...]:
    """The items whose final text a frame carries."""
    if frame.type not in _WITH_FINAL_TEXT:
        return ()
    body = frame.body
    found = [body.get("item_id"), mapping_or_empty(body.get("item")).get("id")]
    outputs = list_or_empty(mapping_or_empty(body.get("response")).get("output"))
    found += [mapping_or_empty(output).get("id") for output in outputs]
    return tuple(item_id for item_id in found if isinstance(item_id, str))

"""How a session ends: the close code and word for each reason, and what is settled before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from realtime.core.cut import cut_response_events, lost_speech_events
from realtime.core.effects import Effect, EndReason, EndSession
from realtime.core.errors import (
    Draining,
    Forbidden,
    InvalidEvent,
    LimitReached,
    NotAuthenticated,
    QuotaExhausted,
    UpstreamFailed,
    VoiceError,
)
from realtime.core.records import Record, ResponseRecorded
from realtime.core.responses import first_audio_ms
from realtime.core.session_state import Phase, SessionState


@dataclass(frozen=True, slots=True)
class _Ending:
    """`error` says it as an `error` event before the close (contract §7); None where it is none."""

    close_code: int
    word: str
    error: type[VoiceError] | None = None
    sentence: str = ""


_ENDINGS: Final[dict[EndReason, _Ending]] = {
    EndReason.USER_HANGUP: _Ending(4410, "session_ended", Forbidden, "The session was ended."),
    EndReason.IDLE_TIMEOUT: _Ending(1000, "idle_timeout"),
    EndReason.MAX_DURATION: _Ending(
        1001,
        "session_expired",
        InvalidEvent,
        "Your session hit the maximum duration of {cap}.",
    ),
    EndReason.BUDGET_EXHAUSTED: _Ending(
        4402, "quota_exhausted", QuotaExhausted, "Your voice quota is used up."
    ),
    EndReason.ADMIN_ENDED: _Ending(
        4410, "session_ended", Forbidden, "The session was ended by an administrator."
    ),
    EndReason.CLIENT_LOST: _Ending(
        4408, "client_too_slow", LimitReached, "The client reads too slowly."
    ),
    EndReason.UPSTREAM_CLOSED: _Ending(
        4502, "upstream_closed", UpstreamFailed, "The voice provider went away."
    ),
    EndReason.UPSTREAM_EXPIRED: _Ending(
        4502, "upstream_expired", UpstreamFailed, "The voice provider ended the session."
    ),
    EndReason.UPSTREAM_ERROR: _Ending(
        4502, "upstream_failed", UpstreamFailed, "The voice provider failed."
    ),
    EndReason.AUTH_EXPIRED: _Ending(
        4401, "not_authenticated", NotAuthenticated, "You are not signed in any more."
    ),
    EndReason.POLICY_BLOCKED: _Ending(
        4403, "forbidden", Forbidden, "This session is not allowed any more."
    ),
    EndReason.SERVER_SHUTDOWN: _Ending(
        1012, "server_draining", Draining, "The server is restarting."
    ),
    EndReason.SERVER_LOST: _Ending(1012, "server_lost", Draining, "The server lost the session."),
    EndReason.MOVED_DEVICE: _Ending(
        4409, "superseded", Forbidden, "A newer connection took this session over."
    ),
}

_PROVIDER_DIED: Final = frozenset(
    {EndReason.UPSTREAM_CLOSED, EndReason.UPSTREAM_EXPIRED, EndReason.UPSTREAM_ERROR}
)


def end_session(
    state: SessionState, reason: EndReason, error: VoiceError | None = None
) -> list[Effect]:
    """Settle what is open, tell the client why, and end. Nothing may follow.

    error: says it more closely than `reason` does, and brings the close code.
    """
    ending = _ENDINGS[reason]
    close_code, word = ending.close_code, ending.word
    if error is not None:
        close_code, word = error.close_code, error.code
    elif ending.error is not None:
        cap = _in_words(state.setup.limits.max_duration_s)
        error = ending.error(ending.sentence.format(cap=cap), code=word)
    effects = settle_lost(state, word)
    effects += tell_cut(state, "failed" if reason in _PROVIDER_DIED else "incomplete")
    if error is not None:
        effects += state.error_to_client(error)
    state.phase = Phase.ENDED
    return [*effects, EndSession(reason, close_code, word)]


def say_why(state: SessionState, reason: EndReason) -> list[Effect]:
    """The `error` event of a reason, for a line that ends while the session goes on."""
    ending = _ENDINGS[reason]
    error = ending.error or VoiceError
    return state.error_to_client(error(ending.sentence, code=ending.word))


def end_without_client(state: SessionState, reason: EndReason) -> list[Effect]:
    """The client is gone already: settle and end, with nobody to tell."""
    effects = state.store(_settled_records(state, None))
    state.phase = Phase.ENDED
    return [*effects, EndSession(reason, 1000, reason.value)]


def settle_lost(state: SessionState, code: str) -> list[Effect]:
    """The provider will say no more: store what there is, and end for the client what was heard of
    it. How its answers ended is told by `tell_cut`, once it is known whether the talk goes on."""
    state.cut_responses += [(response, code) for response in state.responses.active]
    lost = list(lost_speech_events(state.recorder.items, code))
    effects = state.store(_settled_records(state, code))
    for event in lost:
        effects += state.event_to_client(event)
    return effects


def tell_cut(state: SessionState, status: str) -> list[Effect]:
    """Every answer a client saw begin it sees end: here those that the provider dropped."""
    cut, state.cut_responses = state.cut_responses, []
    effects: list[Effect] = []
    for response, code in cut:
        item_ids = tuple(response.outputs)
        for event in cut_response_events(response, state.recorder.items, code, status):
            effects += state.event_to_client(event, item_ids=item_ids)
    return effects


def _in_words(duration_s: float) -> str:
    """`60 minutes`, as providers say it; caps that are no whole minutes in seconds."""
    seconds = round(duration_s)
    count, unit = (seconds // 60, "minute") if seconds % 60 == 0 else (seconds, "second")
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _settled_records(state: SessionState, error_code: str | None) -> list[Record]:
    records = state.recorder.settle()
    state.idle.user_is_speaking = False
    for response in state.responses.forget():
        records.append(
            ResponseRecorded(
                response_id=response.response_id,
                status="incomplete",
                usage=None,
                item_ids=tuple(response.outputs),
                first_audio_ms=first_audio_ms(response),
                error_code=error_code,
                sound=state.tally.take_sound(),
            )
        )
    return records

"""The beta's events ⇄ GA's (protocol §3.4), at the client's edge only.

The session and the provider speak GA. A client that asked for the beta, or whose first
`session.update` is flat, is answered in the beta's shapes and event names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from realtime.core import names
from realtime.core.flat_session import (
    check_flat,
    flat_param,
    flat_session_to_ga,
    ga_session_to_flat,
    is_flat_session,
)
from realtime.core.session_kind import SessionKind, kind_of


class Dialect(StrEnum):
    """GA: the protocol of today. BETA: flat session objects and the event names of the beta."""

    GA = "ga"
    BETA = "beta"


@dataclass(frozen=True, slots=True)
class BetaFacts:
    """What beta events tell that GA's do not know.

    conversation_id: announced by `conversation.created`, and repeated in every response.
    temperature: GA has none; shown as the client set it.
    """

    conversation_id: str
    temperature: object = 0.8


_TO_BETA: Final = {
    names.ITEM_ADDED: "conversation.item.created",
    names.OUTPUT_TEXT_DELTA: "response.text.delta",
    names.OUTPUT_TEXT_DONE: "response.text.done",
    names.OUTPUT_AUDIO_DELTA: "response.audio.delta",
    names.OUTPUT_AUDIO_DONE: "response.audio.done",
    names.OUTPUT_TRANSCRIPT_DELTA: "response.audio_transcript.delta",
    names.OUTPUT_TRANSCRIPT_DONE: "response.audio_transcript.done",
}
_LISTENING_TO_BETA: Final = {
    names.SESSION_CREATED: "transcription_session.created",
    names.SESSION_UPDATED: "transcription_session.updated",
}
# Everything a beta client ever had to understand; strict ones break on anything else.
_KNOWN_TO_BETA: Final = frozenset(
    {
        *_TO_BETA.values(),
        *_LISTENING_TO_BETA.values(),
        names.ERROR,
        names.SESSION_CREATED,
        names.SESSION_UPDATED,
        names.CONVERSATION_CREATED,
        names.ITEM_RETRIEVED,
        names.ITEM_TRUNCATED,
        names.ITEM_DELETED,
        names.TRANSCRIPTION_DELTA,
        names.TRANSCRIPTION_COMPLETED,
        names.TRANSCRIPTION_FAILED,
        names.SPEECH_STARTED,
        names.SPEECH_STOPPED,
        names.INPUT_AUDIO_COMMITTED,
        names.INPUT_AUDIO_CLEARED,
        names.RESPONSE_CREATED,
        names.RESPONSE_DONE,
        names.OUTPUT_ITEM_ADDED,
        names.OUTPUT_ITEM_DONE,
        names.CONTENT_PART_ADDED,
        names.CONTENT_PART_DONE,
        names.ARGUMENTS_DELTA,
        names.ARGUMENTS_DONE,
        "rate_limits.updated",
        "output_audio_buffer.started",
        "output_audio_buffer.stopped",
        "output_audio_buffer.cleared",
        names.NOTICE,
        names.RESUMED,
    }
)
_CONTENT_TO_BETA: Final = {"output_text": "text", "output_audio": "audio"}
_CONTENT_TO_GA: Final = {beta: ga for ga, beta in _CONTENT_TO_BETA.items()}


def client_event_to_ga(
    event: Mapping[str, Any], kind: SessionKind = SessionKind.REALTIME
) -> dict[str, Any]:
    """A beta client's event in GA shape; one that is GA already comes back equal.

    kind: of the session the event belongs to. Raises InvalidEvent, naming the client's own field,
    for a value that GA has no word for.
    """
    ga = dict(event)
    session, response, item = event.get("session"), event.get("response"), event.get("item")
    if event.get("type") == names.TRANSCRIPTION_SESSION_UPDATE:
        ga["type"] = names.SESSION_UPDATE
        kind = SessionKind.TRANSCRIPTION
    if isinstance(session, Mapping):
        ga["session"] = _session_to_ga(session, kind)
    if isinstance(response, Mapping):
        ga["response"] = _response_to_ga(response)
    if isinstance(item, Mapping):
        ga["item"] = _item_to_ga(item)
    return ga


def server_event_to_beta(event: Mapping[str, Any], facts: BetaFacts) -> dict[str, Any] | None:
    """A GA server event as the beta sent it; None for one the beta did not have."""
    beta = dict(event)
    session, response, item = event.get("session"), event.get("response"), event.get("item")
    beta["type"] = _beta_name(str(event.get("type")), session)
    if beta["type"] not in _KNOWN_TO_BETA:
        return None
    if isinstance(session, Mapping):
        beta["session"] = _session_to_beta(session, facts)
    if isinstance(response, Mapping):
        beta["response"] = _response_to_beta(response, facts)
    if isinstance(item, Mapping):
        beta["item"] = _item_to_beta(item)
    if isinstance(event.get("error"), Mapping):
        beta["error"] = _error_to_beta(event["error"])
    return beta


def in_flat_words(message: str, param: str) -> tuple[str, str]:
    """An error's sentence and `param`, with the field named as a flat client wrote it."""
    flat = flat_param(param)
    return message.replace(param, flat), flat


def _beta_name(name: str, session: object) -> str:
    # The beta announced an item once, when created; GA's second event has no name there.
    if isinstance(session, Mapping) and kind_of(session) is SessionKind.TRANSCRIPTION:
        return _LISTENING_TO_BETA.get(name, name)
    return _TO_BETA.get(name, name)


def _session_to_ga(session: Mapping[str, Any], kind: SessionKind) -> dict[str, Any]:
    if not is_flat_session(session):
        return {"type": kind.value, **session}
    check_flat(session, "session")
    return flat_session_to_ga(session, kind)


def _session_to_beta(session: Mapping[str, Any], facts: BetaFacts) -> dict[str, Any]:
    beta = ga_session_to_flat(session)
    beta["client_secret"] = None
    if kind_of(session) is SessionKind.REALTIME:
        beta["temperature"] = facts.temperature
    return beta


def _response_to_ga(response: Mapping[str, Any]) -> dict[str, Any]:
    if is_flat_session(response):
        check_flat(response, "response")
        ga = flat_session_to_ga(response)
        del ga["type"]
    else:
        ga = dict(response)
    if isinstance(response.get("input"), list):
        ga["input"] = [_item_to_ga(item) for item in response["input"]]
    return ga


def _response_to_beta(response: Mapping[str, Any], facts: BetaFacts) -> dict[str, Any]:
    beta = ga_session_to_flat(response)
    if "max_response_output_tokens" in beta:  # only its sessions and requests called it that
        beta["max_output_tokens"] = beta.pop("max_response_output_tokens")
    beta["temperature"] = facts.temperature
    if isinstance(response.get("conversation_id"), str):
        beta["conversation_id"] = facts.conversation_id
    if isinstance(response.get("output"), list):
        beta["output"] = [_item_to_beta(item) for item in response["output"]]
    return beta


def _error_to_beta(error: Mapping[str, Any]) -> dict[str, Any]:
    message, param = error.get("message"), error.get("param")
    if not isinstance(message, str) or not isinstance(param, str):
        return dict(error)
    message, param = in_flat_words(message, param)
    return {**error, "message": message, "param": param}


def _item_to_ga(item: object) -> object:
    return _with_content_types(item, _CONTENT_TO_GA)


def _item_to_beta(item: object) -> object:
    translated = _with_content_types(item, _CONTENT_TO_BETA)
    if isinstance(translated, dict):
        translated.setdefault("object", "realtime.item")
    return translated


def _with_content_types(item: object, types: Mapping[str, str]) -> object:
    if not isinstance(item, Mapping):
        return item
    translated = dict(item)
    content = item.get("content")
    if item.get("role") == "assistant" and isinstance(content, list):
        translated["content"] = [_translated_part(part, types) for part in content]
    return translated


def _translated_part(part: object, types: Mapping[str, str]) -> object:
    if isinstance(part, Mapping) and isinstance(part.get("type"), str):
        return {**part, "type": types.get(part["type"], part["type"])}
    return part

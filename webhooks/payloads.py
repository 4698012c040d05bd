"""What a webhook's body says (`docs/webhooks.md`). Made at each attempt from what is there then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import orjson
from django.conf import settings

from conversations.access import is_reading_on
from conversations.models import Conversation, Item
from conversations.queries import items_of
from conversations.serializers import ItemSerializer
from realtime.models import RealtimeSession
from webhooks.models import Delivery, EventType

TOKEN_FIELDS = (
    "input_text_tokens",
    "input_audio_tokens",
    "input_image_tokens",
    "cached_text_tokens",
    "cached_audio_tokens",
    "cached_image_tokens",
    "output_text_tokens",
    "output_audio_tokens",
)
AUDIO_FIELDS = ("audio_in_bytes", "audio_in_ms", "audio_out_bytes", "audio_out_ms")


def body_of(delivery: Delivery) -> bytes:
    """The JSON to sign and send, at most about WEBHOOK_MAX_BYTES."""
    session = delivery.session
    if delivery.event_type == EventType.TEST or session is None:
        return _envelope(EventType.TEST, delivery.created_at, {"endpoint_id": delivery.endpoint_id})
    data = {**_facts(session), **_usage(session)}
    said = _transcript(session, wanted=delivery.endpoint.include_transcript)
    occurred_at = session.ended_at or delivery.created_at
    return _envelope(EventType.SESSION_ENDED, occurred_at, {**data, **said})


def _envelope(kind: EventType, occurred_at: dt.datetime, data: dict[str, Any]) -> bytes:
    whole = {"type": kind.value, "timestamp": occurred_at, "data": data}
    return orjson.dumps(whole, default=str, option=orjson.OPT_UTC_Z)


def _facts(session: RealtimeSession) -> dict[str, Any]:
    return {
        "session_id": session.public_id,
        "conversation_id": session.conversation_id,
        "user": {"id": session.user_id, "username": session.user.get_username()},
        "started_at": session.started_at,
        "ended_at": session.ended_at,
        "duration_ms": session.duration_ms,
        "end_reason": session.end_reason,
        "transport": session.transport,
        "opened_by": "api" if session.is_api_client else "page",
        "provider": session.provider,
        "model": session.model,
        "voice": session.voice,
        "language": session.language,
    }


def _usage(session: RealtimeSession) -> dict[str, Any]:
    return {
        "turns": session.turns,
        "interruptions": session.interruptions,
        "usage": {name: getattr(session, name) for name in TOKEN_FIELDS},
        "audio": {name: getattr(session, name) for name in AUDIO_FIELDS},
        "cost_usd": f"{session.cost_usd:f}",
    }


def _transcript(session: RealtimeSession, *, wanted: bool) -> dict[str, Any]:
    """`transcript` None says in `transcript_withheld` why."""
    withheld = _why_withheld(session, session.conversation, wanted=wanted)
    if withheld or session.conversation is None:
        return {
            "transcript": None,
            "transcript_withheld": withheld,
            "transcript_truncated": False,
        }
    items, is_whole = _fitting(
        items_of(session.conversation).filter(session_id=session.public_id).iterator()
    )
    return {
        "transcript": items,
        "transcript_withheld": None,
        "transcript_truncated": not is_whole,
    }


def _why_withheld(
    session: RealtimeSession, conversation: Conversation | None, *, wanted: bool
) -> str | None:
    if not wanted:
        return "not_wanted"
    if not session.save_transcript:
        return "not_stored"
    if conversation is None:
        return "deleted"
    if conversation.is_private:
        return "private"
    # The switch ends every reading of other people's words, and this would be one.
    return None if is_reading_on() else "reading_off"


def _fitting(items: Iterable[Item]) -> tuple[list[orjson.Fragment], bool]:
    """Items from the first on, while WEBHOOK_MAX_BYTES leaves room; whether that is all."""
    fitting: list[orjson.Fragment] = []
    byte_count = 0
    for item in items:
        # A lone surrogate cannot be written as UTF-8; the rest of the line still can.
        raw = orjson.dumps(
            {name: _clean(value) for name, value in ItemSerializer(item).data.items()}
        )
        byte_count += len(raw)
        if byte_count > settings.WEBHOOK_MAX_BYTES:
            return fitting, False
        fitting.append(orjson.Fragment(raw))
    return fitting, True


def _clean(value: Any) -> Any:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value

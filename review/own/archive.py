"""Everything that this server keeps about one person, as one JSON document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import Any

from django.utils import timezone

from accounts.models import User
from conversations.export.formats import SCHEMA_VERSION
from conversations.export.text_safety import json_text
from conversations.models import AccessLogEntry, Conversation
from conversations.queries import items_of
from conversations.serializers import ConversationSerializer, ItemSerializer
from realtime.models import RealtimeSession, ResponseUsage
from realtime.serializers import SessionSerializer
from review.calls.one_call_serializers import UsageSerializer
from review.own.serializers import OwnAccessSerializer

READ_AT_ONCE = 200


def archive_of(person: User) -> Iterator[bytes]:
    """The document in pieces; read while it is sent, so a long history needs no long memory."""
    account = {
        "id": person.pk,
        "username": person.get_username(),
        "email": person.email,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "date_joined": person.date_joined.isoformat(),
    }
    exported_at = timezone.now().astimezone(UTC).isoformat()
    yield _encoded(f'{{"schema_version": {SCHEMA_VERSION}, "exported_at": "{exported_at}"')
    yield _encoded(f', "account": {json_text(account)}')
    for name, rows in (
        ("conversations", _conversations(person)),
        ("sessions", _sessions(person)),
        ("access_log", _accesses(person)),
    ):
        yield _encoded(f', "{name}": [')
        for number, row in enumerate(rows):
            yield _encoded((",\n" if number else "\n") + json_text(row))
        yield _encoded("]")
    yield _encoded("}\n")


def _conversations(person: User) -> Iterable[dict[str, Any]]:
    mine = Conversation.objects.filter(owner=person, hidden=False).order_by("created_at")
    for conversation in mine.iterator(READ_AT_ONCE):
        items = ItemSerializer(items_of(conversation), many=True).data
        yield {**ConversationSerializer(conversation).data, "items": items}


def _sessions(person: User) -> Iterable[dict[str, Any]]:
    mine = RealtimeSession.objects.filter(user=person, started_at__isnull=False)
    for session in mine.order_by("created_at").iterator(READ_AT_ONCE):
        used = ResponseUsage.objects.filter(session=session)
        yield {
            **SessionSerializer(session).data,
            "responses": UsageSerializer(used, many=True).data,
        }


def _accesses(person: User) -> Iterable[dict[str, Any]]:
    for entry in AccessLogEntry.objects.filter(owner=person).iterator(READ_AT_ONCE):
        yield OwnAccessSerializer(entry).data


def _encoded(text: str) -> bytes:
    # A lone surrogate cannot be written as UTF-8; the rest of the file still can.
    return text.encode("utf-8", "replace")

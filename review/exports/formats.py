"""Many calls as one file. Each format turns calls into pieces of text, one call at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any

from django.utils import timezone

from conversations.export.formats import SCHEMA_VERSION, cues_of, render_markdown
from conversations.export.text_safety import json_text, spreadsheet_cell
from conversations.models import Conversation, Item
from conversations.serializers import ItemSerializer
from review.calls.rows import CallRow
from review.calls.serializers import CallSerializer

GAP_BETWEEN_CALLS = timedelta(seconds=1)
CALL_COLUMNS = (
    *("session_id", "conversation_id", "title", "user", "started_at", "ended_at", "duration_s"),
    *("transport", "model", "language", "opened_by", "end_reason", "turns", "interruptions"),
    *("first_audio_p50_ms", "first_audio_p95_ms", "cost_usd", "tool_calls", "tool_errors", "flags"),
    *("tags", "review_status", "rating", "reviewer", "first_words"),
    *("audio_in_bytes", "audio_in_s", "audio_out_bytes", "audio_out_s"),
)
LINE_COLUMNS = (
    *("session_id", "conversation_id", "user", "position", "item_id", "role", "kind", "status"),
    *("created_at", "text", "heard_text", "heard_ms"),
)


@dataclass(frozen=True, slots=True)
class ExportedCall:
    """`conversation` None: deleted; `items` is empty where the format holds no words."""

    row: CallRow
    conversation: Conversation | None
    items: Sequence[Item]


@dataclass(frozen=True, slots=True)
class FileFormat:
    """has_words: it holds what was said, so each conversation in it is a logged look."""

    media_type: str
    extension: str
    has_words: bool
    render: Callable[[Iterable[ExportedCall]], Iterator[str]]


def render_calls_csv(calls: Iterable[ExportedCall]) -> Iterator[str]:
    """One line per call."""
    yield _csv_line(CALL_COLUMNS)
    for call in calls:
        body = CallSerializer(call.row).data
        yield _csv_line(
            [
                *(body["session_id"], body["conversation_id"], body["title"]),
                *(body["user"]["username"], body["started_at"], body["ended_at"]),
                *((body["duration_ms"] or 0) / 1000, body["transport"], body["model"]),
                *(body["language"], body["opened_by"], body["end_reason"], body["turns"]),
                *(body["interruptions"], body["first_audio_p50_ms"], body["first_audio_p95_ms"]),
                *(body["cost_usd"], body["tool_calls"], body["tool_errors"]),
                *(" ".join(body["flags"]), ", ".join(tag["name"] for tag in body["tags"])),
                *(body["review_status"], body["rating"], body["reviewer"]),
                body["snippet"]["text"] if body["snippet"] else "",
                *(body["audio_in_bytes"], body["audio_in_ms"] / 1000),
                *(body["audio_out_bytes"], body["audio_out_ms"] / 1000),
            ]
        )


def render_lines_csv(calls: Iterable[ExportedCall]) -> Iterator[str]:
    """One line per item of each call."""
    yield _csv_line(LINE_COLUMNS)
    for call in calls:
        session = call.row.session
        for item in call.items:
            yield _csv_line(
                [
                    *(session.public_id, session.conversation_id, session.user.get_username()),
                    *(item.position, item.item_id, item.role, item.kind, item.status),
                    *(item.created_at.astimezone(UTC).isoformat(), item.text),
                    *(item.heard_text, item.heard_ms),
                ]
            )


def render_jsonl(calls: Iterable[ExportedCall]) -> Iterator[str]:
    """One JSON object per call, its lines in it."""
    for call in calls:
        body = {
            "schema_version": SCHEMA_VERSION,
            **CallSerializer(call.row).data,
            "items": ItemSerializer(call.items, many=True).data,
        }
        yield json_text(body) + "\n"


def render_calls_markdown(calls: Iterable[ExportedCall]) -> Iterator[str]:
    for call in calls:
        if call.conversation is not None:
            yield f"<!-- {call.row.session.public_id} -->\n\n"
            yield render_markdown(call.conversation, call.items) + "\n"


def render_calls_vtt(calls: Iterable[ExportedCall]) -> Iterator[str]:
    """The calls behind each other on one clock, each under a note that names it."""
    yield "WEBVTT\n"
    clock = timedelta()
    for call in calls:
        cues, end = cues_of(call.items, clock)
        if cues:
            clock = end + GAP_BETWEEN_CALLS
            yield "\n" + "\n\n".join([f"NOTE {call.row.session.public_id}", *cues]) + "\n"


FILE_FORMATS: dict[str, FileFormat] = {
    "csv": FileFormat("text/csv", "csv", has_words=False, render=render_calls_csv),
    "csv-lines": FileFormat("text/csv", "csv", has_words=True, render=render_lines_csv),
    "jsonl": FileFormat("application/jsonl", "jsonl", has_words=True, render=render_jsonl),
    "md": FileFormat("text/markdown", "md", has_words=True, render=render_calls_markdown),
    "vtt": FileFormat("text/vtt", "vtt", has_words=True, render=render_calls_vtt),
}


def file_name(wished: str) -> str:
    stamp = timezone.localtime().strftime("%Y-%m-%d-%H%M")
    return f"calls-{stamp}.{FILE_FORMATS[wished].extension}"


def _csv_line(cells: Iterable[Any]) -> str:
    line = io.StringIO()
    safe = [
        cell if isinstance(cell, int | float) else spreadsheet_cell(_text(cell)) for cell in cells
    ]
    csv.writer(line).writerow(safe)
    return line.getvalue()


def _text(cell: object) -> str:
    return "" if cell is None else str(cell)

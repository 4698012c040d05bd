"""A conversation as a file: Markdown, plain text, JSON or WebVTT."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from conversations.export.text_safety import (
    cue_text,
    indented,
    json_text,
    markdown_body,
    printable,
)
from conversations.models import Conversation, Item
from conversations.serializers import ConversationSerializer, ItemSerializer
from conversations.titles import one_line

SCHEMA_VERSION = 1
NO_WORDS = "(no words recorded)"
LAST_CUE_MS = 3000


@dataclass(frozen=True, slots=True)
class ExportFormat:
    media_type: str
    render: Callable[[Conversation, Sequence[Item]], str]


def render_markdown(conversation: Conversation, items: Sequence[Item]) -> str:
    title = one_line(conversation.title).replace("[", "\\[") or "Conversation"
    parts = [f"# {markdown_body(title)}", f"*Exported {_clock(timezone.now())}*"]
    for item in items:
        heading = f"**{_speaker(item)}** · {_clock(item.created_at)}{_remark(item)}"
        parts.append(heading + "\n\n" + indented(markdown_body(item.text) or NO_WORDS, "> "))
        if item.heard_text is not None:
            heard = markdown_body(item.heard_text) or "nothing"
            parts.append(indented(f"Heard before the interruption: {heard}", "> > "))
    return "\n\n".join(parts) + "\n"


def render_text(conversation: Conversation, items: Sequence[Item]) -> str:
    parts = [one_line(conversation.title) or "Conversation"]
    for item in items:
        heading = f"{_speaker(item)} ({_clock(item.created_at)}){_remark(item)}:"
        parts.append(heading + "\n" + indented(printable(item.text) or NO_WORDS, "    "))
        if item.heard_text is not None:
            heard = printable(item.heard_text) or "nothing"
            parts.append(indented(f"Heard before the interruption: {heard}", "    "))
    return "\n\n".join(parts) + "\n"


def render_json(conversation: Conversation, items: Sequence[Item]) -> str:
    body = {
        "schema_version": SCHEMA_VERSION,
        "exported_at": timezone.now().astimezone(UTC).isoformat(),
        "conversation": ConversationSerializer(conversation).data,
        "items": ItemSerializer(items, many=True).data,
    }
    return json_text(body, indent=2) + "\n"


def render_vtt(conversation: Conversation, items: Sequence[Item]) -> str:
    """Captions on the clock of the conversation: zero is when its first item began."""
    cues, _end = cues_of(items)
    return "\n\n".join(["WEBVTT", *cues]) + "\n"


def cues_of(items: Sequence[Item], after: timedelta = timedelta()) -> tuple[list[str], timedelta]:
    """The cues of one recording whose first item begins at `after`, and when the last one ends."""
    cues: list[str] = []
    stop = after
    shown = (Item.Kind.MESSAGE, Item.Kind.RECORDING_GAP)
    spoken = [item for item in items if item.kind in shown and item.text.strip()]
    for item, (begins, ends) in zip(spoken, _cue_times(spoken), strict=True):
        start, end = after + begins, after + ends
        stop = max(stop, end)
        text = item.text if item.heard_text is None else item.heard_text
        if text.strip():
            cues.append(
                f"{_cue_clock(start)} --> {_cue_clock(end)}\n<v {_speaker(item)}>{cue_text(text)}"
            )
    return cues, stop


EXPORT_FORMATS: dict[str, ExportFormat] = {
    "md": ExportFormat("text/markdown", render_markdown),
    "txt": ExportFormat("text/plain", render_text),
    "json": ExportFormat("application/json", render_json),
    "vtt": ExportFormat("text/vtt", render_vtt),
}


def _speaker(item: Item) -> str:
    if item.role == Item.Role.TOOL:
        kind = "Tool call" if item.kind == Item.Kind.FUNCTION_CALL else "Tool result"
        # The name comes from the model: only what a function name may hold is shown.
        name = "".join(char for char in item.name or "" if char.isalnum() or char in "_-")
        return f"{kind} {name}".strip()
    return {"user": "User", "assistant": "Assistant"}.get(item.role, "System")


def _remark(item: Item) -> str:
    if item.heard_ms is not None:
        return f" · interrupted after {item.heard_ms / 1000:.1f} s"
    return "" if item.status == Item.Status.COMPLETED else f" · {item.status.replace('_', ' ')}"


def _clock(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M:%S %Z")


def _cue_times(items: Sequence[Item]) -> Iterable[tuple[timedelta, timedelta]]:
    """Start and end of each cue; starts never go back, and every cue is seen for a moment."""
    if not items:
        return []
    zero = min(item.created_at for item in items)
    starts: list[timedelta] = []
    for item in items:
        earliest = starts[-1] + timedelta(milliseconds=1) if starts else timedelta()
        starts.append(max(item.created_at - zero, earliest))
    return zip(starts, [*starts[1:], starts[-1] + timedelta(milliseconds=LAST_CUE_MS)], strict=True)


def _cue_clock(offset: timedelta) -> str:
    total_ms = offset // timedelta(milliseconds=1)
    seconds, ms = divmod(total_ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{ms:03}"

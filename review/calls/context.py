"""What the model was told: exactly what was sent when the call, or a later run of it, began."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from conversations.models import Conversation, Item
from conversations.queries import items_of
from realtime.models import RealtimeSession, SentContext


@dataclass(frozen=True, slots=True)
class SentLine:
    """One line of the history that was sent; `text` as it was sent, as far as it was heard."""

    item_id: str
    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Sent:
    """What one run of the call sent. gone: lines of it whose words have been deleted since."""

    sent_at: dt.datetime
    instructions: str
    voice: str
    output_modalities: Sequence[str]
    tools: Sequence[str]
    history: Sequence[SentLine]
    gone: int


@dataclass(frozen=True, slots=True)
class ContextSent:
    """What was asked for when the call was made, and what was sent. earlier_items: of the same
    conversation, said before this call; the newest of them were given to the model as history."""

    instructions: str
    voice: str
    output_modalities: list[str]
    tools: list[str]
    earlier_items: int
    sent: Sequence[Sent]


def context_of(
    session: RealtimeSession, conversation: Conversation, earlier_items: int
) -> ContextSent:
    """Two queries. Not the whole configuration: tools may hold addresses and credentials of other
    servers."""
    config: dict[str, Any] = session.config
    tools = [tool for tool in config.get("tools") or [] if isinstance(tool, dict)]
    return ContextSent(
        instructions=str(config.get("instructions") or ""),
        voice=session.voice,
        output_modalities=[str(kind) for kind in config.get("output_modalities") or []],
        tools=[str(tool.get("name") or tool.get("server_label") or "") for tool in tools],
        earlier_items=earlier_items,
        sent=_sent(session, conversation),
    )


def _sent(session: RealtimeSession, conversation: Conversation) -> list[Sent]:
    contexts = list(SentContext.objects.filter(session=session))
    wanted = {item_id for context in contexts for item_id in context.history}
    said: dict[str, Item] = {}
    if wanted:
        said = {item.item_id: item for item in items_of(conversation).filter(item_id__in=wanted)}
    return [
        Sent(
            sent_at=context.sent_at,
            instructions=context.instructions,
            voice=context.voice,
            output_modalities=context.output_modalities,
            tools=context.tools,
            history=[_line(said[one]) for one in context.history if one in said],
            gone=sum(one not in said for one in context.history),
        )
        for context in contexts
    ]


def _line(item: Item) -> SentLine:
    text = item.text if item.heard_text is None else item.heard_text
    return SentLine(item.item_id, item.role, text.strip())

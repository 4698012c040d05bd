"""Notices: what changed, told to the owner's open tabs after commit.

Conversations knows no sockets: whoever does installs a sink. A notice is a hint to refetch, so a
lost one costs a late screen, never data; the truth is the database and `seq`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

from django.db import transaction

NoticeType: TypeAlias = Literal[
    "conversation.updated", "conversation.deleted", "item.updated", "session.ended"
]


@dataclass(frozen=True, slots=True)
class Notice:
    """One change. `payload` holds ids and codes only, never words that were said."""

    type: NoticeType
    conversation_id: str
    seq: int
    payload: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The frame of the feed: `{type, conversation_id, seq, …payload}`."""
        return {
            **self.payload,
            "type": self.type,
            "conversation_id": self.conversation_id,
            "seq": self.seq,
        }


class Sink(Protocol):
    """Called after commit, in the thread that committed; must not block."""

    def is_heard(self, user_id: int) -> bool:
        """Whether anybody may be listening: for nobody no notice is made."""

    def tell(self, user_id: int, told: Sequence[Notice]) -> None:
        """Deliver them, in order."""


_sink: Sink | None = None


def set_sink(sink: Sink | None) -> None:
    """Install who delivers notices in this process. Without one (management commands, tests) they
    go nowhere."""
    global _sink
    _sink = sink


def publish(user_id: int, make: Callable[[], Sequence[Notice]]) -> None:
    """Make the notices and deliver them once the current transaction has committed; nothing if it
    rolls back.

    Only `conversations` and the end of a session call this. A failing sink is logged by Django and
    harms nobody.
    """

    def deliver() -> None:
        if _sink is not None and _sink.is_heard(user_id):
            _sink.tell(user_id, make())

    transaction.on_commit(deliver, robust=True)

"""Notices: what changed, told to the owner's open tabs after commit.

Conversations knows no sockets: whoever does installs a sink. A notice is a hint to refetch, so a
lost one costs a late screen, never data; the truth is the database and `seq`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

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


Sink: TypeAlias = Callable[[int, Sequence[Notice]], None]


def _nobody_listens(user_id: int, told: Sequence[Notice]) -> None:
    """Without a sink (management commands, tests) notices go nowhere."""


_sink: Sink = _nobody_listens


def set_sink(sink: Sink | None) -> None:
    """Install who delivers notices in this process; None removes it.

    The sink is called after commit, in the thread that committed, and must not block.
    """
    global _sink
    _sink = sink or _nobody_listens


def publish(user_id: int, *told: Notice) -> None:
    """Deliver the notices once the current transaction has committed; nothing if it rolls back.

    Only `conversations` and the end of a session call this. A failing sink is logged by Django and
    harms nobody.
    """
    transaction.on_commit(lambda: _sink(user_id, told), robust=True)

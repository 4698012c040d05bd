from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from accounts.models import User
from conversations import actions, notices
from conversations.models import Conversation
from conversations.notices import Notice


@pytest.fixture
def conversation(alice: User) -> Conversation:
    """alice's, hidden and empty, as a mint makes it."""
    return actions.create_conversation(alice, hidden=True)


class Feed:
    """A sink that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[int, Notice]] = []

    def is_heard(self, user_id: int) -> bool:
        return True

    def tell(self, user_id: int, told: Sequence[Notice]) -> None:
        self.told += [(user_id, notice) for notice in told]

    @property
    def types(self) -> list[str]:
        return [notice.type for _, notice in self.told]


@pytest.fixture
def feed() -> Iterator[Feed]:
    """Everything published while the test runs, instead of the real sink."""
    feed = Feed()
    before = notices._sink
    notices.set_sink(feed)
    yield feed
    notices.set_sink(before)

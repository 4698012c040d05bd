"""What a database must be able to do for the search."""

from __future__ import annotations

from typing import Protocol

from django.db.backends.base.base import BaseDatabaseWrapper

from conversations.search.terms import Term

ITEMS = "conversations_item"


class SearchIndex(Protocol):
    def install(self, database: BaseDatabaseWrapper) -> None:
        """Make the index, and whatever keeps it true; nothing where all of it is there."""

    def remove(self, database: BaseDatabaseWrapper) -> None:
        """Take it away again; the items stay."""

    def matching_ids(self, term: Term) -> tuple[str, list[str]]:
        """SQL of one column, the ids of matching items, and its parameters."""

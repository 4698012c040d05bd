"""Full-text search over what was said: one question, answered by the database's own index.

Words match as beginnings, in any letter case; several must all occur, each in any item of the same
call. Words in double quotes are a phrase of whole words. Scripts that put no space between words,
and queries of punctuation alone, are looked for as they stand. No query is an error.
"""

from __future__ import annotations

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from conversations.models import Item
from conversations.search import postgresql, sqlite
from conversations.search.index import SearchIndex
from conversations.search.terms import Term, parse_terms

__all__ = ["Term", "index_of", "items_saying", "parse_terms"]

INDEXES: dict[str, SearchIndex] = {
    "postgresql": postgresql.PostgresIndex(),
    "sqlite": sqlite.SqliteIndex(),
}


def index_of(database: BaseDatabaseWrapper) -> SearchIndex:
    """The adapter of this database. Raises KeyError for one that the product does not run on."""
    return INDEXES[database.vendor]


def items_saying(term: Term, role: str = "") -> QuerySet[Item]:
    """The visible items that hold the term, said by `role` where one is given."""
    items = Item.objects.filter(deleted_at__isnull=True)
    if role:
        items = items.filter(role=role)
    if term.is_literal:
        return items.filter(text__icontains=term.text)
    sql, params = index_of(connection).matching_ids(term)
    return items.filter(pk__in=RawSQL(sql, params))  # noqa: S611  (constants, and parameters)

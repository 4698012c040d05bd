# ruff: noqa: S608  (all that is put into the SQL are constants of this file)
"""The search on PostgreSQL: a GIN index over an expression, so no column has to be kept true."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

from conversations.search.index import ITEMS
from conversations.search.terms import Term

INDEX = "conversations_item_words"
# A tsvector holds 1 MiB; what no index entry can be made of could not be stored either.
INDEXED_CHARS = 150_000
PUNCTUATION = "!\"#$%&''()*+,-./:;<=>?@[\\]^_`{|}~"
# Without punctuation PostgreSQL's parser sees words alone: no addresses, tags, decimals.
SPACES = " " * (len(PUNCTUATION) - 1)
WORDS = (
    f"to_tsvector('simple'::regconfig,"
    f" translate(left(text, {INDEXED_CHARS}), '{PUNCTUATION}', '{SPACES}'))"
)


class PostgresIndex:
    """A SearchIndex. `simple` knows no language: nothing is stemmed and no word is left out."""

    def install(self, database: BaseDatabaseWrapper) -> None:
        with database.cursor() as cursor:
            cursor.execute(f"CREATE INDEX IF NOT EXISTS {INDEX} ON {ITEMS} USING gin ({WORDS})")

    def remove(self, database: BaseDatabaseWrapper) -> None:
        with database.cursor() as cursor:
            cursor.execute(f"DROP INDEX IF EXISTS {INDEX}")

    def matching_ids(self, term: Term) -> tuple[str, list[str]]:
        words = " <-> ".join(f"'{word}'" for word in term.words)
        query = words if term.is_phrase else f"{words}:*"
        expression = WORDS.replace("%", "%%")
        return (
            f"SELECT id FROM {ITEMS} WHERE {expression} @@ to_tsquery('simple'::regconfig, %s)",
            [query],
        )

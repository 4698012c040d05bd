# ruff: noqa: S608  (all that is put into the SQL are constants of this file)
"""The search on SQLite: an FTS5 table without a copy of the texts, kept true by triggers."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

from conversations.search.index import ITEMS
from conversations.search.terms import Term

TABLE = "conversations_item_words"
REMOVE = f"INSERT INTO {TABLE}({TABLE}, rowid, text) VALUES ('delete', old.id, old.text);"
ADD = f"INSERT INTO {TABLE}(rowid, text) VALUES (new.id, new.text);"
TRIGGERS = {
    f"{TABLE}_insert": f"AFTER INSERT ON {ITEMS} BEGIN {ADD} END",
    f"{TABLE}_delete": f"AFTER DELETE ON {ITEMS} BEGIN {REMOVE} END",
    f"{TABLE}_update": f"AFTER UPDATE OF text ON {ITEMS} WHEN old.text IS NOT new.text"
    f" BEGIN {REMOVE} {ADD} END",
}


class SqliteIndex:
    """A SearchIndex."""

    def install(self, database: BaseDatabaseWrapper) -> None:
        names = ", ".join(f"'{name}'" for name in TRIGGERS)
        with database.cursor() as cursor:
            cursor.execute(
                f"SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name IN ({names})"
            )
            if cursor.fetchone()[0] == len(TRIGGERS):
                return
            # A migration that rebuilds the table of items takes its triggers away with the old one.
            cursor.execute(
                f"CREATE VIRTUAL TABLE IF NOT EXISTS {TABLE} USING fts5(text, content='{ITEMS}',"
                " content_rowid='id', tokenize='unicode61 remove_diacritics 0')"
            )
            for name, trigger in TRIGGERS.items():
                cursor.execute(f"CREATE TRIGGER IF NOT EXISTS {name} {trigger}")
            cursor.execute(f"INSERT INTO {TABLE}({TABLE}) VALUES ('rebuild')")

    def remove(self, database: BaseDatabaseWrapper) -> None:
        with database.cursor() as cursor:
            for name in TRIGGERS:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")

    def matching_ids(self, term: Term) -> tuple[str, list[str]]:
        words = " ".join(term.words)
        query = f'"{words}"' if term.is_phrase else f'"{words}"*'
        return f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s", [query]

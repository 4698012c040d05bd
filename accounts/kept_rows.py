"""The rows of small tables that administrators edit, kept in memory while nothing in them changes.

Each opening of a session goes by them, and they are the same for all. One statement tells what is
in all of these tables, as text; while that is the text of last time, so are the rows. Nobody has to
be told of a change, whoever makes it, in whichever process and by whichever means.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias, TypeVar, cast

from django.db import connection
from django.db.models import Model

M = TypeVar("M", bound=Model)
Seen: TypeAlias = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class _Kept:
    """The rows of all tables, and what was seen in them just before and after they were read."""

    seen: Seen
    rows: Mapping[type[Model], Sequence[Model]]


_tables: tuple[type[Model], ...] = ()
_kept: _Kept | None = None
_moment: ContextVar[_Kept | None] = ContextVar("kept rows of this moment", default=None)


def keep(*models: type[Model]) -> None:
    """Call once the apps are ready. Their tables must be small: each look reads all of them."""
    global _tables
    _tables = tuple(dict.fromkeys((*_tables, *models)))


def kept(model: type[M]) -> Sequence[M]:
    """All rows as they are now, in the order of the model. They are for reading alone: others hold
    the same objects."""
    return cast(Sequence[M], (_moment.get() or _now()).rows[model])


@contextmanager
def one_moment() -> Iterator[None]:
    """Within it the tables are looked at once: for what is all done for one session."""
    if _moment.get() is not None:
        yield
        return
    token = _moment.set(_now())
    try:
        yield
    finally:
        _moment.reset(token)


def _now() -> _Kept:
    global _kept
    seen, known = _see(), _kept
    if known is not None and known.seen == seen:
        return known
    rows = {model: list(model._default_manager.all()) for model in _tables}
    read = _Kept(seen, rows)
    if _see() == seen:  # else somebody has just changed something; the next one reads it anew
        _kept = read
    return read


def _see() -> Seen:
    with connection.cursor() as cursor:
        cursor.execute(_look(_tables, connection.vendor))
        return cast(Seen, tuple(cursor.fetchone()))


@cache
def _look(tables: tuple[type[Model], ...], vendor: str) -> str:
    """One statement with the content of all tables, each as one text. Only names of models stand in
    it, quoted as both databases quote them."""
    return "SELECT " + ", ".join(f"({_content(model._meta, vendor)})" for model in tables)


def _content(meta: Any, vendor: str) -> str:
    if vendor == "postgresql":
        return f'SELECT json_agg(kept)::text FROM "{meta.db_table}" AS kept'  # noqa: S608
    columns = ", ".join(f'"{field.column}"' for field in meta.concrete_fields)
    return f'SELECT json_group_array(json_array({columns})) FROM "{meta.db_table}"'  # noqa: S608

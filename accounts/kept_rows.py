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
from typing import Any, TypeVar, cast

from django.db import connection
from django.db.models import Model

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class _Kept:
    """The rows of a table, and what was seen in it just before and after they were read."""

    seen: str | None
    rows: Sequence[Model]


@dataclass(frozen=True, slots=True)
class _Moment:
    """What is in the tables, and the rows of those that were asked for."""

    seen: Mapping[type[Model], str | None]
    rows: dict[type[Model], Sequence[Model]]


_tables: tuple[type[Model], ...] = ()
_kept: dict[type[Model], _Kept] = {}
_moment: ContextVar[_Moment | None] = ContextVar("kept rows of this moment", default=None)


def keep(*models: type[Model]) -> None:
    """Call once the apps are ready. Their tables must be small: each look reads all of them."""
    global _tables
    _tables = tuple(dict.fromkeys((*_tables, *models)))


def kept(model: type[M]) -> Sequence[M]:
    """All rows as they are now, in the order of the model. They are for reading alone: others hold
    the same objects."""
    moment = _moment.get() or _look()
    rows = moment.rows.get(model)
    if rows is None:
        rows = moment.rows[model] = _rows(model, moment.seen[model])
    return cast(Sequence[M], rows)


@contextmanager
def one_moment() -> Iterator[None]:
    """Within it the tables are looked at once: for what is all done for one session."""
    if _moment.get() is not None:
        yield
        return
    token = _moment.set(_look())
    try:
        yield
    finally:
        _moment.reset(token)


def _rows(model: type[Model], seen: str | None) -> Sequence[Model]:
    known = _kept.get(model)
    if known is not None and known.seen == seen:
        return known.rows
    rows = list(model._default_manager.all())
    if _look().seen[model] == seen:  # else somebody has just changed it; the next reads it anew
        _kept[model] = _Kept(seen, rows)
    return rows


def _look() -> _Moment:
    with connection.cursor() as cursor:
        cursor.execute(_statement(_tables, connection.vendor))
        return _Moment(dict(zip(_tables, cursor.fetchone(), strict=True)), {})


@cache
def _statement(tables: tuple[type[Model], ...], vendor: str) -> str:
    """One statement with the content of all tables, each as one text. Only names of models stand in
    it, quoted as both databases quote them."""
    return "SELECT " + ", ".join(f"({_content(model._meta, vendor)})" for model in tables)


def _content(meta: Any, vendor: str) -> str:
    if vendor == "postgresql":
        return f'SELECT json_agg(kept)::text FROM "{meta.db_table}" AS kept'  # noqa: S608
    columns = ", ".join(f'"{field.column}"' for field in meta.concrete_fields)
    return f'SELECT json_group_array(json_array({columns})) FROM "{meta.db_table}"'  # noqa: S608

"""Single rows by statements that are made once, for what every turn of every call reads and writes.

A queryset is built and compiled anew each time, which takes Django ten times as long as the
database needs to run it; a call that talks runs some forty statements a turn. These do for one row
what `.filter(…).first()`, `.create()` and `.save(update_fields=…)` do, on the default database, for
models without parents. They send no signals. Nothing but names of models stands in the SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Generic, TypeAlias, TypeVar

from django.db import DatabaseError, connection, transaction
from django.db.models import Field, Model

M = TypeVar("M", bound=Model)
# The place of a value in a row, its column, and what makes it a Python value in turn.
Converters: TypeAlias = list[tuple[int, Any, Sequence[Callable[[Any, Any, Any], Any]]]]


class RowBy(Generic[M]):
    """Finds a row of `model` by the values of `fields`, compared for equality.

    last_by: of several the one with the highest value of this field; else any.
    locked: held until the transaction ends, where the database can hold a row.
    """

    def __init__(
        self, model: type[M], *fields: str, last_by: str = "", locked: bool = False
    ) -> None:
        self._model = model
        self._by = [_field(model, name) for name in fields]
        self._last_by = last_by
        self._locked = locked
        self._names = [field.attname for field in _columns(model)]
        self._made: dict[str, tuple[str, Converters]] = {}

    def first(self, *values: Any) -> M | None:
        """The row whose fields have these values, in their order; None when there is none."""
        if self._locked and not connection.in_atomic_block:
            raise transaction.TransactionManagementError("a row is locked within a transaction")
        sql, converters = self._made.get(connection.vendor) or self._make()
        prepared = [
            field.get_db_prep_value(value, connection)
            for field, value in zip(self._by, values, strict=True)
        ]
        with connection.cursor() as cursor:
            cursor.execute(sql, prepared)
            found = cursor.fetchone()
        if found is None:
            return None
        row = list(found)
        for index, column, converts in converters:
            for convert in converts:
                row[index] = convert(row[index], column, connection)
        return self._model.from_db(connection.alias, self._names, row)

    def _make(self) -> tuple[str, Converters]:
        table, fields = self._model._meta.db_table, _columns(self._model)
        read = ", ".join(_column(field) for field in fields)
        where = " AND ".join(f"{_column(field)} = %s" for field in self._by)
        sql = f"SELECT {read} FROM {_quoted(table)} WHERE {where}"  # noqa: S608
        if self._last_by:
            sql += f" ORDER BY {_column(_field(self._model, self._last_by))} DESC"
        sql += " LIMIT 1"
        if self._locked and connection.features.has_select_for_update:
            sql += " FOR UPDATE"
        converters: Converters = []
        for index, field in enumerate(fields):
            column = field.get_col(table)
            converts = [
                *connection.ops.get_db_converters(column),
                *column.get_db_converters(connection),
            ]
            if converts:
                converters.append((index, column, converts))
        made = self._made[connection.vendor] = sql, converters
        return made


def insert(row: Model) -> None:
    """Add the row, as `save` would for a new one; its key is the database's, unless it has one."""
    model = type(row)
    fields = _columns(model)
    key = model._meta.pk
    if row.pk is None:
        fields = [field for field in fields if field is not key]
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(_insert_sql(model, row.pk is None), values)
        row.pk = key.to_python(cursor.fetchone()[0])
    row._state.adding, row._state.db = False, connection.alias


def update(row: Model, *fields: str) -> None:
    """Write these fields of a stored row. Raises DatabaseError when it is not there any more."""
    model = type(row)
    written = [_field(model, name) for name in fields]
    values = [field.get_db_prep_save(field.pre_save(row, False), connection) for field in written]
    key = model._meta.pk.get_db_prep_save(row.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(_update_sql(model, fields), [*values, key])
        if not cursor.rowcount:
            raise DatabaseError("the row to update is not there")


@cache
def _insert_sql(model: type[Model], is_keyless: bool) -> str:
    key = model._meta.pk
    fields = [field for field in _columns(model) if not (is_keyless and field is key)]
    names = ", ".join(_column(field) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    table = _quoted(model._meta.db_table)
    return f"INSERT INTO {table} ({names}) VALUES ({places}) RETURNING {_column(key)}"  # noqa: S608


@cache
def _update_sql(model: type[Model], names: tuple[str, ...]) -> str:
    changes = ", ".join(f"{_column(_field(model, name))} = %s" for name in names)
    key = _column(model._meta.pk)
    return f"UPDATE {_quoted(model._meta.db_table)} SET {changes} WHERE {key} = %s"  # noqa: S608


@cache
def _columns(model: type[Model]) -> list[Field[Any, Any]]:
    return list(model._meta.concrete_fields)


def _field(model: type[Model], name: str) -> Field[Any, Any]:
    field = model._meta.get_field(name)
    assert isinstance(field, Field)
    return field


def _column(field: Field[Any, Any]) -> str:
    assert field.column is not None
    return _quoted(field.column)


def _quoted(name: str) -> str:
    """Both databases quote names alike; every name here is one of a model."""
    return f'"{name}"'

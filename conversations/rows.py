"""Single rows by statements that are made once, for what every turn of every call reads and writes.

A queryset is built and compiled anew each time, which takes Django ten times as long as the
database needs to run it, and Django's own cursor rewrites every statement for SQLite each time.
These do for one row what `.filter(…).first()`, `.create()`, `.save(update_fields=…)` and
`.update(…)` do, on the default database, within a transaction, for models without parents. They
send no signals, and `execute_wrapper` does not see them. Nothing but names of models stands in
the SQL.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any, Generic, TypeAlias, TypeVar

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Model

M = TypeVar("M", bound=Model)
# What takes a value as the database driver has it, for the places in a row that need it.
Prepared: TypeAlias = Sequence[tuple[int, Callable[[Any, BaseDatabaseWrapper], Any]]]
# The place of a value in a row, its column, and what makes it a Python value in turn.
Converters: TypeAlias = Sequence[tuple[int, Any, Sequence[Callable[[Any, Any, Any], Any]]]]

_PLACE = {"sqlite": "?", "postgresql": "%s"}
# The drivers take these as they are.
_PLAIN = (
    models.CharField,
    models.TextField,
    models.IntegerField,
    models.FloatField,
    models.BooleanField,
)


class RowBy(Generic[M]):
    """Finds a row of `model` by the values of `fields`, compared for equality.

    last_by: of several the one with the highest value of this field; else any.
    locked: held until the transaction ends, where the database can hold a row.
    """

    def __init__(
        self, model: type[M], *fields: str, last_by: str = "", locked: bool = False
    ) -> None:
        self._model = model
        self._by = fields
        self._last_by = last_by
        self._locked = locked
        self._names = [field.attname for field in _columns(model)]
        self._made: dict[str, tuple[str, Prepared, Converters]] = {}

    def first(self, *values: Any) -> M | None:
        """The row whose fields have these values, in their order; None when there is none."""
        wrapper = _in_transaction()
        sql, prepared, converters = self._made.get(wrapper.vendor) or self._make(wrapper)
        found = _run(wrapper, sql, prepared, [*values], lambda cursor: cursor.fetchone())
        if found is None:
            return None
        row = list(found)
        for index, column, converts in converters:
            for convert in converts:
                row[index] = convert(row[index], column, wrapper)
        return self._model.from_db(wrapper.alias, self._names, row)

    def _make(self, wrapper: BaseDatabaseWrapper) -> tuple[str, Prepared, Converters]:
        table, fields = self._model._meta.db_table, _columns(self._model)
        read = ", ".join(_column(field) for field in fields)
        where = _equal(self._model, self._by, " AND ", wrapper.vendor)
        sql = f"SELECT {read} FROM {_quoted(table)} WHERE {where}"  # noqa: S608
        if self._last_by:
            sql += f" ORDER BY {_column(_field(self._model, self._last_by))} DESC"
        sql += " LIMIT 1"
        if self._locked and wrapper.features.has_select_for_update:
            sql += " FOR UPDATE"
        converters = []
        for index, field in enumerate(fields):
            column = field.get_col(table)
            converts = [
                *wrapper.ops.get_db_converters(column),
                *column.get_db_converters(wrapper),
            ]
            if converts:
                converters.append((index, column, converts))
        made = sql, _preparing(self._model, self._by), converters
        self._made[wrapper.vendor] = made
        return made


def insert(row: Model) -> None:
    """Add the row, as `save` would for a new one; what it has of key and time of making is kept."""
    wrapper, model = _in_transaction(), type(row)
    for field in _dated(model):
        if getattr(row, field.attname) is None:
            field.pre_save(row, True)
    names, attributes = _written(model, row.pk is not None)
    sql, prepared = _insert_made(model, names, False, wrapper.vendor)
    values = [getattr(row, attribute) for attribute in attributes]
    (key,) = _run(wrapper, sql, prepared, values, lambda cursor: cursor.fetchone())
    row.pk = model._meta.pk.to_python(key)
    row._state.adding, row._state.db = False, wrapper.alias


def insert_once(model: type[Model], **values: Any) -> bool:
    """Add a row of these values, for other fields their defaults. False, and nothing done, when one
    that is unique in them is there."""
    wrapper = _in_transaction()
    for name, default in _defaults(model).items():
        if name not in values:
            values[name] = default() if callable(default) else default
    sql, prepared = _insert_made(model, (*values,), True, wrapper.vendor)
    added = _run(wrapper, sql, prepared, [*values.values()], lambda cursor: cursor.fetchone())
    return added is not None


def put(row: Model, *unique: str) -> None:
    """Add the row, or write all of it over the one that is the same in these fields, which must be
    unique together. It does not learn its key."""
    wrapper, model = _in_transaction(), type(row)
    names, attributes = _written(model, False)
    sql, prepared = _put_made(model, names, unique, wrapper.vendor)
    values = [getattr(row, attribute) for attribute in attributes]
    _run(wrapper, sql, prepared, values, lambda cursor: None)


def is_there(model: type[Model], **by: Any) -> bool:
    """Whether there is a row whose fields have these values."""
    wrapper = _in_transaction()
    sql, prepared = _is_there_made(model, (*by,), wrapper.vendor)
    found = _run(wrapper, sql, prepared, [*by.values()], lambda cursor: cursor.fetchone())
    return found is not None


def update(row: Model, *fields: str) -> None:
    """Write these fields of a stored row. Raises DatabaseError when it is not there any more."""
    model = type(row)
    written = [_field(model, name) for name in fields]
    to = {name: field.pre_save(row, False) for name, field in zip(fields, written, strict=True)}
    if not change(model, {model._meta.pk.name: row.pk}, to=to):
        raise DatabaseError("the row to update is not there")


def change(
    model: type[Model],
    by: Mapping[str, Any],
    *,
    to: Mapping[str, Any] | None = None,
    plus: Mapping[str, Any] | None = None,
) -> int:
    """Set the fields in `to` and add to those in `plus`, where those in `by` have these values;
    returns in how many rows. `plus` is for numbers that are not null."""
    wrapper, to, plus = _in_transaction(), to or {}, plus or {}
    sql, prepared = _change_made(model, (*to,), (*plus,), (*by,), wrapper.vendor)
    values = [*to.values(), *plus.values(), *by.values()]
    count: int = _run(wrapper, sql, prepared, values, lambda cursor: cursor.rowcount)
    return count


def _in_transaction() -> BaseDatabaseWrapper:
    wrapper = connections[DEFAULT_DB_ALIAS]
    if not wrapper.in_atomic_block:
        raise transaction.TransactionManagementError("rows are written within a transaction")
    return wrapper


def _run(
    wrapper: BaseDatabaseWrapper,
    sql: str,
    prepared: Prepared,
    values: list[Any],
    result: Callable[[Any], Any],
) -> Any:
    for index, prepare in prepared:
        values[index] = prepare(values[index], wrapper)
    with wrapper.wrap_database_errors:
        return result(wrapper.connection.execute(sql, values))


@cache
def _insert_made(
    model: type[Model], names: tuple[str, ...], unless_there: bool, vendor: str
) -> tuple[str, Prepared]:
    table = _quoted(model._meta.db_table)
    columns = ", ".join(_column(_field(model, name)) for name in names)
    places = ", ".join([_PLACE[vendor]] * len(names))
    sql = f"INSERT INTO {table} ({columns}) VALUES ({places})"  # noqa: S608
    if unless_there:
        sql += " ON CONFLICT DO NOTHING"
    return f"{sql} RETURNING {_column(model._meta.pk)}", _preparing(model, names)


@cache
def _put_made(
    model: type[Model], names: tuple[str, ...], unique: tuple[str, ...], vendor: str
) -> tuple[str, Prepared]:
    table = _quoted(model._meta.db_table)
    columns = {name: _column(_field(model, name)) for name in names}
    places = ", ".join([_PLACE[vendor]] * len(names))
    same = ", ".join(columns[name] for name in unique)
    written = ", ".join(
        f"{column} = excluded.{column}" for name, column in columns.items() if name not in unique
    )
    sql = f"INSERT INTO {table} ({', '.join(columns.values())}) VALUES ({places})"  # noqa: S608
    return f"{sql} ON CONFLICT ({same}) DO UPDATE SET {written}", _preparing(model, names)


@cache
def _is_there_made(model: type[Model], by: tuple[str, ...], vendor: str) -> tuple[str, Prepared]:
    where = _equal(model, by, " AND ", vendor)
    sql = f"SELECT 1 FROM {_quoted(model._meta.db_table)} WHERE {where} LIMIT 1"  # noqa: S608
    return sql, _preparing(model, by)


@cache
def _defaults(model: type[Model]) -> dict[str, Any]:
    """Of the fields but the key; what makes a default is called for each row."""
    fields = [field for field in _columns(model) if not field.primary_key]
    return {
        field.name: field.default
        if field.has_default() and callable(field.default)
        else field.get_default()
        for field in fields
    }


@cache
def _dated(model: type[Model]) -> list[Field[Any, Any]]:
    """The fields that take the time of their writing."""
    return [
        field
        for field in _columns(model)
        if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    ]


@cache
def _written(model: type[Model], with_key: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the fields of a whole row, and of the attributes that hold their values."""
    fields = [field for field in _columns(model) if with_key or not field.primary_key]
    return tuple(field.name for field in fields), tuple(field.attname for field in fields)


@cache
def _change_made(
    model: type[Model], to: tuple[str, ...], plus: tuple[str, ...], by: tuple[str, ...], vendor: str
) -> tuple[str, Prepared]:
    changes = [_equal(model, to, ", ", vendor)] if to else []
    for name in plus:
        column = _column(_field(model, name))
        changes.append(f"{column} = {column} + {_PLACE[vendor]}")
    where = _equal(model, by, " AND ", vendor)
    table = _quoted(model._meta.db_table)
    sql = f"UPDATE {table} SET {', '.join(changes)} WHERE {where}"  # noqa: S608
    return sql, _preparing(model, (*to, *plus, *by))


def _preparing(model: type[Model], names: Sequence[str]) -> Prepared:
    fields = [_field(model, name) for name in names]
    return [
        (index, partial(prepare, field))
        for index, field in enumerate(fields)
        if not isinstance(getattr(field, "target_field", field), _PLAIN)
    ]


def prepare(field: Field[Any, Any], value: Any, wrapper: BaseDatabaseWrapper) -> Any:
    """The value as the driver takes it for this field."""
    if value is None:
        return None
    if wrapper.vendor == "sqlite" and wrapper.timezone is dt.UTC:
        # As `get_db_prep_save` does it, on fewer ways: most of what is prepared is one of these.
        if isinstance(value, dt.datetime) and value.tzinfo is dt.UTC:
            return str(value.replace(tzinfo=None))
        if isinstance(value, uuid.UUID):
            return value.hex
    return field.get_db_prep_save(value, wrapper)


def _equal(model: type[Model], names: Sequence[str], joined: str, vendor: str) -> str:
    columns = [_column(_field(model, name)) for name in names]
    return joined.join(f"{column} = {_PLACE[vendor]}" for column in columns)


@cache
def _columns(model: type[Model]) -> list[Field[Any, Any]]:
    return list(model._meta.concrete_fields)


@cache
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

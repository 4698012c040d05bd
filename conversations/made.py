"""Querysets that are built and compiled once, and run with other values each time.

What `conversations.rows` does for single rows, for whatever else is asked for every session: to
build and compile a queryset takes Django ten times as long as the database needs to run it. A
queryset is written as ever, with `Given` in the places of the values. As there, no signals are
sent, and `execute_wrapper` does not see the statements.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Field, IntegerField, Model, QuerySet, TextField
from django.db.models.query import get_related_populators
from django.db.models.sql import UpdateQuery

from conversations.rows import Converters, prepare

M = TypeVar("M", bound=Model)
T = TypeVar("T")

_PLACE = re.compile(r"(?<!%)%s")
_AMONG = {
    "sqlite": "(SELECT value FROM json_each(%s))",
    "postgresql": "(SELECT value::bigint FROM json_array_elements_text(%s::json))",
}


class Given(Expression):
    """The place of a value that is named when the statement is run. kind: the field it is for."""

    def __init__(self, name: str, kind: Field[Any, Any] | None = None) -> None:
        self.name = name
        super().__init__(output_field=kind or IntegerField())

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> Any:
        return "%s", [self]

    def prepared(self, value: Any, wrapper: BaseDatabaseWrapper) -> Any:
        return prepare(self.output_field, value, wrapper)


class GivenKeys(Given):
    """The place of any number of whole numbers, for `__in`."""

    def __init__(self, name: str) -> None:
        super().__init__(name, TextField())

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> Any:
        return _AMONG[connection.vendor], [self]

    def prepared(self, value: Collection[int], wrapper: BaseDatabaseWrapper) -> str:
        return json.dumps([*value])


@dataclass(frozen=True, slots=True)
class _Statement:
    """compiler: tells what stands where in a row."""

    sql: str
    params: list[Any]
    converters: Converters
    compiler: Any

    def values(self, given: dict[str, Any], wrapper: BaseDatabaseWrapper) -> list[Any]:
        return [
            param.prepared(given[param.name], wrapper) if isinstance(param, Given) else param
            for param in self.params
        ]

    def converted(self, found: list[Any], wrapper: BaseDatabaseWrapper) -> list[Any]:
        if not self.converters:
            return found
        rows = [list(row) for row in found]
        for row in rows:
            for index, column, converts in self.converters:
                for convert in converts:
                    row[index] = convert(row[index], column, wrapper)
        return rows


class _Made:
    """`make` is called once per kind of database, when the statement is run first."""

    def __init__(self, make: Callable[[], QuerySet[Any, Any]]) -> None:
        self._make = make
        self._made: dict[str, _Statement] = {}

    def _run(
        self, given: dict[str, Any], result: Callable[[Any, _Statement, BaseDatabaseWrapper], T]
    ) -> T:
        wrapper = connections[DEFAULT_DB_ALIAS]
        made = self._made.get(wrapper.vendor)
        if made is None:
            made = self._made[wrapper.vendor] = _compiled(self._query(), wrapper)
        wrapper.ensure_connection()
        with wrapper.wrap_database_errors:
            cursor = wrapper.connection.execute(made.sql, made.values(given, wrapper))
            return result(cursor, made, wrapper)

    def _query(self) -> Any:
        return self._make().query


class MadeRows(_Made):
    """Reads what a `values_list` names."""

    def __call__(self, **given: Any) -> list[Any]:
        """The rows with these values in the places of that name."""
        return self._run(given, lambda cursor, made, to: made.converted(cursor.fetchall(), to))


class MadeModels(_Made, Generic[M]):
    """Reads rows with what `select_related` and `annotate` name besides."""

    def __init__(self, make: Callable[[], QuerySet[M, M]]) -> None:
        super().__init__(make)

    def __call__(self, **given: Any) -> list[M]:
        """The rows with these values in the places of that name."""
        return self._run(given, self._models)

    def _models(self, cursor: Any, made: _Statement, wrapper: BaseDatabaseWrapper) -> list[M]:
        compiler, info, alias = made.compiler, made.compiler.klass_info, wrapper.alias
        begin, end = info["select_fields"][0], info["select_fields"][-1] + 1
        names = [column.target.attname for column, _, _ in compiler.select[begin:end]]
        related = get_related_populators(info, compiler.select, alias)  # type: ignore[call-arg]
        rows: list[M] = []
        for row in made.converted(cursor.fetchall(), wrapper):
            read = info["model"].from_db(alias, names, row[begin:end])
            for populator in related:
                populator.populate(row, read)
            for name, place in compiler.annotation_col_map.items():
                setattr(read, name, row[place])
            rows.append(read)
        return rows


class MadeUpdate(_Made):
    """Does what `update` does; `to` are its arguments, with `Given` in them."""

    def __init__(self, make: Callable[[], QuerySet[Any, Any]], **to: Any) -> None:
        super().__init__(make)
        self._to = to

    def __call__(self, **given: Any) -> int:
        """In how many rows; with these values in the places of that name."""
        return self._run(given, lambda cursor, made, wrapper: int(cursor.rowcount))

    def _query(self) -> Any:
        query = super()._query().chain(UpdateQuery)
        query.add_update_values(self._to)
        return query


def _compiled(query: Any, wrapper: BaseDatabaseWrapper) -> _Statement:
    compiler = query.get_compiler(connection=wrapper)
    sql, params = compiler.as_sql()
    if wrapper.vendor == "sqlite":
        sql = _PLACE.sub("?", sql).replace("%%", "%")
    converters = []
    if not isinstance(query, UpdateQuery):
        columns = [column for column, _, _ in compiler.select]
        found = compiler.get_converters(columns).items()
        converters = [(index, column, converts) for index, (converts, column) in found]
    return _Statement(sql, [*params], converters, compiler)

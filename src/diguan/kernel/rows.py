"""Statements whose text is made once: new rows of one model, and queries that are asked over and over.

For the paths that are walked at every step of every case, where writing the text costs several times what the database takes. Values are prepared by the model's own fields, so both databases
get what the ORM would give them; rows that need more than that (signals, several tables, defaults of the database) use the ORM.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection, models
from django.db.models import sql

from diguan.kernel.records import chunks


def insert_rows(rows: Sequence[models.Model]) -> None:
    """Insert new rows, all of one model, in their order; each gets its id. Only actions do this.

    Raises:
        IntegrityError: as the ORM raises it.
    """
    if not rows:
        return
    fields, head, one, tail = _statement(type(rows[0]), connection.vendor)
    for part in chunks(rows):
        values = [_given(field, plain, row.__dict__[field.attname]) for row in part for field, plain in fields]
        with connection.cursor() as cursor:
            cursor.execute(f"{head}{', '.join([one] * len(part))}{tail}", values)
            numbers = cursor.fetchall()
        for row, (number,) in zip(part, numbers, strict=True):
            row.pk, row._state.adding, row._state.db = number, False, connection.alias


def _given(field: models.Field[Any, Any], plain: bool, value: Any) -> Any:
    """A value as the database takes it; a plain field's text, whole number or nothing already is."""
    return value if plain and type(value) in _PLAIN else field.get_db_prep_save(value, connection)


_PLAIN = (str, int, type(None))
_PLAIN_FIELDS = (models.CharField, models.TextField, models.IntegerField, models.ForeignKey)


@functools.cache
def _statement(model: type[models.Model], vendor: str) -> tuple[tuple[tuple[models.Field[Any, Any], bool], ...], str, str, str]:
    """The fields that are given, each with whether it is plain, and the three parts of the text around the rows; ``vendor`` keeps the databases apart."""
    quote, meta = connection.ops.quote_name, model._meta
    fields = tuple((field, isinstance(field, _PLAIN_FIELDS)) for field in meta.local_concrete_fields if not field.primary_key)
    names = ", ".join(quote(str(field.column)) for field, _plain in fields)
    return fields, f"INSERT INTO {quote(meta.db_table)} ({names}) VALUES ", f"({', '.join(['%s'] * len(fields))})", f" RETURNING {quote(str(meta.pk.column))}"  # noqa: S608 (names of the model's own columns)


class Prepared:
    """A query that is asked at every step: Django writes its text once (a database), then only the values are put in anew.

    ``build`` takes so many values and answers with a queryset of ``values_list``, or with one and what to change in its rows; it hands the
    values on as they are. It is tried with ``probes``, values of the same types that occur nowhere else in it, to see where each goes.
    """

    def __init__(self, build: Callable[..., Any], *probes: object) -> None:
        self._build, self._probes = build, probes
        self._made: dict[str, tuple[str, list[tuple[int, object]], list[tuple[int, list[Any], Any]]]] = {}

    def rows(self, *values: object) -> list[tuple[Any, ...]]:
        """What is there, as ``values_list`` gives it."""
        with connection.cursor() as cursor:
            found, converters = self._run(cursor, values)
            rows = found.fetchall()
        return [self._converted(row, converters) for row in rows] if converters else rows

    def change(self, *values: object) -> int:
        """How many rows were changed."""
        with connection.cursor() as cursor:
            return int(self._run(cursor, values)[0].rowcount)

    def _run(self, cursor: Any, values: tuple[object, ...]) -> tuple[Any, list[tuple[int, list[Any], Any]]]:
        text, places, converters = self._made.get(connection.vendor) or self._make()
        adapted = [_adapted(value) for value in values]
        cursor.execute(text, [adapted[place] if place >= 0 else given for place, given in places])
        return cursor, converters

    def _make(self) -> tuple[str, list[tuple[int, object]], list[tuple[int, list[Any], Any]]]:
        found = self._build(*self._probes)
        rows, values = found if isinstance(found, tuple) else (found, None)
        query = rows.query.chain(sql.UpdateQuery if values is not None else None)
        if values is not None:
            query.clear_ordering(force=True)
            query.add_update_values(values)
        compiler = query.get_compiler(connection=connection)
        text, params = compiler.as_sql()
        probes = [_adapted(probe) for probe in self._probes]
        places = [(probes.index(param) if param in probes else -1, param) for param in params]
        assert {place for place, _given in places} - {-1} == set(range(len(probes))), f"not every value is used as it is: {text} {params}"
        converters = [(place, convs, expression) for place, (convs, expression) in compiler.get_converters([each for each, *_rest in compiler.select]).items()] if values is None else []
        self._made[connection.vendor] = text, places, converters
        return self._made[connection.vendor]

    @staticmethod
    def _converted(row: tuple[Any, ...], converters: list[tuple[int, list[Any], Any]]) -> tuple[Any, ...]:
        found = list(row)
        for place, convs, expression in converters:
            for convert in convs:
                found[place] = convert(found[place], expression, connection)
        return tuple(found)


def _adapted(value: object) -> object:
    """A value as the database's driver takes it."""
    if isinstance(value, dt.datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return connection.ops.adapt_datefield_value(value) if isinstance(value, dt.date) else value

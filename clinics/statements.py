"""
A large statement that the ORM makes once in a process and that is then asked with other values.

Making, resolving and compiling the columns of a person's page took three times as long as the database needs to
answer them. What the statement says depends only on how far the rights of who asks go, so it is kept by that.
"""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NoReturn

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import QuerySet

from clinics.models import User
from clinics.tenancy import active_clinic_id, as_if_entered

# What a statement is made with: values that no row has, so that each place of theirs is known.
CLINIC: Final = 9_100_000_000_000_000_001
USER: Final = 9_100_000_000_000_000_002
FIRST_KEY: Final = 9_100_000_000_000_001_000
NOW: Final = datetime(9999, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
KEPT: Final = 256

Make = Callable[[Sequence[int], User, datetime], "QuerySet[Any, dict[str, Any]]"]


class NotKept(RuntimeError):
    """The statement cannot be kept: it was asked of the database while it was made, or misses the clinic."""


@dataclass(frozen=True)
class _Statement:
    """
    A statement as text.

    params   what it was made with
    places   of `params`, those that take a value of who asks, with the value's stand-in
    """

    sql: str
    params: tuple[Any, ...]
    places: tuple[tuple[int, Any], ...]
    names: tuple[str, ...]
    converters: tuple[tuple[int, list[Any], Any], ...]

    def ask(self, values: dict[Any, Any]) -> list[dict[str, Any]]:
        params = list(self.params)
        for place, stand_in in self.places:
            params[place] = values[stand_in]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
            rows = [list(row) for row in cursor.fetchall()]
        for row in rows:
            for place, converters, expression in self.converters:
                for convert in converters:
                    row[place] = convert(row[place], expression, connection)
        return [dict(zip(self.names, row, strict=True)) for row in rows]


class Kept:
    """
    Asks what `make` says, and makes it once for each way in which rights go and each number of keys.

    make   returns a queryset of `.values()` for keys of rows, who asks, and the time. It is called with stand-ins, so
           it may use nothing else that differs between two requests; a function of a module, never a closure.
    """

    def __init__(self, make: Make) -> None:
        self.make = make
        self.kept: dict[Any, _Statement] = {}

    def ask(self, keys: Sequence[int], user: User, now: datetime) -> list[dict[str, Any]]:
        """Return the rows of the statement in the entered clinic."""
        clinic_id = active_clinic_id()
        signature = (len(keys), frozenset(user.reaches_at(clinic_id).items()))
        statement = self.kept.get(signature)
        if statement is None:
            if len(self.kept) >= KEPT:
                self.kept.clear()
            statement = self.kept[signature] = self._made(len(keys), user, clinic_id)
        values = {CLINIC: clinic_id, USER: user.pk, NOW: now}
        values.update((FIRST_KEY + number, key) for number, key in enumerate(keys))
        return statement.ask(values)

    def _made(self, count: int, user: User, clinic_id: int) -> _Statement:
        anybody = copy.copy(user)
        anybody.pk = USER
        anybody.__dict__["_reaches"] = {CLINIC: user.reaches_at(clinic_id)}
        stand_ins = [CLINIC, USER, NOW, *range(FIRST_KEY, FIRST_KEY + count)]
        with as_if_entered(CLINIC), connection.execute_wrapper(_refuse):
            query = self.make(stand_ins[3:], anybody, NOW).query
            compiler = query.get_compiler(DEFAULT_DB_ALIAS)
            sql, params = compiler.as_sql()
        expressions = [entry[0] for entry in compiler.select]
        places = tuple((place, value) for place, value in enumerate(params) if value in stand_ins)
        if CLINIC not in {value for _place, value in places}:
            raise NotKept("A statement of a clinic names its clinic.")
        found = compiler.get_converters(expressions).items()
        converters = tuple((place, list(converters), expression) for place, (converters, expression) in found)
        return _Statement(sql, tuple(params), places, tuple(query.selected or ()), converters)


def _refuse(*_call: Any) -> NoReturn:
    raise NotKept("Making a kept statement may not ask the database: what it found would be kept too.")

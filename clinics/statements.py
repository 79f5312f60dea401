"""
A large statement, or the columns of one, that the ORM makes once in a process and that is then asked with other values.

Making, resolving and compiling the columns of a person's page took three times as long as the database needs to
answer them. What the statement says depends only on how far the rights of who asks go, so it is kept by that.
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NoReturn, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Expression, QuerySet

from clinics.models import User
from clinics.tenancy import ClinicOwned, active_clinic_id, as_if_entered

# What a statement is made with: values that no row has, so that each place of theirs is known.
CLINIC: Final = 9_100_000_000_000_000_001
USER: Final = 9_100_000_000_000_000_002
FIRST_KEY: Final = 9_100_000_000_000_001_000
NOW: Final = datetime(9999, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
KEPT: Final = 256

K = TypeVar("K")
Make = Callable[[Sequence[int], User, datetime], "QuerySet[Any, dict[str, Any]]"]


class NotKept(RuntimeError):
    """The statement cannot be kept: it was asked of the database while it was made, or misses the clinic."""


@dataclass(frozen=True)
class _Statement:
    """
    A statement as text.

    sql      empty where rights show so little that no row could be found, and nothing need be asked
    params   what it was made with
    places   of `params`, those that take a value of who asks, with the value's stand-in
    """

    sql: str
    params: tuple[Any, ...]
    places: tuple[tuple[int, Any], ...]
    names: tuple[str, ...]
    converters: tuple[tuple[int, list[Any], Any], ...]

    def ask(self, values: dict[Any, Any]) -> list[dict[str, Any]]:
        if not self.sql:
            return []
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


_NOTHING: Final = _Statement("", (), (), (), ())


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
        statement = _known(self.kept, (len(keys), _rights(user)), lambda: self._made(len(keys), user))
        values = {CLINIC: clinic_id, USER: user.pk, NOW: now}
        values.update((FIRST_KEY + number, key) for number, key in enumerate(keys))
        return statement.ask(values)

    def _made(self, count: int, user: User) -> _Statement:
        keys = range(FIRST_KEY, FIRST_KEY + count)
        with _anybody_like(user) as anybody:
            query = self.make(keys, anybody, NOW).query
            compiler = query.get_compiler(DEFAULT_DB_ALIAS)
            try:
                sql, params = compiler.as_sql()
            except EmptyResultSet:
                return _NOTHING
        places = _places(params, {CLINIC, USER, NOW, *keys})
        if CLINIC not in {value for _place, value in places}:
            raise NotKept("A statement of a clinic names its clinic.")
        found = compiler.get_converters([entry[0] for entry in compiler.select]).items()
        converters = tuple((place, list(converters), expression) for place, (converters, expression) in found)
        return _Statement(sql, tuple(params), places, tuple(query.selected or ()), converters)


class KeptColumns:
    """
    Gives columns that stand beside the rows of a model, made once for each way in which rights go.

    make   returns the columns by name, for who asks; called with a stand-in, as for `Kept`
    """

    def __init__(self, model: type[ClinicOwned], make: Callable[[User], dict[str, Any]]) -> None:
        self.model, self.make = model, make
        self.kept: dict[Any, dict[str, _Column]] = {}

    def of(self, user: User) -> dict[str, "_Column"]:
        """Return the columns by name, for a queryset of the model that begins with its own table."""
        columns = _known(self.kept, _rights(user), lambda: self._made(user))
        values = {CLINIC: active_clinic_id(), USER: user.pk}
        return {name: column.with_values(values) for name, column in columns.items()}

    def _made(self, user: User) -> dict[str, "_Column"]:
        with _anybody_like(user) as anybody:
            query = self.model.objects.values(**self.make(anybody)).query
            compiler = query.get_compiler(DEFAULT_DB_ALIAS)
            compiler.as_sql()
        made = zip(query.selected or (), compiler.select, strict=True)
        return {
            name: _Column(sql, tuple(params), _places(params, {CLINIC, USER}), expression.output_field)
            for name, (expression, (sql, params), _alias) in made
        }


class _Column(Expression):
    """One column as text."""

    def __init__(self, sql: str, params: tuple[Any, ...], places: tuple[tuple[int, Any], ...], field: Any) -> None:
        super().__init__(output_field=field)
        self.sql, self.params, self.places = sql, params, places

    def with_values(self, values: dict[Any, Any]) -> "_Column":
        """Return the column for who asks."""
        params = list(self.params)
        for place, stand_in in self.places:
            params[place] = values[stand_in]
        return _Column(self.sql, tuple(params), (), self.output_field)

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return self.sql, self.params


def _rights(user: User) -> Any:
    """Return how far each right of somebody goes in the entered clinic, to keep a statement by."""
    return frozenset(user.reaches_at(active_clinic_id()).items())


def _known(kept: dict[Any, K], signature: Any, make: Callable[[], K]) -> K:
    found = kept.get(signature)
    if found is None:
        if len(kept) >= KEPT:
            kept.clear()
        found = kept[signature] = make()
    return found


@contextmanager
def _anybody_like(user: User) -> Iterator[User]:
    """Yield a stand-in with the rights of `user`, at a stand-in of the clinic, and let nothing be asked meanwhile."""
    anybody = copy.copy(user)
    anybody.pk = USER
    anybody.__dict__["_reaches"] = {CLINIC: user.reaches_at(active_clinic_id())}
    with as_if_entered(CLINIC), connection.execute_wrapper(_refuse):
        yield anybody


def _places(params: Sequence[Any], stand_ins: set[Any]) -> tuple[tuple[int, Any], ...]:
    """Return the places of stand-ins among parameters."""
    known = (int, datetime)
    return tuple((place, one) for place, one in enumerate(params) if isinstance(one, known) and one in stand_ins)


def _refuse(*_call: Any) -> NoReturn:
    raise NotKept("Making a kept statement may not ask the database: what it found would be kept too.")

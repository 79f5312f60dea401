"""A statement that is kept answers what the ORM answers, to everybody their own, and keeps nothing of who asked first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from clients.models import Appointment, Client
from clients.selectors.person import COLUMNS
from clinics import statements
from clinics.models import User
from clinics.roles import Role
from clinics.services import people
from clinics.statements import Kept, KeptColumns, NotKept
from sessions.selectors.time_line import FACTS
from tests.world import World

NOW = timezone.now()


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def told(statement: Kept, keys: Sequence[int], user: User) -> tuple[Any, Any]:
    """Return what a kept statement and the ORM answer."""
    return statement.ask(keys, fresh(user), NOW), list(statement.make(keys, fresh(user), NOW))


@pytest.mark.parametrize("role", list(Role))
def test_it_answers_each_role_what_the_orm_answers(world: World, role: Role) -> None:
    statement = Kept(FACTS.make)
    for side in (world.here, world.neighbour):
        with side.scope():
            for client in (side.client, side.rows["merge"].absorbed):
                for keys in ([client.pk], side.client.record_keys):
                    answer, expected = told(statement, keys, side.people[role])
                    assert answer == expected
    assert len(statement.kept) == 2, "one for each number of keys, whoever asks and at whichever clinic"


def test_it_answers_somebody_else_in_the_same_role_their_own(world: World) -> None:
    statement, here = Kept(FACTS.make), world.here
    with here.scope():
        (own,), _ = told(statement, [here.client.pk], here.therapist)
        (others,), expected = told(statement, [here.client.pk], here.other_therapist)
    assert own["sees_plan"]
    assert not others["sees_plan"]
    assert [others] == expected
    assert len(statement.kept) == 1


def test_other_rights_make_another_statement(world: World) -> None:
    statement, here = Kept(FACTS.make), world.here
    with here.scope():
        statement.ask([here.client.pk], fresh(here.coder), NOW)
        people.add_member(clinic=here.clinic, user=here.coder, role=Role.SUPERVISOR, by=None)
        answer, expected = told(statement, [here.client.pk], here.coder)
    assert answer == expected
    assert len(statement.kept) == 2


def test_the_neighbours_person_is_nobody(world: World) -> None:
    with world.here.scope():
        assert FACTS.ask([world.neighbour.client.pk], fresh(world.here.therapist), NOW) == []


@pytest.mark.parametrize("role", list(Role))
def test_columns_are_what_the_orm_makes_of_them(world: World, role: Role) -> None:
    columns = KeptColumns(Client, COLUMNS.make)
    for side in (world.here, world.neighbour):
        user = side.people[role]
        with side.scope():
            asked = Client.objects.order_by("pk")
            expected = list(asked.values("pk", **COLUMNS.make(fresh(user))))
            assert list(asked.values("pk", **columns.of(fresh(user)))) == expected
            (found,) = asked.filter(pk=side.client.pk).annotate(**columns.of(fresh(user)))
            assert vars(found).items() >= next(row for row in expected if row.pop("pk") == side.client.pk).items()
    assert len(columns.kept) == 1


def asks_while_made(keys: Sequence[int], user: User, now: datetime) -> QuerySet[Any, dict[str, Any]]:
    newest = Appointment.objects.latest("pk")
    return Client.objects.filter(pk__in=keys, created_at__lte=newest.starts_at).values("pk")


def forgets_the_clinic(keys: Sequence[int], user: User, now: datetime) -> QuerySet[Any, dict[str, Any]]:
    return Client.unscoped.filter(pk__in=keys).values("pk")


@pytest.mark.parametrize("make", [asks_while_made, forgets_the_clinic])
def test_what_cannot_be_kept_is_refused(world: World, make: statements.Make) -> None:
    with world.here.scope(), pytest.raises(NotKept):
        Kept(make).ask([world.here.client.pk], fresh(world.here.therapist), NOW)


def test_it_does_not_grow_without_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "KEPT", 2)
    statement, here = Kept(FACTS.make), world.here
    with here.scope():
        for count in (1, 2, 3):
            statement.ask([here.client.pk, *range(-count, -1)], fresh(here.therapist), NOW)
    assert len(statement.kept) == 1

"""Exercises: revisions that stand, who may change them, and the caution before weighing both sides."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from clients.models import ChangeTarget, Client, Exercise
from clients.rules import exercises as rules
from clients.rules.exercises import Kind, Wrong
from clients.selectors import exercises as selectors
from clients.services import exercises, merging, targets
from clients.services.revisions import Newer
from clients.services.targets import SetAside, Terms
from clinics.models import AuditEvent
from tests.clients.exercising import CONTENT, MATTERS, PLAN, asked, written
from tests.clients.people import today
from tests.world import NOW, World

# --- what is kept ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(Kind))
def test_each_writing_is_a_new_revision_whole_and_encrypted_and_the_trail_has_no_word_of_it(
    world: World, goal: ChangeTarget, kind: Kind
) -> None:
    here = world.here
    with here.scope(here.therapist):
        first = written(here, goal, kind)
        second = written(here, goal, kind)
        assert [one.revision for one in (first, second)] == [1, 2]
        assert selectors.newest(goal.client, kind, goal if kind is not Kind.VALUES else None) == second
        assert selectors.content_of(first) == rules.checked(kind, CONTENT[kind])
        with connection.cursor() as cursor:
            cursor.execute("select content from clients_exercise where id = %s", [second.pk])
            lies = bytes(cursor.fetchone()[0])
        assert not any(word.encode() in lies for word in ("calms", "weekends", "Family"))
        found = AuditEvent.objects.filter(action="exercise.written").order_by("pk")
        assert [(one.detail["kind"], one.detail["revision"]) for one in found] == [(kind.value, 1), (kind.value, 2)]
        assert "calms" not in str(list(AuditEvent.objects.values()))


def test_goals_have_exercises_of_their_own_and_values_are_the_persons(world: World, goal: ChangeTarget) -> None:
    here = world.here
    with here.scope(here.therapist):
        other = targets.add(client=goal.client, terms=Terms("Sleep"), by=here.therapist)
        written(here, goal)
        assert written(here, other).revision == 1
        assert written(here, goal, Kind.VALUES).revision == 1
        assert written(here, other, Kind.VALUES).revision == 2


@pytest.mark.parametrize(
    ("kind", "other", "field"),
    [
        (Kind.BALANCE, {"purpose": ""}, "purpose"), (Kind.CHANGE_PLAN, {"purpose": "consolidate"}, "purpose"),
        (Kind.VALUES, {"signed_on": NOW.date()}, "signed_on"), (Kind.CHANGE_PLAN, {"content": {}}, "change"),
    ],
)  # fmt: skip
def test_what_does_not_belong_to_an_exercise_is_refused(
    world: World, goal: ChangeTarget, kind: Kind, other: dict[str, Any], field: str
) -> None:
    here = world.here
    with here.scope(here.therapist):
        with pytest.raises(Wrong) as found:
            written(here, goal, kind, **other)
        assert found.value.field == field
        with pytest.raises(Wrong, match="one goal"):
            exercises.write(
                client=goal.client, kind=Kind.CHANGE_PLAN, target=None, seen=0, content=PLAN, by=here.therapist,
                now=timezone.now(),
            )  # fmt: skip
        assert not Exercise.objects.filter(client=goal.client).exists()


def test_a_plan_is_signed_today_and_not_tomorrow(world: World, goal: ChangeTarget) -> None:
    here = world.here
    with here.scope(here.therapist):
        assert written(here, goal, signed_on=today(here)).signed_on == today(here)
        with pytest.raises(Wrong, match="still to come"):
            written(here, goal, signed_on=today(here).replace(year=today(here).year + 1))


def test_an_older_revision_is_refused_with_the_newer_and_a_goal_set_aside_takes_nothing_new(
    world: World, goal: ChangeTarget
) -> None:
    here = world.here
    with here.scope(here.therapist):
        first = written(here, goal)
        with pytest.raises(Newer) as found:
            written(here, goal, seen=0)
        assert found.value.current == first
        targets.set_aside(target=goal, by=here.therapist)
        with pytest.raises(SetAside):
            written(here, goal)
        assert Exercise.objects.filter(target=goal).count() == 1


def test_values_are_counted_over_joined_records(world: World, goal: ChangeTarget) -> None:
    here = world.here
    with here.scope(here.therapist):
        written(here, goal, Kind.VALUES)
        goal.client.episodes.update(status="closed", closed_on=NOW.date())
        merging.merge(kept=here.client, absorbed=goal.client, reason="The same", by=here.coordinator, now=NOW)
        kept = Client.objects.get(pk=here.client.pk)
        kept.clinic = here.clinic
        made = exercises.write(
            client=kept, kind=Kind.VALUES, target=None, seen=1, content=MATTERS, by=here.therapist, now=timezone.now()
        )
        assert (made.revision, made.client_id) == (2, kept.pk)


@pytest.mark.parametrize(
    "statement",
    [
        "update clients_exercise set kind = 'values' where id = %s",
        "update clients_exercise set is_private = true where id = %s",
        "update clients_exercise set made_at = now() where id = %s",
        "delete from clients_exercise where id = %s",
    ],
)
def test_the_database_lets_nobody_change_what_was_written(world: World, statement: str) -> None:
    here = world.here
    with (
        here.scope(here.therapist), pytest.raises(DatabaseError, match="clients_exercise"), transaction.atomic(),
        connection.cursor() as cursor,
    ):  # fmt: skip
        cursor.execute(statement, [here.exercise.pk])


# --- weighing both sides --------------------------------------------------------------------------------------------


def test_the_service_weighs_both_sides_with_somebody_undecided_only_as_a_confirmed_neutral_choice(
    world: World, goal: ChangeTarget
) -> None:
    here = world.here
    with here.scope(here.therapist):
        asked(here, goal, 4)
        for other, field in (
            ({"purpose": "consolidate", "meant": True}, "purpose"),
            ({"purpose": rules.NEUTRAL}, "meant"),
        ):
            with pytest.raises(Wrong) as found:
                written(here, goal, Kind.BALANCE, **other)
            assert found.value.field == field
        made = written(here, goal, Kind.BALANCE, purpose=rules.NEUTRAL, meant=True)
        assert (made.suggested, made.purpose) == ("high_evoke", rules.NEUTRAL)
        event = AuditEvent.objects.filter(action="exercise.written").latest("pk")
        assert (event.detail["suggested"], event.detail["neutral_confirmed"]) == ("high_evoke", True)

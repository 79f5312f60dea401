"""First plans and reviews become tasks seven days ahead, on the day, and seven days late; and end with the act."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Client, Episode, Goal, PlanVersion, Task
from clients.services import plan_reviews, tasks
from tests.clients import planning as at
from tests.clients.people import in_care, today
from tests.world import World


def owed(world: World, client: Client, now: datetime) -> list[Task]:
    """Look at what is due at a time, and return the person's open tasks about plans."""
    plan_reviews.owe_plans(clinic=world.here.clinic, now=now)
    return list(Task.objects.filter(kind__in=("plan", "plan_review"), client=client, done_at=None))


def admitted(world: World, days_ago: int) -> Client:
    client = in_care(world.here)
    client.episodes.update(admitted_on=today(world.here) - timedelta(days=days_ago))
    return client


@pytest.mark.parametrize(("days_ago", "told"), [(6, False), (7, True), (14, True), (60, True)])
def test_a_first_plan_is_owed_from_a_week_before_it_is_due(world: World, days_ago: int, told: bool) -> None:
    here = world.here
    with here.scope():
        client = admitted(world, days_ago)
        found = owed(world, client, timezone.now())
        assert [(one.kind, one.owner, one.role) for one in found] == [("plan", here.therapist, "supervisor")] * told
        assert len(owed(world, client, timezone.now() + timedelta(minutes=1))) == int(told), "once"


def test_what_was_marked_as_done_without_a_plan_comes_back_on_the_day_and_a_week_late(world: World) -> None:
    here = world.here
    with here.scope():
        client = admitted(world, 7)
        seen = []
        for days in (0, 3, 7, 9, 14, 30, 90):
            for task in owed(world, client, at.later(days)):
                seen.append(days)
                tasks.finish(task=task, by=here.therapist)
        assert seen == [0, 7, 14]


def test_what_was_put_off_comes_back_too(world: World) -> None:
    here = world.here
    with here.scope():
        client = admitted(world, 7)
        (task,) = owed(world, client, timezone.now())
        tasks.snooze(task=task, until=at.later(100), reason="Later", by=here.therapist, now=timezone.now())
        (again,) = owed(world, client, at.later(7))
        assert (again.pk, again.snoozed_until) == (task.pk, None)


def test_a_plan_in_force_ends_the_task_and_its_review_is_owed_in_time(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.written(here)
        client = version.client
        client.episodes.update(admitted_on=today(here) - timedelta(days=10))
        assert [one.kind for one in owed(world, client, timezone.now())] == ["plan"]
        version = at.person_signs(here, at.author_signs(here, version))
        assert owed(world, client, timezone.now()) == []
        assert owed(world, client, at.later(22)) == []
        (task,) = owed(world, client, at.later(23))
        assert (task.kind, task.owner) == ("plan_review", here.therapist)
        goal = Goal.objects.get(plan_version=version)
        plan_reviews.hold(
            review=at.review_of(version.plan), held_on=at.day(here, 23), decision="continue", by=here.therapist,
            goals={goal.pk: plan_reviews.Progress(10, "active")}, now=at.later(23),
        )  # fmt: skip
        assert owed(world, client, at.later(23)) == []
        assert [one.kind for one in owed(world, client, at.later(23 + 90))] == ["plan_review"]


def test_nothing_is_owed_for_a_stay_that_is_over_or_a_plan_that_has_ended(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        client = admitted(world, 60)
        client.episodes.update(status="closed", closed_on=today(here))
        assert owed(world, client, timezone.now()) == []
        version = at.in_force(here, "Sol Marsh")
        Episode.objects.filter(pk=version.plan.episode_id).update(status="closed", closed_on=today(here))
        assert owed(world, version.client, at.later(60)) == []


@pytest.mark.parametrize(
    ("other", "error", "field"),
    [
        ({"goals": {}}, "each goal", ""),
        ({"decision": "other"}, "Choose what follows", "decision"),
        ({"progress": 101}, "0 to 100", "progress"),
    ],
)
def test_what_a_look_back_refuses_keeps_nothing(world: World, other: dict[str, Any], error: str, field: str) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.in_force(here)
        goal = Goal.objects.get(plan_version=version)
        given: dict[str, Any] = {
            "review": at.review_of(version.plan), "held_on": today(here), "decision": "continue", "by": here.therapist,
            "goals": {goal.pk: plan_reviews.Progress(other.pop("progress", 10), "active")}, "now": timezone.now(),
        }  # fmt: skip
        with pytest.raises(plan_reviews.Wrong, match=error) as found:
            plan_reviews.hold(**{**given, **other})
        assert found.value.field == field
        assert at.review_of(version.plan).held_on is None


def test_a_review_is_held_once_and_of_a_plan_in_force(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.in_force(here)
        goal = Goal.objects.get(plan_version=version)
        review = at.review_of(version.plan)
        given: dict[str, Any] = {
            "review": review, "held_on": today(here), "by": here.therapist, "now": timezone.now(),
            "goals": {goal.pk: plan_reviews.Progress(90, "active")},
        }  # fmt: skip
        plan_reviews.hold(**given, decision="close", note="They reached it")
        with pytest.raises(plan_reviews.AlreadyHeld):
            plan_reviews.hold(**given, decision="continue")
        assert PlanVersion.objects.get(pk=version.pk).state == "closed"

"""Assessments that nobody held and decisions that nobody made in time become tasks, once, and end with the step."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from clients.models import Inquiry, SafetyConcern, Task
from clients.services import admission, appointments, assessments, inquiries, watching
from clinics.models import Membership
from tests.clients import admission as at
from tests.world import NOW, World

MONDAY = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # nine in the morning in Chicago


def came_in(world: World, at_: datetime = MONDAY, **need: Any) -> Inquiry:
    """Return somebody who was screened and came in then."""
    inquiry = at.screened(world.here, **need)
    Inquiry.objects.filter(pk=inquiry.pk).update(received_at=at_)
    return at.fresh(inquiry)


def concern(inquiry: Inquiry, **review: Any) -> SafetyConcern:
    """Return a concern of level 2: open, it holds the inquiry."""
    return SafetyConcern.objects.create(
        clinic=inquiry.clinic, inquiry=inquiry, client=inquiry.client, level="S2", code="world", due_at=NOW, **review
    )


def owed(world: World, kind: str, now: datetime) -> list[Task]:
    """Look at the clocks, and return the open tasks of a kind."""
    watching.watch_evaluations(clinic=world.here.clinic, now=now)
    watching.watch_decisions(clinic=world.here.clinic, now=now)
    return list(Task.objects.filter(kind=kind, done_at=None))


def test_who_is_not_assessed_in_ten_business_days_is_a_task_once(world: World) -> None:
    with world.here.scope():
        inquiry = came_in(world)
        # The tenth business day after a Monday is a Monday; it is over at midnight in Chicago.
        last = datetime(2026, 12, 8, 6, 0, tzinfo=UTC)
        assert owed(world, "evaluation", last) == []
        (task,) = owed(world, "evaluation", last + timedelta(seconds=1))
        assert (task.inquiry_id, task.due_at, task.role) == (
            inquiry.pk, last - timedelta(minutes=1), "coordinator",
        )  # fmt: skip
        assert len(owed(world, "evaluation", last + timedelta(hours=1))) == 1
        Task.objects.filter(pk=task.pk).update(done_at=NOW, done_by=world.here.coordinator)
        assert owed(world, "evaluation", last + timedelta(days=1)) == [], "done is done"


@pytest.mark.parametrize("sign", ["withdrawal_risk", "overdose_30_days", "concern", "triage"])
def test_somebody_in_danger_is_assessed_by_the_end_of_the_next_business_day(world: World, sign: str) -> None:
    friday = datetime(2026, 11, 27, 15, 0, tzinfo=UTC)
    with world.here.scope():
        inquiry = came_in(world, friday)
        if sign == "concern":
            concern(inquiry, reviewed_at=NOW, reviewed_by=world.here.therapist, rationale="-", next_check_on=NOW.date())
        else:
            Inquiry.objects.filter(pk=inquiry.pk).update(**{sign: "urgent" if sign == "triage" else True})
        after_monday = datetime(2026, 12, 1, 6, 0, tzinfo=UTC)
        assert owed(world, "evaluation", after_monday) == []
        assert [one.inquiry_id for one in owed(world, "evaluation", after_monday + timedelta(seconds=1))] == [
            inquiry.pk
        ]


def test_an_assessment_that_was_held_stops_the_clock_and_a_missed_one_does_not(world: World) -> None:
    with world.here.scope():
        inquiry = at.booked(world.here, came_in(world, NOW))
        late = NOW + timedelta(days=30)
        visit = at.visit(inquiry)

        def say(code: str) -> None:
            fresh = at.visit(inquiry)
            appointments.record_attendance(
                appointment=fresh, version=fresh.version, attendance=code, by=world.here.therapist, now=visit.starts_at
            )

        say("attended")
        assert owed(world, "evaluation", late) == []
        say("no_show")
        assert len(owed(world, "evaluation", late)) == 1
        assessments.book_assessment(
            inquiry=inquiry, therapist=world.here.therapist, start_on=NOW.date() + timedelta(days=2),
            start_time=time(12), duration_min=60, by=world.here.coordinator, now=NOW,
        )  # fmt: skip
        at.assessed(world.here, at.fresh(inquiry))
        assert owed(world, "evaluation", late) == [], "the signature does it"


def test_an_assessment_without_a_decision_is_its_assessors_task_after_a_day(world: World) -> None:
    with world.here.scope():
        inquiry = at.assessed(world.here)
        day = inquiry.status_at + timedelta(hours=24)
        assert owed(world, "decision", day) == []
        (task,) = owed(world, "decision", day + timedelta(seconds=1))
        assert (task.inquiry_id, task.owner, task.role, task.due_at) == (
            inquiry.pk, world.here.therapist, "supervisor", day,
        )  # fmt: skip
        assert len(owed(world, "decision", day + timedelta(hours=2))) == 1
        at.decided(world.here, inquiry)
        assert owed(world, "decision", day + timedelta(hours=3)) == []


def test_an_assessor_who_has_left_owes_nothing_and_a_supervisor_does(world: World) -> None:
    with world.here.scope():
        inquiry = at.assessed(world.here)
        Membership.objects.filter(clinic=world.here.clinic, user=world.here.therapist).update(ends_at=Now())
        (task,) = owed(world, "decision", inquiry.status_at + timedelta(days=2))
        assert (task.owner, task.role) == (None, "supervisor")


@pytest.mark.parametrize("kind", ["evaluation", "decision"])
def test_whoever_goes_elsewhere_is_waited_for_no_more(world: World, kind: str) -> None:
    with world.here.scope():
        inquiry = at.assessed(world.here) if kind == "decision" else came_in(world)
        assert len(owed(world, kind, inquiry.status_at + timedelta(days=30))) == 1
        if kind == "decision":
            admission.decide(
                inquiry=inquiry, outcome="referred_out", reason="Closer to home.", reason_code="distance",
                by=world.here.therapist, now=NOW,
            )  # fmt: skip
        else:
            inquiries.move_inquiry(
                inquiry=inquiry, to="referred_out", reason="distance", by=world.here.coordinator, now=NOW
            )
        assert owed(world, kind, inquiry.status_at + timedelta(days=31)) == []


def test_a_held_inquiry_waits_for_its_review(world: World) -> None:
    with world.here.scope():
        inquiry = came_in(world)
        concern(inquiry)
        assert owed(world, "evaluation", MONDAY + timedelta(days=30)) == []

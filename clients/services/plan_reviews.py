"""Looking back at a plan with the person, and what is due: first plans and reviews become tasks in time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from clients.models import CaseloadAssignment, Episode, Goal, GoalReview, PlanReview, PlanVersion, Task
from clients.models.people import person_of
from clients.rules import clocks, plan_words
from clients.rules import plans as rules
from clients.rules.clock import civil_date
from clients.rules.plans import Wrong
from clients.services import plans, tasks
from clients.services.plans import tidy
from clinics import audit
from clinics.models import Clinic, User
from clinics.models.people import in_force
from clinics.roles import Role
from clinics.selectors.staff import staff_now

FIRST, REVIEW = Task.Kind.PLAN, Task.Kind.PLAN_REVIEW
AHEAD: Final = timedelta(days=-rules.TOLD_DAYS[0])
WITHOUT_PLAN: Final = timedelta(days=rules.FIRST_PLAN_DAYS) - AHEAD
AT_ONCE: Final = 500
PERSON: Final = ("client__merged_into", "clinic")


class AlreadyHeld(ValueError):
    """A review that was held is final."""

    field = ""

    def __init__(self) -> None:
        super().__init__("This look back is written down already, and stands.")


class NothingInForce(ValueError):
    """Only a plan that is in force is looked back at."""

    field = ""

    def __init__(self) -> None:
        super().__init__("No version of this plan is in force. There is nothing to look back at yet.")


@dataclass(frozen=True)
class Progress:
    """How far one goal has come: 0 to 100, a status of `plan_words.GOAL_STATUSES`, a comment."""

    progress: int
    status: str
    comment: str = ""


class WrongProgress(Wrong):
    """What is said of one goal cannot be; `goal` is its key."""

    def __init__(self, goal: int, error: Wrong) -> None:
        super().__init__(error.field, str(error))
        self.goal = goal


@transaction.atomic
def hold(
    *,
    review: PlanReview,
    held_on: date,
    goals: Mapping[int, Progress],
    decision: str,
    note: str = "",
    next_on: date | None = None,
    by: User,
    now: datetime,
) -> PlanReview:
    """
    Write down a look back: how far each goal has come, and what follows. It is final.

    goals      key of each goal of the version in force to how far it has come
    next_on    when to look back next; None: in 90 days
    "revise" opens the draft of the next version, "close" ends the plan.
    :raises AlreadyHeld: it was held
    :raises NothingInForce: no version is in force
    :raises WrongProgress: what is said of a goal cannot be
    :raises Wrong: something else is missing or cannot be
    """
    plan = plans.locked_plan(review.plan)
    held: PlanReview = PlanReview.objects.select_for_update(of=("self",)).get(pk=review.pk)
    if held.held_on is not None:
        raise AlreadyHeld
    active: PlanVersion | None = PlanVersion.objects.filter(plan=plan, state="active").first()
    if active is None:
        raise NothingInForce
    words = tidy(note)
    _check(decision, words, held_on, next_on, civil_date(now, ZoneInfo(plan.clinic.time_zone)))
    rows = list(Goal.objects.filter(plan_version=active).order_by("pk"))
    if {row.pk for row in rows} != set(goals):
        raise Wrong("", "Say how far each goal of the plan has come. Open the page again.")
    for row in rows:
        said = goals[row.pk]
        try:
            rules.require_progress(progress=said.progress, status=said.status, comment=said.comment)
        except Wrong as error:
            raise WrongProgress(row.pk, error) from None
    for row in rows:
        said = goals[row.pk]
        GoalReview(
            clinic_id=held.clinic_id, review=held, goal=row, progress=said.progress, status=said.status,
            comment=tidy(said.comment) or None,
        ).save()  # fmt: skip
    held.held_on, held.held_by, held.decision, held.note = held_on, by, decision, words or None
    held.save(update_fields=["held_on", "held_by", "decision", "note"])
    audit.record("plan.reviewed", held, by=by, detail={"decision": decision, "goals": len(rows)})
    tasks.settle_about(kind=REVIEW, about=held, by=by)
    if decision == "close":
        plans.close(version=active, reason=words, by=by, now=now)
        return held
    due_on = next_on or rules.next_review(held_on)
    PlanReview(clinic_id=held.clinic_id, client_id=held.client_id, plan=plan, due_on=due_on).save()
    if decision == "revise" and not PlanVersion.objects.filter(plan=plan, state__in=rules.OPEN).exists():
        plans.draft_next(plan=plan, by=by)
    return held


def _check(decision: str, note: str, held_on: date, next_on: date | None, today: date) -> None:
    if decision not in dict(plan_words.REVIEW_DECISIONS):
        raise Wrong("decision", "Choose what follows.")
    if held_on > today:
        raise Wrong("held_on", "This day is still to come. Enter the day on which you looked back.")
    if held_on < today - timedelta(days=rules.MOST_REVIEW_DAYS):
        raise Wrong("held_on", "This day is more than a year ago. Check the year.")
    if decision == "close" and not note:
        raise Wrong("note", "Write why the plan ends.")
    if next_on is not None and not 0 < (next_on - held_on).days <= rules.MOST_REVIEW_DAYS:
        raise Wrong("next_on", "Look back again within a year, after this time.")


# --- what is due ----------------------------------------------------------------------------------------------------


@transaction.atomic
def owe_plans(*, clinic: Clinic, now: datetime) -> int:
    """
    Put first plans and reviews on the therapist's list 7 days ahead, on the day and 7 days late; return how many.

    A task that somebody marked as done or put off, with nothing signed or held, comes back on the next of these days.
    It is the therapist's where the person has one, and every supervisor's from the day it is due.
    """
    zone = ZoneInfo(clinic.time_zone)
    today = civil_date(now, zone)
    due = [(FIRST, row, rules.plan_due(row.admitted_on)) for row in _without_plan(today)[:AT_ONCE]]
    due += [(REVIEW, row, row.due_on) for row in _unheld(today)[:AT_ONCE]]
    about = {row.client_id for _kind, row, _day in due}
    known = set(Task.objects.filter(kind__in=(FIRST, REVIEW), client_id__in=about).values_list("key", "due_at"))
    staff = {user.pk: user for user in staff_now(clinic.pk, Role.THERAPIST)}
    made = 0
    for kind, row, day in due:
        due_at = _due_at(day, today, zone)
        if due_at is None or (tasks.key_about(kind, row), due_at) in known:
            continue
        tasks.owe_about(
            kind=kind, about=row, client=person_of(row), owner=staff.get(row.therapist_id), role=Role.SUPERVISOR,
            due_at=due_at, by=None,
        )  # fmt: skip
        made += 1
    return made


def _due_at(day: date, today: date, zone: ZoneInfo) -> datetime | None:
    """
    Return until when what is due on `day` is to be done, as it is told today; None while it is not told yet.

    Each of the three days has its own instant, so that a task tells on which of them it was made.
    """
    told = rules.told_on(day, today)
    if told is None:
        return None
    if told < day:
        return clocks.day_end(day, zone) - clocks.MINUTE
    return clocks.day_end(told, zone)


def _therapist() -> Subquery:
    rows = CaseloadAssignment.objects.filter(in_force(), client_id=OuterRef("client_id"))
    return Subquery(rows.order_by("starts_at", "pk").values("user_id")[:1])


def _without_plan(today: date) -> QuerySet[Any, Any]:
    """Return the stays whose first plan is not in force, and due within 7 days or late."""
    was_in_force = PlanVersion.objects.filter(plan__episode_id=OuterRef("pk"), activated_at__isnull=False)
    rows = Episode.objects.filter(
        ~Exists(was_in_force), status=Episode.Status.OPEN, admitted_on__lte=today - WITHOUT_PLAN
    )
    found: QuerySet[Any, Any] = rows.select_related(*PERSON).annotate(therapist_id=_therapist())
    return found.order_by("admitted_on", "pk")


def _unheld(today: date) -> QuerySet[Any, Any]:
    """Return the reviews of plans in force that are due within 7 days or late."""
    active = PlanVersion.objects.filter(plan_id=OuterRef("plan_id"), state="active")
    rows = PlanReview.objects.filter(
        Exists(active), held_on=None, due_on__lte=today + AHEAD, plan__episode__status=Episode.Status.OPEN
    )
    found: QuerySet[Any, Any] = rows.select_related(*PERSON).annotate(therapist_id=_therapist())
    return found.order_by("due_on", "pk")

"""Questions for looking back at a plan: how far goals had come, and how blocks of MI stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef

from clients.models import Appointment, Goal, GoalReview, Intervention, PlanReview, PlanVersion
from clients.models.appointments import TOOK_PLACE
from clients.rules import plans as rules
from clients.rules.plan_content import Kind
from clients.rules.plans import Block
from clients.selectors.consents import same_person
from clients.selectors.plan_reading import headline
from clients.selectors.plans import CHANGE, part_of, person_of
from clinics.models import User


def in_force(review: PlanReview, user: User) -> tuple[PlanVersion | None, bool]:
    """Return the version in force, None where none is, and whether `user` may hold the review."""
    may = Exists(PlanVersion.objects.permitted(user, CHANGE).filter(pk=OuterRef("pk")))
    rows = PlanVersion.objects.filter(plan=review.plan).annotate(may_change=may)
    found: Any = rows.filter(state="active").first() or rows.order_by("-number").first()
    if found is None:
        return None, False
    return (found if found.state == "active" else None), found.may_change


def goals_in(version: PlanVersion) -> list[Goal]:
    """Return the goals of a version, in the order of the plan."""
    rows = Goal.objects.filter(plan_version=version)
    return list(rows.order_by("problem__position", "problem_id", "position", "pk"))


def goals_of(review: PlanReview) -> list[GoalReview]:
    """Return how far each goal had come at a look back, in the order of the plan."""
    rows = GoalReview.objects.filter(review=review).select_related("goal")
    return list(rows.order_by("goal__problem__position", "goal__position", "pk"))


@dataclass(frozen=True)
class ShownBlock:
    """A block of MI as a look back shows it."""

    text: str
    block: Block


def blocks_of(version: PlanVersion, review: PlanReview) -> list[ShownBlock]:
    """
    Return how far each block of MI of a version has come.

    Sessions count that took place since the block began. A block that began anew in a later version, with another
    first day, was extended.
    """
    signed = Intervention.objects.filter(
        lineage=OuterRef("lineage"), plan_version__plan_id=review.plan_id, plan_version__activated_at__isnull=False
    )
    rows = Intervention.objects.filter(plan_version=version, modality="mi").select_related("who")
    blocks = list(
        rows.annotate(begun=ArraySubquery(signed.values("starts_on").distinct())).order_by("objective__position", "pk")
    )
    if not blocks:
        return []
    sessions = Appointment.objects.filter(
        client__in=same_person(person_of(review)), kind=Appointment.Kind.TREATMENT, attendance__in=TOOK_PLACE,
        service_on__gte=min(row.starts_on for row in blocks),
    )  # fmt: skip
    days = list(sessions.values_list("service_on", flat=True))
    return [_block(row, days) for row in blocks]


def _block(row: Any, days: Sequence[date]) -> ShownBlock:
    held = sum(row.starts_on <= day and (row.ends_on is None or day <= row.ends_on) for day in days)
    found = rules.block(row.block_sessions, held, extended=len(row.begun) > 1)
    return ShownBlock(headline(part_of(row, Kind.INTERVENTION, "")), found)

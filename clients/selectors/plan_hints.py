"""What the hints about a draft read, which of them were set aside, and what a part of a draft may name."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Concat

from clients.models import (
    Assessment,
    ChangeTarget,
    Client,
    Goal,
    LintDismissal,
    MeasureResponse,
    PlanReview,
    PlanVersion,
    Strength,
)
from clients.models.people import person_of
from clients.models.plans import PlanPart
from clients.rules import plan_lint, plans
from clients.rules.plan_content import UNDER, Kind
from clients.rules.plan_lint import Around, Hint
from clients.selectors.motivation import standing, with_standing
from clients.selectors.plans import MODELS, Said, rows_of, said_of
from clinics.models import User
from clinics.roles import Role
from clinics.selectors.staff import staff_now

OFFERED = 30


@dataclass(frozen=True)
class Checked:
    """
    A draft as it is looked over before it is signed.

    open, aside   hints to look at, and how many were set aside
    gaps          what keeps it from being signed, as sentences
    """

    said: Said
    open: list[Hint]
    aside: int
    gaps: list[str]


def checked(version: PlanVersion, today: date) -> Checked:
    """Return a draft with its hints."""
    goals = Goal.objects.filter(plan_version=version).order_by("position", "pk")
    standings = Prefetch("target", queryset=with_standing(ChangeTarget.objects.all()))
    said = said_of(version, {Kind.GOAL: goals.prefetch_related(standings)})
    targets = [node.row.target for node in said.goals if node.row.target is not None]
    aside, review_on, was_in_force, strengths = _around(version)
    if review_on is None and not was_in_force:
        review_on = plans.first_review(version.starts_on or today)
    around = Around(
        today, version.starts_on, review_on,
        {str(target.public_id): standing(target).working.value for target in targets}, strengths,
    )  # fmt: skip
    found = plan_lint.hints(said.parts, around)
    left = [hint for hint in found if f"{hint.code}:{hint.lineage}" not in aside]
    return Checked(said, left, len(found) - len(left), plans.gaps(said.parts))


def _around(version: PlanVersion) -> tuple[set[str], date | None, bool, int]:
    """Return which hints were set aside, the look back that is due, whether one was in force, and known strengths."""
    set_aside = LintDismissal.objects.filter(plan_version_id=OuterRef("pk"))
    due = PlanReview.objects.filter(plan_id=OuterRef("plan_id"), held_on=None)
    before = PlanVersion.objects.filter(plan_id=OuterRef("plan_id"), activated_at__isnull=False)
    about = Concat("code", Value(":"), "lineage", output_field=CharField())
    known = Strength.objects.filter(
        client__in=person_of(version).records, ended_at=None, kind__in=("strength", "success")
    )
    aside, review_on, was_in_force, strengths = PlanVersion.objects.filter(pk=version.pk).values_list(
        ArraySubquery(set_aside.values(about=about)), Subquery(due.values("due_on")[:1]), Exists(before),
        ArraySubquery(known.values("pk")),
    ).get()  # fmt: skip
    return set(aside), review_on, was_in_force, len(strengths)


# --- what a part may name -------------------------------------------------------------------------------------------


def kind_of_part(public_id: str) -> Kind | None:
    """Return what the part with this public id is; None where there is none, or the id has the wrong form."""
    try:
        key = UUID(public_id)
    except ValueError:
        return None
    asked = [
        model.objects.filter(public_id=key).order_by().values_list(Value(kind.value, output_field=CharField()))
        for kind, model in MODELS.items()
    ]
    found = next(iter(asked[0].union(*asked[1:], all=True)), None)
    return Kind(found[0]) if found is not None else None


def parents_of(version: PlanVersion, kind: Kind) -> list[PlanPart]:
    """Return the parts that a part of this kind may stand under, in reading order."""
    above = UNDER.get(kind)
    return list(rows_of(version, above)) if above is not None else []


def assessments_of(client: Client, chosen: Assessment | None) -> QuerySet[Assessment, Assessment]:
    """Return the signed assessments of a person, the newest first, and the one that is chosen."""
    signed = Q(client__in=client.records, state=Assessment.State.SIGNED)
    rows = Assessment.objects.filter(signed | Q(pk=chosen.pk if chosen is not None else None))
    found: QuerySet[Assessment, Assessment] = rows.order_by("-signed_at")[:OFFERED]
    return found


def responses_of(client: Client, chosen: MeasureResponse | None) -> QuerySet[MeasureResponse, MeasureResponse]:
    """Return a person's answers to measures, the newest first, and those that are chosen."""
    stand = Q(client__in=client.records, undone_at=None)
    rows = MeasureResponse.objects.filter(stand | Q(pk=chosen.pk if chosen is not None else None))
    found: QuerySet[Any, Any] = rows.select_related("instrument").order_by("-taken_on", "-pk")[:OFFERED]
    return found


def targets_of(client: Client, chosen: ChangeTarget | None) -> QuerySet[ChangeTarget, ChangeTarget]:
    """Return what a person wants to change and has not set aside, and the one that is chosen."""
    active = Q(client__in=client.records, is_active=True)
    rows = ChangeTarget.objects.filter(active | Q(pk=chosen.pk if chosen is not None else None))
    found: QuerySet[ChangeTarget, ChangeTarget] = rows.order_by("pk")
    return found


def staff_of(version: PlanVersion, chosen: User | None) -> list[User]:
    """Return who may do what a plan says, and the one that is chosen."""
    found = list(staff_now(version.clinic_id, Role.THERAPIST, Role.SUPERVISOR))
    return found if chosen is None or chosen in found else [*found, chosen]

"""Questions for looking back at a plan: how far goals had come."""

from typing import Any

from django.db.models import Exists, OuterRef

from clients.models import Goal, GoalReview, PlanReview, PlanVersion
from clients.selectors.plans import CHANGE
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

"""Pages that are printed: what each shows, who may see it, and the PDFs of them that somebody asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from clients.models import Exercise, PlanVersion, Printout, RelapsePlan, SafetyPlan
from clients.rules import plans as plan_rules
from clients.rules import relapse as relapse_rules
from clients.selectors import exercises, motivation, plan_reading, plans, relapse, safety_plans
from clinics.models import Job, User
from clinics.tenancy import ClinicOwned

KEPT: Final = timedelta(hours=24)
Context = dict[str, Any]


def plan_page(version: PlanVersion) -> Context:
    """Return what a version shows as the person's own copy."""
    return {
        "clinic": version.clinic,
        "version": version,
        "state": plan_rules.STATE_LABELS[version.state],
        "problems": plan_reading.shown(plans.said_of(version), own_copy=True),
    }


def exercise_page(exercise: Exercise) -> Context:
    """Return what an exercise shows as the person's own copy."""
    return {
        "clinic": exercise.clinic,
        "exercise": exercise,
        "pieces": exercises.shown(exercise),
        "day": timezone.localtime(exercise.made_at),
    }


def relapse_plan_page(plan: RelapsePlan) -> Context:
    """Return what a plan for return to use shows as the person's own copy."""
    said = relapse.said(plan)
    return {
        "clinic": plan.clinic,
        "plan": plan,
        "said": said,
        "triggers": [(one, said.helped(one)) for one in said.by_priority],
        "first": [(label, said.first[code]) for code, label in relapse_rules.FIRST if said.first[code]],
        "day": timezone.localtime(plan.made_at),
    }


def safety_plan_page(plan: SafetyPlan) -> Context:
    """Return what a safety plan shows as the person's own copy."""
    return {
        "clinic": plan.clinic,
        "plan": plan,
        "parts": safety_plans.shown(plan),
        "day": timezone.localtime(plan.made_at),
    }


@dataclass(frozen=True)
class Page:
    """
    A page that is printed.

    model    whose rows it shows, one at a time
    right    who sees it: those who hold this right on the row
    where    what else a row must be, to be printed at all
    related  foreign keys that are read with the row
    route    the address of the page
    """

    model: type[ClinicOwned]
    right: str
    template: str
    route: str
    context: Callable[[Any], Context]
    where: Mapping[str, Any] = field(default_factory=dict)
    related: tuple[str, ...] = ()


PAGES: Final[Mapping[str, Page]] = {
    Printout.Kind.PLAN: Page(PlanVersion, plans.VIEW, "clients/plan_print.html", "plan_print", plan_page),
    Printout.Kind.EXERCISE: Page(
        Exercise, motivation.VIEW, "clients/exercise_print.html", "exercise_print", exercise_page,
        where={"is_private": False}, related=("target",),
    ),
    Printout.Kind.RELAPSE_PLAN: Page(
        RelapsePlan, relapse.VIEW, "clients/relapse_plan_print.html", "relapse_plan_print", relapse_plan_page
    ),
    Printout.Kind.SAFETY_PLAN: Page(
        SafetyPlan, safety_plans.VIEW, "clients/safety_plan_print.html", "safety_plan_print", safety_plan_page
    ),
}  # fmt: skip


def printed_row(printout: Printout, user: User) -> Any:
    """Return the row that a printout shows, or None where this person may not print it now."""
    page = PAGES[printout.kind]
    rows = page.model.objects.permitted(user, page.right)
    return rows.filter(public_id=printout.of, **page.where).select_related("clinic", "client", *page.related).first()


def asked_by(user: User) -> QuerySet[Printout, Printout]:
    """Return the printouts that a person asked for and that are still kept, with how their jobs stand."""
    rows: QuerySet[Printout, Printout] = Printout.objects.filter(asked_by=user, asked_at__gt=Now() - KEPT)
    return rows.select_related("job").defer("body")


def newest(kind: Printout.Kind, row: Any, user: User) -> Printout | None:
    """Return the printout of a row that a person asked for last."""
    return asked_by(user).filter(kind=kind, of=row.public_id).order_by("-pk").first()


def standing(printout: Printout | None) -> str:
    """Return how a printout stands: ready, failed or waiting; empty where there is none."""
    if printout is None:
        return ""
    if printout.ready_at is not None:
        return "ready"
    return "failed" if printout.job.state == Job.State.DEAD else "waiting"

"""Treatment plans for the tests: a thread in a draft, signed by everybody, as the services make it."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from clients.models import ChangeTarget, Client, Episode, PlanReview, PlanVersion, TreatmentPlan
from clients.rules.plan_content import Kind
from clients.services import plan_parts, plan_signing, plans
from tests.clients.people import in_care, today
from tests.world import Side

WORDS: dict[Kind, dict[str, Any]] = {
    Kind.PROBLEM: {
        "text": "Drinks most evenings", "client_words": "It has got too much", "evidence": "statement", "priority": 1
    },
    Kind.GOAL: {
        "text": "Evenings without drinking", "client_words": "I want my evenings back", "proposed_by": "client",
        "value_link": "Reading to her son",
    },
    Kind.OBJECTIVE: {
        "text": "Four evenings a week without drinking", "metric": "Evenings", "baseline": Decimal(1),
        "target_value": Decimal(4), "unit": "a week", "achievable": True, "relevance": "They read then",
    },
    Kind.INTERVENTION: {"modality": "mi", "does": "evoke", "times": 1, "per": "week", "minutes": 50},
}  # fmt: skip


def values(side: Side, kind: Kind, **other: Any) -> dict[str, Any]:
    """Return what a part of this kind may say, some of it changed."""
    days: dict[str, Any] = {
        "by_on": today(side) + timedelta(days=60) if kind is Kind.OBJECTIVE else None,
        "starts_on": today(side) if kind is Kind.INTERVENTION else None,
    }
    return {**WORDS[kind], **{name: day for name, day in days.items() if day}, **other}


def drafted(side: Side, client: Client) -> PlanVersion:
    """Return the draft of a person's first plan, with nothing in it."""
    plan = plans.open_plan(episode=Episode.objects.get(client=client), by=side.therapist)
    version: PlanVersion = plan.versions.select_related("plan__episode", "client", "author").get()
    return version


def add(side: Side, version: PlanVersion, kind: Kind, under: Any = None, **other: Any) -> Any:
    """Add a part to a draft."""
    return plan_parts.add_part(
        version=version, kind=kind, under=under, values=values(side, kind, **other), by=side.therapist,
        now=timezone.now(),
    )  # fmt: skip


def threaded(side: Side, version: PlanVersion, *, target: ChangeTarget | None = None) -> dict[Kind, Any]:
    """Add one whole thread to a draft; return its parts."""
    made: dict[Kind, Any] = {}
    under = None
    for kind in Kind:
        under = made[kind] = add(side, version, kind, under, **({"target": target} if kind is Kind.GOAL else {}))
    return made


def fresh(version: PlanVersion) -> PlanVersion:
    """Return a version as it is stored now."""
    rows = PlanVersion.objects.select_related("plan__episode", "client", "author")
    found: PlanVersion = rows.get(pk=version.pk)
    return found


def written(side: Side, name: str = "Noor Rivers") -> PlanVersion:
    """Return the draft of a plan with one whole thread, of a new person in care with something to change."""
    client = in_care(side, name)
    target = ChangeTarget.objects.create(clinic=side.clinic, client=client, goal="Drink less")
    version = drafted(side, client)
    threaded(side, version, target=target)
    return fresh(version)


def author_signs(side: Side, version: PlanVersion, *, needs_cosign: bool = False, **other: Any) -> PlanVersion:
    """Sign a draft as its author; return it as it waits."""
    how: dict[str, Any] = {"starts_on": None, "by": side.therapist, "now": timezone.now(), **other}
    plan_signing.sign_as_author(version=version, seen=fresh(version).version, needs_cosign=needs_cosign, **how)
    return fresh(version)


def person_signs(side: Side, version: PlanVersion, **other: Any) -> PlanVersion:
    """Sign a waiting version for the person; return it."""
    how: dict[str, Any] = {
        "content_hash": version.content_hash, "capacity": "client", "printed_name": "Noor Rivers", "method": "device",
        "by": side.therapist, "now": timezone.now(), **other,
    }  # fmt: skip
    plan_signing.sign_for_person(version=version, **how)
    return fresh(version)


def in_force(side: Side, name: str = "Noor Rivers") -> PlanVersion:
    """Return a version in force, of a new person in care."""
    return person_signs(side, author_signs(side, written(side, name)))


def review_of(plan: TreatmentPlan) -> PlanReview:
    """Return the look back that is due."""
    found: PlanReview = plan.reviews.select_related("plan__episode", "client").get(held_on=None)
    return found


def later(days: int) -> datetime:
    """Return now, so many days on."""
    return timezone.now() + timedelta(days=days)


def day(side: Side, days: int = 0) -> date:
    """Return the clinic's day, so many days on."""
    return today(side) + timedelta(days=days)

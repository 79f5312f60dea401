"""Questions about plans for safety: a person's newest, the older ones, what stands in one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from clients.models import Client, SafetyPlan
from clients.rules import safety_plan as rules

VIEW, WRITE = "clinics.view_plan", "clinics.resolve_safety"
Parts = dict[str, list[str]]


@dataclass(frozen=True)
class ShownPart:
    """One part of a plan, with its lines."""

    part: rules.Part
    lines: Sequence[str]


def of_person(client: Client) -> QuerySet[SafetyPlan, SafetyPlan]:
    """Return every revision of a person's plan, the newest first."""
    rows: QuerySet[SafetyPlan, SafetyPlan] = SafetyPlan.objects.filter(client_id__in=client.record_keys)
    return rows.select_related("made_by").order_by("-revision", "-pk")


def newest(client: Client) -> SafetyPlan | None:
    """Return the plan that holds now, or None."""
    found: SafetyPlan | None = of_person(client).first()
    return found


def parts_of(plan: SafetyPlan) -> Parts:
    """Return what stands in a plan, every part in order."""
    stored = json.loads(plan.parts)
    return {code: list(stored.get(code, ())) for code in rules.CODES}


def shown(plan: SafetyPlan) -> list[ShownPart]:
    """Return a plan as it is read."""
    stored = parts_of(plan)
    return [ShownPart(part, stored[part.code]) for part in rules.PARTS]

"""Exercises worked out with a person: each writing is a whole new revision, and what was written before stands."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from clients.models import ChangeTarget, Client, Exercise
from clients.rules import exercises as rules
from clients.rules.clock import civil_date
from clients.rules.exercises import Kind, Wrong
from clients.selectors import exercises as selectors
from clients.selectors.motivation import find_standing
from clients.services.revisions import next_number
from clients.services.targets import SetAside
from clinics import audit
from clinics.models import User


@transaction.atomic
def write(
    *,
    client: Client,
    kind: Kind,
    target: ChangeTarget | None,
    seen: int,
    content: Mapping[str, Any],
    by: User,
    now: datetime,
    purpose: str = "",
    meant: bool = False,
    is_private: bool = False,
    signed_on: date | None = None,
) -> Exercise:
    """
    Write an exercise with a person: a new revision, whole.

    target       the goal it is about; None for values
    seen         the revision that was read before, 0 where there was none
    content      by part and field of `rules.SHAPES`
    purpose      of weighing both sides
    meant        somebody confirmed that a neutral choice is intended
    is_private   the person keeps it off what is printed
    signed_on    the day on which they signed their plan for change
    :raises Newer: somebody wrote one in the meantime
    :raises SetAside: the goal is set aside
    :raises Wrong: it cannot be kept, or both sides are not weighed like this now
    """
    kept = rules.checked(kind, content)
    if (target is None) is not (kind is Kind.VALUES):
        raise Wrong("", "Values are the person's whatever they change; the other exercises are about one goal.")
    if (purpose != "") is not (kind is Kind.BALANCE):
        raise Wrong("purpose", "Choose what weighing both sides is for.")
    if signed_on is not None and kind is not Kind.CHANGE_PLAN:
        raise Wrong("signed_on", "Only a plan for change is signed.")
    number = next_number(client, seen, lambda: selectors.newest(client, kind, target))
    if target is not None:
        held: ChangeTarget = ChangeTarget.objects.select_for_update(of=("self",)).get(pk=target.pk)
        if not held.is_active:
            raise SetAside
    if signed_on is not None and signed_on > civil_date(now, ZoneInfo(client.clinic.time_zone)):
        raise Wrong("signed_on", "This day is still to come.")
    suggested = find_standing(target).suggested.intensity if target is not None else None
    if kind is Kind.BALANCE and suggested is not None:
        refusal = rules.refused(suggested, purpose, meant=meant)
        if refusal is not None:
            raise refusal
    exercise = Exercise(
        clinic_id=client.clinic_id, client_id=target.client_id if target is not None else client.pk, target=target,
        kind=kind.value, revision=number,
        content=json.dumps(kept, ensure_ascii=False), purpose=purpose, suggested=suggested.value if suggested else "",
        is_private=is_private, signed_on=signed_on, made_by=by,
    )  # fmt: skip
    exercise.save()
    audit.record(
        "exercise.written", exercise, by=by,
        detail={"kind": kind.value, "revision": exercise.revision, "purpose": purpose, "suggested": exercise.suggested,
                "neutral_confirmed": meant, "is_private": is_private},
    )  # fmt: skip
    return exercise


def printed(*, exercise: Exercise, by: User) -> None:
    """Record that an exercise was shown as the person's own copy, to be printed and handed to them."""
    audit.record(
        "exercise.printed", exercise, by=by, purpose="own_copy",
        detail={"kind": exercise.kind, "revision": exercise.revision},
    )  # fmt: skip

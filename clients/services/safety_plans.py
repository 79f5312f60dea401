"""Plans for safety: each writing is a whole new revision, and what was written before stands."""

import json

from django.db import transaction

from clients.models import Client, SafetyPlan
from clients.rules import safety_plan as rules
from clients.selectors import safety_plans as selectors
from clients.services.revisions import next_number
from clinics import audit
from clinics.models import User


@transaction.atomic
def write(*, client: Client, seen: int, parts: rules.Parts, copy_given: bool, by: User) -> SafetyPlan:
    """
    Write a plan with a person: a new revision, whole.

    seen         the revision that was read before, 0 where there was none
    parts        code of `rules.PARTS` to its lines; a part that is not named is empty
    copy_given   the person has it in their hands
    :raises Newer: somebody wrote one in the meantime
    :raises Wrong: nothing of their own is written, or a part is too long
    """
    kept = rules.checked(parts)
    number = next_number(client, seen, lambda: selectors.newest(client))
    plan = SafetyPlan(
        clinic=client.clinic, client=client, revision=number,
        parts=json.dumps(kept, ensure_ascii=False), copy_given=copy_given, made_by=by,
    )  # fmt: skip
    plan.save()
    audit.record(
        "safety_plan.written", plan, by=by,
        detail={"revision": plan.revision, "complete": rules.complete(kept), "copy_given": copy_given},
    )  # fmt: skip
    return plan


def printed(*, plan: SafetyPlan, by: User) -> None:
    """Record that a plan was shown as the person's own copy, to be printed and handed to them."""
    audit.record("safety_plan.printed", plan, by=by, purpose="own_copy", detail={"revision": plan.revision})

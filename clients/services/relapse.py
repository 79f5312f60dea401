"""Plans for return to use: each writing is a whole new revision, and what was written before stands."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from clients.models import Client, RelapsePlan
from clients.rules import relapse as rules
from clients.rules.clock import civil_date
from clients.rules.relapse import Wrong
from clients.selectors import relapse as selectors
from clients.services.revisions import next_number
from clinics import audit
from clinics.models import User


@transaction.atomic
def write(
    *, client: Client, seen: int, parts: Mapping[str, Any], copy_given: bool, by: User, now: datetime
) -> RelapsePlan:
    """
    Write a plan with a person: a new revision, whole.

    seen         the revision that was read before, 0 where there was none
    parts        as `rules.checked` reads them
    copy_given   the person has it in their hands
    :raises Newer: somebody wrote one in the meantime
    :raises Wrong: something cannot be, nothing is written, or a person would be called under no consent
    """
    kept = rules.checked(parts, civil_date(now, ZoneInfo(client.clinic.time_zone)))
    number = next_number(client, seen, lambda: selectors.newest(client))
    _require_consents(client, parts, now)
    plan = RelapsePlan(
        clinic=client.clinic, client=client, revision=number,
        parts=json.dumps(kept, ensure_ascii=False), complete=rules.read(kept).complete, copy_given=copy_given,
        made_by=by,
    )  # fmt: skip
    plan.save()
    audit.record(
        "relapse_plan.written", plan, by=by,
        detail={"revision": plan.revision, "complete": plan.complete, "copy_given": copy_given},
    )  # fmt: skip
    return plan


def printed(*, plan: RelapsePlan, by: User) -> None:
    """Record that a plan was shown as the person's own copy, to be printed and handed to them."""
    audit.record("relapse_plan.printed", plan, by=by, purpose="own_copy", detail={"revision": plan.revision})


def _require_consents(client: Client, parts: Mapping[str, Any], now: datetime) -> None:
    """Refuse to mark somebody as one who may be called, unless a consent in force names them."""
    asked = [(place, row) for place, row in enumerate(parts.get("supports") or ()) if row.get("consent")]
    if not asked:
        return
    in_force = {str(one.public_id): one for one in selectors.to_call_under(client, now)}
    for place, row in asked:
        consent = in_force.get(str(row["consent"]))
        if consent is None:
            raise Wrong(f"supports.{place}.consent", "This consent is not in force. Choose one that is, or none.")
        if not selectors.names_them(consent, str(row.get("name") or "")):
            raise Wrong(
                f"supports.{place}.consent",
                "This consent names somebody else. Write the name as it stands there, or choose none.",
            )

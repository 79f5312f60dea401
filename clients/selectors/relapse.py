"""Questions about plans for return to use: a person's newest, the older ones, and who of those named may be called."""

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from clients.models import Client, Consent, RelapsePlan
from clients.rules import relapse as rules
from clients.rules.consent_terms import Kind, State
from clients.rules.consents import Recipient, covers_recipient
from clients.selectors.consents import document_of, state_of

VIEW, CHANGE = "clinics.view_plan", "clinics.change_plan"
# Kinds of consent under which somebody close to a person may be called.
CALLING: Final = (Kind.FAMILY_CONTACT, Kind.SPECIFIC)


@dataclass(frozen=True)
class ShownSupport:
    """
    Somebody who helps, and whether the clinic may call them at this moment.

    may_call   a consent that names them is in force
    was_told   it was agreed once, and that consent is no longer in force or names somebody else
    """

    support: rules.Support
    may_call: bool
    was_told: bool


def of_person(client: Client) -> QuerySet[RelapsePlan, RelapsePlan]:
    """Return every revision of a person's plan, the newest first."""
    rows: QuerySet[RelapsePlan, RelapsePlan] = RelapsePlan.objects.filter(client_id__in=client.record_keys)
    return rows.select_related("made_by").order_by("-revision", "-pk")


def newest(client: Client) -> RelapsePlan | None:
    """Return the plan that holds now, or None."""
    found: RelapsePlan | None = of_person(client).first()
    return found


def parts_of(plan: RelapsePlan) -> dict[str, Any]:
    """Return what is kept of a plan."""
    stored: dict[str, Any] = json.loads(plan.parts)
    return stored


def said(plan: RelapsePlan) -> rules.Plan:
    """Return a plan as it is read."""
    return rules.read(parts_of(plan))


def to_call_under(client: Client, now: datetime) -> list[Consent]:
    """Return the consents in force under which somebody close to a person may be called, the newest first."""
    rows = Consent.objects.filter(client__in=client.records, state=Consent.State.ACTIVE, kind__in=CALLING)
    return [one for one in _with_clinic(rows.order_by("-id"), client) if state_of(one, now) is State.ACTIVE]


def names_them(consent: Consent, name: str) -> bool:
    """Tell whether a consent names somebody as who may be told."""
    return covers_recipient(document_of(consent), Recipient(name))


def supports_of(plan: rules.Plan, client: Client, now: datetime) -> list[ShownSupport]:
    """Return who helps, and whether each may be called at this moment; asks nothing where no consent is noted."""
    noted = {key for one in plan.supports if (key := _key(one.consent)) is not None}
    known: Mapping[uuid.UUID, Consent] = {}
    if noted:
        rows = Consent.objects.filter(client__in=client.records, public_id__in=noted, kind__in=CALLING)
        known = {one.public_id: one for one in _with_clinic(rows, client)}
    found = []
    for one in plan.supports:
        consent = known.get(_key(one.consent) or uuid.UUID(int=0))
        may = consent is not None and state_of(consent, now) is State.ACTIVE and names_them(consent, one.name)
        found.append(ShownSupport(one, may, bool(one.consent) and not may))
    return found


def _with_clinic(rows: QuerySet[Consent, Consent], client: Client) -> Iterable[Consent]:
    for consent in rows.select_related("client"):
        consent.clinic = client.clinic
        yield consent


def _key(said_id: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(said_id)
    except ValueError:
        return None

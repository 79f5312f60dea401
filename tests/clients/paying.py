"""Ways of paying, answers and authorizations as they are made in tests."""

from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from clients.models import Authorisation, Client, Consent, Coverage
from clients.rules import clock
from clients.rules.consent_terms import Kind, RecipientClass
from clients.rules.payers import Agreed, Answer, Cover
from clients.services import authorisations, payers, people
from clients.services.authorisations import Terms
from tests.clients.calendar import ZONE
from tests.clients.consenting import signed
from tests.world import Side

PAYER = "Blue Plan"
MEMBER_ID = "XK-4471"
COVER = Cover(rank=1, plan_type="1", payment="2", payer=PAYER, member_id=MEMBER_ID, subscriber_relation="self")
ANSWER = Answer("phone", "active", reference="call 88", copay=Decimal("20.50"), authorisation_required=True)
# What a payer authorized runs out by the clock on the wall, which pages and the watch go by.
TODAY = clock.civil_date(timezone.now(), ZONE)
NOW = clock.instant(TODAY, time(12), ZONE)
AGREED = Agreed(TODAY, TODAY + timedelta(days=90), units=12)


def covered(side: Side, client: Client | None = None, **other: Any) -> Coverage:
    """Return a way of paying of the side's person, or of another. Call inside the clinic's scope."""
    client = client or side.client
    client.clinic = side.clinic
    return payers.add_coverage(client=client, cover=replace(COVER, **other), by=side.coordinator, now=NOW)


def authorised(side: Side, coverage: Coverage, *, number: str = "A-17", **other: Any) -> Authorisation:
    """Return what the payer of a cover authorized. Call inside the clinic's scope."""
    terms = Terms(replace(AGREED, **other), number)
    return authorisations.add_authorisation(coverage=coverage, terms=terms, by=side.coordinator, now=NOW)


def asking(side: Side) -> Client:
    """Return a second record of the same name, not in care. Call inside the clinic's scope."""
    client = people.record_client(clinic=side.clinic, legal_name="Jordan Marsh", by=side.coordinator, now=NOW)
    client.clinic = side.clinic
    return client


def may_ask(side: Side, **other: Any) -> Consent:
    """Return a consent of the side's person that covers every payer."""
    given = {
        "categories": ("identity", "contact", "payer"),
        "recipient_classes": (RecipientClass.PLANS_AND_PAYERS.value,),
    }
    return signed(side, Kind.TPO_SINGLE, **{**given, **other})


def day(days: int) -> date:
    """Return the day so many days from the tests' today."""
    return TODAY + timedelta(days=days)

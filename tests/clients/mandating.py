"""Mandates as they are made in tests, with the consent for their reports; appointments, and what a report told."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from clients import disclosure as way_out
from clients.models import Appointment, Consent, Mandate, MandateReport
from clients.rules.consent_terms import Kind
from clients.services import consents, mandates
from clients.services.mandates import Telling, Terms
from tests.clients.consenting import AHEAD, signed
from tests.world import NOW, Side

BODY, OFFICER = "County drug court", "Officer Lane"
COURT = Terms(
    "court", body=BODY, officer=OFFICER, docket="24-CR-118", reporting="monthly", client_view="I want my kids"
)
PERIOD = Telling(date(2026, 10, 1), date(2026, 11, 19), participating=True, completed=False)


def consented(side: Side, **other: Any) -> Consent:
    """Return a consent for reports to the court, signed and in force."""
    return signed(side, Kind.CRIMINAL_JUSTICE, **{"named_body": BODY, "recipients": OFFICER, **other})


def mandated(side: Side, terms: Terms = COURT, **other: Any) -> Mandate:
    """Return a mandate of the side's person."""
    return mandates.add(client=side.client, terms=replace(terms, **other), by=side.coordinator, now=NOW)


def told(side: Side, mandate: Mandate, telling: Telling = PERIOD, **other: Any) -> tuple[MandateReport, dict[str, Any]]:
    """Return a report that was made on a mandate, and what its package holds."""
    made, job = mandates.report(mandate=mandate, telling=telling, **{"by": side.therapist, "now": NOW, **other})
    packed = way_out.pack(public_id=job.args["package"], now=NOW)
    assert packed is not None
    return made, way_out.content_of(packed)


def came(side: Side, code: str, days: int, **other: Any) -> Appointment:
    """Return an appointment of the side's person so many days ago, and what came of it."""
    at = NOW - timedelta(days=days)
    found: Appointment = Appointment.objects.create(
        **{
            "clinic": side.clinic, "client": side.client, "episode": side.episode, "therapist": side.therapist,
            "starts_at": at, "service_on": at.date(), "attendance": code, **other,
        }
    )  # fmt: skip
    return found


COURT_CONSENT = consents.Terms(
    Kind.CRIMINAL_JUSTICE, categories=("attendance",), last_day=AHEAD,
    revocable_from=NOW.date() + timedelta(days=30),
)  # fmt: skip


def reportable(side: Side) -> Mandate:
    """Return a mandate with a consent in force. Call inside the clinic's scope."""
    consent = signed(side, Kind.CRIMINAL_JUSTICE, at=timezone.now(), named_body=BODY, recipients=OFFICER,
                     categories=("identity", "attendance"))  # fmt: skip
    terms = Terms("court", body=BODY, officer=OFFICER, docket="24-CR-118", consent=consent, reporting="weekly")
    return mandates.add(client=side.client, terms=terms, by=side.therapist, now=timezone.now())

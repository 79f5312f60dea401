"""An inquiry at each step of the way to an admission, for the tests of this folder. Call inside a clinic's scope."""

from datetime import date, datetime, time, timedelta
from typing import Any

from clients.models import (
    Admission,
    AdmissionDecision,
    Appointment,
    Assessment,
    Consent,
    Inquiry,
    WaitlistEntry,
)
from clients.rules import assessment as rules
from clients.rules.consent_terms import Kind
from clients.services import admission, assessments, consents, inquiries
from clients.services.inquiries import Caller, Need, Person
from clients.services.referrals import Referral
from clinics.models import Program
from tests.world import NOW, Side

ANSWERS = {
    "client_type": 1, "transaction": 1, "service_setting": 7, "prior_episodes": 2, "source": 1, "sex": 2, "race": 5,
    "ethnicity": 4, "education": 3, "employment": 1, "substance_1": 2, "route_1": 1, "frequency_1": 3,
    "first_use_1": 15, "opioid_medication": 2,
}  # fmt: skip
WHOLE = rules.Assessment(
    sections={one.key: f"{one.title}, said at length." for one in rules.SECTIONS if one.needed},
    substances=(rules.Substance(2, route=1, frequency=3, first_use=15, last_use="today"),),
    ratings={key: 1 for key, _label in rules.AREAS},
    rationales={key: "Asked and listened." for key, _label in rules.AREAS},
    level="outpatient",
    level_reasons="Works days, safe at home.",
)


def screened(side: Side, name: str = "Robin Vale", born_on: date | None = date(1990, 5, 6), **need: Any) -> Inquiry:
    """Return an inquiry of somebody who came in, told what brings them, and was screened."""
    said = {
        "words": "I want my mornings back.", "own_reasons": "My daughter asked me.", "substances": ("alcohol",),
        "last_use": "this_week", "readiness": 6, "safety_answer": "no", **need,
    }  # fmt: skip
    inquiry = inquiries.open_inquiry(
        clinic=side.clinic, channel="walk_in",
        caller=Caller(relation="self", name=name, phone="312 555 0177", unsafe_at_home="no"),
        person=Person(legal_name=name, born_on=born_on), need=Need(**said), referral=Referral(source="1"),
        by=side.coordinator, now=NOW,
    )  # fmt: skip
    return inquiries.move_inquiry(inquiry=inquiry, to="screened", by=side.coordinator, now=NOW)


def booked(side: Side, inquiry: Inquiry | None = None, **changes: Any) -> Inquiry:
    """Return an inquiry whose assessment is booked with the therapist for tomorrow."""
    inquiry = inquiry or screened(side)
    choice = {
        "therapist": side.therapist, "start_on": NOW.date() + timedelta(days=1), "start_time": time(10),
        "duration_min": 60, "beside": True, "by": side.coordinator, "now": NOW, **changes,
    }  # fmt: skip
    assessments.book_assessment(inquiry=inquiry, **choice)
    return fresh(inquiry)


def visit(inquiry: Inquiry) -> Appointment:
    """Return the newest assessment appointment."""
    return Appointment.objects.filter(inquiry=inquiry).order_by("-pk")[0]


def drafted(side: Side, inquiry: Inquiry | None = None, content: rules.Assessment = WHOLE) -> Assessment:
    """Return the draft of an assessment that the therapist wrote."""
    draft = assessments.open_assessment(inquiry=inquiry or booked(side), by=side.therapist)
    return assessments.save_assessment(assessment=draft, version=draft.version, content=content, by=side.therapist)


def assessed(side: Side, inquiry: Inquiry | None = None) -> Inquiry:
    """Return an inquiry whose assessment is signed."""
    draft = drafted(side, inquiry)
    signed = assessments.sign_assessment(assessment=draft, version=draft.version, by=side.therapist, now=NOW)
    return fresh(signed.inquiry)


def accepted(side: Side, inquiry: Inquiry | None = None) -> Inquiry:
    """Return an inquiry that a clinician accepted."""
    return fresh(decided(side, inquiry).inquiry)


def decided(side: Side, inquiry: Inquiry | None = None, outcome: str = "accepted", **more: Any) -> AdmissionDecision:
    """Return a decision by the therapist."""
    if outcome == "accepted":
        more = {"level_of_care": "outpatient", "program": program(side), **more}
    return admission.decide(
        inquiry=inquiry or assessed(side), outcome=outcome, reason="Fits what they want.", by=side.therapist, now=NOW,
        **more,
    )  # fmt: skip


def waiting(side: Side, inquiry: Inquiry | None = None, **why: Any) -> WaitlistEntry:
    """Return a place on the waiting list."""
    return admission.put_on_list(
        inquiry=inquiry or accepted(side), pregnant=why.get("pregnant"), injects=why.get("injects"),
        by=side.coordinator, now=why.get("now", NOW),
    )  # fmt: skip


def ready(side: Side, inquiry: Inquiry | None = None, *, signer: str = "self") -> Inquiry:
    """Return an accepted inquiry with the notice given and the consent to treatment signed."""
    inquiry = inquiry or accepted(side)
    assert inquiry.client is not None
    consents.give_notice(client=inquiry.client, answer="signed", by=side.coordinator)
    consent(side, inquiry, signer=signer)
    return inquiry


def consent(side: Side, inquiry: Inquiry, last_day: date | None = None, *, signer: str = "self") -> Consent:
    """Return a consent to treatment that the person, or who may for them, signed."""
    assert inquiry.client is not None
    inquiry.client.clinic = side.clinic
    terms = consents.Terms(
        kind=Kind.TREATMENT, description="Counseling here.", last_day=last_day, open_ended=not last_day
    )
    made = consents.draft_consent(client=inquiry.client, terms=terms, by=side.coordinator)
    return consents.sign_consent(
        consent=made, version=made.version, signer=signer, signed_name="Robin Vale", by=side.coordinator,
        authority="" if signer == "self" else "Parent with custody", now=NOW - timedelta(days=30),
    )  # fmt: skip


def plan(side: Side, **changes: Any) -> admission.Plan:
    """Return what is chosen for an admission."""
    chosen: dict[str, Any] = {
        "program": program(side), "therapist": side.therapist, "start_on": NOW.date() + timedelta(days=7),
        "start_time": time(9), "beside": True, "identity_check": "photo_id", "answers": ANSWERS, **changes,
    }  # fmt: skip
    return admission.Plan(**chosen)


def admitted(side: Side, inquiry: Inquiry | None = None, *, now: datetime | None = None, **changes: Any) -> Admission:
    """Return an admission by the coordinator with every guard held."""
    return admission.admit(
        inquiry=inquiry or ready(side), plan=plan(side, **changes), by=side.coordinator, now=now or NOW
    )


def program(side: Side) -> Program:
    """Return a program of the clinic."""
    found = Program.objects.filter(clinic=side.clinic, is_active=True).order_by("pk").first()
    assert found is not None
    return found


def fresh(inquiry: Inquiry) -> Inquiry:
    """Return an inquiry as it stands now."""
    return Inquiry.objects.select_related("client", "clinic").get(pk=inquiry.pk)

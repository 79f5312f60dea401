"""The world's rows about its client: asked for, admitted, agreed, paid, mandated, joined with another record."""

import hashlib
import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from clients.models import (
    Admission,
    AdmissionDecision,
    Appointment,
    Assessment,
    Authorisation,
    BenefitCheck,
    Client,
    Consent,
    ConsentEvent,
    ContactAttempt,
    Coverage,
    Disclosure,
    DisclosurePackage,
    Inquiry,
    InquiryMove,
    InterimOffer,
    Mandate,
    MandateReport,
    Merge,
    NoticeGiven,
    NotTheSame,
    ReferralOrganisation,
    Restriction,
    SafetyConcern,
    SafetyPlan,
    Shift,
    Task,
    WaitlistEntry,
    WorkingHours,
)
from clinics.models import (
    Clinic,
    User,
)

NOW = datetime(2026, 11, 19, 15, 0, tzinfo=UTC)
CANARY = "CANARY"


def asked(clinic: Clinic, client: Client, mark: str) -> dict[str, Any]:
    """Return an inquiry about the client that is being called back, with a row of each kind under it."""
    coordinator = User.objects.get(email=f"coordinator@{clinic.slug}.example")
    inquiry = Inquiry.objects.create(
        clinic=clinic, client=client, channel="phone_missed", received_at=NOW - timedelta(hours=20), relation="parent",
        caller_name=f"{mark} Caller", phone="+13125550188", words=f"{mark} words", taken_by=coordinator,
    )  # fmt: skip
    attempt = ContactAttempt.objects.create(
        clinic=clinic, inquiry=inquiry, at=NOW - timedelta(hours=19), by=coordinator, direction="outbound",
        method="phone", outcome="no_answer", note=f"{mark} attempt",
    )  # fmt: skip
    move = InquiryMove.objects.create(
        clinic=clinic, inquiry=inquiry, origin="new", to="contacting", by=coordinator, note=f"{mark} move"
    )
    concern = SafetyConcern.objects.create(
        clinic=clinic, inquiry=inquiry, client=client, level="S1", code="world", due_at=NOW, raised_by=coordinator
    )
    review = Task.objects.create(
        clinic=clinic, kind="safety", key=f"world-review-{clinic.slug}", inquiry=inquiry, client=client,
        concern=concern, role="supervisor", due_at=NOW,
    )  # fmt: skip
    task = Task.objects.create(
        clinic=clinic, kind="call_back", key=f"world-{clinic.slug}", inquiry=inquiry, client=client,
        role="coordinator", due_at=NOW,
    )  # fmt: skip
    return {
        "inquiry": inquiry, "attempt": attempt, "move": move, "concern": concern, "review": review, "task": task,
    }  # fmt: skip


def admitted(rows: dict[str, Any], therapist: User, mark: str) -> dict[str, Any]:
    """Return the way to an admission: assessed, decided, waiting, admitted; and when the therapist works."""
    client, inquiry = rows["client"], rows["inquiry"]
    clinic, coordinator = client.clinic, inquiry.taken_by
    of_inquiry = {"clinic": clinic, "inquiry": inquiry, "client": client}
    visit = Appointment.objects.create(
        **of_inquiry, therapist=therapist, kind="assessment", starts_at=NOW + timedelta(days=1),
        service_on=(NOW + timedelta(days=1)).date(),
    )  # fmt: skip
    signed = Assessment.objects.create(
        **of_inquiry, appointment=visit, assessor=therapist, sections=f'{{"need": "{mark} section"}}',
        level_of_care="outpatient", level_reason=f"{mark} level",
    )  # fmt: skip
    Assessment.objects.filter(pk=signed.pk).update(state="signed", signed_at=NOW, content_hash="0" * 64)
    draft = Assessment.objects.create(**of_inquiry, assessor=therapist, sections=f'{{"need": "{mark} draft"}}')
    decision = AdmissionDecision.objects.create(
        **of_inquiry, assessment=signed, outcome="accepted", level_of_care="outpatient", program=rows["program"],
        reason=f"{mark} reason", decided_by=therapist,
    )  # fmt: skip
    entry = WaitlistEntry.objects.create(**of_inquiry, program=rows["program"], level_of_care="outpatient", priority=4)
    return {
        "visit": visit,
        "assessment": signed,
        "assessment_draft": draft,
        "decision": decision,
        "wait": entry,
        "interim": InterimOffer.objects.create(
            clinic=clinic, entry=entry, offer="group", words=f"{mark} offer", answer="accepted", by=coordinator
        ),
        "admission": Admission.objects.create(
            **of_inquiry, episode=rows["episode"], assessment=signed, decision=decision, therapist=therapist,
            first_appointment=rows["appointment"], identity_check="photo_id", days_waited=3, admitted_by=coordinator,
        ),
        "hours": WorkingHours.objects.create(
            clinic=clinic, user=therapist, weekday=0, starts=time(9), ends=time(12), from_on=date(2026, 1, 1)
        ),
        "shift": Shift.objects.create(
            clinic=clinic, user=therapist, created_by=coordinator,
            starts_at=timezone.now() + timedelta(days=300), ends_at=timezone.now() + timedelta(days=301),
        ),
    }  # fmt: skip


def agreed(client: Client, therapist: User, mark: str) -> dict[str, Any]:
    """Return what the client agreed to and asked for, and what was told about them."""
    clinic = client.clinic
    of_client = {"clinic": clinic, "client": client}
    terms = {
        "kind": "specific", "discloser": clinic.name, "categories": ["attendance"], "recipient": f"{mark} Recipient",
        "purpose": "treatment", "expires_at": NOW + timedelta(days=36_500), "states_revocation": True,
        "created_by": therapist, "description": f"{mark} description",
    }  # fmt: skip
    signed = Consent.objects.create(
        **of_client, **terms, text=f"{mark} consent", signed_name=f"{mark} Name", signer="self"
    )
    Consent.objects.filter(pk=signed.pk).update(
        state="active", signed_at=NOW, content_hash="0" * 64, witnessed_by=therapist
    )
    disclosure = Disclosure.objects.create(
        **of_client, consent=signed, basis="consent", purpose="treatment", recipient=f"{mark} Recipient",
        categories_asked=["attendance"], categories_given=["attendance"], description=f"{mark} told",
        notice_form="short", made_by=therapist,
    )  # fmt: skip
    return {
        "consent": signed,
        "consent_draft": Consent.objects.create(**of_client, **terms),
        "consent_event": ConsentEvent.objects.create(
            clinic=clinic, consent=signed, what="signed", by=therapist, note=f"{mark} event"
        ),
        "notice": NoticeGiven.objects.create(**of_client, notice="2026-02", answer="signed", given_by=therapist),
        "restriction": Restriction.objects.create(
            **of_client, recipient=f"{mark} Payer", to_payers=True, words=f"{mark} words", asked_by=therapist
        ),
        "disclosure": disclosure,
        "package": DisclosurePackage.objects.create(
            clinic=clinic, disclosure=disclosure, state="ready", body=_package(mark)
        ),
    }


def paid_and_mandated(client: Client, disclosure: Disclosure, therapist: User, mark: str) -> dict[str, Any]:
    """Return who pays and who wants the client in care, with what was asked of and told to them; and a safety plan."""
    clinic, of_client = client.clinic, {"clinic": client.clinic, "client": client}
    coverage = Coverage.objects.create(
        **of_client, plan_type="1", payment="2", payer=f"{mark} Health", member_id=f"{mark} 12345",
        member_index=hashlib.sha256(clinic.slug.encode()).hexdigest(),
    )  # fmt: skip
    mandate = Mandate.objects.create(
        **of_client, kind="probation", body=f"{mark} County", docket=f"{mark} docket", client_view=f"{mark} view",
        reporting="monthly",
    )  # fmt: skip
    return {
        "organisation": ReferralOrganisation.objects.create(clinic=clinic, name=f"{mark} Practice", source="3"),
        "coverage": coverage,
        "benefit_check": BenefitCheck.objects.create(
            **of_client, coverage=coverage, disclosure=disclosure, requested_at=NOW, method="phone", result="active",
            notes=f"{mark} check", recorded_by=therapist,
        ),
        "authorisation": Authorisation.objects.create(
            **of_client, coverage=coverage, number=f"{mark} number", from_on=NOW.date(), until_on=NOW.date(), units=10
        ),
        "mandate": mandate,
        "mandate_report": MandateReport.objects.create(
            **of_client, mandate=mandate, disclosure=disclosure, from_on=NOW.date(), until_on=NOW.date(), kept=3,
            missed=1, participating=True, completed=False, made_by=therapist,
        ),
        "safety_plan": SafetyPlan.objects.create(
            **of_client, revision=1, parts=json.dumps({"signs": [f"{mark} sign"]}), made_by=therapist
        ),
    }  # fmt: skip


def _package(mark: str) -> str:
    """Return what a job put together for a recipient."""
    rows = [{"Day": f"{mark} package"}]
    cover = {"recipient": f"{mark} Recipient"}
    parts = [{"part": "attendance", "title": "Attendance", "rows": rows}]
    return json.dumps({"form": "evoke.disclosure.1", "cover": cover, "parts": parts})


def twice(client: Client, coordinator: User, mark: str) -> dict[str, Any]:
    """Return a second record of the client that was joined into the first, and a pair found to be two people."""
    clinic = client.clinic
    absorbed = Client.objects.create(
        clinic=clinic, reference=f"{clinic.reference_prefix}-1999", legal_name=f"Jordan Marsh {mark}", family_key="marsh",
        given_key="jordan", merged_into=client,
    )  # fmt: skip
    return {
        "merge": Merge.objects.create(
            clinic=clinic, kept=client, absorbed=absorbed, reason=f"{mark} reason", by=coordinator
        ),
        "two_people": NotTheSame.objects.create(clinic=clinic, first=client, second=absorbed, by=coordinator),
    }

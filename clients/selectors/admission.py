"""What stands between an inquiry and an admission: the rows that its moves ask for, and everything still missing."""

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Subquery

from clients.models import (
    Admission,
    AdmissionDecision,
    Appointment,
    Assessment,
    Client,
    Episode,
    Inquiry,
    WaitlistEntry,
)
from clients.rules import admission as rules
from clients.rules import guardians, teds
from clients.rules.clock import civil_date
from clients.rules.consent_terms import Kind, Signer
from clients.rules.transitions import Status
from clients.selectors import consents, matching

LIKELY = "likely"
# Which moves of an inquiry ask for a row, by the status it is in: only then is the database asked.
ASKED_FROM = frozenset(
    {
        Status.SCREENED, Status.ASSESSMENT_SCHEDULED, Status.ASSESSMENT_NO_SHOW, Status.ASSESSED, Status.ACCEPTED,
        Status.WAITLISTED,
    }
)  # fmt: skip


@dataclass(frozen=True)
class Rows:
    """The rows that the guards of the moves ask for, and what is missing before admission, in words."""

    assessment_booked: bool = False
    assessment_signed: bool = False
    decision_made: bool = False
    place_kept: bool = False
    slot_offered: bool = False
    admission_gaps: tuple[str, ...] = ()


def rows_of(inquiry: Inquiry, now: datetime) -> Rows:
    """
    Return which rows the moves of an inquiry find: one statement, a few more while it waits to be admitted.

    An assessment counts until it has been decided on; a decision counts when it is the last and is about the last
    assessment.
    """
    status = Status(inquiry.status)
    if status not in ASKED_FROM:
        return Rows()
    this = {"inquiry_id": OuterRef("pk")}
    decisions = AdmissionDecision.objects.filter(**this).order_by("-pk")
    signed = Assessment.objects.filter(**this, state=Assessment.State.SIGNED)
    booked = Appointment.objects.filter(**this, kind=Appointment.Kind.ASSESSMENT, attendance="")
    decided = AdmissionDecision.objects.filter(assessment_id=OuterRef("pk"))
    kept = WaitlistEntry.objects.filter(**this, ended_at=None)
    found = (
        Inquiry.objects.filter(pk=inquiry.pk)
        .annotate(
            booked=Exists(booked),
            signed=Exists(signed.exclude(Exists(decided))),
            outcome=Subquery(decisions.values("outcome")[:1]),
            about=Subquery(decisions.values("assessment_id")[:1]),
            newest=Subquery(signed.order_by("-signed_at", "-pk").values("pk")[:1]),
            kept=Exists(kept),
            offered=Exists(kept.filter(slot_offered_at__isnull=False)),
            admitted=Exists(Admission.objects.filter(**this, undone_at=None)),
        )
        .values("booked", "signed", "outcome", "about", "newest", "kept", "offered", "admitted")
        .get()
    )
    accepted = found["outcome"] == AdmissionDecision.Outcome.ACCEPTED and found["about"] == found["newest"]
    gaps: tuple[str, ...] = ()
    if status is Status.ACCEPTED and not found["admitted"]:
        gaps = rules.gaps(facts(inquiry, now))
    return Rows(found["booked"], found["signed"], accepted, found["kept"], found["offered"], gaps)


def last_signed(inquiry: Inquiry) -> Assessment | None:
    """Return the assessment of an inquiry that was signed last."""
    signed = Assessment.objects.filter(inquiry=inquiry, state=Assessment.State.SIGNED)
    found: Assessment | None = signed.select_related("assessor").order_by("-signed_at", "-pk").first()
    return found


def last_decision(inquiry: Inquiry) -> AdmissionDecision | None:
    """Return what was decided last about an inquiry."""
    decisions = AdmissionDecision.objects.filter(inquiry=inquiry).select_related("program", "decided_by", "assessment")
    found: AdmissionDecision | None = decisions.order_by("-pk").first()
    return found


def open_matches(client: Client) -> list[matching.Found]:
    """Return the records that are likely the same person's, neither merged nor marked as somebody else's."""
    member_keys = matching.member_keys_of([client]).get(client.pk, matching.NONE)
    found = matching.matches(matching.identity_of(client, member_keys), besides=client)
    return [one for one in found if one.match.level == LIKELY]


@dataclass(frozen=True)
class Papers:
    """What was found and decided about an inquiry, and the records that are likely the same person's; read once."""

    signed: Assessment | None
    decision: AdmissionDecision | None
    matches: tuple[matching.Found, ...] = ()


def papers_of(inquiry: Inquiry) -> Papers:
    """Return what an admission of an inquiry rests on."""
    client = inquiry.client
    matches = open_matches(client) if client is not None else ()
    return Papers(last_signed(inquiry), last_decision(inquiry), tuple(matches))


@dataclass(frozen=True)
class Chosen:
    """What is chosen on the page of an admission; a part that is not filled in yet counts as missing."""

    program_id: int | None = None
    therapist: bool = False
    first_appointment: bool = False
    identity_checked: bool = False
    teds_gaps: int = len([question for question in teds.QUESTIONS if question.needed])


def facts(inquiry: Inquiry, now: datetime, chosen: Chosen | None = None, papers: Papers | None = None) -> rules.Facts:
    """
    Return everything that the guards of an admission ask about an inquiry.

    papers   what was read of it already; read here without
    """
    chosen = chosen or Chosen()
    about = rules.Facts(
        named=inquiry.client is not None,
        crisis_hold=inquiry.crisis_hold,
        identity_checked=chosen.identity_checked,
        program_chosen=chosen.program_id is not None,
        therapist_assigned=chosen.therapist,
        first_appointment=chosen.first_appointment,
        teds_gaps=chosen.teds_gaps,
        guardian_named=bool(inquiry.guardian_name),
    )
    if inquiry.client is None:
        return about
    papers = papers or papers_of(inquiry)
    decision, signed = papers.decision, papers.signed
    accepted = (
        decision is not None
        and signed is not None
        and decision.outcome == AdmissionDecision.Outcome.ACCEPTED
        and decision.assessment_id == signed.pk
        and inquiry.status == Status.ACCEPTED
    )
    inside = Episode.objects.filter(
        client=inquiry.client, program_id=chosen.program_id or 0, status=Episode.Status.OPEN
    )
    inquiry.client.clinic = inquiry.clinic
    consent = consents.in_force(inquiry.client, Kind.TREATMENT, now)
    today = civil_date(now, ZoneInfo(inquiry.clinic.time_zone))
    return replace(
        about,
        assessment_signed=signed is not None,
        accepted=accepted,
        notice_given=consents.notice_of(inquiry.client) is not None,
        treatment_consent=consent is not None,
        minor=guardians.is_minor(inquiry.client.born_on, today),
        guardian_signed=consent is not None and consent.signer in (Signer.GUARDIAN, Signer.REPRESENTATIVE),
        likely_matches=len(papers.matches),
        in_program=chosen.program_id is not None and inside.exists(),
    )

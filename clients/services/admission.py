"""From the signed assessment to the open episode: decide, wait, admit with every guard, take back within a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db import transaction

from clients.models import (
    Admission,
    AdmissionDecision,
    Appointment,
    Client,
    Episode,
    Inquiry,
    InquiryMove,
    WaitlistEntry,
)
from clients.models.appointments import TOOK_PLACE, Attendance
from clients.rules import admission as rules
from clients.rules import guardians, intake, teds, transitions
from clients.rules import waitlist as waitlist_rules
from clients.rules.clock import civil_date
from clients.rules.transitions import IllegalMove, Status
from clients.selectors import admission as selectors
from clients.services import appointments, caseload, inquiries, people, waitlist
from clients.services.assessments import REASON as ASSESSED_BY
from clinics import audit
from clinics.models import Program, User

ADMITTED: str = "Admitted"
FIRST_MINUTES = 50


class NoReason(ValueError):
    """A decision says why."""

    field = "reason"

    def __init__(self) -> None:
        super().__init__("Write why you decide so. Without it there is no decision.")


class NoLevel(ValueError):
    """Somebody is accepted for a level of care."""

    field = "level_of_care"

    def __init__(self) -> None:
        super().__init__("Choose the level of care they are accepted for.")


class RecordIncomplete(ValueError):
    """
    The admission record has answers that are missing or cannot be right.

    problems   what, in the order of the questions
    """

    def __init__(self, problems: tuple[teds.Problem, ...]) -> None:
        super().__init__(problems[0].sentence)
        self.problems = problems


# --- decision -----------------------------------------------------------------------------------------------------


@transaction.atomic
def decide(
    *,
    inquiry: Inquiry,
    outcome: str,
    reason: str,
    by: User,
    now: datetime,
    level_of_care: str = "",
    program: Program | None = None,
    reason_code: str = "",
) -> AdmissionDecision:
    """
    Decide on an assessed inquiry: accept, refer elsewhere, or say that another service is needed. Final.

    reason_code   code of the move; none for accepting
    :raises NoReason: nothing was written
    :raises NoLevel: accepted without a level of care
    :raises IllegalMove: it does not wait for a decision, is held for safety, or the code is none of the move
    """
    text = reason.replace("\x00", "").strip()
    if not text:
        raise NoReason
    if outcome == AdmissionDecision.Outcome.ACCEPTED and not level_of_care:
        raise NoLevel
    inquiry = inquiries.locked(inquiry)
    signed = selectors.last_signed(inquiry)
    target = Status(AdmissionDecision.Outcome(outcome).value)
    if signed is None or inquiry.client is None or inquiry.status != Status.ASSESSED:
        raise IllegalMove(Status(inquiry.status), target, (), "A decision follows a signed assessment. Sign it first.")
    decision = AdmissionDecision(
        clinic=inquiry.clinic, inquiry=inquiry, client=inquiry.client, assessment=signed, outcome=outcome,
        level_of_care=level_of_care, program=program, reason=text, decided_by=by, decided_at=now,
    )  # fmt: skip
    decision.save()
    audit.record("inquiry.decided", decision, by=by, detail={"outcome": outcome, "level": level_of_care})
    inquiries.move_inquiry(inquiry=inquiry, to=target, by=by, now=now, reason=reason_code)
    return decision


# --- waiting ------------------------------------------------------------------------------------------------------


@transaction.atomic
def put_on_list(
    *,
    inquiry: Inquiry,
    pregnant: bool | None,
    injects: bool | None,
    by: User,
    now: datetime,
    program: Program | None = None,
) -> WaitlistEntry:
    """
    Let an accepted person wait for a place.

    pregnant, injects   what the priority goes by; None is not known, and `pregnant` then as the inquiry says
    program             the one decided on when None
    :raises IllegalMove: the inquiry is not accepted, or held for safety
    """
    inquiry = inquiries.locked(inquiry)
    decision = selectors.last_decision(inquiry)
    if decision is None or inquiry.client is None or inquiry.status != Status.ACCEPTED:
        here = Status(inquiry.status)
        raise IllegalMove(here, Status.WAITLISTED, (), "Only somebody who is accepted waits for a place.")
    pregnant = intake.known(inquiry.pregnant) if pregnant is None else pregnant
    entry = waitlist.begin(
        inquiry=inquiry, program=program or decision.program, level_of_care=decision.level_of_care,
        priority=waitlist_rules.priority(pregnant=pregnant, injects=injects), by=by, now=now,
    )  # fmt: skip
    inquiries.move_inquiry(inquiry=inquiry, to=Status.WAITLISTED, by=by, now=now)
    return entry


@transaction.atomic
def offer_slot(*, entry: WaitlistEntry, version: int, by: User, now: datetime) -> Inquiry:
    """
    Offer a place to somebody who waits: they are accepted again, and the admission can be made ready.

    :raises Stale: somebody changed the entry in the meantime
    :raises NotWaiting: they do not wait any more
    :raises IllegalMove: the inquiry is held for safety
    """
    inquiry = inquiries.locked(entry.inquiry)
    waitlist.offer_place(entry=entry, version=version, by=by, now=now)
    return inquiries.move_inquiry(inquiry=inquiry, to=Status.ACCEPTED, by=by, now=now)


# --- admission ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plan:
    """
    What is chosen for an admission.

    start_on, start_time   the first appointment, by the clinic's clock
    beside                 also where the therapist has another appointment then
    identity_check         code of `Admission.IdentityCheck`
    answers                the admission record, code by question
    """

    program: Program
    therapist: User
    start_on: date
    start_time: time
    identity_check: str
    answers: Mapping[str, int]
    duration_min: int = FIRST_MINUTES
    beside: bool = False


@transaction.atomic
def admit(*, inquiry: Inquiry, plan: Plan, by: User, now: datetime) -> Admission:
    """
    Admit an accepted person: every guard holds, an episode opens, the therapist has them, the first time is booked.

    Nothing is copied from what was said on the phone: the therapist reads it where it was written.
    :raises RecordIncomplete: the admission record lacks answers, or holds some that cannot be right
    :raises IllegalMove: something is missing; it names all of it
    :raises NotATherapist: the therapist does not work as one here
    :raises ImpossibleDate: the first appointment is before the admission, or too far ahead
    :raises NoSuchTime: the clocks skip the time of the first appointment
    :raises TimeTaken: the therapist has another appointment then
    """
    inquiry = inquiries.locked(inquiry)
    zone = ZoneInfo(inquiry.clinic.time_zone)
    today = civil_date(now, zone)
    problems = teds.problems(plan.answers, age=age_of(inquiry.client, today))
    chosen = selectors.Chosen(
        program_id=plan.program.pk, therapist=True, first_appointment=True, teds_gaps=len(problems),
        identity_checked=plan.identity_check in Admission.IdentityCheck.values,
    )  # fmt: skip
    papers = selectors.papers_of(inquiry)
    ready = selectors.facts(inquiry, now, chosen, papers)
    missing = rules.gaps(ready)
    if problems and len(missing) == 1:
        raise RecordIncomplete(problems)
    here = Status(inquiry.status)
    transitions.require_move(
        here, Status.ADMITTED,
        transitions.Facts(admission_gaps=missing, crisis_hold=inquiry.crisis_hold),
    )  # fmt: skip
    client, signed, decision = inquiry.client, papers.signed, papers.decision
    assert client is not None and signed is not None and decision is not None  # noqa: PT018 - the guards hold
    episode = people.open_episode(client=client, program=plan.program, admitted_on=today, by=by, now=now)
    caseload.assign(client=client, user=plan.therapist, by=by, reason=ADMITTED)
    _end_assessors(client, plan.therapist, by)
    first = appointments.book(
        client=client, episode=episode, kind=Appointment.Kind.TREATMENT, therapist=plan.therapist,
        start_on=plan.start_on, start_time=plan.start_time, duration_min=plan.duration_min, beside=plan.beside,
        by=by, now=now,
    )  # fmt: skip
    admission = Admission(
        clinic=inquiry.clinic, inquiry=inquiry, client=client, episode=episode, assessment=signed, decision=decision,
        therapist=plan.therapist, first_appointment=first, identity_check=plan.identity_check,
        teds=dict(plan.answers), days_waited=max((today - civil_date(inquiry.received_at, zone)).days, 0),
        admitted_at=now, admitted_by=by,
    )  # fmt: skip
    admission.save()
    audit.record(
        "client.admitted", admission, by=by,
        detail={"episode": str(episode.public_id), "program": str(plan.program.public_id)},
    )  # fmt: skip
    inquiries.move_inquiry(inquiry=inquiry, to=Status.ADMITTED, by=by, now=now)
    return admission


@transaction.atomic
def undo(*, admission: Admission, reason: str, by: User, now: datetime) -> Inquiry:
    """
    Take an admission back: within a day, before any service, with a reason. The inquiry is accepted again.

    The episode stays as one that never was care; its appointments ahead are canceled by the clinic.
    :raises UndoRefused: too late, a service took place, no reason, or it was taken back already
    """
    inquiry = inquiries.locked(admission.inquiry)
    held = Admission.objects.select_for_update(of=("self",)).select_related("client", "episode").get(pk=admission.pk)
    if held.undone_at is not None:
        raise transitions.UndoRefused("This admission was taken back already.")
    booked = Appointment.objects.filter(episode=held.episode)
    served = booked.filter(attendance__in=TOOK_PLACE).count()
    transitions.require_undo(held.admitted_at, now, served, reason)
    held.undone_at, held.undone_by, held.undo_reason = now, by, reason.replace("\x00", "").strip()
    held.save(update_fields=["undone_at", "undone_by", "undo_reason"])
    episode = Episode.objects.select_for_update(of=("self",)).get(pk=held.episode_id)
    episode.status = Episode.Status.VOID
    episode.version += 1
    episode.save(update_fields=["status", "version"])
    for appointment in booked.filter(attendance="").select_for_update(of=("self",)):
        appointment.attendance = Attendance.CLINIC_CANCEL
        appointment.version += 1
        appointment.save(update_fields=["attendance", "version"])
        audit.record("appointment.attendance_recorded", appointment, by=by, detail={"to": appointment.attendance})
    for user in caseload.given_for(held.client, ADMITTED):
        caseload.end(client=held.client, user=user, by=by, reason="Admission taken back", only=ADMITTED)
    audit.record("client.admission_undone", held, by=by, detail={"episode": str(episode.public_id)})
    # Not a step of the table: the database lets it through for an admission that was taken back, and only then.
    InquiryMove(
        clinic=inquiry.clinic, inquiry=inquiry, origin=Status.ADMITTED, to=Status.ACCEPTED, by=by, note=held.undo_reason
    ).save()
    inquiry.refresh_from_db(fields=["status", "status_at"])
    audit.record("inquiry.moved", inquiry, by=by, detail={"from": Status.ADMITTED, "to": Status.ACCEPTED})
    return inquiry


def age_of(client: Client | None, today: date) -> int | None:
    """Return the age in whole years on a day, or None when the date of birth is not known."""
    return guardians.age_on(client.born_on if client is not None else None, today)


def _end_assessors(client: Client, therapist: User, by: User) -> None:
    """Take the person off the caseload of whoever only assessed them."""
    for user in caseload.given_for(client, ASSESSED_BY).exclude(pk=therapist.pk):
        caseload.end(client=client, user=user, by=by, reason="Another therapist took over", only=ASSESSED_BY)

"""The assessment before admission: a booked time, a draft that anybody allowed may go on with, a signature."""

from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from clients.models import Appointment, Assessment, Inquiry
from clients.models.appointments import TOOK_PLACE, Attendance
from clients.rules import assessment as rules
from clients.rules import clock, dates, transitions
from clients.rules.transitions import IllegalMove, Status
from clients.selectors.assessments import content_of, kept_as, signed_content
from clients.services import caseload, inquiries
from clients.services.free_times import require_free
from clinics import audit
from clinics.models import User
from clinics.versions import lock_version

# Why the person who assesses somebody sees them; their place on the caseload ends when another therapist takes over.
REASON: Final = "Assessment"
MINUTES: Final = 60


class NoPerson(ValueError):
    """Nobody can be assessed whose name nobody wrote down."""

    field = None

    def __init__(self) -> None:
        super().__init__("Write down the person's name first. An assessment is about somebody.")


class AlreadyBooked(ValueError):
    """An assessment appointment that has not taken place exists."""

    field = None

    def __init__(self) -> None:
        super().__init__("An assessment is booked already. Change that appointment, or record what became of it.")


class NotTheAuthor(PermissionDenied):
    """An assessment is signed by who wrote it last."""


class AlreadySigned(ValueError):
    """A signed assessment is final."""

    def __init__(self) -> None:
        super().__init__("This assessment is signed, so it stays as it is.")


class NotWhole(ValueError):
    """
    Something has to be written before the assessment can be signed.

    gaps   what, in the order of the form
    """

    def __init__(self, gaps: tuple[rules.Gap, ...]) -> None:
        super().__init__(gaps[0].sentence)
        self.gaps = gaps


@transaction.atomic
def book_assessment(
    *,
    inquiry: Inquiry,
    therapist: User,
    start_on: date,
    start_time: time,
    duration_min: int,
    beside: bool = False,
    by: User,
    now: datetime,
) -> Appointment:
    """
    Book the assessment of a screened inquiry; who assesses sees the person from now on, and the inquiry moves on.

    An inquiry that waits for an assessment whose appointment was canceled gets another one and stays where it is.
    beside   also where the therapist has another appointment then
    :raises TimeTaken: the therapist has another appointment then
    :raises NoPerson: the inquiry has no record of the person
    :raises AlreadyBooked: one is booked
    :raises NotATherapist: who assesses does not work as a therapist here
    :raises ImpossibleDate: before they asked, or more than two years ahead
    :raises NoSuchTime: the clocks skip this time
    :raises IllegalMove: the inquiry is not at this step, or held for safety
    """
    inquiry = inquiries.locked(inquiry)
    if inquiry.client is None:
        raise NoPerson
    here = Status(inquiry.status)
    waits = here is Status.ASSESSMENT_SCHEDULED
    could = transitions.Facts(assessment_booked=True, crisis_hold=inquiry.crisis_hold)
    transitions.require_move(Status.SCREENED if waits else here, Status.ASSESSMENT_SCHEDULED, could)
    if booked_of(inquiry).exists():
        raise AlreadyBooked
    zone = ZoneInfo(inquiry.clinic.time_zone)
    caseload.require_therapist(therapist, inquiry.clinic_id)
    dates.require_assessment(start_on, clock.civil_date(inquiry.received_at, zone), clock.civil_date(now, zone))
    starts_at = clock.instant(start_on, start_time, zone)
    appointment = Appointment(
        clinic=inquiry.clinic, client=inquiry.client, inquiry=inquiry, therapist=therapist,
        kind=Appointment.Kind.ASSESSMENT, starts_at=starts_at, service_on=clock.civil_date(starts_at, zone),
        duration_min=duration_min,
    )  # fmt: skip
    if not beside:
        require_free(appointment)
    appointment.save()
    caseload.assign(client=inquiry.client, user=therapist, by=by, reason=REASON)
    audit.record("appointment.booked", appointment, by=by)
    if not waits:
        inquiries.move_inquiry(inquiry=inquiry, to=Status.ASSESSMENT_SCHEDULED, by=by, now=now)
    return appointment


def booked_of(inquiry: Inquiry) -> QuerySet[Appointment, Appointment]:
    """Return the assessment appointments of an inquiry of which nobody has said what became."""
    found: QuerySet[Appointment, Appointment] = Appointment.objects.filter(
        inquiry=inquiry, kind=Appointment.Kind.ASSESSMENT, attendance=""
    )
    return found


@transaction.atomic
def open_assessment(*, inquiry: Inquiry, by: User) -> Assessment:
    """
    Return the draft of an inquiry's assessment, or begin one.

    :raises IllegalMove: the inquiry does not wait for an assessment
    """
    inquiry = inquiries.locked(inquiry)
    draft: Assessment | None = Assessment.objects.filter(inquiry=inquiry, state=Assessment.State.DRAFT).first()
    if draft is not None:
        return draft
    if inquiry.status != Status.ASSESSMENT_SCHEDULED or inquiry.client is None:
        here = Status(inquiry.status)
        raise IllegalMove(here, Status.ASSESSED, (), "Book the assessment first. Then it can be written.")
    last = Appointment.objects.filter(inquiry=inquiry, kind=Appointment.Kind.ASSESSMENT).order_by("-starts_at").first()
    draft = Assessment(
        clinic=inquiry.clinic, inquiry=inquiry, client=inquiry.client, appointment=last, assessor=by, sections="{}"
    )
    draft.save()
    audit.record("assessment.begun", draft, by=by)
    return draft


@transaction.atomic
def save_assessment(*, assessment: Assessment, version: int, content: rules.Assessment, by: User) -> Assessment:
    """
    Keep what is written so far. Who wrote last is the one who may sign.

    :raises Stale: somebody saved it in the meantime
    :raises AlreadySigned: it is signed
    :raises ValueError: the content has no shape of an assessment
    """
    rules.require_shape(content)
    held = lock_version(assessment, version)
    if held.state == Assessment.State.SIGNED:
        raise AlreadySigned
    for name, value in kept_as(content).items():
        setattr(held, name, value)
    held.assessor = by
    held.save()
    audit.record("assessment.saved", held, by=by)
    return held


@transaction.atomic
def sign_assessment(*, assessment: Assessment, version: int, by: User, now: datetime) -> Assessment:
    """
    Sign an assessment: it is final from here, and the inquiry waits for a decision.

    version   of what the person read before signing
    An inquiry that is held for safety keeps its place until the review; the signature stands.
    :raises AlreadySigned: it is signed
    :raises NotTheAuthor: somebody else wrote last
    :raises Stale: it is not what was read
    :raises NotWhole: something is still to be written; it names all of it
    """
    inquiry = inquiries.locked(assessment.inquiry)
    held = lock_version(assessment, version)
    if held.state == Assessment.State.SIGNED:
        raise AlreadySigned
    if held.assessor_id != by.pk:
        raise NotTheAuthor
    gaps = rules.gaps(content_of(held))
    if gaps:
        raise NotWhole(gaps)
    held.inquiry, held.assessor = inquiry, by
    held.content_hash = signed_content(held, signed_at=now)
    held.signed_at, held.state = now, Assessment.State.SIGNED
    held.save()
    audit.record("assessment.signed", held, by=by, detail={"hash": held.content_hash})
    if inquiry.status == Status.ASSESSMENT_SCHEDULED and not inquiry.crisis_hold:
        inquiries.move_inquiry(inquiry=inquiry, to=Status.ASSESSED, by=by, now=now)
    return held


def stands(assessment: Assessment) -> bool:
    """Tell whether a signed assessment still is what was signed."""
    if assessment.signed_at is None:
        return False
    return signed_content(assessment, signed_at=assessment.signed_at) == assessment.content_hash


@transaction.atomic
def hand_over(*, appointment: Appointment, former: User, by: User) -> None:
    """Let the clinician to whom an assessment was given see the person; who had it only for that no longer does."""
    client = appointment.client
    caseload.assign(client=client, user=appointment.therapist, by=by, reason=REASON)
    caseload.end(client=client, user=former, by=by, reason="The assessment was given to somebody else", only=REASON)


@transaction.atomic
def after_attendance(*, appointment: Appointment, by: User, now: datetime) -> None:
    """
    Move an inquiry on when nobody came to its assessment.

    A hold for safety keeps it where it is, and so does another appointment that is booked.
    """
    inquiry = _of(appointment)
    if inquiry is None or inquiry.crisis_hold or inquiry.status != Status.ASSESSMENT_SCHEDULED:
        return
    if appointment.attendance == Attendance.NO_SHOW and not booked_of(inquiry).exists():
        inquiries.move_inquiry(inquiry=inquiry, to=Status.ASSESSMENT_NO_SHOW, by=by, now=now)


@transaction.atomic
def before_correction(*, appointment: Appointment, attendance: str, by: User, now: datetime) -> None:
    """
    Take the step back that a wrong “did not attend” had caused, before it is corrected to `attendance`.

    The appointment stands without attendance meanwhile: that is the booking the step back asks for.
    """
    inquiry = _of(appointment)
    if inquiry is None or inquiry.crisis_hold or inquiry.status != Status.ASSESSMENT_NO_SHOW:
        return
    if appointment.attendance == Attendance.NO_SHOW and attendance in TOOK_PLACE:
        appointment.attendance = ""
        appointment.save(update_fields=["attendance"])
        inquiries.move_inquiry(inquiry=inquiry, to=Status.ASSESSMENT_SCHEDULED, by=by, now=now)


def _of(appointment: Appointment) -> Inquiry | None:
    """Return the inquiry whose assessment this is, held until the transaction ends."""
    if appointment.inquiry is None or appointment.kind != Appointment.Kind.ASSESSMENT:
        return None
    return inquiries.locked(appointment.inquiry)

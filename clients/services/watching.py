"""What nobody has to remember: clocks that ran out become tasks, tasks that are late go to the next role."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery

from clients.models import Appointment, Assessment, Inquiry, SafetyConcern, Task
from clients.models.appointments import TOOK_PLACE
from clients.rules import clocks, intake, safety, transitions
from clients.rules.clocks import Clock
from clients.rules.transitions import Status
from clients.rules.triage import CLOCKS, Triage
from clients.services import tasks
from clinics.models import Clinic
from clinics.roles import Role
from clinics.selectors.staff import staff_now

# Each clock that runs from the moment somebody came in, and the column that stops it.
STOPPED_BY = {Clock.FIRST_ATTEMPT: "first_attempt_at", Clock.SPEED_TO_CONTACT: "first_contact_at"}


@transaction.atomic
def watch_clocks(*, clinic: Clinic, now: datetime) -> int:
    """
    Make a task of every clock of a waiting inquiry that is past its time; return how many were made.

    The clocks never stop at night or on a holiday; only the times at which the caller may be called defer them.
    """
    zone, made = ZoneInfo(clinic.time_zone), 0
    for clock, stopped_by in STOPPED_BY.items():
        known = Task.objects.filter(kind=_kind(clock), inquiry__isnull=False).values("inquiry_id")
        late = Inquiry.objects.filter(
            status__in=transitions.ACTIVE, channel__in=intake.WAITING, crisis_hold=False,
            received_at__lte=now - clocks.PROMISES[clock].breach, **{f"{stopped_by}__isnull": True},
        ).exclude(pk__in=known)  # fmt: skip
        for inquiry in late.select_for_update(of=("self",), skip_locked=True).order_by("received_at")[:500]:
            inquiry.clinic = clinic
            times = clocks.daily(inquiry.call_from, inquiry.call_until)
            reading = clocks.read(clock, inquiry.received_at, now, zone, call_times=times)
            if reading.breached:
                tasks.owe(kind=_kind(clock), inquiry=inquiry, due_at=reading.breach_at, by=None)
                made += 1
    return made


# Who was screened and waits to be assessed.
UNASSESSED = (Status.SCREENED, Status.ASSESSMENT_SCHEDULED, Status.ASSESSMENT_NO_SHOW)


@transaction.atomic
def watch_evaluations(*, clinic: Clinic, now: datetime) -> int:
    """
    Make a task of everybody whose assessment was not held in time; return how many were made.

    One business day after they asked where their health is in danger or who took the call said so, ten otherwise
    (`clocks.BUSINESS_DAYS`).
    """
    zone, made = ZoneInfo(clinic.time_zone), 0
    concerns = SafetyConcern.objects.filter(
        inquiry_id=OuterRef("pk"), level__in=(safety.Level.S2.value, safety.Level.S3.value)
    )
    held = Appointment.objects.filter(
        inquiry_id=OuterRef("pk"), kind=Appointment.Kind.ASSESSMENT, attendance__in=TOOK_PLACE
    )
    known = Task.objects.filter(kind=Task.Kind.EVALUATION, inquiry_id=OuterRef("pk"))
    waiting = (
        Inquiry.objects.filter(~Exists(known), ~Exists(held), status__in=UNASSESSED, crisis_hold=False)
        .annotate(
            urgent=Q(triage=Triage.URGENT) | Q(withdrawal_risk=True) | Q(overdose_30_days=True) | Exists(concerns)
        )
        .filter(Q(urgent=True) | Q(received_at__lte=now - clocks.ROUTINE_AT_LEAST))
    )
    for inquiry in waiting.select_for_update(of=("self",), skip_locked=True).order_by("received_at")[:500]:
        clock = CLOCKS[Triage.URGENT if inquiry.urgent else Triage.ROUTINE]
        reading = clocks.read(clock, inquiry.received_at, now, zone)
        if reading.breached:
            inquiry.clinic = clinic
            tasks.owe(kind=Task.Kind.EVALUATION, inquiry=inquiry, due_at=reading.breach_at - clocks.MINUTE, by=None)
            made += 1
    return made


@transaction.atomic
def watch_decisions(*, clinic: Clinic, now: datetime) -> int:
    """Make a task, for who assessed, of every signed assessment without a decision a day later; return how many."""
    promise = clocks.PROMISES[Clock.DECISION].breach
    signed = Assessment.objects.filter(inquiry_id=OuterRef("pk"), state=Assessment.State.SIGNED).order_by("-signed_at")
    # Assessed anew is decided anew: a task of the time before does not count.
    known = Task.objects.filter(kind=Task.Kind.DECISION, inquiry_id=OuterRef("pk"), due_at__gte=OuterRef("status_at"))
    undecided = Inquiry.objects.filter(
        ~Exists(known), status=Status.ASSESSED, crisis_hold=False, status_at__lt=now - promise
    ).annotate(assessor_id=Subquery(signed.values("assessor_id")[:1]))
    made = 0
    for inquiry in undecided.select_for_update(of=("self",), skip_locked=True).order_by("status_at")[:500]:
        inquiry.clinic = clinic
        due_at = inquiry.status_at + promise
        owner = staff_now(clinic.pk, Role.THERAPIST, Role.SUPERVISOR).filter(pk=inquiry.assessor_id).first()
        tasks.owe(
            kind=Task.Kind.DECISION, inquiry=inquiry, due_at=due_at, by=None, owner=owner, role=Role.SUPERVISOR
        )  # fmt: skip
        made += 1
    return made


def _kind(clock: Clock) -> str:
    return Task.Kind.CALL_NOW if clock is Clock.FIRST_ATTEMPT else Task.Kind.REACH_NOW

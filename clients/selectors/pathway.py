"""What can be done next on the way to an admission, by whoever looks, and what stands there already."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from clients.models import Admission, AdmissionDecision, Appointment, Assessment, Inquiry, WaitlistEntry
from clients.rules.transitions import UNDO_WITHIN, Status
from clients.selectors.people import permits
from clinics.models import User

FROM = frozenset(
    {
        Status.SCREENED, Status.ASSESSMENT_SCHEDULED, Status.ASSESSMENT_NO_SHOW, Status.ASSESSED, Status.ACCEPTED,
        Status.WAITLISTED, Status.ADMITTED, Status.NOT_ELIGIBLE, Status.REFERRED_OUT,
    }
)  # fmt: skip
RIGHTS = (
    "clinics.change_inquiry", "clinics.write_assessment", "clinics.view_assessment", "clinics.accept_inquiry",
    "clinics.admit_client", "clinics.undo_admission", "clinics.change_appointment",
)  # fmt: skip


@dataclass(frozen=True)
class Way:
    """One thing to do: its words, where, and whether it is a button that posts."""

    label: str
    url: str
    posts: bool = False
    first: bool = False


@dataclass(frozen=True)
class Pathway:
    """
    How far an inquiry has come.

    booked, assessment, decision, entry, admission   the newest of each, None without one or without the right to see it
    ways                                             what this person can do next
    """

    booked: Appointment | None = None
    assessment: Assessment | None = None
    assessment_url: str = ""
    decision: AdmissionDecision | None = None
    entry: WaitlistEntry | None = None
    admission: Admission | None = None
    attendance_url: str = ""
    ways: list[Way] = field(default_factory=list)


def pathway_of(inquiry: Inquiry, user: User, now: datetime) -> Pathway | None:
    """Return how far an inquiry has come and what `user` can do next; None before it is screened, six statements."""
    status = Status(inquiry.status)
    if status not in FROM or inquiry.client is None:
        return None
    held = dict(zip(RIGHTS, permits(inquiry.client, user, *RIGHTS), strict=True))
    of_inquiry: dict[str, Any] = {"inquiry": inquiry}
    booked = (
        Appointment.objects.filter(**of_inquiry, kind=Appointment.Kind.ASSESSMENT)
        .select_related("therapist")
        .order_by("-starts_at", "-pk")
        .first()
    )
    assessments = Assessment.objects.filter(**of_inquiry).select_related("assessor").order_by("-pk")
    assessment = assessments.first() if held["clinics.view_assessment"] else None
    decision = (
        AdmissionDecision.objects.filter(**of_inquiry).select_related("decided_by", "program").order_by("-pk").first()
    )
    entry = WaitlistEntry.objects.filter(**of_inquiry, ended_at=None).first() if status is Status.WAITLISTED else None
    admission = (
        Admission.objects.filter(**of_inquiry, undone_at=None).select_related("admitted_by").first()
        if status is Status.ADMITTED
        else None
    )
    slug = inquiry.clinic.slug
    signed = assessment is not None and assessment.state == Assessment.State.SIGNED
    return Pathway(
        booked, assessment,
        reverse("assessment_detail", args=[slug, assessment.public_id]) if assessment is not None and signed else "",
        decision, entry, admission,
        reverse("appointment_attendance", args=[slug, booked.public_id])
        if booked is not None and held["clinics.change_appointment"] else "",
        _ways(inquiry, status, held, booked, assessment, admission, now),
    )  # fmt: skip


def _ways(
    inquiry: Inquiry,
    status: Status,
    held: dict[str, bool],
    booked: Appointment | None,
    assessment: Assessment | None,
    admission: Admission | None,
    now: datetime,
) -> list[Way]:
    def to(label: str, route: str, row: Any = inquiry, *, posts: bool = False, first: bool = False) -> Way:
        return Way(label, reverse(route, args=[inquiry.clinic.slug, row.public_id]), posts, first)

    found = []
    waits = booked is not None and not booked.attendance
    bookable = status in (Status.SCREENED, Status.ASSESSMENT_NO_SHOW) or status is Status.ASSESSMENT_SCHEDULED
    if bookable and not waits and held["clinics.change_inquiry"]:
        found.append(to(_("Book the assessment"), "assessment_book", first=status is not Status.ASSESSMENT_SCHEDULED))
    if status is Status.ASSESSMENT_SCHEDULED and held["clinics.write_assessment"]:
        begun = assessment is not None and assessment.state == Assessment.State.DRAFT
        label = _("Go on with the assessment") if begun else _("Write the assessment")
        found.append(to(label, "assessment_begin", posts=True, first=True))
    if status is Status.ASSESSED and held["clinics.accept_inquiry"]:
        found.append(to(_("Decide"), "decision_create", first=True))
    if status is Status.ACCEPTED and held["clinics.admit_client"]:
        found.append(to(_("Make the admission ready"), "admission_create", first=True))
    if status is Status.ACCEPTED and held["clinics.change_inquiry"]:
        found.append(to(_("Put on the waiting list"), "waitlist_join"))
    if admission is not None and held["clinics.undo_admission"] and now <= admission.admitted_at + UNDO_WITHIN:
        found.append(to(_("Take the admission back"), "admission_undo", admission))
    return found

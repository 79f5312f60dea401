"""
Endpoints from the assessment to the admission: what a calendar, a phone system or a State's own system asks and says.

An assessment is written and signed on a screen, where who signs proves who they are; here it is read. An admission is
taken back on a screen for the same reason.
"""

from collections.abc import Callable
from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from clients.api import admission_bodies as bodies
from clients.api.inquiries import CHANGE, VIEW, InquiryView
from clients.api.inquiry_bodies import IllegalMoveSerializer
from clients.api.views import ONCE_KEY
from clients.models import Admission, AdmissionDecision, Appointment, Assessment, Inquiry, WaitlistEntry
from clients.rules import admission as rules
from clients.rules.clock import NoSuchTime
from clients.rules.dates import ImpossibleDate
from clients.rules.transitions import IllegalMove
from clients.selectors import admission as selectors
from clients.selectors.people import permits
from clients.services import admission, assessments, waitlist
from clients.services.caseload import NotATherapist
from clients.services.free_times import TimeTaken
from clinics import audit
from clinics.access import find_permitted
from clinics.api.views import ClinicAPIView, listed_as, with_etag
from clinics.models import Program, User
from clinics.paging import Page
from clinics.versions import Stale

READ = "clinics.view_assessment"
ACCEPT, ADMIT = "clinics.accept_inquiry", "clinics.admit_client"


class CareView(InquiryView):
    """What these endpoints share: the inquiry of a person on whom one holds a right, and refusals as answers."""

    def of_person(self, public_id: str, perm: str) -> Inquiry:
        """
        Return the inquiry of the address, where the caller holds `perm` on its person.

        :raises Http404: not there, or not visible
        :raises PermissionDenied: visible, but not allowed
        """
        user: Any = self.request.user
        inquiry: Inquiry = find_permitted(Inquiry, user, VIEW, related=("client",), public_id=public_id, purpose="api")
        if inquiry.client is None or not permits(inquiry.client, user, perm)[0]:
            raise PermissionDenied
        return inquiry

    def clinic_rows(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return the body with program and therapist as rows of this clinic."""
        found = dict(data)
        if found.get("program") is not None:
            found["program"] = Program.objects.filter(public_id=found["program"], is_active=True).first()
            if found["program"] is None:
                raise serializers.ValidationError({"program": ["No such program at this clinic."]})
        if found.get("therapist") is not None:
            found["therapist"] = User.objects.filter(public_id=found["therapist"]).first()
            if found["therapist"] is None:
                raise serializers.ValidationError({"therapist": ["No such therapist at this clinic."]})
        return found

    def answered(self, act: Callable[[], Any], show: Callable[[str], Any], about: Inquiry) -> Response:
        """Do `act` once, and answer a refusal with what to do."""
        try:
            return self.created_once(act, show, about=str(about.public_id))
        except IllegalMove as error:
            body = {
                "detail": str(error),
                "code": "illegal_move",
                "fields": {},
                "legal": [str(one) for one in error.legal],
            }
            return Response(body, status=status.HTTP_409_CONFLICT)
        except admission.RecordIncomplete as error:
            raise serializers.ValidationError(
                {f"record.{problem.key}": [problem.sentence] for problem in error.problems}
            ) from None
        except NoSuchTime as error:
            raise serializers.ValidationError({"start_time": [str(error)]}) from None
        except (
            NotATherapist, ImpossibleDate, admission.NoReason, admission.NoLevel, assessments.NoPerson,
            assessments.AlreadyBooked, TimeTaken,
        ) as error:  # fmt: skip
            raise serializers.ValidationError({error.field or "": [str(error)]}) from None


class AssessmentBooking(CareView):
    """The assessment appointments of an inquiry."""

    rights: ClassVar[Any] = {"GET": VIEW, "POST": CHANGE}

    @extend_schema(responses=listed_as(bodies.BookedSerializer), operation_id="assessment_bookings_list")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> HttpResponse:
        """List the assessment appointments, the newest first."""
        inquiry = self.found(public_id)
        rows = Appointment.objects.filter(inquiry=inquiry).select_related("therapist")
        return self.listing(rows, ("-starts_at", "-id"), _booked)

    @extend_schema(
        request=bodies.AppointmentBookSerializer,
        responses={201: bodies.BookedSerializer, 409: IllegalMoveSerializer},
        parameters=[ONCE_KEY],
        operation_id="assessment_book",
    )
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Book the assessment: who assesses sees the person from now on, and the inquiry moves on."""
        inquiry = self.found(public_id)
        data = self.clinic_rows(self.checked(bodies.AppointmentBookSerializer))
        user: Any = request.user

        def act() -> Appointment:
            return assessments.book_assessment(inquiry=inquiry, by=user, now=timezone.now(), **data)

        return self.answered(act, lambda pk: _booked(Appointment.objects.get(public_id=pk)), inquiry)


def _booked(row: Appointment) -> dict[str, Any]:
    kept = ("starts_at", "duration_min", "attendance")
    return {
        "id": row.public_id, "therapist": row.therapist.public_id, **{name: getattr(row, name) for name in kept}
    }  # fmt: skip


class AssessmentList(ClinicAPIView):
    """Assessments that the caller may read."""

    rights: ClassVar[Any] = {"GET": READ}

    @extend_schema(responses=listed_as(bodies.AssessmentSerializer), operation_id="assessments_list")
    def get(self, request: Request, clinic_slug: str) -> HttpResponse:
        """List assessments, the newest first; without any text."""
        rows = Assessment.objects.permitted(request.user, READ)
        return self.listing(
            rows.values(*bodies.ASSESSMENT_VALUES), ("-id",), bodies.shown_assessment_row,
            seen=lambda page: _listed("assessment", page),
        )  # fmt: skip


class AssessmentDetail(ClinicAPIView):
    """One assessment."""

    rights: ClassVar[Any] = {"GET": READ}

    @extend_schema(responses=bodies.AssessmentDetailSerializer, operation_id="assessment_read")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Read an assessment as it is written so far."""
        user: Any = request.user
        related = ("inquiry", "client", "assessor")
        found = find_permitted(Assessment, user, READ, related=related, public_id=public_id, purpose="api")
        return with_etag(bodies.shown_assessment(found), found.version)


class DecisionList(CareView):
    """What was decided about an inquiry."""

    rights: ClassVar[Any] = {"GET": VIEW, "POST": ACCEPT}

    @extend_schema(responses=listed_as(bodies.DecisionSerializer), operation_id="decisions_list")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> HttpResponse:
        """List decisions, the newest first."""
        inquiry = self.found(public_id)
        whole = self._reads(inquiry)
        rows = AdmissionDecision.objects.filter(inquiry=inquiry).select_related("program", "assessment", "decided_by")
        return self.listing(rows, ("-id",), lambda row: bodies.shown_decision(row, whole=whole))

    @extend_schema(
        request=bodies.DecisionCreateSerializer,
        responses={201: bodies.DecisionSerializer, 409: IllegalMoveSerializer},
        parameters=[ONCE_KEY],
        operation_id="decision_create",
    )
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Decide on somebody who was assessed. The decision is final."""
        inquiry = self.of_person(public_id, ACCEPT)
        data = self.clinic_rows(self.checked(bodies.DecisionCreateSerializer))
        user: Any = request.user

        def act() -> AdmissionDecision:
            return admission.decide(inquiry=inquiry, by=user, now=timezone.now(), **data)

        def show(pk: str) -> dict[str, Any]:
            return bodies.shown_decision(AdmissionDecision.objects.get(public_id=pk), whole=self._reads(inquiry))

        return self.answered(act, show, inquiry)

    def _reads(self, inquiry: Inquiry) -> bool:
        user: Any = self.request.user
        return inquiry.client is not None and permits(inquiry.client, user, READ)[0]


class WaitingList(ClinicAPIView):
    """Who waits for a place."""

    rights: ClassVar[Any] = {"GET": VIEW}

    @extend_schema(responses=listed_as(bodies.WaitingSerializer), operation_id="waiting_list")
    def get(self, request: Request, clinic_slug: str) -> HttpResponse:
        """List who waits, first come first within the order of the block grant; without any name."""
        rows = WaitlistEntry.objects.permitted(request.user, VIEW).filter(ended_at=None)
        return self.listing(
            rows.values(*bodies.WAITING_VALUES), ("priority", "since", "id"), bodies.shown_waiting,
            seen=lambda page: _listed("waitlistentry", page),
        )  # fmt: skip


class WaitingCreate(CareView):
    """The place of an inquiry on the waiting list."""

    rights: ClassVar[Any] = {"POST": CHANGE}

    @extend_schema(
        request=bodies.JoinSerializer,
        responses={201: bodies.WaitingSerializer, 409: IllegalMoveSerializer},
        parameters=[ONCE_KEY],
        operation_id="waiting_create",
    )
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Put an accepted person on the waiting list."""
        inquiry = self.of_person(public_id, CHANGE)
        data = self.checked(bodies.JoinSerializer)
        user: Any = request.user

        def act() -> WaitlistEntry:
            return admission.put_on_list(inquiry=inquiry, by=user, now=timezone.now(), **data)

        return self.answered(act, _shown_entry, inquiry)


class WaitingOffer(CareView):
    """The offer of a place to somebody who waits."""

    rights: ClassVar[Any] = {"POST": CHANGE}

    @extend_schema(
        request=None, responses={201: bodies.WaitingSerializer, 409: IllegalMoveSerializer}, parameters=[ONCE_KEY],
        operation_id="waiting_offer",
    )  # fmt: skip
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Offer a place: the person is accepted again, and the waiting ends."""
        user: Any = request.user
        entry = find_permitted(
            WaitlistEntry, user, CHANGE, view_perm=VIEW, related=("inquiry",), public_id=public_id, purpose="api"
        )

        def act() -> WaitlistEntry:
            admission.offer_slot(entry=entry, version=entry.version, by=user, now=timezone.now())
            return entry

        try:
            return self.answered(act, _shown_entry, entry.inquiry)
        except (waitlist.NotWaiting, Stale) as error:
            body = {"detail": str(error), "code": "illegal_move", "fields": {}, "legal": []}
            return Response(body, status=status.HTTP_409_CONFLICT)


class AdmissionOfInquiry(CareView):
    """What stands before an admission, and the admission."""

    rights: ClassVar[Any] = {"GET": ADMIT, "POST": ADMIT}

    @extend_schema(responses=bodies.ReadySerializer, operation_id="admission_ready")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Read what stands and what is missing. What an admission itself chooses is missing until it is sent."""
        inquiry = self.of_person(public_id, ADMIT)
        facts = selectors.facts(inquiry, timezone.now())
        items = rules.checklist(facts)
        ready = [{"guard": one.guard, "holds": one.holds, "missing": one.missing} for one in items]
        return Response({"ready": ready, "warnings": list(rules.warnings(facts))})

    @extend_schema(
        request=bodies.AdmissionCreateSerializer,
        responses={201: bodies.AdmissionSerializer, 409: IllegalMoveSerializer},
        parameters=[ONCE_KEY],
        operation_id="admission_create",
    )
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Admit an accepted person. Whatever is missing is 409 and named; the admission record's errors are 400."""
        inquiry = self.of_person(public_id, ADMIT)
        data = self.clinic_rows(self.checked(bodies.AdmissionCreateSerializer))
        plan = admission.Plan(answers=data.pop("record"), **data)
        user: Any = request.user

        def act() -> Admission:
            return admission.admit(inquiry=inquiry, plan=plan, by=user, now=timezone.now())

        return self.answered(act, lambda pk: bodies.shown_admission(Admission.objects.get(public_id=pk)), inquiry)


def _shown_entry(public_id: str) -> dict[str, Any]:
    return bodies.shown_waiting(bodies.waiting_row(WaitlistEntry.objects.get(public_id=public_id)))


def _listed(what: str, page: Page) -> None:
    """Record that a list was shown, and of whom."""
    audit.listed(what, [row["client_id"] for row in page.rows], purpose="api", detail={"n": len(page.rows)})

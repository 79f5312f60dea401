"""
Endpoints for inquiries: what a phone system or a clinic's own site calls, and what follows them.

Who works with inquiries without seeing people (an administrator) is sent their state, never names or words.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from clients.api import inquiry_bodies as bodies
from clients.api.inquiry_bodies import ORIGIN
from clients.api.inquiry_examples import EXAMPLES
from clients.api.of_client import person_named
from clients.api.views import IF_MATCH, ONCE_KEY
from clients.models import Client, ContactAttempt, Inquiry, InquiryMove, ReferralOrganisation
from clients.rules.contact import NotAllowed
from clients.rules.dates import ImpossibleDate
from clients.rules.intake import Contradiction
from clients.rules.phones import BadNumber
from clients.rules.transitions import IllegalMove
from clients.selectors import guards
from clients.services import inquiries
from clients.services.guardians import Guardian, guardian_of
from clients.services.inquiries import ImpossibleTime
from clients.services.people import NoName
from clients.services.referrals import NOBODY_SAID, NotListed, Referral, referral_of
from clients.services.said import Caller, Need, NoWayBack, Person
from clinics import audit
from clinics.access import find_permitted
from clinics.api.errors import PreconditionFailed
from clinics.api.views import ClinicAPIView, listed_as, with_etag
from clinics.models import Program
from clinics.paging import Page
from clinics.versions import Stale

VIEW, CHANGE = "clinics.view_inquiry", "clinics.change_inquiry"
STATUS = OpenApiParameter("status", str, enum=bodies.STATUSES, description="One status, or several with commas")
# Where the value stands that a rule of the service refuses; else it stands where the error says.
PLACES: Mapping[type[Exception], str] = {
    NoWayBack: "caller.phone",
    BadNumber: "caller.phone",
    ImpossibleDate: "person.born_on",
    NoName: "person.legal_name",
    ImpossibleTime: "received_at",
}
REFUSALS: tuple[type[Exception], ...] = (*PLACES, Contradiction, NotListed)
# A group of the body stands for several columns.
GROUPS: Mapping[str, str] = {
    "eap_vendor": "assistance",
    "eap_sessions_used": "assistance.sessions_used",
    "safe_way": "contact.safe_way",
    "guardian_phone": "guardian.phone",
}


class ContactNotAllowed(APIException):
    """The caller did not agree to this way of contact, or to a message."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "contact_not_allowed"


def flattened(errors: Any, place: str = "") -> dict[str, list[str]]:
    """Return errors of nested groups as {"group.field": [sentences]}, which is the form of every error here."""
    if isinstance(errors, dict):
        found: dict[str, list[str]] = {}
        for name, below in errors.items():
            for key, sentences in flattened(below, f"{place}.{name}".strip(".")).items():
                found.setdefault(key, []).extend(sentences)
        return found
    return {place.removesuffix(".non_field_errors"): [str(sentence) for sentence in errors]}


def refused(error: Exception) -> serializers.ValidationError:
    """Return what a rule of the service refuses as the error of its place in the body."""
    field = getattr(error, "field", "")
    return serializers.ValidationError({PLACES.get(type(error)) or GROUPS.get(field, field): [str(error)]})


def whole_for(request: Request, inquiry: Inquiry) -> bool:
    """Tell whether the caller may see whom this inquiry is about and what they said, not only where it stands."""
    rows = Inquiry.objects.permitted(request.user, "clinics.view_client")
    found: bool = rows.filter(pk=inquiry.pk).exists()
    return found


class InquiryView(ClinicAPIView):
    """What endpoints of inquiries share: errors of nested groups, and finding the inquiry of the address."""

    def checked(self, serializer_class: Any, **options: Any) -> dict[str, Any]:
        """Return the body, checked; each error stands at its place, such as "caller.phone"."""
        try:
            return super().checked(serializer_class, **options)
        except serializers.ValidationError as error:
            raise serializers.ValidationError(flattened(error.detail)) from None

    def found(self, public_id: str) -> Inquiry:
        """Return the inquiry of the address, for this method, and record that it was opened."""
        changes = self.request.method in ("POST", "PATCH")
        inquiry: Inquiry = find_permitted(
            Inquiry,
            self.request.user,  # type: ignore[arg-type]
            CHANGE if changes else VIEW,
            view_perm=VIEW,
            related=("client", "organisation", "program"),
            public_id=public_id,
            purpose="api",
        )
        return inquiry

    def known(self, public_id: Any) -> Client | None:
        """Return the record of the body that the caller may use, or refuse."""
        return None if public_id is None else person_named(self, public_id, CHANGE)

    @staticmethod
    def need(data: dict[str, Any]) -> Need:
        """Return what they said, of a body; a program that is none of the clinic's is refused."""
        key = data.pop("program", None)
        program = Program.objects.filter(public_id=key).first() if key else None
        if key and program is None:
            raise serializers.ValidationError({"need.program": ["No such program at this clinic."]})
        return Need(program=program, **data)

    @staticmethod
    def referral(data: dict[str, Any], before: Referral = NOBODY_SAID) -> Referral:
        """
        Take out of the body who referred somebody.

        before   what stands there already: a field that is left out stays
        """
        said = {name: data.pop(name) for name in ("source", "source_detail", "source_name", *ORIGIN) if name in data}
        said |= {f"eap_{name}": value for name, value in data.pop("assistance", {}).items()}
        if "organisation" in data:
            key = data.pop("organisation")
            said["organisation"] = ReferralOrganisation.objects.filter(public_id=key).first() if key else None
            if key and said["organisation"] is None:
                raise serializers.ValidationError({"organisation": ["No such organization at this clinic."]})
        return replace(before, **said)

    def made(self, inquiry: Inquiry, act: Callable[[], Any], model: Any, shown: Any) -> Response:
        """Do `act` once under this inquiry, and send the row of `model` that it made, as `shown`."""
        whole = whole_for(self.request, inquiry)
        return self.created_once(
            act, lambda pk: shown(model.objects.get(public_id=pk), whole=whole), about=str(inquiry.public_id)
        )


class InquiryList(InquiryView):
    """Inquiries that the caller may see."""

    rights: ClassVar[Any] = {"GET": VIEW, "POST": CHANGE}

    @extend_schema(responses=listed_as(bodies.InquirySerializer), parameters=[STATUS], operation_id="inquiries_list")
    def get(self, request: Request, clinic_slug: str) -> HttpResponse:
        """List inquiries, the newest first; nothing in the list tells who they are about."""
        rows = Inquiry.objects.permitted(request.user, VIEW)
        asked = [part for part in request.query_params.get("status", "").split(",") if part]
        if not set(asked) <= set(bodies.STATUSES):
            raise serializers.ValidationError({"status": [f"Choose from: {', '.join(bodies.STATUSES)}."]})
        if asked:
            rows = rows.filter(status__in=asked)
        return self.listing(
            rows.values(*bodies.ROW_VALUES),
            ("-received_at", "-id"),
            bodies.shown_row,
            seen=lambda page: listed("inquiry", page),
        )

    @extend_schema(
        request=bodies.InquiryCreateSerializer,
        responses={201: bodies.InquiryDetailSerializer},
        parameters=[ONCE_KEY],
        examples=[EXAMPLES["call"], EXAMPLES["form"]],
        operation_id="inquiry_create",
    )
    def post(self, request: Request, clinic_slug: str) -> Response:
        """Keep an inquiry: its clock runs from `received_at`, and what safety asks for is raised at once."""
        data = self.checked(bodies.InquiryCreateSerializer)
        known, referral = self.known(data.pop("client", None)), self.referral(data)
        caller = Caller(**data.pop("caller"), **data.pop("contact", {}))
        person, need = Person(**data.pop("person", {})), self.need(data.pop("need", {}))
        guardian = Guardian(**data.pop("guardian", {}))

        def act() -> Inquiry:
            return inquiries.open_inquiry(
                clinic=request._request.clinic,  # type: ignore[attr-defined]
                caller=caller,
                person=person,
                need=need,
                known=known,
                referral=referral,
                guardian=guardian,
                by=request.user,  # type: ignore[arg-type]
                now=timezone.now(),
                **data,
            )

        def show(public_id: str) -> Mapping[str, Any]:
            inquiry = Inquiry.objects.select_related("clinic").get(public_id=public_id)
            return bodies.shown_inquiry(inquiry, whole=whole_for(request, inquiry))

        try:
            return self.created_once(act, show)
        except REFUSALS as error:
            raise refused(error) from None


class InquiryDetail(InquiryView):
    """One inquiry."""

    rights: ClassVar[Any] = {"GET": VIEW, "PATCH": CHANGE}

    @extend_schema(responses=bodies.InquiryDetailSerializer, operation_id="inquiry_read")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Read an inquiry and its next legal moves; the answer's ETag is its version."""
        inquiry = self.found(public_id)
        return with_etag(bodies.shown_inquiry(inquiry, whole=whole_for(request, inquiry)), inquiry.version)

    @extend_schema(
        request=bodies.InquiryChangeSerializer,
        responses=bodies.InquiryDetailSerializer,
        parameters=[IF_MATCH],
        examples=[EXAMPLES["change"]],
        operation_id="inquiry_change",
    )
    def patch(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Write down more of what was said, or correct it; what safety asks for is raised at once."""
        inquiry = self.found(public_id)
        if (version := self.version_asked()) != inquiry.version:
            raise PreconditionFailed
        data = self.checked(bodies.InquiryChangeSerializer)
        if inquiry.client is not None and (named := sorted(data.keys() & {"client", "person"})):
            sentence = f"This inquiry has a record of the person. Change it at clients/{inquiry.client.public_id}/."
            raise serializers.ValidationError({name: [sentence] for name in named})
        caller = (
            bodies.caller_of(inquiry) | bodies.contact_of(inquiry) | data.pop("caller", {}) | data.pop("contact", {})
        )
        need = bodies.need_of(inquiry) | {"gaps": inquiry.gaps} | data.pop("need", {})
        try:
            changed = inquiries.change_inquiry(
                inquiry=inquiry,
                version=version,
                caller=Caller(**caller),
                person=Person(**data.pop("person", {})),
                need=self.need(need),
                known=self.known(data.pop("client", None)),
                referral=self.referral(data, referral_of(inquiry)),
                guardian=replace(guardian_of(inquiry), **data.pop("guardian", {})),
                by=request.user,  # type: ignore[arg-type]
                now=timezone.now(),
            )
        except Stale:
            raise PreconditionFailed from None
        except REFUSALS as error:
            raise refused(error) from None
        return with_etag(bodies.shown_inquiry(changed, whole=whole_for(request, changed)), changed.version)


class AttemptList(InquiryView):
    """The attempts to reach the caller of an inquiry."""

    rights: ClassVar[Any] = {"GET": VIEW, "POST": CHANGE}

    @extend_schema(responses=listed_as(bodies.AttemptSerializer), operation_id="attempts_list")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> HttpResponse:
        """List attempts, the newest first."""
        inquiry = self.found(public_id)
        whole = whole_for(request, inquiry)
        rows = ContactAttempt.objects.filter(inquiry=inquiry)
        return self.listing(rows, ("-at", "-id"), lambda row: bodies.shown_attempt(row, whole=whole))

    @extend_schema(
        request=bodies.AttemptCreateSerializer,
        responses={201: bodies.AttemptSerializer},
        parameters=[ONCE_KEY],
        examples=[EXAMPLES["attempt"]],
        operation_id="attempt_create",
    )
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Log an attempt. It stands as it was logged; what the caller did not agree to is refused with 409."""
        inquiry = self.found(public_id)
        data = self.checked(bodies.AttemptCreateSerializer)

        def act() -> ContactAttempt:
            user: Any = request.user
            return inquiries.log_attempt(inquiry=inquiry, by=user, now=timezone.now(), **data)

        try:
            return self.made(inquiry, act, ContactAttempt, bodies.shown_attempt)
        except NotAllowed as error:
            raise ContactNotAllowed(str(error)) from None
        except ImpossibleTime as error:
            raise serializers.ValidationError({"at": [str(error)]}) from None


class MoveList(InquiryView):
    """The steps that an inquiry has taken."""

    rights: ClassVar[Any] = {"GET": VIEW, "POST": CHANGE}

    @extend_schema(responses=listed_as(bodies.MoveSerializer), operation_id="moves_list")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> HttpResponse:
        """List moves, the first one first."""
        inquiry = self.found(public_id)
        whole = whole_for(request, inquiry)
        rows = InquiryMove.objects.filter(inquiry=inquiry)
        return self.listing(rows, ("id",), lambda row: bodies.shown_move(row, whole=whole))

    @extend_schema(
        request=bodies.MoveCreateSerializer,
        responses={201: bodies.MoveSerializer, 409: bodies.IllegalMoveSerializer},
        parameters=[ONCE_KEY],
        examples=[EXAMPLES["move"], EXAMPLES["illegal"]],
        operation_id="move_create",
    )
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Take one step. A step that is not legal now is 409 and names those that are."""
        inquiry = self.found(public_id)
        data = self.checked(bodies.MoveCreateSerializer)
        if (key := data.pop("master", None)) is not None:
            data["master"] = guards.alike(inquiry).filter(public_id=key).first()
            if data["master"] is None:
                raise serializers.ValidationError({"master": ["No such inquiry of the same caller or person."]})

        def act() -> InquiryMove:
            user: Any = request.user
            moved = inquiries.move_inquiry(inquiry=inquiry, by=user, now=timezone.now(), **data)
            return moved.moves.latest("id")

        try:
            return self.made(inquiry, act, InquiryMove, bodies.shown_move)
        except IllegalMove as error:
            legal = [str(one) for one in error.legal]
            body = {"detail": str(error), "code": "illegal_move", "fields": {}, "legal": legal}
            return Response(body, status=status.HTTP_409_CONFLICT)
        except ImpossibleDate as error:
            raise serializers.ValidationError({error.field: [str(error)]}) from None


def listed(what: str, page: Page) -> None:
    """Record that a list was shown: the people on it, and how many rows, since not every row has a person yet."""
    people = [row["client_id"] for row in page.rows if row["client_id"] is not None]
    rows = [row["id"] for row in page.rows]
    audit.listed(what, people, purpose="api", detail={"row_ids": rows, "n": len(rows)})

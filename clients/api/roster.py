"""Endpoints for who is on call: now, and by the roster; putting somebody on it, and taking them off. No client."""

from typing import Any, ClassVar

from django.http import Http404, HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from clients.api.inquiry_bodies import Group
from clients.api.views import ONCE_KEY
from clients.models import Shift
from clients.rules.shifts import BadShift
from clients.selectors import roster as selectors
from clients.selectors.roster import ANSWER, PLAN, VIEW
from clients.services import roster
from clinics.access import NOT_HERE
from clinics.api.views import ClinicAPIView, listed_as
from clinics.models import User

NIGHT = OpenApiExample(
    "A night",
    {
        "user": "3f0c8a52-6a4f-4f3c-9a53-0a8d2c9f6f10",
        "starts_at": "2026-11-23T18:00:00-06:00",
        "ends_at": "2026-11-24T08:00:00-06:00",
    },
    request_only=True,
)


class ClinicianSerializer(serializers.Serializer[Any]):
    """Somebody who can be fetched."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class OnCallSerializer(serializers.Serializer[Any]):
    """Who can be fetched now, the first to call first."""

    rostered = serializers.BooleanField(help_text="false: nobody is on call, and these are the clinic's supervisors")
    people = ClinicianSerializer(many=True)


class ShiftSerializer(serializers.Serializer[Any]):
    """Who is on call from when to when."""

    id = serializers.UUIDField()
    user = serializers.UUIDField()
    name = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class ShiftCreateSerializer(Group):
    """Who is put on call, from when to when; a week at most."""

    user = serializers.UUIDField(help_text="A therapist or supervisor of the list of people")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class OverAlready(APIException):
    """A shift that is over is not ended again."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "over_already"


def shown(shift: Shift) -> dict[str, Any]:
    """Return what is sent of a shift."""
    kept = {"starts_at": shift.starts_at, "ends_at": shift.ends_at}
    return {"id": shift.public_id, "user": shift.user.public_id, "name": shift.user.name, **kept}


class OnCallNow(ClinicAPIView):
    """Who can be fetched now."""

    rights: ClassVar[Any] = {"GET": VIEW}

    @extend_schema(responses=OnCallSerializer, operation_id="on_call_now")
    def get(self, request: Request, clinic_slug: str) -> Response:
        """Read who is on call now; the supervisors where no shift covers this moment."""
        found = selectors.on_call(request._request.clinic.pk)  # type: ignore[attr-defined]
        people = [{"id": one.public_id, "name": one.name} for one in found.people]
        return Response({"rostered": found.rostered, "people": people})


class RosterView(ClinicAPIView):
    """What endpoints of the roster share: who plans it."""

    def require_planner(self) -> None:
        """
        Let in who plans the roster; a token carries the right by which they do.

        :raises PermissionDenied: they only see it
        """
        user: Any = self.request.user
        if not selectors.plans(user, self.request._request.clinic.pk, self.carried(PLAN, ANSWER)):  # type: ignore[attr-defined]
            raise PermissionDenied


class ShiftList(RosterView):
    """The roster."""

    rights: ClassVar[Any] = {"GET": VIEW, "POST": VIEW}

    @extend_schema(responses=listed_as(ShiftSerializer), operation_id="shifts_list")
    def get(self, request: Request, clinic_slug: str) -> HttpResponse:
        """List shifts that run or are still to come, the first to begin first."""
        return self.listing(selectors.shifts_ahead(), ("starts_at", "id"), shown)

    @extend_schema(
        request=ShiftCreateSerializer, responses={201: ShiftSerializer}, parameters=[ONCE_KEY], examples=[NIGHT],
        operation_id="shift_create",
    )  # fmt: skip
    def post(self, request: Request, clinic_slug: str) -> Response:
        """Put a clinician on call; for who takes the calls, and who answers for the safety of a team."""
        self.require_planner()
        data = self.checked(ShiftCreateSerializer)
        by: Any = request.user
        clinic = request._request.clinic  # type: ignore[attr-defined]

        def act() -> Shift:
            user = User.objects.filter(public_id=data["user"]).first()
            if user is None:
                raise BadShift("user", "Choose a therapist or supervisor who works here now.")
            return roster.plan_shift(
                clinic=clinic, user=user, starts_at=data["starts_at"], ends_at=data["ends_at"], by=by,
                now=timezone.now(),
            )  # fmt: skip

        try:
            return self.created_once(act, lambda pk: shown(Shift.objects.select_related("user").get(public_id=pk)))
        except BadShift as error:
            raise serializers.ValidationError({error.field: [str(error)]}) from None


class ShiftDetail(RosterView):
    """One shift."""

    rights: ClassVar[Any] = {"DELETE": VIEW}

    @extend_schema(responses={204: None}, operation_id="shift_end")
    def delete(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """End a shift that runs, or take back one that is still to come; one that is over is 409."""
        shift = selectors.shift_of(public_id)
        if shift is None:
            raise Http404(NOT_HERE)
        self.require_planner()
        by: Any = request.user
        try:
            roster.end_shift(shift=shift, by=by, now=timezone.now())
        except BadShift as error:
            raise OverAlready(str(error)) from None
        return Response(status=status.HTTP_204_NO_CONTENT)

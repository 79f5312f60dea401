"""Endpoints for safety concerns: those that are open, and handing one to a clinician. Without any text."""

from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from clients.api.inquiries import CHANGE, listed
from clients.api.inquiry_bodies import Group
from clients.models import SafetyConcern
from clients.models.safety import CLINICIANS
from clients.services import safety
from clinics.access import find_permitted
from clinics.api.views import ClinicAPIView, flag, listed_as
from clinics.selectors.staff import staff_now

VIEW = "clinics.view_safety"
OPEN = OpenApiParameter("open", bool, description="true: only concerns that nobody has reviewed")


CONCERN_VALUES = (
    "id", "public_id", "client_id", "inquiry__public_id", "client__public_id", "level", "code", "raised_at", "due_at",
    "handed_to_id", "reviewed_at", "next_check_on", "naloxone",
)  # fmt: skip


class ConcernSerializer(serializers.Serializer[Any]):
    """A safety concern, without its text."""

    id = serializers.UUIDField()
    inquiry = serializers.UUIDField(allow_null=True)
    client = serializers.UUIDField(allow_null=True)
    level = serializers.CharField(help_text="S1 to S3; S2 and S3 hold the inquiry")
    code = serializers.CharField(help_text="The rule that raised it")
    raised_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    handed_over = serializers.BooleanField()
    reviewed_at = serializers.DateTimeField(allow_null=True)
    next_check_on = serializers.DateField(allow_null=True)
    naloxone = serializers.CharField(help_text="What came of offering it, where the rule asks for that; else empty")


def shown_concern(row: dict[str, Any]) -> dict[str, Any]:
    """Return what is sent of a safety concern: no text of anybody."""
    kept = ("level", "code", "raised_at", "due_at", "reviewed_at", "next_check_on", "naloxone")
    return {
        "id": row["public_id"],
        "inquiry": row["inquiry__public_id"],
        "client": row["client__public_id"],
        "handed_over": row["handed_to_id"] is not None,
        **{name: row[name] for name in kept},
    }


class HandOverSerializer(Group):
    """To whom a concern goes."""

    to = serializers.UUIDField(help_text="A therapist or supervisor of the list of people")


class ReviewedAlready(APIException):
    """A clinician reviewed this concern: nobody is handed it any more."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "reviewed_already"


class ConcernList(ClinicAPIView):
    """Safety concerns that the caller may see."""

    rights: ClassVar[Any] = {"GET": VIEW}

    @extend_schema(responses=listed_as(ConcernSerializer), parameters=[OPEN], operation_id="safety_concerns_list")
    def get(self, request: Request, clinic_slug: str) -> HttpResponse:
        """List concerns, the one that is due first; without any text."""
        rows = SafetyConcern.objects.permitted(request.user, VIEW)
        if flag(request.query_params.get("open")):
            rows = rows.filter(reviewed_at__isnull=True)
        return self.listing(
            rows.values(*CONCERN_VALUES),
            ("due_at", "id"),
            shown_concern,
            seen=lambda page: listed("safetyconcern", page),
        )


class ConcernHandOver(ClinicAPIView):
    """Who answers for a concern."""

    rights: ClassVar[Any] = {"POST": CHANGE}

    @extend_schema(request=HandOverSerializer, responses=ConcernSerializer, operation_id="safety_concern_hand_over")
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Hand a concern, and what else is open about its call, to a clinician; sent again, nothing changes."""
        user: Any = request.user
        concern = find_permitted(
            SafetyConcern, user, CHANGE, view_perm=VIEW, public_id=public_id, purpose="api"
        )  # fmt: skip
        data = self.checked(HandOverSerializer)
        to = staff_now(concern.clinic_id, *CLINICIANS).filter(public_id=data["to"]).first()
        if to is None:
            raise serializers.ValidationError({"to": [str(safety.NotAClinician())]})
        try:
            safety.hand_over_call(concern=concern, to=to, by=user)
        except safety.AlreadyReviewed as error:
            raise ReviewedAlready(str(error)) from None
        row = SafetyConcern.objects.values(*CONCERN_VALUES).get(pk=concern.pk)
        return Response(shown_concern(row))

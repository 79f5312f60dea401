"""Endpoints for safety concerns: those that are open, and handing one to a clinician. Without any text."""

from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from clients.api import inquiry_bodies as bodies
from clients.api.inquiries import CHANGE, listed
from clients.models import SafetyConcern
from clients.models.safety import CLINICIANS
from clients.services import safety
from clinics.access import find_permitted
from clinics.api.views import ClinicAPIView, flag, listed_as
from clinics.selectors.staff import staff_now

VIEW = "clinics.view_safety"
OPEN = OpenApiParameter("open", bool, description="true: only concerns that nobody has reviewed")


class HandOverSerializer(bodies.Group):
    """To whom a concern goes."""

    to = serializers.UUIDField(help_text="A therapist or supervisor of the list of people")


class ReviewedAlready(APIException):
    """A clinician reviewed this concern: nobody is handed it any more."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "reviewed_already"


class ConcernList(ClinicAPIView):
    """Safety concerns that the caller may see."""

    rights: ClassVar[Any] = {"GET": VIEW}

    @extend_schema(
        responses=listed_as(bodies.ConcernSerializer), parameters=[OPEN], operation_id="safety_concerns_list"
    )
    def get(self, request: Request, clinic_slug: str) -> HttpResponse:
        """List concerns, the one that is due first; without any text."""
        rows = SafetyConcern.objects.permitted(request.user, VIEW)
        if flag(request.query_params.get("open")):
            rows = rows.filter(reviewed_at__isnull=True)
        return self.listing(
            rows.values(*bodies.CONCERN_VALUES),
            ("due_at", "id"),
            bodies.shown_concern,
            seen=lambda page: listed("safetyconcern", page),
        )


class ConcernHandOver(ClinicAPIView):
    """Who answers for a concern."""

    rights: ClassVar[Any] = {"POST": CHANGE}

    @extend_schema(
        request=HandOverSerializer, responses=bodies.ConcernSerializer, operation_id="safety_concern_hand_over"
    )
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
        row = SafetyConcern.objects.values(*bodies.CONCERN_VALUES).get(pk=concern.pk)
        return Response(bodies.shown_concern(row))

"""
Endpoints for safety concerns: those that are open, handing one to a clinician, and what the clinician found.

What was found is sent to who resolves concerns about this person; everywhere else there is no text.
"""

from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from clients.api.inquiries import CHANGE, listed
from clients.api.inquiry_bodies import NOTE_CHARS, Group
from clients.api.views import ONCE_KEY
from clients.models import SafetyConcern
from clients.models.safety import CLINICIANS
from clients.rules.safety import NALOXONE
from clients.services import safety
from clinics.access import find_permitted
from clinics.api.views import ClinicAPIView, flag, listed_as
from clinics.selectors.staff import staff_now

VIEW, RESOLVE = "clinics.view_safety", "clinics.resolve_safety"
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


class ReviewSerializer(serializers.Serializer[Any]):
    """What a clinician found, and when somebody looks again; empty while nobody has reviewed the concern."""

    id = serializers.UUIDField(help_text="The concern")
    rationale = serializers.CharField()
    naloxone = serializers.CharField(help_text="What came of offering it, where the rule asks for that; else empty")
    next_check_on = serializers.DateField(allow_null=True)
    reviewed_at = serializers.DateTimeField(allow_null=True)
    reviewed_by = serializers.UUIDField(allow_null=True)


class ReviewCreateSerializer(Group):
    """What was found and done. S2 and S3 end with a day on which somebody checks again."""

    rationale = serializers.CharField(max_length=NOTE_CHARS)
    naloxone = serializers.ChoiceField(
        NALOXONE, required=False, help_text="Needed where the rule asks for an offer of naloxone"
    )
    next_check_on = serializers.DateField(
        allow_null=True, required=False, help_text="Today or later; needed for S2 and S3"
    )


REVIEW = OpenApiExample(
    "Seen and safe",
    {"rationale": "Spoke for twenty minutes; not alone tonight.", "next_check_on": "2026-11-24"},
    request_only=True,
)


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


class ConcernReview(ClinicAPIView):
    """What a clinician found about a concern."""

    rights: ClassVar[Any] = {"GET": RESOLVE, "POST": RESOLVE}

    @extend_schema(responses=ReviewSerializer, operation_id="safety_concern_review_read")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Read what was found; empty while nobody has reviewed it."""
        return Response(_shown_review(self._found(public_id)))

    @extend_schema(
        request=ReviewCreateSerializer, responses={201: ReviewSerializer}, parameters=[ONCE_KEY], examples=[REVIEW],
        operation_id="safety_concern_review",
    )  # fmt: skip
    def post(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Write what was found. The last review releases the inquiry; a concern that was reviewed is 409."""
        concern = self._found(public_id)
        data = self.checked(ReviewCreateSerializer)
        user: Any = request.user

        def act() -> SafetyConcern:
            return safety.review(
                concern=concern, rationale=data["rationale"], next_check_on=data.get("next_check_on"),
                naloxone=data.get("naloxone", ""), by=user, now=timezone.now(),
            )  # fmt: skip

        try:
            return self.created_once(
                act, lambda pk: _shown_review(SafetyConcern.objects.get(public_id=pk)), about=str(concern.public_id)
            )
        except (safety.NoRationale, safety.NoNextCheck, safety.CheckOver, safety.NoNaloxone) as error:
            raise serializers.ValidationError({error.field: [str(error)]}) from None
        except safety.AlreadyReviewed as error:
            raise ReviewedAlready(str(error)) from None
        except safety.NotAClinician as error:
            raise PermissionDenied(str(error)) from None

    def _found(self, public_id: str) -> SafetyConcern:
        """Return the concern of the address, where the caller resolves it; who only sees it is refused."""
        user: Any = self.request.user
        concern: SafetyConcern = find_permitted(
            SafetyConcern, user, RESOLVE, view_perm=VIEW, related=("client", "inquiry__client", "reviewed_by"),
            public_id=public_id, purpose="api",
        )  # fmt: skip
        concern.clinic = self.request._request.clinic  # type: ignore[attr-defined]
        return concern


def _shown_review(concern: SafetyConcern) -> dict[str, Any]:
    """Return what is sent of a review."""
    kept = ("naloxone", "next_check_on", "reviewed_at")
    return {
        "id": concern.public_id,
        "rationale": concern.rationale or "",
        **{name: getattr(concern, name) for name in kept},
        "reviewed_by": concern.reviewed_by.public_id if concern.reviewed_by is not None else None,
    }

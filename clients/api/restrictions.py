"""
Endpoints for what a person asks to be kept back: written down, decided by the privacy officer, ended by them.

A list tells that somebody asked and how it stands; from whom it is kept and why stands on its own endpoint.
"""

from functools import partial
from typing import Any, ClassVar, Final

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from clients.api.inquiry_bodies import NOTE_CHARS, Group
from clients.api.of_client import OF_CLIENT, person_named, rows_of_client
from clients.api.views import IF_MATCH, ONCE_KEY
from clients.models import Restriction
from clients.rules.consent_terms import Category
from clients.selectors.consents import CAPTURE, VIEW
from clients.services import restrictions
from clinics import audit
from clinics.access import find_permitted
from clinics.api.errors import PreconditionFailed
from clinics.api.views import ClinicAPIView, listed_as, with_etag
from clinics.paging import Page
from clinics.versions import Stale

DECIDE: Final = "clinics.decide_restriction"
STATES: Final = [(one.value, one.name) for one in Restriction.State]
DECISIONS: Final = [pair for pair in STATES if pair[0] != Restriction.State.ASKED]
OF_STATE = OpenApiParameter("state", str, enum=[code for code, _name in STATES], description="Only those in this state")
PLAIN: Final = ("to_payers", "self_paid", "categories", "state", "asked_at", "decided_at", "version")
ASKED = OpenApiExample(
    "Paid by themselves",
    {"client": "3f0c8a52-6a4f-4f3c-9a53-0a8d2c9f6f10", "to_payers": True, "self_paid": True, "categories": []},
    request_only=True,
)


class RestrictionSerializer(serializers.Serializer[Any]):
    """A request that something is kept back, as a list shows it: that it is there, and how it stands."""

    id = serializers.UUIDField()
    client = serializers.UUIDField()
    to_payers = serializers.BooleanField(help_text="It is kept from payers")
    self_paid = serializers.BooleanField(help_text="The person paid in full themselves: the clinic has to agree")
    categories = serializers.ListField(child=serializers.CharField(), help_text="Parts of the record; empty: all of it")
    state = serializers.CharField(help_text="asked, agreed, declined or ended; only what is agreed to is kept back")
    asked_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class RestrictionDetailSerializer(RestrictionSerializer):
    """A request with from whom, in whose words, and why it was decided so."""

    recipient = serializers.CharField()
    words = serializers.CharField()
    note = serializers.CharField(help_text="Why it was decided so")


class RestrictionCreateSerializer(Group):
    """What a person asks to be kept back, and from whom: a name, or payers."""

    client = serializers.UUIDField()
    recipient = serializers.CharField(max_length=160, allow_blank=True, default="")
    to_payers = serializers.BooleanField(default=False)
    self_paid = serializers.BooleanField(default=False)
    categories = serializers.ListField(
        child=serializers.ChoiceField([(one.value, one.name) for one in Category]),
        max_length=len(Category),
        default=list,
    )
    words = serializers.CharField(max_length=NOTE_CHARS, allow_blank=True, default="", help_text="In their words")


class RestrictionChangeSerializer(Group):
    """What is decided: a request is agreed to or declined, an agreement is ended."""

    state = serializers.ChoiceField(DECISIONS)
    note = serializers.CharField(
        max_length=NOTE_CHARS, allow_blank=True, default="", help_text="Why; needed to decline and to end"
    )


class DecidedAlready(APIException):
    """It was decided, or has ended, or nobody agreed to what is to end."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "decided_already"


def shown(row: Restriction) -> dict[str, Any]:
    """Return what a list sends of a request."""
    return {
        "id": row.public_id, "client": row.client.public_id, **{name: getattr(row, name) for name in PLAIN}
    }  # fmt: skip


def shown_whole(row: Restriction) -> dict[str, Any]:
    """Return what is sent of one request."""
    said = {"recipient": row.recipient, "words": row.words or "", "note": row.decision_note or ""}
    return {**shown(row), **said}


def _seen(page: Page) -> None:
    audit.listed("restriction", [row.client_id for row in page.rows], purpose="api")


class RestrictionList(ClinicAPIView):
    """Requests that the caller may see."""

    rights: ClassVar[Any] = {"GET": VIEW, "POST": CAPTURE}

    @extend_schema(
        responses=listed_as(RestrictionSerializer), parameters=[OF_CLIENT, OF_STATE], operation_id="restrictions_list"
    )
    def get(self, request: Request, clinic_slug: str) -> HttpResponse:
        """List requests, the newest first; without what they say."""
        rows = rows_of_client(Restriction.objects.permitted(request.user, VIEW).select_related("client"), request)
        asked = request.query_params.get("state")
        if asked:
            rows = rows.filter(state=asked) if asked in Restriction.State.values else rows.none()
        return self.listing(rows, ("-id",), shown, seen=_seen)

    @extend_schema(
        request=RestrictionCreateSerializer, responses={201: RestrictionSerializer}, parameters=[ONCE_KEY],
        examples=[ASKED], operation_id="restriction_create",
    )  # fmt: skip
    def post(self, request: Request, clinic_slug: str) -> Response:
        """Write down what a person asks for. Nothing is kept back before it is agreed to."""
        data = self.checked(RestrictionCreateSerializer)
        client = person_named(self, data.pop("client"), CAPTURE)
        ask = partial(restrictions.ask, client=client, by=request.user, **data)  # type: ignore[arg-type]
        try:
            return self.created_once(
                ask, lambda pk: shown(Restriction.objects.select_related("client").get(public_id=pk))
            )
        except restrictions.NobodyNamed as error:
            raise serializers.ValidationError({error.field: [str(error)]}) from None


class RestrictionDetail(ClinicAPIView):
    """One request."""

    rights: ClassVar[Any] = {"GET": VIEW, "PATCH": DECIDE}

    @extend_schema(responses=RestrictionDetailSerializer, operation_id="restriction_read")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Read a request: from whom, in whose words, and what was decided; the ETag is the version to decide from."""
        row = self.found(public_id, VIEW)
        return with_etag(shown_whole(row), row.version)

    @extend_schema(
        request=RestrictionChangeSerializer, responses=RestrictionDetailSerializer, parameters=[IF_MATCH],
        operation_id="restriction_decide",
    )  # fmt: skip
    def patch(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Agree to a request or decline it; end what was agreed to. What was decided already is 409."""
        row = self.found(public_id, DECIDE)
        version = self.version_asked()
        data = self.checked(RestrictionChangeSerializer)
        how: dict[str, Any] = {
            "restriction": row, "version": version, "note": data["note"], "by": request.user, "now": timezone.now(),
        }  # fmt: skip
        try:
            if data["state"] == Restriction.State.ENDED:
                changed = restrictions.end(**how)
            else:
                changed = restrictions.decide(agreed=data["state"] == Restriction.State.AGREED, **how)
        except Stale:
            raise PreconditionFailed from None
        except restrictions.Decided as error:
            raise DecidedAlready(str(error)) from None
        except (restrictions.NoReason, restrictions.MustAgree) as error:
            raise serializers.ValidationError({error.field: [str(error)]}) from None
        changed.client = row.client
        return with_etag(shown_whole(changed), changed.version)

    def found(self, public_id: str, right: str) -> Restriction:
        """Return the request of the address, on which the caller holds this right."""
        user: Any = self.request.user
        row: Restriction = find_permitted(
            Restriction, user, right, view_perm=VIEW, public_id=public_id, purpose="api", related=("client",)
        )
        row.clinic = row.client.clinic = self.request._request.clinic  # type: ignore[attr-defined]
        return row

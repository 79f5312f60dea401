"""Endpoints for the clinic's list of organisations that refer people."""

from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clients.api.inquiry_bodies import Group
from clients.api.views import IF_MATCH, ONCE_KEY
from clients.models import ReferralOrganisation
from clients.rules import intake, phones
from clients.services import referrals
from clients.services.referrals import BadOrganisation, Entry
from clinics.access import find_permitted
from clinics.api.errors import PreconditionFailed
from clinics.api.views import ClinicAPIView, flag, listed_as, with_etag
from clinics.versions import Stale

CHANGE = "clinics.change_inquiry"
ACTIVE = OpenApiParameter("active", bool, description="true: only those that an inquiry may name")
ENTRY = ("name", "source", "source_detail", "phone", "email")


class OrganisationCreateSerializer(Group):
    """An organization that refers people."""

    name = serializers.CharField(max_length=160, help_text="Once at a clinic, whatever the case")
    source = serializers.ChoiceField(intake.SOURCES)  # type: ignore[assignment]
    source_detail = serializers.ChoiceField(
        intake.JUSTICE_DETAILS, allow_blank=True, required=False, help_text="Of a court (source 7) alone"
    )
    phone = serializers.CharField(max_length=phones.TYPED_CHARS, allow_blank=True, required=False)
    email = serializers.EmailField(max_length=254, allow_blank=True, required=False)


class OrganisationChangeSerializer(OrganisationCreateSerializer):
    """What may be changed of an organization; what is left out stays."""

    name = serializers.CharField(max_length=160, required=False)
    source = serializers.ChoiceField(intake.SOURCES, required=False)  # type: ignore[assignment]
    is_active = serializers.BooleanField(required=False, help_text="false: retired, and not offered any more")


class OrganisationSerializer(OrganisationCreateSerializer):
    """An organization of the list."""

    id = serializers.UUIDField()
    is_active = serializers.BooleanField()
    version = serializers.IntegerField()


def shown(row: ReferralOrganisation) -> dict[str, Any]:
    """Return what is sent of an organisation."""
    kept = {name: getattr(row, name) for name in (*ENTRY, "is_active", "version")}
    return {"id": row.public_id, **kept, "phone": _phone_of(row)}


def _phone_of(row: ReferralOrganisation) -> str:
    """Return the number with the extension behind it, as it may be sent back."""
    return f"{row.phone} ext. {row.phone_extension}" if row.phone_extension else row.phone


def _refused(error: BadOrganisation) -> serializers.ValidationError:
    return serializers.ValidationError({error.field: [str(error)]})


class OrganisationList(ClinicAPIView):
    """The organisations of the clinic."""

    rights: ClassVar[Any] = {"GET": CHANGE, "POST": CHANGE}

    @extend_schema(
        responses=listed_as(OrganisationSerializer), parameters=[ACTIVE], operation_id="organisations_list"
    )  # fmt: skip
    def get(self, request: Request, clinic_slug: str) -> HttpResponse:
        """List organizations by name, the retired ones among them."""
        rows = ReferralOrganisation.objects.permitted(request.user, CHANGE)
        if flag(request.query_params.get("active")):
            rows = rows.filter(is_active=True)
        return self.listing(rows, ("name", "id"), shown)

    @extend_schema(
        request=OrganisationCreateSerializer,
        responses={201: OrganisationSerializer},
        parameters=[ONCE_KEY],
        operation_id="organisation_create",
    )
    def post(self, request: Request, clinic_slug: str) -> Response:
        """Put an organization on the list."""
        entry = Entry(**self.checked(OrganisationCreateSerializer))
        user: Any = request.user

        def act() -> ReferralOrganisation:
            clinic = request._request.clinic  # type: ignore[attr-defined]
            return referrals.add_organisation(clinic=clinic, entry=entry, by=user)

        try:
            return self.created_once(act, lambda pk: shown(ReferralOrganisation.objects.get(public_id=pk)))
        except BadOrganisation as error:
            raise _refused(error) from None


class OrganisationDetail(ClinicAPIView):
    """One organisation."""

    rights: ClassVar[Any] = {"GET": CHANGE, "PATCH": CHANGE}

    @extend_schema(responses=OrganisationSerializer, operation_id="organisation_read")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Read an organization; the answer's ETag is the version to change it from."""
        row = self._found(public_id)
        return with_etag(shown(row), row.version)

    @extend_schema(
        request=OrganisationChangeSerializer,
        responses=OrganisationSerializer,
        parameters=[IF_MATCH],
        operation_id="organisation_change",
    )
    def patch(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Correct an organization's entry, retire it or bring it back. Inquiries keep what they say."""
        row = self._found(public_id)
        version = self.version_asked()
        data = self.checked(OrganisationChangeSerializer)
        active = data.pop("is_active", row.is_active)
        before = {name: getattr(row, name) for name in ENTRY} | {"phone": _phone_of(row)}
        entry = Entry(**before | data)
        user: Any = request.user
        try:
            changed = referrals.change_organisation(
                organisation=row, version=version, entry=entry, active=active, by=user
            )
        except Stale:
            raise PreconditionFailed from None
        except BadOrganisation as error:
            raise _refused(error) from None
        return with_etag(shown(changed), changed.version)

    def _found(self, public_id: str) -> ReferralOrganisation:
        user: Any = self.request.user
        return find_permitted(ReferralOrganisation, user, CHANGE, public_id=public_id)

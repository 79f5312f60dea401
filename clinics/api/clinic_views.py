"""Endpoints for clinics, the people who work there, and their instruments."""

from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinics.access import find_permitted
from clinics.api.authentication import token_of
from clinics.api.throttling import RequestLimit
from clinics.api.views import ClinicAPIView, listed_as
from clinics.models import Clinic, InstrumentVersion, Membership
from clinics.tenancy import active_clinic_id


class ClinicSerializer(serializers.Serializer[Any]):
    """A clinic."""

    id = serializers.UUIDField(source="public_id")
    slug = serializers.SlugField()
    name = serializers.CharField()
    time_zone = serializers.CharField()


class MemberSerializer(serializers.Serializer[Any]):
    """A person who works at the clinic, in one role."""

    id = serializers.UUIDField(help_text="Id of the membership")
    person = serializers.UUIDField()
    name = serializers.CharField()
    credentials = serializers.CharField()
    role = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True)
    needs_cosign = serializers.BooleanField(help_text="What they write as an author is co-signed by a supervisor")


class InstrumentSerializer(serializers.Serializer[Any]):
    """An instrument version of the clinic."""

    id = serializers.UUIDField(source="public_id")
    key = serializers.SlugField()
    version = serializers.CharField(source="instrument_version")
    name = serializers.CharField()
    kind = serializers.CharField()
    status = serializers.CharField()
    licence_class = serializers.CharField()
    comparability_group = serializers.CharField()
    definition_hash = serializers.CharField()


class InstrumentDetailSerializer(InstrumentSerializer):
    """An instrument version with its definition."""

    definition = serializers.JSONField()


class ClinicList(APIView):
    """The clinics the caller works at; with a token, the one it is for."""

    permission_classes = (IsAuthenticated,)
    throttle_classes = (RequestLimit,)

    @extend_schema(responses=ClinicSerializer(many=True), operation_id="clinics_list")
    def get(self, request: Request) -> Response:
        """List clinics."""
        memberships = Membership.objects.active().filter(user_id=request.user.pk or 0)
        clinics = Clinic.objects.filter(pk__in=memberships.values("clinic_id"), is_active=True)
        token = token_of(request)
        if token is not None:
            clinics = clinics.filter(pk=token.clinic_id)
        return Response(ClinicSerializer(clinics, many=True).data)


class ClinicDetail(ClinicAPIView):
    """One clinic."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(responses=ClinicSerializer, operation_id="clinic_read")
    def get(self, request: Request, clinic_slug: str) -> Response:
        """Read the clinic."""
        return Response(ClinicSerializer(request._request.clinic).data)  # type: ignore[attr-defined]


class MemberList(ClinicAPIView):
    """The people who work at the clinic."""

    rights: ClassVar[Any] = {"GET": "clinics.manage_people"}

    @extend_schema(responses=listed_as(MemberSerializer), operation_id="people_list")
    def get(self, request: Request, clinic_slug: str) -> HttpResponse:
        """List memberships, newest first, ended ones included."""
        rows = Membership.objects.filter(clinic_id=active_clinic_id()).select_related("user")
        return self.listing(
            rows,
            ("-id",),
            lambda row: {
                "id": row.public_id,
                "person": row.user.public_id,
                "name": row.user.name,
                "credentials": row.user.credentials,
                "role": row.role,
                "starts_at": row.starts_at,
                "ends_at": row.ends_at,
                "needs_cosign": row.needs_cosign,
            },
        )


class InstrumentList(ClinicAPIView):
    """The clinic's instruments."""

    rights: ClassVar[Any] = {"GET": "clinics.view_instrument"}

    @extend_schema(responses=listed_as(InstrumentSerializer), operation_id="instruments_list")
    def get(self, request: Request, clinic_slug: str) -> HttpResponse:
        """List instrument versions."""
        rows = InstrumentVersion.objects.permitted(request.user, "clinics.view_instrument")
        return self.listing(rows, ("key", "id"), lambda row: InstrumentSerializer(row).data)


class InstrumentDetail(ClinicAPIView):
    """One instrument version."""

    rights: ClassVar[Any] = {"GET": "clinics.view_instrument"}

    @extend_schema(responses=InstrumentDetailSerializer, operation_id="instrument_read")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Read an instrument with its definition."""
        row: InstrumentVersion = find_permitted(
            InstrumentVersion,
            request.user,  # type: ignore[arg-type]
            "clinics.view_instrument",
            public_id=public_id,
        )
        return Response(InstrumentDetailSerializer(row).data)

"""Endpoints for people in care."""

from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clients.models import Client
from clients.rules import intake, places
from clients.rules.dates import ImpossibleDate
from clients.services import people
from clinics import audit
from clinics.access import find_permitted
from clinics.api.errors import PreconditionFailed
from clinics.api.views import ClinicAPIView, listed_as, with_etag
from clinics.versions import Stale

IF_MATCH = OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, required=True, description="The record's ETag")
ONCE_KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=True)
SHOWN = ("reference", "legal_name", "goes_by", "pronouns", "born_on", "gender", "state", "version")


class ClientSerializer(serializers.Serializer[Any]):
    """A person in care."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    reference = serializers.CharField(read_only=True)
    legal_name = serializers.CharField(max_length=160)
    goes_by = serializers.CharField(max_length=80, allow_blank=True, default="")
    pronouns = serializers.CharField(max_length=40, allow_blank=True, default="")
    born_on = serializers.DateField(allow_null=True, default=None)
    gender = serializers.ChoiceField(intake.GENDERS, allow_blank=True, default="")
    state = serializers.ChoiceField(places.STATES, allow_blank=True, default="")
    version = serializers.IntegerField(read_only=True)


class ClientChangeSerializer(serializers.Serializer[Any]):
    """What may be changed of a person in care; what is left out stays."""

    legal_name = serializers.CharField(max_length=160, required=False)
    goes_by = serializers.CharField(max_length=80, allow_blank=True, required=False)
    pronouns = serializers.CharField(max_length=40, allow_blank=True, required=False)
    born_on = serializers.DateField(allow_null=True, required=False)
    gender = serializers.ChoiceField(intake.GENDERS, allow_blank=True, required=False)
    state = serializers.ChoiceField(places.STATES, allow_blank=True, required=False)


def shown(client: Client) -> dict[str, Any]:
    """Return what is sent of a person."""
    return {"id": client.public_id, **{name: getattr(client, name) for name in SHOWN}}


def _domain(error: Exception) -> serializers.ValidationError:
    """Return the error of a rule as the error of its field."""
    return serializers.ValidationError({getattr(error, "field", "") or "": [str(error)]})


class ClientList(ClinicAPIView):
    """People in care that the caller may see."""

    rights: ClassVar[Any] = {"GET": "clinics.view_client"}

    @extend_schema(responses=listed_as(ClientSerializer), operation_id="clients_list")
    def get(self, request: Request, clinic_slug: str) -> HttpResponse:
        """List people, by family name; a record that was joined into another is left out."""
        rows = Client.objects.permitted(request.user, "clinics.view_client").filter(merged_into=None)
        return self.listing(
            rows,
            ("family_key", "id"),
            shown,
            seen=lambda page: audit.listed("client", [row.pk for row in page.rows], purpose="api"),
        )


class ClientDetail(ClinicAPIView):
    """One person in care."""

    rights: ClassVar[Any] = {"GET": "clinics.view_client", "PATCH": "clinics.change_client"}

    @extend_schema(responses=ClientSerializer, operation_id="client_read")
    def get(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Read a person; the answer's ETag is the version to change them from."""
        client: Client = find_permitted(
            Client,
            request.user,  # type: ignore[arg-type]
            "clinics.view_client",
            public_id=public_id,
            purpose="api",
        )
        return with_etag(shown(client), client.version)

    @extend_schema(
        request=ClientChangeSerializer, responses=ClientSerializer, parameters=[IF_MATCH], operation_id="client_change"
    )
    def patch(self, request: Request, clinic_slug: str, public_id: str) -> Response:
        """Change a person's name, pronouns, date of birth, gender or state."""
        client: Client = find_permitted(
            Client,
            request.user,  # type: ignore[arg-type]
            "clinics.change_client",
            view_perm="clinics.view_client",
            public_id=public_id,
            purpose="api",
        )
        version = self.version_asked()
        data = self.checked(ClientChangeSerializer)
        kept = {name: getattr(client, name) for name in ("legal_name", "goes_by", "pronouns", "born_on")}
        names_stay = data.get("legal_name", client.legal_name) == client.legal_name
        try:
            changed = people.change_client(
                client=client,
                version=version,
                family=client.family_key if names_stay else "",
                given=client.given_key if names_stay else "",
                by=request.user,  # type: ignore[arg-type]
                now=timezone.now(),
                **{**kept, **data},
            )
        except Stale:
            raise PreconditionFailed from None
        except (people.NoName, ImpossibleDate) as error:
            raise _domain(error) from None
        return with_etag(shown(changed), changed.version)

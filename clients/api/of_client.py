"""How endpoints find a person: by their address, by the id in a body, and by the id that a list is asked for."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request

from clients.models import Client
from clients.selectors.people import VIEW, permits
from clinics.access import find_permitted
from clinics.api.views import ClinicAPIView

OF_CLIENT = OpenApiParameter("client", UUID, description="Only those of this person")


def rows_of_client(rows: Any, request: Request) -> Any:
    """Return the rows of the person that a list is asked for, of all their records; a malformed id is nobody."""
    asked = request.query_params.get("client")
    if not asked:
        return rows
    try:
        person = Client.objects.filter(public_id=UUID(asked)).first()
    except ValueError:
        return rows.none()
    return rows.none() if person is None else rows.filter(client_id__in=person.record_keys)


def person_named(view: ClinicAPIView, public_id: UUID, *rights: str) -> Client:
    """
    Return the person of a body on whom the caller holds each of these rights.

    :raises ValidationError: nobody such, or not for them
    """
    rows = Client.objects.filter(merged_into__isnull=True)
    for right in rights:
        rows = rows.permitted(view.request.user, right)
    person: Client | None = rows.filter(public_id=public_id).first()
    if person is None:
        raise ValidationError({"client": ["No such person at this clinic."]})
    person.clinic = view.request._request.clinic  # type: ignore[attr-defined]
    return person


class OfClientView(ClinicAPIView):
    """An endpoint under one person."""

    def client_for(self, public_id: str, *rights: str) -> Client:
        """
        Return the person of the address, on whom the caller holds one of these rights.

        :raises PermissionDenied: visible, but not allowed
        """
        user: Any = self.request.user
        client: Client = find_permitted(Client, user, VIEW, public_id=public_id, purpose="api")
        client.clinic = self.request._request.clinic  # type: ignore[attr-defined]
        if not any(permits(client, user, *rights)):
            raise PermissionDenied
        return client

"""What the endpoints under one person share: finding them, and what the caller may do with them."""

from typing import Any

from rest_framework.exceptions import PermissionDenied

from clients.models import Client
from clients.selectors.people import VIEW, permits
from clinics.access import find_permitted
from clinics.api.views import ClinicAPIView


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

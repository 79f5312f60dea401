"""Finding the person whose page is asked for, with what one may do there."""

from typing import Any

from django.core.exceptions import PermissionDenied

from clients.models import Client
from clients.selectors.people import VIEW, permits
from clinics.access import find_permitted


def find_person(request: Any, public_id: str, *rights: str, purpose: str = "care", every: bool = False) -> Client:
    """
    Return a person on whom one holds one of these rights, and record that something of them was opened.

    every   all of the rights are needed, not one
    :raises Http404: not there, or not visible
    :raises PermissionDenied: visible, but not allowed
    """
    client = find_permitted(Client, request.user, VIEW, public_id=public_id, purpose=purpose)
    client.clinic = request.clinic
    held = permits(client, request.user, *rights)
    if not (all(held) if every else any(held)):
        raise PermissionDenied(rights[held.index(False)])
    return client

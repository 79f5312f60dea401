"""Does an answer that shows a client leave an event that names them (P19)?"""

from typing import Any
from uuid import UUID

from django.db.models import Q

from clinics.models import AuditEvent
from tests.world import CANARY, Side


def of_client(side: Side) -> tuple[bytes, ...]:
    """Return what only a page about the clinic's client can hold: their name, their reference, words from their record."""
    mark = f"{CANARY}-{side.clinic.slug}"
    kept = ("note", "signed note", "addendum", "goal", "words", "attempt", "move", "Caller", "0", "1")
    texts = (f"Jordan {mark}", f"Marsh {mark}", side.client.reference, *(f"{mark} {words}" for words in kept))
    return tuple(text.encode() for text in texts)


def shows_client(side: Side, answer: Any) -> bool:
    """Tell whether an answer holds anything of the client."""
    content = b"" if answer.streaming else answer.content
    return any(text in content for text in of_client(side))


def is_recorded(side: Side, answer: Any) -> bool:
    """Tell whether an event with the request's id names the client."""
    with side.scope():
        events = AuditEvent.objects.filter(request_id=UUID(answer["X-Request-ID"]))
        named = Q(client_ref=side.client.pk) | Q(detail__client_ids__contains=[side.client.pk])
        return events.filter(named).exists()

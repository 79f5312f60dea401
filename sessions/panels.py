"""What sessions add to a person's page (settings.PERSON_PANELS)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from clients.models import Client
from clients.panels import Panel
from clients.selectors.people import Care
from clients.selectors.time_line import SEES
from clinics.models import User
from sessions.models import ProgressNote, TherapySession
from sessions.selectors.listing import SessionRow, session_rows
from sessions.selectors.time_line import facts_of, time_line_of

SHOWN = 10


def time_of(request: Any, client: Client, care: Care) -> Panel | None:
    """Return the card of a person over time; None for who may read none of it."""
    user, clinic = request.user, request.clinic
    if not any(user.reaches(right, clinic.pk) for right in SEES.values()):
        return None
    found = time_line_of(_facts(request, client), client, care, user=user, clinic=clinic)
    return Panel("sessions/_time_line.html", found)


def _facts(request: Any, client: Client) -> dict[str, Any]:
    """Return what both cards show, read once in a request."""
    kept: dict[int, dict[str, Any]] = request.__dict__.setdefault("person_facts", {})
    if client.pk not in kept:
        kept[client.pk] = facts_of(client, user=request.user, now=timezone.now())
    return kept[client.pk]


@dataclass(frozen=True)
class ToRecord:
    """An appointment of the viewer's own that has begun and is not recorded."""

    public_id: str
    starts_at: datetime


@dataclass(frozen=True)
class PersonSessions:
    """
    A person's sessions, as far as the viewer may open them.

    to_record   the viewer's own treatment appointments that have begun and are not recorded
    more        whether there are older ones than those shown
    """

    clinic_slug: str
    to_record: list[ToRecord]
    rows: list[SessionRow]
    more: bool


def sessions_of(request: Any, client: Client, care: Care) -> Panel | None:
    """Return the card of a person's newest sessions; None for who may read neither notes nor write them."""
    user, clinic = request.user, request.clinic
    if not (user.reaches("clinics.view_note", clinic.pk) or user.reaches("clinics.write_note", clinic.pk)):
        return None
    now = timezone.now()
    found = _sessions(client, user)
    zone = ZoneInfo(clinic.time_zone)
    rows = session_rows(found[:SHOWN], user=user, now=now, zone=zone)
    to_record = [
        ToRecord(public_id, datetime.fromisoformat(at).astimezone(zone))
        for public_id, at in _facts(request, client)["to_record"]
    ]
    return Panel("sessions/_person_sessions.html", PersonSessions(clinic.slug, to_record, rows, len(found) > SHOWN))


def _sessions(client: Client, user: User) -> list[TherapySession]:
    own = TherapySession.objects.permitted(user, "clinics.write_note")
    read = TherapySession.objects.permitted(user, "clinics.view_note")
    state = ProgressNote.objects.filter(session_id=OuterRef("pk")).values("state")[:1]
    rows = (
        (own | read)
        .filter(client_id__in=client.record_keys)
        .annotate(note_state=Subquery(state))
        .select_related("therapist")
    )
    return list(rows.order_by("-started_at", "-id")[: SHOWN + 1])

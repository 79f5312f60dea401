"""What sessions add to the pages of a person and of a plan (settings.PERSON_PANELS, settings.PLAN_PANELS)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from clients.models import Client, PlanVersion
from clients.panels import Panel
from clients.rules.clock import civil_date
from clients.rules.plan_minutes import GROUPS, Work, minutes_to, whole
from clients.rules.plan_minutes import Session as Held
from clients.selectors.people import Care
from clients.selectors.time_line import SEES
from clinics.models import User
from sessions.models import ProgressNote, TherapySession
from sessions.selectors.listing import SessionRow, session_rows
from sessions.selectors.time_line import facts_of, time_line_of

SHOWN = 10
READ = "clinics.view_note"


def time_of(request: Any, client: Client, care: Care) -> Panel | None:
    """Return the card of a person over time; None for who may read none of it."""
    user, clinic = request.user, request.clinic
    if not any(user.reaches(right, clinic.pk) for right in SEES.values()):
        return None
    every = request.GET.get("numbers") == "all"
    found = time_line_of(_facts(request, client), client, care, user=user, clinic=clinic, every=every)
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


@dataclass(frozen=True)
class PlanMinutes:
    """
    Minutes planned and held by way of working.

    rows   label, minutes planned, minutes held, percent held of what was planned; None where none were planned yet
    """

    rows: list[tuple[str, int, int, int | None]]


def minutes_of(request: Any, client: Client, version: PlanVersion, works: Sequence[Work]) -> Panel | None:
    """Return the card of minutes planned and held to today; None for who reads no sessions, or with nothing planned."""
    user, clinic = request.user, request.clinic
    if not works or not user.reaches(READ, clinic.pk):
        return None
    today = civil_date(timezone.now(), ZoneInfo(clinic.time_zone))
    held = TherapySession.objects.permitted(user, READ).filter(
        client__in=client.records, service_on__gte=min(work.starts_on for work in works), service_on__lte=today
    )
    sessions = [
        Held(on, minutes, dict(zip(GROUPS, mix, strict=True)))
        for on, minutes, *mix in held.values_list("service_on", "duration_min", *(f"{one}_pct" for one in GROUPS))
    ]
    rows = [
        (one.label, whole(one.planned), whole(one.held), whole(one.share * 100) if one.share is not None else None)
        for one in minutes_to(works, sessions, today)
    ]
    return Panel("sessions/_plan_minutes.html", PlanMinutes(rows))


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

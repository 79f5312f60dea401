"""Building blocks of the session tests: the least valid record, a signed note, a browser that is signed in."""

import time
from datetime import datetime, timedelta
from typing import Any

from django.test import Client as Browser

from clients.models import Appointment
from clinics.models import User
from sessions.models import NoteSignature, ProgressNote
from sessions.services import record as recording
from sessions.services import signing
from sessions.services.record import Held, Mix, Seen
from tests.world import NOW, Side

TEXT = "Plan: drink-free Sunday and Monday. NOTE-CANARY"


def held(**changes: Any) -> Held:
    """Return a session of 50 minutes that started at the booked time of `booking`."""
    values: dict[str, Any] = {
        "started_at": NOW - timedelta(hours=6),
        "duration_min": 50,
        "session_format": "individual",
        "mix": Mix(100, 0, 0, 0),
        "rulers": {"importance": 8, "confidence": 5},
        "note": TEXT,
    }
    return Held(**(values | changes))


def booking(side: Side, *, starts_at: datetime | None = None, therapist: User | None = None, **changes: Any) -> Any:
    """Return a booked treatment appointment of the clinic's client (inside its scope)."""
    starts_at = starts_at or NOW - timedelta(hours=6)
    return Appointment.objects.create(
        clinic=side.clinic, client=side.client, episode=side.episode, therapist=therapist or side.therapist,
        starts_at=starts_at, service_on=starts_at.date(), **changes,
    )  # fmt: skip


def record(side: Side, appointment: Any, *, now: datetime = NOW, **changes: Any) -> Any:
    """Record a booked session as held (inside the clinic's scope)."""
    options = {"attendance": "attended", "seen": Seen(0, ""), "by": side.therapist} | {
        key: changes.pop(key) for key in ("attendance", "seen", "by") if key in changes
    }
    return recording.record_held(appointment=appointment, held=held(**changes), now=now, **options)  # type: ignore[arg-type]


def sign(note: ProgressNote, *, by: User, now: datetime = NOW) -> NoteSignature:
    """Sign a note as it stands."""
    fresh = ProgressNote.objects.select_related("session").get(pk=note.pk)
    return signing.sign_note(note=fresh, seen_note=fresh.version, seen_session=fresh.session.version, by=by, now=now)


def signed_in(user: User, *, confirmed: bool = True) -> Browser:
    """Return a browser in which the person has signed in, and (unless told) just proved who they are."""
    browser = Browser()
    browser.force_login(user)
    if confirmed:
        session = browser.session
        session["account_authentication_methods_user"] = str(user.pk)
        session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
        session.save()
    return browser

"""The list of sessions, and the notes that wait for a signature."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from clinics.models import User
from clinics.models.people import supervisees_of
from clinics.paging import KeptList
from sessions.models import ProgressNote, TherapySession
from sessions.selectors.record import Deadline, deadline

ORDER = ("-started_at", "-id")


def seen_sessions(user: User) -> QuerySet[Any, Any]:
    """Return the sessions whose appointment a person may see."""
    rows: QuerySet[Any, Any] = TherapySession.objects.permitted(user, "clinics.view_appointment").values(
        "id", "public_id", "client_id", "client__public_id", "client__reference", "client__goes_by",
        "client__legal_name", "therapist__public_id", "therapist__name", "started_at", "service_on",
        "duration_min", "session_format", "mi_pct", "cbt_pct", "dbt_pct", "other_pct",
    )  # fmt: skip
    return rows


SEEN_SESSIONS: Final = KeptList(TherapySession, seen_sessions, ORDER)


def listed_sessions(user: User, *, unsigned: bool = False) -> QuerySet[TherapySession]:
    """
    Return the sessions of a person's list: their own, and those of the people they supervise.

    unsigned   only those whose note is not signed
    returns    rows with client, therapist and `note_state` ("" when no note is written)
    """
    own = TherapySession.objects.permitted(user, "clinics.write_note")
    team = TherapySession.objects.permitted(user, "clinics.cosign_note").filter(therapist_id__in=supervisees_of(user))
    note = ProgressNote.objects.filter(session_id=OuterRef("pk"))
    rows: QuerySet[TherapySession] = own | team
    if unsigned:
        rows = rows.filter(~Exists(note.filter(state=ProgressNote.State.LOCKED)))
    return rows.annotate(note_state=Subquery(note.values("state")[:1])).select_related("client", "therapist")


@dataclass(frozen=True)
class SessionRow:
    """One line of the list; `deadline` is None once the note is signed."""

    session: TherapySession
    mine: bool
    deadline: Deadline | None


def session_rows(found: list[Any], *, user: User, now: datetime, zone: ZoneInfo) -> list[SessionRow]:
    """Return the lines for these sessions (rows of `listed_sessions`)."""
    return [
        SessionRow(
            session,
            session.therapist_id == user.pk,
            None
            if session.note_state == ProgressNote.State.LOCKED
            else deadline(session.started_at, session.duration_min, now=now, zone=zone),
        )
        for session in found
    ]

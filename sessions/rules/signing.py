"""
What a signature covers, and by when it is due. Pure: no clock, no database.

The signed content is written out in one canonical form and hashed; the same rows give the same hash for as long as
they exist. Times are aware instants; deadlines count elapsed hours, so that a change of the clocks gives or takes
nothing.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

NOTE_FORMAT = "evoke.note.1"
ADDENDUM_FORMAT = "evoke.addendum.1"

DUE_HOURS = 24
OVERDUE_HOURS = 72


@dataclass(frozen=True)
class NoteContent:
    """
    Everything a signature under a progress note covers.

    note, session, client, author   public ids
    started_at, signed_at           aware instants
    mix                             whole percent by modality
    rulers                          answers 0 to 10 by ruler; a ruler that was not asked is absent
    printed_name                    the author's name and credentials as printed with the signature

    The attendance code is left out: it belongs to the appointment, where an administrator may correct it.
    """

    note: str
    session: str
    client: str
    author: str
    printed_name: str
    service_on: str
    started_at: datetime
    duration_min: int
    session_format: str
    mix: Mapping[str, int]
    rulers: Mapping[str, int]
    text: str
    signed_at: datetime


@dataclass(frozen=True)
class AddendumContent:
    """
    Everything an addendum fixes.

    follows   hash of what stands before it: the note, or the addendum before
    """

    follows: str
    note: str
    author: str
    kind: str
    text: str
    signed_at: datetime


def _instant(at: datetime) -> str:
    if at.utcoffset() is None:
        raise ValueError("A signed time needs a time zone.")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _canonical(form: str, values: Mapping[str, Any]) -> bytes:
    """Return one byte string for one content: sorted names, no spare blanks, times in UTC, UTF-8."""
    return json.dumps(
        {"form": form, **values}, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def canonical_note(content: NoteContent) -> bytes:
    """Return the canonical form of a note's content."""
    return _canonical(
        NOTE_FORMAT,
        {
            "note": content.note,
            "session": content.session,
            "client": content.client,
            "author": content.author,
            "printed_name": content.printed_name,
            "service_on": content.service_on,
            "started_at": _instant(content.started_at),
            "duration_min": content.duration_min,
            "session_format": content.session_format,
            "mix": dict(content.mix),
            "rulers": dict(content.rulers),
            "text": content.text,
            "signed_at": _instant(content.signed_at),
        },
    )


def note_hash(content: NoteContent) -> str:
    """Return the SHA-256 of a note's content, 64 hexadecimal digits."""
    return hashlib.sha256(canonical_note(content)).hexdigest()


def addendum_hash(content: AddendumContent) -> str:
    """Return the SHA-256 of an addendum's content, 64 hexadecimal digits."""
    return hashlib.sha256(
        _canonical(
            ADDENDUM_FORMAT,
            {
                "follows": content.follows,
                "note": content.note,
                "author": content.author,
                "kind": content.kind,
                "text": content.text,
                "signed_at": _instant(content.signed_at),
            },
        )
    ).hexdigest()


def printed_name(name: str, credentials: str) -> str:
    """Return a name as it is printed beside a signature, with credentials where there are any."""
    return f"{name}, {credentials}" if credentials else name


# --- when it is due -----------------------------------------------------------------------------------------------


class Due(StrEnum):
    """How an unsigned note stands against its deadline."""

    IN_TIME = "in_time"
    LATE = "late"
    OVERDUE = "overdue"


def session_ends_at(started_at: datetime, duration_min: int) -> datetime:
    """Return the instant a session ended; minutes are elapsed minutes, across midnight and changes of the clocks."""
    return (started_at.astimezone(UTC) + timedelta(minutes=duration_min)).astimezone(started_at.tzinfo)


def due_at(ended_at: datetime) -> datetime:
    """Return the instant by which the note of a session that ended at `ended_at` is signed in time: 24 hours on."""
    return (ended_at.astimezone(UTC) + timedelta(hours=DUE_HOURS)).astimezone(ended_at.tzinfo)


def standing(ended_at: datetime, now: datetime) -> Due:
    """
    Tell how an unsigned note stands now.

    late from the first moment after 24 hours, overdue after 72 (shared/domain/care.md 4.5)
    """
    # In UTC: two times of one zone subtract by the wall clock, an hour off over a change of the clocks.
    passed = now.astimezone(UTC) - ended_at.astimezone(UTC)
    if passed > timedelta(hours=OVERDUE_HOURS):
        return Due.OVERDUE
    return Due.LATE if passed > timedelta(hours=DUE_HOURS) else Due.IN_TIME


def is_late_entry(ended_at: datetime, signed_at: datetime) -> bool:
    """Tell whether a note signed at `signed_at` is a late entry."""
    return standing(ended_at, signed_at) is not Due.IN_TIME

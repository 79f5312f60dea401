"""What of the sessions goes out under the parts of a record. Drafts and counseling notes are never among it."""

from collections.abc import Mapping

from clients.selectors.disclosed import Subject
from sessions.models import Addendum, ProgressNote, TherapySession
from sessions.rules.signing import printed_name


def progress_notes(subject: Subject) -> list[Mapping[str, str]]:
    """Return signed progress notes with their addenda, the oldest first; a note that is not signed stays here."""
    if not subject.identified:
        return []
    notes = ProgressNote.objects.filter(client_id__in=subject.keys, state=ProgressNote.State.LOCKED)
    notes = notes.select_related("session", "author").prefetch_related("addenda__author")
    return [_note(subject, note) for note in notes.order_by("session__started_at", "id")]


def _note(subject: Subject, note: ProgressNote) -> dict[str, str]:
    session: TherapySession = note.session
    found = {
        "Session": subject.day(session.started_at),
        "Minutes": str(session.duration_min),
        "Format": session.get_session_format_display(),
        "Written by": printed_name(note.author.name, note.author.credentials),
        "Signed": subject.day(note.signed_at) if note.signed_at else "",
        "Note": note.body,
    }
    for number, addendum in enumerate(sorted(note.addenda.all(), key=lambda one: one.pk), 1):
        found[f"Addendum {number}"] = _addendum(subject, addendum)
    return found


def _addendum(subject: Subject, addendum: Addendum) -> str:
    who = printed_name(addendum.author.name, addendum.author.credentials)
    return f"{addendum.body} ({who}, {subject.day(addendum.signed_at)})"

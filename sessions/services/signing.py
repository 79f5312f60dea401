"""Signing a progress note, and adding to it afterwards. Whether what was signed still stands: `selectors.signed`."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from clinics import audit
from clinics.models import User
from clinics.versions import Stale
from sessions.models import Addendum, NoteSignature, ProgressNote
from sessions.rules import signing
from sessions.selectors.signed import addendum_digest, note_content, rulers_of
from sessions.services.record import NoteIsSigned, RecordRefused


class NotTheAuthor(PermissionDenied):
    """A note is signed, and added to, by who wrote it."""


class NoteIsEmpty(RecordRefused):
    """There is nothing to put a name under."""

    def __init__(self) -> None:
        super().__init__("The note is empty. Write it, save it, then sign.")


class NoteIsNotSigned(RecordRefused):
    """An addendum follows a signature."""

    def __init__(self) -> None:
        super().__init__("The note is not signed yet. Change the note itself.")


@transaction.atomic
def sign_note(*, note: ProgressNote, seen_note: int, seen_session: int, by: User, now: datetime) -> NoteSignature:
    """
    Sign a progress note: its content, the session's facts and the rulers are final from here.

    seen_note, seen_session  versions of what the person read before signing
    :raises NotTheAuthor: when somebody else wrote it
    :raises NoteIsSigned: when it is signed already
    :raises Stale: when it is not what was read
    :raises NoteIsEmpty: without text
    """
    held = _locked(note)
    if held.author_id != by.pk:
        raise NotTheAuthor
    if held.state == ProgressNote.State.LOCKED:
        raise NoteIsSigned
    if (held.version, held.session.version) != (seen_note, seen_session):
        raise Stale(held)
    if not held.body.strip():
        raise NoteIsEmpty
    printed = signing.printed_name(by.name, by.credentials)
    content = note_content(held, rulers_of(held), printed=printed, signed_at=now)
    digest = signing.note_hash(content)
    signature: NoteSignature = NoteSignature.objects.create(
        clinic_id=held.clinic_id, note=held, signer=by, capacity=NoteSignature.Capacity.AUTHOR,
        printed_name=printed, content_hash=digest, signed_at=now,
    )  # fmt: skip
    ended_at = signing.session_ends_at(content.started_at, content.duration_min)
    held.late_entry = signing.is_late_entry(ended_at, now)
    held.state = ProgressNote.State.LOCKED
    held.content_hash, held.signed_at = digest, now
    held.version += 1
    held.save(update_fields=["state", "content_hash", "signed_at", "late_entry", "version"])
    audit.record("note.signed", held, by=by, detail={"hash": digest, "late_entry": held.late_entry})
    return signature


@transaction.atomic
def add_addendum(*, note: ProgressNote, kind: str, text: str, by: User, now: datetime) -> Addendum:
    """
    Add text to a signed note. It is final at once.

    kind  one of `Addendum.Kind`
    :raises NotTheAuthor: when somebody else wrote the note
    :raises NoteIsNotSigned: while the note itself can still be changed
    :raises NoteIsEmpty: without text
    """
    held = _locked(note)
    if held.author_id != by.pk:
        raise NotTheAuthor
    if held.state != ProgressNote.State.LOCKED:
        raise NoteIsNotSigned
    if not text.strip():
        raise NoteIsEmpty
    before = list(held.addenda.values_list("content_hash", flat=True))
    addendum = Addendum(
        clinic_id=held.clinic_id, note=held, author=by, kind=Addendum.Kind(kind), body=text, signed_at=now
    )
    addendum.content_hash = addendum_digest(held, addendum, before[-1] if before else held.content_hash)
    addendum.save(force_insert=True)
    audit.record("note.addendum", held, by=by, detail={"hash": addendum.content_hash, "kind": kind})
    return addendum


def _locked(note: ProgressNote) -> ProgressNote:
    """Return the note with its session, held until the transaction ends."""
    found: ProgressNote = (
        ProgressNote.objects.select_for_update(of=("self", "session"))
        .select_related("session", "client", "author")
        .get(pk=note.pk)
    )
    return found

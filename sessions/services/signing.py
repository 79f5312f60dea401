"""Signing a progress note, adding to it afterwards, and checking that what was signed still stands."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from clients.models import RulerReading
from clinics import audit
from clinics.models import User
from clinics.versions import Stale
from sessions.models import Addendum, NoteSignature, ProgressNote
from sessions.rules import signing
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
    content = _content(held, printed=printed, signed_at=now)
    digest = signing.note_hash(content)
    signature = NoteSignature.objects.create(
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
    addendum.content_hash = _addendum_hash(held, addendum, before[-1] if before else held.content_hash)
    addendum.save(force_insert=True)
    audit.record("note.addendum", held, by=by, detail={"hash": addendum.content_hash, "kind": kind})
    return addendum


def verify_note(note: ProgressNote) -> bool:
    """
    Tell whether what was signed still stands: the note, its session and rulers, and every addendum in its place.

    note     a signed note of the entered clinic
    returns  False when any hash computed anew differs from the stored one, or nobody signed
    """
    signature = note.signatures.filter(capacity=NoteSignature.Capacity.AUTHOR).first()
    if signature is None:
        return False
    digest = signing.note_hash(_content(note, printed=signature.printed_name, signed_at=signature.signed_at))
    if not (digest == note.content_hash == signature.content_hash and note.signed_at == signature.signed_at):
        return False
    follows = digest
    for addendum in note.addenda.select_related("author"):
        if addendum.content_hash != _addendum_hash(note, addendum, follows):
            return False
        follows = addendum.content_hash
    return True


def _locked(note: ProgressNote) -> ProgressNote:
    """Return the note with its session, held until the transaction ends."""
    found: ProgressNote = (
        ProgressNote.objects.select_for_update(of=("self", "session"))
        .select_related("session", "client", "author")
        .get(pk=note.pk)
    )
    return found


def _content(note: ProgressNote, *, printed: str, signed_at: datetime) -> signing.NoteContent:
    session = note.session
    rulers = RulerReading.objects.filter(appointment_id=session.appointment_id)
    return signing.NoteContent(
        note=str(note.public_id),
        session=str(session.public_id),
        client=str(note.client.public_id),
        author=str(note.author.public_id),
        printed_name=printed,
        service_on=session.service_on.isoformat(),
        started_at=session.started_at,
        duration_min=session.duration_min,
        session_format=session.session_format,
        mix={
            "mi": session.mi_pct,
            "cbt": session.cbt_pct,
            "dbt": session.dbt_pct,
            "other": session.other_pct,
        },
        rulers=dict(rulers.values_list("ruler", "value")),
        text=note.body,
        signed_at=signed_at,
    )


def _addendum_hash(note: ProgressNote, addendum: Addendum, follows: str) -> str:
    return signing.addendum_hash(
        signing.AddendumContent(
            follows=follows,
            note=str(note.public_id),
            author=str(addendum.author.public_id),
            kind=str(addendum.kind),
            text=addendum.body,
            signed_at=addendum.signed_at,
        )
    )

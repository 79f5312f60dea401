"""What a signature covers, read from the rows, and whether it still stands."""

from datetime import datetime

from clients.models import RulerReading
from sessions.models import Addendum, NoteSignature, ProgressNote
from sessions.rules import signing


def note_content(note: ProgressNote, *, printed: str, signed_at: datetime) -> signing.NoteContent:
    """
    Return everything a signature under `note` covers, as the rows stand now.

    printed     the author's name as printed with the signature
    signed_at   aware instant of the signature
    """
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


def addendum_digest(note: ProgressNote, addendum: Addendum, follows: str) -> str:
    """
    Return the hash of an addendum as it stands in `note`.

    follows   hash of what stands before it: the note, or the addendum before
    """
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


def verify_note(note: ProgressNote) -> bool:
    """
    Tell whether what was signed still stands: the note, its session and rulers, and every addendum in its place.

    note     a signed note of the entered clinic
    returns  False when any hash computed anew differs from the stored one, or nobody signed
    """
    signature = note.signatures.filter(capacity=NoteSignature.Capacity.AUTHOR).first()
    if signature is None:
        return False
    digest = signing.note_hash(note_content(note, printed=signature.printed_name, signed_at=signature.signed_at))
    if not (digest == note.content_hash == signature.content_hash and note.signed_at == signature.signed_at):
        return False
    follows = digest
    for addendum in note.addenda.select_related("author"):
        if addendum.content_hash != addendum_digest(note, addendum, follows):
            return False
        follows = addendum.content_hash
    return True

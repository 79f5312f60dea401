"""What a signature covers, read from the rows, and whether it still stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from clients.models import RulerReading
from sessions.models import Addendum, NoteSignature, ProgressNote
from sessions.rules import signing


def rulers_of(note: ProgressNote) -> dict[str, int]:
    """Return the ruler answers of the note's session."""
    rows = RulerReading.objects.filter(appointment_id=note.session.appointment_id)
    return dict(rows.values_list("ruler", "value"))


def note_content(
    note: ProgressNote, rulers: Mapping[str, int], *, printed: str, signed_at: datetime
) -> signing.NoteContent:
    """
    Return everything a signature under `note` covers, as the rows stand now.

    rulers      answers of its session, as `rulers_of` reads them
    printed     the author's name as printed with the signature
    signed_at   aware instant of the signature
    """
    session = note.session
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
        rulers=rulers,
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


@dataclass(frozen=True)
class SignedRows:
    """
    What stands under a signed note.

    intact   whether the note, its session and rulers, and every addendum in its place are as they were signed
    """

    signature: NoteSignature | None
    addenda: tuple[Addendum, ...]
    intact: bool


def signed_rows(note: ProgressNote, rulers: Mapping[str, int]) -> SignedRows:
    """
    Return the signature and the addenda of a signed note, and whether they still stand.

    rulers   answers of its session, as `rulers_of` reads them
    """
    signature = note.signatures.filter(capacity=NoteSignature.Capacity.AUTHOR).first()
    addenda = tuple(note.addenda.select_related("author"))
    return SignedRows(signature, addenda, _stands(note, rulers, signature, addenda))


def verify_note(note: ProgressNote) -> bool:
    """
    Tell whether what was signed still stands.

    note     a signed note of the entered clinic
    returns  False when any hash computed anew differs from the stored one, or nobody signed
    """
    return signed_rows(note, rulers_of(note)).intact


def _stands(
    note: ProgressNote, rulers: Mapping[str, int], signature: NoteSignature | None, addenda: tuple[Addendum, ...]
) -> bool:
    if signature is None:
        return False
    digest = signing.note_hash(
        note_content(note, rulers, printed=signature.printed_name, signed_at=signature.signed_at)
    )
    if not (digest == note.content_hash == signature.content_hash and note.signed_at == signature.signed_at):
        return False
    follows = digest
    for addendum in addenda:
        if addendum.content_hash != addendum_digest(note, addendum, follows):
            return False
        follows = addendum.content_hash
    return True

"""That a clinic may use an instrument whose questions are somebody's property: said, said anew, ended."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from clinics import audit
from clinics.instruments.definition import LicenceClass
from clinics.models import Clinic, InstrumentAttestation, InstrumentVersion, User
from clinics.selectors.instruments import definition_of, published

LONGEST_QUESTION = 500


class NothingToAttest(LookupError):
    """The clinic has no published instrument of that key whose questions need leave."""


class NoGround(ValueError):
    """Leave has a ground: a license, a letter, a permission."""

    field = "statement"

    def __init__(self) -> None:
        super().__init__("Write on what ground the clinic may use it.")


class BadWording(ValueError):
    """The wording names a question that the instrument does not have, or is too long; `field` is the item."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


def instrument_to_attest(key: str) -> InstrumentVersion:
    """
    Return the entered clinic's newest published version of an instrument that needs leave.

    :raises NothingToAttest: there is none
    """
    row: InstrumentVersion | None = published(key).filter(licence_class=LicenceClass.ATTEST).first()
    if row is None:
        raise NothingToAttest(key)
    return row


def standing(key: str) -> InstrumentAttestation | None:
    """Return what the entered clinic said of an instrument and has not ended, or None."""
    found: InstrumentAttestation | None = (
        InstrumentAttestation.objects.filter(key=key, withdrawn_at=None).select_related("attested_by").first()
    )
    return found


@transaction.atomic
def attest(
    *, clinic: Clinic, key: str, statement: str, wording: Mapping[str, str], by: User, now: datetime
) -> InstrumentAttestation:
    """
    Say that the clinic may use an instrument; what was said before is ended and kept.

    statement   on what ground, at most 400 characters
    wording     item to the clinic's licensed words; an item without them is asked by its number
    :raises NothingToAttest: the clinic has no such instrument
    :raises NoGround: without a ground
    :raises BadWording: words for a question that it does not have, or too many
    """
    definition = definition_of(instrument_to_attest(key))
    ground = " ".join(statement.replace("\x00", "").split())
    if not ground:
        raise NoGround
    words = {item: " ".join(text.replace("\x00", "").split()) for item, text in wording.items()}
    for item, text in words.items():
        if item not in definition.items:
            raise BadWording("The instrument has no such question.", item)
        if len(text) > LONGEST_QUESTION:
            raise BadWording(f"Write at most {LONGEST_QUESTION} characters.", item)
    # One at a time: the clinic says one thing of an instrument.
    Clinic.objects.select_for_update(of=("self",)).get(pk=clinic.pk)
    InstrumentAttestation.objects.filter(key=key, withdrawn_at=None).update(withdrawn_at=now)
    row = InstrumentAttestation(
        clinic=clinic, key=key, statement=ground, wording={item: text for item, text in words.items() if text},
        attested_by=by,
    )  # fmt: skip
    row.save()
    audit.record("instrument.attested", row, by=by, detail={"key": key, "worded": len(row.wording)})
    return row


@transaction.atomic
def withdraw(*, key: str, by: User, now: datetime) -> bool:
    """End the leave of an instrument: it is asked no more, what was answered stays; tell whether there was one."""
    held = InstrumentAttestation.objects.select_for_update(of=("self",)).filter(key=key, withdrawn_at=None).first()
    if held is None:
        return False
    held.withdrawn_at = now
    held.save(update_fields=["withdrawn_at"])
    audit.record("instrument.attestation_withdrawn", held, by=by, detail={"key": key})
    return True

"""The scores of locked codings as rows for other programs."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db.models import QuerySet

from clinics import audit
from clinics.instruments.figures import as_decimal
from clinics.models import InstrumentVersion, User
from clinics.selectors.instruments import definition_of
from sessions.models import Coding, ScoreResult

COLUMNS = ("transcript", "coder", "score", "numerator", "denominator", "value", "band", "reason")
CHUNK = 2_000


class UnknownInstrument(LookupError):
    """The clinic has never used an instrument with this key."""


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """
    One score of one coding.

    transcript, coder  the source's own ids for imported ones, else public ids
    value              at least 12 significant digits, shares from 0 to 1; None with a reason when undefined
    """

    transcript: str
    coder: str
    score: str
    numerator: int | None
    denominator: int | None
    value: Decimal | None
    band: str
    reason: str

    def cells(self) -> tuple[str | int | Decimal | None, ...]:
        """Return the row in the order of `COLUMNS`."""
        return (
            self.transcript, self.coder, self.score, self.numerator, self.denominator, self.value, self.band,
            self.reason,
        )  # fmt: skip


def export_scores(*, instrument_key: str, practice: bool, by: User | None) -> Iterator[ScoreRow]:
    """
    Yield the scores of the entered clinic's locked codings with an instrument, all its versions, and record it.

    Codings that a later locked one supersedes are left out. Rows come by transcript, coder and score.

    practice  the practice room's codings; without it the clinical ones

    :raises UnknownInstrument: when the clinic has no such instrument
    """
    coded = InstrumentVersion.objects.filter(kind=InstrumentVersion.Kind.FIDELITY)
    versions = {one.pk: one for one in coded.filter(key=instrument_key)}
    if not versions:
        known = sorted(set(coded.values_list("key", flat=True)))
        raise UnknownInstrument(
            f"This clinic has no instrument {instrument_key}. It has: {', '.join(known) or 'none'}."
        )
    rows = ScoreResult.objects.filter(
        coding__instrument_id__in=versions,
        coding__state=Coding.State.LOCKED,
        coding__practice_set__isnull=not practice,
    ).exclude(
        coding_id__in=Coding.objects.filter(state=Coding.State.LOCKED, supersedes__isnull=False).values("supersedes_id")
    )
    audit.record(
        "scores.exported", by=by, detail={"instrument": instrument_key, "practice": practice, "n": rows.count()}
    )
    order = {
        (pk, key): place
        for pk, version in versions.items()
        for place, key in enumerate(definition_of(version).score_by_key)
    }
    return _rows(rows, order)


def _rows(rows: "QuerySet[ScoreResult]", order: dict[tuple[int, str], int]) -> Iterator[ScoreRow]:
    found = rows.order_by("coding__transcript_id", "coding_id").values_list(
        "coding_id", "coding__instrument_id", "coding__transcript__source_key", "coding__transcript__public_id",
        "coding__external_coder", "coding__coder__public_id", "score_key", "numerator", "denominator", "value",
        "band", "reason",
    )  # fmt: skip
    of_coding: list[tuple[int, ScoreRow]] = []
    current = None
    for (
        coding, instrument, source_key, transcript, external, coder, score, numerator, denominator, value, band,
        reason,
    ) in found.iterator(chunk_size=CHUNK):  # fmt: skip
        if coding != current:
            yield from _in_order(of_coding)
            of_coding, current = [], coding
        row = ScoreRow(
            source_key or str(transcript), external or str(coder), score, numerator, denominator,
            _value(numerator, denominator, value), band, reason,
        )  # fmt: skip
        of_coding.append((order[instrument, score], row))
    yield from _in_order(of_coding)


def _in_order(rows: list[tuple[int, ScoreRow]]) -> Iterator[ScoreRow]:
    for _place, row in sorted(rows, key=lambda pair: pair[0]):
        yield row


def _value(numerator: int | None, denominator: int | None, value: Decimal | None) -> Decimal | None:
    """Return the value with 15 significant digits: from the exact counts where there are some."""
    if value is None:
        return None
    if numerator is not None and denominator:
        return as_decimal(Fraction(numerator, denominator))
    return as_decimal(Fraction(value))

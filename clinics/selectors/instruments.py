"""Stored instruments as the pure engine's values: definitions by row, thresholds in force."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from clinics.instruments.definition import Definition, Threshold, ThresholdSet
from clinics.instruments.document import exact_number
from clinics.instruments.figures import as_decimal, as_decimal_text
from clinics.instruments.schema import definition_from_json
from clinics.models import InstrumentVersion
from clinics.models import ThresholdSet as ThresholdSetRow

# Printed beside every band of a clinic's own set; a shipped set brings its own sentence.
CAVEAT = "Thresholds are expert opinion. Read them with other information."
MOST_KEPT = 64

_kept: dict[str, Definition] = {}


def definition_of(version: InstrumentVersion) -> Definition:
    """
    Return the definition of a stored version, read once in a process.

    It is kept by the hash of its content, so that two clinics share it only when it is the same to the letter.

    :raises DefinitionError: when the stored document is not a definition
    """
    found = _kept.get(version.definition_hash)
    if found is None:
        found = definition_from_json(version.definition, f"{version.key}-{version.instrument_version}")
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[version.definition_hash] = found
    return found


def exact_text(value: Fraction) -> str:
    """Return an exact number as text: a decimal where one says it exactly, else a fraction."""
    return as_decimal_text(value) if Fraction(as_decimal(value)) == value else str(value)


def stored_thresholds(thresholds: tuple[Threshold, ...]) -> dict[str, dict[str, str]]:
    """Return thresholds as they are stored: {"r_to_q": {"fair": "1", "good": "2"}}."""
    return {
        one.score: {
            name: exact_text(value) for name, value in (("fair", one.fair), ("good", one.good)) if value is not None
        }
        for one in thresholds
    }


def read_thresholds(stored: Mapping[str, Mapping[str, str]]) -> tuple[Threshold, ...]:
    """Return stored thresholds as exact numbers."""
    return tuple(
        Threshold(score, exact_number(levels.get("fair")), exact_number(levels.get("good")))
        for score, levels in stored.items()
    )


def threshold_set_of(row: ThresholdSetRow, definition: Definition) -> ThresholdSet:
    """Return a stored set as the engine reads it, with the caveat of its source."""
    shipped = next((one for one in definition.threshold_sets if one.key == row.key), None)
    return ThresholdSet(
        key=row.key,
        label=row.label,
        source=row.source,
        caveat=shipped.caveat if shipped is not None else CAVEAT,
        thresholds=read_thresholds(row.thresholds),
        official=row.is_official,
    )


def set_in_force(version: InstrumentVersion) -> ThresholdSetRow | None:
    """Return the row of the threshold set in force for a version, or None."""
    found: ThresholdSetRow | None = ThresholdSetRow.objects.filter(instrument=version, in_force=True).first()
    return found


def published(key: str) -> Any:
    """Return the published versions of an instrument at the entered clinic, newest first."""
    return InstrumentVersion.objects.filter(key=key, status=InstrumentVersion.Status.PUBLISHED).order_by(
        "-published_at", "-id"
    )

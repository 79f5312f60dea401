"""
Verbs on a clinic's instruments: adopt, upload, publish, retire, and the thresholds that band their scores.

A published version never changes; a database trigger holds that. What is wrong with a definition is said by
`clinics.instruments`, with file, key and mend.
"""

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction

from django.db import transaction

from clinics import audit
from clinics.instruments import catalogue
from clinics.instruments.definition import Definition, Threshold
from clinics.instruments.measuring import is_measure
from clinics.instruments.problems import DefinitionError, Problem
from clinics.instruments.schema import definition_hash, definition_to_json, parse_definition
from clinics.models import Clinic, InstrumentVersion, ThresholdSet, User
from clinics.selectors.instruments import definition_of, stored_thresholds


class AlreadyPublished(ValueError):
    """A version with this key and number is published; it never changes."""


class NotADraft(ValueError):
    """Only a draft is published or discarded."""


class NotPublished(ValueError):
    """Only a published version is retired or banded."""


class BadThresholds(ValueError):
    """Thresholds that do not fit the instrument's scores."""


def kind_of(definition: Definition) -> str:
    """Return 'measure' for what a person answers, 'fidelity' for what a coder codes."""
    return InstrumentVersion.Kind.MEASURE if is_measure(definition) else InstrumentVersion.Kind.FIDELITY


@transaction.atomic
def adopt_shipped(*, clinic: Clinic, key: str, version: str, by: User | None, now: datetime) -> InstrumentVersion:
    """
    Make a shipped instrument the entered clinic's own, published, with its thresholds; return it.

    One that was adopted before is returned as it stands.

    :raises UnknownInstrument: when nothing is shipped under that key and version
    :raises AlreadyPublished: when the clinic uses the key and version for a definition of its own
    """
    definition = catalogue.find(key, version)
    held: InstrumentVersion | None = InstrumentVersion.objects.filter(key=key, instrument_version=version).first()
    if held is not None:
        if held.origin == InstrumentVersion.Origin.SHIPPED:
            return held
        raise AlreadyPublished(
            f"This clinic has a definition of its own named {key} {version}. Give that one another version."
        )
    row = _row(clinic, definition, InstrumentVersion.Origin.SHIPPED)
    return _publish(row, definition, by, now)


def adopt_all_shipped(*, clinic: Clinic, by: User | None, now: datetime) -> list[InstrumentVersion]:
    """Adopt every shipped instrument at the entered clinic; return them."""
    return [
        adopt_shipped(clinic=clinic, key=key, version=version, by=by, now=now) for key, version in catalogue.shipped()
    ]


@transaction.atomic
def store_upload(*, clinic: Clinic, source: bytes, file_name: str, by: User | None, now: datetime) -> InstrumentVersion:
    """
    Keep an uploaded definition as a draft of the entered clinic; a draft of the same version is replaced.

    :raises DefinitionError: with every problem of the file
    """
    definition = parse_definition(source, file_name)
    _refuse_long_sources(definition, file_name)
    held = (
        InstrumentVersion.objects.select_for_update()
        .filter(key=definition.key, instrument_version=definition.version)
        .first()
    )
    if held is not None and held.status != InstrumentVersion.Status.DRAFT:
        raise DefinitionError(
            [
                Problem(
                    file_name,
                    "version",
                    f"{definition.name} {definition.version} is published and never changes.",
                    "Write another version.",
                )
            ]
        )
    row = _row(clinic, definition, InstrumentVersion.Origin.CLINIC)
    if held is not None:
        row.pk, row.public_id, row.created_at = held.pk, held.public_id, held.created_at
    row.save()
    audit.record(
        "instrument.uploaded", row, by=by,
        detail={"key": row.key, "version": row.instrument_version, "hash": row.definition_hash},
    )  # fmt: skip
    return row


@transaction.atomic
def publish(*, instrument: InstrumentVersion, by: User | None, now: datetime) -> InstrumentVersion:
    """
    Publish a draft for good, with the thresholds it brings; its official set is in force.

    :raises NotADraft: when it is published or retired already
    """
    row: InstrumentVersion = InstrumentVersion.objects.select_for_update().get(pk=instrument.pk)
    if row.status != InstrumentVersion.Status.DRAFT:
        raise NotADraft(f"{row} is {row.get_status_display().lower()} already. Upload another version.")
    return _publish(row, definition_of(row), by, now)


@transaction.atomic
def discard(*, instrument: InstrumentVersion, by: User | None) -> None:
    """
    Remove a draft.

    :raises NotADraft: when it is published or retired; retire a published one instead
    """
    row: InstrumentVersion = InstrumentVersion.objects.select_for_update().get(pk=instrument.pk)
    if row.status != InstrumentVersion.Status.DRAFT:
        raise NotADraft(f"{row} is published and stays in the record. Retire it instead.")
    audit.record("instrument.discarded", row, by=by, detail={"key": row.key, "version": row.instrument_version})
    row.delete()


@transaction.atomic
def retire(*, instrument: InstrumentVersion, by: User | None, now: datetime) -> InstrumentVersion:
    """
    Take a published version out of use: no new coding begins with it; what was coded stays.

    :raises NotPublished: when it is a draft, or retired already
    """
    row: InstrumentVersion = InstrumentVersion.objects.select_for_update().get(pk=instrument.pk)
    if row.status != InstrumentVersion.Status.PUBLISHED:
        raise NotPublished(f"{row} is not published. Only a published version is retired.")
    row.status, row.retired_at = InstrumentVersion.Status.RETIRED, now
    row.save(update_fields=["status", "retired_at"])
    audit.record("instrument.retired", row, by=by, detail={"key": row.key, "version": row.instrument_version})
    return row


@transaction.atomic
def add_threshold_set(
    *,
    instrument: InstrumentVersion,
    key: str,
    label: str,
    source: str,
    thresholds: Mapping[str, tuple[Fraction | None, Fraction | None]],
    by: User | None,
) -> ThresholdSet:
    """
    Add a clinic's own set of thresholds to a published version; it bands nothing until it is put in force.

    thresholds  score → (fair, good), each as the least value of that band or None; scores with neither are left out

    :raises NotPublished: for a draft
    :raises BadThresholds: without any value, for an unknown score, a taken key, or a fair above its good
    """
    if instrument.status != InstrumentVersion.Status.PUBLISHED:
        raise NotPublished(f"{instrument} is not published. Publish it, then add thresholds.")
    definition = definition_of(instrument)
    if instrument.kind == InstrumentVersion.Kind.MEASURE:
        raise BadThresholds(f"{definition.name} brings its own bands. Upload a version of your own to change them.")
    found = []
    for score, (fair, good) in thresholds.items():
        if score not in definition.score_by_key:
            raise BadThresholds(f"{definition.name} has no score {score}.")
        label_of_score = definition.score_by_key[score].label
        if fair is not None and good is not None and fair > good:
            raise BadThresholds(f"{label_of_score}: basic is above proficient. Write the lower value first.")
        if fair is not None or good is not None:
            found.append(Threshold(score, fair, good))
    if not found:
        raise BadThresholds("The set has no value. Write at least one.")
    if ThresholdSet.objects.filter(instrument=instrument, key=key).exists():
        raise BadThresholds(f"This instrument has a set named {label} already. Give it another name.")
    row: ThresholdSet = ThresholdSet.objects.create(
        clinic_id=instrument.clinic_id, instrument=instrument, key=key, label=label, source=source,
        thresholds=stored_thresholds(tuple(found)),
    )  # fmt: skip
    audit.record("thresholds.added", row, by=by, detail={"instrument": str(instrument.public_id), "key": key})
    return row


@transaction.atomic
def put_in_force(*, threshold_set: ThresholdSet, by: User | None, now: datetime) -> ThresholdSet:
    """
    Let a set band the scores of codings locked from now on; bands stored before stay as they were.

    A set that is in force already is returned as it stands.
    """
    rows = ThresholdSet.objects.select_for_update().filter(instrument_id=threshold_set.instrument_id)
    held: dict[int, ThresholdSet] = {row.pk: row for row in rows}
    row = held[threshold_set.pk]
    if row.in_force:
        return row
    ThresholdSet.objects.filter(instrument_id=row.instrument_id, in_force=True).update(in_force=False)
    row.in_force = True
    row.save(update_fields=["in_force"])
    audit.record(
        "thresholds.in_force", row, by=by,
        detail={"instrument": str(row.instrument.public_id), "key": row.key, "at": now.isoformat()},
    )  # fmt: skip
    return row


def _refuse_long_sources(definition: Definition, file_name: str) -> None:
    longest = ThresholdSet._meta.get_field("source").max_length or 0
    problems = [
        Problem(
            file_name,
            f"threshold_sets[{i}].source",
            f"The source has {len(one.source)} characters.",
            f"Write at most {longest}.",
        )
        for i, one in enumerate(definition.threshold_sets)
        if len(one.source) > longest
    ]
    if problems:
        raise DefinitionError(problems)


def _row(clinic: Clinic, definition: Definition, origin: InstrumentVersion.Origin) -> InstrumentVersion:
    document = definition_to_json(definition)
    return InstrumentVersion(
        clinic=clinic,
        key=definition.key,
        instrument_version=definition.version,
        name=definition.name,
        kind=kind_of(definition),
        origin=origin,
        definition=document,
        definition_hash=definition_hash(document),
        licence_class=definition.licence_class.value,
        comparability_group=definition.comparability_group,
    )


def _publish(row: InstrumentVersion, definition: Definition, by: User | None, now: datetime) -> InstrumentVersion:
    row.status, row.published_at, row.published_by = InstrumentVersion.Status.PUBLISHED, now, by
    row.save()
    official = definition.official_thresholds
    ThresholdSet.objects.bulk_create(
        ThresholdSet(
            clinic_id=row.clinic_id, instrument=row, key=one.key, label=one.label, source=one.source,
            is_official=one.official, thresholds=stored_thresholds(one.thresholds),
            in_force=official is not None and one.key == official.key,
        )
        for one in definition.threshold_sets
    )  # fmt: skip
    audit.record(
        "instrument.published", row, by=by,
        detail={"key": row.key, "version": row.instrument_version, "hash": row.definition_hash},
    )  # fmt: skip
    return row

"""
Verbs on codings: write one down, and lock it with its scores.

Locking computes the scores in its own transaction and there is no way back: a correction is a new coding that
supersedes the old one. Rows are written in bulk; the number of statements does not grow with the lines.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from clients.models import ChangeTarget
from clinics import audit
from clinics.instruments import scoring
from clinics.instruments.definition import Counting, Definition, ThresholdSet
from clinics.instruments.figures import Figure, rounded
from clinics.instruments.lines import CodedLine as ScoredLine
from clinics.instruments.lines import Speaker
from clinics.models import InstrumentVersion, User
from clinics.models import ThresholdSet as ThresholdSetRow
from clinics.selectors.instruments import definition_of, threshold_set_of
from sessions.models import CodedLine, Coding, Rating, ScoreResult, Segment, Utterance, UtteranceCode
from sessions.rules.completeness import Rated, lacking
from sessions.services.marks import mark_fidelity

VALUE_PLACES = 15
MOST_SENTENCES = 5


class NotComplete(ValueError):
    """A coding that lacks something; `lacking` lists it in sentences."""

    def __init__(self, coding: Coding, sentences: Sequence[str]) -> None:
        self.coding = coding
        self.lacking = tuple(sentences)
        super().__init__(" ".join(sentences[:MOST_SENTENCES]))


class AlreadyLocked(ValueError):
    """A locked coding is final."""


class NotInUse(ValueError):
    """Only a published instrument is coded with."""


@dataclass(frozen=True)
class NewCoding:
    """
    A coding to write down, by a person of the clinic (`coder`) or a coder of the source (`external_coder`).

    codes    number of the line → item keys
    breaks   number of a client line → whether it ends the therapist's volley, where the coder said so
    ratings  rated item → value; None with a reason in `na_reasons`
    """

    coder_role: Coding.CoderRole
    codes: Mapping[int, Sequence[str]]
    coder: User | None = None
    external_coder: str = ""
    breaks: Mapping[int, bool] = field(default_factory=dict)
    ratings: Mapping[str, int | None] = field(default_factory=dict)
    na_reasons: Mapping[str, str] = field(default_factory=dict)
    change_target: ChangeTarget | None = None
    supersedes: Coding | None = None


@transaction.atomic
def write_codings(
    *, segment: Segment, instrument: InstrumentVersion, codings: Sequence[NewCoding], by: User | None
) -> list[Coding]:
    """
    Write down drafts of one segment with their codes and ratings; return them in order.

    :raises NotInUse: when the instrument is not published
    :raises BadCode: for codes that may not stand on their line
    :raises KeyError: for a line outside the segment
    """
    if instrument.status != InstrumentVersion.Status.PUBLISHED:
        raise NotInUse(f"{instrument} is not in use. Publish it, or choose another version.")
    if instrument.kind != InstrumentVersion.Kind.FIDELITY:
        raise NotInUse(f"{instrument} is answered by a person, not coded. Choose an instrument for coders.")
    transcript = segment.transcript
    session = transcript.session
    lines = _lines_of([segment])[segment.pk]
    by_seq = {line.seq: line for line in lines}
    definition = definition_of(instrument)
    rows: list[Coding] = Coding.objects.bulk_create(
        Coding(
            clinic_id=segment.clinic_id, segment=segment, transcript=transcript, instrument=instrument,
            coder=one.coder, external_coder=one.external_coder, coder_role=one.coder_role,
            change_target=one.change_target, supersedes=one.supersedes,
            therapist=session.therapist if session else None,
            service_on=session.service_on if session else None,
            practice_set_id=transcript.practice_set_id,
        )
        for one in codings
    )  # fmt: skip
    coded_lines: list[CodedLine] = []
    codes: list[UtteranceCode] = []
    ratings: list[Rating] = []
    for row, one in zip(rows, codings, strict=True):
        for seq in sorted({*one.codes, *one.breaks}):
            line = by_seq[seq]
            keys = one.codes.get(seq, ())
            scoring.check_codes(definition, line.speaker, keys)
            coded_lines.append(
                CodedLine(
                    clinic_id=row.clinic_id, coding_id=row.pk, utterance_id=line.pk, breaks_volley=one.breaks.get(seq)
                )
            )
            codes.extend(
                UtteranceCode(
                    clinic_id=row.clinic_id,
                    coding_id=row.pk,
                    utterance_id=line.pk,
                    slot=definition.slot_of[key].key,
                    item_key=key,
                )
                for key in keys
            )
        ratings.extend(
            Rating(
                clinic_id=row.clinic_id,
                coding_id=row.pk,
                item_key=key,
                value=value,
                na_reason=one.na_reasons.get(key, ""),
            )
            for key, value in one.ratings.items()
        )
    CodedLine.objects.bulk_create(coded_lines)
    UtteranceCode.objects.bulk_create(codes)
    Rating.objects.bulk_create(ratings)
    return rows


def lock(*, coding: Coding, by: User | None, now: datetime) -> Coding:
    """
    Lock one coding with its scores; see `lock_all`.

    :raises NotComplete: when lines or ratings are missing
    :raises AlreadyLocked: when it is locked
    """
    return lock_all(codings=[coding], by=by, now=now)[0]


@transaction.atomic
def lock_all(*, codings: Sequence[Coding], by: User | None, now: datetime) -> list[Coding]:
    """
    Lock codings for good: check each, compute and store its scores and bands, mark the figures made of them.

    The number of statements does not depend on how many codings or lines there are, audit aside.

    :raises NotComplete: for the first that lacks something; then none is locked
    :raises AlreadyLocked: for the first that is locked
    """
    rows = list(
        Coding.objects.select_for_update(of=("self",))
        .filter(pk__in=[coding.pk for coding in codings])
        .select_related("segment", "instrument")
        .order_by("pk")
    )
    for row in rows:
        if row.state == Coding.State.LOCKED:
            raise AlreadyLocked("This coding is locked. Make a new one that supersedes it.")
    material = _material_of(rows)
    in_force = _sets_in_force(rows)
    results = []
    for row in rows:
        definition = definition_of(row.instrument)
        lines, ratings = material[row.pk]
        sentences = lacking(
            definition, lines, ratings,
            has_change_goal=row.change_target_id is not None or row.practice_set_id is not None,
        )  # fmt: skip
        if sentences:
            raise NotComplete(row, sentences)
        results.extend(_results(row, definition, lines, ratings, in_force.get(row.instrument_id)))
    ScoreResult.objects.bulk_create(results)
    Coding.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=Coding.State.LOCKED, locked_at=now, locked_by=by
    )
    mark_fidelity(*rows)
    for row in rows:
        row.state, row.locked_at, row.locked_by = Coding.State.LOCKED, now, by
        audit.record("coding.locked", row, by=by, detail={"instrument": str(row.instrument.public_id)})
    return rows


Material = tuple[list[tuple[int, ScoredLine]], dict[str, Rated]]


class _Line(NamedTuple):
    """A line of a transcript; its words only where the instrument needs them."""

    transcript_id: int
    pk: int
    seq: int
    speaker: Speaker
    text: str | None


def _lines_of(segments: Sequence[Segment], *, with_text: bool = False) -> dict[int, list[_Line]]:
    """Return the lines of each segment in order, the words left closed unless asked for."""
    found = Utterance.objects.filter(transcript_id__in={one.transcript_id for one in segments})
    found = found.order_by("transcript_id", "seq")
    by_transcript: dict[int, list[_Line]] = defaultdict(list)
    if with_text:
        for row in found:
            line = _Line(row.transcript_id, row.pk, row.seq, Speaker(row.speaker), row.text)
            by_transcript[line.transcript_id].append(line)
    else:
        for transcript, pk, seq, speaker in found.values_list("transcript_id", "pk", "seq", "speaker"):
            by_transcript[transcript].append(_Line(transcript, pk, seq, Speaker(speaker), None))
    return {
        one.pk: [line for line in by_transcript[one.transcript_id] if one.first_seq <= line.seq <= one.last_seq]
        for one in segments
    }


def _material_of(rows: Sequence[Coding]) -> dict[int, Material]:
    """Return the coded lines and the ratings of each coding."""
    keys = [row.pk for row in rows]
    # Words are needed only where the instrument counts by volley: a listener's "mm-hmm" does not end one.
    with_text = any(definition_of(row.instrument).counting is Counting.VOLLEY for row in rows)
    lines = _lines_of(list({row.segment_id: row.segment for row in rows}.values()), with_text=with_text)
    codes: dict[tuple[int, int], list[str]] = defaultdict(list)
    for coding, utterance, key in UtteranceCode.objects.filter(coding_id__in=keys).values_list(
        "coding_id", "utterance_id", "item_key"
    ):
        codes[coding, utterance].append(key)
    breaks = {
        (coding, utterance): mark
        for coding, utterance, mark in CodedLine.objects.filter(
            coding_id__in=keys, breaks_volley__isnull=False
        ).values_list("coding_id", "utterance_id", "breaks_volley")
    }
    ratings: dict[int, dict[str, Rated]] = defaultdict(dict)
    for coding, key, value, reason in Rating.objects.filter(coding_id__in=keys).values_list(
        "coding_id", "item_key", "value", "na_reason"
    ):
        ratings[coding][key] = Rated(_whole(value, key), reason)
    return {
        row.pk: (
            [
                (
                    line.seq,
                    ScoredLine(
                        line.speaker,
                        tuple(codes.get((row.pk, line.pk), ())),
                        breaks.get((row.pk, line.pk)),
                        line.text,
                    ),
                )
                for line in lines[row.segment_id]
            ],
            ratings[row.pk],
        )
        for row in rows
    }


def _whole(value: Any, key: str) -> int | None:
    if value is None:
        return None
    if value != value.to_integral_value():
        raise scoring.BadRating(f"{key} is {value}. Ratings and tallies are whole numbers.")
    return int(value)


def _sets_in_force(rows: Sequence[Coding]) -> dict[int, tuple[ThresholdSetRow, ThresholdSet]]:
    instruments = {row.instrument_id: row.instrument for row in rows}
    return {
        one.instrument_id: (one, threshold_set_of(one, definition_of(instruments[one.instrument_id])))
        for one in ThresholdSetRow.objects.filter(instrument_id__in=instruments, in_force=True)
    }


def _results(
    row: Coding,
    definition: Definition,
    lines: Sequence[tuple[int, ScoredLine]],
    ratings: Mapping[str, Rated],
    in_force: tuple[ThresholdSetRow, ThresholdSet] | None,
) -> list[ScoreResult]:
    counts: dict[str, int | None] = dict(scoring.tally(definition, [line for _seq, line in lines]))
    rated = {key: one.value for key, one in ratings.items() if key in definition.rated_items}
    counts |= {key: one.value for key, one in ratings.items() if key in definition.tallied_items}
    set_row, set_value = in_force if in_force is not None else (None, None)
    return [
        _result(row, key, figure, scoring.band(set_value, key, figure), set_row)
        for key, figure in scoring.score(definition, counts, rated).items()
    ]


def _result(row: Coding, key: str, figure: Figure, band: str, threshold_set: ThresholdSetRow | None) -> ScoreResult:
    return ScoreResult(
        clinic_id=row.clinic_id,
        coding_id=row.pk,
        score_key=key,
        numerator=figure.numerator,
        denominator=figure.denominator,
        value=None if figure.value is None else rounded(figure.value, VALUE_PLACES),
        band=str(band),
        reason=figure.reason or "",
        threshold_set_id=threshold_set.pk if threshold_set is not None else None,
        engine_version=scoring.ENGINE_VERSION,
    )

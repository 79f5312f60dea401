"""
Verbs on imports into the practice room: bring in the transcripts of a file, and undo a batch.

All of a file is one transaction; an import that fails leaves nothing. The file is read twice: once to find out what
is wrong with it (`sessions.importing`, outside any transaction), once to write it, a transcript at a time.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import connection, transaction

from clinics import audit
from clinics.models import Clinic, InstrumentVersion, User
from sessions.importing.findings import Finding
from sessions.importing.plan import Plan, content_digest, group_key, transcripts_of
from sessions.importing.transcripts import SourceTranscript
from sessions.models import (
    CodedLine,
    Coding,
    ImportBatch,
    PracticeSet,
    Rating,
    ScoreResult,
    Segment,
    Transcript,
    Utterance,
    UtteranceCode,
)
from sessions.services.codings import NewCoding, lock_all, write_codings
from sessions.services.marks import mark_fidelity

# The file is read inside the transaction; the server would end a connection that waits longer than 30 s for us.
WAIT_FOR_FILE = "10min"
Progress = Callable[[int, int], None]


class Outcome(StrEnum):
    """How an import ended."""

    IMPORTED = "imported"
    UNCHANGED = "unchanged"
    CHECKED = "checked"
    REFUSED = "refused"


class NotAdopted(LookupError):
    """The clinic has not published the instrument that a source's codes belong to."""


class CannotUndo(ValueError):
    """A batch that was undone before, or on which people of the clinic have built."""


@dataclass(frozen=True)
class Report:
    """
    What an import did, or in a dry run would do.

    rows_skipped   rows of transcripts and codings that were left out for their errors
    unchanged      transcripts that were here already with the same content
    left_out       transcripts left out, and codings left out of transcripts that came in
    """

    outcome: Outcome
    rows: int
    rows_skipped: int
    transcripts: int
    lines: int
    codings: int
    unchanged: int
    left_out_transcripts: tuple[str, ...]
    left_out_codings: tuple[tuple[str, str], ...]
    errors: int
    warnings: int
    findings: tuple[Finding, ...]
    batch: ImportBatch | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the report as it is kept with the batch or the job: references and numbers, no words."""
        return {
            "outcome": self.outcome.value,
            "rows": self.rows,
            "rows_skipped": self.rows_skipped,
            "transcripts": self.transcripts,
            "lines": self.lines,
            "codings": self.codings,
            "unchanged": self.unchanged,
            "left_out_transcripts": list(self.left_out_transcripts),
            "left_out_codings": [list(pair) for pair in self.left_out_codings],
            "errors": self.errors,
            "warnings": self.warnings,
            "findings": [
                {
                    "weight": one.weight.value,
                    "row": one.row,
                    "column": one.column,
                    "sentence": one.sentence,
                    "transcript": one.transcript,
                    "coder": one.coder,
                }
                for one in self.findings
            ],
            "batch": str(self.batch.public_id) if self.batch is not None else None,
        }


@transaction.atomic
def import_transcripts(
    *,
    clinic: Clinic,
    plan: Plan,
    open_file: Callable[[], Any],
    file_name: str,
    by: User | None,
    now: datetime,
    dry_run: bool = False,
    skip_bad_rows: bool = False,
    progress: Progress | None = None,
) -> Report:
    """
    Bring the transcripts of a planned file into the entered clinic's practice room, coded, scored and locked.

    A transcript that is here already with the same content is left alone; one whose content differs is an error.
    With errors nothing comes in, unless `skip_bad_rows`: then the transcripts and codings with errors stay out.

    open_file  returns the file's bytes from the start, the same that were planned
    progress   called with (rows done, rows in the file)

    :raises NotAdopted: when the clinic does not use the instrument
    :raises FileChanged: when the file is no longer the one that was planned
    """
    instrument = _instrument(plan)
    with connection.cursor() as cursor:
        cursor.execute("select set_config('idle_in_transaction_session_timeout', %s, true)", [WAIT_FOR_FILE])
    practice_set = _practice_set(clinic, plan, dry_run=dry_run)
    same = _compare_with_stored(plan, practice_set, instrument)
    new = [key for key in plan.transcripts if key not in same and key not in plan.findings.bad_transcripts]
    if not plan.is_whole or (plan.findings.errors and not skip_bad_rows):
        return _report(plan, Outcome.REFUSED, [], same)
    if not new:
        return _report(plan, Outcome.UNCHANGED if same else Outcome.REFUSED, [], same)
    if dry_run or practice_set is None:
        return _report(plan, Outcome.CHECKED, new, same)
    batch = ImportBatch.objects.create(
        clinic=clinic, source_format=plan.source.key, file_name=file_name[-120:], file_hash=plan.digest,
        rows_read=plan.rows, imported_by=by,
    )  # fmt: skip
    wanted, rows_done = set(new), 0
    for one in transcripts_of(plan, open_file):
        if one.key in wanted:
            _write(one, batch, practice_set, instrument, by, now)
        rows_done += one.rows
        if progress is not None:
            progress(rows_done, plan.rows)
    report = _report(plan, Outcome.IMPORTED, new, same, batch)
    batch.rows_skipped, batch.report = report.rows_skipped, report.as_json()
    batch.save(update_fields=["rows_skipped", "report"])
    audit.record(
        "transcripts.imported", batch, by=by,
        detail={"format": plan.source.key, "transcripts": report.transcripts, "codings": report.codings},
    )  # fmt: skip
    return report


@transaction.atomic
def undo_import(*, batch: ImportBatch, by: User | None, now: datetime) -> ImportBatch:
    """
    Take a batch out of the practice room: its transcripts, codings and scores. The batch stays in the record.

    :raises CannotUndo: when it was undone before, or people of the clinic have coded its transcripts
    """
    row: ImportBatch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if row.undone_at is not None:
        raise CannotUndo("This import was undone before.")
    codings = Coding.objects.filter(transcript__import_batch=row)
    own = codings.filter(coder__isnull=False).count()
    if own:
        some = "1 coding" if own == 1 else f"{own} codings"
        raise CannotUndo(
            f"People of this clinic have made {some} on these transcripts, which would be lost. "
            "The import stays as it is."
        )
    row.undone_at, row.undone_by = now, by
    row.save(update_fields=["undone_at", "undone_by"])
    mark_fidelity(*codings.order_by("practice_set_id").distinct("practice_set_id"))
    transcripts = Transcript.objects.filter(import_batch=row)
    counted = transcripts.count()
    # Children first: the composite keys do not cascade, and each delete stays one statement.
    for model in (ScoreResult, UtteranceCode, CodedLine, Rating):
        model.objects.filter(coding__transcript__import_batch=row).delete()
    codings.delete()
    Segment.objects.filter(transcript__import_batch=row).delete()
    Utterance.objects.filter(transcript__import_batch=row).delete()
    transcripts.delete()
    audit.record("transcripts.import_undone", row, by=by, detail={"transcripts": counted})
    return row


def _instrument(plan: Plan) -> InstrumentVersion:
    source = plan.source
    found: InstrumentVersion | None = InstrumentVersion.objects.filter(
        key=source.instrument_key,
        instrument_version=source.instrument_version,
        kind=InstrumentVersion.Kind.FIDELITY,
        status=InstrumentVersion.Status.PUBLISHED,
    ).first()
    if found is None:
        raise NotAdopted(
            f"This clinic does not use {source.name} {source.instrument_version}. "
            "Adopt it under Instruments, then import."
        )
    return found


def _practice_set(clinic: Clinic, plan: Plan, *, dry_run: bool) -> PracticeSet | None:
    """Return the set the file belongs to, its row locked so that one import at a time writes into it."""
    if not dry_run:
        PracticeSet.objects.get_or_create(
            clinic=clinic, key=plan.source.set_key, defaults={"name": plan.source.set_name}
        )
    found: PracticeSet | None = PracticeSet.objects.select_for_update().filter(key=plan.source.set_key).first()
    return found


def _compare_with_stored(plan: Plan, practice_set: PracticeSet | None, instrument: InstrumentVersion) -> list[str]:
    """Return the transcripts that are here already and the same; note those that differ as errors."""
    same: list[str] = []
    if practice_set is None:
        return same
    stored = Transcript.objects.filter(practice_set=practice_set, source_key__in=plan.transcripts)
    for transcript in stored.order_by("source_key"):
        key = transcript.source_key
        if plan.transcripts[key].digest == _stored_digest(transcript, instrument):
            same.append(key)
        else:
            plan.findings.error(
                None, "",
                f"Transcript {key} is here already with other words or codes. "
                "Undo that import, or leave it out of the file.",
                key,
            )  # fmt: skip
    return same


def _stored_digest(transcript: Transcript, instrument: InstrumentVersion) -> str:
    numbers: dict[int, int] = {}
    lines = []
    for line in Utterance.objects.filter(transcript=transcript).order_by("seq"):
        numbers[line.pk] = line.seq
        lines.append((line.seq, line.speaker, line.start_ms, line.text))
    codings: dict[str, dict[int, list[str]]] = {}
    imported = Coding.objects.filter(transcript=transcript, instrument=instrument).exclude(external_coder="")
    coders = dict(imported.values_list("pk", "external_coder"))
    for coder in coders.values():
        # A line with no code counts as a line the coder looked at.
        codings[coder] = {number: [] for number in numbers.values()}
    for coding, line, item in UtteranceCode.objects.filter(coding_id__in=coders).values_list(
        "coding_id", "utterance_id", "item_key"
    ):
        codings[coders[coding]][numbers[line]].append(item)
    about = (transcript.title or "", transcript.topic or "", transcript.group_key, transcript.quality)
    return content_digest(about, lines, codings)


def _write(
    one: SourceTranscript,
    batch: ImportBatch,
    practice_set: PracticeSet,
    instrument: InstrumentVersion,
    by: User | None,
    now: datetime,
) -> None:
    clinic_id = batch.clinic_id
    transcript = Transcript(
        clinic_id=clinic_id, practice_set=practice_set, import_batch=batch, source_key=one.key,
        title=one.title, topic=one.topic, group_key=group_key(one.group), quality=one.quality,
        timed=any(line.start_ms is not None for line in one.lines), line_count=len(one.lines),
    )  # fmt: skip
    transcript.save(force_insert=True)
    Utterance.objects.bulk_create(
        Utterance(
            clinic_id=clinic_id, transcript_id=transcript.pk, seq=line.number, speaker=line.speaker.value,
            start_ms=line.start_ms, text=line.text,
        )
        for line in one.lines
    )  # fmt: skip
    segment = Segment(
        clinic_id=clinic_id, transcript=transcript, first_seq=one.lines[0].number,
        last_seq=one.lines[-1].number, selection=Segment.Selection.WHOLE,
    )  # fmt: skip
    segment.save(force_insert=True)
    rows = write_codings(
        segment=segment,
        instrument=instrument,
        codings=[
            NewCoding(Coding.CoderRole.CODER, coding.codes, external_coder=coding.coder) for coding in one.codings
        ],
        by=by,
    )
    lock_all(codings=rows, by=by, now=now)


def _report(plan: Plan, outcome: Outcome, new: list[str], same: list[str], batch: ImportBatch | None = None) -> Report:
    findings = plan.findings
    used = [plan.transcripts[key] for key in [*new, *same]]
    taken = [plan.transcripts[key] for key in new]
    by_transcript: dict[str, list[str]] = defaultdict(list)
    for transcript, coder in sorted(findings.bad_codings):
        by_transcript[transcript].append(coder)
    whole_out = sorted({*findings.bad_transcripts, *(key for key in by_transcript if key not in plan.transcripts)})
    part_out = [
        (transcript, coder)
        for transcript, coders in by_transcript.items()
        if transcript not in whole_out
        for coder in coders
    ]
    return Report(
        outcome=outcome,
        rows=plan.rows,
        rows_skipped=0 if outcome is Outcome.REFUSED else plan.rows - sum(one.rows for one in used),
        transcripts=len(taken),
        lines=sum(one.lines for one in taken),
        codings=sum(one.codings for one in taken),
        unchanged=len(same),
        left_out_transcripts=tuple(whole_out),
        left_out_codings=tuple(part_out),
        errors=findings.errors,
        warnings=findings.warnings,
        findings=tuple(findings.kept),
        batch=batch,
    )

"""A file that is imported, what it leaves behind and what is said about it."""

import io

from sessions.importing.plan import make_plan
from sessions.models import (
    CodedLine,
    Coding,
    ImportBatch,
    ScoreResult,
    Segment,
    Transcript,
    Utterance,
    UtteranceCode,
)
from sessions.services import imports
from tests.sessions.invented import ANNOMI, NOW, as_csv, rows_of

IMPORTED = {"transcript__practice_set__key": "annomi"}
MODELS = (Transcript, Utterance, Segment, Coding, CodedLine, UtteranceCode, ScoreResult, ImportBatch)


def counts(side):
    with side.scope():
        return {model.__name__: model.objects.count() for model in MODELS}


def run(side, data, **options):
    """Import bytes at one side by the service; return the report."""

    def opener():
        return io.BytesIO(data)

    with side.scope():
        return imports.import_transcripts(
            clinic=side.clinic, plan=make_plan(ANNOMI, opener), open_file=opener, file_name="talk.csv", by=side.coder,
            now=NOW, **options,
        )  # fmt: skip


def sentences(report):
    return [str(one) for one in report.findings]


def one_bad_cell(column, value, line=1, **more):
    rows = rows_of()
    rows[line] |= {column: value, **more}
    return as_csv(rows)

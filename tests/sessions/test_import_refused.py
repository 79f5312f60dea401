"""What is wrong with a file is said by row and cell, and nothing of it comes in."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from clinics.services import instruments
from sessions.importing.plan import FileChanged, make_plan
from sessions.importing.rows import LONGEST_CELL
from sessions.models import (
    Coding,
)
from sessions.services import imports
from sessions.services.imports import Outcome
from tests.sessions.importing import IMPORTED, counts, one_bad_cell, run, sentences
from tests.sessions.invented import ANNOMI, NOW, annomi, as_csv, rows_of, write_csv

WRONG_CELLS = {
    "an unknown speaker": (("interlocutor", "friend"), "row 3, column interlocutor: Here stands 'friend'."),
    "a line number in words": (("utterance_id", "one"), "row 3, column utterance_id: The number of the line is 'one'."),
    "a negative line number": (("utterance_id", "-1"), "row 3, column utterance_id"),
    "no words": (("utterance_text", "  "), "row 3, column utterance_text: The line has no words."),
    "no coder": (("annotator_id", ""), "row 3, column annotator_id: The id of the coder is nothing."),
    "no transcript": (("transcript_id", ""), "row 3, column transcript_id"),
    "an unknown kind": (("question_subtype", "leading"), "row 3, column question_subtype: Here stands 'leading'."),
    "a kind that is missing": (("question_subtype", "n/a"), "row 3, column question_subtype: Here stands 'n/a'."),
    "an unknown flag": (("question_exists", "maybe"), "row 3, column question_exists: Here stands 'maybe'."),
    "a kind without its flag": (("question_exists", "False"), "question_exists says no, and here stands 'open'"),
    "no main code": (("main_therapist_behaviour", "n/a"), "row 3, column main_therapist_behaviour"),
    "client talk of a therapist": (("client_talk_type", "change"), "row 3, column client_talk_type: A therapist line"),
    "another quality": (("mi_quality", "low"), "row 3, column mi_quality: This differs from the first row"),
}


@pytest.mark.parametrize("name", WRONG_CELLS)
def test_a_wrong_cell_is_named_by_row_and_column_and_nothing_comes_in(world, name):
    (column, value), expected = WRONG_CELLS[name]
    before = counts(world.here)
    report = run(world.here, one_bad_cell(column, value))
    assert report.outcome is Outcome.REFUSED
    assert any(expected in sentence for sentence in sentences(report)), sentences(report)
    assert counts(world.here) == before


def test_a_message_never_quotes_what_was_said(world):
    secret = "My sister keeps asking me to walk more."
    data = one_bad_cell("question_subtype", secret, mi_quality=secret, interlocutor=secret, timestamp=secret)
    report = run(world.here, data)
    assert report.errors
    assert secret not in json.dumps(report.as_json())
    assert "a text of 39 characters" in json.dumps(report.as_json())


def test_coders_must_agree_on_the_words(world):
    other = rows_of(coder="1")
    other[2]["utterance_text"] = "I like the park."
    report = run(world.here, as_csv([*rows_of(), *other]))
    assert "row 11, column utterance_text: Line 2 stands otherwise in row 4." in sentences(report)[0]


def test_a_transcript_in_two_parts_is_refused_and_skipped_whole(world):
    rows = rows_of("1")
    data = as_csv([*rows[:3], *rows_of("2"), *rows[3:]])
    report = run(world.here, data)
    assert report.outcome is Outcome.REFUSED
    assert any("Transcript 1 goes on here after others began" in one for one in sentences(report))
    report = run(world.here, data, skip_bad_rows=True)
    assert (report.outcome, report.transcripts, report.rows_skipped) == (Outcome.IMPORTED, 1, 7)
    assert report.left_out_transcripts == ("1",)


def test_skipping_leaves_out_the_coding_with_the_error_and_keeps_the_rest(world):
    bad = rows_of(coder="1")
    bad[1]["question_subtype"] = "leading"
    data = as_csv([*rows_of(coder="0"), *bad, *rows_of("2")])
    assert run(world.here, data).outcome is Outcome.REFUSED
    report = run(world.here, data, skip_bad_rows=True)
    assert (report.outcome, report.transcripts, report.codings) == (Outcome.IMPORTED, 2, 2)
    assert (report.rows_skipped, report.left_out_codings) == (7, (("1", "1"),))
    with world.here.scope():
        assert list(
            Coding.objects.filter(**IMPORTED, transcript__source_key="1").values_list("external_coder", flat=True)
        ) == ["0"]
    assert run(world.here, data, skip_bad_rows=True).outcome is Outcome.UNCHANGED


WRONG_FILES = {
    "empty": (b"", "The file is empty."),
    "a header alone": (as_csv([]), "The file has a header and no rows."),
    "a spreadsheet": (b"PK\x03\x04\x14\x00rest", "a spreadsheet or zip file, not CSV"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "row 1: Byte 1 of this row is not UTF-8 text."),
    "prose": (b"Dear colleague,\nhere are the transcripts.\n", "The file has no columns transcript_id, video_title"),
    "another table": (b"name;age\nJo;3\n", "The file has no columns transcript_id"),
    "one column less": (as_csv(rows_of(), [c for c in ANNOMI.columns if c != "timestamp"]), "no column timestamp."),
    "a column twice": (as_csv(rows_of(), [*ANNOMI.columns, "topic"]), "The header names topic twice."),
    "Latin-1": (as_csv(rows_of()).replace(b"minds", b"m\xefnds"), "row 3: Byte"),
    "a zero byte": (as_csv(rows_of()).replace(b"minds", b"mi\x00nds"), "row 3: Here stands a zero byte"),
    "a quotation mark left open": (as_csv(rows_of()).replace(b"But mornings", b'"But mornings'), "row 6: This row is not CSV"),
    "a long cell": (one_bad_cell("utterance_text", "x" * (LONGEST_CELL + 1)), "row 3, column utterance_text: This cell has more than 100,000"),
    "a longer cell": (one_bad_cell("utterance_text", "x" * 200_000), "row 3, column utterance_text: This cell has more than 100,000"),
    "a cell of ten million characters": (one_bad_cell("utterance_text", "x" * 10_000_000), "row 3, column utterance_text: This cell has more than 100,000"),
    "ten million characters in many lines": (one_bad_cell("utterance_text", "word\n" * 2_000_000), "row 3, column utterance_text: This cell has more than 100,000"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_FILES)
def test_a_wrong_file_gives_one_sentence_and_leaves_nothing(world, name):
    data, expected = WRONG_FILES[name]
    before = counts(world.here)
    for skip in (False, True):
        report = run(world.here, data, skip_bad_rows=skip)
        assert report.outcome is Outcome.REFUSED
        assert report.errors == 1
        assert expected in sentences(report)[0]
    assert counts(world.here) == before


def test_a_row_with_too_few_cells_is_named(world):
    data = as_csv(rows_of()).replace(b",change\r\n", b"\r\n", 1)
    report = run(world.here, data)
    assert "row 4: This row has 17 cells, and the header names 18." in sentences(report)[0]


def test_a_blank_row_and_a_byte_order_mark_do_no_harm(world):
    data = b"\xef\xbb\xbf" + as_csv(rows_of()) + b"\r\n"
    assert run(world.here, data).outcome is Outcome.IMPORTED


def test_a_file_that_changes_between_the_two_readings_leaves_nothing(world):
    here = world.here
    before = counts(here)
    readings = [as_csv(rows_of()), as_csv([*rows_of(), *rows_of("2")])]

    def opener():
        return io.BytesIO(readings.pop(0))

    plan = make_plan(ANNOMI, opener)
    with pytest.raises(FileChanged, match="Nothing was imported"), here.scope():
        imports.import_transcripts(
            clinic=here.clinic, plan=plan, open_file=opener, file_name="x", by=None, now=timezone.now()
        )
    assert counts(here) == before


def test_a_database_that_goes_away_in_the_middle_leaves_nothing(world, tmp_path, monkeypatch, capsys):
    path = write_csv(tmp_path, [*rows_of("1"), *rows_of("2")])
    before = counts(world.here)
    written = []

    def write(one, *rest):
        if written:
            raise OperationalError("server closed the connection")
        written.append(one.key)
        return _write(one, *rest)

    _write = imports._write
    monkeypatch.setattr(imports, "_write", write)
    with pytest.raises(CommandError, match="The database is away") as error:
        call_command("import_transcripts", "--clinic", "riverbend", "--format", "annomi", str(path))
    assert error.value.returncode == 3
    assert written == ["1"]
    assert counts(world.here) == before


def test_an_import_needs_the_instrument_in_use(world):
    with world.here.scope():
        instruments.retire(instrument=annomi(), by=world.here.administrator, now=NOW)
    with pytest.raises(imports.NotAdopted, match="Adopt it under Instruments"):
        run(world.here, as_csv(rows_of()))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--clinic", "nowhere", "--format", "annomi", "x.csv"), "There is no clinic nowhere."),
        (("--clinic", "riverbend", "--format", "annomi", "/no/such/file.csv"), "cannot be read"),
        (("--clinic", "riverbend", "x.csv"), "Name the file, and its format"),
        (("--clinic", "riverbend", "--undo", "x"), "x is not the id of an import."),
    ],
)
def test_a_wrong_command_gives_one_sentence_and_exits_2(world, arguments, sentence):
    with pytest.raises(CommandError, match=sentence) as error:
        call_command("import_transcripts", *arguments)
    assert error.value.returncode == 2


def test_the_command_reports_and_exits_1_on_errors(world, tmp_path, capsys):
    rows = rows_of()
    rows[1]["question_subtype"] = "leading"
    path = write_csv(tmp_path, rows)
    with pytest.raises(SystemExit) as stop:
        call_command("import_transcripts", "--clinic", "riverbend", "--format", "annomi", str(path))
    assert stop.value.code == 1
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "error: row 3, column question_subtype: Here stands 'leading'. Write open or closed."
    assert out[1] == "Nothing was imported: the file has 1 error."
    assert "  Rows read: 7" in out

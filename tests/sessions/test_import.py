"""Importing transcripts: what is wrong with a file is said by row, and either all of it comes in or nothing."""

from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from clinics.models import AuditEvent, DirtyMark
from sessions.models import (
    Coding,
    PracticeSet,
    ScoreResult,
    Segment,
    Transcript,
    Utterance,
    UtteranceCode,
)
from sessions.services import imports
from sessions.services.imports import Outcome
from tests.sessions.importing import IMPORTED, counts, one_bad_cell, run, sentences
from tests.sessions.invented import NOW, TALK, add_coding, as_csv, rows_of, write_csv


def test_a_file_comes_in_with_lines_codes_and_scores(world):
    here = world.here
    data = as_csv([*rows_of("1"), *rows_of("2", coder="0"), *rows_of("2", coder="1")])
    report = run(here, data)
    assert (report.outcome, report.transcripts, report.codings, report.lines) == (Outcome.IMPORTED, 2, 3, 14)
    assert (report.errors, report.warnings, report.rows_skipped) == (0, 0, 0)
    with here.scope():
        transcript = Transcript.objects.get(practice_set__key="annomi", source_key="1")
        assert (transcript.title, transcript.topic, transcript.quality) == (
            "Walking in the park",
            "moving more ",
            "high",
        )
        assert (transcript.timed, transcript.line_count) == (True, len(TALK))
        assert transcript.practice_set == PracticeSet.objects.get(key="annomi")
        assert transcript.session_id is None
        lines = Utterance.objects.filter(transcript=transcript).order_by("seq")
        assert [(line.speaker, line.text, line.start_ms) for line in lines] == [
            (speaker, words, seq * 1000) for seq, (speaker, words, *_rest) in enumerate(TALK)
        ]
        coding = Coding.objects.get(transcript=transcript)
        assert (coding.state, coding.external_coder, coding.coder_id) == ("locked", "0", None)
        score = ScoreResult.objects.get(coding=coding, score_key="r_to_q_any")
        assert (score.numerator, score.denominator, score.value) == (1, 2, Decimal("0.5"))
        assert set(DirtyMark.objects.filter(kind="fidelity").values_list("key", flat=True)) == {
            f"p:{transcript.practice_set_id}"
        }
        event = AuditEvent.objects.filter(action="transcripts.imported").latest("id")
        assert event.actor == here.coder
        assert event.detail["transcripts"] == 2


def test_words_are_not_in_the_database_in_clear(world):
    run(world.here, as_csv(rows_of()))
    with world.here.scope():
        raw = Utterance.objects.filter(**IMPORTED, seq=1).values_list("text", flat=True).get()
        assert b"two minds" not in bytes(raw)


def test_the_neighbour_sees_nothing_of_it(world):
    before = counts(world.neighbour)
    run(world.here, as_csv(rows_of()))
    assert counts(world.neighbour) == before


def test_a_second_run_changes_nothing_and_says_so(world, tmp_path, capsys):
    path = write_csv(tmp_path, rows_of())
    arguments = ("import_transcripts", "--clinic", "riverbend", "--format", "annomi", str(path))
    call_command(*arguments)
    first = counts(world.here)
    capsys.readouterr()
    call_command(*arguments)
    assert counts(world.here) == first
    assert "Nothing to import: every usable transcript of this file is here already" in capsys.readouterr().out


def test_a_larger_file_adds_what_is_new(world):
    run(world.here, as_csv(rows_of("1")))
    report = run(world.here, as_csv([*rows_of("1"), *rows_of("2")]))
    assert (report.outcome, report.transcripts, report.unchanged) == (Outcome.IMPORTED, 1, 1)
    with world.here.scope():
        assert Transcript.objects.filter(practice_set__key="annomi").count() == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"utterance_text": "Other words."},
        {"question_subtype": "closed"},
        {"timestamp": "00:00:09"},
        {"annotator_id": "7"},
        {"topic": "moving more"},
    ],
)
def test_changed_content_is_an_error_of_its_transcript(world, changed):
    run(world.here, as_csv(rows_of("1")))
    before = counts(world.here)
    rows = rows_of("1")
    for row in rows if changed.keys() & {"annotator_id", "topic"} else [rows[1]]:
        row.update(changed)
    report = run(world.here, as_csv([*rows, *rows_of("2")]))
    assert report.outcome is Outcome.REFUSED
    assert "Transcript 1 is here already with other words or codes" in sentences(report)[-1]
    assert counts(world.here) == before
    report = run(world.here, as_csv([*rows, *rows_of("2")]), skip_bad_rows=True)
    assert (report.transcripts, report.left_out_transcripts) == (1, ("1",))


def test_a_dry_run_writes_nothing(world):
    before = counts(world.here)
    report = run(world.here, as_csv(rows_of()), dry_run=True)
    assert (report.outcome, report.transcripts, report.codings) == (Outcome.CHECKED, 1, 1)
    assert counts(world.here) == before
    with world.here.scope():
        assert not PracticeSet.objects.filter(key="annomi").exists()


def test_contradicting_labels_are_kept_and_reported(world):
    report = run(world.here, one_bad_cell("main_therapist_behaviour", "therapist_input"))
    assert (report.outcome, report.errors, report.warnings) == (Outcome.IMPORTED, 0, 1)
    assert "The main code is 'therapist_input', and therapist_input_exists says no" in sentences(report)[0]
    with world.here.scope():
        held = UtteranceCode.objects.filter(
            utterance__transcript__practice_set__key="annomi", utterance__seq=1
        ).values_list("item_key", flat=True)
        assert sorted(held) == ["MAIN_THERAPIST_INPUT", "QUEST_OPEN", "REFL_COMPLEX"]


def test_a_malformed_time_is_left_out_and_reported(world):
    report = run(world.here, one_bad_cell("timestamp", "00:09:025"))
    assert (report.outcome, report.warnings) == (Outcome.IMPORTED, 1)
    assert "row 3, column timestamp: Here stands '00:09:025'" in sentences(report)[0]
    with world.here.scope():
        assert Utterance.objects.get(**IMPORTED, seq=1).start_ms is None
        assert Utterance.objects.get(**IMPORTED, seq=2).start_ms == 2000


def test_a_step_back_in_time_is_reported(world):
    report = run(world.here, one_bad_cell("timestamp", "00:00:00", line=3))
    assert (report.outcome, sentences(report)) == (
        Outcome.IMPORTED,
        ["row 5, column timestamp: The time steps back. Lines keep the order of their numbers."],
    )


def test_rows_in_another_order_come_in_by_line_number(world):
    report = run(world.here, as_csv(list(reversed(rows_of()))))
    assert report.outcome is Outcome.IMPORTED
    with world.here.scope():
        lines = Utterance.objects.filter(**IMPORTED).order_by("seq")
        assert [one.text for one in lines] == [words for _speaker, words, *_rest in TALK]


def test_a_missing_line_a_line_twice_and_a_line_of_one_coder_only(world):
    rows = rows_of()
    gap = run(world.here, as_csv([row for row in rows if row["utterance_id"] != "3"]))
    assert "Line 3 is missing, and lines up to 6 follow" in sentences(gap)[0]
    twice = run(world.here, as_csv([*rows, rows[2]]))
    assert "Coder 0 has line 2 twice" in sentences(twice)[0]
    short = run(world.here, as_csv([*rows, *rows_of(coder="1")[:4]]))
    assert "Coder 1 has no row for line 4" in sentences(short)[0]
    assert {gap.outcome, twice.outcome, short.outcome} == {Outcome.REFUSED}


def test_undo_takes_a_batch_out_and_it_can_come_in_again(world, capsys):
    here = world.here
    data = as_csv([*rows_of("1"), *rows_of("2")])
    other = run(here, as_csv(rows_of("3")))
    before = counts(here)
    batch = run(here, data).batch
    with here.scope():
        DirtyMark.objects.all().delete()
    call_command("import_transcripts", "--clinic", "riverbend", "--undo", str(batch.public_id))
    assert counts(here) == {**before, "ImportBatch": before["ImportBatch"] + 1}
    with here.scope():
        batch.refresh_from_db()
        assert batch.undone_at is not None
        assert AuditEvent.objects.filter(action="transcripts.import_undone").latest("id").object_id == str(
            batch.public_id
        )
        assert DirtyMark.objects.get().key == f"p:{PracticeSet.objects.get(key='annomi').pk}"
        with pytest.raises(imports.CannotUndo, match="undone before"):
            imports.undo_import(batch=batch, by=None, now=NOW)
        assert Transcript.objects.get(practice_set__key="annomi").import_batch == other.batch
    assert run(here, data).transcripts == 2


def test_undo_is_refused_once_people_of_the_clinic_have_coded_it(world):
    here = world.here
    batch = run(here, as_csv(rows_of())).batch
    before = counts(here)
    with here.scope():
        add_coding(Segment.objects.get(**IMPORTED), coder=here.coder)
        with pytest.raises(imports.CannotUndo, match="People of this clinic have made 1 coding"):
            imports.undo_import(batch=batch, by=here.coder, now=NOW)
        batch.refresh_from_db()
        assert batch.undone_at is None
    assert counts(here)["Transcript"] == before["Transcript"]


def test_undo_of_another_clinics_import_finds_nothing(world):
    batch = run(world.here, as_csv(rows_of())).batch
    with pytest.raises(CommandError, match="harbor has no import"):
        call_command("import_transcripts", "--clinic", "harbor", "--undo", str(batch.public_id))

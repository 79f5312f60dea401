"""Exported scores: the columns, the numbers, and cells that no spreadsheet takes for a formula."""

import csv
import io
import json
import subprocess
import sys
import unicodedata
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from clinics.csv_safety import cell, neutralised, write_rows
from clinics.models import AuditEvent
from sessions.services.codings import lock
from tests.sessions.invented import NOW, TALK, add_coding, add_transcript, as_csv, codes_of, rows_of
from tests.sessions.test_import import run
from tests.site import ROOT, Site, new_clinic


def export(capsys, *arguments, clinic="riverbend"):
    capsys.readouterr()
    call_command("export_scores", "--clinic", clinic, "--instrument", "annomi", *arguments)
    return capsys.readouterr().out


def test_one_row_a_coding_and_score_with_the_sources_own_ids(world, capsys):
    run(world.here, as_csv([*rows_of("12"), *rows_of("7", coder="0"), *rows_of("7", coder="1")]))
    out = export(capsys, "--practice")
    assert out.splitlines()[0] == "transcript,coder,score,numerator,denominator,value,band,reason"
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [(row["transcript"], row["coder"]) for row in rows if row["score"] == "pct_ct"] == [
        ("12", "0"), ("7", "0"), ("7", "1"),
    ]  # fmt: skip
    talk = next(row for row in rows if row["score"] == "pct_ct")
    assert (talk["numerator"], talk["denominator"], talk["value"]) == ("2", "3", "0.666666666666667")
    assert (talk["band"], talk["reason"]) == ("none", "")
    assert [row["score"] for row in rows[:3]] == ["r_to_q_any", "r_to_q_main", "pct_complex"]


def test_an_undefined_value_is_empty_with_its_reason(world, capsys):
    talk = (TALK[0], ("therapist", "You are of two minds.", None, "simple", None, "reflection"))
    run(world.here, as_csv(rows_of(talk=talk)))
    rows = csv.DictReader(io.StringIO(export(capsys, "--practice")))
    row = next(one for one in rows if one["score"] == "r_to_q_any")
    assert (row["value"], row["numerator"], row["denominator"], row["reason"]) == ("", "1", "0", "zero_denominator")


def test_clinical_and_practice_scores_never_mix(world, capsys):
    here = world.here
    run(here, as_csv(rows_of()))
    with here.scope(here.coder):
        segment = add_transcript(session=here.session)
        coding = lock(coding=add_coding(segment, coder=here.coder), by=here.coder, now=NOW)
        add_coding(segment, coder=here.supervisor)
    clinical = list(csv.DictReader(io.StringIO(export(capsys))))
    assert {row["transcript"] for row in clinical} == {str(segment.transcript.public_id)}
    assert {row["coder"] for row in clinical} == {str(here.coder.public_id)}
    assert len(clinical) == coding.instrument.definition["scores"].__len__()
    assert {row["transcript"] for row in csv.DictReader(io.StringIO(export(capsys, "--practice")))} == {"1"}


def test_a_superseded_coding_is_left_out(world, capsys):
    here = world.here
    with here.scope(here.coder):
        segment = add_transcript(session=here.session)
        first = lock(coding=add_coding(segment, coder=here.coder), by=here.coder, now=NOW)
        codes = codes_of() | {1: ("QUEST_OPEN", "REFL_SIMPLE", "MAIN_REFLECTION")}
        lock(coding=add_coding(segment, coder=here.coder, codes=codes, supersedes=first), by=here.coder, now=NOW)
    rows = [row for row in csv.DictReader(io.StringIO(export(capsys))) if row["score"] == "pct_complex"]
    assert [row["value"] for row in rows] == ["0"]


def test_json_holds_the_same(world, capsys):
    run(world.here, as_csv(rows_of()))
    as_rows = list(csv.DictReader(io.StringIO(export(capsys, "--practice"))))
    as_json = json.loads(export(capsys, "--practice", "--format", "json"))
    assert len(as_json) == len(as_rows)
    for one, row in zip(as_json, as_rows, strict=True):
        assert list(one) == list(row)
        assert Decimal(str(one["value"])) == Decimal(row["value"])
        assert (one["numerator"], one["reason"]) == (int(row["numerator"]) if row["numerator"] else None, None)


def test_the_neighbour_exports_nothing_of_it(world, capsys):
    run(world.here, as_csv(rows_of()))
    assert export(capsys, "--practice", clinic="harbor").splitlines()[1:] == []
    assert json.loads(export(capsys, "--practice", "--format", "json", clinic="harbor")) == []


def test_an_export_is_recorded(world, capsys):
    run(world.here, as_csv(rows_of()))
    export(capsys, "--practice")
    with world.here.scope():
        event = AuditEvent.objects.filter(action="scores.exported").latest("id")
        assert event.detail == {"instrument": "annomi", "practice": True, "n": 23}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--clinic", "nowhere", "--instrument", "annomi"), "There is no clinic nowhere."),
        (("--clinic", "riverbend", "--instrument", "bogus"), "This clinic has no instrument bogus. It has: annomi"),
    ],
)
def test_a_wrong_command_gives_one_sentence_and_exits_2(world, capsys, arguments, sentence):
    with pytest.raises(CommandError, match=sentence) as error:
        call_command("export_scores", *arguments)
    assert error.value.returncode == 2
    assert capsys.readouterr().out == ""


# --- promise P28 --------------------------------------------------------------------------------------------------

SIGNS = "=+-@|%\t\r\n＝＋－＠｜％﹢﹣﹦﹫"
BLANKS = " \t\r\n\x0b\x0c\x00\xa0\u2003\u200b\ufeff\u2060"


def first_sign(text):
    """Return the first character that a spreadsheet would read, as its plain form."""
    if text[:1] in ("\t", "\r", "\n"):
        return text[0]
    for character in text:
        if character in BLANKS or character.isspace() or unicodedata.category(character) in ("Cf", "Cc"):
            continue
        return unicodedata.normalize("NFKC", character)[:1]
    return ""


@settings(max_examples=1_000, deadline=None)
@given(st.text(alphabet=st.one_of(st.sampled_from(SIGNS + BLANKS), st.characters(codec="utf-8")), max_size=12))
def test_no_text_in_any_column_starts_a_formula(text):
    stream = io.StringIO()
    write_rows(stream, ["a", "b"], [[text, "x"], ["x", text]])
    read = list(csv.reader(io.StringIO(stream.getvalue())))[1:]
    for one in (read[0][0], read[1][1]):
        assert first_sign(one) not in set("=+-@|%\t\r\n") or one == ""
        assert one in (text, f"'{text}")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", " =1", "\ufeff=1", "＝1", "|x", "%x"])
def test_formulas_are_neutralised(text):
    assert neutralised(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "plain", "1 + 1", "'=1", "a-b", "é", "日本"])
def test_plain_text_stays_as_it_is(text):
    assert neutralised(text) == text


def test_numbers_of_ours_stay_numbers():
    assert cell(Decimal("-0.5")) == "-0.5"
    assert cell(Decimal("1E+3")) == "1000"
    assert (cell(-3), cell(None)) == ("-3", "")


def test_a_reader_that_stops_early_gets_no_traceback(on_site: Site) -> None:
    clinic = new_clinic(on_site)
    command = f"{sys.executable} manage.py export_scores --clinic {clinic.slug} --instrument miti | true"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], env=on_site.env, cwd=ROOT, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")

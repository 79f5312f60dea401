"""Shipped measures: their published examples, what a definition of a measure may say, and scoring under any answers."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinics.instruments import catalogue, measuring
from clinics.instruments.problems import DefinitionError
from clinics.instruments.schema import definition_from_json, definition_to_json, parse_definition
from clinics.instruments.scoring import BadRating, score

MEASURES = {key: one for (key, _version), one in catalogue.shipped().items() if measuring.is_measure(one)}
PHQ = MEASURES["phq9"]
SMALL = """
key = "small"
version = "1"
name = "Small"
modality = "other"
licence_class = "open"
attribution = "Invented."
comparability_group = "small"
ask = { window = "Today", every_days = 7 }
[[groups]]
key = "answers"
label = "Answers"
kind = "answer"
scale = { min = 0, max = 40, decimals = 1 }
anchors = [{ value = 0, text = "Not at all" }]
[[groups.items]]
key = "X"
label = "X"
definition = "Asked."
[[scores]]
key = "total"
label = "Total"
expr = { item = "X" }
display = { dp = 0 }
pool = "mean"
[scores.read]
higher = "worse"
case_cut = 10
bands = [{ key = "low", label = "Low", at_least = 0 }, { key = "high", label = "High", at_least = "20.5" }]
[[notes]]
key = "n"
when = { cmp = [{ item = "X" }, ">=", 30] }
text = "Look again."
[[triggers]]
code = "look"
about = "X"
when = { cmp = [{ item = "X" }, ">=", 35] }
[[vectors]]
key = "v"
ratings = { X = 35 }
notes = ["n"]
raises = ["look"]
expect = { total = { value = 35, level = "high" } }
"""


def test_every_measure_of_the_list_is_shipped_under_its_licence():
    assert {key: str(one.licence_class) for key, one in MEASURES.items()} == {
        "phq9": "open", "gad7": "open", "audit_c": "open", "socrates8a": "open", "socrates8d": "open", "bam": "open",
        "audit": "attest", "dast10": "attest", "urica": "total_only", "ors": "total_only", "srs": "total_only",
        "wai_sr": "total_only", "cssrs": "result_only",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("key", "vectors"),
    [
        ("phq9", {"T17", "T18"}), ("audit_c", {"T21_woman", "T21_man"}), ("audit", {"T21", "T21_refused"}),
        ("dast10", {"T22"}), ("urica", {"T23", "lowest", "highest"}), ("socrates8a", {"T24"}),
    ],
)  # fmt: skip
def test_the_published_examples_stand_in_the_definitions(key, vectors):
    assert vectors <= {one.key for one in MEASURES[key].vectors}


@pytest.mark.parametrize("key", ["audit", "dast10"])
def test_a_question_that_belongs_to_somebody_is_a_number_without_its_text(key):
    for number, item in enumerate(MEASURES[key].items.values(), 1):
        assert item.label == f"Question {number}"
        assert item.definition == "Asked in the words that the clinic is licensed to use."


def test_measures_are_named_as_people_know_them():
    assert {one.name for one in MEASURES.values()} == {
        "PHQ-9", "GAD-7", "AUDIT-C", "SOCRATES 8A", "SOCRATES 8D", "BAM", "AUDIT", "DAST-10", "URICA", "ORS", "SRS",
        "WAI-SR", "C-SSRS screener",
    }  # fmt: skip


def test_a_measure_without_its_questions_has_no_more_items_than_totals():
    for key in ("urica", "ors", "srs", "wai_sr", "cssrs"):
        assert len(MEASURES[key].items) <= 4


def test_the_published_keys_of_the_scales():
    assert MEASURES["socrates8a"].tagged == {
        "recognition": ("S1", "S3", "S7", "S10", "S12", "S15", "S17"),
        "ambivalence": ("S2", "S6", "S11", "S16"),
        "taking_steps": ("S4", "S5", "S8", "S9", "S13", "S14", "S18", "S19"),
    }
    assert MEASURES["bam"].tagged == {
        "risk": ("B1", "B2", "B3", "B8", "B11", "B15"),
        "use": ("B4", "B5", "B6"),
        "protective": ("B9", "B10", "B12", "B13", "B14", "B16"),
    }
    assert "total" not in MEASURES["bam"].score_by_key, "it has no validated total"
    for key in ("phq9", "gad7"):
        assert next(iter(MEASURES[key].items.values())).anchors[0].text == "Not at all"


@pytest.mark.parametrize(("key", "cut", "criterion"), [("phq9", 10, 6), ("gad7", 8, 4)])
def test_cuts_and_reliable_change_are_the_published_ones(key, cut, criterion):
    reading = MEASURES[key].score_by_key["total"].read
    assert (reading.case_cut, reading.reliable_change, str(reading.higher)) == (cut, criterion, "worse")


@pytest.mark.parametrize("key", list(MEASURES))
@given(data=st.data())
def test_any_answers_give_each_score_a_value_or_a_reason_and_a_band_of_its_own(key, data):
    definition = MEASURES[key]
    answers = {
        item.key: data.draw(
            st.one_of(st.none(), st.sampled_from(range(item.scale.min, item.scale.max + 1, item.scale.step)))
        )
        for item in definition.items.values()
    }
    figures = score(definition, {}, answers)
    shuffled = dict(data.draw(st.permutations(list(answers.items()))))
    assert score(definition, {}, shuffled) == figures
    complete = not measuring.unanswered(definition, answers)
    for one in definition.scores:
        figure = figures[one.key]
        if complete:
            assert figure.is_defined, "nothing that is scored was left out"
        bands = [band.key for band in one.read.bands] if one.read else []
        level = measuring.level(one, figure)
        assert level in (*bands, "positive", "negative", "")
        assert bool(level) <= figure.is_defined
    measuring.notes(definition, answers, figures)
    measuring.fired(definition, answers, figures, {})


@given(st.integers(-5, 10), st.sampled_from(list(PHQ.items)))
def test_an_answer_off_its_scale_is_refused(value, key):
    if value in PHQ.items[key].scale:
        score(PHQ, {}, {key: value})
    else:
        with pytest.raises(BadRating, match="scale runs from 0 to 3"):
            score(PHQ, {}, {key: value})


@given(st.lists(st.integers(0, 3), min_size=9, max_size=9), st.permutations(range(1, 9)))
def test_the_total_does_not_ask_which_question_had_which_answer(values, order):
    plain = {f"P{n}": value for n, value in enumerate(values, 1)}
    moved = {**plain, **{f"P{n}": plain[f"P{m}"] for n, m in zip(range(1, 9), order, strict=True)}}
    assert score(PHQ, {}, plain)["total"] == score(PHQ, {}, moved)["total"]


def test_a_small_measure_comes_back_from_its_stored_form():
    definition = parse_definition(SMALL, "small-1.toml")
    again = definition_from_json(definition_to_json(definition), "stored")
    assert again == definition
    assert definition.items["X"].scale.decimals == 1
    assert definition.items["X"].anchors[0].text == "Not at all"
    assert definition.score_by_key["total"].read.bands[1].at_least == Fraction(41, 2)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('at_least = "20.5"', "at_least = 0", "do not ascend"),
        ('key = "high", label', 'key = "low", label', "stands twice"),
        ("case_cut = 10", "case_cuts = { male = 4 }", "whose sex is not known"),
        ("case_cut = 10", "case_cut = 10\ncase_cuts = { other = 4 }", "'other' is not a sex here"),
        ("case_cut = 10", "reliable_change = 0", "above 0"),
        ('when = { cmp = [{ item = "X" }, ">=", 30] }', 'when = { cmp = [{ item = "Y" }, ">=", 30] }', "no item 'Y'"),
        ('when = { cmp = [{ item = "X" }, ">=", 35] }', 'rises = "other"', "no score 'other'"),
        ('when = { cmp = [{ item = "X" }, ">=", 35] }', "", "no condition"),
        ('kind = "answer"', 'kind = "checklist"', "Only a measure"),
        ("ratings = { X = 35 }", "ratings = { X = 34 }", "raises"),
        ('level = "high"', 'level = "low"', "expects 'low'"),
        ('notes = ["n"]', "notes = []", "expects nothing"),
        ("ratings = { X = 35 }", "ratings = { X = 35 }\nrefused = true", "a refusal"),
        ("decimals = 1", "decimals = 9", "0 to 3"),
        ("every_days = 7", "every_days = 0", "1 to 366"),
    ],
)
def test_what_a_measure_may_not_say_is_said(old, new, said):
    assert old in SMALL
    with pytest.raises(DefinitionError) as found:
        parse_definition(SMALL.replace(old, new, 1), "small-1.toml")
    assert said in str(found.value)


def test_a_rise_needs_a_time_before():
    bam = MEASURES["bam"]
    answers = dict.fromkeys(measuring.needed(bam), 0) | {"B6": 2}
    figures = score(bam, {}, answers)
    assert not measuring.fired(bam, answers, figures, {})
    assert [one.code for one in measuring.fired(bam, answers, figures, {"use": Fraction(1)})] == ["bam_use_rise"]
    assert not measuring.fired(bam, answers, figures, {"use": Fraction(2)})

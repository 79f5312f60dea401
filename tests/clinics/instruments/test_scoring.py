"""Tallies, scores, bands and pools: the worked examples of fidelity.md 9 and the engine's own promises."""

import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinics.instruments import catalogue
from clinics.instruments.definition import Band
from clinics.instruments.figures import Figure, Reason, number, ratio, undefined
from clinics.instruments.lines import CodedLine, Speaker
from clinics.instruments.schema import parse_definition
from clinics.instruments.scoring import BadCode, BadRating, band, check_codes, pool, score, tally
from clinics.instruments.vectors import mismatches
from clinics.instruments.wording import shown

from .invented import SMALL, changed

MITI = catalogue.find("miti", "4.2.1")
CLIENT_LANGUAGE = catalogue.find("client_language", "1")
ANNOMI = catalogue.find("annomi", "1")
OFFICIAL = MITI.official_thresholds
GLOBALS = ("CCT", "SST", "PARTNER", "EMPATHY")


def therapist(*codes):
    return CodedLine(Speaker.THERAPIST, codes)


def client(*codes, text=None, breaks=None):
    return CodedLine(Speaker.CLIENT, codes, breaks, text)


def miti(ratings=(None,) * 4, **counts):
    return score(MITI, counts, dict(zip(GLOBALS, ratings, strict=True)))


# --- the worked examples, written here a second time so that a slip in a definition's own vectors shows ---

UNDEFINED = None
WORKED = {
    "X1": ((4, 3, 4, 5), {"GI": 3, "PERSUADE": 1, "PWP": 2, "Q": 10, "SR": 8, "CR": 12, "AF": 4, "SEEK": 3, "EMPHASIZE": 2},
           ("3.5 fair", "4.5 good", "60.0% good", "2.00:1 good", "9", "1")),
    "X2": ((2, 3, 3, 3), {"GI": 6, "PERSUADE": 5, "Q": 20, "SR": 6, "CR": 2, "AF": 1, "CONFRONT": 2},
           ("2.5 below", "3.0 below", "25.0% below", "0.40:1 below", "1", "7")),
    "X3": ((3, 3, 3, 4), {"Q": 10, "SR": 6, "CR": 4}, ("3.0 fair", "3.5 fair", "40.0% fair", "1.00:1 fair", "0", "0")),
    "X4": ((4, 4, 4, 4), {"Q": 5, "SR": 5, "CR": 5}, ("4.0 good", "4.0 good", "50.0% good", "2.00:1 good", "0", "0")),
    "X5": ((3, 3, 3, 3), {"Q": 27, "SR": 32, "CR": 21}, ("3.0 fair", "3.0 below", "39.6% below", "1.96:1 fair", "0", "0")),
    "X6": ((3, 2, 4, 3), {"Q": 19, "SR": 11, "CR": 7}, ("2.5 below", "3.5 fair", "38.9% below", "0.95:1 below", "0", "0")),
    "X7": ((3, 4, 4, 4), {"SR": 4, "CR": 6},
           ("3.5 fair", "4.0 good", "60.0% good", "no questions (10 reflections) not_evaluable", "0", "0")),
    "X8": ((2, 3, 2, 2), {"Q": 12}, ("2.5 below", "2.0 below", "no reflections not_evaluable", "0.00:1 below", "0", "0")),
    "X9": ((1, 3, 2, 1), {"GI": 9},
           ("2.0 below", "1.5 below", "no reflections not_evaluable", "no questions or reflections not_evaluable", "0", "0")),
    "X10": ((None, None, 4, 4), {"Q": 6, "SR": 5, "CR": 4, "AF": 2, "SEEK": 1},
            ("not rated not_evaluable", "4.0 good", "44.4% fair", "1.50:1 fair", "3", "0")),
    "X11": ((None,) * 4, {"Q": 7, "SR": 3, "CR": 1, "AF": 1, "SEEK": 1},
            ("not rated not_evaluable", "not rated not_evaluable", "25.0% below", "0.57:1 below", "2", "0")),
    "X12": ((5, 4, 3, 4), {"GI": 2, "PERSUADE": 3, "PWP": 4, "Q": 16, "SR": 9, "CR": 6, "AF": 2, "SEEK": 5, "EMPHASIZE": 1, "CONFRONT": 1},
            ("4.5 good", "3.5 fair", "40.0% fair", "0.94:1 below", "8", "4")),
    "X13": ((4, None, None, None), {},
            ("not rated not_evaluable", "not rated not_evaluable", "no reflections not_evaluable", "no questions or reflections not_evaluable", "0", "0")),
}  # fmt: skip


@pytest.mark.parametrize("name", WORKED)
def test_worked_example(name):
    ratings, counts, expected = WORKED[name]
    found = []
    for key, figure in miti(ratings, **counts).items():
        its_band = band(OFFICIAL, key, figure)
        text = shown(MITI.score_by_key[key], figure)
        found.append(text if its_band is Band.NONE else f"{text} {its_band}")
    assert tuple(found) == expected


def test_x7_keeps_the_reflections_of_a_segment_without_questions():
    assert miti((3, 4, 4, 4), SR=4, CR=6)["r_to_q"] == Figure(None, 10, 0, Reason.ZERO_DENOMINATOR)


@pytest.mark.parametrize(
    ("name", "lines", "expected"),
    [
        ("X14", [("SR",), ("Q",), ("CR",)], {"CR": 1, "Q": 1}),
        ("X15", [("Q",)] * 4, {"Q": 1}),
        ("X16", [("SR",), ("EMPHASIZE",), ("CR",)], {"CR": 1, "EMPHASIZE": 1}),
        ("X17", [("NC",), ("Q",)], {"Q": 1}),
        ("X18", [("PERSUADE",), ("SEEK",), ("PWP",)], {"PWP": 1, "SEEK": 1}),
        ("X18 reversed", [("PWP",), ("SEEK",), ("PERSUADE",)], {"PWP": 1, "SEEK": 1}),
        ("X19", [(key,) for key in ("GI", "PWP", "Q", "SR", "CR", "AF", "SEEK", "EMPHASIZE", "CONFRONT")],
         dict.fromkeys(("GI", "PWP", "Q", "CR", "AF", "SEEK", "EMPHASIZE", "CONFRONT"), 1)),
        ("several codes on a line", [("SR", "Q"), ("CR",)], {"CR": 1, "Q": 1}),
    ],
)  # fmt: skip
def test_a_slot_holds_one_code_in_a_volley(name, lines, expected):
    counts = tally(MITI, [therapist(*codes) for codes in lines])
    assert {key: count for key, count in counts.items() if count} == expected


@pytest.mark.parametrize(
    ("answer", "questions"),
    [
        (client(text="Yeah."), 1),
        (client(breaks=False), 1),
        (client(text="Yeah.", breaks=True), 2),
        (client(text="My wife."), 2),
        (client(), 2),
    ],
)
def test_x20_a_volley_ends_where_the_other_person_speaks(answer, questions):
    assert tally(MITI, [therapist("Q"), answer, therapist("Q")])["Q"] == questions


@pytest.mark.parametrize(
    ("counts", "figure"),
    [
        ({"CT": 18, "ST": 6, "FN": 40}, ratio(18, 24)),
        ({"FN": 12}, undefined(Reason.ZERO_DENOMINATOR, numerator=0, denominator=0)),
        ({"ST": 5}, ratio(0, 5)),
    ],
)
def test_x21_change_talk_share(counts, figure):
    assert score(CLIENT_LANGUAGE, counts, {})["pct_ct"] == figure


def test_x26_pooling_sums_counts_and_averages_globals():
    segments = [miti(ratings, **counts) for ratings, counts, _ in (WORKED["X1"], WORKED["X2"])]
    pooled = {key: pool(MITI, key, [one[key] for one in segments]) for key in MITI.score_by_key}
    assert pooled["r_to_q"] == ratio(28, 30)
    assert shown(MITI.score_by_key["r_to_q"], pooled["r_to_q"]) == "0.93:1"
    assert band(OFFICIAL, "r_to_q", pooled["r_to_q"]) is Band.BELOW
    assert pooled["pct_cr"] == ratio(14, 28)
    assert band(OFFICIAL, "pct_cr", pooled["pct_cr"]) is Band.GOOD
    assert pooled["technical"] == number(3)
    assert pooled["relational"] == number(Fraction(15, 4))
    assert pooled["total_mia"] == number(5)


def test_pooling_includes_segments_without_a_question():
    assert pool(MITI, "r_to_q", [ratio(10, 0), ratio(5, 10)]) == ratio(15, 10)
    assert pool(MITI, "r_to_q", [ratio(10, 0), ratio(2, 0)]) == ratio(12, 0)


def test_pooling_leaves_out_segments_whose_inputs_are_missing():
    missing = undefined(Reason.MISSING_INPUT)
    assert pool(MITI, "r_to_q", [missing, ratio(5, 10)]) == ratio(5, 10)
    assert pool(MITI, "technical", [missing, number(4), number(3)]) == number(Fraction(7, 2))
    assert pool(MITI, "technical", [missing, missing]) == missing
    assert pool(MITI, "r_to_q", [missing]) == missing


def test_pooling_a_sum_needs_every_part():
    assert pool(ANNOMI, "main_question", [number(2), number(3)]) == number(5)
    missing = undefined(Reason.MISSING_INPUT)
    assert pool(ANNOMI, "main_question", [number(2), missing]) == missing


def test_pooling_nothing_is_too_few():
    for key in MITI.score_by_key:
        assert pool(MITI, key, []) == undefined(Reason.TOO_FEW)


# --- inputs ---


def test_a_blank_count_is_not_zero():
    figures = score(MITI, {"Q": None, "SR": 1}, {})
    assert figures["r_to_q"] == undefined(Reason.MISSING_INPUT)
    assert figures["pct_cr"] == ratio(0, 1)
    assert score(MITI, {"SR": 1}, {})["r_to_q"] == ratio(1, 0)


@pytest.mark.parametrize(
    ("counts", "ratings", "message"),
    [
        ({"Q": -1}, {}, "The tally of Q is -1"),
        ({"CCT": 3}, {}, "counts no item CCT"),
        ({"NC": 3}, {}, "counts no item NC"),
        ({}, {"Q": 3}, "rates no item Q"),
        ({}, {"GONE": 3}, "rates no item GONE"),
        ({}, {"CCT": 0}, "CCT cannot be 0. Its scale runs from 1 to 5 by 1."),
        ({}, {"CCT": 6}, "CCT cannot be 6"),
    ],
)
def test_inputs_that_cannot_be_are_refused(counts, ratings, message):
    with pytest.raises(BadRating, match=message):
        score(MITI, counts, ratings)


@pytest.mark.parametrize("line", [client("Q"), therapist("GONE"), therapist("CCT")])
def test_a_code_of_the_other_speaker_is_not_tallied(line):
    with pytest.raises(BadCode, match="has no code"):
        tally(MITI, [line])


@pytest.mark.parametrize(
    ("definition", "speaker", "codes", "message"),
    [
        (MITI, Speaker.THERAPIST, ["GONE"], "has no code GONE"),
        (MITI, Speaker.CLIENT, ["Q"], "Question is a code for therapist lines"),
        (MITI, Speaker.THERAPIST, ["NC", "Q"], "No code stands alone"),
        (MITI, Speaker.THERAPIST, ["SR", "CR"], "share one place"),
        (MITI, Speaker.THERAPIST, ["Q", "Q"], "share one place"),
        (CLIENT_LANGUAGE, Speaker.CLIENT, ["CT_D"], "Change talk: desire needs Change talk on the same line"),
        (CLIENT_LANGUAGE, Speaker.CLIENT, ["ST", "CT_D"], "needs Change talk"),
    ],
)
def test_codes_that_cannot_stand_together_are_refused(definition, speaker, codes, message):
    with pytest.raises(BadCode, match=message):
        check_codes(definition, speaker, codes)


@pytest.mark.parametrize(
    ("definition", "speaker", "codes"),
    [
        (MITI, Speaker.THERAPIST, []),
        (MITI, Speaker.THERAPIST, ["SR", "Q", "AF"]),
        (MITI, Speaker.THERAPIST, ["NC"]),
        (CLIENT_LANGUAGE, Speaker.CLIENT, ["CT_D", "CT"]),
        (ANNOMI, Speaker.THERAPIST, ["REFL_SIMPLE", "QUEST_OPEN", "INPUT_ADVICE", "MAIN_QUESTION"]),
    ],
)
def test_codes_that_fit_are_accepted(definition, speaker, codes):
    check_codes(definition, speaker, codes)


def test_counting_by_line_takes_each_line_by_itself():
    lines = [therapist("QUEST_OPEN", "MAIN_QUESTION")] * 3 + [client("CT_CHANGE")] * 2
    counts = tally(ANNOMI, lines)
    assert (counts["QUEST_OPEN"], counts["MAIN_QUESTION"], counts["CT_CHANGE"]) == (3, 3, 2)


def test_a_threshold_may_know_one_level_only():
    definition = parse_definition(changed(('fair = "0.4", ', "")), "one.toml")
    assert band(definition.official_thresholds, "share", ratio(1, 2)) is Band.GOOD
    assert band(definition.official_thresholds, "share", ratio(4, 9)) is Band.BELOW
    fair_only = parse_definition(changed((', good = "0.5"', ""), ('band = "good"', 'band = "fair"')), "two.toml")
    assert band(fair_only.official_thresholds, "share", ratio(1, 1)) is Band.FAIR


def test_there_is_no_band_without_a_threshold():
    assert band(None, "share", ratio(1, 2)) is Band.NONE
    assert band(OFFICIAL, "total_mia", undefined(Reason.MISSING_INPUT)) is Band.NONE


# --- properties ---

therapist_codes = [item.key for item in MITI.codes_of(Speaker.THERAPIST)]
miti_lines = st.lists(
    st.builds(
        CodedLine,
        st.just(Speaker.THERAPIST),
        st.lists(st.sampled_from(therapist_codes), max_size=3).map(tuple),
    )
    | st.builds(
        CodedLine,
        st.just(Speaker.CLIENT),
        st.just(()),
        st.none() | st.booleans(),
        st.sampled_from([None, "Yeah.", "No."]),
    ),
    max_size=30,
)


@given(miti_lines)
def test_no_code_counts_more_often_than_it_was_given_or_than_there_are_volleys(lines):
    counts = tally(MITI, lines)
    volleys = 1 + sum(line.speaker is Speaker.CLIENT for line in lines)
    for key, count in counts.items():
        assert 0 <= count <= min(volleys, sum(key in line.codes for line in lines))
    for slot in MITI.slots:
        assert sum(counts.get(key, 0) for key in slot.items) <= volleys


@given(miti_lines, st.randoms())
def test_the_order_of_codes_inside_a_volley_does_not_matter(lines, random):
    shuffled = [line for line in lines if line.speaker is Speaker.THERAPIST]
    counts = tally(MITI, shuffled)
    random.shuffle(shuffled)
    assert tally(MITI, shuffled) == counts


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=8))
def test_pooled_ratios_are_those_of_one_long_segment(segments):
    figures = [miti(Q=q, SR=sr, CR=cr) for q, sr, cr in segments]
    whole = miti(Q=sum(s[0] for s in segments), SR=sum(s[1] for s in segments), CR=sum(s[2] for s in segments))
    for key in ("r_to_q", "pct_cr"):
        assert pool(MITI, key, [one[key] for one in figures]) == whole[key]


# --- definitions as shipped ---


@pytest.mark.parametrize("definition", catalogue.shipped().values(), ids=lambda d: d.key)
def test_every_vector_of_a_shipped_definition_holds(definition):
    assert [found for vector in definition.vectors for found in mismatches(definition, vector)] == []


def test_miti_carries_the_worked_examples_and_its_published_thresholds():
    assert {vector.key for vector in MITI.vectors} >= set(WORKED)
    levels = {one.score: (one.fair, one.good) for one in OFFICIAL.thresholds}
    assert levels == {
        "relational": (Fraction(7, 2), 4),
        "technical": (3, 4),
        "pct_cr": (Fraction(2, 5), Fraction(1, 2)),
        "r_to_q": (1, 2),
    }
    assert OFFICIAL.caveat == "Thresholds are expert opinion. Read them with other information."


def test_the_keys_of_the_coding_grid_are_those_of_the_design():
    keys = {item.keyboard: item.key for item in MITI.codes_of(Speaker.THERAPIST)}
    assert keys == {
        "q": "Q", "s": "SR", "c": "CR", "a": "AF", "k": "SEEK", "e": "EMPHASIZE",
        "g": "GI", "w": "PWP", "p": "PERSUADE", "x": "CONFRONT", "n": "NC",
    }  # fmt: skip
    valence = [
        item for item in CLIENT_LANGUAGE.codes_of(Speaker.CLIENT) if CLIENT_LANGUAGE.slot_of[item.key].follows is None
    ]
    assert [(item.keyboard, item.keyboard_alias, item.key) for item in valence] == [
        ("=", "+", "CT"), ("-", None, "ST"), ("0", None, "FN"),
    ]  # fmt: skip


def test_a_file_must_be_named_for_its_definition(tmp_path):
    (tmp_path / "any").mkdir()
    (tmp_path / "any" / "other-1.toml").write_text(SMALL)
    with pytest.raises(ValueError, match=r"Name it small-1\.toml"):
        catalogue.read_folder(tmp_path)


def test_an_unknown_instrument_names_the_known_ones():
    with pytest.raises(catalogue.UnknownInstrument, match=r"no instrument miti 5\. Shipped: annomi 1"):
        catalogue.find("miti", "5")


def test_scoring_a_corpus_of_7000_lines_takes_well_under_a_second():
    line = therapist("REFL_SIMPLE", "QUEST_OPEN", "MAIN_QUESTION")
    coding = [line, client("CT_CHANGE")] * 32
    started = time.process_time()
    for _ in range(110):
        score(ANNOMI, tally(ANNOMI, coding), {})
    assert time.process_time() - started < 1

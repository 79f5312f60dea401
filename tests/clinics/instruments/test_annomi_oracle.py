"""
The annomi definition against an independent computation over real transcripts.

The corpus is not part of the repository. Its folder is EVOKE_ANNOMI_DIR, by default beside the checkout.
"""

import csv
import os
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import pytest

from clinics.instruments import catalogue
from clinics.instruments.figures import Reason, as_decimal
from clinics.instruments.lines import CodedLine, Speaker
from clinics.instruments.scoring import check_codes, score, tally

REPOSITORY = Path(__file__).resolve().parents[3]
FLAGS = {
    "reflection": {"simple": "REFL_SIMPLE", "complex": "REFL_COMPLEX"},
    "question": {"open": "QUEST_OPEN", "closed": "QUEST_CLOSED"},
    "therapist_input": {
        "information": "INPUT_INFORMATION",
        "advice": "INPUT_ADVICE",
        "negotiation": "INPUT_NEGOTIATION",
        "options": "INPUT_OPTIONS",
    },
}
# our score → column of the oracle
COUNTS = {
    "n_reflection_any": "any_reflection",
    "n_question_any": "any_question",
    "n_input_any": "any_input",
    **{
        key: key
        for key in (
            "refl_simple", "refl_complex", "quest_open", "quest_closed", "input_information", "input_advice",
            "input_negotiation", "input_options", "main_question", "main_reflection", "main_therapist_input",
            "main_other", "ct_change", "ct_neutral", "ct_sustain",
        )
    },
}  # fmt: skip
RATIOS = {
    "r_to_q_any": ("rq_any", "any_reflection", "any_question"),
    "r_to_q_main": ("rq_main", "main_reflection", "main_question"),
    "pct_complex": ("pct_complex", "refl_complex", "any_reflection"),
    "pct_open": ("pct_open", "quest_open", "any_question"),
    "pct_ct": ("pct_ct", "ct_change", None),
}


def read_rows(name):
    folder = Path(os.environ.get("EVOKE_ANNOMI_DIR") or REPOSITORY.parent / "shared/data/annomi")
    path = folder / name
    if not path.exists():
        message = f"The corpus is not here ({name}). Set EVOKE_ANNOMI_DIR to its folder."
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def coded_line(row):
    if row["interlocutor"] == "client":
        return CodedLine(Speaker.CLIENT, (f"CT_{row['client_talk_type'].upper()}",))
    codes = [f"MAIN_{row['main_therapist_behaviour'].upper()}"]
    codes += [kinds[row[f"{name}_subtype"]] for name, kinds in FLAGS.items() if row[f"{name}_exists"] == "True"]
    return CodedLine(Speaker.THERAPIST, tuple(codes))


def test_annomi_definition_equals_the_oracle():
    annomi = catalogue.find("annomi", "1")
    codings = defaultdict(list)
    for row in read_rows("dev.csv"):
        codings[row["transcript_id"], row["annotator_id"]].append(coded_line(row))
    compared = 0
    undefined = 0
    oracle_rows = read_rows("oracle_dev.csv")
    assert {(row["transcript_id"], row["annotator_id"]) for row in oracle_rows} == set(codings)
    for oracle in oracle_rows:
        lines = codings[oracle["transcript_id"], oracle["annotator_id"]]
        for line in lines:
            check_codes(annomi, line.speaker, line.codes)
        figures = score(annomi, tally(annomi, lines), {})
        assert set(figures) == {*COUNTS, *RATIOS}
        for key, column in COUNTS.items():
            assert figures[key].value == int(oracle[column]), (oracle["transcript_id"], key)
            compared += 1
        for key, (column, numerator, denominator) in RATIOS.items():
            figure = figures[key]
            bottom = oracle[denominator] if denominator else int(oracle["ct_change"]) + int(oracle["ct_sustain"])
            assert (figure.numerator, figure.denominator) == (int(oracle[numerator]), int(bottom))
            if oracle[column] == "":
                assert figure.reason is Reason.ZERO_DENOMINATOR
                undefined += 1
            else:
                # The oracle's own figure is printed with six decimals; its counts give the value to 1e-9.
                assert abs(figure.value - Fraction(oracle[column])) <= Fraction(1, 10**6)
                exact = Fraction(int(oracle[numerator]), int(bottom))
                assert abs(Fraction(as_decimal(figure.value)) - exact) <= Fraction(1, 10**9)
            compared += 1
    assert compared == len(oracle_rows) * (len(COUNTS) + len(RATIOS))
    assert undefined > 0

"""The intensity rule in its order, the gate to commitment, swinging readiness, bands of rulers."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.rules import stages
from clients.rules.motivation import (
    ADVICE,
    Band,
    Intensity,
    band,
    may_commit,
    mi_intensity,
    swing,
)

STAGES = [None, *(key for key, _words in stages.STAGES)]
RULERS = st.none() | st.integers(0, 10)
CASE = st.fixed_dictionaries(
    {
        "stage": st.sampled_from(STAGES),
        "readiness": RULERS,
        "importance": RULERS,
        "confidence": RULERS,
        "mandated": st.booleans(),
        "discord": RULERS,
        "lapse_days": st.none() | st.integers(0, 400),
    }
)


@pytest.mark.parametrize(
    ("args", "more", "expected", "row"),
    [
        (("pre", 2, 2, 5), {}, "high_engage", 2),
        (("con", 5, 6, 5), {}, "high_evoke", 4),
        (("prep", 8, 8, 5), {}, "medium_confidence", 6),
        (("prep", 8, 8, 8), {}, "low_plan", 7),
        (("act", 9, 9, 9), {}, "support", 8),
        (("prep", 6, 8, 8), {"mandated": True}, "high_engage", 3),
        (("act", 9, 9, 9), {"lapse_days": 3}, "medium_repair", 5),
        (("act", None, 9, 9), {}, "unknown", 1),
        # Edges of each threshold.
        (("act", 9, 3, 9), {}, "high_engage", 2),
        (("act", 9, 4, 9), {}, "support", 8),
        (("pre", 9, 9, 9), {}, "high_engage", 2),
        (("act", 9, 9, 9), {"discord": 5}, "high_engage", 3),
        (("act", 9, 9, 9), {"discord": 4}, "support", 8),
        (("act", 7, 9, 9), {"mandated": True}, "support", 8),
        (("act", 6, 9, 9), {}, "high_evoke", 4),
        (("con", 9, 9, 9), {}, "high_evoke", 4),
        (("rec", 9, 9, 9), {}, "medium_repair", 5),
        (("act", 9, 9, 9), {"lapse_days": 14}, "medium_repair", 5),
        (("act", 9, 9, 9), {"lapse_days": 15}, "support", 8),
        (("maint", 7, 4, 6), {}, "medium_confidence", 6),
        (("maint", 7, 4, 7), {}, "support", 8),
        # No stage: the earlier rows still answer, and where none fits it is not known.
        ((None, 9, 9, 6), {}, "medium_confidence", 6),
        ((None, 9, 9, 9), {"lapse_days": 0}, "medium_repair", 5),
        ((None, 9, 9, 9), {}, "unknown", 0),
    ],
)
def test_the_first_rule_that_fits_answers(args: Any, more: Any, expected: str, row: int) -> None:
    found = mi_intensity(*args, **more)
    assert (found.intensity, found.row) == (expected, row)


def _rows(case: dict[str, Any]) -> list[tuple[int, str, bool]]:
    """Return each row of the domain's table on its own: number, answer, whether its condition holds."""
    stage, lapse = case["stage"], case["lapse_days"]
    r, i, c = case["readiness"], case["importance"], case["confidence"]
    missing = None in (r, i, c)
    rows = [(1, "unknown", missing)]
    if missing:
        return rows
    return [
        *rows,
        (2, "high_engage", stage == "pre" or i <= 3),
        (3, "high_engage", (case["discord"] or 0) >= 5 or (case["mandated"] and r <= 6)),
        (4, "high_evoke", stage == "con" or r <= 6),
        (5, "medium_repair", stage == "rec" or (lapse is not None and lapse <= 14)),
        (6, "medium_confidence", c <= 6),
        (7, "low_plan", stage == "prep"),
        (8, "support", stage in ("act", "maint")),
        (0, "unknown", True),
    ]


@given(CASE)
def test_every_input_has_an_answer_with_its_reason(case: dict[str, Any]) -> None:
    found = mi_intensity(**case)
    assert found.reason.endswith(".")
    row, answer = next((number, answer) for number, answer, holds in _rows(case) if holds)
    assert (found.row, found.intensity) == (row, answer)


@given(CASE)
def test_the_reason_names_only_numbers_that_were_given(case: dict[str, Any]) -> None:
    found = mi_intensity(**case)
    if found.row in (3, 4, 6) and "is rated" not in found.reason:
        name = {3: "discord" if "Discord" in found.reason else "readiness", 4: "readiness", 6: "confidence"}[found.row]
        assert f"is {case[name]}," in found.reason


def test_every_answer_is_a_word_of_the_record_and_has_its_advice() -> None:
    assert [found.value for found in Intensity] == [key for key, _words in stages.INTENSITIES]
    assert set(ADVICE) == set(Intensity)
    mixes = [(ADVICE[found].mi_pct, ADVICE[found].skills_pct) for found in Intensity]
    assert mixes == [(80, 20), (70, 30), (50, 50), (50, 50), (30, 70), (10, 90), (None, None)]


@pytest.mark.parametrize(
    ("args", "more"),
    [
        (("asleep", 5, 5, 5), {}),
        (("con", 11, 5, 5), {}),
        (("con", 5, -1, 5), {}),
        (("con", 5, 5, 5), {"discord": 12}),
        (("con", 5, 5, 5), {"lapse_days": -1}),
    ],
)
def test_what_is_out_of_range_is_an_error(args: Any, more: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        mi_intensity(*args, **more)


@pytest.mark.parametrize(
    ("values", "deviation", "wide"),
    [
        ([3, 8, 4, 7, 2], 2.59, True),
        ([5, 6, 6, 7, 6], 0.71, False),
        ([2, 4], None, False),
        ([], None, False),
        ([4, 6, 8], 2.0, True),
        # Only the last five count.
        ([0, 10, 5, 6, 6, 7, 6], 0.71, False),
    ],
)
def test_readiness_swings_from_two_points_on(values: list[int], deviation: float | None, wide: bool) -> None:
    found = swing(values)
    assert found.wide is wide
    assert found.count == min(len(values), 5)
    assert (found.deviation is None) if deviation is None else round(found.deviation or 0, 2) == deviation


@given(st.lists(st.integers(0, 10), min_size=3, max_size=5), st.randoms())
def test_the_order_of_the_last_five_does_not_matter(values: list[int], random: Any) -> None:
    other = list(values)
    random.shuffle(other)
    assert swing(values) == swing(other)


@pytest.mark.parametrize(
    ("readiness", "importance", "quoted"), list(itertools.product((None, 6, 7), (None, 6, 7), (0, 1)))
)
def test_commitment_needs_all_three(readiness: int | None, importance: int | None, quoted: int) -> None:
    allowed, reason = may_commit(readiness, importance, bool(quoted))
    assert allowed is ((readiness, importance, quoted) == (7, 7, 1))
    assert reason.endswith(".")
    assert reason[0].isupper()
    assert ("is not asked" in reason) is (None in (readiness, importance))
    assert ("no commitment" in reason.lower()) is (not quoted)


def test_bands_of_a_ruler() -> None:
    found = [band(value) for value in range(11)]
    assert found == [Band.LOW] * 4 + [Band.MIDDLE] * 3 + [Band.HIGH] * 4
    with pytest.raises(ValueError, match="0 to 10"):
        band(11)

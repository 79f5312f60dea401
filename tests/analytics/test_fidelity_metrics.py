"""Pooling and prompts, by vectors (domain: fidelity 1.8, 7.3, X26)."""

from fractions import Fraction

import pytest

from analytics.metrics.fidelity import Sums, add, crossed_at, figure_of, needs_support
from clinics.instruments.definition import Pool
from clinics.instruments.figures import Reason

X1_R_TO_Q = Sums(1, 1, Fraction(2), 20, 10)
X2_R_TO_Q = Sums(1, 1, Fraction(2, 5), 8, 20)
X7_R_TO_Q = Sums(1, 0, Fraction(0), 10, 0)


def test_pooled_ratio_sums_counts_and_never_averages_ratios() -> None:
    pooled = figure_of(add([X1_R_TO_Q, X2_R_TO_Q]), Pool.POOLED_RATIO)
    assert (pooled.value, pooled.numerator, pooled.denominator) == (Fraction(28, 30), 28, 30)


def test_a_segment_without_a_question_still_counts_its_reflections() -> None:
    assert figure_of(add([X1_R_TO_Q, X7_R_TO_Q]), Pool.POOLED_RATIO).value == Fraction(30, 10)


def test_mean_is_over_segments_with_a_value() -> None:
    technical = add([Sums(1, 1, Fraction(7, 2)), Sums(1, 1, Fraction(5, 2)), Sums(1, 0)])
    assert figure_of(technical, Pool.MEAN).value == Fraction(3)


@pytest.mark.parametrize(
    ("sums", "pool", "reason"),
    [
        (Sums(), Pool.MEAN, Reason.TOO_FEW),
        (Sums(2, 0), Pool.MEAN, Reason.MISSING_INPUT),
        (Sums(2, 1, Fraction(3)), Pool.SUM, Reason.MISSING_INPUT),
        (X7_R_TO_Q, Pool.POOLED_RATIO, Reason.ZERO_DENOMINATOR),
    ],
)
def test_undefined_says_why(sums: Sums, pool: Pool, reason: Reason) -> None:
    assert figure_of(sums, pool).reason is reason


@pytest.mark.parametrize(
    ("bands", "asked"),
    [
        ([], False),
        (["below"], False),
        (["good", "below", "below"], True),
        (["below", "below", "fair"], False),
        (["below", "not_evaluable", "below"], True),
        (["below", "fair", "below"], False),
    ],
)
def test_two_in_a_row_below_basic_ask_for_support(bands: list[str], asked: bool) -> None:
    assert needs_support(bands) is asked


@pytest.mark.parametrize(
    ("values", "index"),
    [
        ([Fraction(1, 2), Fraction(3, 2), Fraction(2)], 1),
        ([Fraction(1, 2), Fraction(3, 2), Fraction(1, 2), None, Fraction(1)], 4),
        ([Fraction(1), Fraction(2)], None),
        ([Fraction(1, 2), Fraction(2), Fraction(1, 2)], None),
        ([None, None], None),
    ],
)
def test_crossing_is_where_it_stays_above(values: list[Fraction | None], index: int | None) -> None:
    assert crossed_at(values, Fraction(1)) == index

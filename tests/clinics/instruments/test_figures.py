"""Figures: exact, never rounded before display, undefined with a reason."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinics.instruments import figures
from clinics.instruments.figures import Figure, Reason, as_decimal_text, display_text, rounded


def test_a_ratio_keeps_both_counts_as_they_were():
    assert figures.ratio(20, 10) == Figure(Fraction(2), 20, 10, None)


def test_a_ratio_over_zero_is_undefined_and_keeps_its_numerator():
    figure = figures.ratio(10, 0)
    assert (figure.value, figure.numerator, figure.denominator) == (None, 10, 0)
    assert figure.reason is Reason.ZERO_DENOMINATOR
    assert not figure.is_defined


@pytest.mark.parametrize(("value", "reason"), [(None, None), (Fraction(1), Reason.TOO_FEW)])
def test_a_figure_has_either_a_value_or_a_reason(value, reason):
    with pytest.raises(ValueError, match="either a value or a reason"):
        Figure(value, None, None, reason)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(2, 5), "0.4"),
        (Fraction(1, 3), "0.333333333333333"),
        (Fraction(2, 3), "0.666666666666667"),
        (Fraction(1200), "1200"),
        (Fraction(0), "0"),
        (Fraction(-53, 27), "-1.96296296296296"),
        (Fraction(10**20 + 1), "100000000000000000001"),
    ],
)
def test_decimal_text_is_exact_or_has_15_significant_digits(value, text):
    assert as_decimal_text(value) == text


@given(st.fractions(min_value=-1000, max_value=1000, max_denominator=10_000))
def test_decimal_text_is_within_twelve_significant_digits(value):
    assert abs(Fraction(as_decimal_text(value)) - value) <= abs(value) / 10**12


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (Fraction(21, 53) * 100, 1, "39.6"),
        (Fraction(21, 53) * 100, 0, "40"),
        (Fraction(1, 8), 2, "0.13"),
        (Fraction(-1, 8), 2, "-0.13"),
        (Fraction(5, 2), 0, "3"),
        (Fraction(0), 2, "0.00"),
        (Fraction(3), 1, "3.0"),
    ],
)
def test_rounding_for_the_eye_is_half_up(value, places, text):
    assert display_text(value, places=places) == text


@given(st.fractions(max_denominator=1_000_000), st.integers(0, 6))
def test_rounding_is_never_off_by_more_than_half_a_unit(value, places):
    assert abs(Fraction(rounded(value, places)) - value) <= Fraction(1, 2 * 10**places)
    assert rounded(value, places).as_tuple().exponent == -places


def test_display_multiplies_before_it_rounds():
    assert display_text(Fraction(4, 9), places=1, factor=100, suffix="%") == "44.4%"
    assert isinstance(rounded(Fraction(1, 3), 2), Decimal)

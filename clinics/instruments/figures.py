"""
Exact figures: a number, or the reason why there is none.

Undefined is a `Figure` too: never 0, never NaN, never an exception. Rounding happens only on display.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from fractions import Fraction

SIGNIFICANT_DIGITS = 15


class Reason(StrEnum):
    """Why a figure is undefined."""

    ZERO_DENOMINATOR = "zero_denominator"
    MISSING_INPUT = "missing_input"
    TOO_FEW = "too_few"
    NO_VARIANCE = "no_variance"
    ZERO_CELL = "zero_cell"
    NO_TIMES = "no_times"
    NOT_APPLICABLE = "not_applicable"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class Figure:
    """
    An exact number or the reason why it is undefined.

    value        the exact number, None when undefined
    numerator    of a ratio, as counted (not reduced); kept when the denominator is zero; otherwise None
    denominator  of a ratio, as counted; otherwise None
    reason       None exactly when `value` is given
    """

    value: Fraction | None
    numerator: int | None = None
    denominator: int | None = None
    reason: Reason | None = None

    def __post_init__(self) -> None:
        if (self.value is None) == (self.reason is None):
            raise ValueError("A figure has either a value or a reason.")

    @property
    def is_defined(self) -> bool:
        """Tell whether the figure has a value."""
        return self.value is not None


def number(value: Fraction | int) -> Figure:
    """Return the figure of a plain number: a count, a sum, a mean."""
    return Figure(Fraction(value))


def ratio(numerator: int, denominator: int) -> Figure:
    """Return numerator / denominator with both counts kept; undefined (ZERO_DENOMINATOR) over zero."""
    if denominator == 0:
        return undefined(Reason.ZERO_DENOMINATOR, numerator=numerator, denominator=0)
    return Figure(Fraction(numerator, denominator), numerator, denominator)


def undefined(reason: Reason, *, numerator: int | None = None, denominator: int | None = None) -> Figure:
    """Return a figure that has no value for the given reason."""
    return Figure(None, numerator, denominator, reason)


def as_decimal(value: Fraction) -> Decimal:
    """
    Return the number in decimals: exact when 15 significant digits suffice, else rounded half up to 15.

    Whole digits are never lost: a longer whole part keeps all its digits.
    """
    whole_digits = len(str(abs(value.numerator) // value.denominator))
    context = Context(prec=max(SIGNIFICANT_DIGITS, whole_digits), rounding=ROUND_HALF_UP)
    return context.divide(Decimal(value.numerator), Decimal(value.denominator)).normalize(context)


def as_decimal_text(value: Fraction) -> str:
    """Return `as_decimal` written out without an exponent: '0.4', '0.333333333333333', '1200'."""
    return format(as_decimal(value), "f")


def rounded(value: Fraction, places: int) -> Decimal:
    """Return the number rounded half up (away from zero at the half) from its exact value."""
    scaled = abs(value) * 10**places + Fraction(1, 2)
    units = scaled.numerator // scaled.denominator
    return Decimal(units if value >= 0 else -units).scaleb(-places, Context(prec=len(str(units)) + places + 1))


def display_text(value: Fraction, *, places: int, factor: int = 1, suffix: str = "") -> str:
    """Return the number for the eye: multiplied by `factor`, rounded half up to `places`, with its suffix."""
    return f"{rounded(value * factor, places):f}{suffix}"

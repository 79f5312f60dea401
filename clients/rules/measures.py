"""
What the answers of a person to a measure say over time: change beyond chance, alliance, and when it is due again.

Numbers are exact and in the units of the score. Source: shared/domain/care.md 2.4 and 5.1 (reliable change after the
English talking-therapies program; the alliance alert is ours).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Final

# A measure is late when nobody asked it for a week.
LATE_AFTER: Final = timedelta(days=7)
ALLIANCE_POINTS: Final = 3
ALLIANCE_FALL: Final = Fraction(4)
# 95 of 100 differences between two readings of somebody unchanged are smaller.
Z_95: Final = 1.96


class Way(StrEnum):
    """Which way a reliable difference goes."""

    BETTER = "better"
    WORSE = "worse"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Change:
    """
    Two readings of one score compared.

    difference   last minus first
    way          where the difference is more than chance; NONE where it is not
    recovered    first at the cut or above, last below it
    """

    difference: Fraction
    way: Way
    recovered: bool

    @property
    def label(self) -> str:
        """Return the comparison in words."""
        if self.way is Way.BETTER:
            return "Reliable recovery" if self.recovered else "Reliable improvement"
        if self.way is Way.WORSE:
            return "Reliable deterioration"
        return "Below the cut now; the change may be chance" if self.recovered else "No reliable change"


def reliable_change(
    first: Fraction, last: Fraction, *, criterion: Fraction, cut: Fraction | None, higher_is_worse: bool = True
) -> Change:
    """
    Compare two readings of one score.

    criterion   the least difference that is more than chance
    cut         the case cut, None where the score has none; a score on which higher is better has no recovery
    """
    difference = last - first
    worse = difference if higher_is_worse else -difference
    way = Way.NONE if abs(difference) < criterion else Way.WORSE if worse > 0 else Way.BETTER
    recovered = higher_is_worse and cut is not None and first >= cut > last
    return Change(difference, way, recovered)


def change_criterion(sd: float, reliability: float) -> tuple[float, float]:
    """
    Return the standard error of a difference and the least difference that is more than chance, 95 of 100.

    sd            standard deviation of the measure, above 0
    reliability   0 to 1
    :raises ValueError: out of range
    source        Jacobson and Truax 1991
    """
    if sd <= 0 or not 0 <= reliability <= 1:
        raise ValueError("A standard deviation is above 0, a reliability from 0 to 1.")
    error = sd * math.sqrt(2) * math.sqrt(1 - reliability)
    return error, Z_95 * error


def slope(points: Sequence[tuple[int, Fraction]]) -> Fraction | None:
    """
    Return the least-squares slope of scores on session numbers; None for fewer than three points or one session.

    points   (session number, score), in order
    """
    if len(points) < ALLIANCE_POINTS:
        return None
    n = len(points)
    mean_x = Fraction(sum(x for x, _y in points), n)
    mean_y = sum((y for _x, y in points), Fraction(0)) / n
    spread = sum(((x - mean_x) ** 2 for x, _y in points), Fraction(0))
    if spread == 0:
        return None
    return sum(((x - mean_x) * (y - mean_y) for x, y in points), Fraction(0)) / spread


def alliance_alert(points: Sequence[tuple[int, Fraction]], *, fall: Fraction = ALLIANCE_FALL) -> bool:
    """Tell whether the alliance goes down over at least three readings, and the last is `fall` below the first."""
    found = slope(points)
    return found is not None and found < 0 and points[-1][1] - points[0][1] <= -fall


def fell(before: Fraction | None, now: Fraction | None, criterion: Fraction | None) -> bool:
    """Tell whether a score is at least `criterion` below the time before."""
    return None not in (before, now, criterion) and before - now >= criterion  # type: ignore[operator]


class Due(StrEnum):
    """Whether a measure is to be taken."""

    LATER = "later"
    DUE = "due"
    LATE = "late"


def due(next_due_on: date, today: date) -> Due:
    """Return whether a measure is due today, or late by a week."""
    if today < next_due_on:
        return Due.LATER
    return Due.LATE if today - next_due_on >= LATE_AFTER else Due.DUE


def next_due(taken_on: date, every_days: int) -> date:
    """Return when a measure is due after it was taken."""
    return taken_on + timedelta(days=every_days)


def in_units(typed: str, decimals: int) -> int | None:
    """
    Return a typed number in the smallest unit: '23.5' with one decimal is 235; None for what is no such number.

    decimals   places that may be typed
    """
    text = typed.strip().replace(",", ".")
    whole, dot, part = text.partition(".")
    sign = -1 if whole.startswith("-") else 1
    digits = whole.removeprefix("-")
    said = digits + part
    if not (said.isascii() and said.isdigit() and digits and len(said) <= 9):
        return None
    if dot and (not part or len(part) > decimals):
        return None
    return sign * int(digits + part.ljust(decimals, "0"))


def from_units(value: int, decimals: int) -> str:
    """Return a number of smallest units as it is typed: 235 with one decimal is '23.5'."""
    if not decimals:
        return str(value)
    digits = str(abs(value)).rjust(decimals + 1, "0")
    return f"{'-' if value < 0 else ''}{digits[:-decimals]}.{digits[-decimals:]}"

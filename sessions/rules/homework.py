"""
How much of what was agreed for between sessions was done.

source   shared/domain/care.md 4.4 and T34; what was not due by then counts nowhere, by shared/design/decisions.md 5.8
"""

from collections.abc import Iterable
from enum import StrEnum

from clinics.instruments.figures import Figure, ratio


class Done(StrEnum):
    """How much of one agreed thing was done."""

    FULL = "full"
    PARTIAL = "partial"
    NONE = "none"
    NOT_DUE = "not_due"


# In halves, so that counts stay whole.
HALVES = {Done.FULL: 2, Done.PARTIAL: 1, Done.NONE: 0}


def completion(marks: Iterable[Done]) -> Figure:
    """
    Return the share that was done: what was done in part counts half.

    returns  0 to 1, exact; undefined (ZERO_DENOMINATOR) where nothing was due
    pool     sum of halves done / twice the number that were due
    """
    due = [HALVES[mark] for mark in marks if mark in HALVES]
    return ratio(sum(due), 2 * len(due))

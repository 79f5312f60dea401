"""
How far requests for care came: how many reached each step, and how long a step took.

A request counts for a step when it ever reached it, whatever came of it later. A step never has more than the one
before it: whoever was admitted was asked for, reached, screened and assessed, also where a step was not noted.

source   shared/domain/care.md 5.1 (funnel), 1.4 (shares of clocks kept)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from analytics.metrics import suppression
from clinics.instruments.figures import Figure, ratio


class Step(StrEnum):
    """A step on the way into care."""

    ASKED = "asked"
    REACHED = "reached"
    SCREENED = "screened"
    ASSESSED = "assessed"
    ADMITTED = "admitted"
    FOURTH_SESSION = "fourth_session"


STEPS: Final = tuple(Step)


@dataclass(frozen=True, slots=True)
class Stage:
    """
    One step of the funnel.

    count       requests that came this far
    of_all      their share of all requests; undefined over zero
    of_before   their share of those of the step before; undefined for the first
    days        median days from the step before, of those that came this far; None where none did
    """

    step: Step
    count: int
    of_all: Figure
    of_before: Figure | None
    days: float | None


def stages(counts: Mapping[Step, int], days: Mapping[Step, float | None]) -> list[Stage]:
    """
    Return the steps in order.

    counts   requests by step
    :raises ValueError: a later step has more than an earlier one
    """
    found: list[Stage] = []
    for step in STEPS:
        before = found[-1] if found else None
        if before is not None and counts[step] > before.count:
            raise ValueError(f"More requests at {step} than at {before.step}.")
        found.append(
            Stage(
                step,
                counts[step],
                ratio(counts[step], counts[Step.ASKED]),
                None if before is None else ratio(counts[step], before.count),
                days.get(step),
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the table for use outside the clinic: None and SUPPRESSED figures stand for what is hidden."""

    key: str
    asked: int | None
    admitted: int | None
    share: Figure


def to_tell(rows: Sequence[tuple[str, int, int]]) -> tuple[list[Told], Told]:
    """
    Return requests and admissions by source, and both totals, with small counts hidden.

    rows   (source, requests, admissions of them); every request that was not admitted is a count of its own, so that
           a difference gives nothing away
    """
    table = suppression.table([(asked - admitted, admitted) for _key, asked, admitted in rows])
    lines = [
        Told(key, table.rows[at], table.cells[at][1], _share(asked, admitted, table.cells[at], table.rows[at]))
        for at, (key, asked, admitted) in enumerate(rows)
    ]
    asked, admitted = sum(row[1] for row in rows), sum(row[2] for row in rows)
    return lines, Told("", table.total, table.columns[1], _share(asked, admitted, table.columns, table.total))


def _share(asked: int, admitted: int, cells: Sequence[int | None], total: int | None) -> Figure:
    """Return a share only where all it is made of is shown: else it would tell the hidden counts."""
    if None in cells or total is None:
        return suppression.hidden()
    return suppression.share(admitted, asked)

"""
Minutes planned and minutes held, by way of working, up to a day.

source   shared/domain/care.md 5.1 (dose, plan adherence); shared/design/decisions.md 5.8. Ours: the rest of a session's
         mix stands for every way of working beside MI, CBT and DBT; a session counts once, on a day that is planned.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from clients.rules.plans import planned_minutes

OTHER: Final = "other"
GROUPS: Final = ("mi", "cbt", "dbt", OTHER)
GROUP_LABELS: Final[Mapping[str, str]] = {"mi": "MI", "cbt": "CBT", "dbt": "DBT", OTHER: "Other ways of working"}


@dataclass(frozen=True, slots=True)
class Work:
    """
    What the clinic does for a step, as it is planned.

    times, per, minutes   so often a "week" or "month", for so many minutes
    """

    modality: str
    times: int
    per: str
    minutes: int
    starts_on: date
    ends_on: date | None = None

    @property
    def group(self) -> str:
        """Return the way of working among those that a session's mix knows."""
        return self.modality if self.modality in GROUPS else OTHER

    def runs_on(self, day: date) -> bool:
        """Tell whether it is planned on a day."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True, slots=True)
class Session:
    """A session that took place; `mix` is the percent of its minutes by way of working."""

    on: date
    minutes: int
    mix: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Minutes:
    """Minutes of one way of working up to a day, exact."""

    group: str
    planned: Fraction
    held: Fraction

    @property
    def label(self) -> str:
        """Return the way of working in words."""
        return GROUP_LABELS[self.group]

    @property
    def share(self) -> Fraction | None:
        """Return the minutes held as a share of those planned; None where none were planned yet."""
        return self.held / self.planned if self.planned else None


def minutes_to(works: Iterable[Work], sessions: Sequence[Session], on: date) -> list[Minutes]:
    """
    Return planned and held minutes of every way of working that is planned, up to and with a day.

    A session counts with its share where some work of that way is planned on its day; what was held beside the plan
    is not among it.
    """
    by_group: dict[str, list[Work]] = {}
    for work in works:
        by_group.setdefault(work.group, []).append(work)
    return [_minutes(group, by_group[group], sessions, on) for group in GROUPS if group in by_group]


def _minutes(group: str, works: Sequence[Work], sessions: Sequence[Session], on: date) -> Minutes:
    planned = sum(
        (
            planned_minutes(
                times=one.times, per=one.per, minutes=one.minutes, starts_on=one.starts_on, ends_on=one.ends_on, on=on
            )
            for one in works
        ),
        Fraction(0),
    )
    held = sum(
        (
            Fraction(session.minutes * session.mix.get(group, 0), 100)
            for session in sessions
            if session.on <= on and any(work.runs_on(session.on) for work in works)
        ),
        Fraction(0),
    )
    return Minutes(group, planned, held)


def whole(minutes: Fraction) -> int:
    """Return minutes as a whole number; a half goes up."""
    return int((minutes + Fraction(1, 2)) // 1)

"""
The waiting list: who comes first, where somebody stands, and when they are asked again how they are.

The order is that of the federal block grant; within a priority who has waited longest comes first.

source   shared/domain/care.md 1.8. Ours: "not known" counts as no; a check-in is owed a week after the last, at the
         same time of the clinic's day; weeks waited are whole weeks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from typing import Final
from zoneinfo import ZoneInfo

from clients.rules.clock import NoSuchTime, civil_date, instant

CHECK_IN_EVERY: Final = timedelta(days=7)
CHECK_IN_TIME: Final = time(9)

INTERIM_SERVICES: Final = (
    ("counseling", "Counseling and education until a place is free"),
    ("naloxone", "Naloxone and how to use it"),
    ("health", "Testing and care for HIV, hepatitis or TB"),
    ("prenatal", "Prenatal care"),
    ("medication", "Medication until a place is free"),
    ("peer", "Somebody with own experience to talk to"),
    ("other", "Something else"),
)


class Priority(IntEnum):
    """Who comes first; 1 before 4."""

    PREGNANT_INJECTING = 1
    PREGNANT = 2
    INJECTING = 3
    OTHER = 4


PRIORITY_LABELS: Final = {
    Priority.PREGNANT_INJECTING: "Pregnant, and injects",
    Priority.PREGNANT: "Pregnant",
    Priority.INJECTING: "Injects",
    Priority.OTHER: "Everybody else",
}


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """
    What the order goes by, in this order.

    since   instant at which they were put on the list
    key     the row's own number: two put on at one instant keep their order
    """

    priority: int
    since: datetime
    key: int


def priority(*, pregnant: bool | None, injects: bool | None) -> Priority:
    """Return the priority; None is not known, and counts as no."""
    if pregnant:
        return Priority.PREGNANT_INJECTING if injects else Priority.PREGNANT
    return Priority.INJECTING if injects else Priority.OTHER


def in_order(places: Sequence[Place]) -> list[Place]:
    """Return the places, the first to be offered a slot first."""
    return sorted(places)


def position(place: Place, places: Sequence[Place]) -> int:
    """
    Return where a place stands among all that wait, from 1 on.

    :raises ValueError: it is not among them
    """
    return in_order(places).index(place) + 1


def next_check_in(last: datetime, zone: ZoneInfo) -> datetime:
    """Return when somebody is next asked how they are: nine in the morning, a week of the calendar after the last."""
    day = civil_date(last, zone) + CHECK_IN_EVERY
    try:
        return instant(day, CHECK_IN_TIME, zone)
    except NoSuchTime:  # a clinic where the clocks skip nine in the morning
        return instant(day, time(CHECK_IN_TIME.hour + 1), zone)


def weeks_waited(since: date, today: date) -> int:
    """Return the whole weeks somebody has waited; none on the first days, and none before they began."""
    return max((today - since).days, 0) // 7

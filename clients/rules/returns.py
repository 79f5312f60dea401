"""
Cravings and returns to use: what may be written down of one, and by when a return to use is looked back on.

Neither ends anything. A return to use is looked back on within seven days, to learn from it.

source   shared/domain/care.md 3.6; how long a craving lasts at most, and a year back, are ours
"""

from datetime import date, datetime, timedelta
from typing import Final

from clients.rules import intake

LOWEST: Final = 0
HIGHEST: Final = 10
MOST_MINUTES: Final = 24 * 60
REVIEW_DAYS: Final = 7
BACK: Final = timedelta(days=366)
SUBSTANCES: Final = tuple((code, label) for code, label in intake.SUBSTANCES if code != "none")


class Wrong(ValueError):
    """What was typed cannot be. `field` names the field."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def require_craving(
    *, felt_at: datetime, now: datetime, intensity: int, minutes: int | None, helped: int | None
) -> None:
    """
    Refuse a craving that cannot be.

    felt_at, now       aware instants
    intensity, helped  0 to 10
    minutes            how long it lasted, up to a day
    :raises Wrong: with the field
    """
    if felt_at > now:
        raise Wrong("felt_at", "This time is still to come. Enter when it was felt.")
    if felt_at < now - BACK:
        raise Wrong("felt_at", "This is more than a year ago. Check the year.")
    if not LOWEST <= intensity <= HIGHEST:
        raise Wrong("intensity", "Choose how strong it was, from 0 to 10.")
    if minutes is not None and not 0 < minutes <= MOST_MINUTES:
        raise Wrong("minutes", "Enter how many minutes it lasted, from 1 to 1440.")
    if helped is not None and not LOWEST <= helped <= HIGHEST:
        raise Wrong("helped", "Choose how much it helped, from 0 to 10.")


def require_return(*, happened_on: date, today: date, substance: str) -> None:
    """
    Refuse a return to use that cannot be.

    substance   a key of `SUBSTANCES`; empty: not said
    :raises Wrong: with the field
    """
    if happened_on > today:
        raise Wrong("happened_on", "This day is still to come. Enter the day on which it happened.")
    if happened_on < today - BACK:
        raise Wrong("happened_on", "This day is more than a year ago. Check the year.")
    if substance and substance not in dict(SUBSTANCES):
        raise Wrong("substance", "Choose what it was.")


def review_due(recorded_on: date) -> date:
    """Return the day by which a return to use that was written down on a day is looked back on."""
    return recorded_on + timedelta(days=REVIEW_DAYS)


def days_since(happened_on: date, today: date) -> int:
    """Return how many whole days ago something happened; 0 for today and for a calendar that is a day ahead."""
    return max((today - happened_on).days, 0)

"""
Which attendance codes can be true at a given moment.

source   shared/domain/care.md 5.2; that a person cannot have come, or failed to come, before the time is ours
"""

from datetime import datetime, timedelta
from typing import Final

TOOK_PLACE: Final = frozenset({"attended", "attended_late", "left_early"})
AT_THE_TIME: Final = TOOK_PLACE | {"no_show"}
# A person may be shown in before the hour.
EARLY: Final = timedelta(minutes=30)


class NotYet(ValueError):
    """Nobody can have come, or not come, to an appointment that lies ahead."""


def require_possible(code: str, starts_at: datetime, now: datetime) -> None:
    """
    Refuse a code that says how an appointment went before it has begun.

    :raises NotYet: until 30 minutes before the start, for attended, late, left early and did not attend
    """
    if code in AT_THE_TIME and now < starts_at - EARLY:
        raise NotYet("This appointment has not begun. Record a cancellation, or come back at the time.")

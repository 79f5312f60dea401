"""A therapist's week, set for a test."""

from datetime import date, time
from zoneinfo import ZoneInfo

from django.utils import timezone

from clients.rules.slots import Span
from clients.selectors import calendar as selectors
from clients.services import calendar
from clinics.models import User
from tests.clients.people import today
from tests.world import Side

ZONE = ZoneInfo("America/Chicago")
NINE_TO_NOON = (time(9), time(12))


def set_week(side: Side, therapist: User, *spans: Span, from_on: date | None = None) -> None:
    """Give a therapist a week from today on."""
    with side.scope():
        seen = selectors.stamp(selectors.hours_of([therapist], today(side), None))
        calendar.set_hours(
            clinic=side.clinic, therapist=therapist, spans=spans, from_on=from_on or today(side), seen=seen,
            by=side.coordinator, now=timezone.now(),
        )  # fmt: skip

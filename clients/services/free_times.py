"""Whether a therapist's time is free: two people are not booked at once unless somebody says that it is meant so."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.formats import date_format

from clients.models import Appointment
from clients.selectors.calendar import GIVEN_BACK, LONGEST_BOOKED


class TimeTaken(ValueError):
    """The therapist has another appointment then; the text says when, never with whom."""

    field = "start_time"

    def __init__(self, other: Appointment) -> None:
        zone = ZoneInfo(other.clinic.time_zone)
        first, last = (
            date_format(moment.astimezone(zone), "TIME_FORMAT") for moment in (other.starts_at, _end_of(other))
        )
        super().__init__(
            f"From {first} to {last} {other.therapist.name} has another appointment. Choose another time, or say that "
            "both are meant."
        )


def require_free(appointment: Appointment) -> None:
    """
    Refuse a time at which the therapist has something else that was not called off.

    Whoever books with the same therapist waits here until the other one is done.
    :raises TimeTaken: names the first of what stands then
    """
    clinic, therapist, start, end = (
        appointment.clinic, appointment.therapist, appointment.starts_at, _end_of(appointment),
    )  # fmt: skip
    with connection.cursor() as cursor:
        mark = f"appointments {clinic.pk} {therapist.pk}"
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [mark])
    near = Appointment.objects.filter(therapist=therapist, starts_at__lt=end, starts_at__gt=start - LONGEST_BOOKED)
    for other in near.exclude(attendance__in=GIVEN_BACK).exclude(pk=appointment.pk).order_by("starts_at", "pk"):
        if _end_of(other) > start:
            other.clinic, other.therapist = clinic, therapist
            raise TimeTaken(other)


def _end_of(appointment: Appointment) -> datetime:
    end: datetime = appointment.starts_at + timedelta(minutes=appointment.duration_min)
    return end

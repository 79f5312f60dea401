"""The endpoint of the calendar's free times: by therapist, in a week. Nothing of who is booked."""

from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from clients.forms.calendar import MINUTES, USUAL_MINUTES
from clients.rules import weeks
from clients.rules.clock import civil_date, wall_time
from clients.selectors import calendar as selectors
from clients.selectors.calendar import Row, Stretch
from clinics import audit
from clinics.access import NOT_HERE
from clinics.api.views import ClinicAPIView, listed_as
from clinics.paging import Page, keyset_page

# A page of the calendar: each therapist's week is worked out, not only read.
MOST_THERAPISTS = 10
PARAMETERS = [
    OpenApiParameter("therapist", UUID, description="Only this therapist's"),
    OpenApiParameter("week", str, description="Such as 2026-W47; without it the one of today"),
    OpenApiParameter("minutes", int, enum=list(MINUTES), description=f"How long a time is; {USUAL_MINUTES} without it"),
]


class FreeTimeSerializer(serializers.Serializer[Any]):
    """A time that is free: the instants, and day and time by the clinic's clock, as a booking takes them."""

    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    start_on = serializers.DateField()
    start_time = serializers.TimeField(format="%H:%M")


class FreeWeekSerializer(serializers.Serializer[Any]):
    """A therapist's free times in a week, in order."""

    therapist = serializers.UUIDField()
    name = serializers.CharField()
    free = FreeTimeSerializer(many=True)


class FreeTimes(ClinicAPIView):
    """Free times of the therapists whose calendar the caller may see."""

    rights: ClassVar[Any] = {"GET": selectors.VIEW}

    @extend_schema(responses=listed_as(FreeWeekSerializer), parameters=PARAMETERS, operation_id="free_times_list")
    def get(self, request: Request, clinic_slug: str) -> HttpResponse:
        """List a week's free times by therapist, by name; what is over and what is booked is not free."""
        user: Any = request.user
        clinic = request._request.clinic  # type: ignore[attr-defined]
        zone, now = ZoneInfo(clinic.time_zone), timezone.now()
        monday, length = self._week(civil_date(now, zone)), timedelta(minutes=self._minutes())
        staff = self._staff(selectors.staff_reached(user, clinic, selectors.VIEW))

        def page_of(cursor: str, size: int) -> Page:
            page = keyset_page(staff, ("name", "id"), cursor, min(size, MOST_THERAPISTS))
            week = selectors.week(user, clinic, page.rows, monday, length, now, lambda _therapist, _slot: "")
            return Page(list(week.rows), page.before, page.after)

        def shown_time(one: Stretch) -> dict[str, Any]:
            start_on, at = civil_date(one.starts_at, zone), wall_time(one.starts_at, zone)
            return {
                "starts_at": one.starts_at, "ends_at": one.ends_at, "start_on": start_on,
                "start_time": f"{at:%H:%M}",
            }  # fmt: skip

        def show(row: Row) -> dict[str, Any]:
            free = [shown_time(one) for day in row.days for one in day.stretches if one.free]
            return {"therapist": row.therapist.public_id, "name": row.therapist.name, "free": free}

        def seen(page: Page) -> None:
            whose = [str(row.therapist.public_id) for row in page.rows]
            audit.listed("calendar", [], purpose="api", detail={"week": weeks.name_of(monday), "therapists": whose})

        return self.paged(page_of, show, seen=seen)

    def _week(self, today: Any) -> Any:
        """Return the Monday that is asked for."""
        name = self.request.query_params.get("week")
        try:
            monday = weeks.monday_of_week(name) if name else weeks.monday_of(today)
            weeks.require_near(monday, today)
        except weeks.BadWeek as error:
            raise serializers.ValidationError({error.field: [str(error)]}) from None
        return monday

    def _minutes(self) -> int:
        """Return how long a time is to be."""
        asked = self.request.query_params.get("minutes") or str(USUAL_MINUTES)
        if asked not in map(str, MINUTES):
            lengths = ", ".join(map(str, MINUTES))
            raise serializers.ValidationError({"minutes": [f"Choose how many minutes: {lengths}."]})
        return int(asked)

    def _staff(self, staff: Any) -> Any:
        """
        Return the therapist who is asked for, or all of them.

        :raises Http404: not among them, or the id has the wrong form
        """
        asked = self.request.query_params.get("therapist")
        if not asked:
            return staff
        try:
            found = staff.filter(public_id=UUID(asked))
        except ValueError:
            raise Http404(NOT_HERE) from None
        if not found.exists():
            raise Http404(NOT_HERE)
        return found

"""Questions about cravings and returns to use: a person's, newest first, how strong they were, and what is due."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext

from clients.models import Client, Craving, Lapse
from clients.rules import returns as rules
from clients.rules.clock import civil_date
from clinics.charts import ChartFigure, Lane, Series, time_line

VIEW, CHANGE = "clinics.view_plan", "clinics.change_plan"
CRAVINGS: Final = ("-felt_at", "-id")
LAPSES: Final = ("-happened_on", "-id")
DRAWN: Final = timedelta(days=60)
MOST_DRAWN: Final = 500


class Stands(StrEnum):
    """How a return to use stands."""

    DUE = "due"
    LATE = "late"
    LOOKED_BACK = "looked_back"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True)
class ShownLapse:
    """A return to use as a line."""

    lapse: Lapse
    stands: Stands

    @property
    def substance(self) -> str:
        """Return what it was, in words; empty where that is not said."""
        return dict(rules.SUBSTANCES).get(self.lapse.substance, self.lapse.substance)


@dataclass(frozen=True)
class DayOfCravings:
    """The cravings of one day together."""

    on: date
    strongest: int
    count: int
    used: bool


def cravings_of(client: Client) -> QuerySet[Craving, Craving]:
    """Return the cravings of a person, of records joined into theirs too; those taken back included."""
    rows: QuerySet[Craving, Craving] = Craving.objects.filter(client_id__in=client.record_keys)
    return rows.select_related("recorded_by")


def lapses_of(client: Client) -> QuerySet[Lapse, Lapse]:
    """Return the returns to use of a person, of records joined into theirs too; those taken back included."""
    rows: QuerySet[Lapse, Lapse] = Lapse.objects.filter(client_id__in=client.record_keys)
    return rows.select_related("recorded_by", "reviewed_by")


def shown(lapses: Iterable[Lapse], today: date) -> list[ShownLapse]:
    """Return returns to use as lines."""
    return [ShownLapse(one, stands(one, today)) for one in lapses]


def stands(lapse: Lapse, today: date) -> Stands:
    """Tell how a return to use stands on a day."""
    if lapse.undone_at is not None:
        return Stands.TAKEN_BACK
    if lapse.reviewed_at is not None:
        return Stands.LOOKED_BACK
    return Stands.LATE if lapse.review_due_on < today else Stands.DUE


def days_of(client: Client, now: datetime) -> list[DayOfCravings]:
    """Return the cravings of the last 60 days by day of the clinic's calendar, oldest first; at most 500 count."""
    rows = Craving.objects.filter(
        client_id__in=client.record_keys, undone_at=None, felt_at__gte=now - DRAWN, felt_at__lte=now
    )
    zone = ZoneInfo(client.clinic.time_zone)
    days: dict[date, list[tuple[int, bool]]] = {}
    for felt_at, intensity, used in rows.order_by(*CRAVINGS).values_list("felt_at", "intensity", "used")[:MOST_DRAWN]:
        days.setdefault(civil_date(felt_at, zone), []).append((intensity, used))
    return [
        DayOfCravings(on, max(strong for strong, _used in of_day), len(of_day), any(used for _strong, used in of_day))
        for on, of_day in sorted(days.items())
    ]


def figure_of(days: list[DayOfCravings]) -> ChartFigure | None:
    """Return how strong cravings were day by day; None under two days, where there is no way to draw."""
    if len(days) < 2:
        return None
    count = sum(one.count for one in days)
    first, last = days[0].strongest, days[-1].strongest
    lane = Lane(gettext("Strongest of the day"), [Series("", [(one.on, one.strongest) for one in days])], 0, 10, str)
    return ChartFigure(
        question=gettext("How strong are the cravings?"),
        finding=gettext("The strongest of a day went from %(first)d to %(last)d.") % {"first": first, "last": last}
        if first != last
        else gettext("The strongest of a day is at %(last)d, where it began.") % {"last": last},
        svg=time_line([lane], label=gettext("Cravings"), visits=None),
        columns=(gettext("Day"), gettext("Strongest"), gettext("Cravings"), gettext("Used")),
        rows=[
            (
                date_format(one.on, "M j, Y"), str(one.strongest), str(one.count),
                gettext("yes") if one.used else gettext("no"),
            )
            for one in reversed(days)
        ],
        note=gettext("%(count)d cravings in 60 days. What was taken back does not count.") % {"count": count},
    )  # fmt: skip

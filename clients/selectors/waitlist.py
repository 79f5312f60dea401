"""Who waits for a place, in their order, as the page shows them."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from clients.models import InterimOffer, WaitlistEntry
from clients.rules import waitlist as rules
from clients.rules.clock import civil_date
from clinics.models import Clinic, User

VIEW = "clinics.view_inquiry"
ORDER = ("priority", "since", "pk")


@dataclass(frozen=True)
class Offer:
    """Help that was offered meanwhile, in words."""

    label: str
    answer: str
    day: date


@dataclass(frozen=True)
class Row:
    """
    One person who waits.

    place       1 is first, counted over everybody who waits
    priority    why they come there, in words
    weeks       whole weeks on the list
    next_on     the day on which they are next asked how they are; `late` when it is over
    care        level of care, and the program where it is called otherwise
    """

    entry: WaitlistEntry
    place: int
    priority: str
    weeks: int
    next_on: date
    late: bool
    care: str
    offers: list[Offer]


def waiting(user: User) -> QuerySet[WaitlistEntry, WaitlistEntry]:
    """Return the places on the list that `user` may see, first come first."""
    found: QuerySet[WaitlistEntry, WaitlistEntry] = WaitlistEntry.objects.permitted(user, VIEW).filter(ended_at=None)
    return found.select_related("client", "inquiry", "program").order_by(*ORDER)


def rows(user: User, clinic: Clinic, now: datetime) -> list[Row]:
    """Return everybody who waits and whom `user` may see: three statements, however many."""
    zone = ZoneInfo(clinic.time_zone)
    seen = list(waiting(user))
    order = list(WaitlistEntry.objects.filter(ended_at=None).order_by(*ORDER).values_list("pk", flat=True))
    places = {key: place for place, key in enumerate(order, start=1)}
    services = dict(rules.INTERIM_SERVICES)
    offers: dict[int, list[Offer]] = {}
    for one in InterimOffer.objects.filter(entry__in=seen).order_by("pk"):
        said = Offer(services.get(one.offer, one.offer), one.get_answer_display(), civil_date(one.at, zone))
        offers.setdefault(one.entry_id, []).append(said)
    today = civil_date(now, zone)
    found = []
    for entry in seen:
        next_on = civil_date(rules.next_check_in(entry.last_check_at or entry.since, zone), zone)
        level = entry.get_level_of_care_display()
        program = entry.program.name if entry.program is not None else ""
        found.append(
            Row(
                entry, places[entry.pk], rules.PRIORITY_LABELS[rules.Priority(entry.priority)],
                rules.weeks_waited(civil_date(entry.since, zone), today), next_on, next_on < today,
                level if program in ("", level) else f"{level} · {program}", offers.get(entry.pk, []),
            )
        )  # fmt: skip
    return found

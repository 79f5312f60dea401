"""The page of the queue: who waits to be called, who is next, and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from clients.models import ContactAttempt, Inquiry, Task
from clients.rules import contact, transitions
from clients.selectors import guards
from clients.selectors.inquiry import is_unsafe, number_of
from clients.selectors.ranking import Rank, in_order
from clients.selectors.standing import Standing, put_off_until, standing
from clinics.models import Clinic, User

SHOWN: Final = 50
OPEN_STATUSES: Final = tuple(sorted(transitions.ACTIVE))


@dataclass(frozen=True)
class Row:
    """
    One inquiry of the queue, with the open task that somebody may finish or put off.

    number   the caller's, for the eye; empty without one, and where it is not safe to contact them at home
    way      by what to try first, where that is not a call; in words
    """

    inquiry: Inquiry
    standing: Standing
    task: Task | None
    number: str
    way: str = ""

    @property
    def unsafe(self) -> bool:
        """Tell whether only the safe way is open, which stands on the inquiry's own page."""
        return is_unsafe(self.inquiry)

    @property
    def icon(self) -> str:
        """Return the name of the picture that stands for the rank."""
        return {Rank.HELD: "life-buoy", Rank.LATE: "phone-call", Rank.PUT_OFF: "clock"}.get(self.standing.rank, "phone")

    @property
    def tone(self) -> str:
        """Return the tone of the picture."""
        return {Rank.HELD: "danger", Rank.LATE: "warn", Rank.DUE: "info"}.get(self.standing.rank, "")


@dataclass(frozen=True)
class Queue:
    """The front of the queue, and how many wait in all."""

    rows: list[Row]
    waiting: int


def open_inquiries(user: User) -> QuerySet[Inquiry, Inquiry]:
    """Return the inquiries that are being worked on and that `user` may work on."""
    found: QuerySet[Inquiry, Inquiry] = Inquiry.objects.permitted(user, "clinics.change_inquiry")
    return found.filter(status__in=OPEN_STATUSES)


def queue(user: User, clinic: Clinic, now: datetime) -> Queue:
    """Return the front of the queue for `user`: four statements, however many wait, and none of them per row."""
    zone = ZoneInfo(clinic.time_zone)
    waiting = open_inquiries(user)
    found = list(in_order(waiting, now, zone).select_related("client")[:SHOWN])
    keys = [inquiry.pk for inquiry in found]
    tasks: dict[int, list[Task]] = {}
    for task in Task.objects.filter(inquiry_id__in=keys, done_at=None).order_by("due_at", "pk"):
        tasks.setdefault(task.inquiry_id, []).append(task)
    tried: dict[int, list[datetime]] = {}
    answered: set[int] = set()
    attempts = ContactAttempt.objects.filter(inquiry_id__in=keys, direction="outbound")
    for key, at, method, outcome in attempts.order_by("at").values_list("inquiry_id", "at", "method", "outcome"):
        tried.setdefault(key, []).append(at)
        if method == "phone" and outcome in contact.LIVE:
            answered.add(key)
    rows = []
    for inquiry in found:
        own = tasks.get(inquiry.pk, [])
        until = put_off_until(own, now)
        first = next(iter(guards.ways(inquiry, inquiry.pk in answered)), "phone")
        rows.append(
            Row(
                inquiry, standing(inquiry, tried.get(inquiry.pk, ()), now, zone, put_off_until=until),
                next((task for task in own if task.kind != Task.Kind.SAFETY), None),
                "" if is_unsafe(inquiry) else number_of(inquiry),
                "" if first == "phone" else contact.METHODS[first],
            )
        )  # fmt: skip
    return Queue(rows, waiting.count())

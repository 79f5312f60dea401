"""The page of the queue: who waits to be called, who is next, and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from clients.models import ContactAttempt, Inquiry, Task
from clients.rules import transitions
from clients.selectors.inquiry import number_of
from clients.selectors.ranking import Rank, in_order
from clients.selectors.standing import Standing, put_off_until, standing
from clinics.models import Clinic, User

SHOWN: Final = 50
OPEN_STATUSES: Final = tuple(sorted(transitions.ACTIVE))


@dataclass(frozen=True)
class Row:
    """One inquiry of the queue, with the open task that somebody may finish or put off."""

    inquiry: Inquiry
    standing: Standing
    task: Task | None
    number: str

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
    attempts = ContactAttempt.objects.filter(inquiry_id__in=keys, direction="outbound")
    for key, at in attempts.order_by("at").values_list("inquiry_id", "at"):
        tried.setdefault(key, []).append(at)
    rows = []
    for inquiry in found:
        own = tasks.get(inquiry.pk, [])
        until = put_off_until(own, now)
        rows.append(
            Row(
                inquiry, standing(inquiry, tried.get(inquiry.pk, ()), now, zone, put_off_until=until),
                next((task for task in own if task.kind != Task.Kind.SAFETY), None), number_of(inquiry),
            )
        )  # fmt: skip
    return Queue(rows, waiting.count())

"""Who waits for a place: a weekly word, help meanwhile, the offer of a place, and the end of waiting."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction

from clients.models import Inquiry, InterimOffer, Task, WaitlistEntry
from clients.rules import waitlist as rules
from clients.rules.transitions import Status
from clients.services import tasks
from clinics import audit
from clinics.models import Program, User
from clinics.versions import lock_version

TASK: Final = "waiting_check"
# How a place on the list ends by the step that ends it.
ENDS: Final = {
    Status.ACCEPTED: WaitlistEntry.Ended.OFFERED,
    Status.CLOSED_DECLINED: WaitlistEntry.Ended.DECLINED,
    Status.REFERRED_OUT: WaitlistEntry.Ended.REFERRED,
    Status.UNREACHABLE: WaitlistEntry.Ended.NOT_REACHED,
}


class NotWaiting(ValueError):
    """Somebody does not wait any more."""

    def __init__(self) -> None:
        super().__init__("This person does not wait any more. Open the inquiry to see what came of it.")


@transaction.atomic
def begin(
    *, inquiry: Inquiry, program: Program | None, level_of_care: str, priority: int, by: User, now: datetime
) -> WaitlistEntry:
    """Write an accepted person on the list, and owe the first word in a week; the inquiry is moved by who calls."""
    entry = WaitlistEntry(
        clinic=inquiry.clinic, inquiry=inquiry, client=inquiry.client, program=program, level_of_care=level_of_care,
        priority=priority, since=now,
    )  # fmt: skip
    entry.save()
    audit.record("waiting.begun", entry, by=by, detail={"priority": int(priority)})
    _owe(entry, inquiry, after=now, by=by)
    return entry


@transaction.atomic
def check_in(*, entry: WaitlistEntry, version: int, by: User, now: datetime) -> WaitlistEntry:
    """
    Record that somebody who waits was asked how they are; the next word is owed in a week.

    :raises Stale: somebody changed the entry in the meantime
    :raises NotWaiting: they do not wait any more
    """
    held = _held(entry, version)
    held.last_check_at = now
    held.save(update_fields=["last_check_at", "version"])
    audit.record("waiting.checked", held, by=by)
    tasks.settle(kind=TASK, inquiry=held.inquiry, by=by)
    _owe(held, held.inquiry, after=now, by=by)
    return held


@transaction.atomic
def finish(*, task: Task, by: User, now: datetime) -> None:
    """
    Mark a task as done; where it asks for the weekly word with somebody who waits, that is owed again in a week.

    :raises tasks.NotPutOff: a safety review ends with the review, not here
    """
    asks = task.kind == TASK and task.inquiry is not None and task.done_at is None
    entry = WaitlistEntry.objects.filter(inquiry=task.inquiry, ended_at=None).first() if asks else None
    if entry is None:
        tasks.finish(task=task, by=by)
    else:
        check_in(entry=entry, version=entry.version, by=by, now=now)


@transaction.atomic
def offer_meanwhile(*, entry: WaitlistEntry, offer: str, answer: str, words: str, by: User) -> InterimOffer:
    """
    Write down help that was offered until a place is free, and what they said. It stands as it was written.

    offer    code of `rules.INTERIM_SERVICES`
    answer   code of `InterimOffer.Answer`
    :raises NotWaiting: they do not wait any more
    """
    held = _open(WaitlistEntry.objects.select_for_update(of=("self",)).get(pk=entry.pk))
    made = InterimOffer(
        clinic=held.clinic, entry=held, offer=offer, answer=answer, by=by,
        words=words.replace("\x00", "").strip() or None,
    )  # fmt: skip
    made.save()
    audit.record("waiting.offered_meanwhile", made, by=by, client_id=held.client_id, detail={"answer": answer})
    return made


@transaction.atomic
def offer_place(*, entry: WaitlistEntry, version: int, by: User, now: datetime) -> WaitlistEntry:
    """
    Write down that a place was offered; the inquiry is moved by who calls, and that ends the waiting.

    :raises Stale: somebody changed the entry in the meantime
    :raises NotWaiting: they do not wait any more
    """
    held = _held(entry, version)
    held.slot_offered_at, held.slot_offered_by = now, by
    held.save(update_fields=["slot_offered_at", "slot_offered_by", "version"])
    audit.record("waiting.place_offered", held, by=by)
    return held


@transaction.atomic
def end(*, inquiry: Inquiry, to: Status, by: User | None, now: datetime) -> None:
    """End the waiting of an inquiry that was moved on, and the weekly word with it."""
    ended = ENDS.get(to, WaitlistEntry.Ended.OTHER)
    for entry in WaitlistEntry.objects.select_for_update(of=("self",)).filter(inquiry=inquiry, ended_at=None):
        entry.ended_at, entry.ended = now, ended
        entry.version += 1
        entry.save(update_fields=["ended_at", "ended", "version"])
        audit.record("waiting.ended", entry, by=by, detail={"ended": ended})
    tasks.settle(kind=TASK, inquiry=inquiry, by=by)


@transaction.atomic
def owe_missing(*, now: datetime) -> int:
    """
    Owe the weekly word to everybody who waits and has none owed; return to how many.

    Somebody who marks the task as done without more has had the word: the week counts from there.
    """
    waiting = WaitlistEntry.objects.filter(ended_at=None).exclude(
        inquiry_id__in=tasks.open_about(TASK).values("inquiry_id")
    )
    rows = waiting.select_related("inquiry__client", "inquiry__clinic").select_for_update(
        of=("self",), skip_locked=True
    )
    made = 0
    for entry in rows.order_by("pk")[:500]:
        done = tasks.last_done(TASK, entry.inquiry)
        if done is not None and (entry.last_check_at is None or done > entry.last_check_at):
            entry.last_check_at = done
            entry.save(update_fields=["last_check_at"])
        _owe(entry, entry.inquiry, after=entry.last_check_at or entry.since, by=None)
        made += 1
    return made


def _held(entry: WaitlistEntry, version: int) -> WaitlistEntry:
    """Return the entry as it stands, locked; that somebody waits no more is said before that the page is old."""
    _open(WaitlistEntry.objects.select_for_update(of=("self",)).get(pk=entry.pk))
    return lock_version(entry, version)


def _open(entry: WaitlistEntry) -> WaitlistEntry:
    if entry.ended_at is not None:
        raise NotWaiting
    return entry


def _owe(entry: WaitlistEntry, inquiry: Inquiry, *, after: datetime, by: User | None) -> None:
    due = rules.next_check_in(after, ZoneInfo(entry.clinic.time_zone))
    tasks.owe(kind=TASK, inquiry=inquiry, due_at=due, by=by)

"""What somebody owes by a time: made by rules and by people, done, put off with a reason, passed on when late."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from clients.models import Client, Inquiry, SafetyConcern, Task
from clients.models.safety import CHAIN
from clients.rules.clocks import PROMISES, Clock
from clients.rules.safety import Level
from clinics import audit
from clinics.models import User
from clinics.roles import Role
from clinics.tenancy import ClinicOwned

# How late a task is when the first role after its own is told, and the next.
TOLD_AFTER: Final = (timedelta(0), timedelta(minutes=15))
# Nobody waits so long where a life may be in danger (domain: callback clocks, crisis).
CRISIS_AFTER: Final = PROMISES[Clock.CRISIS].breach


class NoReason(ValueError):
    """A task is put off with a reason only."""

    field = "snooze_reason"

    def __init__(self) -> None:
        super().__init__("Write why this can wait.")


class NotPutOff(ValueError):
    """A safety review cannot be put off, nor a task to a time that is over."""

    field = "snoozed_until"


@transaction.atomic
def owe(
    *,
    kind: str,
    inquiry: Inquiry | None,
    due_at: datetime,
    by: User | None,
    concern: SafetyConcern | None = None,
    client: Client | None = None,
    owner: User | None = None,
    role: Role = Role.COORDINATOR,
) -> Task:
    """
    Return the open task of this kind about this inquiry, or make it; a new time begins it anew.

    inquiry   None for a concern about a person nobody asks care for now; then `client` is given
    """
    about = {"client": inquiry.client if inquiry is not None else client, "inquiry": inquiry, "concern": concern}
    return _owe(_key(kind, inquiry, concern), kind, due_at, by, {**about, "owner": owner, "role": role})


@transaction.atomic
def owe_about(
    *,
    kind: str,
    about: ClinicOwned,
    client: Client,
    due_at: datetime,
    by: User | None,
    owner: User | None = None,
    role: Role = Role.COORDINATOR,
) -> Task:
    """
    Return the open task of this kind about a row of a person that is no inquiry, or make it; a new time begins it anew.

    about   the row, such as a mandate; it has a `public_id`
    """
    return _owe(key_about(kind, about), kind, due_at, by, {"client": client, "owner": owner, "role": role})


def _owe(key: str, kind: str, due_at: datetime, by: User | None, made_with: dict[str, Any]) -> Task:
    task: Task
    task, made = Task.objects.select_for_update(of=("self",)).get_or_create(
        key=key, done_at=None, defaults={**made_with, "kind": kind, "due_at": due_at, "created_by": by}
    )
    if made:
        audit.record("task.made", task, by=by, client_id=task.client_id, detail={"kind": kind})
    elif task.due_at != due_at:
        task.due_at, task.owner, task.escalated, task.version = due_at, made_with["owner"], 0, task.version + 1
        task.snoozed_until = task.snooze_reason = None
        task.save(update_fields=["due_at", "owner", "escalated", "snoozed_until", "snooze_reason", "version"])
    return task


@transaction.atomic
def settle(*, kind: str, inquiry: Inquiry | None, by: User | None, concern: SafetyConcern | None = None) -> bool:
    """Close the open task of this kind, because what it asked for was done; tell whether there was one."""
    return _settle(_key(kind, inquiry, concern), by)


@transaction.atomic
def settle_about(*, kind: str, about: ClinicOwned, by: User | None) -> bool:
    """Close the open task of this kind about a row of a person; tell whether there was one."""
    return _settle(key_about(kind, about), by)


def _settle(key: str, by: User | None) -> bool:
    task = Task.objects.select_for_update(of=("self",)).filter(key=key, done_at=None).first()
    if task is None:
        return False
    _done(task, by)
    return True


@transaction.atomic
def settle_calls(*, inquiry: Inquiry, by: User | None) -> None:
    """Close every open task about reaching somebody, because nobody is to call any more; safety reviews stay."""
    open_tasks = Task.objects.select_for_update(of=("self",)).filter(inquiry=inquiry, done_at=None)
    for task in open_tasks.exclude(kind=Task.Kind.SAFETY):
        _done(task, by)


@transaction.atomic
def finish(*, task: Task, by: User) -> Task:
    """
    Mark a task as done; done already, nothing changes.

    :raises NotPutOff: a safety review ends with the review, not here
    """
    task = Task.objects.select_for_update(of=("self",)).get(pk=task.pk)
    if task.kind == Task.Kind.SAFETY:
        raise NotPutOff("A safety review ends when a clinician writes what they found.")
    if task.done_at is None:
        _done(task, by)
    return task


@transaction.atomic
def snooze(*, task: Task, until: datetime, reason: str, by: User, now: datetime) -> Task:
    """
    Put a task off until a time, with a reason.

    :raises NoReason: nothing was written
    :raises NotPutOff: a safety review, or a time that is over
    """
    text = reason.replace("\x00", "").strip()
    if not text:
        raise NoReason
    if until <= now:
        raise NotPutOff("Choose a time that is still to come.")
    task = Task.objects.select_for_update(of=("self",)).get(pk=task.pk)
    if task.kind == Task.Kind.SAFETY:
        raise NotPutOff("A safety review cannot be put off.")
    task.snoozed_until, task.snooze_reason, task.version = until, text, task.version + 1
    task.save(update_fields=["snoozed_until", "snooze_reason", "version"])
    audit.record("task.snoozed", task, by=by, detail={"until": until.isoformat()})
    return task


def open_about(kind: str) -> QuerySet[Task, Task]:
    """Return the open tasks of a kind that are about an inquiry."""
    found: QuerySet[Task, Task] = Task.objects.filter(kind=kind, done_at=None, inquiry__isnull=False)
    return found


def last_done(kind: str, inquiry: Inquiry) -> datetime | None:
    """Return when a task of this kind about this inquiry was last done, or None."""
    done = Task.objects.filter(kind=kind, inquiry=inquiry, done_at__isnull=False)
    found: datetime | None = done.order_by("-done_at").values_list("done_at", flat=True).first()
    return found


def hand(*, concern: SafetyConcern, to: User) -> None:
    """Give the open task of a concern to the clinician it was handed to."""
    Task.objects.filter(concern=concern, done_at=None).update(owner=to)


@transaction.atomic
def escalate(*, now: datetime) -> int:
    """Tell the next role of each open task that is past its time; return how many were passed on."""
    passed = 0
    awake = Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=now)
    for place, role in enumerate(CHAIN):
        for told, after in enumerate(TOLD_AFTER[place:], start=place):
            past = Q(due_at__lte=now - after) | Q(concern__level=Level.S3, due_at__lte=now - min(after, CRISIS_AFTER))
            late = Task.objects.filter(awake, past, done_at=None, role=role, escalated=told - place)
            for task in late.select_for_update(of=("self",), skip_locked=True):
                task.escalated += 1
                task.save(update_fields=["escalated"])
                audit.record("task.escalated", task, detail={"to": CHAIN[told + 1]})
                passed += 1
    return passed


def _done(task: Task, by: User | None) -> None:
    task.done_at, task.done_by, task.version = Now(), by, task.version + 1
    task.save(update_fields=["done_at", "done_by", "version"])
    audit.record("task.done", task, by=by, detail={"kind": task.kind})


def _key(kind: str, inquiry: Inquiry | None, concern: SafetyConcern | None) -> str:
    about = f"concern:{concern.public_id}" if concern is not None else f"inquiry:{inquiry.public_id if inquiry else ''}"
    return f"{kind}:{about}"


def key_about(kind: str, about: Any) -> str:
    """Return the key of the task of this kind about a row of a person."""
    return f"{kind}:{about._meta.model_name}:{about.public_id}"

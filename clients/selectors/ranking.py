"""
The order in which people are called, made by the database: a page of fifty costs the same at ten open and at 5,000.

1. held for safety: a clinician is needed before anything else
2. a clock is breached, and they may be called now: nobody has tried within 15 minutes, nobody has spoken with them
   within 60 and a call is due, or a decision has taken more than a day
3. everything else with a time: the time promised for the next call, or when a clock becomes due
4. nothing is planned
5. put off until later by a task that somebody snoozed with a reason

Within each the earliest time comes first, then who asked first. Hours at which a person does not want to be called
move their time to the first minute they allow, and nobody is late because of them. Only open inquiries are read, by
the index on clinic, status and time received. `standing` says the same of one inquiry by the rules, in words; a test
holds the two orders against each other.
"""

from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import (
    BooleanField,
    Case,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    TimeField,
    Value,
    When,
)
from django.db.models.functions import Greatest
from django.db.models.lookups import LessThan

from clients.models import Inquiry, Task
from clients.rules import cadence, clocks, intake
from clients.rules.clocks import Clock
from clients.rules.transitions import Status

BEFORE_CONTACT: Final = (Status.NEW, Status.CONTACTING)


class Rank(IntEnum):
    """How near to the front of the queue an inquiry stands."""

    HELD = 0
    LATE = 1
    DUE = 2
    UNPLANNED = 3
    PUT_OFF = 4


def in_order(rows: QuerySet[Inquiry, Inquiry], now: datetime, zone: ZoneInfo) -> QuerySet[Inquiry, Inquiry]:
    """Return inquiries in the order of the queue, each with its `rank` and `due_at`."""
    promised = {clock: clocks.PROMISES[clock] for clock in (Clock.FIRST_ATTEMPT, Clock.SPEED_TO_CONTACT)}
    first_due = _first_allowed(_plus(F("received_at"), promised[Clock.FIRST_ATTEMPT].target), zone)
    reach_due = _first_allowed(_plus(F("received_at"), promised[Clock.SPEED_TO_CONTACT].target), zone)
    decide_by = _plus(F("status_at"), clocks.PROMISES[Clock.DECISION].breach)
    late = (
        Q(_UNTRIED, LessThan(_breach(first_due, Clock.FIRST_ATTEMPT, zone), Value(now)))
        | Q(_UNREACHED, Q(channel__in=intake.WAITING), Q(next_action_at=None) | Q(next_action_at__lte=now))
        & Q(LessThan(_breach(reach_due, Clock.SPEED_TO_CONTACT, zone), Value(now)))
    ) & _may_call(now, zone)
    planned = Case(
        When(_UNTRIED, then=first_due),
        When(next_action_at__isnull=False, then=F("next_action_at")),
        When(_UNREACHED, then=_plus(F("first_attempt_at"), cadence.SOON[0])),
        When(status=Status.NEW, then=F("received_at")),
        When(status=Status.ASSESSED, then=decide_by),
        output_field=DateTimeField(),
    )
    opens = _first_allowed(Value(now, output_field=DateTimeField()), zone)
    # GREATEST leaves a null out, so what has no time must be sorted away first.
    waits = ~_may_call(now, zone) & Q(planned__isnull=False) & ~Q(status=Status.ASSESSED)
    due = Case(
        When(crisis_hold=True, then=F("received_at")), When(waits, then=Greatest(F("planned"), opens)),
        default=F("planned"), output_field=DateTimeField(),
    )  # fmt: skip
    open_tasks = Task.objects.filter(inquiry_id=OuterRef("pk"), done_at=None)
    put_off = open_tasks.filter(snoozed_until__gt=now).order_by("snoozed_until")
    put_off_now = Exists(put_off) & ~Exists(open_tasks.filter(Q(snoozed_until=None) | Q(snoozed_until__lte=now)))
    return (
        rows.alias(planned=planned)
        .annotate(due_at=due)
        .annotate(
            rank=Case(
                When(crisis_hold=True, then=Value(Rank.HELD)),
                When(put_off_now, then=Value(Rank.PUT_OFF)),
                When(late, then=Value(Rank.LATE)),
                When(Q(status=Status.ASSESSED) & Q(LessThan(decide_by, Value(now))), then=Value(Rank.LATE)),
                When(due_at=None, then=Value(Rank.UNPLANNED)),
                default=Value(Rank.DUE),
                output_field=IntegerField(),
            )
        )
        .order_by("rank", F("due_at").asc(nulls_last=True), "received_at", "pk")
    )


_HOURS: Final = (F("call_from"), F("call_until"))
_UNTRIED: Final = Q(first_attempt_at=None, status=Status.NEW, channel__in=intake.WAITING)
_UNREACHED: Final = Q(first_attempt_at__isnull=False, first_contact_at=None, status__in=BEFORE_CONTACT)


def _plus(at: Any, span: timedelta) -> Any:
    return ExpressionWrapper(at + Value(span), output_field=DateTimeField())


def _may_call(now: datetime, zone: ZoneInfo) -> Q:
    """Tell whether they may be called now, by the hours they allow."""
    wall = Value(now.astimezone(zone).time().replace(fold=0), output_field=TimeField())
    return Q(Func(wall, *_HOURS, function="evoke_may_call", output_field=BooleanField()))


def _first_allowed(at: Any, zone: ZoneInfo) -> Any:
    """Return the instant itself when they may be called at it, else the first after it at which they may."""
    return Func(at, *_HOURS, Value(zone.key), function="evoke_first_allowed", output_field=DateTimeField())


def _breach(due: Any, clock: Clock, zone: ZoneInfo) -> Any:
    promise = clocks.PROMISES[clock]
    return _first_allowed(_plus(due, promise.breach - promise.target), zone)

"""
Who waits to be called, who is next, and why.

The order, made by the database so that a page of fifty costs the same at ten open inquiries and at five thousand:

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

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import (
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
from django.db.models.functions import Coalesce, Greatest, TruncDate, TruncTime
from django.db.models.lookups import GreaterThanOrEqual, LessThan
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.models import ContactAttempt, Inquiry, SafetyConcern, Task
from clients.rules import cadence, clocks, contact, intake, phones, safety, transitions
from clients.rules.clock import civil_date
from clients.rules.clocks import Clock
from clients.rules.transitions import Status
from clients.services import safety as safety_services
from clinics.models import Clinic, Membership, User

SHOWN: Final = 50
MIDNIGHT: Final = time(0)
DAY: Final = timedelta(days=1)
OPEN_STATUSES: Final = tuple(sorted(transitions.ACTIVE))
BEFORE_CONTACT: Final = (Status.NEW, Status.CONTACTING)


class Rank(IntEnum):
    """How near to the front of the queue an inquiry stands."""

    HELD = 0
    LATE = 1
    DUE = 2
    UNPLANNED = 3
    PUT_OFF = 4


@dataclass(frozen=True)
class Standing:
    """
    Where one inquiry stands in the queue: its rank, its time (None without one), and why.

    said   as its sentences were put together
    """

    rank: Rank
    due_at: datetime | None
    said: str

    @property
    def words(self) -> str:
        """Return why in words; a time of day brings a full stop of its own ("9 a.m.")."""
        return self.said.replace("..", ".")


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


# --- the order, in the database ---------------------------------------------------------------------------------


def open_inquiries(user: User) -> QuerySet[Inquiry, Inquiry]:
    """Return the inquiries that are being worked on and that `user` may work on."""
    found: QuerySet[Inquiry, Inquiry] = Inquiry.objects.permitted(user, "clinics.change_inquiry")
    return found.filter(status__in=OPEN_STATUSES)


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
    opens = _next_opening(now, zone)
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


_UNTRIED: Final = Q(first_attempt_at=None, status=Status.NEW, channel__in=intake.WAITING)
_UNREACHED: Final = Q(first_attempt_at__isnull=False, first_contact_at=None, status__in=BEFORE_CONTACT)


def _plus(at: Any, span: timedelta) -> Any:
    return ExpressionWrapper(at + Value(span), output_field=DateTimeField())


def _wall(day: Any, at: Any, zone: ZoneInfo) -> Any:
    """Return the instant at which the clinic's clock shows a time on a day."""
    shown = Func(day, at, template="(%(expressions)s)", arg_joiner=" + ", output_field=DateTimeField())
    return Func(Value(zone.key), shown, function="timezone", output_field=DateTimeField())


_OPENS: Final = Coalesce(F("call_from"), Value(MIDNIGHT), output_field=TimeField())
_CLOSES: Final = Coalesce(F("call_until"), Value(MIDNIGHT), output_field=TimeField())


def _within(at: Any) -> Q:
    """Tell whether a time of day lies within the hours they allow; a night goes round midnight."""
    after_opening, before_closing = Q(GreaterThanOrEqual(at, _OPENS)), Q(LessThan(at, _CLOSES))
    one_day = Q(LessThan(_OPENS, _CLOSES)) | Q(GreaterThanOrEqual(Value(MIDNIGHT), _CLOSES))
    to_midnight = Q(GreaterThanOrEqual(Value(MIDNIGHT), _CLOSES))
    return (one_day & after_opening & (before_closing | to_midnight)) | (~one_day & (after_opening | before_closing))


def _may_call(now: datetime, zone: ZoneInfo) -> Q:
    wall = Value(now.astimezone(zone).time().replace(fold=0), output_field=TimeField())
    return Q(call_from=None, call_until=None) | _within(wall)


def _next_opening(now: datetime, zone: ZoneInfo) -> Any:
    """Return the next time, after `now`, at which the hours begin that they allow."""
    shown = now.astimezone(zone)
    today, wall = Value(shown.date()), Value(shown.time().replace(fold=0), output_field=TimeField())
    return Case(
        When(Q(LessThan(wall, _OPENS)), then=_wall(today, _OPENS, zone)),
        default=_wall(Value(shown.date() + DAY), _OPENS, zone),
        output_field=DateTimeField(),
    )


def _first_allowed(at: Any, zone: ZoneInfo) -> Any:
    """Return the instant itself when they may be called at it, else the first at which they may."""
    day, wall = TruncDate(at, tzinfo=zone), TruncTime(at, tzinfo=zone)
    tomorrow = Func(day, Value(1), template="(%(expressions)s)", arg_joiner=" + ", output_field=TimeField())
    return Case(
        When(Q(call_from=None, call_until=None) | _within(wall), then=at),
        When(Q(LessThan(wall, _OPENS)), then=_wall(day, _OPENS, zone)),
        default=_wall(tomorrow, _OPENS, zone),
        output_field=DateTimeField(),
    )


def _breach(due: Any, clock: Clock, zone: ZoneInfo) -> Any:
    promise = clocks.PROMISES[clock]
    return _first_allowed(_plus(due, promise.breach - promise.target), zone)


# --- the same by the rules, for one inquiry ---------------------------------------------------------------------


def standing(
    inquiry: Inquiry, tried: Sequence[datetime], now: datetime, zone: ZoneInfo, *, put_off_until: datetime | None = None
) -> Standing:
    """
    Return where an open inquiry stands, by the rules of clocks and cadence.

    tried          instants of our own attempts so far
    put_off_until  until when its open tasks are put off, None when they are not
    """
    times = clocks.daily(inquiry.call_from, inquiry.call_until)
    allowed = clocks.may_call(now, times, zone)

    def deferred(due_at: datetime) -> datetime:
        return due_at if allowed else max(due_at, clocks.first_allowed(now, times, zone))

    status = Status(inquiry.status)
    if inquiry.crisis_hold:
        return Standing(
            Rank.HELD, inquiry.received_at, _("Safety first. A clinician speaks with them before the next step.")
        )
    if put_off_until is not None:
        words = _("Put off until %(time)s.") % {"time": moment(put_off_until, now, zone)}
        return Standing(Rank.PUT_OFF, put_off_until, words)
    if status is Status.NEW and inquiry.first_attempt_at is None and inquiry.channel in intake.WAITING:
        reading = clocks.read(Clock.FIRST_ATTEMPT, inquiry.received_at, now, zone, call_times=times)
        rank = Rank.LATE if reading.breached and allowed else Rank.DUE
        return Standing(rank, deferred(reading.due_at), _of_first(reading, allowed, times, now, zone))
    unreached = inquiry.first_attempt_at is not None and inquiry.first_contact_at is None and status in BEFORE_CONTACT
    planned = inquiry.next_action_at
    if unreached:
        reading = clocks.read(Clock.SPEED_TO_CONTACT, inquiry.received_at, now, zone, call_times=times)
        runs = inquiry.channel in intake.WAITING and (planned is None or planned <= now)
        rank = Rank.LATE if runs and reading.breached and allowed else Rank.DUE
        first: Any = inquiry.first_attempt_at
        return Standing(
            rank, deferred(planned or first + cadence.SOON[0]), _of_trying(inquiry, tried, now, zone, times, allowed)
        )
    if planned is not None:
        at = moment(planned, now, zone)
        words = _("Call was due %(time)s.") if planned <= now else _("Call %(time)s.")
        return Standing(Rank.DUE, deferred(planned), words % {"time": at} + _hours(allowed, times, now, zone))
    if status is Status.NEW:
        words = _("Came in %(span)s ago. Nobody has called yet.") % {"span": duration(now - inquiry.received_at)}
        return Standing(Rank.DUE, deferred(inquiry.received_at), words + _hours(allowed, times, now, zone))
    if status is Status.ASSESSED:
        reading = clocks.read(Clock.DECISION, inquiry.status_at, now, zone)
        words = _("Waiting %(span)s for a decision. Due within a day.") % {"span": duration(reading.elapsed)}
        return Standing(Rank.LATE if reading.breached else Rank.DUE, reading.due_at, words)
    words = _("No next call is planned. Nothing has changed for %(span)s.") % {
        "span": duration(now - inquiry.status_at)
    }
    return Standing(Rank.UNPLANNED, None, words)


def _of_first(reading: clocks.Reading, allowed: bool, times: Any, now: datetime, zone: ZoneInfo) -> str:
    span = duration(reading.elapsed)
    if not allowed or (reading.client_deferred and reading.due_at > now):
        opens = clocks.first_allowed(now, times, zone)
        return _("Waiting %(span)s. They may be called from %(time)s.") % {
            "span": span, "time": moment(max(opens, reading.due_at), now, zone)
        }  # fmt: skip
    if reading.breached:
        return _("Waiting %(span)s. The first call was due within 15 minutes.") % {"span": span}
    return _("Waiting %(span)s. Call within 15.") % {"span": span}


def _of_trying(
    inquiry: Inquiry, tried: Sequence[datetime], now: datetime, zone: ZoneInfo, times: Any, allowed: bool
) -> str:
    made = len(tried)
    said = ngettext("Tried once, not reached yet.", "Tried %(n)d times, not reached yet.", made) % {"n": made}
    if inquiry.next_action_at is not None:
        late = inquiry.next_action_at <= now
        words = _("Next call was due %(time)s.") if late else _("Next call %(time)s.")
        return f"{said} {words % {'time': moment(inquiry.next_action_at, now, zone)}}" + _hours(
            allowed, times, now, zone
        )
    following = suggestion(inquiry, tried, zone)
    if following is None:
        return f"{said} {_('Decide whether to keep trying.')}"
    at = moment(following.at, now, zone)
    if following.at <= now:
        return f"{said} {_('Another call was due %(time)s.') % {'time': at}}"
    return f"{said} {_(following.words)}: {at}."


def _hours(allowed: bool, times: Any, now: datetime, zone: ZoneInfo) -> str:
    if allowed:
        return ""
    opens = moment(clocks.first_allowed(now, times, zone), now, zone)
    return " " + _("They may be called from %(time)s.") % {"time": opens}


def suggestion(inquiry: Inquiry, tried: Sequence[datetime], zone: ZoneInfo) -> cadence.Suggestion | None:
    """Return when to try next by the cadence, or None after its end."""
    return cadence.suggest(inquiry.received_at, tried, zone, clocks.daily(inquiry.call_from, inquiry.call_until))


def duration(span: timedelta) -> str:
    """Return a span in words, in the largest unit that tells enough."""
    minutes = max(0, span // timedelta(minutes=1))
    if minutes < 120:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    hours = minutes // 60
    if hours < 48:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    return ngettext("%(n)d day", "%(n)d days", hours // 24) % {"n": hours // 24}


def moment(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Return an instant as the clinic says it: the time alone today, else with the day."""
    shown = at.astimezone(zone)
    clock = date_format(shown, "TIME_FORMAT")
    days = (shown.date() - civil_date(now, zone)).days
    if days == 0:
        return _("today at %(time)s") % {"time": clock}
    if days == 1:
        return _("tomorrow at %(time)s") % {"time": clock}
    if days == -1:
        return _("yesterday at %(time)s") % {"time": clock}
    return _("on %(day)s at %(time)s") % {"day": date_format(shown, "D, M j"), "time": clock}


# --- the page ---------------------------------------------------------------------------------------------------


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


def put_off_until(tasks: Iterable[Task], now: datetime) -> datetime | None:
    """Return until when all open tasks of an inquiry are put off; None when one of them is not, or there is none."""
    times = [task.snoozed_until for task in tasks]
    later = [at for at in times if at is not None and at > now]
    return min(later) if later and len(later) == len(times) else None


def number_of(inquiry: Inquiry) -> str:
    """Return the caller's number for the eye, empty without one."""
    return phones.shown(phones.Phone(inquiry.phone, inquiry.phone_extension)) if inquiry.phone else ""


# --- one inquiry ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ContactRule:
    """One way to reach them and whether they allow it; `words` say what follows from it."""

    label: str
    answer: str
    words: str
    allowed: bool


def contact_rules(inquiry: Inquiry) -> list[ContactRule]:
    """Return what the caller said about each way of reaching them, and what follows."""
    words = {
        "ok_to_call": (_("Calls"), _("Do not call."), _("The number may be used to call back about this call.")),
        "ok_voicemail": (_("Voicemail"), _("Do not leave a voicemail."), _("Do not leave a voicemail. Ask first.")),
        "ok_sms": (_("Text messages"), _("Do not send text messages."), _("Do not send text messages. Ask first.")),
        "ok_email": (_("E-mail"), _("Do not e-mail."), _("Do not e-mail. Ask first.")),
    }
    found = []
    for name, (label, refused, not_asked) in words.items():
        answer = contact.Permission(getattr(inquiry, name))
        said = {contact.Permission.NO: refused, contact.Permission.NOT_ASKED: not_asked}.get(answer, "")
        shown = getattr(inquiry, f"get_{name}_display")()
        found.append(ContactRule(label, shown, said, answer is contact.Permission.YES))
    return found


def scripts(inquiry: Inquiry, caller: User, clinic: Clinic) -> list[tuple[str, str]]:
    """Return what to say, for each way that they allow: never the clinic, the kind of service, or why."""
    kinds: list[tuple[str, contact.Script]] = []
    if inquiry.phone and inquiry.ok_to_call != contact.Permission.NO:
        kinds.append((_("When somebody answers"), "live_call"))
        if inquiry.ok_voicemail == contact.Permission.YES:
            kinds += [(_("On a voicemail"), "voicemail"), (_("With somebody else"), "third_party")]
    return [(label, contact.script(kind, inquiry.discreet_name, caller.name, clinic.name)) for label, kind in kinds]


def sentence_of(concern: SafetyConcern, inquiry: Inquiry) -> str:
    """Return what a concern asks for, as the rule that raised it says."""
    fired = {one.code: one.sentence for one in safety.findings(safety_services.answers(inquiry))}
    return fired.get(concern.code) or {
        safety.Level.S3: _("Somebody may be in danger. Get a clinician now."),
        safety.Level.S2: _("A clinician speaks with them today."),
    }.get(safety.Level(concern.level), _("Look at this again."))


def clinicians_now(clinic: Clinic) -> QuerySet[User, User]:
    """Return who works as a therapist or supervisor at the clinic now, by the database's clock."""
    active = Membership.objects.active().filter(clinic=clinic, role__in=safety_services.CLINICIANS)
    return User.objects.filter(pk__in=active.values("user_id"), is_active=True).order_by("name", "id")


def open_concerns(user: User) -> QuerySet[SafetyConcern, SafetyConcern]:
    """Return the safety concerns that wait for a review and that `user` may see."""
    found: QuerySet[SafetyConcern, SafetyConcern] = SafetyConcern.objects.permitted(user, "clinics.view_safety")
    return found.filter(reviewed_at=None).select_related("client", "inquiry", "handed_to")


def clinic_day(now: datetime, clinic: Clinic) -> date:
    """Return the date that the clinic's calendar shows."""
    return civil_date(timezone.localtime(now, ZoneInfo(clinic.time_zone)), ZoneInfo(clinic.time_zone))

"""Where one inquiry stands in the queue and why, in words, by the rules of clocks and cadence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.models import Inquiry, Task
from clients.rules import cadence, clocks, intake
from clients.rules.clock import civil_date
from clients.rules.clocks import Clock
from clients.rules.transitions import Status
from clients.selectors.ranking import BEFORE_CONTACT, Rank


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


def put_off_until(tasks: Iterable[Task], now: datetime) -> datetime | None:
    """Return until when all open tasks of an inquiry are put off; None when one of them is not, or there is none."""
    times = [task.snoozed_until for task in tasks]
    later = [at for at in times if at is not None and at > now]
    return min(later) if later and len(later) == len(times) else None

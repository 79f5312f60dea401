"""Take an inquiry, log each attempt to reach the caller, and move it along, one legal step at a time."""

from dataclasses import asdict
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction

from clients.models import Client, ContactAttempt, Inquiry, InquiryMove, Task
from clients.rules import contact, dates, intake, names, transitions
from clients.rules.clock import civil_date, instant
from clients.rules.contact import Permission
from clients.selectors import guards
from clients.services import safety, tasks, waitlist
from clients.services.guardians import NOBODY_NAMED, Guardian, set_guardian
from clients.services.people import record_client
from clients.services.referrals import NOBODY_SAID, Referral, set_referral
from clients.services.said import Caller, Need, Person, set_caller, set_need
from clinics import audit
from clinics.models import Clinic, User
from clinics.versions import lock_version

FOLLOW_UP_TIME: Final = time(9)
# The task that a step does, so that nobody is reminded of it any more.
DONE_BY: Final = {
    transitions.Status.ASSESSED: Task.Kind.EVALUATION,
    transitions.Status.ACCEPTED: Task.Kind.DECISION,
    transitions.Status.WAITLISTED: Task.Kind.DECISION,
}


class ImpossibleTime(ValueError):
    """A call cannot have come in, or been made, in the future."""

    field = "at"

    def __init__(self) -> None:
        super().__init__("This time is in the future. Enter when the call was.")


@transaction.atomic
def open_inquiry(
    *,
    clinic: Clinic,
    channel: str,
    caller: Caller,
    person: Person,
    need: Need,
    known: Client | None = None,
    referral: Referral = NOBODY_SAID,
    guardian: Guardian = NOBODY_NAMED,
    received_at: datetime | None = None,
    by: User | None,
    now: datetime,
) -> Inquiry:
    """
    Keep an inquiry at the entered clinic, with the record of the person it is about, and what safety asks for.

    known      the record that the coordinator chose among the matches; else one is made when the person is named
    referral   who sent them; an organisation of the list fills what is empty of it
    guardian   who stands beside them, where they are under age
    by         None for a public form
    On a channel where somebody is being spoken to, the live contact is logged and screening begins.
    :raises NoWayBack: neither number nor address
    :raises BadNumber: the telephone number cannot be one
    :raises ImpossibleDate: the date of birth cannot be right
    :raises ImpossibleTime: the call would be in the future
    :raises Contradiction: what was said does not fit together; it names the field
    :raises NotListed: the organisation is retired
    """
    if received_at is not None and received_at > now:
        raise ImpossibleTime
    inquiry = Inquiry(clinic=clinic, channel=channel, received_at=received_at or now, taken_by=by)
    set_caller(inquiry, caller)
    set_referral(inquiry, referral)
    set_guardian(inquiry, guardian)
    set_need(inquiry, need)
    _link(inquiry, known, person, now)
    inquiry.save()
    audit.record("inquiry.opened", inquiry, by=by, detail={"channel": channel})
    if channel in intake.LIVE:
        method = "in_person" if channel == "walk_in" else "phone"
        _log(inquiry, at=inquiry.received_at, direction="inbound", method=method, outcome="connected", by=by)
        _move(inquiry, transitions.Status.SCREENING, by=by, now=now)
    safety.raise_concerns(inquiry=inquiry, by=by, now=now)
    return inquiry


@transaction.atomic
def change_inquiry(
    *,
    inquiry: Inquiry,
    version: int,
    caller: Caller,
    person: Person,
    need: Need,
    known: Client | None = None,
    referral: Referral | None = None,
    guardian: Guardian | None = None,
    by: User,
    now: datetime,
) -> Inquiry:
    """
    Write down more of what was said, or correct it.

    person, known   used while the inquiry has no record of the person; a record is corrected on its own page
    referral        who sent them; None leaves what is stored, and so it does of `guardian`
    :raises Stale: somebody saved the inquiry in the meantime
    and as `open_inquiry`
    """
    inquiry = lock_version(inquiry, version)
    set_caller(inquiry, caller)
    set_need(inquiry, need)
    if referral is not None:
        set_referral(inquiry, referral)
    if guardian is not None:
        set_guardian(inquiry, guardian)
    if inquiry.client is None:
        _link(inquiry, known, person, now)
    inquiry.save()
    audit.record("inquiry.changed", inquiry, by=by)
    safety.raise_concerns(inquiry=inquiry, by=by, now=now)
    return inquiry


@transaction.atomic
def log_attempt(
    *,
    inquiry: Inquiry,
    method: str,
    outcome: str,
    by: User,
    now: datetime,
    at: datetime | None = None,
    direction: contact.Direction = "outbound",
    spoke_with: contact.SpokeWith = "caller",
    note: str = "",
    call_again_at: datetime | None = None,
    by_safe_way: bool = False,
    seconds: int | None = None,
) -> ContactAttempt:
    """
    Log one attempt to reach the caller. It stands as it was logged.

    spoke_with    who answered: the person, the caller who asked for help, or somebody else, which is no live contact
    by_safe_way   it was made the safe way that they named, where it is not safe to contact them at home
    seconds       how long a conversation lasted, where a telephone system counted
    The first attempt at a new inquiry moves it on, and so does the first live contact.
    :raises NotAllowed: they did not agree to this way, or to a message; the sentence says which
    :raises ImpossibleTime: the attempt would be in the future
    """
    if at is not None and at > now:
        raise ImpossibleTime
    inquiry = Inquiry.objects.select_for_update(of=("self",)).get(pk=inquiry.pk)
    allowed = guards.permissions(inquiry)
    contact.require_allowed(method, outcome, allowed, direction=direction, by_safe_way=by_safe_way)
    attempt = _log(
        inquiry, at=at or now, direction=direction, method=method, outcome=outcome, by=by, spoke_with=spoke_with,
        note=note, next_action_at=call_again_at, by_safe_way=by_safe_way and allowed.unsafe_at_home,
        seconds=seconds,
    )  # fmt: skip
    if not inquiry.crisis_hold:
        if inquiry.status == transitions.Status.NEW:
            _move(inquiry, transitions.Status.CONTACTING, by=by, now=now)
        if attempt.live and inquiry.status == transitions.Status.CONTACTING:
            _move(inquiry, transitions.Status.CONTACTED, by=by, now=now)
    if call_again_at is not None:
        tasks.owe(kind="call_back", inquiry=inquiry, owner=by, due_at=call_again_at, by=by)
    elif attempt.live:
        tasks.settle(kind="call_back", inquiry=inquiry, by=by)
    tasks.settle(kind="call_now", inquiry=inquiry, by=by)
    if attempt.live:
        tasks.settle(kind="reach_now", inquiry=inquiry, by=by)
    return attempt


@transaction.atomic
def move_inquiry(
    *,
    inquiry: Inquiry,
    to: str,
    by: User,
    now: datetime,
    reason: str = "",
    note: str = "",
    follow_up_on: date | None = None,
    master: Inquiry | None = None,
) -> Inquiry:
    """
    Take one step.

    follow_up_on  the day agreed on, for staying in touch: it becomes a task for nine in the morning
    master        the inquiry that this one repeats, for joining the two; one of `guards.alike`
    :raises IllegalMove: not a legal step now; it names the legal ones and says what is missing
    :raises ImpossibleDate: the day agreed on is over
    """
    inquiry = locked(inquiry)
    target = transitions.Status(to)
    repeats = target is transitions.Status.DUPLICATE
    if repeats and master is not None and guards.alike(inquiry).filter(pk=master.pk).exists():
        inquiry.master = master
        inquiry.save(update_fields=["master"])
    waited = inquiry.status == transitions.Status.WAITLISTED
    _move(inquiry, target, by=by, now=now, reason=reason, note=note, follow_up_on=follow_up_on)
    if waited:
        waitlist.end(inquiry=inquiry, to=target, by=by, now=now)
    if target not in transitions.ACTIVE:
        tasks.settle_calls(inquiry=inquiry, by=by)
    elif target in DONE_BY:
        tasks.settle(kind=DONE_BY[target], inquiry=inquiry, by=by)
    if target is transitions.Status.NURTURE and follow_up_on is not None:
        zone = ZoneInfo(inquiry.clinic.time_zone)
        dates.require_follow_up(follow_up_on, civil_date(now, zone))
        inquiry.next_action_at = instant(follow_up_on, FOLLOW_UP_TIME, zone)
        inquiry.save(update_fields=["next_action_at"])
        tasks.owe(kind="follow_up", inquiry=inquiry, due_at=inquiry.next_action_at, by=by)
    else:
        tasks.settle(kind="follow_up", inquiry=inquiry, by=by)
    return inquiry


def locked(inquiry: Inquiry) -> Inquiry:
    """Return the inquiry with its person and clinic as they stand, held until the transaction ends."""
    found: Inquiry = (
        Inquiry.objects.select_for_update(of=("self",)).select_related("client", "clinic").get(pk=inquiry.pk)
    )
    return found


def _move(
    inquiry: Inquiry,
    to: transitions.Status,
    *,
    by: User | None,
    now: datetime,
    reason: str = "",
    note: str = "",
    follow_up_on: date | None = None,
) -> None:
    origin = transitions.Status(inquiry.status)
    known = guards.facts(inquiry, now=now, says_no=to == transitions.Status.CLOSED_DECLINED, follow_up_on=follow_up_on)
    transitions.require_move(origin, to, known, reason=reason, note=note)
    InquiryMove(
        clinic=inquiry.clinic, inquiry=inquiry, origin=origin, to=to, by=by, reason=reason, note=note or None
    ).save()
    inquiry.refresh_from_db(fields=["status", "status_at"])
    audit.record("inquiry.moved", inquiry, by=by, detail={"from": origin, "to": to, "reason": reason})


def _log(
    inquiry: Inquiry,
    *,
    at: datetime,
    direction: contact.Direction,
    method: str,
    outcome: str,
    by: User | None,
    spoke_with: contact.SpokeWith = "caller",
    note: str = "",
    next_action_at: datetime | None = None,
    by_safe_way: bool = False,
    seconds: int | None = None,
) -> ContactAttempt:
    attempt = ContactAttempt(
        clinic=inquiry.clinic, inquiry=inquiry, at=at, by=by, direction=direction, method=method, outcome=outcome,
        live=contact.is_live(outcome, spoke_with, caller_authorised=True), next_action_at=next_action_at,
        note=note.replace("\x00", "").strip() or None, by_safe_way=by_safe_way, seconds=seconds,
    )  # fmt: skip
    attempt.save()
    inquiry.next_action_at = next_action_at
    inquiry.first_attempt_at = min(filter(None, (inquiry.first_attempt_at, at)))
    if attempt.live:
        inquiry.first_contact_at = min(filter(None, (inquiry.first_contact_at, at)))
    inquiry.save(update_fields=["next_action_at", "first_attempt_at", "first_contact_at"])
    detail = {"outcome": outcome, **({"by_safe_way": True} if by_safe_way else {})}
    audit.record("attempt.logged", attempt, by=by, client_id=inquiry.client_id, detail=detail)
    return attempt


def _link(inquiry: Inquiry, known: Client | None, person: Person, now: datetime) -> None:
    """
    Give an inquiry the record of the person it is about: the known one, else a fresh one once they are named.

    Who was not safe at home is not safe because they ask again: until somebody asks anew, the last answer holds.
    """
    inquiry.client = known
    if known is not None and inquiry.unsafe_at_home == Permission.NOT_ASKED:
        asked = Inquiry.objects.filter(client__in=known.records)
        last = asked.exclude(unsafe_at_home=Permission.NOT_ASKED).order_by("-received_at", "-pk").first()
        if last is not None:
            inquiry.unsafe_at_home, inquiry.safe_way = last.unsafe_at_home, last.safe_way
    if known is None and names.tidy(person.legal_name):
        own = inquiry.relation == Inquiry.Relation.SELF
        inquiry.client = record_client(
            clinic=inquiry.clinic, **asdict(person), phone=inquiry.phone if own else "",
            email=inquiry.email if own else "", by=inquiry.taken_by, now=now,
        )  # fmt: skip

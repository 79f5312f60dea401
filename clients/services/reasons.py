"""Reasons for a change: written down in the person's words, put right, said again, and let go."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from clients.models import ChangeReason, ChangeTarget, Client
from clients.rules.clock import civil_date
from clients.services.targets import SetAside
from clinics import audit
from clinics.models import User
from clinics.versions import lock_version

CHARS = 1_000


class Refused(ValueError):
    """A reason cannot be kept as it is. `field` names what is wrong; the text says what to do."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class Ended(ValueError):
    """It was let go: nothing about it changes any more."""

    field = ""

    def __init__(self) -> None:
        super().__init__("This was let go. It stays in the record as it stood.")


@dataclass(frozen=True)
class Terms:
    """
    A reason as it is written down.

    source           a key of `strength_words.REASON_SOURCES`
    is_own           it is the person's own, whoever said it first
    strength         0 to 10, as they rate it; None: not asked
    target           the goal it speaks for; None: for all of it
    first_said_on    None: as it was, at first today
    on_card          stands on the person's own card, if it is their own
    """

    text: str
    source: str
    is_own: bool
    strength: int | None = None
    target: ChangeTarget | None = None
    first_said_on: date | None = None
    on_card: bool = True


FIELDS = ("text", "source", "is_own", "strength", "target_id", "first_said_on", "on_card")


@transaction.atomic
def add(*, client: Client, terms: Terms, by: User, now: datetime) -> ChangeReason:
    """
    Write down why a person wants a change.

    :raises Refused: nothing is written, or a day or number cannot be
    :raises SetAside: the goal is set aside
    """
    reason = ChangeReason(clinic=client.clinic, client=client, made_by=by)
    if terms.target is not None and not terms.target.is_active:
        raise SetAside
    _put(reason, terms, _today(client, now))
    reason.save()
    audit.record("reason.added", reason, by=by, detail={"source": reason.source, "is_own": reason.is_own})
    return reason


@transaction.atomic
def change(*, reason: ChangeReason, version: int, terms: Terms, by: User, now: datetime) -> ChangeReason:
    """
    Put a reason right.

    version   the version that was read
    :raises Stale: somebody saved it in the meantime
    :raises Ended: it was let go
    :raises Refused: nothing is written, or a day or number cannot be
    """
    current = lock_version(reason, version)
    if current.ended_at is not None:
        raise Ended
    before = {name: getattr(current, name) for name in FIELDS}
    _put(current, terms, _today(reason.client, now))
    changed = sorted(name for name in FIELDS if getattr(current, name) != before[name])
    if changed:
        current.save(update_fields=[*changed, "version"])
        audit.record("reason.changed", current, by=by, detail={"fields": changed})
    return current


@transaction.atomic
def say_again(*, reason: ChangeReason, by: User, now: datetime) -> ChangeReason:
    """
    Note that the person gave the same reason again today; a second time on one day changes nothing.

    :raises Ended: it was let go
    """
    current = _locked(reason)
    if current.ended_at is not None:
        raise Ended
    today = _today(reason.client, now)
    if today not in (current.first_said_on, *current.restated_on):
        current.restated_on = [*current.restated_on, today]
        current.version += 1
        current.save(update_fields=["restated_on", "version"])
        audit.record("reason.restated", current, by=by, detail={"times": len(current.restated_on)})
    return current


@transaction.atomic
def end(*, reason: ChangeReason, by: User, now: datetime) -> ChangeReason:
    """Let a reason go: it no longer holds for them. Again changes nothing; it stays in the record."""
    current = _locked(reason)
    if current.ended_at is None:
        current.ended_at = now
        current.version += 1
        current.save(update_fields=["ended_at", "version"])
        audit.record("reason.ended", current, by=by)
    return current


def _locked(reason: ChangeReason) -> ChangeReason:
    found: ChangeReason = ChangeReason.objects.select_for_update(of=("self",)).get(pk=reason.pk)
    return found


def _today(client: Client, now: datetime) -> date:
    return civil_date(now, ZoneInfo(client.clinic.time_zone))


def _put(reason: ChangeReason, terms: Terms, today: date) -> None:
    text = terms.text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not text:
        raise Refused("text", "Write the reason, the way they say it.")
    if len(text) > CHARS:
        raise Refused("text", f"Write at most {CHARS} characters; this has {len(text)}.")
    if terms.strength is not None and not 0 <= terms.strength <= 10:
        raise Refused("strength", "Enter a whole number from 0 to 10.")
    said_on = terms.first_said_on or reason.first_said_on or today
    if said_on > today:
        raise Refused("first_said_on", "This day is still to come.")
    reason.text, reason.source, reason.is_own, reason.strength = text, terms.source, terms.is_own, terms.strength
    reason.target, reason.first_said_on, reason.on_card = terms.target, said_on, terms.on_card

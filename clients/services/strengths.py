"""Strengths, past successes, affirmations and milestones: kept, put right, let go, and put on the person's card."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from clients.models import Appointment, ChangeReason, Client, RulerReading, Strength
from clients.rules import strengths as rules
from clients.rules.clock import civil_date
from clients.rules.strengths import Kind, Wrong
from clients.services.reasons import Ended
from clinics import audit
from clinics.models import User
from clinics.versions import lock_version

KEPT = ("text", "evidence", "helped", "domain", "transfer_to", "appointment", "happened_on", "named_by", "on_card")


@transaction.atomic
def add(
    *, client: Client, kind: Kind, values: Mapping[str, Any], named_by: str, on_card: bool, by: User, now: datetime
) -> Strength:
    """
    Keep what somebody has going for them.

    values     as `rules.checked` takes them; `appointment` is the row, one of the person's
    named_by   a key of `strength_words.NAMED_BY`
    :raises Wrong: it cannot be kept as it is
    """
    row = Strength(clinic=client.clinic, client=client, kind=kind.value, made_by=by)
    _put(row, client, values, named_by, on_card, now)
    row.save()
    audit.record("strength.added", row, by=by, detail={"kind": row.kind, "named_by": named_by})
    return row


@transaction.atomic
def change(
    *, row: Strength, version: int, values: Mapping[str, Any], named_by: str, on_card: bool, by: User, now: datetime
) -> Strength:
    """
    Put it right; its kind stays.

    version   the version that was read
    :raises Stale: somebody saved it in the meantime
    :raises Ended: it was let go
    :raises Wrong: it cannot be kept as it is
    """
    current = lock_version(row, version)
    if current.ended_at is not None:
        raise Ended
    before = {name: getattr(current, name) for name in KEPT}
    _put(current, row.client, values, named_by, on_card, now)
    changed = sorted(name for name in KEPT if getattr(current, name) != before[name])
    if changed:
        current.save(update_fields=[*changed, "version"])
        audit.record("strength.changed", current, by=by, detail={"fields": changed})
    return current


@transaction.atomic
def end(*, row: Strength, by: User, now: datetime) -> Strength:
    """Let it go; again changes nothing. It stays in the record."""
    current: Strength = Strength.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if current.ended_at is None:
        current.ended_at = now
        current.version += 1
        current.save(update_fields=["ended_at", "version"])
        audit.record("strength.ended", current, by=by)
    return current


@transaction.atomic
def choose_card(*, client: Client, offered: Iterable[Any], chosen: Iterable[Any], by: User) -> int:
    """
    Put on the person's card what they chose of what they were shown; return how many rows changed.

    offered   public ids of the reasons and strengths that stood on the page; no other is touched
    chosen    those of them that are to stand on the card
    """
    wanted = {str(one) for one in chosen}
    asked = {"client_id__in": client.record_keys, "public_id__in": list(offered), "ended_at": None}
    changed: dict[str, int] = {}
    for model in (ChangeReason, Strength):
        rows = model.objects.select_for_update(of=("self",)).filter(**asked).order_by("pk")
        moved = [row for row in rows if row.on_card is not (str(row.public_id) in wanted)]
        for row in moved:
            row.on_card = not row.on_card
            row.version += 1
            row.save(update_fields=["on_card", "version"])
        changed[model.__name__.lower()] = len(moved)
    if any(changed.values()):
        audit.record("card.chosen", client, by=by, detail=changed)
    return sum(changed.values())


@transaction.atomic
def rate_hope(*, client: Client, value: int, words: str, by: User, now: datetime) -> RulerReading:
    """
    Keep how hopeful the person is, 0 to 10, as they say it today, and what they say to it.

    :raises Wrong: the number is out of its range
    """
    if not 0 <= value <= 10:
        raise Wrong("hope", "Choose a number from 0 to 10.")
    reading = RulerReading(
        clinic=client.clinic, client=client, ruler=RulerReading.Ruler.HOPE, value=value, taken_on=_today(client, now),
        taken_by=by, why_not_lower=words.replace("\x00", "").strip() or None,
    )  # fmt: skip
    reading.save()
    audit.record("rulers.taken", reading, by=by, detail={"rulers": ["hope"]})
    return reading


def card_printed(*, client: Client, by: User, detail: Mapping[str, int]) -> None:
    """Record that the person's card was shown, to be printed and handed to them."""
    audit.record("card.printed", client, by=by, purpose="own_copy", detail=dict(detail))


def _today(client: Client, now: datetime) -> date:
    return civil_date(now, ZoneInfo(client.clinic.time_zone))


def _put(row: Strength, client: Client, values: Mapping[str, Any], named_by: str, on_card: bool, now: datetime) -> None:
    kept = rules.checked(Kind(row.kind), values, _today(client, now))
    appointment: Appointment | None = kept["appointment"]
    if appointment is not None and appointment.client_id not in client.record_keys:
        raise Wrong("appointment", "Choose one of their own appointments.")
    for name, value in kept.items():
        setattr(row, name, value)
    row.named_by, row.on_card = named_by, on_card

"""Requests that something is kept back: asked for by the person, decided by the privacy officer, ended by them."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from clients.models import Client, Restriction
from clients.rules import names
from clients.rules.consent_terms import Category
from clinics import audit
from clinics.models import User
from clinics.versions import lock_version


class NobodyNamed(ValueError):
    """A restriction says from whom something is kept."""

    field = "recipient"

    def __init__(self) -> None:
        super().__init__("Write from whom it is to be kept.")


class NoReason(ValueError):
    """A request is turned down, and an agreement ended, with a reason."""

    field = "note"

    def __init__(self) -> None:
        super().__init__("Write why, in words that can be told to the person.")


class MustAgree(ValueError):
    """What a person paid for in full themselves is kept from payers when they ask for it."""

    field = "state"

    def __init__(self) -> None:
        super().__init__("The person paid for this themselves. The clinic keeps it from payers when they ask for it.")


class Decided(ValueError):
    """The request is decided already, or the agreement has ended."""

    def __init__(self) -> None:
        super().__init__("This was decided in the meantime. Open it to read what was decided.")


@transaction.atomic
def ask(
    *,
    client: Client,
    recipient: str,
    to_payers: bool,
    self_paid: bool,
    categories: Sequence[str],
    words: str,
    by: User,
) -> Restriction:
    """
    Keep a person's request that something is not told to somebody; nothing is kept back until it is agreed to.

    recipient    from whom, by name; may be empty when it is payers
    categories   parts of the record; empty for all of it
    :raises NobodyNamed: neither a name nor payers
    """
    name = names.tidy(recipient) or ("Payers" if to_payers else "")
    if not name:
        raise NobodyNamed
    chosen = set(categories)
    restriction = Restriction(
        clinic=client.clinic,
        client=client,
        recipient=name,
        to_payers=to_payers,
        self_paid=self_paid and to_payers,
        categories=[category.value for category in Category if category.value in chosen],
        words=words.replace("\x00", "").strip() or None,
        asked_by=by,
    )
    restriction.save()
    audit.record("restriction.asked", restriction, by=by, detail={"to_payers": to_payers})
    return restriction


@transaction.atomic
def decide(*, restriction: Restriction, version: int, agreed: bool, note: str, by: User, now: datetime) -> Restriction:
    """
    Agree to a request, or not.

    :raises Stale: somebody saved it in the meantime
    :raises Decided: it is decided already
    :raises NoReason: turned down without a reason
    :raises MustAgree: turned down, though the person paid themselves
    """
    held = lock_version(restriction, version)
    if held.state != Restriction.State.ASKED:
        raise Decided
    if not agreed and held.to_payers and held.self_paid:
        raise MustAgree
    if not agreed and not note.strip():
        raise NoReason
    held.state = Restriction.State.AGREED if agreed else Restriction.State.DECLINED
    return _save(held, note, by, now)


@transaction.atomic
def end(*, restriction: Restriction, version: int, note: str, by: User, now: datetime) -> Restriction:
    """
    End an agreement, with a reason.

    :raises Stale: somebody saved it in the meantime
    :raises Decided: it is not in force
    :raises NoReason: without a reason
    """
    held = lock_version(restriction, version)
    if held.state != Restriction.State.AGREED:
        raise Decided
    if not note.strip():
        raise NoReason
    held.state = Restriction.State.ENDED
    return _save(held, note, by, now)


def _save(held: Restriction, note: str, by: User, now: datetime) -> Restriction:
    held.decided_at, held.decided_by = now, by
    held.decision_note = note.replace("\x00", "").strip() or None
    held.save(update_fields=["state", "decided_at", "decided_by", "decision_note", "version"])
    audit.record("restriction.decided", held, by=by, detail={"state": held.state})
    return held

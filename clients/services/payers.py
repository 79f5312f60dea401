"""Who pays for a person's care: ways of paying written down, put in order, corrected, taken out."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from clients.models import Authorisation, Client, Coverage, Task
from clients.rules import names
from clients.rules import payers as rules
from clients.rules.clock import civil_date
from clients.rules.payers import Cover, Problem
from clients.selectors.matching import member_index
from clients.selectors.payers import coverages_of
from clients.services import tasks
from clinics import audit
from clinics.models import User
from clinics.versions import lock_version

TIDIED = ("payer", "payer_number", "member_id", "group_number", "subscriber_name")


class CannotBe(ValueError):
    """
    Something cannot be right as it is written.

    problems   each field and what to do
    """

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems[0].sentence)
        self.problems = tuple(problems)


class TooMany(CannotBe):
    """A person has as many ways of paying as are asked one after another."""

    def __init__(self) -> None:
        super().__init__([Problem("rank", f"{rules.MOST} ways of paying are written down. Take one out first.")])


class Removed(ValueError):
    """This way of paying was taken out."""

    def __init__(self) -> None:
        super().__init__("This was taken out in the meantime. It stands under what was taken out.")


@transaction.atomic
def add_coverage(*, client: Client, cover: Cover, by: User, now: datetime) -> Coverage:
    """
    Write down a way of paying; what stood at its place moves to the next.

    :raises CannotBe: the codes contradict each other, or something is missing or impossible
    :raises TooMany: three stand already
    """
    cover = _checked(client, cover, now)
    standing = _standing(client)
    if len(standing) >= rules.MOST:
        raise TooMany
    row = Coverage(clinic=client.clinic, client=client, created_by=by, **_columns(cover))
    row.rank = min(cover.rank, len(standing) + 1)
    standing.insert(row.rank - 1, row)
    row.save()
    audit.record("coverage.added", row, by=by, detail={"rank": row.rank, "plan": row.plan_type})
    _number(standing, by)
    return row


@transaction.atomic
def change_coverage(*, coverage: Coverage, version: int, cover: Cover, by: User, now: datetime) -> Coverage:
    """
    Correct a way of paying; the others make room where it takes another place.

    :raises Stale: somebody saved it in the meantime
    :raises Removed: it was taken out
    :raises CannotBe: the codes contradict each other, or something is missing or impossible
    """
    held, others = _held(coverage, version)
    cover = _checked(held.client, cover, now)
    before = {name: getattr(held, name) for name in _columns(cover)}
    for name, value in _columns(cover).items():
        setattr(held, name, value)
    held.rank = min(cover.rank, len(others) + 1)
    held.save()
    changed = sorted(name for name, value in before.items() if getattr(held, name) != value)
    audit.record("coverage.changed", held, by=by, detail={"fields": changed})
    others.insert(held.rank - 1, held)
    _number(others, by)
    return held


@transaction.atomic
def remove_coverage(*, coverage: Coverage, version: int, by: User, now: datetime) -> Coverage:
    """
    Take out a way of paying; it stays kept, with what its payer said, and those after it move up.

    :raises Stale: somebody saved it in the meantime
    :raises Removed: it was taken out already
    """
    held, others = _held(coverage, version)
    held.removed_at = now
    held.save(update_fields=["removed_at", "version"])
    audit.record("coverage.removed", held, by=by)
    for agreed in Authorisation.objects.filter(coverage=held):
        tasks.settle_about(kind=Task.Kind.AUTHORISATION, about=agreed, by=by)
    _number(others, by)
    return held


def _held(coverage: Coverage, version: int) -> tuple[Coverage, list[Coverage]]:
    """Return a way of paying, locked, and the others of the person; that it is gone is said before that it is old."""
    person = coverage.client.current
    person.clinic = coverage.client.clinic
    standing = _standing(person)
    if all(one.pk != coverage.pk for one in standing):
        raise Removed
    held = lock_version(coverage, version)
    held.client = person if held.client_id == person.pk else coverage.client
    held.client.clinic = person.clinic
    return held, [one for one in standing if one.pk != coverage.pk]


def _checked(client: Client, cover: Cover, now: datetime) -> Cover:
    """Return a cover as it is kept; the field that holds a problem is named in the exception."""
    tidied: dict[str, Any] = {name: names.tidy(getattr(cover, name)) for name in TIDIED}
    cover = replace(cover, **tidied)
    problems = rules.problems(cover, civil_date(now, ZoneInfo(client.clinic.time_zone)))
    if problems:
        raise CannotBe(problems)
    return cover


def _columns(cover: Cover) -> dict[str, Any]:
    """Return the columns of a cover: the member ID and what it is found by are never one without the other."""
    found = asdict(cover)
    found["member_id"] = cover.member_id or None
    found["member_index"] = member_index(cover.member_id)
    return found


def _standing(person: Client) -> list[Coverage]:
    """Return what stands of a person, in order, locked: two who write at once come one after the other."""
    Client.objects.select_for_update(of=("self",)).get(pk=person.pk)
    return list(coverages_of(person).select_for_update(of=("self",)))


def _number(rows: list[Coverage], by: User) -> None:
    """Give those in order their places; after records were joined there may be more than places."""
    for place, row in enumerate(rows, start=1):
        rank = min(place, rules.MOST)
        if row.rank != rank:
            row.rank, row.version = rank, row.version + 1
            row.save(update_fields=["rank", "version"])
            audit.record("coverage.moved", row, by=by, detail={"rank": rank})

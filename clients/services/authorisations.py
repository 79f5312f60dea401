"""What a payer authorized: written down, used up, and renewed before it runs out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Max, Q

from clients.models import Authorisation, Coverage, Task
from clients.rules import names
from clients.rules import payers as rules
from clients.rules.clock import civil_date, instant
from clients.rules.payers import Agreed, Due
from clients.selectors.payers import agreed_of, current_authorisations
from clients.services import tasks
from clients.services.payers import CannotBe, Removed
from clinics import audit
from clinics.models import Clinic, User
from clinics.versions import lock_version

KIND: Final = Task.Kind.AUTHORISATION
DUE_AT: Final = time(17)  # by the clinic's clock: payers answer in the daytime


@dataclass(frozen=True)
class Terms:
    """What was authorized, under which number (may be empty)."""

    agreed: Agreed
    number: str = ""


@transaction.atomic
def add_authorisation(*, coverage: Coverage, terms: Terms, by: User, now: datetime) -> Authorisation:
    """
    Write down what a payer authorized; it renews what the same cover had before, where it lasts longer.

    :raises CannotBe: days or units cannot be right
    :raises Removed: the cover was taken out
    """
    clinic = coverage.client.clinic
    held = Coverage.objects.select_for_update(of=("self",)).select_related("client").get(pk=coverage.pk)
    held.clinic = held.client.clinic = clinic
    if held.removed_at is not None:
        raise Removed
    _require(terms)
    row = Authorisation(clinic=clinic, client=held.client, coverage=held, created_by=by, **_columns(terms))
    row.save()
    audit.record("authorisation.added", row, by=by, detail={"units": row.units, "until": row.until_on.isoformat()})
    earlier = Authorisation.objects.filter(coverage=held, until_on__lt=row.until_on)
    for one in earlier:
        tasks.settle_about(kind=KIND, about=one, by=by)
    _look(row, by, now, changed=True)
    return row


@transaction.atomic
def change_authorisation(*, row: Authorisation, version: int, terms: Terms, by: User, now: datetime) -> Authorisation:
    """
    Correct an authorization, or record units that were used.

    :raises Stale: somebody saved it in the meantime
    :raises CannotBe: days or units cannot be right
    """
    clinic = row.client.clinic
    held = lock_version(row, version)
    held.clinic = held.client.clinic = clinic
    _require(terms)
    before, number = agreed_of(held), held.number or ""
    for name, value in _columns(terms).items():
        setattr(held, name, value)
    held.save()
    changed = [name for name in Agreed.__slots__ if getattr(before, name) != getattr(terms.agreed, name)]
    if (held.number or "") != number:
        changed.append("number")
    audit.record("authorisation.changed", held, by=by, detail={"fields": changed})
    _look(held, by, now, changed=before != terms.agreed)
    return held


@transaction.atomic
def owe_renewals(*, clinic: Clinic, now: datetime) -> int:
    """
    Owe the renewal of every authorization that ends soon, is reviewed, or has few units left; return how many.

    What was marked as done is owed again only for a reason that came up afterwards.
    """
    zone = ZoneInfo(clinic.time_zone)
    today = civil_date(now, zone)
    near = (
        Q(until_on__lte=today + rules.LAST_DAYS)
        | Q(next_review_on__lte=today)
        | Q(units__lte=F("units_used") + rules.FEW_UNITS)
    )
    found = current_authorisations().filter(near, until_on__gte=today).select_related("client")
    rows = {tasks.key_about(KIND, row): row for row in found.order_by("pk")}
    known = Task.objects.filter(key__in=list(rows)).order_by().values("key")
    owed = set(known.filter(done_at=None).values_list("key", flat=True))
    done = dict(known.filter(done_at__isnull=False).annotate(last=Max("done_at")).values_list("key", "last"))
    made = 0
    for key, row in rows.items():
        reasons = [one for one in rules.renewals(agreed_of(row), today) if _came_after(one, done.get(key), zone)]
        if reasons and key not in owed:
            row.client.clinic = clinic
            _owe(row, reasons, zone, None)
            made += 1
    return made


def _look(row: Authorisation, by: User, now: datetime, *, changed: bool) -> None:
    """Owe the renewal where there is a reason for it now, settle it where there is none any more."""
    zone = ZoneInfo(row.clinic.time_zone)
    current = current_authorisations().filter(pk=row.pk).exists()
    reasons = rules.renewals(agreed_of(row), civil_date(now, zone)) if current else []
    if not reasons:
        tasks.settle_about(kind=KIND, about=row, by=by)
    elif changed:
        _owe(row, reasons, zone, by)


def _owe(row: Authorisation, reasons: Sequence[Due], zone: ZoneInfo, by: User | None) -> None:
    due_at = min(instant(one.by, DUE_AT, zone) for one in reasons)
    tasks.owe_about(kind=KIND, about=row, client=row.client, due_at=due_at, by=by)


def _came_after(due: Due, done_at: datetime | None, zone: ZoneInfo) -> bool:
    """Tell whether a reason came up after the renewal was last marked as done; few units come up when they are used."""
    if done_at is None:
        return True
    return due.since is not None and instant(due.since, time(0), zone) > done_at


def _require(terms: Terms) -> None:
    problems = rules.agreed_problems(terms.agreed)
    if problems:
        raise CannotBe(problems)


def _columns(terms: Terms) -> dict[str, Any]:
    agreed = terms.agreed
    return {
        "from_on": agreed.from_on, "until_on": agreed.until_on, "units": agreed.units,
        "units_used": agreed.units_used, "next_review_on": agreed.next_review_on,
        "number": names.tidy(terms.number) or None,
    }  # fmt: skip

"""
Links to answer a measure once, alone: made and ended by staff, opened by whoever holds the address.

The address carries 256 random bits; only their digest is kept. A link shows no name and no clinic, ends after a few
days, and is used up by the first answers.
"""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction

from clients.models import Client, MeasureLink, MeasureResponse
from clients.rules.clock import civil_date
from clients.selectors import measures as selectors
from clients.selectors.measures import Offered
from clients.services import measures
from clinics import audit
from clinics.models import Clinic, User

LASTS: Final = timedelta(days=7)
SECRET_BYTES: Final = 32
LONGEST_SECRET: Final = 100


class NoLink(ValueError):
    """Only a measure whose questions may be shown can be answered alone."""

    field = "key"

    def __init__(self) -> None:
        super().__init__("This measure is entered by its result. Nobody can answer it by a link.")


class Closed(ValueError):
    """The link was used, ended, or is too old; which of them is nobody's business who holds it."""


@transaction.atomic
def make(*, client: Client, offered: Offered, by: User, now: datetime) -> tuple[MeasureLink, str]:
    """
    Make a link and return it with its secret, which is kept nowhere.

    :raises NoLink: the measure's questions may not be shown
    """
    if not offered.can_be_linked:
        raise NoLink
    secret = secrets.token_urlsafe(SECRET_BYTES)
    link = MeasureLink(
        clinic=client.clinic, client=client, instrument=offered.instrument, digest=digest(secret), made_by=by,
        expires_at=now + LASTS,
    )  # fmt: skip
    link.save()
    audit.record("measure_link.made", link, by=by, detail={"measure": offered.instrument.key})
    return link, secret


@transaction.atomic
def revoke(*, link: MeasureLink, by: User, now: datetime) -> MeasureLink:
    """End a link now; one that was used or ended already stays as it is."""
    held: MeasureLink = MeasureLink.objects.select_for_update(of=("self",)).get(pk=link.pk)
    if held.used_at is None and held.revoked_at is None:
        held.revoked_at = now
        held.save(update_fields=["revoked_at"])
        audit.record("measure_link.revoked", held, by=by)
    return held


def digest(secret: str) -> bytes:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def find(secret: str, now: datetime) -> tuple[MeasureLink, Offered] | None:
    """Return the link of the entered clinic that this secret opens, with its measure; None where it opens none."""
    if len(secret) > LONGEST_SECRET:
        return None
    row: MeasureLink | None = (
        MeasureLink.objects.filter(digest=digest(secret), used_at=None, revoked_at=None, expires_at__gt=now)
        .select_related("instrument", "client")
        .first()
    )
    offered = selectors.of_version(row.instrument) if row is not None else None
    return (row, offered) if row is not None and offered is not None else None


@transaction.atomic
def answer(*, clinic: Clinic, secret: str, answers: Mapping[str, int], now: datetime) -> MeasureResponse:
    """
    Keep what was answered by a link, once.

    :raises Closed: the link opens nothing any more
    :raises Wrong: nothing was answered, or a value is not on its scale
    """
    found = find(secret, now)
    if found is None:
        raise Closed
    link, offered = found
    # Two who answer at once: the second finds it used.
    held: MeasureLink = MeasureLink.objects.select_for_update(of=("self",)).get(pk=link.pk)
    if held.used_at is not None or held.revoked_at is not None:
        raise Closed
    client = link.client.current
    client.clinic = held.clinic = clinic
    response = measures.record(
        client=client, offered=offered, answers=answers, taken_on=civil_date(now, ZoneInfo(clinic.time_zone)),
        source=MeasureResponse.Source.LINK, by=None, now=now, link=held,
    )  # fmt: skip
    held.used_at = now
    held.save(update_fields=["used_at"])
    return response

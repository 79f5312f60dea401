"""
Open a record outside one's reach, in need: with a reason, for sixty minutes of the database's clock, and reviewed.
"""

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models.functions import Now

from clients.models import BreakGlass, Client
from clients.rules.names import tidy
from clinics import audit
from clinics.models import AuditEvent, User
from clinics.models.people import in_force
from clinics.roles import BREAK_GLASS_MINUTES

REASON_CHARS: Final = 15
LOOK_UPS_AN_HOUR: Final = 20
LOOKED_UP: Final = "break_glass.looked_up"


class AlreadyVisible(Exception):
    """The record is in the person's reach already."""

    def __init__(self) -> None:
        super().__init__("You can see this record already. Open it from your list of people.")


class ReasonTooShort(Exception):
    """The reason does not say enough to be reviewed."""

    field = "reason"

    def __init__(self) -> None:
        super().__init__(f"Say in at least {REASON_CHARS} characters why you need this record now.")


class TooManyLookUps(Exception):
    """Record numbers are for the person in front of one, not for trying."""

    field = "reference"

    def __init__(self) -> None:
        super().__init__(
            f"You have looked up {LOOK_UPS_AN_HOUR} record numbers in an hour. Ask your supervisor, or wait."
        )


class OwnAccess(Exception):
    """Nobody reviews their own break-glass access."""

    def __init__(self) -> None:
        super().__init__("This was your own access. Somebody else reviews it.")


class AlreadyReviewed(Exception):
    """The access has been reviewed."""

    def __init__(self) -> None:
        super().__init__("Somebody has reviewed this access already. What they decided stands.")


@transaction.atomic
def look_up(*, reference: str, by: User) -> Client | None:
    """
    Return the entered clinic's record with exactly this number, or None; either way it is in the trail.

    The number of a record that was joined into another finds that one.
    :raises TooManyLookUps: at more than 20 an hour by the database's clock
    """
    tried = AuditEvent.objects.filter(actor=by, action=LOOKED_UP, at__gt=Now() - timedelta(hours=1))
    if tried.count() >= LOOK_UPS_AN_HOUR:
        raise TooManyLookUps
    numbered = Client.objects.filter(reference=tidy(reference).upper()).first()
    found: Client | None = numbered and numbered.current
    audit.record(LOOKED_UP, found, by=by, detail={"found": found is not None})
    return found


@transaction.atomic
def break_glass(*, client: Client, reason: str, by: User) -> BreakGlass:
    """
    Open all records of a person for sixty minutes; while they are open, nothing is added.

    reason   why it is needed now, at least 15 characters; encrypted, read by who reviews it
    :raises ReasonTooShort: when it is shorter
    :raises AlreadyVisible: the record is in the person's reach by other ways
    """
    reason = reason.replace("\x00", "").strip()
    if len(reason) < REASON_CHARS:
        raise ReasonTooShort
    # One at a time for a user and a person: the second of two at once finds the first.
    client = Client.objects.select_for_update(of=("self",)).get(pk=client.current.pk)
    active: BreakGlass | None = BreakGlass.objects.filter(in_force(), client__in=client.records, user=by).first()
    if active is not None:
        return active
    if Client.objects.permitted(by, "clinics.view_client").filter(pk=client.pk).exists():
        raise AlreadyVisible
    opened = BreakGlass(
        clinic=client.clinic, client=client, user=by, reason=reason, starts_at=Now(),
        ends_at=Now() + timedelta(minutes=BREAK_GLASS_MINUTES),
    )  # fmt: skip
    opened.save()
    opened.refresh_from_db(fields=["starts_at", "ends_at"])
    audit.record("break_glass.opened", opened, by=by, detail={"minutes": BREAK_GLASS_MINUTES})
    return opened


@transaction.atomic
def review(*, access: BreakGlass, outcome: str, by: User) -> BreakGlass:
    """
    Say whether an access was justified.

    outcome   one of `BreakGlass.Outcome`
    :raises OwnAccess: the reviewer opened the record
    :raises AlreadyReviewed: somebody has
    """
    access = BreakGlass.objects.select_for_update().get(pk=access.pk)
    if access.user_id == by.pk:
        raise OwnAccess
    if access.reviewed_by_id is not None:
        raise AlreadyReviewed
    access.outcome, access.reviewed_by, access.reviewed_at = outcome, by, Now()
    access.save(update_fields=["outcome", "reviewed_by", "reviewed_at"])
    access.refresh_from_db(fields=["reviewed_at"])
    audit.record("break_glass.reviewed", access, by=by, detail={"outcome": outcome})
    return access

"""Verbs of the operator on accounts. They belong to no clinic, so what was done is an account event."""

from django.db import transaction

from clinics.models import AccountEvent, User


class NotYourself(ValueError):
    """Operators do not shut themselves out."""

    def __init__(self) -> None:
        super().__init__("This is your own account. Ask another operator.")


@transaction.atomic
def deactivate(*, user: User, by: User) -> User:
    """
    Shut an account: its next request, in a browser or by a token, is refused. Its name stays on what it signed.

    :raises NotYourself: when it is the operator's own
    """
    if user.pk == by.pk:
        raise NotYourself
    return _set(user, by, active=False)


@transaction.atomic
def reactivate(*, user: User, by: User) -> User:
    """Open a shut account again; what it may do follows from its memberships, as before."""
    return _set(user, by, active=True)


def _set(user: User, by: User, *, active: bool) -> User:
    row = User.objects.select_for_update().get(pk=user.pk)
    if row.is_active != active:
        row.is_active = active
        row.save(update_fields=["is_active"])
        AccountEvent.objects.create(
            user=row, event="account.reactivated" if active else "account.deactivated",
            detail={"by": str(by.public_id)},
        )  # fmt: skip
    return row

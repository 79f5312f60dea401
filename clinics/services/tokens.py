"""Verbs on API tokens: make one, revoke one."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from clinics import audit
from clinics.models import ApiToken, Clinic, User
from clinics.roles import RIGHTS
from clinics.tokens import digest

MAX_DAYS = 366
SECRET_BYTES = 32


class BadScope(ValueError):
    """A scope that is no right."""


class BadLifetime(ValueError):
    """A lifetime outside one day to a year."""


class NotAMember(ValueError):
    """The person a token should stand for does not work at the clinic."""


@transaction.atomic
def create_token(
    *, clinic: Clinic, user: User, name: str, days: int, scopes: Sequence[str], by: User | None, now: datetime
) -> tuple[ApiToken, str]:
    """
    Make a token of the entered clinic; return it with its text, which is shown once and stored nowhere.

    user     the person whose rights bound the token's
    scopes   rights by name, such as "view_client"; the token may do no more, and never more than the person
    :raises NotAMember: the person has no active role at the clinic
    :raises BadScope: a scope is not in roles.py
    :raises BadLifetime: days is not 1 to 366
    """
    unknown = sorted(set(scopes) - RIGHTS.keys())
    if unknown or not scopes:
        raise BadScope(
            f"{', '.join(unknown) or 'An empty list'} is no scope. Choose from: {', '.join(sorted(RIGHTS))}."
        )
    if not 1 <= days <= MAX_DAYS:
        raise BadLifetime(f"A token lasts 1 to {MAX_DAYS} days.")
    if not user.is_active or not user.roles_at(clinic.pk):
        raise NotAMember(f"{user.email} does not work at {clinic.name}. Add a membership first.")
    text = f"evk.{clinic.slug}.{secrets.token_urlsafe(SECRET_BYTES)}"
    token = ApiToken(
        clinic=clinic, user=user, name=name, prefix=text.rpartition(".")[2][:8], digest=digest(text),
        scopes=sorted(set(scopes)), created_by=by, expires_at=now + timedelta(days=days),
    )  # fmt: skip
    token.save()
    audit.record("token.created", token, by=by, detail={"scopes": token.scopes, "user": str(user.public_id)})
    return token, text


@transaction.atomic
def revoke_token(*, token: ApiToken, by: User | None, now: datetime) -> ApiToken:
    """End a token: its next request is refused."""
    if token.revoked_at is None:
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
        audit.record("token.revoked", token, by=by)
    return token

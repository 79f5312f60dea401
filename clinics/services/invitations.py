"""
Inviting a person to a clinic, and joining by the link of the mail.

The link carries a token of 256 random bits, of which only the SHA-256 is kept. It works once, for seven days. Whoever
opens it holds the mailbox it was sent to; a new person sets a password here and a second factor right after.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from string import Template
from typing import Final

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse

from clinics import audit
from clinics.models import Clinic, Membership, User
from clinics.models.invitations import Invitation
from clinics.roles import ROLE_LABELS, Role
from clinics.services import people
from clinics.tenancy import active_clinic_id

VALID_FOR: Final = timedelta(days=7)
TOKEN_BYTES: Final = 32

SUBJECT: Final = Template("You are invited to $clinic")
BODY: Final = Template(
    """Hello $name,

$inviter invites you to work in Evoke at $clinic, as $role.

Open this link within seven days. It works once:
$link

You will need a phone with an authenticator app, or a passkey.
If you did not expect this mail, leave it: nothing happens without the link.
"""
)


class InvitationClosed(Exception):
    """The invitation was used, withdrawn or has expired. Ask an administrator of the clinic for a new one."""


class NotYourInvitation(Exception):
    """The invitation is for another e-mail address. Sign out, then open the link again."""


class AlreadyAMember(Exception):
    """The person already has this role at the clinic. Nothing was sent."""


def digest_of(token: str) -> bytes:
    """Return what is kept of a token: its SHA-256 (32 bytes)."""
    return hashlib.sha256(token.encode()).digest()


@transaction.atomic
def invite(*, clinic: Clinic, email: str, name: str, role: Role, by: User, now: datetime) -> Invitation:
    """
    Invite a person to the entered clinic by mail; an open invitation to the same role is replaced.

    The mail leaves when the transaction is committed.

    :raises ValidationError: when the address has the wrong form
    :raises AlreadyAMember: when the person has the role already
    """
    address = email.strip().lower()
    validate_email(address)
    if Membership.objects.active().filter(clinic=clinic, user__email=address, role=role).exists():
        raise AlreadyAMember(AlreadyAMember.__doc__)
    open_ones = Invitation.objects.filter(
        email=address, role=role, accepted_at__isnull=True, withdrawn_at__isnull=True
    ).select_for_update()
    for former in open_ones:
        withdraw(invitation=former, by=by, now=now)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    invitation: Invitation = Invitation.objects.create(
        clinic=clinic, email=address, name=name.strip(), role=role, digest=digest_of(token), invited_by=by,
        expires_at=now + VALID_FOR,
    )  # fmt: skip
    audit.record("invitation.sent", invitation, by=by, detail={"role": role.value})
    link = settings.EVOKE_BASE_URL.rstrip("/") + reverse("join", args=[clinic.slug, token])
    words = {
        "name": invitation.name, "inviter": by.name, "clinic": clinic.name, "role": ROLE_LABELS[role].lower(),
        "link": link,
    }  # fmt: skip
    subject = " ".join(SUBJECT.substitute(words).split())
    transaction.on_commit(lambda: _send(subject, BODY.substitute(words), address))
    return invitation


def _send(subject: str, body: str, address: str) -> None:
    send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [address])


@transaction.atomic
def withdraw(*, invitation: Invitation, by: User, now: datetime) -> Invitation:
    """
    Withdraw an invitation: its link stops working.

    :raises InvitationClosed: when it was used or withdrawn before
    """
    row: Invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if row.accepted_at is not None or row.withdrawn_at is not None:
        raise InvitationClosed(InvitationClosed.__doc__)
    row.withdrawn_at = now
    row.save(update_fields=["withdrawn_at"])
    audit.record("invitation.withdrawn", row, by=by)
    return row


def open_invitation(*, token: str, now: datetime) -> Invitation:
    """
    Return the invitation of the entered clinic that `token` opens now.

    :raises InvitationClosed: unknown, used, withdrawn or expired: the answer does not tell which
    """
    found: Invitation | None = Invitation.objects.filter(
        digest=digest_of(token), accepted_at__isnull=True, withdrawn_at__isnull=True, expires_at__gt=now
    ).first()
    if found is None:
        raise InvitationClosed(InvitationClosed.__doc__)
    return found


def account_of(invitation: Invitation) -> User | None:
    """Return the account that the invited address already has, or None."""
    return User.objects.filter(email=invitation.email).first()


@transaction.atomic
def join(*, invitation: Invitation, user: User, now: datetime) -> Membership:
    """
    Let a person with an account join the entered clinic.

    :raises NotYourInvitation: when it was sent to another address
    :raises InvitationClosed: when the link was used meanwhile
    """
    row = Invitation.objects.select_for_update().get(pk=invitation.pk, clinic_id=active_clinic_id())
    if row.email != user.email:
        raise NotYourInvitation(NotYourInvitation.__doc__)
    if row.accepted_at is not None or row.withdrawn_at is not None or row.expires_at <= now:
        raise InvitationClosed(InvitationClosed.__doc__)
    row.accepted_at = now
    row.save(update_fields=["accepted_at"])
    audit.record("invitation.accepted", row, by=user)
    return people.add_member(clinic=row.clinic, user=user, role=Role(row.role), by=row.invited_by)


@transaction.atomic
def join_new(*, invitation: Invitation, name: str, password: str, now: datetime) -> User:
    """
    Make the account of an invited person and let them join the entered clinic.

    :raises ValidationError: when the password is too weak
    :raises InvitationClosed: when the link was used meanwhile, or the address has an account by now
    """
    if account_of(invitation) is not None:
        raise InvitationClosed(InvitationClosed.__doc__)
    user = User(email=invitation.email, name=name.strip())
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ValidationError({"password": error.messages}) from None
    user.set_password(password)
    user.save()
    # The link came by mail, so the address is theirs.
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    join(invitation=invitation, user=user, now=now)
    return user

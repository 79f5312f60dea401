"""
Second factors: whose secret it is, a code that works once, and what the demonstration shows.

Secrets of authenticator apps and recovery codes lie encrypted with FIELD_KEYS, bound to their owner, so that a
secret copied to another person's row does not open. allauth asks its adapter to encrypt and decrypt without saying
for whom: the doors say it here.
"""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.db import transaction

from clinics import crypto
from clinics.models import User

FORMAT = "1:"
LAST_STEP = "last_step"
SECRETS = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}

# What counts as a second factor at sign-in; recovery codes alone do not.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)

_owner: ContextVar[int | None] = ContextVar("second_factor_owner", default=None)


@contextmanager
def second_factor_of(user: User) -> Iterator[None]:
    """Say whose second factor is read or written in the block."""
    token = _owner.set(user.pk)
    try:
        yield
    finally:
        _owner.reset(token)


def _binding() -> bytes:
    owner = _owner.get()
    if owner is None:
        request = context.request
        if request is None or not request.user.is_authenticated:
            raise RuntimeError("Nobody is signed in. Use `with second_factor_of(user):` round this code.")
        owner = request.user.pk
    return f"second-factor|{owner}".encode()


def encrypt(text: str) -> str:
    """Return `text` encrypted for the owner of the second factor."""
    return FORMAT + base64.urlsafe_b64encode(crypto.seal(_binding(), text.encode())).decode()


def decrypt(text: str) -> str:
    """
    Return the secret inside `text`.

    :raises CannotDecrypt: when it belongs to somebody else, or no key of FIELD_KEYS opens it
    """
    if not text.startswith(FORMAT):
        raise crypto.CannotDecrypt("This second factor has an unknown format.")
    return crypto.unseal(_binding(), base64.urlsafe_b64decode(text.removeprefix(FORMAT))).decode()


def enrol_totp(user: User, secret: str) -> Authenticator:
    """Give a person an authenticator app with a known secret (base32), as the demonstration and tests need."""
    with second_factor_of(user):
        authenticator: Authenticator = TOTP.activate(user, secret).instance
    return authenticator


@transaction.atomic
def reencrypt_secrets() -> int:
    """Encrypt every second factor's secret with the first key of FIELD_KEYS, and return how many there were."""
    n = 0
    for authenticator in Authenticator.objects.select_for_update().filter(type__in=SECRETS).select_related("user"):
        name = SECRETS[authenticator.type]
        with second_factor_of(authenticator.user):
            authenticator.data[name] = encrypt(decrypt(authenticator.data[name]))
        authenticator.save(update_fields=["data"])
        n += 1
    return n


# --- a code works once --------------------------------------------------------------------------------------------


def _step_of(secret: str, code: str) -> int | None:
    """Return the 30-second step that `code` belongs to, among those accepted now, or None."""
    typed = code.replace(" ", "")
    for step in yield_hotp_counters_from_time():
        if format_hotp_value(hotp_value(secret, step)) == typed:
            return int(step)
    return None


def _totp_step(user: User, code: str) -> tuple[Authenticator | None, int | None]:
    authenticator = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if authenticator is None:
        return None, None
    with second_factor_of(user):
        return authenticator, _step_of(decrypt(authenticator.data["secret"]), code)


@transaction.atomic
def _claim_step(authenticator: Authenticator, step: int) -> bool:
    """
    Take a step for this sign-in; tell whether nobody had taken it, or a later one, before.

    allauth remembers a used code for one step (30 s) in the cache, yet accepts codes of three steps (90 s). The row
    remembers for good, as RFC 6238 5.2 asks.
    """
    row = Authenticator.objects.select_for_update().get(pk=authenticator.pk)
    if step <= row.data.get(LAST_STEP, 0):
        return False
    row.data[LAST_STEP] = step
    row.save(update_fields=["data"])
    return True


class _OnceOnly:
    """Refuses a code of an authenticator app that was used before."""

    user: User
    cleaned_data: dict[str, Any]
    authenticator: Authenticator

    def clean_code(self) -> str:
        totp, step = _totp_step(self.user, self.cleaned_data["code"])
        if totp is not None and step is not None and step <= totp.data.get(LAST_STEP, 0):
            check_rate_limit(self.user)  # counts as a guess; a right code clears the count, a used one must not
            raise get_adapter().validation_error("incorrect_code")
        with second_factor_of(self.user):
            code: str = super().clean_code()  # type: ignore[misc]
        if self.authenticator.type == Authenticator.Type.TOTP and (
            totp is None or step is None or not _claim_step(totp, step)
        ):
            raise get_adapter().validation_error("incorrect_code")
        return code


class SecondStepForm(_OnceOnly, AuthenticateForm):  # type: ignore[misc]
    """The second step of signing in."""


class AgainForm(_OnceOnly, ReauthenticateForm):  # type: ignore[misc]
    """A code asked for again before something that matters."""


class SetUpForm(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new authenticator app, which must not open the door a second time."""

    def clean_code(self) -> str:
        code: str = super().clean_code()
        context.request.second_factor_step = _step_of(self.secret, code)
        return code


def remember_first_code(*, request: Any, authenticator: Authenticator, **kwargs: Any) -> None:
    """Take the step of the code that set an authenticator app up (allauth's `authenticator_added`)."""
    step = getattr(request, "second_factor_step", None)
    if step is not None and authenticator.type == Authenticator.Type.TOTP:
        _claim_step(authenticator, step)


def current_code(user: User) -> str | None:
    """Return a code that the person's authenticator app would show and that was not used yet, or None without one."""
    authenticator = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if authenticator is None:
        return None
    with second_factor_of(user):
        secret = decrypt(authenticator.data["secret"])
    _before, now, after = yield_hotp_counters_from_time()
    step = now if now > authenticator.data.get(LAST_STEP, 0) else after
    code: str = format_hotp_value(hotp_value(secret, step))
    return code

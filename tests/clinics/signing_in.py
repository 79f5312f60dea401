"""Signing in as people do: password, then a code of the authenticator app, through the pages themselves."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from clinics.models import User
from clinics.second_factor import LAST_STEP, decrypt, second_factor_of
from tests.world import PASSWORD


def code_of(user: User, *, offset: int = 0) -> str:
    """Return the code of the person's app now; `offset` 1 is the next one, -1 the one before."""
    row = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    with second_factor_of(user):
        secret = decrypt(row.data["secret"])
    return format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1] + offset))


def forget_used_codes(user: User) -> None:
    """Let the person's present code be used again, so that a test need not wait for the next."""
    row = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    row.data[LAST_STEP] = 0
    row.save(update_fields=["data"])


def give_password(client: Client, user: User, password: str = PASSWORD, **extra: Any) -> Any:
    """Send the first step of signing in."""
    return client.post(reverse("account_login"), {"login": user.email, "password": password}, **extra)


def give_code(client: Client, code: str) -> Any:
    """Send the second step."""
    return client.post(reverse("mfa_authenticate"), {"code": code})


def sign_in(client: Client, user: User) -> Any:
    """Sign in whole, and return the last answer."""
    cache.clear()  # allauth remembers a used code for 30 s beside the row
    forget_used_codes(user)
    give_password(client, user)
    answer = give_code(client, code_of(user))
    assert is_signed_in(client), answer.content[:400]
    return answer


def is_signed_in(client: Client) -> bool:
    """Tell whether the browser holds a session of a person."""
    return "_auth_user_id" in client.session

"""How allauth is bent to a clinic: no sign-up, one budget of guesses for an account, second factors encrypted."""

import logging
import unicodedata
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.userkit import filter_users_by_email
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from clinics import account_events, login_limits, second_factor
from clinics.models import User
from clinics.sign_in_again import confirmed_recently

log = logging.getLogger("evoke.accounts")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """People come by invitation only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False: there is no sign-up."""
        return False

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """
        Return the name of an account's budget of guesses: its address alone.

        allauth puts the Host header in front, whose port a visitor may choose freely: each port would be a fresh
        budget. Spellings that the database compares as equal share one.
        """
        return unicodedata.normalize("NFKC", credentials.get("email", "")).casefold()

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Record a wrong password, for the account it was meant for. What was typed is not kept."""
        found = filter_users_by_email(credentials.get("email", ""))
        account_events.record("sign_in.refused", request=request, user=found[0] if found else None)

    def login(self, request: Any, user: User) -> None:
        """Sign in; the session is saved at once, so that a sign-in in another browser counts this one."""
        super().login(request, user)
        request.session.save()

    def post_login(self, request: Any, user: User, **kwargs: Any) -> HttpResponse:
        """Finish signing in, and end the oldest sign-in beyond the third."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        ended = login_limits.end_oldest(user, request.session.session_key)
        if ended:
            account_events.record("sign_in.ended_surplus", request=request, user=user, detail={"n": ended})
        return response

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Tell whether a person has to prove again who they are: a sign-in of this half hour is proof enough."""
        if context.request is not None and confirmed_recently(context.request):
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link of a reset mail: to the configured address, whatever Host the asker sent."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.EVOKE_BASE_URL.rstrip("/") + path.replace("UID-KEY", key)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail; a mail server that is away must not undo what the person did, or tell accounts apart."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException):
            log.exception("mail not sent", extra={"template": template_prefix})


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second-factor secrets lie encrypted, bound to their owner; the last factor stays."""

    def encrypt(self, text: str) -> str:
        """Return `text` encrypted for its owner."""
        return second_factor.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return the text inside."""
        return second_factor.decrypt(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Tell whether another second factor remains; without one the next sign-in would be by password alone."""
        others = Authenticator.objects.filter(user=authenticator.user, type__in=second_factor.FACTORS)
        return bool(others.exclude(pk=authenticator.pk).exists())

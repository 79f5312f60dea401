"""
What happens to an account, outside any clinic: sign-in, second factor, limits. Append-only, no client data.

Most of it hangs on allauth's own signals, because allauth's views are where it happens.
"""

from typing import Any

from allauth.account import signals as account_signals
from allauth.account.adapter import get_adapter
from allauth.mfa import signals as mfa_signals
from django.contrib.auth import signals as auth_signals

from clinics.models import AccountEvent


def record(event: str, *, request: Any, user: Any = None, detail: dict[str, Any] | None = None) -> None:
    """
    Append one event.

    event    what happened, as "noun.verb"
    user     whose account; None when nobody's, as for an address that no account has
    detail   references and words of ours only: never what was typed
    """
    known = user is not None and user.pk is not None
    AccountEvent.objects.create(
        user=user if known else None,
        event=event,
        address=get_adapter().get_client_ip(request) if request.META.get("REMOTE_ADDR") else None,
        request_id=getattr(request, "request_id", None),
        detail=detail or {},
    )


def _signed_in(*, request: Any, user: Any, **kwargs: Any) -> None:
    record("sign_in.succeeded", request=request, user=user)


def _signed_out(*, request: Any, user: Any, **kwargs: Any) -> None:
    record("sign_in.ended", request=request, user=user)


def _code_refused(*, request: Any, user: Any, authenticator: Any, **kwargs: Any) -> None:
    record("second_factor.refused", request=request, user=user, detail={"type": authenticator.type})


def _confirmed(*, request: Any, user: Any, method: str, **kwargs: Any) -> None:
    if kwargs.get("reauthenticated"):
        record("sign_in.confirmed", request=request, user=user, detail={"method": method})


def _added(*, request: Any, user: Any, authenticator: Any, **kwargs: Any) -> None:
    record("second_factor.added", request=request, user=user, detail={"type": authenticator.type})


def _removed(*, request: Any, user: Any, authenticator: Any, **kwargs: Any) -> None:
    record("second_factor.removed", request=request, user=user, detail={"type": authenticator.type})


def _renewed(*, request: Any, user: Any, authenticator: Any, **kwargs: Any) -> None:
    record("second_factor.renewed", request=request, user=user, detail={"type": authenticator.type})


def _password_changed(*, request: Any, user: Any, **kwargs: Any) -> None:
    record("password.changed", request=request, user=user)


def _password_reset(*, request: Any, user: Any, **kwargs: Any) -> None:
    record("password.reset", request=request, user=user)


def connect() -> None:
    """Listen to allauth and to Django's sign-in (called once, when the app is ready)."""
    from clinics import login_limits, second_factor

    for signal, receiver in (
        (auth_signals.user_logged_in, login_limits.begin),
        (account_signals.user_logged_in, _signed_in),
        (auth_signals.user_logged_out, _signed_out),
        (account_signals.authentication_step_completed, _confirmed),
        (account_signals.password_changed, _password_changed),
        (account_signals.password_set, _password_changed),
        (account_signals.password_reset, _password_reset),
        (mfa_signals.authenticator_added, second_factor.remember_first_code),
        (mfa_signals.authenticator_added, _added),
        (mfa_signals.authenticator_removed, _removed),
        (mfa_signals.authenticator_reset, _renewed),
        (mfa_signals.authentication_failed, _code_refused),
    ):
        signal.connect(receiver, dispatch_uid=f"evoke.{receiver.__module__}.{receiver.__name__}")

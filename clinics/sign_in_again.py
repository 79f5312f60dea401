"""Sending somebody to sign in, or to confirm who they are, and bringing them back to the page they were on."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

View = Callable[..., HttpResponse]
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def own_page(request: Any, url: str | None) -> str | None:
    """Return path and query of `url` when it is a page of this host, else None."""
    if not url or not url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return None
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def page_of(request: Any) -> str:
    """
    Return the page a person is on, to bring them back to: never a fragment, never the target of a form.

    Our Referrer-Policy sends the whole address within this host.
    """
    shown = request.headers.get("HX-Current-URL") or (
        request.headers.get("Referer") if request.method not in SAFE_METHODS else None
    )
    return own_page(request, shown) or request.get_full_path()


def send_to(request: Any, url: str) -> HttpResponse:
    """
    Send the browser to `url`, with the page it is on as `next`.

    A fragment cannot be answered by a redirect: the other page would land inside this one. It gets 401 and
    `HX-Redirect`; a page with text that is not saved asks before it leaves.
    """
    target = f"{url}?{urlencode({'next': page_of(request)})}"
    if request.headers.get("HX-Request") == "true":
        answer = HttpResponse(status=401)
        answer["HX-Redirect"] = target
        return answer
    return redirect(target)


def confirmed_recently(request: Any, *, spare_s: int = 0) -> bool:
    """
    Tell whether the person proved who they are, by signing in or again, less than 30 minutes ago.

    spare_s   how much of the 30 minutes must be left
    """
    if not request.user.is_authenticated:
        return False
    records = get_authentication_records(request, request.user)
    newest = max((record["at"] for record in records), default=0.0)
    return time.time() - newest < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT - spare_s


def reauthentication_required(view: View) -> View:
    """
    Let a view act only for a person who proved who they are less than 30 minutes ago.

    For signing, exports, break-glass, roles and tokens. What somebody wrote must not be lost on the way: showing the
    form already demands the proof, with as much of the 30 minutes left as a page may stay idle, so that a form that
    is shown can be sent. A form that is sent too late all the same goes to be confirmed and comes back to its page,
    where the draft is; its body is never parked in the browser session, as allauth's own decorator would.
    """

    @wraps(view)
    def asks(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        spare = settings.LOGIN_IDLE_S if request.method in SAFE_METHODS else 0
        if confirmed_recently(request, spare_s=spare):
            return view(request, *args, **kwargs)
        methods = get_adapter().get_reauthentication_methods(request.user)
        return send_to(request, methods[0]["url"])

    asks.demands_reauthentication = True  # type: ignore[attr-defined]
    return asks

"""How long a sign-in lasts: 15 minutes idle, 10 hours in all, three at a time. All by the database's clock."""

from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _

from clinics import account_events
from clinics.models import User
from clinics.sign_in_again import send_to

# Seconds since 1970, in the browser session.
BEGAN, SEEN = "login_began", "login_seen"
NOTE_EVERY_S = 30


def database_now() -> float:
    """Return the database's clock in seconds since 1970."""
    with connection.cursor() as cursor:
        cursor.execute("select extract(epoch from clock_timestamp())")
        row = cursor.fetchone()
    assert row is not None
    return float(row[0])


def begin(*, request: Any, **kwargs: Any) -> None:
    """Start the clocks of a sign-in (Django's `user_logged_in`, so at every door)."""
    request.session[BEGAN] = request.session[SEEN] = database_now()


@transaction.atomic
def end_oldest(user: User, current_key: str) -> int:
    """
    Keep the newest three sign-ins of a person, and return how many older ones were ended.

    current_key   key of the session that has just begun, which stays
    """
    User.objects.select_for_update().get(pk=user.pk)  # two sign-ins at once count each other
    others = UserSession.objects.filter(user=user).exclude(session_key=current_key).order_by("-created_at", "-pk")
    alive = [session for session in others if not session.purge()]
    surplus = alive[settings.LOGIN_MAX - 1 :]
    for session in surplus:
        session.end()
    return len(surplus)


class LoginLimitsMiddleware:
    """
    Ends a sign-in that was idle too long or lasted too long, says so, and brings the person back after signing in.

    Polls (X-Passive: 1) do not count as activity. Activity is noted every 30 seconds, so an idle sign-in may end up
    to that much early, never late. An API answers the caller as it would anybody who is not signed in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        now = request.user.asked_at.timestamp()
        began, seen = request.session.get(BEGAN, 0.0), request.session.get(SEEN, 0.0)
        if now - began > settings.LOGIN_ABSOLUTE_S:
            return self._end(request, "sign_in.ended_long", _("You were signed out after 10 hours. Sign in to go on."))
        if now - seen > settings.LOGIN_IDLE_S:
            return self._end(
                request,
                "sign_in.ended_idle",
                _("You were signed out after 15 minutes without activity. Sign in to go on where you were."),
            )
        if request.headers.get("X-Passive") != "1" and now - seen > NOTE_EVERY_S:
            request.session[SEEN] = now
            # Now, not with the answer: a slow page must not put back what another request has changed meanwhile.
            request.session.save()
            request.session.modified = False
        return self.get_response(request)

    def _end(self, request: Any, event: str, why: str) -> HttpResponse:
        account_events.record(event, request=request, user=request.user)
        UserSession.objects.filter(session_key=request.session.session_key).delete()
        logout(request)
        if request.path.startswith("/api/"):
            return self.get_response(request)
        messages.info(request, why)
        return send_to(request, resolve_url(settings.LOGIN_URL))

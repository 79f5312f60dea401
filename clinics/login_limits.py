"""How long a sign-in lasts: 15 minutes idle, 10 hours in all, three at a time. All by the server's clock."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

BEGAN, SEEN = "login_began", "login_seen"


class LoginLimitsMiddleware:
    """Ends a sign-in that was idle too long or lasted too long. Polls (X-Passive: 1) do not count as activity."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        if request.user.is_authenticated:
            now = time.time()
            began, seen = request.session.get(BEGAN), request.session.get(SEEN)
            if began is None or seen is None:
                request.session[BEGAN] = request.session[SEEN] = now
            elif now - seen > settings.LOGIN_IDLE_S or now - began > settings.LOGIN_ABSOLUTE_S:
                logout(request)
                return redirect(settings.LOGIN_URL)
            elif request.headers.get("X-Passive") != "1" and now - seen > 30:
                request.session[SEEN] = now
        return self.get_response(request)

"""What brackets every request: its id, the signed-in person, and the clinic of its address."""

import logging
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, resolve_url
from django.utils import timezone

from clinics import audit
from clinics.access import enter_clinic
from clinics.sign_in_again import send_to

Answer = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger("evoke.request")

# Where a person without a second factor may go: set one up, or leave.
SET_UP_ROUTES = frozenset(
    {
        "account_logout",
        "account_reauthenticate",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes",
        "preferences",
        "still_signed_in",
    }
)


class RequestIdMiddleware:
    """Gives each request an id, and says it in the answer and in every event of the trail."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.request_id = uuid.uuid4()
        request.clinic = None
        request.clinic_entered = False
        response = self.get_response(request)
        response["X-Request-ID"] = str(request.request_id)
        return response


class PageMethodsMiddleware:
    """Lets pages be asked for and forms be sent, and nothing else; other methods are those of the API."""

    allowed = ("GET", "HEAD", "POST")

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in self.allowed and not request.path.startswith("/api/"):
            return HttpResponseNotAllowed(self.allowed)
        return self.get_response(request)


class SignedInMiddleware(LoginRequiredMiddleware):
    """Lets in who is signed in and has a second factor; views say themselves when they are public."""

    def process_view(self, request: Any, view_func: Any, view_args: Any, view_kwargs: Any) -> HttpResponse | None:
        """Send a person to sign in, or to set up a second factor."""
        answer: Any = super().process_view(request, view_func, view_args, view_kwargs)
        if answer is not None or not request.user.is_authenticated or request.user.has_second_factor:
            return answer  # type: ignore[no-any-return]
        if request.path.startswith("/api/"):
            # DRF marks its views as public here and asks for itself: a password alone must not be an answer.
            request.user = AnonymousUser()
            return None
        route = request.resolver_match.url_name if request.resolver_match else None
        public = not getattr(view_func, "login_required", True)
        if not public and route not in SET_UP_ROUTES:
            return redirect("mfa_index")
        return None

    def handle_no_permission(self, request: Any, view_func: Any) -> Any:
        """Send a person to sign in, and back to the page they were on."""
        return send_to(request, resolve_url(settings.LOGIN_URL))


class ClinicMiddleware:
    """
    Enters the clinic of the address, and leaves it when the answer is made.

    An answer of 500 or above rolls everything back: the exception has become a response by then, so the
    transaction would otherwise commit. What was refused is recorded after the scope has closed.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        with ExitStack() as request.scopes:
            response = self.get_response(request)
            if response.status_code >= 500 and request.clinic_entered:
                transaction.set_rollback(True)
        timezone.deactivate()
        audit.forget_request()
        if response.status_code in (403, 404) or response.status_code >= 500:
            self._record_refusal(request, response.status_code)
        return response

    def process_view(self, request: Any, view_func: Any, view_args: Any, view_kwargs: Any) -> None:
        """Enter the clinic for pages; an API view enters it after its own authentication."""
        slug = view_kwargs.get("clinic_slug")
        if slug is None or getattr(view_func, "enters_clinic_itself", False):
            return
        clinic = enter_clinic(request, request.user, slug)
        timezone.activate(ZoneInfo(clinic.time_zone))

    def _record_refusal(self, request: Any, status: int) -> None:
        match = request.resolver_match
        signed_in = getattr(request, "user", None) is not None and request.user.is_authenticated
        if match is None or not (signed_in or status >= 500):
            return
        try:
            audit.refused(
                clinic=request.clinic, user=request.user, request_id=request.request_id, status=status,
                route=match.view_name, address=request.META.get("REMOTE_ADDR"),
            )  # fmt: skip
        except DatabaseError:
            # The answer is already made; a database that is away must not turn it into another fault.
            log.exception("refusal not recorded", extra={"request_id": request.request_id, "status": status})

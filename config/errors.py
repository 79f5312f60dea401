"""The error answers: one body for the API, one calm page for people."""

import re
import sys
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.template.response import TemplateResponse
from redis.exceptions import RedisError
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from clinics.models import Clinic
from clinics.tenancy import clinic_scope


class Conflict(exceptions.APIException):
    """The record is not in a state that allows this, or another record already stands there."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "This does not fit what is already recorded. Read the record again, then decide."
    default_code = "conflict"


def api_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """
    Return the API's error body: {"detail": sentence, "code": word, "fields": {name: [sentences]}}.

    A foreign, absent and malformed id answer alike; an illegal move or a broken uniqueness is 409.
    """
    if isinstance(error, Http404):
        error = exceptions.NotFound("Nothing with that address is at this clinic.")
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied("You may not do this here.")
    elif isinstance(error, ValidationError):
        fields = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        error = exceptions.ValidationError(fields)
    elif isinstance(error, IntegrityError):
        error = Conflict()
    elif isinstance(error, OperationalError):
        error = exceptions.APIException(
            "The database is away. Nothing was saved. Try again in a minute.", "unavailable"
        )
        error.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    response = exception_handler(error, context)
    if response is None:
        return None
    body: dict[str, Any] = {"detail": "", "code": getattr(error, "default_code", "error"), "fields": {}}
    if isinstance(error, exceptions.ValidationError):
        found = response.data
        fields = dict(found) if isinstance(found, dict) else {"": list(found)}
        general = fields.pop("non_field_errors", None) or fields.pop("", None)
        body["fields"] = fields
        body["detail"] = str(general[0]) if general else "Some values need another look. Nothing was saved."
    else:
        body["detail"] = str(getattr(error, "detail", ""))
        codes = error.get_codes() if isinstance(error, exceptions.APIException) else None
        if isinstance(codes, str):
            body["code"] = codes
    response.data = body
    return response


API = "/api/"
CLINIC_PAGE = re.compile(r"/clinics/(?P<slug>[-\w]+)/")
AWAY = (OperationalError, InterfaceError, RedisError)


def _answer(request: HttpRequest, code: int, error_code: str, sentence: str) -> HttpResponse:
    """Return the page of an error, or the API's body where DRF was not reached."""
    if request.path.startswith(API):
        return JsonResponse({"detail": sentence, "code": error_code, "fields": {}}, status=code)
    return TemplateResponse(request, f"errors/{code}.html", {"page_error": False}, status=code).render()


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 400: more was sent than a form may hold, or something no browser sends."""
    sentence = "This is more than can be sent at once, or not what this page expects. Nothing was saved."
    return _answer(request, 400, "bad_request", sentence)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 403: visible, but not allowed."""
    return _answer(request, 403, "permission_denied", "You may not do this here.")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """
    Answer 404: nothing here that this person may see.

    An address that no route knows was not entered; a member of its clinic gets the clinic's frame all the same.
    """
    clinic = None if request.path.startswith(API) else _own_clinic(request)
    if clinic is None:
        return _answer(request, 404, "not_found", "Nothing with that address is at this clinic.")
    request.clinic = clinic  # type: ignore[attr-defined]
    with clinic_scope(clinic.pk, request.user.pk):
        return _answer(request, 404, "not_found", "")


def _own_clinic(request: Any) -> Clinic | None:
    """Return the clinic that the address names, when it was not entered and the person belongs to it."""
    found = CLINIC_PAGE.match(request.path)
    user = getattr(request, "user", None)
    if found is None or request.clinic is not None or user is None or not user.is_authenticated:
        return None
    clinic = Clinic.objects.filter(slug=found["slug"], is_active=True).first()
    return clinic if clinic is not None and user.has_second_factor and user.roles_at(clinic.pk) else None


def server_error(request: HttpRequest) -> HttpResponse:
    """
    Answer 500, or 503 when the database or the cache is away: nothing was saved.

    The transaction may be broken and the database gone, so the page asks for neither.
    """
    if isinstance(sys.exc_info()[1], AWAY):
        response = _bare(request, 503, "unavailable", "A server is away. Nothing was saved. Try again in a minute.")
        response["Retry-After"] = "60"
        return response
    return _bare(request, 500, "error", "Something went wrong on our side. Nothing was saved.")


def _bare(request: HttpRequest, code: int, error_code: str, sentence: str) -> HttpResponse:
    if request.path.startswith(API):
        return JsonResponse({"detail": sentence, "code": error_code, "fields": {}}, status=code)
    return HttpResponse(loader.get_template(f"errors/{code}.html").render(), status=code)


def too_many(request: HttpRequest) -> HttpResponse:
    """Answer 429: the page was asked for too often, by somebody who may be guessing."""
    return _answer(request, 429, "throttled", "Too many requests. Wait a minute, then try again.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form whose hidden token is stale."""
    return _answer(request, 403, "stale_form", "This form is stale. Open the page again. Nothing was saved.")

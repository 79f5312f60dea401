"""
The page on which anybody leaves a way to be reached: no sign-in, no script, no cookie but the form's own.

It may be opened on a phone that others look at, so neither its name nor its answer tells what kind of place this is,
and nothing that was typed is shown again once it was sent. It only adds: it reads nothing of anybody.
"""

import time
from typing import Any, Final

from allauth.core.internal.ratelimit import get_ip
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import connection
from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from redis.exceptions import RedisError

from clients.forms.contact import ContactForm
from clients.services import inquiries
from clients.services.said import Person
from clinics.access import NOT_HERE
from clinics.models import Clinic
from clinics.repeat import FIELD
from clinics.tenancy import clinic_scope

SENT: Final = "sent"
# A library or a shelter has one address for many people; a machine sends more than this.
SENT_AN_HOUR: Final = 10
HOUR_S: Final = 3_600


@never_cache
@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def contact_form(request: Any, clinic_slug: str) -> HttpResponse:
    """Leave a way to be reached; what is sent becomes an inquiry whose clock runs from now."""
    clinic = Clinic.objects.filter(slug=clinic_slug, is_active=True).first()
    if clinic is None:
        raise Http404(NOT_HERE)
    if request.method != "POST":
        if SENT in request.GET:
            return TemplateResponse(request, "clients/contact_sent.html", {"clinic": clinic})
        return _page(request, clinic, ContactForm())
    form = ContactForm(request.POST)
    if not form.filled_by_machine and not form.is_valid():
        return _page(request, clinic, form, status=422)
    if _too_many(request, clinic):
        form.add_error(None, _("This page was sent many times from here. Please wait an hour, then send it again."))
        return _page(request, clinic, form, status=429)
    if not form.filled_by_machine:
        _keep(clinic, form)
    # Another address, so that going back or loading again neither shows nor sends what was typed.
    return HttpResponse(status=303, headers={"Location": f"{request.path}?{SENT}"})


# Nobody is signed in here: the page itself enters the clinic, for nobody, to add one row.
contact_form.enters_clinic_itself = True  # type: ignore[attr-defined]


def _page(request: Any, clinic: Clinic, form: ContactForm, *, status: int = 200) -> HttpResponse:
    return TemplateResponse(request, "clients/contact_form.html", {"clinic": clinic, "form": form}, status=status)


def _keep(clinic: Clinic, form: ContactForm) -> None:
    """Open the inquiry, unless this very page was sent before."""
    mark = f"contact:{clinic.pk}:{_digest(form.cleaned_data[FIELD])}"
    with clinic_scope(clinic.pk):
        with connection.cursor() as cursor:
            # Two clicks at once: the second waits here until the first is kept.
            cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [mark])
        if _known(mark):
            return
        inquiries.open_inquiry(
            clinic=clinic,
            channel="web_form",
            caller=form.caller,
            person=Person(),
            need=form.need,
            by=None,
            now=timezone.now(),
        )
        _remember(mark)


def _known(mark: str) -> bool:
    """Tell whether a page was kept. With the cache away a second one is kept rather than a first one lost."""
    try:
        return cache.get(mark) is not None
    except RedisError:
        return False


def _remember(mark: str) -> None:
    try:
        cache.set(mark, 1, HOUR_S)
    except RedisError:
        return


def _too_many(request: Any, clinic: Clinic) -> bool:
    """
    Count what is sent from one address to one clinic, and tell whether it is more than an hour's share.

    The address is kept as a keyed digest, for as long as it is counted. With the cache away everybody may send.
    """
    window = int(time.time()) // HOUR_S
    key = f"contact-limit:{clinic.pk}:{_digest(get_ip(request))}:{window}"
    try:
        cache.add(key, 0, HOUR_S * 2)
        return int(cache.incr(key)) > SENT_AN_HOUR
    except (RedisError, ValueError):
        return False


def _digest(text: str) -> str:
    return salted_hmac("clients.contact", text, algorithm="sha256").hexdigest()

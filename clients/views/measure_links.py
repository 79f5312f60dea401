"""
Links to answer a measure: made and ended by staff; opened by whoever holds one, without signing in.

The page of a link may be looked at by others: it shows no name and no clinic, keeps nothing, and shows nothing again
once it was sent. A link that opens nothing is answered the same whatever the reason.
"""

import time
from typing import Any, Final

from allauth.core.internal.ratelimit import get_ip
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from redis.exceptions import RedisError

from clients.forms.measures import AnswersForm
from clients.models import MeasureLink
from clients.selectors import measures as selectors
from clients.selectors.measures import ADD, LEVEL
from clients.services import measure_links, measures
from clients.views.measures import find_offered
from clients.views.persons import find_person
from clinics import repeat
from clinics.access import NOT_HERE, find_permitted
from clinics.models import Clinic
from clinics.tenancy import clinic_scope

# Pages that one address may open or send in an hour: a waiting room stays below, a machine does not.
OPENED_AN_HOUR: Final = 300
HOUR_S: Final = 3_600
SENT: Final = "sent"
HELP: Final = "help"


@never_cache
def measure_link(request: Any, clinic_slug: str, public_id: str, key: str) -> HttpResponse:
    """Make a link to answer a measure; its address is in this one answer and nowhere else."""
    client = find_person(request, public_id, ADD)
    offered = find_offered(key)
    if not offered.can_be_linked:
        raise Http404(NOT_HERE)
    form = repeat.OnceForm(request.POST if request.method == "POST" else None)
    made, address = None, ""
    if form.is_valid():
        secrets: list[str] = []

        def act() -> MeasureLink:
            link, secret = measure_links.make(client=client, offered=offered, by=request.user, now=timezone.now())
            secrets.append(secret)
            return link

        try:
            outcome = repeat.once(
                user=request.user, key=form.cleaned_data[repeat.FIELD], route=f"measure_link:{client.public_id}:{key}",
                body=repeat.form_body(request.POST), act=act,
            )  # fmt: skip
        except repeat.OtherBody as error:
            form.add_error(None, str(error))
        else:
            if not secrets:
                messages.info(request, _("This link was made already, and its address is shown once. Make another."))
                return redirect("measure_list", clinic_slug, client.public_id)
            made = selectors.open_links(client, timezone.now()).get(public_id=outcome.object_id)
            path = reverse("measure_answer", args=[clinic_slug, secrets[0]])
            address = request.build_absolute_uri(path)
    context = {
        "clinic": request.clinic,
        "client": client,
        "offered": offered,
        "form": form,
        "made": made,
        "address": address,
        "back_url": reverse("measure_list", args=[clinic_slug, client.public_id]),
    }
    refused = form.is_bound and made is None
    return TemplateResponse(request, "clients/measure_link.html", context, status=422 if refused else 200)


@require_POST
def measure_link_revoke(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """End a link."""
    link = find_permitted(
        MeasureLink, request.user, ADD, view_perm=LEVEL, public_id=public_id, purpose="care", related=("client",)
    )
    link.clinic = link.client.clinic = request.clinic
    measure_links.revoke(link=link, by=request.user, now=timezone.now())
    messages.success(request, _("The link is ended. It opens nothing any more."))
    return redirect("measure_list", clinic_slug, link.client.public_id)


@never_cache
@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def measure_answer(request: Any, clinic_slug: str, secret: str) -> HttpResponse:
    """Answer a measure by a link, once."""
    clinic = Clinic.objects.filter(slug=clinic_slug, is_active=True).first()
    if clinic is None:
        raise Http404(NOT_HERE)
    if request.method != "POST" and SENT in request.GET:
        context = {"clinic": clinic, "help": request.GET[SENT] == HELP}
        return TemplateResponse(request, "clients/measure_sent.html", context)
    if _too_many(request, clinic):
        return _closed(request, clinic, 429)
    now = timezone.now()
    with clinic_scope(clinic.pk):
        found = measure_links.find(secret, now)
        if found is None:
            return _closed(request, clinic, 404)
        _link, offered = found
        form = AnswersForm(request.POST if request.method == "POST" else None, offered=offered)
        if form.is_valid():
            try:
                response = measure_links.answer(clinic=clinic, secret=secret, answers=form.answers(), now=now)
            except measures.Wrong as error:
                form.add_error(error.field or None, str(error))
            except measure_links.Closed:
                return _closed(request, clinic, 404)
            else:
                urgent = any(one.due is not None for one in selectors.result(response, response.client).findings)
                # Another address, so that going back or loading again neither shows nor sends what was answered.
                sent = f"{request.path}?{SENT}={HELP if urgent else ''}"
                return HttpResponse(status=303, headers={"Location": sent})
        context = {"clinic": clinic, "offered": offered, "form": form}
        page = TemplateResponse(
            request, "clients/measure_answer.html", context, status=422 if form.is_bound else 200
        ).render()
    return page


# Nobody is signed in here: the page itself enters the clinic, for nobody, to read one link and add one row.
measure_answer.enters_clinic_itself = True  # type: ignore[attr-defined]


def _closed(request: Any, clinic: Clinic, status: int) -> HttpResponse:
    return TemplateResponse(request, "clients/measure_closed.html", {"clinic": clinic}, status=status)


def _too_many(request: Any, clinic: Clinic) -> bool:
    """
    Count what one address opens at one clinic, and tell whether it is more than an hour's share.

    The address is kept as a keyed digest, for as long as it is counted. With the cache away everybody may open.
    """
    window = int(time.time()) // HOUR_S
    digest = salted_hmac("clients.measure_links", get_ip(request), algorithm="sha256").hexdigest()
    key = f"measure-limit:{clinic.pk}:{digest}:{window}"
    try:
        cache.add(key, 0, HOUR_S * 2)
        return int(cache.incr(key)) > OPENED_AN_HOUR
    except (RedisError, ValueError):
        return False

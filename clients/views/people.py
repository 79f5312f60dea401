"""The list of people, a person's page, and correcting what they are called."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.forms.people import ClientEditForm, PeopleSearchForm
from clients.models import Client, Episode
from clients.panels import panels_for
from clients.rules.dates import ImpossibleDate
from clients.selectors import inquiry as inquiry_selectors
from clients.selectors import mandates, measures, merging, person, safety_plans
from clients.selectors import people as selectors
from clients.services import people
from clinics import audit, drafts, opaque, paging
from clinics.access import NOT_HERE, find_permitted, require
from clinics.roles import Reach
from clinics.versions import Stale, show_both

ORDER = ("family_key", "id")
SEARCH_USE = "people-search"
ON_PAGE = (
    "clinics.change_client", "clinics.change_appointment", "clinics.change_plan", mandates.VIEW, safety_plans.VIEW,
    measures.LEVEL, measures.ANSWERS, "clinics.view_safety", "clinics.resolve_safety", "clinics.view_consent",
    "clinics.capture_consent",
)  # fmt: skip


def client_list(request: Any, clinic_slug: str) -> HttpResponse:
    """
    List the people whom one may see, by family name.

    A search is posted and comes back as an opaque `find`: names do not stand in addresses.
    """
    require(request.user, selectors.VIEW)
    clinic = request.clinic
    own = request.GET.get("own") == "1"
    search = _search_of(request)
    form = PeopleSearchForm(request.POST or None, initial={"search": search})
    if request.method == "POST" and form.is_valid():
        query = request.GET.copy()
        query.pop("cursor", None)
        query.pop("find", None)
        if form.cleaned_data["search"]:
            query["find"] = opaque.wrap(form.cleaned_data["search"], SEARCH_USE)
        return redirect(f"{request.path}?{query.urlencode()}" if query else request.path)
    found = selectors.people(request.user, search=search, own=own)
    page = paging.page_or_404(request, found, ORDER)
    audit.listed("client", [client.pk for client in page.rows], purpose="care")
    reaches = request.user.reaches(selectors.VIEW, clinic.pk)
    before_url, after_url = page.urls(request)
    context = {
        "clinic": clinic,
        "form": form,
        "rows": selectors.rows_of(page.rows, request.user, clinic, timezone.now()),
        "search": search,
        "own": own,
        "offers_own": own or (Reach.CASELOAD in reaches and bool(reaches - {Reach.CASELOAD, Reach.BREAK_GLASS})),
        "before_url": before_url,
        "after_url": after_url,
        "may_take_in": request.user.may("clinics.change_inquiry", clinic.pk),
        "may_break_glass": request.user.may("clinics.use_break_glass", clinic.pk),
        "may_merge": request.user.may("clinics.merge_client", clinic.pk),
        "shows_appointments": bool(request.user.reaches("clinics.view_appointment", clinic.pk)),
        "by_supervision": Reach.SUPERVISEES in reaches,
    }
    return TemplateResponse(request, "clients/client_list.html", context, status=422 if form.errors else 200)


def _search_of(request: Any) -> str:
    token = request.GET.get("find", "")
    if not token:
        return ""
    try:
        return opaque.unwrap(token, SEARCH_USE)
    except opaque.NotOurs:
        raise Http404(NOT_HERE) from None


def client_detail(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Show a person: name, episodes, appointments, what they want to change, and why one may see this."""
    user, clinic = request.user, request.clinic
    client = find_permitted(
        Client, user, selectors.VIEW, public_id=public_id, purpose="care", columns=person.columns(user)
    )
    client.clinic = clinic
    if client.merged_into is not None:
        return redirect("client_detail", clinic_slug, client.current.public_id)
    known = person.opened(client, user, ON_PAGE)
    held = known.held
    may_book = held["clinics.change_appointment"]
    care = selectors.care_of(client, user, timezone.now(), known=known, may_change=may_book)
    sees_mandates, sees_plan = held[mandates.VIEW], held[safety_plans.VIEW]
    sees_measures = held[measures.LEVEL] or held[measures.ANSWERS]
    # Read once: the frame of the page names them too (config/navigation.py).
    request.open_accesses = selectors.open_accesses(user) if user.may("clinics.use_break_glass", clinic.pk) else []
    context = {
        "clinic": clinic,
        "client": client,
        "care": care,
        "reasons": selectors.why_visible(client, user, care.caseloads, request.open_accesses),
        "asked": inquiry_selectors.own_words(client, user),
        "concerns": known.beside.concerns if held["clinics.view_safety"] else (),
        "may_review": held["clinics.resolve_safety"],
        "panels": panels_for(request, client, care),
        "merges": merging.merges_of(client),
        "may_unmerge": user.may("clinics.undo_merge", clinic.pk),
        "may_change": held["clinics.change_client"],
        "may_book": may_book and any(episode.status == Episode.Status.OPEN for episode in care.episodes),
        "may_plan": held["clinics.change_plan"],
        "may_consent": held["clinics.view_consent"] or held["clinics.capture_consent"],
        "beside": known.beside if sees_mandates or sees_plan or sees_measures else None,
        "sees_mandates": sees_mandates,
        "sees_plan": sees_plan,
        "sees_measures": sees_measures,
    }
    return TemplateResponse(request, "clients/client_detail.html", context)


def client_edit(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Correct a person's name, pronouns and date of birth."""
    client = find_permitted(
        Client, request.user, "clinics.change_client", view_perm=selectors.VIEW, public_id=public_id, purpose="care"
    )
    client.clinic = request.clinic
    key = f"client_edit:{client.public_id}"
    form = ClientEditForm(request.POST or None, initial=ClientEditForm.stored(client))
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    saved = False
    if form.is_valid():
        try:
            people.change_client(client=client, by=request.user, now=timezone.now(), **form.cleaned_data)
            saved = True
        except (people.NoName, ImpossibleDate) as error:
            form.add_error(error.field, str(error))
        except Stale as stale:
            saved = not show_both(form, ClientEditForm.stored(stale.current), stale.current.version)
    if saved:
        drafts.settle(user=request.user, key=key)
        messages.success(request, _("%(reference)s is saved.") % {"reference": client.reference})
        return redirect("client_detail", clinic_slug, client.public_id)
    context = {
        "clinic": request.clinic,
        "client": client,
        "form": form,
        "draft": draft,
        "back_url": reverse("client_detail", args=[clinic_slug, client.public_id]),
    }
    return TemplateResponse(request, "clients/client_edit.html", context, status=422 if form.is_bound else 200)

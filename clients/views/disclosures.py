"""What leaves the clinic: asking, seeing what would go, letting it out, handing it over; and the accounting."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from clients import disclosure as way_out
from clients.disclosure import ANY_BASIS, RIGHT, NotReady, Refused
from clients.forms.disclosure import DiscloseForm
from clients.models import Client, Disclosure, DisclosurePackage
from clients.rules.consent_terms import CATEGORY_LABELS
from clients.rules.disclosure import BASIS_LABELS, SHORT_NOTICE, Basis, Decision
from clients.selectors import accounting, people
from clients.selectors import consents as selectors
from clients.selectors.accounting import ORDER, REPORT_YEARS, VIEW
from clients.selectors.disclosed import kept_categories
from clients.selectors.people import permits
from clients.views.persons import find_person
from clinics import audit, drafts, jobs, paging, repeat
from clinics.access import NOT_HERE, find_permitted, require
from clinics.models import Job
from clinics.sign_in_again import reauthentication_required


@reauthentication_required
def disclose(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Choose what permits it, then say what goes to whom; see what will go out and what not, then let it out."""
    client = find_person(request, public_id, RIGHT, purpose="disclosure")
    now = timezone.now()
    usable = selectors.usable(client, now)
    any_basis = request.user.may(ANY_BASIS, request.clinic.pk)
    basis = next((one for one in Basis if one == request.GET.get("basis")), None)
    consent = next((one for one in usable if str(one.public_id) == request.GET.get("consent")), None)
    if consent is not None:
        basis = Basis.CONSENT
    if basis is None or (basis is Basis.CONSENT and consent is None):
        return _choose(request, client, usable, any_basis=any_basis)
    if basis is not Basis.CONSENT and not any_basis:
        raise PermissionDenied(ANY_BASIS)
    document = selectors.document_of(consent) if consent is not None else None
    key = f"disclose_{basis}:{consent.public_id if consent is not None else client.public_id}"
    form = DiscloseForm(
        request.POST if request.method == "POST" else None, basis=basis, consent=consent, document=document
    )
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    context: dict[str, Any] = {
        "clinic": request.clinic,
        "client": client,
        "form": form,
        "draft": draft,
        "basis": basis,
        "basis_label": BASIS_LABELS[basis],
        "consent": selectors.shown(consent, now) if consent is not None else None,
        "back_url": reverse("disclose", args=[clinic_slug, client.public_id]),
    }
    if form.is_valid() and "back" not in request.POST:
        asked = form.asked()
        decision = way_out.weigh(client=client, asked=asked, now=now)
        if not decision.allowed:
            way_out.record_refusal(client=client, asked=asked, decision=decision, by=request.user)
            form.add_error(_field_of(form, decision), decision.refused)
            context["dropped"] = accounting.dropped_in_words(dict(decision.dropped))
        elif "send" in request.POST and form.cleaned_data["seen"] == _seen(decision):
            return _let_out(request, client, form, key, context)
        else:
            return _review(request, form, decision, context)
    return TemplateResponse(request, "clients/disclose.html", context, status=422 if form.errors else 200)


def _choose(request: Any, client: Client, usable: Any, *, any_basis: bool) -> HttpResponse:
    context = {
        "clinic": request.clinic,
        "client": client,
        "consents": [selectors.shown(one, timezone.now()) for one in usable],
        "bases": [(one, BASIS_LABELS[one]) for one in Basis if one is not Basis.CONSENT] if any_basis else [],
        "may_capture": permits(client, request.user, selectors.CAPTURE)[0],
    }
    return TemplateResponse(request, "clients/disclose_choose.html", context)


def _field_of(form: DiscloseForm, decision: Decision) -> str | None:
    """Return the field beside which a refusal stands: the parts where they all drop out, else none."""
    return "categories" if decision.dropped or not form.cleaned_data["categories"] else None


def _seen(decision: Decision) -> str:
    return ",".join(decision.given)


def _review(request: Any, form: DiscloseForm, decision: Decision, context: dict[str, Any]) -> HttpResponse:
    """Show what will go out and what not, before anything does."""
    kept = kept_categories()
    posted = [(name, value) for name in form.fields if name != "seen" for value in request.POST.getlist(name)]
    review = {
        "seen": _seen(decision),
        "posted": posted,
        "changed": "send" in request.POST,
        "given": [(CATEGORY_LABELS[one], one in kept) for one in decision.given],
        "dropped": accounting.dropped_in_words(dict(decision.dropped)),
    }
    return TemplateResponse(request, "clients/disclose_review.html", {**context, **review})


def sent_once(request: Any, form: repeat.OnceForm, key: str, act: Callable[[], tuple[Any, Job]]) -> repeat.Outcome:
    """
    Let something out once however often the form is sent, send the job of its package, and let go of the draft.

    act   writes the row and promises the job; it returns both, and what it raises is raised here
    """
    promised: list[Job] = []

    def once() -> Any:
        made, job = act()
        promised.append(job)
        return made

    outcome = repeat.once(
        user=request.user, key=form.cleaned_data[repeat.FIELD], route=key, body=repeat.form_body(request.POST), act=once
    )
    for job in promised:
        jobs.send_soon(job)
    drafts.settle(user=request.user, key=key)
    return outcome


def _let_out(request: Any, client: Client, form: DiscloseForm, key: str, context: dict[str, Any]) -> HttpResponse:
    def act() -> tuple[Disclosure, Job]:
        return way_out.disclose(client=client, asked=form.asked(), by=request.user, now=timezone.now())

    try:
        outcome = sent_once(request, form, key, act)
    except (Refused, repeat.OtherBody) as error:
        form.add_error(None, str(error))
        return TemplateResponse(request, "clients/disclose.html", context, status=422)
    messages.success(request, _("It is in the accounting. The package is being put together."))
    return redirect("disclosure_detail", request.clinic.slug, outcome.object_id)


# --- one disclosure, and its package --------------------------------------------------------------------------------


def _find(request: Any, public_id: str, right: str, purpose: str = "disclosure") -> Disclosure:
    found = find_permitted(
        Disclosure, request.user, right, view_perm=VIEW, public_id=public_id, purpose=purpose,
        related=("client", "made_by", "consent__client"),
    )  # fmt: skip
    found.clinic = found.client.clinic = request.clinic
    if found.consent is not None:
        found.consent.clinic = request.clinic
    return found


@never_cache
def disclosure_detail(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Show what was told to whom, and how far its package is."""
    row = _find(request, public_id, VIEW)
    (entry,) = accounting.entries([row])
    may_disclose, may_see = permits(row.client, request.user, RIGHT, people.VIEW)
    context = {
        "clinic": request.clinic,
        "client": row.client,
        "entry": entry,
        "stopped": way_out.why_stopped(row, timezone.now()) if may_disclose else "",
        "may_fetch": may_disclose,
        "may_see": may_see,
    }
    return TemplateResponse(request, "clients/disclosure_detail.html", context)


def _package(row: Disclosure) -> DisclosurePackage:
    held: DisclosurePackage | None = DisclosurePackage.objects.filter(disclosure=row).first()
    if held is None:
        raise Http404(NOT_HERE)
    held.disclosure = row
    return held


@never_cache
@reauthentication_required
def package_print(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Show a package as it is printed for the recipient, the notice on top; each look is in the trail."""
    row = _find(request, public_id, RIGHT)
    try:
        content = way_out.open_package(held=_package(row), by=request.user, now=timezone.now())
    except NotReady as error:
        messages.warning(request, str(error))
        return redirect("disclosure_detail", clinic_slug, row.public_id)
    context = {
        "clinic": request.clinic,
        "client": row.client,
        "row": row,
        "cover": content["cover"],
        "parts": accounting.parts_of(content),
        "short_notice": SHORT_NOTICE,
    }
    return TemplateResponse(request, "clients/package_print.html", context)


@never_cache
@reauthentication_required
@require_POST
def package_fetch(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Hand a package over as a file, once."""
    row = _find(request, public_id, RIGHT)
    try:
        text = way_out.hand_over(held=_package(row), by=request.user, now=timezone.now())
    except NotReady as error:
        messages.warning(request, str(error))
        return redirect("disclosure_detail", clinic_slug, row.public_id)
    return HttpResponse(
        text,
        content_type="application/json; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="disclosure-{str(row.public_id)[:8]}.json"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox",
        },
    )


# --- the accounting -------------------------------------------------------------------------------------------------


def accounting_of_person(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Show what was told about a person: the last three years, or everything; it prints as it stands."""
    client = find_person(request, public_id, VIEW, purpose="accounting")
    whole = request.GET.get("all") == "1"
    now = timezone.now()
    since = None if whole else now - timedelta(days=REPORT_YEARS * 366)
    page = paging.page_or_404(request, accounting.of_person(client, since=since), ORDER, 200)
    before_url, after_url = page.urls(request)
    context = {
        "clinic": request.clinic,
        "client": client,
        "rows": accounting.entries(page.rows),
        "whole": whole,
        "since": since,
        "now": now,
        "before_url": before_url,
        "after_url": after_url,
    }
    return TemplateResponse(request, "clients/accounting.html", context)


def disclosure_list(request: Any, clinic_slug: str) -> HttpResponse:
    """List the clinic's disclosures, the newest first: by record number, so that the log names nobody."""
    require(request.user, VIEW)
    page = paging.page_or_404(request, accounting.log(request.user), ORDER)
    audit.listed("disclosure", [one.client_id for one in page.rows], purpose="accounting")
    before_url, after_url = page.urls(request)
    context = {
        "clinic": request.clinic,
        "rows": accounting.entries(page.rows),
        "before_url": before_url,
        "after_url": after_url,
    }
    return TemplateResponse(request, "clients/disclosure_list.html", context)

"""Cravings and returns to use: the log, writing one down, looking back, taking one back."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.forms.inquiries import shown_in
from clients.forms.returns import CravingForm, LapseForm, LookBackForm, TakeBackForm
from clients.models import ChangeTarget, Client, Craving, Lapse
from clients.models.people import person_of
from clients.rules.clock import civil_date
from clients.rules.returns import Wrong
from clients.selectors import relapse as plans
from clients.selectors import returns as selectors
from clients.selectors.people import permits
from clients.selectors.returns import CHANGE, CRAVINGS, LAPSES, VIEW
from clients.services import returns
from clients.services.targets import SetAside
from clients.views.persons import find_person
from clinics import drafts, paging, repeat
from clinics.access import NOT_HERE, find_permitted

REFUSALS = (Wrong, returns.TakenBack, returns.LookedBack, SetAside)
# Where a field of the rules stands in a form.
FIELDS = {"felt_at": "felt_on"}


def craving_list(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """List a person's cravings, newest first, with how strong they were over the last two months."""
    client = find_person(request, public_id, VIEW)
    page = paging.page_or_404(request, selectors.cravings_of(client), CRAVINGS)
    before_url, after_url = page.urls(request)
    may_write = permits(client, request.user, CHANGE)[0]
    context = {
        "clinic": request.clinic,
        "client": client,
        "rows": page.rows,
        "quick": CravingForm(clinic=request.clinic, beside_a_list=True) if may_write and not before_url else None,
        "figure": selectors.figure_of(selectors.days_of(client, timezone.now())) if not before_url else None,
        "may_write": may_write,
        "before_url": before_url,
        "after_url": after_url,
    }
    return TemplateResponse(request, "clients/craving_list.html", context)


def craving_create(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Write down a craving; with `just_now`, as the short form beside the list posts it, its answers of this moment."""
    client = find_person(request, public_id, CHANGE)
    key, now = f"craving_create:{client.public_id}", timezone.now()
    day, at = shown_in(now, ZoneInfo(request.clinic.time_zone))
    is_short = "just_now" in request.POST
    short = {name: request.POST.get(name) for name in CravingForm.SHORT}
    typed = {**short, "felt_on": day, "felt_at": at} if is_short else request.POST
    form = CravingForm(
        typed if request.method == "POST" else None, clinic=request.clinic, initial={"felt_on": day, "felt_at": at}
    )
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    made = _done(
        request, form, key, lambda: returns.note_craving(client=client, felt=form.felt, by=request.user, now=now)
    )
    if made is None:
        back_url = reverse("craving_list", args=[clinic_slug, client.public_id])
        return _page(request, "clients/craving_form.html", client, form, draft=draft, back_url=back_url)
    if not is_short:
        # What was begun on the long form is another craving.
        drafts.settle(user=request.user, key=key)
    if not form.felt.used:
        messages.success(request, _("The craving is written down."))
        return redirect("craving_list", clinic_slug, client.public_id)
    messages.success(request, _("The craving is written down. They used: if that is a return to use, say so here."))
    address = reverse("lapse_create", args=[clinic_slug, client.public_id])
    return redirect(f"{address}?craving={made}")


def craving_take_back(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Take back a craving that was written down in error, with a reason."""
    craving = _find(request, Craving, public_id, CHANGE)
    client = person_of(craving)
    form = TakeBackForm(request.POST if request.method == "POST" else None)
    made = _done(
        request, form, f"craving_take_back:{craving.public_id}",
        lambda: returns.take_back_craving(
            craving=craving, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now()
        ),
    )  # fmt: skip
    if made is not None:
        messages.success(request, _("The craving is taken back. It stays in the record and counts nowhere."))
        return redirect("craving_list", clinic_slug, client.public_id)
    back_url = reverse("craving_list", args=[clinic_slug, client.public_id])
    return _page(request, "clients/craving_take_back.html", client, form, craving=craving, back_url=back_url)


def lapse_list(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """List a person's returns to use, newest first, and which of them are still to be looked back on."""
    client = find_person(request, public_id, VIEW)
    page = paging.page_or_404(request, selectors.lapses_of(client), LAPSES)
    before_url, after_url = page.urls(request)
    context = {
        "clinic": request.clinic,
        "client": client,
        "rows": selectors.shown(page.rows, timezone.localdate()),
        "may_write": permits(client, request.user, CHANGE)[0],
        "before_url": before_url,
        "after_url": after_url,
    }
    return TemplateResponse(request, "clients/lapse_list.html", context)


def lapse_create(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Write down a return to use; from a craving at which they used, with its day and what was going on."""
    client = find_person(request, public_id, CHANGE)
    key = f"lapse_create:{client.public_id}"
    goals = ChangeTarget.objects.filter(client_id__in=client.record_keys, is_active=True).order_by("id")
    form = LapseForm(request.POST if request.method == "POST" else None, goals=goals)
    if request.method != "POST":
        form.initial.update(_beginning(request, client))
        chosen = list(goals.values_list("public_id", flat=True)[:2])
        form.initial["target"] = chosen[0] if len(chosen) == 1 else None
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    made = _done(
        request, form, key,
        lambda: returns.record(
            client=client, happened=form.happened, rate_stage=form.cleaned_data["rate_stage"], by=request.user,
            now=timezone.now(),
        ),
    )  # fmt: skip
    if made is not None:
        drafts.settle(user=request.user, key=key)
        messages.success(request, _("It is written down. Look back on it together within seven days."))
        return redirect("lapse_detail", clinic_slug, made)
    back_url = reverse("lapse_list", args=[clinic_slug, client.public_id])
    return _page(request, "clients/lapse_form.html", client, form, draft=draft, back_url=back_url)


def _beginning(request: Any, client: Client) -> dict[str, Any]:
    """Return what the form of a return to use begins with."""
    named = request.GET.get("craving")
    if named is None:
        return {"happened_on": timezone.localdate()}
    craving = _find(request, Craving, named, CHANGE)
    if craving.client_id not in client.record_keys or craving.undone_at is not None:
        raise Http404(NOT_HERE)
    day = civil_date(craving.felt_at, ZoneInfo(request.clinic.time_zone))
    return {"happened_on": day, "situation": craving.situation or ""}


def lapse_detail(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Show a return to use: what was said of it, and what it taught."""
    lapse = _find(request, Lapse, public_id, VIEW)
    client = person_of(lapse)
    context = {
        "clinic": request.clinic,
        "client": client,
        "shown": selectors.shown([lapse], timezone.localdate())[0],
        "may_write": permits(client, request.user, CHANGE)[0],
    }
    return TemplateResponse(request, "clients/lapse_detail.html", context)


def lapse_look_back(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Write down what a return to use taught."""
    lapse = _find(request, Lapse, public_id, CHANGE)
    client = person_of(lapse)
    key = f"lapse_look_back:{lapse.public_id}"
    form = LookBackForm(request.POST if request.method == "POST" else None)
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    made = _done(
        request, form, key,
        lambda: returns.look_back(
            lapse=lapse, learning=form.cleaned_data["learning"], by=request.user, now=timezone.now(),
            plan_changed=form.cleaned_data["plan_changed"] == "yes",
        ),
    )  # fmt: skip
    back_url = reverse("lapse_detail", args=[clinic_slug, lapse.public_id])
    if made is not None:
        drafts.settle(user=request.user, key=key)
        messages.success(request, _("What it taught is written down, and stands."))
        return redirect(back_url)
    more = {
        "shown": selectors.shown([lapse], timezone.localdate())[0],
        "plan": plans.of_person(client).defer("parts").first(),
        "is_newer": returns.newer_plan(lapse),
        "draft": draft,
        "back_url": back_url,
    }
    return _page(request, "clients/lapse_look_back.html", client, form, **more)


def lapse_take_back(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Take back a return to use that was written down in error, with a reason."""
    lapse = _find(request, Lapse, public_id, CHANGE)
    client = person_of(lapse)
    form = TakeBackForm(request.POST if request.method == "POST" else None)
    made = _done(
        request, form, f"lapse_take_back:{lapse.public_id}",
        lambda: returns.take_back(
            lapse=lapse, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now()
        ),
    )  # fmt: skip
    if made is not None:
        messages.success(request, _("It is taken back. It stays in the record and counts nowhere."))
        return redirect("lapse_list", clinic_slug, client.public_id)
    back_url = reverse("lapse_detail", args=[clinic_slug, lapse.public_id])
    return _page(request, "clients/lapse_take_back.html", client, form, lapse=lapse, back_url=back_url)


def _find(request: Any, model: Any, public_id: str, right: str) -> Any:
    """Return a row about a person on which one holds `right`, and record that it was opened."""
    row = find_permitted(
        model, request.user, right, view_perm=VIEW, public_id=public_id, purpose="care",
        related=("client__merged_into", "recorded_by", "undone_by"),
    )  # fmt: skip
    row.clinic = row.client.clinic = request.clinic
    return row


def _done(request: Any, form: Any, route: str, act: Callable[[], Any]) -> str | None:
    """Act once on a valid form and return the public id of what was made; a refusal becomes an error of the form."""
    if not form.is_valid():
        return None
    try:
        outcome = repeat.once(
            user=request.user, key=form.cleaned_data[repeat.FIELD], route=route, body=repeat.form_body(request.POST),
            act=act,
        )  # fmt: skip
    except REFUSALS as error:
        field = FIELDS.get(error.field, error.field)
        form.add_error(field if field in form.fields else None, str(error))
        return None
    except repeat.OtherBody as error:
        form.add_error(None, str(error))
        return None
    return outcome.object_id


def _page(request: Any, template: str, client: Client, form: Any, **more: Any) -> HttpResponse:
    context = {"clinic": request.clinic, "client": client, "form": form, **more}
    return TemplateResponse(request, template, context, status=422 if form.is_bound else 200)

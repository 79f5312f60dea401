"""Plans for return to use: the newest, the older ones, writing one together, and the person's own copy."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from clients.forms.relapse import RelapsePlanForm
from clients.models import Client, Printout, RelapsePlan
from clients.rules import relapse as rules
from clients.selectors import relapse as selectors
from clients.selectors.people import permits
from clients.selectors.printing import relapse_plan_page
from clients.selectors.relapse import CHANGE, VIEW
from clients.services import relapse
from clients.views.persons import find_person
from clients.views.printouts import ask_on_page, panel
from clients.views.revisions import write_anew
from clinics import drafts
from clinics.access import find_permitted


def relapse_plan(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Show a person's plan as it holds now, and list the older ones."""
    client = find_person(request, public_id, VIEW)
    plans = list(selectors.of_person(client).defer("parts"))
    newest = selectors.newest(client) if plans else None
    return _page(request, client, newest, plans)


def relapse_plan_detail(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Show one revision of a plan as it was written."""
    plan = _find(request, public_id)
    return _page(request, plan.client, plan, list(selectors.of_person(plan.client).defer("parts")))


def _page(request: Any, client: Client, plan: RelapsePlan | None, plans: list[RelapsePlan]) -> HttpResponse:
    said = selectors.said(plan) if plan is not None else None
    context = {
        "clinic": request.clinic,
        "client": client,
        "plan": plan,
        "said": said,
        "triggers": [(one, said.helped(one)) for one in said.by_priority] if said else (),
        "first": [(label, said.first[code]) for code, label in rules.FIRST] if said else (),
        "supports": selectors.supports_of(said, client, timezone.now()) if said else (),
        "is_newest": plan is not None and plan.pk == plans[0].pk,
        "others": [one for one in plans if plan is None or one.pk != plan.pk],
        "may_write": permits(client, request.user, CHANGE)[0],
    }
    return TemplateResponse(request, "clients/relapse_plan.html", context)


def _find(request: Any, public_id: str) -> RelapsePlan:
    plan = find_permitted(
        RelapsePlan, request.user, VIEW, public_id=public_id, purpose="care", related=("client", "made_by")
    )
    plan.clinic = plan.client.clinic = request.clinic
    return plan


def relapse_plan_write(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Write a plan together with the person: a new revision, beginning with what the last one says."""
    client = find_person(request, public_id, CHANGE)
    key = f"relapse_plan:{client.public_id}"
    now = timezone.now()
    form = RelapsePlanForm(
        request.POST if request.method == "POST" else None, consents=selectors.to_call_under(client, now)
    )
    if request.method != "POST":
        form.initial.update(form.stored(selectors.newest(client)))
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    written = write_anew(
        request, form, key=key, stored=form.stored, refusals=(rules.Wrong,),
        act=lambda: relapse.write(
            client=client, seen=form.seen, parts=form.entered(), copy_given=form.cleaned_data["copy_given"],
            by=request.user, now=now,
        ),
    )  # fmt: skip
    if written:
        messages.success(request, _("The plan is saved."))
        return redirect("relapse_plan", clinic_slug, client.public_id)
    context = {
        "clinic": request.clinic,
        "client": client,
        "form": form,
        "draft": draft,
        "back_url": reverse("relapse_plan", args=[clinic_slug, client.public_id]),
    }
    return TemplateResponse(request, "clients/relapse_plan_form.html", context, status=422 if form.is_bound else 200)


@never_cache
def relapse_plan_print(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """
    Show a plan as the person's own copy: no name of theirs, no clinic, nothing that tells where it was written.

    It is theirs and goes into their hands, so it is no disclosure to anybody; the trail says that it was printed.
    A POST asks for its PDF.
    """
    plan = _find(request, public_id)
    if request.method == "POST":
        return ask_on_page(request, Printout.Kind.RELAPSE_PLAN, plan)
    relapse.printed(plan=plan, by=request.user)
    context = {**relapse_plan_page(plan), "printout": panel(request, Printout.Kind.RELAPSE_PLAN, plan)}
    return TemplateResponse(request, "clients/relapse_plan_print.html", context)

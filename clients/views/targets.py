"""What a person wants to change: writing it down, its page, putting it right, setting it aside."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clients.forms.targets import TargetEditForm, TargetForm
from clients.models import ChangeTarget, Client
from clients.models.people import person_of
from clients.selectors import motivation
from clients.selectors.exercises import about_goal
from clients.selectors.motivation import CHANGE, SEES_MANDATES
from clients.selectors.motivation import VIEW as VIEW_PLAN
from clients.selectors.people import VIEW, permits
from clients.services import targets
from clinics import drafts, repeat
from clinics.access import find_permitted
from clinics.versions import Stale, show_both


def target_create(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Write down what a person wants to change."""
    client = find_permitted(Client, request.user, CHANGE, view_perm=VIEW, public_id=public_id, purpose="care")
    client.clinic = request.clinic
    key = f"target_create:{client.public_id}"
    form = TargetForm(request.POST or None)
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    back_url = reverse("client_detail", args=[clinic_slug, client.public_id])
    if form.is_valid():
        try:
            repeat.once(
                user=request.user, key=form.cleaned_data[repeat.FIELD], route=key,
                body=repeat.form_body(request.POST),
                act=lambda: targets.add(client=client, terms=form.terms, by=request.user),
            )  # fmt: skip
        except repeat.OtherBody as error:
            form.add_error(None, str(error))
        except targets.NoGoal as error:
            form.add_error(error.field, str(error))
        else:
            drafts.settle(user=request.user, key=key)
            messages.success(request, _("The goal is saved."))
            return redirect(back_url)
    context = {"clinic": request.clinic, "client": client, "form": form, "draft": draft, "back_url": back_url}
    return TemplateResponse(request, "clients/target_form.html", context, status=422 if form.is_bound else 200)


def find_target(request: Any, public_id: str, right: str = VIEW_PLAN) -> ChangeTarget:
    """Return a goal on which one holds `right`, with its person, and record that it was opened."""
    target = find_permitted(
        ChangeTarget, request.user, right, view_perm=VIEW_PLAN, public_id=public_id, purpose="care",
        related=("client__merged_into",),
    )  # fmt: skip
    target.clinic = target.client.clinic = request.clinic
    return target


def target_detail(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Show a goal: the words, where the person stands with it and stood, and what that suggests."""
    target = find_target(request, public_id)
    may_change, sees_mandates = permits(target.client, request.user, CHANGE, SEES_MANDATES)
    context = {
        "clinic": request.clinic,
        "client": person_of(target),
        "target": target,
        "now": motivation.find_standing(target),
        "moved": motivation.moved(target),
        "exercises": about_goal(target),
        "may_change": may_change,
        "sees_mandates": sees_mandates,
    }
    return TemplateResponse(request, "clients/target_detail.html", context)


def target_edit(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Put right what a person wants to change."""
    target = find_target(request, public_id, CHANGE)
    key = f"target_edit:{target.public_id}"
    form = TargetEditForm(request.POST or None, initial=TargetEditForm.stored(target))
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    saved = False
    if form.is_valid():
        try:
            targets.change(
                target=target, version=form.cleaned_data["version"], terms=form.terms, by=request.user
            )  # fmt: skip
            saved = True
        except targets.NoGoal as error:
            form.add_error(error.field, str(error))
        except Stale as stale:
            saved = not show_both(form, TargetEditForm.stored(stale.current), stale.current.version)
    back_url = reverse("target_detail", args=[clinic_slug, target.public_id])
    if saved:
        drafts.settle(user=request.user, key=key)
        messages.success(request, _("The goal is saved."))
        return redirect(back_url)
    context = {
        "clinic": request.clinic, "client": person_of(target), "target": target, "form": form, "draft": draft,
        "back_url": back_url,
    }  # fmt: skip
    return TemplateResponse(request, "clients/target_form.html", context, status=422 if form.is_bound else 200)


@require_POST
def target_end(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Set a change target aside."""
    target = find_permitted(ChangeTarget, request.user, CHANGE, view_perm=VIEW_PLAN, public_id=public_id)
    targets.set_aside(target=target, by=request.user)
    messages.success(request, _("The goal is set aside. Its words stay in the record."))
    return redirect("client_detail", clinic_slug, target.client.public_id)


@require_POST
def target_take_up(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Take up a change target again that was set aside."""
    target = find_permitted(ChangeTarget, request.user, CHANGE, view_perm=VIEW_PLAN, public_id=public_id)
    targets.take_up(target=target, by=request.user)
    messages.success(request, _("The goal is taken up again, with its history."))
    return redirect("target_detail", clinic_slug, target.public_id)

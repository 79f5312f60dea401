"""Where a person stands with one goal: the stage, the rulers between sessions, and working otherwise than suggested."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.forms.targets import IntensityForm, RulersForm, StageForm
from clients.models import ChangeTarget
from clients.models.people import person_of
from clients.rules.motivation import Intensity
from clients.selectors import motivation as selectors
from clients.selectors.motivation import CHANGE, SEES_MANDATES
from clients.selectors.people import permits
from clients.services import targets
from clients.views.targets import find_target
from clinics import drafts, repeat

REFUSALS = (targets.SetAside, targets.NothingAsked, targets.WordsAlone, targets.AsSuggested)


def stage_rate(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Rate the stage of change of one goal."""
    target = find_target(request, public_id, CHANGE)
    form = StageForm(request.POST or None)

    def act() -> Any:
        data = form.cleaned_data
        return targets.rate_stage(
            target=target, stage=data["stage"], basis=data["basis"], by=request.user, now=timezone.now()
        )

    if _done(request, form, f"stage_rate:{target.public_id}", act):
        messages.success(request, _("The stage is saved."))
        return redirect("target_detail", clinic_slug, target.public_id)
    return _page(request, "clients/stage_form.html", target, form)


def rulers_take(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Ask the three rulers for one goal, between sessions."""
    target = find_target(request, public_id, CHANGE)
    key = f"rulers_take:{target.public_id}"
    form = RulersForm(request.POST or None, last=selectors.find_standing(target).rulers)
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)

    def act() -> Any:
        return targets.take_rulers(target=target, answers=form.answers(), by=request.user, now=timezone.now())[0]

    if _done(request, form, key, act):
        drafts.settle(user=request.user, key=key)
        messages.success(request, _("The rulers are saved."))
        return redirect("target_detail", clinic_slug, target.public_id)
    return _page(request, "clients/rulers_form.html", target, form, draft=draft)


def intensity_choose(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Say that one works otherwise than is suggested, and why."""
    target = find_target(request, public_id, CHANGE)
    now = selectors.find_standing(target)
    form = IntensityForm(request.POST or None, initial={"chosen": now.working.value})

    def act() -> Any:
        data = form.cleaned_data
        return targets.choose_intensity(
            target=target, suggested=now.suggested.intensity, working=now.working,
            chosen=Intensity(data["chosen"]), reason=data["reason"], by=request.user,
        )  # fmt: skip

    if _done(request, form, f"intensity_choose:{target.public_id}", act):
        messages.success(request, _("How you work with them is saved."))
        return redirect("target_detail", clinic_slug, target.public_id)
    sees_mandates = permits(target.client, request.user, SEES_MANDATES)[0]
    return _page(request, "clients/intensity_form.html", target, form, now=now, sees_mandates=sees_mandates)


def _done(request: Any, form: Any, route: str, act: Callable[[], Any]) -> bool:
    """Act once on a valid form; a refusal becomes an error of the form."""
    if not form.is_valid():
        return False
    try:
        repeat.once(
            user=request.user, key=form.cleaned_data[repeat.FIELD], route=route, body=repeat.form_body(request.POST),
            act=act,
        )  # fmt: skip
    except REFUSALS as error:
        form.add_error(error.field or None, str(error))
        return False
    except repeat.OtherBody as error:
        form.add_error(None, str(error))
        return False
    return True


def _page(request: Any, template: str, target: ChangeTarget, form: Any, **more: Any) -> HttpResponse:
    context = {
        "clinic": request.clinic,
        "client": person_of(target),
        "target": target,
        "form": form,
        "back_url": reverse("target_detail", args=[request.clinic.slug, target.public_id]),
        **more,
    }
    return TemplateResponse(request, template, context, status=422 if form.is_bound else 200)

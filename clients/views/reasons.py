"""Reasons for a change: writing one down, putting it right, noting that it was said again, letting it go."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clients.forms.strengths import ReasonEditForm, ReasonForm
from clients.models import ChangeReason, Client
from clients.models.people import person_of
from clients.selectors import strengths as selectors
from clients.selectors.motivation import CHANGE, VIEW
from clients.services import reasons
from clients.services.targets import SetAside
from clients.views.persons import find_person
from clinics import drafts, repeat
from clinics.access import find_permitted
from clinics.versions import Stale, show_both

ROOM = "client_motivation"


def reason_create(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Write down why somebody wants a change."""
    client = find_person(request, public_id, CHANGE)
    key = f"reason_create:{client.public_id}"
    form = ReasonForm(
        request.POST or None, targets=selectors.targets_to_name(client),
        initial={"source": "own", "is_own": True, "on_card": True},
    )  # fmt: skip
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    if form.is_valid():
        try:
            repeat.once(
                user=request.user, key=form.cleaned_data[repeat.FIELD], route=key,
                body=repeat.form_body(request.POST),
                act=lambda: reasons.add(client=client, terms=form.terms, by=request.user, now=timezone.now()),
            )  # fmt: skip
        except reasons.Refused as error:
            form.add_error(error.field, str(error))
        except (SetAside, repeat.OtherBody) as error:
            form.add_error(None, str(error))
        else:
            drafts.settle(user=request.user, key=key)
            messages.success(request, _("The reason is saved."))
            return redirect(ROOM, clinic_slug, client.public_id)
    return _page(request, client, form, draft, None)


def reason_edit(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Put a reason right."""
    reason = find_of_person(request, ChangeReason, public_id)
    client = person_of(reason)
    key = f"reason_edit:{reason.public_id}"
    form = ReasonEditForm(
        request.POST or None, targets=selectors.targets_to_name(client, reason.target),
        initial=ReasonEditForm.stored(reason),
    )  # fmt: skip
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    saved = False
    if form.is_valid():
        try:
            reasons.change(
                reason=reason, version=form.cleaned_data["version"], terms=form.terms, by=request.user,
                now=timezone.now(),
            )  # fmt: skip
            saved = True
        except (reasons.Refused, reasons.Ended) as error:
            form.add_error(error.field or None, str(error))
        except Stale as stale:
            saved = not show_both(form, ReasonEditForm.stored(stale.current), stale.current.version)
    if saved:
        drafts.settle(user=request.user, key=key)
        messages.success(request, _("The reason is saved."))
        return redirect(ROOM, clinic_slug, client.public_id)
    return _page(request, client, form, draft, reason)


@require_POST
def reason_again(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Note that they gave the same reason again today."""
    reason = find_of_person(request, ChangeReason, public_id)
    try:
        reasons.say_again(reason=reason, by=request.user, now=timezone.now())
        messages.success(request, _("Noted: they said it again today."))
    except reasons.Ended as error:
        messages.error(request, str(error))
    return redirect(ROOM, clinic_slug, person_of(reason).public_id)


@require_POST
def reason_end(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Let a reason go."""
    reason = find_of_person(request, ChangeReason, public_id)
    reasons.end(reason=reason, by=request.user, now=timezone.now())
    messages.success(request, _("The reason is let go. It stays in the record."))
    return redirect(ROOM, clinic_slug, person_of(reason).public_id)


def find_of_person(request: Any, model: Any, public_id: str) -> Any:
    """Return a reason or strength that one may change, with its person, and record that it was opened."""
    row = find_permitted(
        model, request.user, CHANGE, view_perm=VIEW, public_id=public_id, purpose="care",
        related=("client__merged_into", "target" if model is ChangeReason else "appointment"),
    )  # fmt: skip
    row.clinic = row.client.clinic = request.clinic
    return row


def _page(request: Any, client: Client, form: Any, draft: Any, reason: ChangeReason | None) -> HttpResponse:
    context = {
        "clinic": request.clinic,
        "client": client,
        "form": form,
        "draft": draft,
        "reason": reason,
        "back_url": reverse(ROOM, args=[request.clinic.slug, client.public_id]),
    }
    return TemplateResponse(request, "clients/reason_form.html", context, status=422 if form.is_bound else 200)

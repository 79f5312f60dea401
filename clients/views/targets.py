"""What a person wants to change."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clients.forms.people import ChangeTargetForm
from clients.models import ChangeTarget, Client
from clients.selectors.people import VIEW
from clients.services import people
from clinics import drafts, repeat
from clinics.access import find_permitted


def target_create(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Write down what a person wants to change."""
    client = find_permitted(
        Client, request.user, "clinics.change_plan", view_perm=VIEW, public_id=public_id, purpose="care"
    )
    client.clinic = request.clinic
    key = f"target_create:{client.public_id}"
    form = ChangeTargetForm(request.POST or None)
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    back_url = reverse("client_detail", args=[clinic_slug, client.public_id])
    if form.is_valid():
        try:
            repeat.once(
                user=request.user,
                key=form.cleaned_data[repeat.FIELD],
                route=f"target_create:{client.public_id}",
                body=repeat.form_body(request.POST),
                act=lambda: people.add_target(client=client, goal=form.cleaned_data["goal"], by=request.user),
            )
        except repeat.OtherBody as error:
            form.add_error(None, str(error))
        else:
            drafts.settle(user=request.user, key=key)
            messages.success(request, _("The goal is saved."))
            return redirect(back_url)
    context = {"clinic": request.clinic, "client": client, "form": form, "draft": draft, "back_url": back_url}
    return TemplateResponse(request, "clients/target_form.html", context, status=422 if form.is_bound else 200)


@require_POST
def target_end(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Set a change target aside."""
    target = find_permitted(
        ChangeTarget, request.user, "clinics.change_plan", view_perm="clinics.view_plan", public_id=public_id
    )
    people.end_target(target=target, by=request.user)
    messages.success(request, _("The goal is set aside. Its words stay in the record."))
    return redirect("client_detail", clinic_slug, target.client.public_id)

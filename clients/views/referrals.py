"""The clinic's list of organisations that refer people: who they are, how many they sent, adding and retiring one."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clients.forms.referrals import OrganisationEditForm, OrganisationForm
from clients.models import ReferralOrganisation
from clients.rules import phones
from clients.selectors import referrals as selectors
from clients.services import referrals as services
from clinics import drafts, repeat
from clinics.access import find_permitted, require
from clinics.versions import Stale, show_both

CHANGE = "clinics.change_inquiry"
CREATE = "organisation_create"


def organisation_list(request: Any, clinic_slug: str) -> HttpResponse:
    """List the organisations, those in use first, with how many people each sent in the last year."""
    require(request.user, CHANGE)
    rows = list(selectors.whole_list(timezone.now()))
    context = {
        "clinic": request.clinic,
        "in_use": [(row, _number(row)) for row in rows if row.is_active],
        "retired": [(row, _number(row)) for row in rows if not row.is_active],
    }
    return TemplateResponse(request, "clients/organisation_list.html", context)


def organisation_create(request: Any, clinic_slug: str) -> HttpResponse:
    """Put an organisation on the list."""
    require(request.user, CHANGE)
    user, clinic = request.user, request.clinic
    form = OrganisationForm(request.POST or None)
    draft = drafts.open_into(form, user=user, clinic=clinic, key=CREATE)

    def act() -> Any:
        return repeat.once(
            user=user, key=form.cleaned_data[repeat.FIELD], route=CREATE, body=repeat.form_body(request.POST),
            act=lambda: services.add_organisation(clinic=clinic, entry=form.entry(), by=user),
        )  # fmt: skip

    if form.is_valid() and _done(form, act):
        drafts.settle(user=user, key=CREATE)
        messages.success(request, _("%(name)s is on the list.") % {"name": form.cleaned_data["name"]})
        return redirect("organisation_list", clinic_slug)
    return _page(request, form, draft)


def organisation_edit(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Correct an organisation's entry."""
    row = _find(request, public_id)
    key = f"organisation_edit:{row.public_id}"
    form = OrganisationEditForm(request.POST or None, initial=OrganisationEditForm.stored(row))
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)

    def act() -> Any:
        version = form.cleaned_data["version"]
        try:
            services.change_organisation(organisation=row, version=version, entry=form.entry(), by=request.user)
        except Stale as stale:
            return not show_both(form, OrganisationEditForm.stored(stale.current), stale.current.version)
        return True

    if form.is_valid() and _done(form, act):
        drafts.settle(user=request.user, key=key)
        messages.success(request, _("The entry is saved."))
        return redirect("organisation_list", clinic_slug)
    return _page(request, form, draft, row)


@require_POST
def organisation_retire(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Take an organisation off the choice on every intake; what it sent before stays."""
    row = services.set_active(organisation=_find(request, public_id), active=False, by=request.user)
    messages.success(request, _("%(name)s is retired.") % {"name": row.name})
    return redirect("organisation_list", clinic_slug)


@require_POST
def organisation_return(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Offer a retired organisation again."""
    row = services.set_active(organisation=_find(request, public_id), active=True, by=request.user)
    messages.success(request, _("%(name)s is offered again.") % {"name": row.name})
    return redirect("organisation_list", clinic_slug)


def _number(row: ReferralOrganisation) -> str:
    """Return the organisation's number for the eye, empty without one."""
    return phones.shown(phones.Phone(row.phone, row.phone_extension)) if row.phone else ""


def _find(request: Any, public_id: str) -> ReferralOrganisation:
    require(request.user, CHANGE)
    return find_permitted(ReferralOrganisation, request.user, CHANGE, public_id=public_id)


def _done(form: OrganisationForm | OrganisationEditForm, act: Callable[[], Any]) -> bool:
    """Tell whether `act` went through; what it refused is said in the form."""
    try:
        return bool(act())
    except services.BadOrganisation as error:
        form.add_error(error.field, str(error))
    except repeat.OtherBody as error:
        form.add_error(None, str(error))
    return False


def _page(
    request: Any,
    form: OrganisationForm | OrganisationEditForm,
    draft: drafts.Slot,
    row: ReferralOrganisation | None = None,
) -> HttpResponse:
    context = {
        "clinic": request.clinic,
        "organisation": row,
        "form": form,
        "draft": draft,
        "back_url": reverse("organisation_list", args=[request.clinic.slug]),
    }
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "clients/organisation_form.html", context, status=status)

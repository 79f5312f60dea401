"""Who pays for a person's care: the page of it, and ways of paying written down, corrected, taken out."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.forms.payers import CoverageEditForm, CoverageForm
from clients.models import Client, Coverage
from clients.rules import payers as rules
from clients.rules.clock import civil_date
from clients.rules.duplicates import Identity
from clients.selectors import matching
from clients.selectors import payers as selectors
from clients.selectors.consents import CAPTURE
from clients.selectors.payers import ASK, CHANGE, VIEW
from clients.selectors.people import VIEW as VIEW_PERSON
from clients.selectors.people import permits
from clients.services import payers
from clients.views.persons import find_person
from clinics import audit, drafts, repeat
from clinics.access import find_permitted
from clinics.versions import Stale, VersionedForm, show_both


def find_row(request: Any, model: type[Any], public_id: str, right: str, *related: str) -> Any:
    """
    Return a cover, or what its payer authorized, where one holds `right` on its person; the look is in the trail.

    :raises Http404: not there, or the person is not visible
    :raises PermissionDenied: visible, but not allowed
    """
    row = find_permitted(
        model, request.user, VIEW_PERSON, public_id=public_id, related=("client__merged_into", *related)
    )
    if not all(permits(row.client, request.user, VIEW, right)):
        raise PermissionDenied(right)
    audit.viewed(row, purpose="care")
    row.clinic = row.client.clinic = request.clinic
    return row


def page_of(request: Any, client: Client) -> str:
    """Return the address of the page on which it stands who pays for a person's care."""
    return reverse("coverage_list", args=[request.clinic.slug, client.current.public_id])


def coverage_list(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Show who pays for a person's care, what each payer answered, and what it authorized."""
    client = find_person(request, public_id, VIEW)
    person = client.current
    if person.pk != client.pk:
        return redirect("coverage_list", clinic_slug, person.public_id)
    may_change, may_ask, may_capture = permits(client, request.user, CHANGE, ASK, CAPTURE)
    today = civil_date(timezone.now(), ZoneInfo(request.clinic.time_zone))
    rows = selectors.all_of(client)
    standing = [row for row in rows if row.removed_at is None]
    context = {
        "clinic": request.clinic,
        "client": client,
        "rows": selectors.shown_of(client, standing, today),
        "removed": [row for row in rows if row.removed_at is not None],
        "may_change": may_change,
        "may_add": may_change and len(standing) < rules.MOST,
        "may_ask": may_ask,
        "may_capture": may_capture,
    }
    return TemplateResponse(request, "clients/coverage_list.html", context)


def coverage_create(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Write down a way of paying."""
    client = find_person(request, public_id, VIEW, CHANGE, every=True).current
    key = f"coverage_create:{client.public_id}"
    form = CoverageForm(request.POST if request.method == "POST" else None)
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    if form.is_valid():
        try:
            repeat.once(
                user=request.user, key=form.cleaned_data[repeat.FIELD], route=key, body=repeat.form_body(request.POST),
                act=lambda: payers.add_coverage(
                    client=client, cover=form.cover(), by=request.user, now=timezone.now()
                ),
            )  # fmt: skip
        except payers.CannotBe as error:
            form.mend(error.problems)
        except repeat.OtherBody as error:
            form.add_error(None, str(error))
        else:
            drafts.settle(user=request.user, key=key)
            return _saved(request, client, form.cleaned_data["member_id"], _("It is written down."))
    return _form_page(request, client, form, draft, _("Who pays?"), _("Write it down"))


def coverage_edit(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Correct a way of paying."""
    row = find_row(request, Coverage, public_id, CHANGE)
    key = f"coverage_edit:{row.public_id}"
    form = CoverageEditForm(
        request.POST if request.method == "POST" else None, initial=CoverageEditForm.stored(row)
    )  # fmt: skip
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    if form.is_valid():
        saved = False
        try:
            payers.change_coverage(
                coverage=row, version=form.cleaned_data["version"], cover=form.cover(), by=request.user,
                now=timezone.now(),
            )  # fmt: skip
            saved = True
        except payers.CannotBe as error:
            form.mend(error.problems)
        except payers.Removed as error:
            form.add_error(None, str(error))
        except Stale as stale:
            saved = not show_both(form, CoverageEditForm.stored(_whole(stale, row)), stale.current.version)
        if saved:
            drafts.settle(user=request.user, key=key)
            return _saved(request, row.client, form.cleaned_data["member_id"], _("It is saved."))
    return _form_page(request, row.client, form, draft, _("Correct who pays"), _("Save"))


def coverage_remove(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Take out a way of paying; it stays kept."""
    row = find_row(request, Coverage, public_id, CHANGE)
    form = VersionedForm(request.POST if request.method == "POST" else None, initial={"version": row.version})
    back = page_of(request, row.client)
    if form.is_valid():
        try:
            payers.remove_coverage(
                coverage=row, version=form.cleaned_data["version"], by=request.user, now=timezone.now()
            )
        except (payers.Removed, Stale) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("It is taken out. It stands at the end of the page."))
            return redirect(back)
    context = {
        "clinic": request.clinic, "client": row.client.current, "row": row, "form": form, "back_url": back
    }  # fmt: skip
    return TemplateResponse(request, "clients/coverage_remove.html", context, status=422 if form.errors else 200)


def _whole(stale: Stale, row: Coverage) -> Any:
    """Return the row as stored, with the clinic that its text is opened with."""
    stale.current.clinic = row.clinic
    return stale.current


def _saved(request: Any, client: Client, member_id: str, words: str) -> HttpResponse:
    """Lead back, and say so where another record has the same member ID."""
    messages.success(request, words)
    index = matching.member_index(member_id)
    among = Client.objects.permitted(request.user, VIEW_PERSON)
    person = client.current
    if index and matching.matches(Identity(member_keys=frozenset({index})), among=among, besides=person):
        messages.warning(
            request,
            _("Another record has this member ID. Families often share one; if it is one person, see Duplicates."),
        )
    return redirect(page_of(request, client))


def _form_page(request: Any, client: Client, form: Any, draft: drafts.Slot, heading: str, primary: str) -> HttpResponse:
    context = {
        "clinic": request.clinic,
        "client": client.current,
        "form": form,
        "draft": draft,
        "heading": heading,
        "primary": primary,
        "back_url": page_of(request, client),
    }
    return TemplateResponse(request, "clients/coverage_form.html", context, status=422 if form.errors else 200)

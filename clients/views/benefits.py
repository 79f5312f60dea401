"""Asking a payer what it covers, and what it authorized."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.disclosure import Refused
from clients.forms.payers import AuthorisationEditForm, AuthorisationForm, BenefitCheckForm
from clients.models import Authorisation, Coverage
from clients.rules import payers as rules
from clients.rules.consent_terms import CATEGORY_LABELS, LABELS, Kind
from clients.rules.disclosure import SHORT_NOTICE
from clients.selectors import payers as selectors
from clients.selectors.accounting import dropped_in_words
from clients.selectors.consents import CAPTURE
from clients.selectors.payers import ASK, CHANGE
from clients.selectors.people import permits
from clients.services import authorisations, benefits, payers
from clients.views.payers import find_row, page_of
from clinics import drafts, repeat
from clinics.versions import Stale, show_both


def benefit_check(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """
    Ask a payer what it covers: what may be said stands above what it answered.

    Without a consent that covers the payer there is nothing to fill in, and the look is in the trail as a refusal.
    """
    row = find_row(request, Coverage, public_id, ASK)
    client, now = row.client.current, timezone.now()
    lacking = rules.why_not_asked(row.plan_type, row.payer, has_member_id=bool(row.member_index))
    if row.removed_at is not None:
        lacking = str(payers.Removed())
    may_capture, may_change = permits(client, request.user, CAPTURE, CHANGE)
    context: dict[str, Any] = {
        "clinic": request.clinic, "client": client, "row": row, "back_url": page_of(request, client),
        "lacking": lacking, "may_capture": may_capture, "may_change": may_change,
    }  # fmt: skip
    if lacking:
        return _ask_page(request, context, 409 if request.method == "POST" else 200)
    ground = benefits.ground_of(coverage=row, now=now)
    context |= _said(row, ground)
    if not ground.decision.allowed:
        benefits.record_refusal(coverage=row, ground=ground, by=request.user)
        return _ask_page(request, context, 409 if request.method == "POST" else 200)
    key = f"benefit_check:{row.public_id}"
    form = BenefitCheckForm(request.POST if request.method == "POST" else None)
    context |= {"form": form, "draft": drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)}
    if form.is_valid():
        try:
            repeat.once(
                user=request.user, key=form.cleaned_data[repeat.FIELD], route=key, body=repeat.form_body(request.POST),
                act=lambda: benefits.record_check(coverage=row, answer=form.answer(), by=request.user, now=now),
            )  # fmt: skip
        except payers.CannotBe as error:
            form.mend(error.problems)
        except (Refused, repeat.OtherBody, benefits.NotAsked, payers.Removed) as error:
            form.add_error(None, str(error))
        else:
            drafts.settle(user=request.user, key=key)
            messages.success(request, _("The answer is recorded, and that the payer was told is in the accounting."))
            return redirect(context["back_url"])
    return _ask_page(request, context, 422 if form.errors else 200)


def _said(row: Coverage, ground: benefits.Ground) -> dict[str, Any]:
    given = ground.decision.given
    return {
        "refused": ground.decision.refused,
        "ground": LABELS[Kind(ground.consent.kind)] if ground.consent is not None else "",
        "to_say": selectors.to_say(row, given),
        "given": [CATEGORY_LABELS[one] for one in given],
        "dropped": dropped_in_words(dict(ground.decision.dropped)),
        "notice": SHORT_NOTICE,
    }


def _ask_page(request: Any, context: dict[str, Any], status: int) -> HttpResponse:
    return TemplateResponse(request, "clients/coverage_ask.html", context, status=status)


def authorisation_create(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Write down what a payer authorized; it renews what the cover had before."""
    row = find_row(request, Coverage, public_id, CHANGE)
    key = f"authorisation_create:{row.public_id}"
    form = AuthorisationForm(request.POST if request.method == "POST" else None)
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    if form.is_valid():
        try:
            repeat.once(
                user=request.user, key=form.cleaned_data[repeat.FIELD], route=key, body=repeat.form_body(request.POST),
                act=lambda: authorisations.add_authorisation(
                    coverage=row, terms=form.terms(), by=request.user, now=timezone.now()
                ),
            )  # fmt: skip
        except payers.CannotBe as error:
            form.mend(error.problems)
        except (repeat.OtherBody, payers.Removed) as error:
            form.add_error(None, str(error))
        else:
            drafts.settle(user=request.user, key=key)
            messages.success(request, _("The authorization is written down."))
            return redirect(page_of(request, row.client))
    return _form_page(request, row, form, draft, _("What did they authorize?"))


def authorisation_edit(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Record units that were used, the next review, or a correction."""
    row = find_row(request, Authorisation, public_id, CHANGE, "coverage")
    row.coverage.clinic, row.coverage.client = request.clinic, row.client
    key = f"authorisation_edit:{row.public_id}"
    form = AuthorisationEditForm(
        request.POST if request.method == "POST" else None, initial=AuthorisationEditForm.stored(row)
    )
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    if form.is_valid():
        saved = False
        try:
            authorisations.change_authorisation(
                row=row, version=form.cleaned_data["version"], terms=form.terms(), by=request.user, now=timezone.now()
            )
            saved = True
        except payers.CannotBe as error:
            form.mend(error.problems)
        except Stale as stale:
            stale.current.clinic = request.clinic
            saved = not show_both(form, AuthorisationEditForm.stored(stale.current), stale.current.version)
        if saved:
            drafts.settle(user=request.user, key=key)
            messages.success(request, _("The authorization is saved."))
            return redirect(page_of(request, row.client))
    return _form_page(request, row.coverage, form, draft, _("Authorization"))


def _form_page(request: Any, row: Coverage, form: Any, draft: drafts.Slot, heading: str) -> HttpResponse:
    context = {
        "clinic": request.clinic,
        "client": row.client.current,
        "row": row,
        "form": form,
        "draft": draft,
        "heading": heading,
        "back_url": page_of(request, row.client),
    }
    return TemplateResponse(
        request, "clients/coverage_authorisation.html", context, status=422 if form.errors else 200
    )  # fmt: skip

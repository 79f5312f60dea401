"""What somebody else wants of a person in care, what the person makes of it, and the reports on it."""

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
from django.views.decorators.http import require_POST

from clients.disclosure import RIGHT as DISCLOSE
from clients.disclosure import Refused
from clients.forms.mandates import MandateEditForm, MandateReportForm, NewMandateForm
from clients.models import Client, Mandate, MandateReport
from clients.models.people import person_of
from clients.rules import mandates as rules
from clients.rules.clock import civil_date
from clients.rules.consent_terms import Category
from clients.selectors import mandates as selectors
from clients.selectors.consents import CAPTURE
from clients.selectors.mandates import CHANGE, VIEW
from clients.selectors.people import VIEW as VIEW_PERSON
from clients.selectors.people import permits
from clients.services import mandates
from clients.views.disclosures import sent_once
from clients.views.persons import find_person
from clinics import drafts, repeat
from clinics.access import find_permitted
from clinics.models import Job
from clinics.sign_in_again import reauthentication_required
from clinics.versions import Stale, VersionedForm, show_both


def mandate_list(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Show a person's mandates: what each body wants beside what the person makes of it, and the reports."""
    user = request.user
    client = find_permitted(Client, user, VIEW_PERSON, public_id=public_id, purpose="care")
    client.clinic = request.clinic
    may_see, may_change, may_report = permits(client, user, VIEW, CHANGE, DISCLOSE)
    if not may_see:
        raise PermissionDenied(VIEW)
    rows = selectors.of_person(client, timezone.now())
    context = {
        "clinic": request.clinic,
        "client": client,
        "rows": rows,
        "asked": selectors.asked_of(client, user),
        "prompts": _prompts(rows),
        "may_change": may_change,
        "may_report": may_report,
    }
    return TemplateResponse(request, "clients/mandate_list.html", context)


def _prompts(rows: list[selectors.ShownMandate]) -> tuple[str, ...]:
    """Return what helps in the conversation about the mandates that stand; nothing where none does."""
    standing = [row for row in rows if row.mandate.ended_at is None]
    if not standing:
        return ()
    return rules.PROMPTS if any(row.is_legal for row in standing) else rules.FAMILY_PROMPTS


def mandate_create(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Write down a mandate: first who asks for it, then what that kind has."""
    client = find_person(request, public_id, CHANGE)
    back = reverse("mandate_list", args=[clinic_slug, client.public_id])
    context: dict[str, Any] = {"clinic": request.clinic, "client": client, "back_url": back}
    kind = next((code for code, _label in rules.KINDS if code == request.GET.get("kind")), None)
    if kind is None:
        kinds = {
            **context,
            "legal": rules.LEGAL,
            "family": rules.FAMILY,
            "family_label": dict(rules.KINDS)[rules.FAMILY],
        }
        return TemplateResponse(request, "clients/mandate_kinds.html", kinds)
    now, key = timezone.now(), f"mandate_{kind}:{client.public_id}"
    form = NewMandateForm(
        request.POST if request.method == "POST" else None, kind=kind, is_new=True,
        consents=selectors.usable_consents(client, kind, now),
    )  # fmt: skip
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    if form.is_valid():
        try:
            repeat.once(
                user=request.user, key=form.cleaned_data[repeat.FIELD], route=key, body=repeat.form_body(request.POST),
                act=lambda: mandates.add(client=client, terms=form.terms(), by=request.user, now=now),
            )  # fmt: skip
        except rules.Wrong as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        except repeat.OtherBody as error:
            form.add_error(None, str(error))
        else:
            drafts.settle(user=request.user, key=key)
            messages.success(request, _("It is written down."))
            return redirect(back)
    context |= {"form": form, "draft": draft, "label": dict(rules.KINDS)[kind], "why": _why_fewer(kind)}
    return TemplateResponse(request, "clients/mandate_form.html", context, status=422 if form.is_bound else 200)


def _why_fewer(kind: str) -> str:
    return "" if rules.is_legal(kind) else rules.NOT_LEGAL


def mandate_edit(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Correct a mandate that stands, with the consent that its reports rest on."""
    mandate = _find(request, public_id, CHANGE)
    client, now = person_of(mandate), timezone.now()
    back = reverse("mandate_list", args=[clinic_slug, client.public_id])
    key = f"mandate_edit:{mandate.public_id}"
    kind = mandate.kind
    if rules.is_legal(kind) and request.POST.get("kind") in dict(rules.LEGAL):
        kind = request.POST["kind"]
    consents = selectors.usable_consents(client, kind, now)
    if mandate.consent is not None and mandate.consent.pk not in {one.pk for one in consents}:
        # The one that stands there stays until somebody chooses another, also when it has ended.
        consents.append(mandate.consent)
    form = MandateEditForm(
        request.POST if request.method == "POST" else None, kind=kind, consents=consents, is_new=False,
        initial=MandateEditForm.stored(mandate),
    )  # fmt: skip
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    saved = False
    if form.is_valid():
        version = form.cleaned_data["version"]
        try:
            mandates.change(mandate=mandate, version=version, terms=form.terms(), by=request.user, now=now)
            saved = True
        except rules.Wrong as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        except mandates.Ended as error:
            form.add_error(None, str(error))
        except Stale as stale:
            saved = not show_both(form, MandateEditForm.stored(stale.current), stale.current.version)
    if saved:
        drafts.settle(user=request.user, key=key)
        messages.success(request, _("The mandate is saved."))
        return redirect(back)
    context = {
        "clinic": request.clinic,
        "client": client,
        "mandate": mandate,
        "form": form,
        "draft": draft,
        "label": mandate.get_kind_display(),
        "why": _why_fewer(mandate.kind),
        "back_url": back,
    }
    return TemplateResponse(request, "clients/mandate_form.html", context, status=422 if form.is_bound else 200)


@require_POST
def mandate_end(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """End a mandate: nothing more is owed on it."""
    mandate = _find(request, public_id, CHANGE)
    form = VersionedForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["version"][0]))
    else:
        try:
            mandates.end(mandate=mandate, version=form.cleaned_data["version"], by=request.user, now=timezone.now())
        except (Stale, mandates.Ended) as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The mandate has ended. Nothing more is reported on it."))
    return redirect("mandate_list", clinic_slug, person_of(mandate).public_id)


def _find(request: Any, public_id: str, right: str, purpose: str = "care") -> Mandate:
    mandate = find_permitted(
        Mandate, request.user, right, view_perm=VIEW, public_id=public_id, purpose=purpose,
        related=("client__merged_into", "consent__client"),
    )  # fmt: skip
    mandate.clinic = mandate.client.clinic = request.clinic
    if mandate.consent is not None:
        mandate.consent.clinic = mandate.consent.client.clinic = request.clinic
    return mandate


# --- the report -----------------------------------------------------------------------------------------------------


@reauthentication_required
def mandate_report(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Report on a mandate: say the period and two answers, see what will go, then let it out."""
    mandate = _find(request, public_id, DISCLOSE, purpose="disclosure")
    client, now = person_of(mandate), timezone.now()
    context: dict[str, Any] = {
        "clinic": request.clinic,
        "client": client,
        "mandate": mandate,
        "back_url": reverse("mandate_list", args=[clinic_slug, client.public_id]),
    }
    if why := selectors.why_not(mandate, now):
        return _refused(request, mandate, why, context)
    from_on, until_on = selectors.next_period(mandate, now)
    key = f"mandate_report:{mandate.public_id}"
    form = MandateReportForm(
        request.POST if request.method == "POST" else None, recipients=selectors.recipients_of(mandate),
        initial={"from_on": from_on, "until_on": until_on},
    )  # fmt: skip
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    context |= {"form": form, "draft": draft}
    if form.is_valid() and "back" not in request.POST:
        telling = form.telling()
        try:
            rules.require_period(telling.from_on, telling.until_on, civil_date(now, ZoneInfo(request.clinic.time_zone)))
        except rules.Wrong as error:
            form.add_error(error.field, str(error))
        else:
            if why := mandates.refusal(mandate=mandate, recipient=telling.recipient, now=now):
                return _refused(request, mandate, why, context)
            found = mandates.preview(mandate=mandate, telling=telling)
            seen = f"{found.kept},{found.missed}"
            if "send" in request.POST and form.cleaned_data["seen"] == seen:
                return _send(request, mandate, form, key, context)
            return _review(request, mandate, form, found, {**context, "seen": seen, "telling": telling})
    status = 422 if form.errors else 200
    return TemplateResponse(request, "clients/mandate_report.html", context, status=status)


def _refused(request: Any, mandate: Mandate, why: str, context: dict[str, Any]) -> HttpResponse:
    """Say why nothing goes out and what to do, and record that it was asked for."""
    mandates.record_refusal(mandate=mandate, why=why, by=request.user)
    may_capture, may_change = permits(context["client"], request.user, CAPTURE, CHANGE)
    page = {**context, "form": None, "why": why, "may_capture": may_capture, "may_change": may_change}
    status = 422 if request.method == "POST" else 200
    return TemplateResponse(request, "clients/mandate_report_refused.html", page, status=status)


def _review(
    request: Any, mandate: Mandate, form: MandateReportForm, found: rules.Report, context: dict[str, Any]
) -> HttpResponse:
    """Show the report word for word, before anything goes out."""
    decision = mandates.weigh(mandate=mandate, recipient=context["telling"].recipient, now=timezone.now())
    posted = [(name, value) for name in form.fields if name != "seen" for value in request.POST.getlist(name)]
    review = {
        "lines": selectors.lines_of(found).items(),
        "named": Category.IDENTITY in decision.given,
        "posted": posted,
        "changed": "send" in request.POST,
    }
    return TemplateResponse(request, "clients/mandate_report_review.html", {**context, **review})


def _send(request: Any, mandate: Mandate, form: MandateReportForm, key: str, context: dict[str, Any]) -> HttpResponse:
    def act() -> tuple[MandateReport, Job]:
        return mandates.report(mandate=mandate, telling=form.telling(), by=request.user, now=timezone.now())

    try:
        outcome = sent_once(request, form, key, act)
    except (Refused, mandates.NoReport) as error:
        return _refused(request, mandate, str(error), context)
    except repeat.OtherBody as error:
        form.add_error(None, str(error))
        return TemplateResponse(request, "clients/mandate_report.html", context, status=422)
    messages.success(request, _("The report is in the accounting. The package is being put together."))
    made = MandateReport.objects.select_related("disclosure").get(public_id=outcome.object_id)
    return redirect("disclosure_detail", request.clinic.slug, made.disclosure.public_id)

"""The decision, the admission with everything it needs on one page, and taking it back."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clients.forms.admission import AdmissionForm, DecisionForm, NoticeForm, UndoAdmissionForm
from clients.models import Admission, Inquiry
from clients.rules import admission as rules
from clients.rules.admission import Guard
from clients.rules.clock import NoSuchTime, civil_date
from clients.rules.consent_terms import Kind
from clients.rules.dates import ImpossibleDate
from clients.rules.payers import in_record
from clients.rules.transitions import UNDO_WITHIN, IllegalMove, Status, UndoRefused
from clients.selectors import admission as selectors
from clients.selectors import assessments as assessment_selectors
from clients.selectors import payers
from clients.selectors.people import permits
from clients.services import admission, consents
from clients.services.caseload import NotATherapist
from clients.services.free_times import TimeTaken
from clients.views.appointments import skipped
from clients.views.assessments import SEE, inquiry_of_person
from clinics import drafts, repeat
from clinics.access import find_permitted

ACCEPT, ADMIT, UNDO = "clinics.accept_inquiry", "clinics.admit_client", "clinics.undo_admission"
READ = "clinics.view_assessment"


def decision_create(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Decide on somebody who was assessed. The decision is final."""
    inquiry = inquiry_of_person(request, public_id, ACCEPT)
    key = f"decision_create:{inquiry.public_id}"
    signed = selectors.last_signed(inquiry)
    initial: dict[str, Any] = {"level_of_care": signed.level_of_care} if signed is not None else {}
    if inquiry.program is not None:
        initial["program"] = inquiry.program.public_id
    form = DecisionForm(request.POST or None, initial=initial)
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    refused, status = "", 422 if form.is_bound else 200
    if form.is_valid():
        data = dict(form.cleaned_data)
        try:
            repeat.once(
                user=request.user, key=data.pop(repeat.FIELD), route=key, body=repeat.form_body(request.POST),
                act=lambda: admission.decide(inquiry=inquiry, by=request.user, now=timezone.now(), **data),
            )  # fmt: skip
        except (admission.NoReason, admission.NoLevel) as error:
            form.add_error(error.field, str(error))
        except repeat.OtherBody as error:
            form.add_error(None, str(error))
        except IllegalMove as error:
            refused, status = str(error), 409
        else:
            drafts.settle(user=request.user, key=key)
            messages.success(request, _("The decision is saved."))
            return redirect("inquiry_detail", clinic_slug, inquiry.public_id)
    may_read = signed is not None and permits(signed.client, request.user, READ)[0]
    context = {
        "clinic": request.clinic,
        "inquiry": inquiry,
        "assessment": signed,
        "shown": assessment_selectors.shown(signed) if signed is not None and may_read else None,
        "form": form,
        "draft": draft,
        "refused": refused,
    }
    return TemplateResponse(request, "clients/decision_form.html", context, status=status)


def admission_create(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Admit an accepted person: what is done, what is missing, and what is chosen now, on one page."""
    inquiry = _to_admit(request, public_id)
    papers = selectors.papers_of(inquiry)
    key = f"admission_create:{inquiry.public_id}"
    form = _form(request, inquiry, papers)
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    refused, status = "", 422 if form.is_bound else 200
    if form.is_valid():
        data = dict(form.cleaned_data)
        once = data.pop(repeat.FIELD)
        try:
            repeat.once(
                user=request.user, key=once, route=key, body=repeat.form_body(request.POST),
                act=lambda: admission.admit(
                    inquiry=inquiry, plan=admission.Plan(**data), by=request.user, now=timezone.now()
                ),
            )  # fmt: skip
        except (NotATherapist, ImpossibleDate) as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        except TimeTaken as error:
            form.refuse_taken(error)
        except NoSuchTime:
            form.add_error("start_time", skipped(data["start_on"], data["start_time"]))
        except admission.RecordIncomplete as error:
            for problem in error.problems:
                form.add_error(problem.key, problem.sentence)
        except repeat.OtherBody as error:
            form.add_error(None, str(error))
        except IllegalMove as error:
            refused, status = str(error), 409
        else:
            drafts.settle(user=request.user, key=key)
            messages.success(request, _("%(reference)s is admitted.") % {"reference": inquiry.client.reference})
            return redirect("client_detail", clinic_slug, inquiry.client.public_id)
    context = {
        "clinic": request.clinic,
        "inquiry": inquiry,
        "form": form,
        "draft": draft,
        "refused": refused,
        **_ready(request, inquiry, form, papers),
    }
    return TemplateResponse(request, "clients/admission_form.html", context, status=status)


@require_POST
def admission_ready(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Return the list of what is done and missing for what stands in the form now, as a part of the page."""
    inquiry = _to_admit(request, public_id)
    papers = selectors.papers_of(inquiry)
    ready = _ready(request, inquiry, _form(request, inquiry, papers), papers)
    context = {"clinic": request.clinic, "inquiry": inquiry, **ready}
    return TemplateResponse(request, "clients/admission_ready.html", context)


@require_POST
def notice_create(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Record that the notice about confidentiality was given to the person of an inquiry."""
    inquiry = _to_admit(request, public_id)
    form = NoticeForm(request.POST)
    if form.is_valid():
        try:
            repeat.once(
                user=request.user, key=form.cleaned_data[repeat.FIELD], route=f"notice_create:{inquiry.public_id}",
                body=repeat.form_body(request.POST),
                act=lambda: consents.give_notice(
                    client=inquiry.client, answer=form.cleaned_data["answer"], by=request.user
                ),
            )  # fmt: skip
        except repeat.OtherBody as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The notice is recorded as given."))
        return redirect("admission_create", clinic_slug, inquiry.public_id)
    papers = selectors.papers_of(inquiry)
    admit_form = _form(request, inquiry, papers, posted=False)
    key = f"admission_create:{inquiry.public_id}"
    context = {
        "clinic": request.clinic,
        "inquiry": inquiry,
        "form": admit_form,
        "draft": drafts.open_into(admit_form, user=request.user, clinic=request.clinic, key=key),
        **_ready(request, inquiry, admit_form, papers),
        "notice_form": form,
    }
    return TemplateResponse(request, "clients/admission_form.html", context, status=422)


def admission_undo(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Take an admission back, within a day and before any service."""
    found = find_permitted(
        Admission, request.user, UNDO, view_perm=SEE, related=("client", "inquiry", "episode__program"),
        public_id=public_id, purpose="care",
    )  # fmt: skip
    found.clinic = request.clinic
    form = UndoAdmissionForm(request.POST or None)
    refused, status = "", 422 if form.is_bound else 200
    if form.is_valid():
        try:
            inquiry = admission.undo(
                admission=found, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now()
            )
        except UndoRefused as error:
            refused, status = str(error), 409
        else:
            messages.success(request, _("The admission is taken back. The inquiry is accepted again."))
            return redirect("inquiry_detail", clinic_slug, inquiry.public_id)
    context = {
        "clinic": request.clinic,
        "admission": found,
        "until": found.admitted_at + UNDO_WITHIN,
        "form": form,
        "refused": refused,
    }
    return TemplateResponse(request, "clients/admission_undo.html", context, status=status)


def _to_admit(request: Any, public_id: str) -> Any:
    inquiry = inquiry_of_person(request, public_id, ADMIT)
    inquiry.client.clinic = request.clinic
    return inquiry


def _form(request: Any, inquiry: Inquiry, papers: selectors.Papers, *, posted: bool = True) -> AdmissionForm:
    signed, decision = papers.signed, papers.decision
    initial = AdmissionForm.suggested(signed, decision, inquiry) if signed is not None and decision is not None else {}
    paid_by = payers.first_of(inquiry.client) if inquiry.client is not None else None
    if paid_by is not None:
        initial = {**in_record(paid_by.plan_type, paid_by.payment), **initial}
    today = civil_date(timezone.now(), ZoneInfo(request.clinic.time_zone))
    return AdmissionForm(
        (request.POST if posted else None) or None, clinic=request.clinic, age=admission.age_of(inquiry.client, today),
        initial=dict(initial),
    )  # fmt: skip


def _ready(request: Any, inquiry: Any, form: AdmissionForm, papers: selectors.Papers) -> dict[str, Any]:
    """Return the list of guards, each with where it is mended."""
    slug, here = request.clinic.slug, Status(inquiry.status)
    facts = selectors.facts(inquiry, timezone.now(), form.chosen(), papers)
    items = rules.checklist(facts)
    of_inquiry = reverse("inquiry_detail", args=[slug, inquiry.public_id])
    person = inquiry.client.public_id
    mends = {
        Guard.SAFETY: of_inquiry,
        Guard.PERSON: of_inquiry,
        Guard.ASSESSMENT: of_inquiry,
        Guard.DECISION: of_inquiry,
        Guard.NOTICE: "#notice",
        Guard.CONSENT: f"{reverse('consent_create', args=[slug, person])}?kind={Kind.TREATMENT}",
        Guard.IDENTITY: "#identity",
        Guard.DUPLICATES: _compare(slug, inquiry.client, papers) or reverse("client_detail", args=[slug, person]),
        Guard.PROGRAM: "#care",
        Guard.THERAPIST: "#care",
        Guard.APPOINTMENT: "#care",
        Guard.TEDS: "#record",
    }
    missing = [item for item in items if not item.holds]
    return {
        "items": [(item, mends[item.guard]) for item in items],
        "left": len(missing),
        "warnings": rules.warnings(facts),
        "notice_missing": any(item.guard is Guard.NOTICE for item in missing),
        "notice_form": NoticeForm(),
        "is_accepted": here is Status.ACCEPTED,
    }


def _compare(slug: str, client: Any, papers: selectors.Papers) -> str:
    """Return where the likeliest other record is looked at beside this one; empty without one."""
    if not papers.matches:
        return ""
    return reverse("client_compare", args=[slug, client.public_id, papers.matches[0].client.public_id])

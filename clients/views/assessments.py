"""The assessment before admission: booking it, writing it, signing it, reading it."""

from contextlib import suppress
from datetime import date, time
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clients.forms.assessments import AssessmentForm, BookAssessmentForm, SignAssessmentForm
from clients.models import Assessment, Inquiry
from clients.rules import assessment as rules
from clients.rules.clock import NoSuchTime
from clients.rules.dates import ImpossibleDate
from clients.rules.transitions import IllegalMove
from clients.selectors import assessments as selectors
from clients.selectors.people import permits
from clients.services import assessments
from clients.services.caseload import NotATherapist
from clients.services.free_times import TimeTaken
from clients.views.appointments import skipped
from clinics import drafts, repeat
from clinics.access import find_permitted
from clinics.sign_in_again import reauthentication_required
from clinics.versions import Stale, show_both

CHANGE, SEE = "clinics.change_inquiry", "clinics.view_inquiry"
WRITE, VIEW = "clinics.write_assessment", "clinics.view_assessment"
REFUSALS = (NotATherapist, ImpossibleDate, assessments.NoPerson, assessments.AlreadyBooked)


def inquiry_of_person(request: Any, public_id: str, perm: str) -> Inquiry:
    """
    Return an inquiry on whose person one holds a right; that somebody else handed one a concern is not enough.

    :raises Http404: not there, or not visible
    :raises PermissionDenied: visible, but not allowed
    """
    inquiry = find_permitted(
        Inquiry, request.user, SEE, related=("client", "program"), public_id=public_id, purpose="care"
    )
    inquiry.clinic = request.clinic
    if inquiry.client is None or not permits(inquiry.client, request.user, perm)[0]:
        raise PermissionDenied(perm)
    return inquiry


def assessment_book(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Book the assessment of an inquiry; the calendar leads here with day, time and therapist."""
    inquiry = find_permitted(
        Inquiry, request.user, CHANGE, view_perm=SEE, related=("client",), public_id=public_id, purpose="care"
    )
    inquiry.clinic = request.clinic
    key = f"assessment_book:{inquiry.public_id}"
    form = BookAssessmentForm(request.POST or None, clinic=request.clinic, initial=_asked_for(request.GET))
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    form.initial.update(_asked_for(request.GET))
    refused, status = "", 422 if form.is_bound else 200
    if form.is_valid():
        data = dict(form.cleaned_data)
        try:
            repeat.once(
                user=request.user, key=data.pop(repeat.FIELD), route=key, body=repeat.form_body(request.POST),
                act=lambda: assessments.book_assessment(
                    inquiry=inquiry, by=request.user, now=timezone.now(), **data
                ),
            )  # fmt: skip
        except REFUSALS as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        except TimeTaken as error:
            form.refuse_taken(error)
        except NoSuchTime:
            form.add_error("start_time", skipped(data["start_on"], data["start_time"]))
        except repeat.OtherBody as error:
            form.add_error(None, str(error))
        except IllegalMove as error:
            refused, status = str(error), 409
        else:
            drafts.settle(user=request.user, key=key)
            messages.success(request, _("The assessment is booked."))
            return redirect("inquiry_detail", clinic_slug, inquiry.public_id)
    context = {"clinic": request.clinic, "inquiry": inquiry, "form": form, "draft": draft, "refused": refused}
    return TemplateResponse(request, "clients/assessment_book.html", context, status=status)


def _asked_for(query: Any) -> dict[str, Any]:
    """Return day, time and therapist as the calendar's slots name them; what is no day or time is left out."""
    found: dict[str, Any] = {}
    with suppress(ValueError):
        found["start_on"] = date.fromisoformat(query.get("on", ""))
    with suppress(ValueError):
        found["start_time"] = time.fromisoformat(query.get("time", ""))
    if query.get("therapist"):
        found["therapist"] = query["therapist"][:36]
    return found


@require_POST
def assessment_begin(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Open the draft of an assessment, or begin one. Twice leads to the same."""
    inquiry = inquiry_of_person(request, public_id, WRITE)
    try:
        draft = assessments.open_assessment(inquiry=inquiry, by=request.user)
    except IllegalMove as error:
        messages.error(request, str(error))
        return redirect("inquiry_detail", clinic_slug, inquiry.public_id)
    return redirect("assessment_edit", clinic_slug, draft.public_id)


def assessment_edit(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Write an assessment; what is written so far is kept, and the page says what a signature still needs."""
    assessment = _find(request, public_id, WRITE)
    if assessment.state == Assessment.State.SIGNED:
        return redirect("assessment_detail", clinic_slug, assessment.public_id)
    key = f"assessment_edit:{assessment.public_id}"
    form = AssessmentForm(request.POST or None, initial=AssessmentForm.stored(assessment))
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    saved = False
    if form.is_valid():
        try:
            assessments.save_assessment(
                assessment=assessment, version=form.cleaned_data["version"], content=form.content(), by=request.user
            )
            saved = True
        except assessments.AlreadySigned as error:
            messages.info(request, str(error))
            return redirect("assessment_detail", clinic_slug, assessment.public_id)
        except Stale as stale:
            saved = not show_both(form, AssessmentForm.stored(stale.current), stale.current.version)
    if saved:
        drafts.settle(user=request.user, key=key)
        if "sign" in request.POST:
            return redirect("assessment_sign", clinic_slug, assessment.public_id)
        messages.success(request, _("The assessment is saved."))
        return redirect("assessment_edit", clinic_slug, assessment.public_id)
    context = {
        "clinic": request.clinic,
        "assessment": assessment,
        "form": form,
        "draft": draft,
        "gaps": _links(form, rules.gaps(selectors.content_of(assessment))),
        "back_url": reverse("inquiry_detail", args=[clinic_slug, assessment.inquiry.public_id]),
    }
    return TemplateResponse(request, "clients/assessment_edit.html", context, status=422 if form.is_bound else 200)


def _links(form: AssessmentForm, gaps: tuple[rules.Gap, ...]) -> list[tuple[str, str]]:
    """Return where each gap is closed, and its sentence."""
    return [(form[gap.field].id_for_label or form[gap.field].auto_id or "", gap.sentence) for gap in gaps]


@reauthentication_required
def assessment_sign(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Ask once, then sign: the assessment is final from here."""
    assessment = _find(request, public_id, WRITE)
    if assessment.state == Assessment.State.SIGNED:
        messages.info(request, _("The assessment is signed."))
        return redirect("assessment_detail", clinic_slug, assessment.public_id)
    form = SignAssessmentForm(request.POST or None, initial={"version": assessment.version})
    gaps = rules.gaps(selectors.content_of(assessment))
    author = assessment.assessor_id == request.user.pk
    if form.is_valid():
        try:
            signed = assessments.sign_assessment(
                assessment=assessment, version=form.cleaned_data["version"], by=request.user, now=timezone.now()
            )
        except assessments.NotWhole as error:
            form.add_error(None, str(error))
        except assessments.AlreadySigned as error:
            messages.info(request, str(error))
            return redirect("assessment_detail", clinic_slug, assessment.public_id)
        except Stale:
            assessment.refresh_from_db()
            form = SignAssessmentForm({"version": assessment.version})
            form.add_error(None, _("The assessment changed after you opened this page. Read it again, then sign."))
        else:
            messages.success(request, _("The assessment is signed."))
            return redirect("inquiry_detail", clinic_slug, signed.inquiry.public_id)
    context = {
        "clinic": request.clinic,
        "assessment": assessment,
        "shown": selectors.shown(assessment),
        "form": form,
        "gaps": gaps,
        "may_sign": author and not gaps,
        "author": author,
    }
    return TemplateResponse(request, "clients/assessment_sign.html", context, status=422 if form.errors else 200)


def assessment_detail(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Show an assessment to the clinicians who work with the person."""
    assessment = _find(request, public_id, VIEW)
    context = {
        "clinic": request.clinic,
        "assessment": assessment,
        "shown": selectors.shown(assessment),
        "stands": assessments.stands(assessment),
        "may_write": assessment.state == Assessment.State.DRAFT and permits(assessment.client, request.user, WRITE)[0],
    }
    return TemplateResponse(request, "clients/assessment_detail.html", context)


def _find(request: Any, public_id: str, perm: str) -> Assessment:
    assessment = find_permitted(
        Assessment, request.user, perm, view_perm=VIEW, related=("inquiry", "client", "assessor"), public_id=public_id,
        purpose="care",
    )  # fmt: skip
    assessment.clinic = assessment.client.clinic = assessment.inquiry.clinic = request.clinic
    return assessment

"""Safety concerns: those that are open, handing one to a clinician, and what the clinician found."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.forms.inquiries import ConcernReviewForm, HandOverForm
from clients.models import Inquiry, MeasureResponse, SafetyConcern
from clients.rules.safety import OFFER_NALOXONE, OFFER_SCREEN, SCREEN, Level
from clients.selectors import inquiry as selectors
from clients.selectors import people
from clients.selectors import safety_plans as plans
from clients.selectors.beside import beside
from clients.selectors.measures import ADD, ANSWERS, in_use
from clients.selectors.roster import on_call
from clients.services import safety
from clinics import audit, drafts, paging, repeat
from clinics.access import find_permitted, require

VIEW, RESOLVE = "clinics.view_safety", "clinics.resolve_safety"
HAND_OVER = (RESOLVE, "clinics.change_inquiry")


def safety_list(request: Any, clinic_slug: str) -> HttpResponse:
    """List the open concerns that one may see, the one due first at the top."""
    user = request.user
    require(user, VIEW)
    page = paging.page_or_404(request, selectors.open_concerns(user), ("due_at", "id"))
    clients = {one.client_id for one in page.rows if one.client_id}
    audit.listed(
        "safetyconcern", sorted(clients), purpose="care", detail={"concerns": [str(one.public_id) for one in page.rows]}
    )
    shown = [one.inquiry_id for one in page.rows if one.inquiry_id]
    resolves = SafetyConcern.objects.permitted(user, RESOLVE).filter(pk__in=[one.pk for one in page.rows])
    before_url, after_url = page.urls(request)
    context = {
        "clinic": request.clinic,
        "rows": [(one, selectors.sentence_of(one, one.inquiry)) for one in page.rows],
        "now": timezone.now(),
        "may_review": set(resolves.values_list("pk", flat=True)),
        "opens": set(_readable(user).filter(pk__in=shown).values_list("pk", flat=True)),
        "before_url": before_url,
        "after_url": after_url,
    }
    return TemplateResponse(request, "clients/safety_list.html", context)


def concern_hand_over(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Hand a concern to a clinician, who then sees what it is about; the call's other concerns go along."""
    concern = _find(request, public_id, *HAND_OVER)
    found = on_call(request.clinic.pk)
    form = HandOverForm(
        request.POST if request.method == "POST" else None, clinic=request.clinic,
        initial={"to": str(found.people[0].public_id)} if found.rostered else {},
    )  # fmt: skip
    if form.is_valid():
        to = form.cleaned_data["to"]
        try:
            safety.hand_over_call(concern=concern, to=to, by=request.user)
        except safety.NotAClinician as error:
            form.add_error("to", str(error))
        except safety.AlreadyReviewed as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Handed over to %(name)s.") % {"name": to.name})
            return redirect(_back(request, concern))
    context = {**_about(request, concern), "form": form, "others": len(safety.others_of(concern)), "on_call": found}
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "clients/concern_hand_over.html", context, status=status)


def concern_review(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Write what was found, and when somebody looks again. The last review releases the inquiry."""
    concern = _find(request, public_id, RESOLVE)
    key = f"concern_review:{concern.public_id}"
    form = ConcernReviewForm(
        request.POST if request.method == "POST" else None, needs_check=concern.level != Level.S1,
        offers_naloxone=concern.code in OFFER_NALOXONE,
    )  # fmt: skip
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    if form.is_valid():
        data = form.cleaned_data
        try:
            repeat.once(
                user=request.user, key=data[repeat.FIELD], route=f"concern_review:{concern.public_id}",
                body=repeat.form_body(request.POST),
                act=lambda: safety.review(
                    concern=concern, rationale=data["rationale"], next_check_on=data["next_check_on"],
                    naloxone=data.get("naloxone", ""), by=request.user, now=timezone.now(),
                ),
            )  # fmt: skip
        except (safety.NoRationale, safety.NoNextCheck, safety.CheckOver, safety.NoNaloxone) as error:
            form.add_error(error.field, str(error))
        except (safety.AlreadyReviewed, safety.NotAClinician, repeat.OtherBody) as error:
            form.add_error(None, str(error))
        else:
            drafts.settle(user=request.user, key=key)
            messages.success(request, _("The review is saved."))
            return redirect(_back(request, concern))
    context = {
        **_about(request, concern), **_plan(request, concern), "form": form, "draft": draft,
        "answers": _answers(request, concern),
    }  # fmt: skip
    return TemplateResponse(request, "clients/concern_review.html", context, status=422 if form.is_bound else 200)


def _plan(request: Any, concern: SafetyConcern) -> dict[str, Any]:
    """
    Return where the person's plan for safety is, whether there is one, and whether this level should have one.

    With it the key of the structured assessment that is offered after some answers, "" where none is.
    """
    client = concern.client or (concern.inquiry.client if concern.inquiry is not None else None)
    if client is None:
        return {}
    serious = concern.level != Level.S1
    *may_see, may_add = people.permits(client, request.user, people.VIEW, plans.VIEW, ADD)
    if not all(may_see):
        # Handed over, and not on one's caseload: whether there is a plan is for who works with them.
        return {"plan_is_others": serious}
    has_plan = beside(client).plan_at is not None
    offers = concern.code in OFFER_SCREEN and concern.reviewed_at is None and may_add
    return {
        "about": client,
        "has_plan": has_plan,
        "lacks_plan": serious and not has_plan,
        "screen": SCREEN if offers and in_use().filter(key=SCREEN).exists() else "",
    }


def _answers(request: Any, concern: SafetyConcern) -> MeasureResponse | None:
    """Return the answers that raised a concern; None where none did, or they are not for this person to read."""
    if concern.response_id is None:
        return None
    rows = MeasureResponse.objects.permitted(request.user, ANSWERS).filter(pk=concern.response_id)
    found: MeasureResponse | None = rows.select_related("instrument").defer("instrument__definition").first()
    return found


def _find(request: Any, public_id: str, *rights: str) -> SafetyConcern:
    """Return a concern that the person may see, and on which they hold one of the rights; break-glass only looks."""
    concern = find_permitted(
        SafetyConcern, request.user, VIEW, public_id=public_id, purpose="care", related=("client", "inquiry__client")
    )
    allowed = [right for right in rights if request.user.reaches(right, request.clinic.pk)]
    rows = SafetyConcern.objects.filter(pk=concern.pk)
    if not any(rows.permitted(request.user, right).exists() for right in allowed):
        raise PermissionDenied(rights[0])
    concern.clinic = request.clinic
    return concern


def _readable(user: Any) -> Any:
    """Return the inquiries whose page opens for this person."""
    return Inquiry.objects.permitted(user, "clinics.view_inquiry").permitted(user, people.VIEW)


def _about(request: Any, concern: SafetyConcern) -> dict[str, Any]:
    inquiry = concern.inquiry
    return {
        "clinic": request.clinic,
        "concern": concern,
        "inquiry": inquiry,
        "sentence": selectors.sentence_of(concern, inquiry),
        "back_url": _back(request, concern),
    }


def _back(request: Any, concern: SafetyConcern) -> str:
    """Return the inquiry's page where it opens for this person, else the list of concerns."""
    inquiry = concern.inquiry
    if inquiry is not None and _readable(request.user).filter(pk=inquiry.pk).exists():
        return reverse("inquiry_detail", args=[request.clinic.slug, inquiry.public_id])
    return reverse("safety_list", args=[request.clinic.slug])

"""Looking back at a plan with the person, and reading a look back that was held."""

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

from clients.forms.plan_signing import ReviewForm
from clients.models import PlanReview, PlanVersion
from clients.models.people import person_of
from clients.rules.clock import civil_date
from clients.rules.plans import Wrong
from clients.selectors import plan_blocks, plan_reviews
from clients.selectors.plans import CHANGE, VIEW
from clients.services import plan_reviews as services
from clinics import drafts, repeat
from clinics.access import find_permitted


def plan_review(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Hold a look back that is due, or read one that was held."""
    review = find_permitted(
        PlanReview, request.user, VIEW, public_id=public_id, purpose="care",
        related=("plan__episode__program", "client__merged_into", "held_by"),
    )  # fmt: skip
    review.clinic = review.plan.clinic = review.client.clinic = request.clinic
    client = person_of(review)
    back = reverse("plan_detail", args=[clinic_slug, review.plan.public_id])
    context: dict[str, Any] = {"clinic": request.clinic, "client": client, "review": review, "back_url": back}
    if review.held_on is not None:
        context["rows"] = plan_reviews.goals_of(review)
        return TemplateResponse(request, "clients/plan_review_held.html", context)
    active, may_hold = plan_reviews.in_force(review, request.user)
    if not may_hold:
        if request.method == "POST":
            raise PermissionDenied(CHANGE)
        return TemplateResponse(request, "clients/plan_review_held.html", context)
    if active is None:
        messages.info(request, str(services.NothingInForce()))
        return redirect(back)
    return _hold(request, review, active, context)


def _hold(request: Any, review: PlanReview, active: PlanVersion, context: dict[str, Any]) -> HttpResponse:
    today = civil_date(timezone.now(), ZoneInfo(request.clinic.time_zone))
    form = ReviewForm(
        request.POST if request.method == "POST" else None,
        goals=plan_reviews.goals_in(active),
        initial={"held_on": today},
    )
    key = f"plan_review:{review.public_id}"
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    if form.is_valid():
        data = form.cleaned_data
        try:
            repeat.once(
                user=request.user, key=data[repeat.FIELD], route=key, body=repeat.form_body(request.POST),
                act=lambda: services.hold(
                    review=review, held_on=data["held_on"], goals=form.progress(), decision=data["decision"],
                    note=data["note"], next_on=data["next_on"], by=request.user, now=timezone.now(),
                ),
            )  # fmt: skip
        except services.WrongProgress as error:
            form.mend(error.goal, error.field, str(error))
        except Wrong as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        except (services.AlreadyHeld, services.NothingInForce, repeat.OtherBody) as error:
            form.add_error(None, str(error))
        else:
            drafts.settle(user=request.user, key=key)
            return _after(request, review, data["decision"])
    active.clinic = request.clinic
    page = {**context, "form": form, "draft": draft, "blocks": plan_blocks.blocks_of(active, context["client"])}
    return TemplateResponse(request, "clients/plan_review_form.html", page, status=422 if form.is_bound else 200)


def _after(request: Any, review: PlanReview, decision: str) -> HttpResponse:
    slug = request.clinic.slug
    if decision == "revise":
        found = PlanVersion.objects.filter(plan=review.plan, state="draft").first()
        messages.success(request, _("The look back is saved. Here is the draft to change."))
        if found is not None:
            return redirect("plan_edit", slug, found.public_id)
    else:
        messages.success(request, _("The look back is saved."))
    return redirect("plan_detail", slug, review.plan.public_id)

"""What one owes, and taking over what was passed on."""

import uuid
from collections.abc import Iterable
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clients.models import Client, Inquiry, Task
from clients.selectors import people as selectors
from clients.selectors.owed import owed_by
from clients.services import safety
from clinics import audit, paging
from clinics.access import NOT_HERE, require

VIEW = "clinics.view_inquiry"
# Where a task about a person, and no inquiry, is done: a page of theirs.
PLACES: Final = {
    Task.Kind.MANDATE_REPORT: "mandate_list",
    Task.Kind.AUTHORISATION: "coverage_list",
    Task.Kind.MEASURE: "measure_list",
    Task.Kind.PLAN: "plan_list",
    Task.Kind.PLAN_REVIEW: "plan_list",
    Task.Kind.LAPSE: "lapse_list",
}


def task_list(request: Any, clinic_slug: str) -> HttpResponse:
    """List what the person and their role owe, the one due first at the top."""
    user, now = request.user, timezone.now()
    require(user, VIEW)
    page = paging.page_or_404(request, owed_by(user, now), ("due_at", "id"))
    about = [task.inquiry_id for task in page.rows if task.inquiry_id]
    readable = Inquiry.objects.permitted(user, VIEW).permitted(user, selectors.VIEW).filter(pk__in=about)
    opens = set(readable.values_list("pk", flat=True))
    places = _places(user, clinic_slug, page.rows)
    shown = {task.client_id for task in page.rows if task.client_id and (task.inquiry_id in opens or task.pk in places)}
    audit.listed("task", sorted(shown), purpose="care", detail={"tasks": [str(task.public_id) for task in page.rows]})
    before_url, after_url = page.urls(request)
    context = {
        "clinic": request.clinic,
        "rows": [(task, places.get(task.pk, "")) for task in page.rows],
        "now": now,
        "opens": opens,
        "may_change": user.may("clinics.change_inquiry", request.clinic.pk),
        "may_resolve": user.may("clinics.resolve_safety", request.clinic.pk),
        "before_url": before_url,
        "after_url": after_url,
    }
    return TemplateResponse(request, "clients/task_list.html", context)


def _places(user: Any, clinic_slug: str, rows: Iterable[Task]) -> dict[int, str]:
    """Return the addresses of the pages on which tasks about a person are done, of those people one may see."""
    about = [task for task in rows if task.inquiry_id is None and task.client is not None and task.kind in PLACES]
    if not about:
        return {}
    visible = Client.objects.permitted(user, selectors.VIEW).filter(pk__in={task.client_id for task in about})
    keys = set(visible.values_list("pk", flat=True))
    return {
        task.pk: reverse(PLACES[Task.Kind(task.kind)], args=[clinic_slug, task.client.public_id])
        for task in about
        if task.client_id in keys
    }


@require_POST
def task_take(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Take over a safety review that nobody has taken, or that is late: the concern is handed to who takes it."""
    require(request.user, "clinics.resolve_safety")
    try:
        task = owed_by(request.user, timezone.now()).filter(public_id=uuid.UUID(public_id)).first()
    except ValueError:
        task = None
    if task is None or task.concern is None:
        raise Http404(NOT_HERE)
    concern = task.concern
    concern.clinic = request.clinic
    try:
        safety.hand_over(concern=concern, to=request.user, by=request.user)
    except (safety.AlreadyReviewed, safety.NotAClinician) as error:
        messages.error(request, str(error))
        return redirect("task_list", clinic_slug)
    messages.success(request, _("This review is yours now. You can see the inquiry it is about."))
    return redirect("concern_review", clinic_slug, concern.public_id)

"""Who waits to be called: the queue, every inquiry newest first, a missed call, and the tasks of the queue."""

from datetime import timedelta
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

from clients.forms.inquiries import MissedCallForm, SnoozeForm, shown_in
from clients.models import Inquiry, Task
from clients.rules.phones import BadNumber
from clients.selectors import queue as waiting
from clients.services import inquiries, tasks, waitlist
from clients.services.said import Caller, Need, NoWayBack, Person
from clinics import audit, drafts, paging, repeat
from clinics.access import find_permitted, require

CHANGE, VIEW = "clinics.change_inquiry", "clinics.view_inquiry"


def inquiry_queue(request: Any, clinic_slug: str) -> HttpResponse:
    """Show who to call now and why; with `show=all` every inquiry, newest first."""
    require(request.user, CHANGE)
    clinic, now = request.clinic, timezone.now()
    context: dict[str, Any] = {"clinic": clinic, "all": request.GET.get("show") == "all"}
    if context["all"]:
        found = Inquiry.objects.permitted(request.user, CHANGE).select_related("client")
        page = paging.page_or_404(request, found, ("-received_at", "-id"))
        context["inquiries"] = page.rows
        context["before_url"], context["after_url"] = page.urls(request)
        shown = page.rows
    else:
        context["queue"] = waiting.queue(request.user, clinic, now)
        shown = [row.inquiry for row in context["queue"].rows]
    audit.listed(
        "inquiry", [one.client_id for one in shown if one.client_id], purpose="care",
        detail={"inquiries": [str(one.public_id) for one in shown]},
    )  # fmt: skip
    return TemplateResponse(request, "clients/queue.html", context)


def missed_call(request: Any, clinic_slug: str) -> HttpResponse:
    """Write down a call that nobody could take: a number and a time, and its clock runs."""
    require(request.user, CHANGE)
    clinic, now, key = request.clinic, timezone.now(), "missed_call"
    day, at = shown_in(now, ZoneInfo(clinic.time_zone))
    form = MissedCallForm(request.POST or None, clinic=clinic, initial={"called_on": day, "called_at": at})
    draft = drafts.open_into(form, user=request.user, clinic=clinic, key=key)
    if form.is_valid():
        data = form.cleaned_data
        try:
            repeat.once(
                user=request.user, key=data[repeat.FIELD], route="missed_call", body=repeat.form_body(request.POST),
                act=lambda: inquiries.open_inquiry(
                    clinic=clinic, channel="phone_missed", caller=Caller(phone=data["phone"]), person=Person(),
                    need=Need(), received_at=data["received_at"], by=request.user, now=now,
                ),
            )  # fmt: skip
        except inquiries.ImpossibleTime as error:
            form.add_error("called_at", str(error))
        except (BadNumber, NoWayBack) as error:
            form.add_error("phone", str(error))
        except repeat.OtherBody as error:
            form.add_error(None, str(error))
        else:
            drafts.settle(user=request.user, key=key)
            messages.success(request, _("The missed call is in the queue."))
            return redirect("inquiry_queue", clinic_slug)
    context = {"clinic": clinic, "form": form, "draft": draft}
    return TemplateResponse(request, "clients/missed_call.html", context, status=422 if form.is_bound else 200)


@require_POST
def task_done(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Mark what the queue asks for as done; the weekly word with somebody who waits is owed again in a week."""
    task = find_permitted(Task, request.user, CHANGE, view_perm=VIEW, public_id=public_id)
    try:
        waitlist.finish(task=task, by=request.user, now=timezone.now())
    except tasks.NotPutOff as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Done: %(what)s.") % {"what": task.get_kind_display().lower()})
    return redirect(_back(task, clinic_slug))


def task_snooze(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Put a task off until a time, with a reason."""
    task = find_permitted(Task, request.user, CHANGE, view_perm=VIEW, public_id=public_id)
    clinic, now, key = request.clinic, timezone.now(), f"task_snooze:{task.public_id}"
    day, at = shown_in(now + timedelta(hours=1), ZoneInfo(clinic.time_zone))
    form = SnoozeForm(request.POST or None, clinic=clinic, initial={"until_on": day, "until_time": at})
    draft = drafts.open_into(form, user=request.user, clinic=clinic, key=key)
    if form.is_valid():
        try:
            tasks.snooze(
                task=task, until=form.cleaned_data["until"], reason=form.cleaned_data["reason"], by=request.user,
                now=now,
            )  # fmt: skip
        except tasks.NoReason as error:
            form.add_error("reason", str(error))
        except tasks.NotPutOff as error:
            form.add_error("until_on", str(error))
        else:
            drafts.settle(user=request.user, key=key)
            messages.success(request, _("Put off."))
            return redirect("inquiry_queue", clinic_slug)
    context = {"clinic": clinic, "task": task, "form": form, "draft": draft, "back_url": _back(task, clinic_slug)}
    return TemplateResponse(request, "clients/task_snooze.html", context, status=422 if form.is_bound else 200)


def _back(task: Task, clinic_slug: str) -> str:
    if task.inquiry is None:
        return reverse("task_list", args=[clinic_slug])
    return reverse("inquiry_detail", args=[clinic_slug, task.inquiry.public_id])

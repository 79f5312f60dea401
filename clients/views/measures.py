"""Measures of a person: what was answered and what it says, entering one, taking one back, and when it is asked."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clients.forms.measures import MeasureForm, PlanForm, TakeBackForm
from clients.models import Client, MeasureResponse, MeasureSchedule
from clients.selectors import measures as selectors
from clients.selectors.measures import ADD, ANSWERS, LEVEL, Offered
from clients.selectors.people import VIEW as VIEW_PERSON
from clients.selectors.people import permits
from clients.selectors.roster import on_call
from clients.services import measures
from clients.views.persons import find_person
from clinics import drafts, paging, repeat
from clinics.access import NOT_HERE, find_permitted
from clinics.versions import Stale, VersionedForm, show_both

ORDER = ("-taken_at", "-id")


def measure_list(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """List what a person answered, newest first, and what is asked next; numbers only where answers may be read."""
    user = request.user
    client = find_permitted(Client, user, VIEW_PERSON, public_id=public_id, purpose="care")
    client.clinic = request.clinic
    sees_levels, may_add, reads = permits(client, user, LEVEL, ADD, ANSWERS)
    if not (sees_levels or reads):
        raise PermissionDenied(LEVEL)
    page = paging.page_or_404(request, selectors.lines_of(client, user), ORDER)
    before_url, after_url = page.urls(request)
    now = timezone.now()
    planned = selectors.planned(client, timezone.localdate(now))
    context = {
        "clinic": request.clinic,
        "client": client,
        "rows": selectors.rows_of(page.rows),
        "planned": planned,
        "offered": selectors.offered() if may_add else [],
        "links": list(selectors.open_links(client, now)) if may_add else [],
        "may_add": may_add,
        "reads": reads,
        "before_url": before_url,
        "after_url": after_url,
    }
    return TemplateResponse(request, "clients/measure_list.html", context)


def measure_record(request: Any, clinic_slug: str, public_id: str, key: str) -> HttpResponse:
    """Enter the answers to a measure. Nothing holds saving up; what was left out is said on the next page."""
    client = find_person(request, public_id, ADD)
    offered = find_offered(key)
    draft_key = f"measure_record:{uuid.uuid5(client.public_id, key)}"
    form = MeasureForm(
        request.POST if request.method == "POST" else None, offered=offered,
        initial={"taken_on": timezone.localdate()},
    )  # fmt: skip
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=draft_key)
    if form.is_valid():
        data = form.cleaned_data
        try:
            outcome = repeat.once(
                user=request.user, key=data[repeat.FIELD], route=draft_key, body=repeat.form_body(request.POST),
                act=lambda: measures.record(
                    client=client, offered=offered, answers=form.answers(), taken_on=data["taken_on"],
                    source=data["source"], by=request.user, now=timezone.now(),
                ),
            )  # fmt: skip
        except measures.Wrong as error:
            form.add_error(error.field or None, str(error))
        except repeat.OtherBody as error:
            form.add_error(None, str(error))
        else:
            drafts.settle(user=request.user, key=draft_key)
            messages.success(request, _("The answers are saved."))
            return redirect("measure_detail", clinic_slug, outcome.object_id)
    context = {
        "clinic": request.clinic,
        "client": client,
        "offered": offered,
        "form": form,
        "draft": draft,
        "back_url": _list_url(client),
    }
    return TemplateResponse(request, "clients/measure_form.html", context, status=422 if form.is_bound else 200)


def find_offered(key: str) -> Offered:
    """
    Return the measure of that key as the clinic uses it now.

    :raises Http404: the clinic does not use it, or has no leave for it
    """
    offered = selectors.find_offered(key)
    if offered is None:
        raise Http404(NOT_HERE)
    return offered


def measure_detail(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Show one answered measure: bands, how it moved, notes, what safety asks for, and every answer."""
    response = _find(request, public_id)
    result = selectors.result(response, response.client)
    urgent = [one for one in result.findings if one.due is not None] if response.undone_at is None else []
    context = {
        "clinic": request.clinic,
        "client": response.client,
        "response": response,
        "result": result,
        "urgent": urgent,
        "on_call": on_call(request.clinic.pk) if urgent else None,
        "may_take_back": response.undone_at is None and _may_take_back(request, response),
    }
    return TemplateResponse(request, "clients/measure_detail.html", context)


def _find(request: Any, public_id: str) -> MeasureResponse:
    response = find_permitted(
        MeasureResponse, request.user, ANSWERS, view_perm=LEVEL, public_id=public_id, purpose="care",
        related=("client__merged_into", "instrument", "taken_by", "undone_by"),
    )  # fmt: skip
    # Answers of a record that was joined into another are read with that one.
    response.client = response.client.current
    response.clinic = response.client.clinic = request.clinic
    return response


def _may_take_back(request: Any, response: MeasureResponse) -> bool:
    rows = MeasureResponse.objects.permitted(request.user, ADD)
    return bool(rows.filter(pk=response.pk).exists())


def measure_take_back(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Take answers back that were entered in error, with a reason."""
    response = _find(request, public_id)
    if not _may_take_back(request, response):
        raise PermissionDenied(ADD)
    form = TakeBackForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            repeat.once(
                user=request.user, key=form.cleaned_data[repeat.FIELD], route=f"measure_take_back:{response.public_id}",
                body=repeat.form_body(request.POST),
                act=lambda: measures.take_back(
                    response=response, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now()
                ),
            )  # fmt: skip
        except measures.NoReason as error:
            form.add_error(error.field, str(error))
        except (measures.TakenBack, repeat.OtherBody) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The answers are taken back. They stay in the record and count nowhere."))
            return redirect("measure_list", clinic_slug, response.client.public_id)
    context = {
        "clinic": request.clinic,
        "client": response.client,
        "response": response,
        "form": form,
        "back_url": reverse("measure_detail", args=[clinic_slug, response.public_id]),
    }
    return TemplateResponse(request, "clients/measure_take_back.html", context, status=422 if form.is_bound else 200)


def measure_plan(request: Any, clinic_slug: str, public_id: str, key: str) -> HttpResponse:
    """Say how often a measure is asked, and when next."""
    client = find_person(request, public_id, ADD)
    offered = find_offered(key)
    running = selectors.schedules_of(client).filter(key=key, ended_at=None).order_by("pk").first()
    form = PlanForm(
        request.POST if request.method == "POST" else None,
        initial=_plan_stored(running) if running is not None else _plan_first(offered),
    )
    if form.is_valid():
        data = form.cleaned_data
        try:
            measures.plan(
                client=client, key=key, every_days=data["every_days"], next_due_on=data["next_due_on"],
                by=request.user, version=data["version"],
            )  # fmt: skip
        except measures.NotInUse:
            raise Http404(NOT_HERE) from None
        except Stale as stale:
            if not show_both(form, _plan_stored(stale.current), stale.current.version):
                return redirect("measure_list", clinic_slug, client.public_id)
        else:
            messages.success(request, _("It is asked again then."))
            return redirect("measure_list", clinic_slug, client.public_id)
    context = {
        "clinic": request.clinic,
        "client": client,
        "offered": offered,
        "running": running,
        "form": form,
        "back_url": _list_url(client),
    }
    return TemplateResponse(request, "clients/measure_plan.html", context, status=422 if form.is_bound else 200)


def _plan_stored(schedule: MeasureSchedule) -> dict[str, Any]:
    return {
        "version": schedule.version, "every_days": schedule.every_days, "next_due_on": schedule.next_due_on,
    }  # fmt: skip


def _plan_first(offered: Offered) -> dict[str, Any]:
    asked = offered.definition.ask
    days = asked.every_days if asked is not None and asked.every_days is not None else 30
    return {"version": 1, "every_days": days, "next_due_on": timezone.localdate()}


@require_POST
def measure_plan_end(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Ask a person no longer for a measure."""
    schedule = find_permitted(
        MeasureSchedule, request.user, ADD, view_perm=LEVEL, public_id=public_id, purpose="care", related=("client",)
    )
    schedule.clinic = schedule.client.clinic = request.clinic
    form = VersionedForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("This page was open too long. Nothing was changed."))
        return redirect("measure_list", clinic_slug, schedule.client.public_id)
    try:
        measures.end_plan(schedule=schedule, version=form.cleaned_data["version"], by=request.user, now=timezone.now())
    except (Stale, measures.EndedAlready) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("It is not asked any more."))
    return redirect("measure_list", clinic_slug, schedule.client.public_id)


def _list_url(client: Client) -> str:
    return reverse("measure_list", args=[client.clinic.slug, client.public_id])

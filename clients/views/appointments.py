"""Booking, moving, and saying whether an appointment took place."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clients.forms.calendar import chosen_slot
from clients.forms.people import AppointmentEditForm, AppointmentForm, AttendanceForm
from clients.models import Appointment, Client, Episode
from clients.rules.attendance import NotYet
from clients.rules.clock import NoSuchTime
from clients.rules.dates import ImpossibleDate
from clients.selectors import people as selectors
from clients.services import appointments
from clients.services.caseload import NotATherapist
from clients.services.free_times import TimeTaken
from clinics import audit, drafts, paging, repeat
from clinics.access import find_permitted
from clinics.roles import Role
from clinics.selectors.staff import staff_now
from clinics.versions import Stale, show_both

CHANGE, VIEW = "clinics.change_appointment", "clinics.view_appointment"
REFUSALS = (NotATherapist, ImpossibleDate, appointments.NoOpenEpisode)


def skipped(error_day: Any, error_time: Any) -> str:
    """Return what to do about a time that the clocks skip."""
    return _("On %(day)s the clocks go forward and %(time)s does not come. Choose a time an hour later.") % {
        "day": date_format(error_day, "DATE_FORMAT"),
        "time": date_format(error_time, "TIME_FORMAT"),
    }


def appointment_list(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """List all appointments of a person, newest first."""
    client = find_permitted(Client, request.user, VIEW, view_perm=selectors.VIEW, public_id=public_id)
    client.clinic = request.clinic
    page = paging.page_or_404(request, selectors.appointments_of(client, request.user), ("-starts_at", "-id"))
    audit.listed("appointment", [client.pk], purpose="care")
    (may_change,) = selectors.permits(client, request.user, CHANGE)
    before_url, after_url = page.urls(request)
    context = {
        "clinic": request.clinic,
        "client": client,
        "rows": selectors.booked(page.rows, client, may_change),
        "before_url": before_url,
        "after_url": after_url,
    }
    return TemplateResponse(request, "clients/appointment_list.html", context)


def appointment_create(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Book an appointment with a person in care."""
    client = find_permitted(Client, request.user, CHANGE, view_perm=selectors.VIEW, public_id=public_id, purpose="care")
    client.clinic = request.clinic
    key = f"appointment_create:{client.public_id}"
    episodes = Episode.objects.filter(client=client, status=Episode.Status.OPEN).select_related("program")
    form = AppointmentForm(request.POST or None, clinic=request.clinic, episodes=episodes, initial=_own(request))
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    # A time that was chosen in the calendar just now, rather than the one of an older draft.
    form.initial.update(chosen_slot(request.GET))
    back_url = reverse("client_detail", args=[clinic_slug, client.public_id])
    if form.is_valid():
        data = dict(form.cleaned_data)
        try:
            repeat.once(
                user=request.user,
                key=data.pop(repeat.FIELD),
                route=key,
                body=repeat.form_body(request.POST),
                act=lambda: appointments.book(client=client, by=request.user, now=timezone.now(), **data),
            )
        except REFUSALS as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        except TimeTaken as error:
            form.refuse_taken(error)
        except NoSuchTime:
            form.add_error("start_time", skipped(data["start_on"], data["start_time"]))
        except repeat.OtherBody as error:
            form.add_error(None, str(error))
        else:
            drafts.settle(user=request.user, key=key)
            messages.success(request, _("The appointment is booked."))
            return redirect(back_url)
    context = {
        "clinic": request.clinic,
        "client": client,
        "form": form,
        "draft": draft,
        "back_url": back_url,
        "has_episode": bool(episodes),
    }
    return TemplateResponse(request, "clients/appointment_form.html", context, status=422 if form.is_bound else 200)


def _own(request: Any) -> dict[str, str]:
    """Return the person who books as the therapist, where they are one."""
    if staff_now(request.clinic.pk, Role.THERAPIST).filter(pk=request.user.pk).exists():
        return {"therapist": str(request.user.public_id)}
    return {}


def appointment_edit(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Correct kind, therapist, time or length of an appointment."""
    appointment = _find(request, public_id)
    key = f"appointment_edit:{appointment.public_id}"
    form = AppointmentEditForm(
        request.POST or None, clinic=request.clinic, initial=AppointmentEditForm.stored(appointment)
    )
    draft = drafts.open_into(form, user=request.user, clinic=request.clinic, key=key)
    back_url = reverse("client_detail", args=[clinic_slug, appointment.client.public_id])
    saved = False
    if form.is_valid():
        try:
            appointments.move(appointment=appointment, by=request.user, now=timezone.now(), **form.cleaned_data)
            saved = True
        except REFUSALS as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        except TimeTaken as error:
            form.refuse_taken(error)
        except NoSuchTime:
            form.add_error("start_time", skipped(form.cleaned_data["start_on"], form.cleaned_data["start_time"]))
        except appointments.TimeIsKept as error:
            form.add_error(None, str(error))
        except Stale as stale:
            saved = not show_both(form, AppointmentEditForm.stored(stale.current), stale.current.version)
    if saved:
        drafts.settle(user=request.user, key=key)
        messages.success(request, _("The appointment is saved."))
        return redirect(back_url)
    context = {
        "clinic": request.clinic,
        "client": appointment.client,
        "appointment": appointment,
        "form": form,
        "draft": draft,
        "back_url": back_url,
    }
    return TemplateResponse(request, "clients/appointment_edit.html", context, status=422 if form.is_bound else 200)


def appointment_attendance(request: Any, clinic_slug: str, public_id: str) -> HttpResponse:
    """Say whether an appointment took place, or correct what was said."""
    appointment = _find(request, public_id)
    stored = {"attendance": appointment.attendance, "version": appointment.version}
    form = AttendanceForm(request.POST or None, initial=stored)
    back_url = reverse("client_detail", args=[clinic_slug, appointment.client.public_id])
    saved = False
    if form.is_valid():
        try:
            appointments.record_attendance(
                appointment=appointment, by=request.user, now=timezone.now(), **form.cleaned_data
            )
            saved = True
        except (NotYet, appointments.SessionIsRecorded) as error:
            form.add_error("attendance", str(error))
        except Stale as stale:
            saved = not show_both(form, {"attendance": stale.current.attendance}, stale.current.version)
    if saved:
        messages.success(request, _("Attendance is saved."))
        return redirect(back_url)
    context = {
        "clinic": request.clinic,
        "client": appointment.client,
        "appointment": appointment,
        "form": form,
        "back_url": back_url,
    }
    return TemplateResponse(
        request, "clients/appointment_attendance.html", context, status=422 if form.is_bound else 200
    )


def _find(request: Any, public_id: str) -> Appointment:
    appointment = find_permitted(Appointment, request.user, CHANGE, view_perm=VIEW, public_id=public_id, purpose="care")
    appointment.clinic = request.clinic
    appointment.client.clinic = request.clinic
    return appointment

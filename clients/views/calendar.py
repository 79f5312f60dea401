"""The week by therapist, with what is booked and what is free; and for whom a free time is booked."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from clients.forms.calendar import MINUTES, USUAL_MINUTES, SlotPersonForm, chosen_slot
from clients.models import Client, Episode, Inquiry
from clients.rules.clock import civil_date, wall_time
from clients.rules.slots import Slot
from clients.rules.weeks import DAYS, monday_of, monday_of_week, name_of, require_near
from clients.selectors import calendar as selectors
from clients.selectors import people
from clinics import audit, paging
from clinics.access import NOT_HERE, find_permitted, require
from clinics.models import User

VIEW, CHANGE = selectors.VIEW, selectors.CHANGE
CHANGE_INQUIRY = "clinics.change_inquiry"
THERAPISTS_SHOWN: Final = 10
MOST_FOUND: Final = 20


@dataclass(frozen=True)
class Asked:
    """What the address of the calendar asks for."""

    monday: date
    day: date | None
    minutes: int


def calendar_week(request: Any, clinic_slug: str) -> HttpResponse:
    """
    Show a week by therapist: what is booked, and what is free.

    With `person` or `inquiry` (public ids) a free time leads to booking it for them.
    """
    user, clinic, now = request.user, request.clinic, timezone.now()
    require(user, VIEW)
    zone = ZoneInfo(clinic.time_zone)
    today = civil_date(now, zone)
    asked = _asked(request.GET, today)
    client, inquiry = _for_whom(request)
    staff = selectors.staff_reached(user, clinic, VIEW)
    chosen = therapist_of(staff, request.GET.get("therapist", ""))
    page = paging.page_or_404(
        request, staff.filter(pk=chosen.pk) if chosen else staff, ("name", "id"), size=THERAPISTS_SHOWN
    )
    book_url = _book_url(clinic_slug, client, inquiry) if user.may(CHANGE, clinic.pk) else ""
    week = selectors.week(
        user, clinic, page.rows, asked.monday, timedelta(minutes=asked.minutes), now,
        lambda therapist, slot: _slot_url(book_url, therapist, slot, asked.minutes, zone),
    )  # fmt: skip
    audit.listed(
        "calendar", week.client_ids, purpose="care",
        detail={"week": name_of(asked.monday), "therapists": [str(one.public_id) for one in page.rows]},
    )  # fmt: skip
    before_url, after_url = page.urls(request)
    context = {
        "clinic": clinic,
        "client": client,
        "inquiry": inquiry,
        "week": week,
        "shown_day": _shown_day(asked.day, today, week),
        "today": today,
        "noon": datetime.combine(asked.monday, time(12), tzinfo=zone),
        "last": asked.monday + timedelta(days=DAYS - 1),
        "names": {
            "this": name_of(monday_of(today)),
            "before": name_of(asked.monday - timedelta(days=DAYS)),
            "here": name_of(asked.monday),
            "after": name_of(asked.monday + timedelta(days=DAYS)),
        },
        "is_this_week": asked.monday == monday_of(today),
        "staff": list(staff),
        "chosen": chosen,
        "minutes": asked.minutes,
        "lengths": MINUTES,
        "may_book": bool(book_url),
        "anything": any(day.stretches for row in week.rows for day in row.days),
        "may_see_roster": user.may("clinics.view_safety", clinic.pk),
        "before_url": before_url,
        "after_url": after_url,
    }
    return TemplateResponse(request, "clients/calendar_week.html", context)


def slot_book(request: Any, clinic_slug: str) -> HttpResponse:
    """Ask for whom a free time of the calendar is booked, and lead to booking it."""
    user, clinic = request.user, request.clinic
    require(user, CHANGE)
    chosen = chosen_slot(request.GET)
    staff = selectors.staff_reached(user, clinic, CHANGE)
    therapist = therapist_of(staff, chosen.get("therapist", ""))
    if therapist is None or "start_on" not in chosen or "start_time" not in chosen:
        return redirect("calendar_week", clinic_slug)
    form = SlotPersonForm(request.POST or None)
    found: list[Client] = []
    if form.is_valid():
        rows = people.people(user, search=form.cleaned_data["search"])
        may_book = Client.objects.permitted(user, CHANGE).values("pk")
        in_care = Exists(Episode.objects.filter(client_id=OuterRef("pk"), status=Episode.Status.OPEN))
        found = list(rows.filter(in_care, pk__in=may_book).order_by("family_key", "given_key", "pk")[:MOST_FOUND])
        audit.listed("slot", [one.pk for one in found], purpose="care")
    query = _query(chosen)
    context = {
        "clinic": clinic,
        "therapist": therapist,
        "start_on": chosen["start_on"],
        "start_time": chosen["start_time"],
        "form": form,
        "searched": form.is_valid(),
        "found": [(one, f"{_book_url(clinic_slug, one, None)}?{query}") for one in found],
        "back_url": f"{reverse('calendar_week', args=[clinic_slug])}?week={name_of(monday_of(chosen['start_on']))}",
    }
    status = 422 if form.is_bound and not form.is_valid() else 200
    return TemplateResponse(request, "clients/slot_book.html", context, status=status)


# --- what the address says ------------------------------------------------------------------------------------------


def _asked(query: Any, today: date) -> Asked:
    """
    Return what the address asks for; without a week the one of `today`.

    :raises Http404: the week or the day is none, or lies too far away
    """
    try:
        day = date.fromisoformat(query["day"]) if query.get("day") else None
        monday = monday_of_week(query["week"]) if query.get("week") else monday_of(day or today)
        require_near(monday, today)
    except ValueError:
        raise Http404(NOT_HERE) from None
    minutes = query.get("minutes", "")
    return Asked(monday, day, int(minutes) if minutes in map(str, MINUTES) else USUAL_MINUTES)


def _shown_day(asked: date | None, today: date, week: selectors.Week) -> date:
    """Return the day that a narrow screen shows: the one asked for, today, or the first on which something is."""
    for wanted in (asked, today):
        if wanted is not None and wanted in week.days:
            return wanted
    filled = [day.on for row in week.rows for day in row.days if day.stretches]
    return min(filled, default=week.days[0])


def therapist_of(staff: Any, public_id: str) -> User | None:
    """
    Return the therapist of a public id, None for an empty one.

    :raises Http404: no such id among `staff`, or none at all
    """
    if not public_id:
        return None
    try:
        found: User | None = staff.filter(public_id=uuid.UUID(public_id)).first()
    except ValueError:
        found = None
    if found is None:
        raise Http404(NOT_HERE)
    return found


def _for_whom(request: Any) -> tuple[Client | None, Inquiry | None]:
    """Return the person in care, or the inquiry, for whom a time is looked for."""
    user, query = request.user, request.GET
    if query.get("inquiry"):
        return None, find_permitted(
            Inquiry, user, CHANGE_INQUIRY, related=("client",), public_id=query["inquiry"], purpose="care"
        )
    if query.get("person"):
        person = find_permitted(Client, user, CHANGE, view_perm=people.VIEW, public_id=query["person"], purpose="care")
        return person, None
    return None, None


# --- where a free time leads ----------------------------------------------------------------------------------------


def _book_url(clinic_slug: str, client: Client | None, inquiry: Inquiry | None) -> str:
    if inquiry is not None:
        return reverse("assessment_book", args=[clinic_slug, inquiry.public_id])
    if client is not None:
        return reverse("appointment_create", args=[clinic_slug, client.public_id])
    return reverse("slot_book", args=[clinic_slug])


def _slot_url(book_url: str, therapist: User, slot: Slot, minutes: int, zone: ZoneInfo) -> str:
    if not book_url:
        return ""
    at = {"start_on": civil_date(slot.starts_at, zone), "start_time": wall_time(slot.starts_at, zone)}
    return f"{book_url}?{_query({**at, 'therapist': therapist.public_id, 'duration_min': minutes})}"


def _query(chosen: dict[str, Any]) -> str:
    """Return the query that `chosen_slot` reads."""
    said = {
        "on": chosen["start_on"].isoformat(),
        "time": f"{chosen['start_time']:%H:%M}",
        "therapist": chosen["therapist"],
    }
    if "duration_min" in chosen:
        said["minutes"] = chosen["duration_min"]
    return urlencode(said)

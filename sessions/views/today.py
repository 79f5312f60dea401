"""What the day holds for a person, put together from what they may do here."""

from typing import Any

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from clients.models import Client
from clinics import audit
from clinics.access import require
from clinics.roles import Reach
from sessions.selectors import today as selectors
from sessions.selectors.otherwise import team_otherwise


def today(request: Any, clinic_slug: str) -> HttpResponse:
    """Show who comes today and what waits; each role adds its own part."""
    user, clinic = request.user, request.clinic
    require(user, "clinics.view_appointment")
    now, zone = timezone.now(), timezone.get_current_timezone()
    day = timezone.localdate(now)
    parts: dict[str, selectors.Some] = {}
    if user.may("clinics.write_note", clinic.pk):
        parts["own_day"] = selectors.own_day(user, day, zone)
        parts["own_unsigned"] = selectors.own_unsigned(user, now=now, zone=zone)
        parts["not_recorded"] = selectors.not_recorded(user, day, zone)
    if Reach.CLINIC in user.reaches("clinics.view_appointment", clinic.pk):
        parts["clinic_day"] = selectors.clinic_day(user, day, zone)
    if user.may("clinics.cosign_note", clinic.pk):
        parts["team_past_due"] = selectors.team_past_due(user, now=now, zone=zone)
        parts["team_missed"] = selectors.team_missed(user, day, zone)
        if user.reaches("clinics.view_plan", clinic.pk):
            apart = team_otherwise(user)
            parts["team_otherwise"] = selectors.Some(
                tuple(apart[: selectors.WAITING_SHOWN]), len(apart) > selectors.WAITING_SHOWN
            )
    shown = {client for part in parts.values() for client in part.client_ids}
    audit.listed("today", sorted(shown), purpose="care", detail={"parts": sorted(parts)})
    own = parts.get("own_day")
    waiting = len(parts["own_unsigned"].rows) + len(parts["not_recorded"].rows) if own else 0
    context = {
        **parts,
        "day": day,
        "now": timezone.localtime(now),
        "next": selectors.next_to_open(own.rows, now) if own else None,
        "waiting": waiting,
        "waiting_more": own and (parts["own_unsigned"].more or parts["not_recorded"].more),
        # Whose own page opens for this person: no link leads to a page that says it is not there.
        "open_clients": set(
            Client.objects.permitted(user, "clinics.view_client").filter(pk__in=shown).values_list("pk", flat=True)
        ),
        "may_mark": user.may("clinics.change_appointment", clinic.pk),
        "team_only": "team_past_due" in parts and not own and "clinic_day" not in parts,
    }
    return TemplateResponse(request, "sessions/today.html", context)

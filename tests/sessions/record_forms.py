"""A session's form as the therapist sends it."""

import re
from typing import Any

from django.utils import timezone

from tests.sessions.recording import TEXT
from tests.world import Side


def this_minute() -> Any:
    return timezone.now().replace(second=0, microsecond=0)


def page_of(side: Side, path: str) -> str:
    return f"/clinics/{side.clinic.slug}/{path}"


def record_url(side: Side, appointment: Any) -> str:
    return page_of(side, f"appointments/{appointment.public_id}/record/")


def hidden(html: str) -> dict[str, str]:
    """Return the hidden fields of the page's main form, as a browser without a script would send them back."""
    form = html[html.index('id="record"') :]
    found = re.findall(r'<input type="hidden" name="(\w+)"(?: value="([^"]*)")?', form)
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def answers(appointment: Any, **changes: str) -> dict[str, str]:
    """Return what a therapist fills in."""
    started = timezone.localtime(appointment.starts_at, timezone.zoneinfo.ZoneInfo("America/Chicago"))
    return {
        "attendance": "attended",
        "started_at": started.strftime("%Y-%m-%dT%H:%M"),
        "duration_min": "50",
        "session_format": "individual",
        "mix": "mi",
        "importance": "8",
        "confidence": "5",
        "note": TEXT,
        **changes,
    }

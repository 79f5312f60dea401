"""People signed in and posting forms, for the tests of this folder."""

import re
import time
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from clients.models import Client
from clients.rules.clock import civil_date
from clients.services import caseload, merging
from clients.services import people as services
from clinics.models import AuditEvent, User
from tests.world import Side

ABSENT_ID = "00000000-0000-4000-8000-000000000000"


def signed_in(user: User, *, confirmed: bool = True) -> Browser:
    """Return a browser in which `user` is signed in; `confirmed` says whether they proved who they are just now."""
    browser = Browser()
    browser.force_login(user)
    if confirmed:
        session = browser.session
        session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
    return browser


def page(side: Side, route: str, *args: Any) -> str:
    """Return the address of a route at the clinic of `side`."""
    return reverse(route, args=[side.clinic.slug, *args])


def in_care(side: Side, name: str = "Noor Rivers", *, therapist: User | None = None, **other: Any) -> Client:
    """Return a person with an open episode on a therapist's caseload. Call inside the clinic's scope."""
    given = {"by": side.coordinator, "now": timezone.now()}
    client = services.record_client(clinic=side.clinic, legal_name=name, **given, **other)
    services.open_episode(client=client, program=side.rows["program"], admitted_on=today(side), **given)
    caseload.assign(client=client, user=therapist or side.therapist, by=side.coordinator, reason="Admitted")
    return client


def joined_twice(side: Side) -> tuple[Client, Client]:
    """Join a record into the side's client's, and before that another into it; return both. Call inside the scope."""
    given = {"by": side.coordinator, "now": timezone.now()}
    once, twice = (services.record_client(clinic=side.clinic, legal_name=name, **given) for name in ("J Marsh", "Jo M"))
    merging.merge(kept=once, absorbed=twice, **given)
    merging.merge(kept=side.client, absorbed=once, **given)
    return once, twice


def today(side: Side) -> date:
    """Return the date that the clinic's calendar shows now."""
    return civil_date(timezone.now(), ZoneInfo(side.clinic.time_zone))


def hidden(html: str) -> dict[str, str]:
    """Return the hidden fields of the page's own form."""
    found = re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', html)
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def events(side: Side, since: int = 0) -> list[AuditEvent]:
    """Return the clinic's events after the first `since`, without those that the database writes itself."""
    with side.scope():
        return list(AuditEvent.objects.exclude(action__startswith="row.").order_by("pk")[since:])


def body(answer: Any, public_id: object = "") -> str:
    """Return what an answer says, without what differs each time: tokens, the id, the minute in the footer."""
    text = re.sub(r'(csrfmiddlewaretoken" value=|csrf-token" content=)"[^"]*"', "", answer.content.decode())
    text = re.sub(r'<footer class="print-foot".*?</footer>', "", text)
    return text.replace(str(public_id), "") if public_id else text


def text_of(answer: Any) -> str:
    """Return the text of an answer."""
    return str(answer.content.decode())

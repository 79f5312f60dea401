"""Calls as the page of an intake sends them, for the tests of this folder."""

from typing import Any

from django.test import Client as Browser

from clients.models import Client, Inquiry
from tests.clients.people import hidden, page
from tests.world import Side

WORDS = "I want to stop drinking before work."
CALL = {
    "who": "person", "phone": "312 555 0199", "words": WORDS, "legal_name": "Noor Rivers", "goes_by": "Noor",
    "born_on_month": "5", "born_on_day": "6", "born_on_year": "1990", "postal_code": "60612", "safety_answer": "no",
    "ok_to_call": "yes", "ok_voicemail": "no", "ok_sms": "not_asked", "ok_email": "not_asked",
    "channel": "phone_inbound",
}  # fmt: skip
CRISIS = "Stay on the line and get a clinician now"
TOO_LONG = "x" * 10_000


def call_of(browser: Browser, side: Side, **other: Any) -> dict[str, Any]:
    """Return a call as the page sends it, with what a field should hold instead."""
    shown = browser.get(page(side, "intake_create")).content.decode()
    return {**CALL, "repeat_key": hidden(shown)["repeat_key"], **other}


def send(browser: Browser, side: Side, **other: Any) -> Any:
    """Send a call."""
    return browser.post(page(side, "intake_create"), call_of(browser, side, **other))


def send_again(browser: Browser, side: Side, call: dict[str, Any]) -> Any:
    """Send the same call another time."""
    return browser.post(page(side, "intake_create"), call)


def inquiry_at(answer: Any) -> Inquiry:
    """Return the inquiry whose page one was sent to; inside the scope of its clinic."""
    assert answer.status_code == 302, answer.content.decode()[:3000]
    found: Inquiry = Inquiry.objects.select_related("client").get(public_id=answer.url.rstrip("/").rsplit("/", 1)[1])
    return found


def count_of(side: Side) -> tuple[int, int]:
    """Return how many inquiries and how many people there are."""
    with side.scope():
        return Inquiry.objects.count(), Client.objects.count()


def taken(browser: Browser, side: Side, **other: Any) -> Inquiry:
    """Return the inquiry of a call that was sent."""
    with side.scope():
        return inquiry_at(send(browser, side, **other))


def edited(browser: Browser, side: Side, inquiry: Inquiry, **other: Any) -> dict[str, Any]:
    """Return what is sent when more is written down, with what a field should hold instead."""
    shown = browser.get(page(side, "inquiry_edit", inquiry.public_id))
    assert shown.status_code == 200
    return {**CALL, "version": hidden(shown.content.decode())["version"], **other}


def known_person(side: Side, **changes: Any) -> Client:
    """Return a record of the person who calls."""
    with side.scope():
        given = {
            "reference": "RB-7001",
            "legal_name": "Noor Rivers",
            "family_key": "rivers",
            "given_key": "noor",
            "phone": "+13125550199",
        }
        made: Client = Client.objects.create(clinic=side.clinic, **{**given, **changes})
        return made


def look(browser: Browser, side: Side, **other: Any) -> str:
    """Return the part of the page that says who is known here already."""
    answer = browser.post(page(side, "intake_matches"), {**CALL, **other})
    assert answer.status_code == 200
    text: str = answer.content.decode()
    return text

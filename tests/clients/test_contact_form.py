"""The page on which anybody leaves a way to be reached: what it keeps, and what it never shows, sets or tells."""

from datetime import time
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from redis.exceptions import ConnectionError as CacheAway

from clients.models import Inquiry
from clients.rules.contact import TELLING, NotAllowed
from clients.services import inquiries
from clients.views.contact import SENT_AN_HOUR
from clinics.models import AuditEvent, Clinic
from tests.clients.people import hidden, signed_in
from tests.world import Side, World

TYPED = {
    "name": "Jordan", "ways": ["call", "text"], "phone": "312 555 0142", "email": "", "when": "evening",
    "message": "no", "language": "Spanish", "words": "I want to stop drinking.",
}  # fmt: skip
SECRETS = ("Jordan", "5550142", "555 0142", "Spanish", "drinking")


def address(side: Side) -> str:
    return reverse("contact_form", args=[side.clinic.slug])


def send(side: Side, browser: Browser | None = None, *, at: str = "203.0.113.7", **changes: Any) -> Any:
    """Open the page, fill it and send it."""
    browser = browser or Browser()
    kept = hidden(browser.get(address(side)).content.decode())
    return browser.post(address(side), {**kept, **TYPED, **changes}, REMOTE_ADDR=at)


def kept_at(side: Side) -> list[Inquiry]:
    with side.scope():
        return list(Inquiry.objects.filter(channel="web_form").order_by("id"))


class Seen(HTMLParser):
    """What a page holds: its tags with attributes, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_what_is_left_becomes_an_inquiry_that_waits_to_be_called(world: World) -> None:
    before = timezone.now()
    answer = send(world.here)
    assert (answer.status_code, answer["Location"]) == (303, address(world.here) + "?sent")
    inquiry = kept_at(world.here)[0]
    assert (inquiry.channel, inquiry.status, inquiry.taken_by, inquiry.client) == ("web_form", "new", None, None)
    assert before <= inquiry.received_at <= timezone.now()
    assert (inquiry.caller_name, inquiry.phone, inquiry.language) == ("Jordan", "+13125550142", "Spanish")
    assert inquiry.words == "I want to stop drinking."
    assert (inquiry.ok_to_call, inquiry.ok_sms, inquiry.ok_email) == ("yes", "yes", "not_asked")
    assert (inquiry.ok_voicemail, inquiry.call_from, inquiry.call_until) == ("no", time(17), time(20))
    assert kept_at(world.neighbour) == []
    with world.here.scope():
        event = AuditEvent.objects.get(action="inquiry.opened", object_id=str(inquiry.public_id))
        assert (event.actor_id, event.detail) == (None, {"channel": "web_form"})


def test_a_way_that_was_not_chosen_is_a_no(world: World) -> None:
    send(world.here, ways=["email"], email="jo@mail.example", message="")
    inquiry = kept_at(world.here)[0]
    assert (inquiry.ok_to_call, inquiry.ok_sms, inquiry.ok_email) == ("no", "no", "yes")
    assert inquiry.ok_voicemail == "not_asked"
    # So the one call-back on a number that was given is not open either.
    with world.here.scope(), pytest.raises(NotAllowed):
        inquiries.log_attempt(
            inquiry=inquiry, method="phone", outcome="no_answer", by=world.here.coordinator, now=timezone.now()
        )


def test_the_answer_repeats_nothing_and_no_page_tells_what_kind_of_place_this_is(world: World) -> None:
    browser = Browser()
    answer = send(world.here, browser)
    after = browser.get(answer["Location"])
    for page in (browser.get(address(world.here)), after):
        seen = Seen(page.content.decode())
        words = " ".join(seen.words).casefold()
        assert TELLING.search(words) is None, TELLING.search(words)
        assert world.here.clinic.name.casefold() not in words
        assert page["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    for told in SECRETS:
        assert told not in after.content.decode()
        assert told not in answer["Location"]
    assert "<title>Contact</title>" in after.content.decode()


def test_a_page_has_no_script_nothing_from_elsewhere_and_one_cookie(world: World) -> None:
    browser = Browser()
    page = browser.get(address(world.here))
    seen = Seen(page.content.decode())
    assert not [tag for tag, _attrs in seen.tags if tag in ("script", "iframe", "img", "style")]
    addresses = [attrs.get(name) or "" for _tag, attrs in seen.tags for name in ("href", "src", "action")]
    assert not [one for one in addresses if one and not one.startswith(("/static/", "#"))]
    assert not [attrs for _tag, attrs in seen.tags if "style" in attrs or any(name.startswith("on") for name in attrs)]
    sent = send(world.here, browser)
    browser.get(sent["Location"])
    assert set(browser.cookies) == {"csrf"}


def test_a_form_sent_twice_is_kept_once(world: World) -> None:
    browser = Browser()
    kept = hidden(browser.get(address(world.here)).content.decode())
    answers = [browser.post(address(world.here), {**kept, **TYPED}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(kept_at(world.here)) == 1
    send(world.here, browser)
    assert len(kept_at(world.here)) == 2


def test_a_fault_while_keeping_does_not_count_as_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Browser(raise_request_exception=False)
    kept = hidden(browser.get(address(world.here)).content.decode())
    real = inquiries.open_inquiry

    def fail(**parts: Any) -> None:
        real(**parts)
        raise OperationalError("the server is gone")

    monkeypatch.setattr(inquiries, "open_inquiry", fail)
    assert browser.post(address(world.here), {**kept, **TYPED}).status_code == 503
    assert kept_at(world.here) == []
    monkeypatch.setattr(inquiries, "open_inquiry", real)
    assert browser.post(address(world.here), {**kept, **TYPED}).status_code == 303
    assert len(kept_at(world.here)) == 1


def test_a_machine_gets_the_same_answer_and_nothing_is_kept(world: World) -> None:
    with world.here.scope():
        events = AuditEvent.objects.count()
    machine = send(world.here, homepage="https://pills.example", phone="no number at all")
    person = send(world.neighbour)
    assert (machine.status_code, machine.content) == (person.status_code, person.content)
    assert machine["Location"] == address(world.here) + "?sent"
    assert kept_at(world.here) == []
    with world.here.scope():
        assert AuditEvent.objects.count() == events


def test_the_field_for_machines_is_out_of_everybodys_way(world: World) -> None:
    seen = Seen(Browser().get(address(world.here)).content.decode())
    field = next(attrs for tag, attrs in seen.tags if tag == "input" and attrs.get("name") == "homepage")
    assert (field["tabindex"], field["autocomplete"]) == ("-1", "off")
    around = [attrs for tag, attrs in seen.tags if tag == "div" and attrs.get("aria-hidden") == "true"]
    assert "visually-hidden" in (around[0]["class"] or "")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "Write a name. A first name is enough."),
        ({"name": "x" * 161}, "Write at most 160 characters; this has 161."),
        ({"name": "a\x00b"}, "Something in this text cannot be kept. Type it again."),
        ({"ways": []}, "Choose at least one way."),
        ({"ways": ["pigeon"]}, "Choose from the list."),
        ({"phone": ""}, "Enter a number, or choose only e-mail above."),
        ({"phone": "  "}, "Enter a number, or choose only e-mail above."),
        ({"phone": "call my mother"}, "Enter the number in digits, without letters."),
        ({"phone": "3" * 41}, "Write at most 40 characters; this has 41."),
        ({"ways": ["email"]}, "Enter an e-mail address, or choose another way above."),
        ({"email": "nowhere"}, "Enter an e-mail address like name@example.org."),
        ({"when": "never"}, "Choose from the list."),
        ({"message": "perhaps"}, "Choose from the list."),
        ({"words": "x" * 4_001}, "Write at most 4000 characters; this has 4001."),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_the_rest_stays(
    world: World, changes: dict[str, Any], sentence: str
) -> None:
    answer = send(world.here, **changes)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "There is something to mend" in text
    assert sentence in text
    assert "<title>Error: Contact</title>" in text
    assert ("drinking" in text) or "words" in changes
    assert kept_at(world.here) == []


def test_from_one_address_a_clinic_is_sent_so_many_in_an_hour(world: World) -> None:
    for _ in range(SENT_AN_HOUR):
        assert send(world.here).status_code == 303
    refused = send(world.here)
    assert refused.status_code == 429
    assert "This page was sent many times from here. Please wait an hour, then send it again." in (
        refused.content.decode()
    )
    assert "drinking" in refused.content.decode()  # what they wrote is still in the form
    assert send(world.here, at="198.51.100.9").status_code == 303
    assert send(world.neighbour).status_code == 303
    assert send(world.here, phone="").status_code == 422  # a mistake is not counted, nor hidden behind the limit
    assert len(kept_at(world.here)) == SENT_AN_HOUR + 1


def test_no_address_stands_in_the_cache(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    keys: list[str] = []
    real = cache.add

    def noted(key: str, *rest: Any) -> bool:
        keys.append(key)
        return bool(real(key, *rest))

    monkeypatch.setattr(cache, "add", noted)
    send(world.here)
    assert len(keys) == 1
    assert "203.0.113.7" not in keys[0]


def test_with_the_cache_away_nobody_is_turned_away(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any, **kwargs: Any) -> None:
        raise CacheAway

    for verb in ("add", "incr", "get", "set"):
        monkeypatch.setattr(cache, verb, away)
    assert send(world.here).status_code == 303
    assert len(kept_at(world.here)) == 1


def test_an_unknown_or_closed_clinic_is_not_found(world: World) -> None:
    assert Browser().get("/clinics/nowhere/contact/").status_code == 404
    assert Browser().post("/clinics/nowhere/contact/", TYPED).status_code == 404
    Clinic.objects.filter(pk=world.here.clinic.pk).update(is_active=False)
    assert Browser().get(address(world.here)).status_code == 404


def test_a_form_from_another_site_is_refused(world: World) -> None:
    assert Browser(enforce_csrf_checks=True).post(address(world.here), TYPED).status_code == 403
    assert kept_at(world.here) == []


def test_who_is_signed_in_leaves_no_name_there(world: World) -> None:
    assert send(world.here, signed_in(world.neighbour.coordinator)).status_code == 303
    inquiry = kept_at(world.here)[0]
    with world.here.scope():
        assert inquiry.taken_by is None
        assert AuditEvent.objects.get(action="inquiry.opened", object_id=str(inquiry.public_id)).actor_id is None
    page = signed_in(world.here.coordinator).get(address(world.here)).content.decode()
    assert world.here.coordinator.name not in page


def test_nobody_sets_what_is_not_asked(world: World) -> None:
    more: dict[str, Any] = {
        "channel": "court", "status": "admitted", "client": str(world.here.client.pk), "relation": "self",
        "taken_by": str(world.here.coordinator.pk), "received_at": "2020-01-01T00:00:00Z", "crisis_hold": "1",
        "clinic": str(world.neighbour.clinic.pk), "source": "7", "discreet_name": "Nobody",
    }  # fmt: skip
    assert send(world.here, **more).status_code == 303
    inquiry = kept_at(world.here)[0]
    assert (inquiry.channel, inquiry.status, inquiry.client, inquiry.taken_by) == ("web_form", "new", None, None)
    assert (inquiry.relation, inquiry.source, inquiry.discreet_name, inquiry.crisis_hold) == ("", "", "", False)
    assert inquiry.received_at.year > 2020
    assert kept_at(world.neighbour) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ""),
        ({"best": "text"}, "sms"),
        ({"ways": ["call"]}, "phone"),
        ({"ways": ["call", "email"], "email": "jo@mail.example", "best": "email"}, "email"),
    ],
)
def test_what_suits_them_best_is_kept_and_permits_nothing(world: World, changes: dict[str, Any], expected: str) -> None:
    assert send(world.here, **changes).status_code == 303
    (kept,) = [one for one in kept_at(world.here) if one.caller_name == "Jordan"]
    assert kept.preferred_method == expected
    ways = changes.get("ways", TYPED["ways"])
    assert (kept.ok_sms == "yes") is ("text" in ways)


def test_what_suits_them_best_is_one_of_the_ways_they_chose(world: World) -> None:
    answer = send(world.here, best="email")
    assert answer.status_code == 422
    assert "Choose this way above too" in answer.content.decode()


def test_nothing_sensitive_is_asked_on_a_page_that_anybody_may_see(world: World) -> None:
    shown = Seen(Browser().get(address(world.here)).content.decode())
    asked = {attrs.get("name") for _tag, attrs in shown.tags}
    sensitive = {
        "unsafe_at_home",
        "safe_way",
        "mental_health",
        "pregnant",
        "veteran",
        "homeless",
        "gender",
        "guardian_name",
    }
    assert not asked & sensitive
    # Sent all the same, they are no part of the form.
    assert send(world.here, unsafe_at_home="yes", mental_health="x", pregnant="yes").status_code == 303
    for one in kept_at(world.here):
        assert (one.unsafe_at_home, one.mental_health, one.pregnant) == ("not_asked", None, "not_asked")

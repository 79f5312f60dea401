"""Where it is not safe to contact somebody at home: the server refuses, the pages say why, and it is not forgotten."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from clients.models import ContactAttempt, Inquiry
from clients.rules.contact import NotAllowed
from clients.selectors import guards
from clients.services import inquiries
from clients.services.inquiries import Caller, Need, Person
from tests.clients import admission as at
from tests.clients.people import events, page, signed_in
from tests.clients.test_inquiry_pages import attempt, opened, shown
from tests.world import NOW, Side, World

SISTER = "Call her sister at the shop, mornings. Ask for the book club."
HOME: dict[str, Any] = {"unsafe_at_home": "yes", "safe_way": SISTER}
TOP = "Not safe at home: only the safe way"
WILLING = Caller(
    relation="self", name="Sam Vale", phone="312 555 0142", email="sam@mail.example", ok_to_call="yes",
    ok_voicemail="yes", ok_sms="yes", ok_email="yes",
)  # fmt: skip


def log(side: Side, inquiry: Inquiry, method: str, outcome: str, **how: Any) -> ContactAttempt:
    return inquiries.log_attempt(
        inquiry=inquiry, method=method, outcome=outcome, by=side.coordinator, now=NOW + timedelta(minutes=5), **how
    )


def test_the_server_refuses_every_way_but_the_safe_one(world: World) -> None:
    here = world.here
    with here.scope():
        one = opened(here, channel="web_form", caller=replace(WILLING, **HOME), person=Person(legal_name="Sam Vale"))
        for method, outcome in (
            ("sms", "sms_sent"),
            ("email", "email_sent"),
            ("phone", "voicemail_left"),
            ("phone", "message_with_third_party"),
            ("in_person", "message_with_third_party"),
        ):
            for said in (False, True):
                with pytest.raises(NotAllowed, match="not safe to contact them at home"):
                    log(here, one, method, outcome, by_safe_way=said)
        with pytest.raises(NotAllowed, match="Use only the safe way"):
            log(here, one, "phone", "no_answer")
        assert not one.attempts.exists()
        assert log(here, one, "phone", "connected", by_safe_way=True).live
        log(here, one, "email", "call_back_requested", direction="inbound")
    logged = [event.detail for event in events(here) if event.action == "attempt.logged"][-2:]
    assert [detail.get("by_safe_way") for detail in logged] == [True, None]


def test_without_a_safe_way_nobody_is_contacted(world: World) -> None:
    here = world.here
    with here.scope():
        caller = replace(WILLING, unsafe_at_home="yes")
        one = opened(here, channel="web_form", caller=caller)
        with pytest.raises(NotAllowed, match="wait until they call"):
            log(here, one, "phone", "no_answer", by_safe_way=True)
    assert "No safe way is written down. Wait until they call" in shown(here, one)


def test_the_page_shows_the_safe_way_and_no_script_for_any_other(world: World) -> None:
    here = world.here
    with here.scope():
        open_to_all = opened(here, caller=WILLING)
        unsafe = opened(here, caller=replace(WILLING, **HOME))
    browser = signed_in(here.coordinator)
    before, text = shown(here, open_to_all), shown(here, unsafe)
    assert "On a voicemail" in before
    for script in ("When somebody answers", "On a voicemail", "With somebody else"):
        assert script not in text
    assert "To whoever asks whether they are here" in text
    assert text.count("Do not send text messages.") == text.count("Do not leave a voicemail.") == 1
    # A call is logged only with the word that it was made the safe way; the refusal stands beside its outcome.
    address = page(here, "inquiry_attempt", unsafe.public_id)
    refused = browser.post(address, attempt(text))
    assert refused.status_code == 422
    assert "Use only the safe way" in refused.content.decode()
    assert browser.post(address, attempt(text, by_safe_way="on")).status_code == 302
    assert "by_safe_way" not in before
    # The field of another's form opens nothing.
    with here.scope():
        assert unsafe.attempts.filter(direction="outbound").count() == 1


def test_the_queue_hides_the_number_and_says_why(world: World) -> None:
    here = world.here
    with here.scope():
        opened(here, caller=replace(WILLING, phone="312 555 0191", **HOME))
        opened(here, caller=replace(WILLING, phone="312 555 0192", preferred_method="sms"))
        opened(here, caller=replace(WILLING, phone="312 555 0193", ok_sms="no", preferred_method="sms"))
    text = signed_in(here.coordinator).get(page(here, "inquiry_queue")).content.decode()
    assert "312 555 0191" not in text
    assert text.count("Only the safe way") == 1
    rows = text.split('<li class="list-row">')
    liked, other = (next(row for row in rows if number in row) for number in ("312 555 0192", "312 555 0193"))
    assert "Text message first" in liked
    assert "first ·" not in other


def test_what_suits_them_is_tried_first_where_it_is_permitted(world: World) -> None:
    here = world.here
    with here.scope():
        liked = opened(here, caller=replace(WILLING, preferred_method="email"))
        unasked = opened(here, caller=replace(WILLING, preferred_method="sms", ok_sms="not_asked"))
        assert guards.ways(liked) == ("email", "phone", "sms")
        assert guards.ways(unasked) == ("phone", "email")
        with pytest.raises(NotAllowed):
            log(here, unasked, "sms", "sms_sent")
    text = shown(here, liked)
    assert "<dt>Try first</dt><dd>E-mail</dd>" in text
    method = text[text.index('name="method" value="email"') :].split(">", 1)[0]
    assert "checked" in method
    assert "have not agreed to it" in shown(here, unasked)


def test_who_was_not_safe_is_not_safe_when_they_ask_again(world: World) -> None:
    here = world.here
    with here.scope():
        known = opened(here, caller=replace(WILLING, **HOME)).client
        assert known is not None
        again = opened(here, caller=WILLING, known=known)
        assert (again.unsafe_at_home, again.safe_way) == ("yes", SISTER)
        asked_anew = opened(here, caller=replace(WILLING, unsafe_at_home="no"), known=known)
        assert (asked_anew.unsafe_at_home, asked_anew.safe_way) == ("no", None)
        unnamed = opened(here, caller=WILLING, person=Person())
        linked = inquiries.change_inquiry(
            inquiry=unnamed, version=1, caller=WILLING, person=Person(), need=Need(), known=again.client,
            by=here.coordinator, now=NOW,
        )  # fmt: skip
        # The last that was asked holds: by now, that it is safe.
        assert linked.unsafe_at_home == "no"


def test_the_person_s_own_page_says_it_to_who_reads_inquiries(world: World) -> None:
    here = world.here
    with here.scope():
        made = at.admitted(here)
        Inquiry.objects.filter(pk=made.inquiry_id).update(unsafe_at_home="yes")
        client = made.client
    for user, sees in ((here.coordinator, True), (here.therapist, True)):
        text = signed_in(user).get(page(here, "client_detail", client.public_id)).content.decode()
        assert (TOP in text) is sees

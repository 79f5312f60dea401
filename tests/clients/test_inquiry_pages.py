"""An inquiry's page: who reads it, what it says, logging a call, taking a step."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Inquiry, Task
from clients.services import inquiries
from clients.services.inquiries import Caller, Need, Person
from clinics.roles import Role
from clinics.services import people
from tests.budgets.counting import asked
from tests.clients.people import ABSENT_ID, body, events, page, signed_in
from tests.world import NOW, Side, World


def opened(side: Side, **changes: Any) -> Inquiry:
    """Return an inquiry taken by the coordinator on the phone."""
    given: dict[str, Any] = {
        "channel": "phone_inbound", "caller": Caller(relation="parent", name="Ana Vale", phone="312 555 0142"),
        "person": Person(legal_name="Sam Vale"), "need": Need(words="He stopped going to work.", safety_answer="no"),
    }  # fmt: skip
    return inquiries.open_inquiry(clinic=side.clinic, by=side.coordinator, now=NOW, **{**given, **changes})


def shown(side: Side, inquiry: Inquiry, user: Any = None) -> str:
    """Return the page of an inquiry as the coordinator, or another, sees it."""
    answer = signed_in(user or side.coordinator).get(page(side, "inquiry_detail", inquiry.public_id))
    assert answer.status_code == 200
    return answer.content.decode()


def step(html: str, to: str) -> dict[str, str]:
    """Return the hidden fields of the form of one step."""
    for form in re.findall(r'<form method="post" action="[^"]*/moves/".*?</form>', html, re.DOTALL):
        found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
        if found.get("to") == to:
            return found
    raise AssertionError(f"no step to {to}")


def attempt(html: str, **changes: str) -> dict[str, str]:
    """Return what the form of an attempt posts."""
    form = re.search(r'<form method="post" action="[^"]*/attempts/".*?</form>', html, re.DOTALL)
    assert form
    key = re.search(r'name="repeat_key" value="([^"]+)"', form[0])
    assert key
    start = {"direction": "outbound", "method": "phone", "outcome": "no_answer", "again": "no"}
    return {"repeat_key": key[1], **start, **changes}


# --- who reads it ----------------------------------------------------------------------------------------------


def test_who_may_read_and_who_may_work(world: World) -> None:
    here, address = world.here, page(world.here, "inquiry_detail", world.here.inquiry.public_id)
    answers = {role: signed_in(user).get(address) for role, user in here.people.items()}
    assert {role: answer.status_code for role, answer in answers.items()} == {
        Role.COORDINATOR: 200, Role.THERAPIST: 200, Role.SUPERVISOR: 200, Role.PRIVACY_OFFICER: 200, Role.CODER: 404,
        Role.ADMINISTRATOR: 403,
    }  # fmt: skip
    for role, answer in answers.items():
        assert (b"Log a call" in answer.content) == (role is Role.COORDINATOR)
        assert (b"CANARY-riverbend words" in answer.content) == (answer.status_code == 200)
    assert signed_in(here.other_therapist).get(address).status_code == 404
    for route in ("inquiry_attempt", "inquiry_move"):
        posted = {
            role: signed_in(user).post(page(here, route, here.inquiry.public_id)) for role, user in here.people.items()
        }
        assert {role: answer.status_code for role, answer in posted.items()} == {
            Role.COORDINATOR: 422, Role.THERAPIST: 403, Role.SUPERVISOR: 403, Role.PRIVACY_OFFICER: 403,
            Role.CODER: 404, Role.ADMINISTRATOR: 403,
        }  # fmt: skip


def test_an_administrator_who_is_a_therapist_too_reads_their_own_people_only(world: World) -> None:
    here = world.here
    with here.scope():
        people.add_member(clinic=here.clinic, user=here.administrator, role=Role.THERAPIST, by=None)
    answer = signed_in(here.administrator).get(page(here, "inquiry_detail", here.inquiry.public_id))
    assert answer.status_code == 403


def test_foreign_absent_and_malformed_are_one_answer(world: World) -> None:
    browser = signed_in(world.here.coordinator)
    ids = (world.neighbour.inquiry.public_id, ABSENT_ID, "not-an-id")
    answers = [browser.get(page(world.here, "inquiry_detail", one)) for one in ids]
    assert {answer.status_code for answer in answers} == {404}
    assert len({body(answer, one) for answer, one in zip(answers, ids, strict=True)}) == 1


def test_the_page_asks_few_questions_and_is_recorded_once(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    browser, address = (
        signed_in(world.here.coordinator),
        page(world.here, "inquiry_detail", world.here.inquiry.public_id),
    )
    browser.get(address)
    before = len(events(world.here))
    with asked() as questions:
        browser.get(address)
    with capsys.disabled():
        print(f"\ninquiry page: {len(questions)} queries")
    assert [one.action for one in events(world.here, before)] == ["inquiry.viewed"]
    assert len(questions) <= 12, "\n".join(questions)


# --- what it says ----------------------------------------------------------------------------------------------


def test_the_caller_is_not_the_person(world: World) -> None:
    with world.here.scope():
        inquiry = opened(world.here)
        reference = inquiry.client.reference
    html = shown(world.here, inquiry)
    assert "<bdi>Ana Vale</bdi> about <bdi>Sam Vale</bdi>" in html
    assert f'<bdi>Sam Vale</bdi></a> <span class="hint">{reference}' in html
    assert "“<bdi>He stopped going to work.</bdi>”" in html
    assert "312 555 0142" in html


@pytest.mark.parametrize(
    ("answer", "says"),
    [("no", "Do not leave a voicemail."), ("not_asked", "Do not leave a voicemail. Ask first."), ("yes", "")],
)
def test_whether_a_voicemail_may_be_left_is_said_plainly(world: World, answer: str, says: str) -> None:
    caller = Caller(relation="self", name="Sam Vale", phone="312 555 0142", ok_to_call="yes", ok_voicemail=answer)
    with world.here.scope():
        html = shown(world.here, opened(world.here, caller=caller))
    assert ("Do not leave a voicemail" in html) == bool(says)
    assert f"<strong>{says}</strong>" in html or not says
    assert ("On a voicemail" in html) == (answer == "yes")


# --- logging a call --------------------------------------------------------------------------------------------


def test_a_call_is_logged_once_and_moves_the_inquiry_on(world: World) -> None:
    here = world.here
    with here.scope():
        inquiry = opened(here, channel="phone_missed")
    sent = attempt(shown(here, inquiry), note="Rang a long time.", again="suggested")
    for _ in range(2):
        answer = signed_in(here.coordinator).post(page(here, "inquiry_attempt", inquiry.public_id), sent)
        assert answer["Location"] == page(here, "inquiry_detail", inquiry.public_id)
    with here.scope():
        inquiry.refresh_from_db()
        assert inquiry.status == "contacting"
        made = inquiry.attempts.get()
        assert (made.outcome, made.note, made.by) == ("no_answer", "Rang a long time.", here.coordinator)
        assert made.next_action_at is not None
        assert made.next_action_at > timezone.now()
        assert Task.objects.get(inquiry=inquiry).due_at == made.next_action_at
    html = shown(here, inquiry)
    assert "Rang a long time." in html
    assert "Trying to reach" in html


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"outcome": ""}, "Choose what came of it."),
        ({"outcome": "voicemail_left"}, "Do not leave a voicemail"),
        ({"outcome": "sms_sent", "method": "sms"}, "text messages"),
        ({"outcome": "connected"}, "Choose whom you spoke with."),
        ({"again": "at"}, "Enter the day."),
        ({"again": "at", "again_on": "2020-01-01", "again_time": "09:00"}, "This time is over."),
        ({"note": "n" * 5000}, "at most 4000"),
        ({"note": "a\x00b"}, "cannot be kept"),
        ({"method": "pigeon"}, "Choose how."),
    ],
)
def test_a_call_that_may_not_be_is_said_and_what_was_typed_stays(world: World, changes: Any, says: str) -> None:
    here = world.here
    with here.scope():
        inquiry = opened(here, channel="phone_missed")
    sent = attempt(shown(here, inquiry), **{"note": "Their sister answered.", **changes})
    answer = signed_in(here.coordinator).post(page(here, "inquiry_attempt", inquiry.public_id), sent)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert says in html
    assert "note" in changes or "Their sister answered." in html
    with here.scope():
        assert inquiry.attempts.count() == 0


# --- steps -----------------------------------------------------------------------------------------------------


def test_steps_that_hold_are_buttons_and_the_others_say_what_is_missing(world: World) -> None:
    with world.here.scope():
        inquiry = opened(world.here)
    html = shown(world.here, inquiry)
    assert "<dt>Finish screening</dt><dd>Answer each screening question, or say why it has no answer.</dd>" in html
    offered = re.findall(r'name="to" value="(\w+)"', html)
    assert offered == ["contacting", "closed_declined", "referred_out"]


def test_a_step_is_taken_once_with_its_reason(world: World) -> None:
    here = world.here
    with here.scope():
        inquiry = opened(here)
    sent = {**step(shown(here, inquiry), "closed_declined"), "reason": "distance", "note": "Two hours each way."}
    browser, address = signed_in(here.coordinator), page(here, "inquiry_move", inquiry.public_id)
    for _ in range(2):
        assert browser.post(address, sent)["Location"] == page(here, "inquiry_detail", inquiry.public_id)
    with here.scope():
        inquiry.refresh_from_db()
        assert inquiry.status == "closed_declined"
        assert [(move.to, move.reason, move.note) for move in inquiry.moves.order_by("pk")][1:] == [
            ("closed_declined", "distance", "Two hours each way.")
        ]
    html = shown(here, inquiry)
    assert "Two hours each way." in html
    assert "Too far away" in html


def test_a_day_to_follow_up_is_asked_for(world: World) -> None:
    here = world.here
    with here.scope():
        inquiry = opened(here, channel="phone_missed")
        inquiries.log_attempt(
            inquiry=inquiry, method="phone", outcome="connected", spoke_with="person", by=here.coordinator, now=NOW
        )
    browser, address = signed_in(here.coordinator), page(here, "inquiry_move", inquiry.public_id)
    sent = step(shown(here, inquiry), "nurture")
    refused = browser.post(address, sent)
    assert refused.status_code == 422
    assert "Enter the day you agreed on." in refused.content.decode()
    for impossible in ("2001-01-05", "2999-01-05"):
        assert browser.post(address, {**sent, "follow_up_on": impossible}).status_code == 422
    follow_up_on = (timezone.localdate() + timedelta(days=7)).isoformat()
    assert browser.post(address, {**sent, "follow_up_on": follow_up_on}).status_code == 302


@pytest.mark.parametrize(
    ("to", "status"), [("admitted", 409), ("screened", 409), ("new", 409), ("", 422), ("x" * 99, 422)]
)
def test_an_illegal_step_is_answered_with_the_legal_ones(world: World, to: str, status: int) -> None:
    here = world.here
    with here.scope():
        inquiry = opened(here)
    sent = {**step(shown(here, inquiry), "contacting"), "to": to}
    answer = signed_in(here.coordinator).post(page(here, "inquiry_move", inquiry.public_id), sent)
    html = answer.content.decode()
    assert answer.status_code == status
    assert "This step cannot be taken now" in html
    for label in ("Keep trying to reach them", "Close with a reason", "Refer elsewhere"):
        assert f"<li>{label}</li>" in html
    with here.scope():
        assert inquiry.moves.count() == 1


def test_a_page_that_was_open_too_long_moves_nothing(world: World) -> None:
    here = world.here
    with here.scope():
        inquiry = opened(here)
    sent = {**step(shown(here, inquiry), "closed_declined"), "reason": "cost"}
    with here.scope():
        inquiries.move_inquiry(inquiry=inquiry, to="contacting", by=here.coordinator, now=NOW, reason="call_dropped")
    answer = signed_in(here.coordinator).post(page(here, "inquiry_move", inquiry.public_id), sent)
    assert answer.status_code == 409
    assert "It is now “Trying to reach”." in answer.content.decode()
    with here.scope():
        inquiry.refresh_from_db()
        assert inquiry.status == "contacting"


def test_while_held_emergency_care_is_the_only_step(world: World) -> None:
    here = world.here
    with here.scope():
        inquiry = opened(here, need=Need(in_danger_now=True))
    html = shown(here, inquiry)
    assert "Held for safety" in html
    assert "Refer to emergency care" in html
    assert re.findall(r'name="to" value="(\w+)"', html) == ["referred_out"]
    sent = {**step(html, "referred_out"), "to": "contacting", "reason": "call_dropped"}
    browser, address = signed_in(here.coordinator), page(here, "inquiry_move", inquiry.public_id)
    assert browser.post(address, sent).status_code == 409
    assert browser.post(address, {**step(html, "referred_out"), "reason": "emergency"}).status_code == 302


def test_a_second_call_is_joined_to_the_first(world: World) -> None:
    here = world.here
    with here.scope():
        first, second = (opened(here, channel="phone_missed", person=Person()) for _ in range(2))
    html = shown(here, second)
    assert "Join to another inquiry" in html
    assert str(first.public_id) in html
    assert str(here.inquiry.public_id) not in html, "another caller's"
    address, browser = page(here, "inquiry_move", second.public_id), signed_in(here.coordinator)
    for master in ("", str(here.inquiry.public_id), str(world.neighbour.inquiry.public_id), "no-id"):
        refused = browser.post(address, {**step(html, "duplicate"), "master": master})
        assert refused.status_code == 422
        assert "Choose the inquiry that this one repeats." in refused.content.decode()
    browser.post(address, {**step(html, "duplicate"), "master": str(first.public_id)})
    html = shown(here, second)
    assert "The inquiry that this one repeats" in html
    assert page(here, "inquiry_detail", first.public_id) in html

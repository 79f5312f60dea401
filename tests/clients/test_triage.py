"""How soon somebody is to be seen, where and what for; how an attempt was made; what came of naloxone."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from clients.models import ContactAttempt, Inquiry, SafetyConcern, Task
from clients.selectors.triage import due_of
from clients.services import safety, watching
from clients.services.said import Caller, Need
from clinics.models import Program
from tests.api.test_clients_api import Caller as ApiCaller
from tests.api.test_inquiries_api import FORM, SCOPES, created
from tests.clients import admission as at
from tests.clients.calls import edited, inquiry_at, send, taken
from tests.clients.people import body, hidden, page, signed_in
from tests.clients.test_inquiry_pages import opened, shown
from tests.clients.test_safe_way import HOME, WILLING
from tests.world import NOW, Side, World

LATER = "2999-01-05"
FOREIGN = "foreign"


def program_of(side: Side) -> Program:
    found: Program = side.program
    return found


# --- how soon -------------------------------------------------------------------------------------------------------


def test_a_call_keeps_how_soon_where_and_what_for_and_its_page_says_it(world: World) -> None:
    here = world.here
    browser = signed_in(here.coordinator)
    said = {"triage": "urgent", "change_target": "health_behaviour", "program": str(program_of(here).public_id)}
    with here.scope():
        one = inquiry_at(send(browser, here, **said))
        assert (one.triage, one.change_target, one.program) == ("urgent", "health_behaviour", program_of(here))
    text = shown(here, one)
    for words in ("Urgent", "Assess by", "Who took the call made it urgent.", "To change", program_of(here).name):
        assert words in text, words
    with here.scope():
        sent = edited(browser, here, one, **{**said, "triage": "routine", "program": ""})
    assert browser.post(page(here, "inquiry_edit", one.public_id), sent).status_code == 302
    with here.scope():
        one.refresh_from_db()
        assert (one.triage, one.program) == ("routine", None)
    assert "Who took the call made it urgent." not in shown(here, one)


def test_nothing_of_it_has_to_be_asked(world: World) -> None:
    one = taken(signed_in(world.here.coordinator), world.here)
    assert (one.triage, one.change_target, one.program) == ("", "", None)
    text = shown(world.here, one)
    assert "Routine" in text
    assert "To change" not in text


@pytest.mark.parametrize("name", ["triage", "change_target", "program"])
def test_what_is_none_of_the_list_is_refused(world: World, name: str) -> None:
    here = world.here
    for bad in ("x", str(program_of(world.neighbour).public_id)):
        assert send(signed_in(here.coordinator), here, **{name: bad}).status_code == 422


@pytest.mark.parametrize(
    ("need", "chosen", "urgent"),
    [
        ({"withdrawal_risk": True}, "routine", True),
        ({"overdose_30_days": True}, "", True),
        ({"safety_answer": "yes"}, "routine", True),
        ({"in_danger_now": True}, "", True),
        ({"safety_answer": "preferred_not_to_say"}, "", False),
        ({}, "urgent", True),
        ({}, "routine", False),
        ({}, "", False),
    ],
)
def test_the_page_and_the_watch_say_the_same(world: World, need: dict[str, Any], chosen: str, urgent: bool) -> None:
    here = world.here
    with here.scope():
        key = at.screened(here).pk
        Inquiry.objects.filter(pk=key).update(**need, triage=chosen)
        one = Inquiry.objects.select_related("client", "clinic").get(pk=key)
        # As it stands after the review: what was found stays a sign, and holds nobody any more.
        for concern in safety.raise_concerns(inquiry=one, by=None, now=NOW):
            safety.review(
                concern=concern, rationale="Spoke.", next_check_on=NOW.date(), naloxone="taken", by=here.therapist,
                now=NOW,
            )  # fmt: skip
        due = due_of(Inquiry.objects.select_related("clinic").get(pk=key), NOW)
        assert due is not None
        assert (due.is_urgent, due.is_over) == (urgent, False)
        # Five days later the one business day is over, and the ten are not.
        later = NOW + timedelta(days=5)
        watching.watch_evaluations(clinic=here.clinic, now=later)
        assert Task.objects.filter(kind="evaluation", inquiry_id=key, done_at=None).exists() is urgent
        found = due_of(one, later)
        assert found is not None
        assert found.is_over is urgent


def test_who_was_assessed_is_due_no_more(world: World) -> None:
    here = world.here
    with here.scope():
        one = at.assessed(here, at.booked(here, at.screened(here, triage="urgent")))
        assert due_of(one, NOW) is None
    assert "Assess by" not in shown(here, one)


def test_the_decision_starts_from_the_program_they_asked_about(world: World) -> None:
    here = world.here
    with here.scope():
        one = at.assessed(here, at.booked(here, at.screened(here, program=program_of(here))))
    text = signed_in(here.therapist).get(page(here, "decision_create", one.public_id)).content.decode()
    assert f'<option value="{program_of(here).public_id}" selected>' in text


def test_the_database_keeps_a_foreign_program_away(world: World) -> None:
    foreign = program_of(world.neighbour).pk
    with world.here.scope(), pytest.raises(IntegrityError), transaction.atomic():
        Inquiry.objects.filter(pk=world.here.inquiry.pk).update(program_id=foreign)
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")


# --- over the API ---------------------------------------------------------------------------------------------------


@pytest.fixture
def coordinator(world: World) -> ApiCaller:
    return ApiCaller(world.here, world.here.coordinator, SCOPES)


def test_a_telephone_system_says_it_too(world: World, coordinator: ApiCaller) -> None:
    program = str(program_of(world.here).public_id)
    need = {**FORM["need"], "triage": "urgent", "change_target": "workplace_eap", "program": program}
    row = created(coordinator, {**FORM, "need": need}).json()
    assert row["need"] | need == row["need"]
    assert row["assess_by"] is not None
    address = f"/inquiries/{row['id']}/"
    read = coordinator.send("get", address).json()
    assert read == row
    changed = coordinator.send(
        "patch", address, {"need": {"program": None}}, **{"If-Match": f'"{read["version"]}"'}
    ).json()
    assert changed["need"] == {**read["need"], "program": None}
    for name, bad in (("triage", "soon"), ("change_target", "x"), ("program", "x"), ("program", FOREIGN)):
        value = str(program_of(world.neighbour).public_id) if bad is FOREIGN else bad
        answer = created(coordinator, {**FORM, "need": {**need, name: value}}, f"bad {name} {bad}")
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [f"need.{name}"]), answer.content


# --- how an attempt was made ----------------------------------------------------------------------------------------


def test_an_attempt_says_that_it_was_made_the_safe_way_and_how_long_it_lasted(
    world: World, coordinator: ApiCaller
) -> None:
    here = world.here
    with here.scope():
        one = opened(here, channel="web_form", caller=replace(WILLING, **HOME))
        open_to_all = opened(here, channel="web_form", caller=WILLING)
    sent = {"method": "phone", "outcome": "connected", "by_safe_way": True, "seconds": 200}
    for inquiry, key in ((one, "safe"), (open_to_all, "open")):
        address = f"/inquiries/{inquiry.public_id}/attempts/"
        answer = coordinator.send("post", address, sent, **{"Idempotency-Key": key})
        assert answer.status_code == 201, answer.content
        # Where nothing but the usual way is asked for, there is no other one.
        assert (answer.json()["by_safe_way"], answer.json()["seconds"]) == (key == "safe", 200)
    text = shown(here, one)
    assert "Made the safe way" in text
    assert "3 min 20 s" in text
    assert "Made the safe way" not in shown(here, open_to_all)
    with here.scope(), pytest.raises(Exception, match="final"), transaction.atomic():
        ContactAttempt.objects.filter(inquiry=one).update(by_safe_way=False)


# --- naloxone -------------------------------------------------------------------------------------------------------


def overdosed(side: Side, **need: Any) -> SafetyConcern:
    caller = Caller(relation="friend", phone="312 555 0142")
    one = opened(side, caller=caller, need=Need(**(need or {"overdose_30_days": True})))
    found: SafetyConcern = SafetyConcern.objects.get(inquiry=one, level__in=("S2", "S3"))
    safety.hand_over(concern=found, to=side.other_therapist, by=side.coordinator)
    return found


@pytest.mark.parametrize("sign", ["overdose_30_days", "withdrawal_risk"])
def test_a_review_says_what_came_of_offering_naloxone(world: World, sign: str) -> None:
    here = world.here
    with here.scope():
        concern = overdosed(here, **{sign: True})
        with pytest.raises(safety.NoNaloxone):
            safety.review(
                concern=concern, rationale="Spoke.", next_check_on=NOW.date(), by=here.therapist, now=timezone.now()
            )
    browser, address = signed_in(here.other_therapist), page(here, "concern_review", concern.public_id)
    sent = {**hidden(body(browser.get(address))), "rationale": "Spoke.", "next_check_on": LATER}
    answer = browser.post(address, sent)
    assert answer.status_code == 422
    assert "Choose what came of offering naloxone." in answer.content.decode()
    assert browser.post(address, {**sent, "naloxone": "declined"}).status_code == 302
    assert "Offered, and they said no" in body(browser.get(address))
    with here.scope():
        concern.refresh_from_db()
        assert concern.naloxone == "declined"
        with pytest.raises(Exception, match="final"), transaction.atomic():
            SafetyConcern.objects.filter(pk=concern.pk).update(naloxone="taken")
    api = ApiCaller(here, here.coordinator, SCOPES)
    rows = {row["id"]: row["naloxone"] for row in api.send("get", "/safety-concerns/").json()["results"]}
    assert rows[str(concern.public_id)] == "declined"


def test_where_nobody_is_at_risk_of_an_overdose_it_is_not_asked(world: World) -> None:
    here = world.here
    with here.scope():
        concern = overdosed(here, in_danger_now=True)
    browser, address = signed_in(here.other_therapist), page(here, "concern_review", concern.public_id)
    text = body(browser.get(address))
    assert "naloxone" not in text.lower()
    sent = {**hidden(text), "rationale": "Spoke.", "next_check_on": LATER, "naloxone": "taken"}
    assert browser.post(address, sent).status_code == 302
    with here.scope():
        concern.refresh_from_db()
        assert concern.naloxone == ""


@pytest.mark.parametrize(("need", "there"), [({"in_danger_now": True}, True), ({"overdose_30_days": True}, False)])
def test_who_is_in_danger_now_is_not_left_alone(world: World, need: dict[str, Any], there: bool) -> None:
    here = world.here
    with here.scope():
        concern = overdosed(here, **need)
        assert concern.inquiry is not None
        asked_for = concern.inquiry.public_id
    browser = signed_in(here.coordinator)
    for address in (
        page(here, "inquiry_detail", asked_for),
        page(here, "concern_hand_over", concern.public_id),
    ):
        assert ("Do not leave them alone" in body(browser.get(address))) is there

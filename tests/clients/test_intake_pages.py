"""The page on which a call is taken, and writing down more later."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from clients.forms.intake import PARTS, WORDS_CHARS, IntakeForm
from clients.models import Client, ContactAttempt, Inquiry, SafetyConcern
from clinics.models import AuditEvent, Draft
from tests.clients.calls import (
    CALL,
    CRISIS,
    TOO_LONG,
    WORDS,
    call_of,
    count_of,
    edited,
    inquiry_at,
    known_person,
    look,
    send,
    send_again,
    taken,
)
from tests.clients.people import ABSENT_ID, body, events, hidden, page, signed_in
from tests.guards.test_foreign_fields import Form, hostile
from tests.world import CANARY, World

# --- taking a call ------------------------------------------------------------------------------------------------


def test_a_call_is_kept_whole_and_its_page_opens(world: World) -> None:
    here = world.here
    browser = signed_in(here.coordinator)
    answer = send(
        browser, here, substances=["alcohol", "cannabis"], last_use="today", importance="8", readiness="0", source="1",
        barriers=["work"], own_reasons="The children.", outside_pressure="A court date.", call_from="18:00",
        call_until="20:00", discreet_name="Ana", language="Spanish", interpreter="on", email="NOOR@mail.example",
    )  # fmt: skip
    with here.scope():
        one = inquiry_at(answer)
        assert (one.status, one.phone, one.email) == ("screening", "+13125550199", "noor@mail.example")
        assert (one.words, one.own_reasons, one.outside_pressure) == (WORDS, "The children.", "A court date.")
        assert (one.ok_to_call, one.ok_voicemail, one.ok_sms, one.ok_email) == ("yes", "no", "not_asked", "not_asked")
        assert (one.importance, one.confidence, one.readiness) == (8, None, 0)
        assert (one.substances, one.barriers, one.source) == (["alcohol", "cannabis"], ["work"], "1")
        assert (str(one.call_from), str(one.call_until), one.interpreter) == ("18:00:00", "20:00:00", True)
        assert (one.relation, one.taken_by) == ("self", here.coordinator)
        assert one.client is not None
        assert (one.client.legal_name, one.client.goes_by, one.client.postal_code) == ("Noor Rivers", "Noor", "60612")
    assert "Noor" not in answer.url


def test_six_answers_are_enough_and_fewer_too(world: World) -> None:
    here = world.here
    least = dict.fromkeys(CALL, "") | {"who": "person", "phone": "312 555 0199", "channel": "phone_inbound"}
    with here.scope():
        one = inquiry_at(send(signed_in(here.coordinator), here, **least))
        assert (one.client, one.words, one.safety_answer, one.ok_to_call) == (None, None, "not_asked", "not_asked")


def test_a_mother_who_calls_is_not_her_son(world: World) -> None:
    here = world.here
    with here.scope():
        one = inquiry_at(
            send(signed_in(here.coordinator), here, who="family", relation="parent", caller_name="Ana Rivers")
        )
        assert (one.relation, one.caller_name) == ("parent", "Ana Rivers")
        assert one.client is not None
        assert one.client.phone == ""
        other = inquiry_at(
            send(signed_in(here.coordinator), here, who="referrer", legal_name="", caller_name="Dr. Ode")
        )
        assert (other.relation, other.client) == ("other", None)


def test_a_field_that_is_not_asked_changes_nothing(world: World) -> None:
    here = world.here
    asked = Form("", names={*IntakeForm.base_fields, *PARTS})
    more = {name: values[0] for name, values in hostile(asked, here).items()}
    assert {"status", "crisis_hold", "master", "client", "taken_by", "gaps"} <= more.keys()
    one = taken(signed_in(here.coordinator), here, **more)
    assert (one.status, one.crisis_hold, one.master_id, one.gaps, one.version) == ("screening", False, None, {}, 1)
    assert (one.taken_by, one.clinic) == (here.coordinator, here.clinic)
    assert one.client is not None
    assert (one.client.legal_name, one.client.merged_into_id) == ("Noor Rivers", None)


def test_only_who_takes_calls_finds_the_page(world: World) -> None:
    here = world.here
    for user in (here.therapist, here.supervisor, here.coder, here.privacy_officer, here.administrator):
        browser = signed_in(user)
        for route in ("intake_create", "intake_matches"):
            assert browser.post(page(here, route), CALL).status_code == 403
        assert browser.get(page(here, "intake_create")).status_code == 403
    stranger = signed_in(world.neighbour.coordinator)
    assert stranger.get(page(here, "intake_create")).status_code == 404
    assert stranger.post(page(here, "intake_matches"), CALL).status_code == 404
    assert signed_in(here.coordinator).get(page(here, "intake_matches")).status_code == 405


def test_the_same_call_sent_twice_is_one(world: World) -> None:
    here = world.here
    browser = signed_in(here.coordinator)
    call = call_of(browser, here)
    first, second = (send_again(browser, here, call) for _n in range(2))
    assert first.url == second.url
    changed = browser.post(page(here, "intake_create"), {**call, "somebody_else": "on", "words": "Another."})
    assert changed.status_code == 422
    assert "already saved once" in changed.content.decode()
    with here.scope():
        assert Inquiry.objects.filter(phone="+13125550199").count() == 1
        assert Client.objects.filter(legal_name="Noor Rivers").count() == 1
        assert ContactAttempt.objects.filter(inquiry__phone="+13125550199").count() == 1


# --- what cannot be -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"who": ""}, "Choose who is on the phone."),
        ({"who": "somebody"}, "Choose who is on the phone."),
        ({"phone": "", "email": ""}, "Enter a number or an e-mail address, in case you are cut off."),
        ({"phone": "call me"}, "Enter the number in digits, without letters."),
        ({"phone": "312 555"}, "Enter 10 digits, area code first"),
        ({"phone": "3" * 900}, "Write at most 40 characters; this has 900."),
        ({"phone": "312\x00555 0199"}, "Something in this text cannot be kept."),
        ({"email": "not an address"}, "Enter an e-mail address"),
        ({"email": "a\x00@mail.example"}, "Something in this text cannot be kept."),
        ({"words": "a\x00b"}, "Something in this text cannot be kept."),
        ({"words": TOO_LONG}, f"Write at most {WORDS_CHARS} characters; this has 10000."),
        ({"legal_name": TOO_LONG}, "Write at most 160 characters; this has 10000."),
        ({"born_on_month": "2", "born_on_day": "30"}, "Enter a real date"),
        ({"born_on_day": ""}, "Enter a real date"),
        ({"born_on_year": "2999"}, "This date of birth is in the future."),
        ({"born_on_year": "1790"}, "more than 125 years ago"),
        ({"safety_answer": "maybe"}, "Choose what they answered."),
        ({"ok_to_call": "perhaps"}, "Choose yes, no or not asked."),
        ({"call_from": "18:00"}, "Enter both times, or neither."),
        ({"call_from": "18:00", "call_until": "17:00"}, "Enter an end that is later than the start."),
        ({"call_from": "25:00", "call_until": "26:00"}, "Enter a time, such as 09:30 or 14:00."),
        ({"substances": ["alcohol", "opioids", "cannabis", "nicotine"]}, "Choose at most three"),
        ({"substances": ["none", "alcohol"]}, "“No substance” alone"),
        ({"substances": ["a\x00"]}, "Choose from the list."),
        ({"readiness": "11"}, "Choose a number from 0 to 10."),
        ({"source": "99"}, "Choose one of the list."),
        ({"channel": "web_form"}, "Choose how it came in."),
        ({"known": "nonsense"}, "This record is not at this clinic any more."),
        ({"known": ABSENT_ID}, "This record is not at this clinic any more."),
        ({"repeat_key": ""}, "This form has lost its number."),
    ],
)
def test_what_cannot_be_is_said_and_nothing_typed_is_lost(world: World, wrong: dict[str, Any], sentence: str) -> None:
    here = world.here
    before = count_of(here)
    answer = send(signed_in(here.coordinator), here, **wrong)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in html
    assert "There is something to mend" in html
    if "words" not in wrong:
        assert WORDS in html
    assert count_of(here) == before


def test_midnight_ends_a_day(world: World) -> None:
    here = world.here
    answer = send(signed_in(here.coordinator), here, call_from="22:00", call_until="00:00")
    assert answer.status_code == 302


def test_a_record_of_the_neighbour_is_answered_like_none(world: World) -> None:
    here = world.here
    browser = signed_in(here.coordinator)
    foreign, absent = (send(browser, here, known=str(key)) for key in (world.neighbour.client.public_id, ABSENT_ID))
    assert foreign.status_code == absent.status_code == 422
    assert "not at this clinic" in foreign.content.decode()
    theirs = f"{CANARY}-{world.neighbour.clinic.slug}"
    assert theirs not in foreign.content.decode()
    shown = browser.post(page(here, "intake_matches"), {"use": str(world.neighbour.client.public_id)})
    assert theirs not in shown.content.decode()


# --- safety ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", [{"safety_answer": "yes"}, {"in_danger_now": "on"}])
def test_danger_is_kept_at_once_and_holds(world: World, said: dict[str, str]) -> None:
    here = world.here
    with here.scope():
        one = inquiry_at(send(signed_in(here.coordinator), here, **said))
        assert one.crisis_hold
        assert SafetyConcern.objects.filter(inquiry=one, level="S3").exists()


def test_the_crisis_panel_names_who_can_be_fetched(world: World) -> None:
    here = world.here
    html = signed_in(here.coordinator).get(page(here, "intake_create")).content.decode()
    panel = html.split(CRISIS, 1)[1].split("</section>", 1)[0]
    assert here.supervisor.name in panel
    assert world.neighbour.supervisor.name not in panel or world.neighbour.supervisor.name == here.supervisor.name
    assert "988" in panel
    assert "911" in panel


# --- writing down more ----------------------------------------------------------------------------------------------


def test_more_is_written_down_and_gaps_get_reasons(world: World) -> None:
    here = world.here
    browser = signed_in(here.coordinator)
    one = taken(browser, here)
    address = page(here, "inquiry_edit", one.public_id)
    shown = browser.get(address).content.decode()
    assert WORDS in shown
    assert "312 555 0199" in shown
    assert "Noor Rivers" in shown
    answer = browser.post(
        address, edited(browser, here, one, source="7", substances=["none"], gap_readiness="call_ended")
    )
    assert answer.status_code == 302
    with here.scope():
        one.refresh_from_db()
        assert (one.source, one.substances, one.gaps, one.version) == ("7", ["none"], {"readiness": "call_ended"}, 2)
        assert one.ok_to_call == "yes"


def test_two_people_at_one_inquiry_see_both_texts(world: World) -> None:
    here = world.here
    browser = signed_in(here.coordinator)
    one = taken(browser, here)
    address = page(here, "inquiry_edit", one.public_id)
    mine, theirs = (
        edited(browser, here, one, words=words, substances=[what], interpreter=flag)
        for words, what, flag in (("Mine.", "alcohol", ""), ("Theirs.", "opioids", "on"))
    )
    del mine["interpreter"]
    assert browser.post(address, theirs).status_code == 302
    conflict = browser.post(address, mine)
    html = conflict.content.decode()
    assert conflict.status_code == 422
    assert "Two texts for one record" in html
    for text in ("Theirs.", "Mine.", "<bdi>Opioids</bdi>", "<bdi>Alcohol</bdi>", "<bdi>yes</bdi>"):
        assert text in html
    with here.scope():
        one.refresh_from_db()
        assert one.words == "Theirs."
    assert browser.post(address, {**mine, "version": hidden(html)["version"]}).status_code == 302
    with here.scope():
        one.refresh_from_db()
        assert one.words == "Mine."
    same = browser.post(address, {**mine, "version": "2"})
    assert same.status_code == 302


def test_an_unnamed_person_is_named_or_found_later(world: World) -> None:
    here = world.here
    browser = signed_in(here.coordinator)
    known = known_person(here, phone="")
    one = taken(browser, here, legal_name="")
    assert one.client is None
    answer = browser.post(
        page(here, "inquiry_edit", one.public_id), edited(browser, here, one, known=str(known.public_id))
    )
    assert answer.status_code == 302
    with here.scope():
        one.refresh_from_db()
        assert one.client == known


def test_an_inquiry_is_edited_by_who_takes_calls_only(world: World) -> None:
    here = world.here
    one = taken(signed_in(here.coordinator), here)
    for user, status in ((here.administrator, 403), (here.coder, 404), (here.therapist, 404)):
        assert signed_in(user).get(page(here, "inquiry_edit", one.public_id)).status_code == status
    answers = [
        signed_in(world.neighbour.coordinator).get(page(world.neighbour, "inquiry_edit", key))
        for key in (one.public_id, ABSENT_ID, "nonsense")
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert body(answers[0], one.public_id) == body(answers[1], ABSENT_ID) == body(answers[2], "nonsense")


# --- the page itself ------------------------------------------------------------------------------------------------


def queries(browser: Browser, address: str) -> int:
    browser.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(address).status_code == 200
    return len([q for q in seen if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))])


def test_the_pages_ask_at_most_twelve_questions(world: World, record_property: Any) -> None:
    here = world.here
    browser = signed_in(here.coordinator)
    one = taken(browser, here)
    browser.post(page(here, "intake_create"), call_of(browser, here, later="1"))
    with here.scope():
        draft = Draft.objects.get(user=here.coordinator, key__startswith="intake_create:")
    resumed = f"{page(here, 'intake_create')}?draft={draft.key.partition(':')[2]}"
    for route, address in (
        ("intake_create", page(here, "intake_create")),
        ("intake_create, resumed", resumed),
        ("inquiry_edit", page(here, "inquiry_edit", one.public_id)),
    ):
        asked = queries(browser, address)
        record_property(f"queries of {route}", asked)
        print(route, asked)
        assert asked <= 12


def test_nothing_of_a_call_stands_in_the_trail(world: World) -> None:
    here = world.here
    browser = signed_in(here.coordinator)
    seen = len(events(here))
    taken(browser, here, words=f"{CANARY} words", legal_name=f"{CANARY} Name", own_reasons=f"{CANARY} reasons")
    look(browser, here, legal_name=f"{CANARY} Name")
    with here.scope():
        trail = [str(event.detail) for event in AuditEvent.objects.order_by("pk")[seen:]]
    assert trail
    assert not [text for text in trail if CANARY in text or "Noor" in text]

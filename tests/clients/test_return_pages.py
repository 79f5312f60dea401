"""The pages of cravings and returns to use: who may read and write, what is wrong, what is offered, what is in the trail."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import timezone

from clients.models import ChangeTarget, Client, Craving, Lapse, StageRating
from clients.services import returns
from clinics import drafts
from clinics.models import Draft
from tests.clients.people import ABSENT_ID, body, events, hidden, page, signed_in, text_of, today
from tests.clients.relapsing import craving, lapse
from tests.world import CANARY, World

# The person has one goal, for which the rulers were asked.
pytestmark = pytest.mark.usefixtures("goal")
FELT = {"intensity": "7", "used": "no", "situation": "Payday", "coping": "Walked\nCalled Ada", "helped": "6",
        "minutes": "25"}  # fmt: skip


def goal(client: Client) -> ChangeTarget:
    found: ChangeTarget = ChangeTarget.objects.get(client=client)
    return found


LISTS = ("craving_list", "lapse_list")
FORMS = ("craving_create", "lapse_create")
ROWS = {"craving_take_back": "craving", "lapse_look_back": "lapse", "lapse_take_back": "lapse"}


@pytest.mark.parametrize(
    ("role", "read", "write"),
    [
        ("therapist", 200, 200), ("supervisor", 200, 403), ("coordinator", 403, 403), ("privacy_officer", 403, 403),
        ("other_therapist", 404, 404), ("coder", 404, 404), ("administrator", 404, 404),
    ],
)  # fmt: skip
def test_who_reads_and_writes(world: World, role: str, read: int, write: int) -> None:
    here = world.here
    browser = signed_in(getattr(here, role))
    for route in LISTS:
        shown = browser.get(page(here, route, here.client.public_id))
        assert shown.status_code == read
        if read == 200:
            assert ("Write down a" in text_of(shown)) is (write == 200)
    for route in FORMS:
        assert browser.get(page(here, route, here.client.public_id)).status_code == write
    one = 200 if read == 200 else 404
    assert browser.get(page(here, "lapse_detail", here.lapse.public_id)).status_code == one
    for route, name in ROWS.items():
        address = page(here, route, here.rows[name].public_id)
        assert browser.get(address).status_code == (404 if read != 200 else write)


def test_a_craving_just_now_is_two_answers_beside_the_list(world: World, noor: Client) -> None:
    here = world.here
    browser = signed_in(here.therapist)
    log, form = page(here, "craving_list", noor.public_id), page(here, "craving_create", noor.public_id)
    # Another craving is half written down on the long form: it stays there.
    with here.scope(here.therapist):
        drafts.save(user=here.therapist, key=f"craving_create:{noor.public_id}", data=QueryDict("situation=Payday"))
    shown = text_of(browser.get(log))
    typed = {**hidden(shown), "intensity": "7", "used": "no"}
    assert f'action="{form}"' in shown
    empty = browser.post(form, {**typed, "intensity": ""})
    assert (empty.status_code, "Choose how strong it was, from 0 to 10." in text_of(empty)) == (422, True)
    for _twice in range(2):
        assert browser.post(form, typed, follow=True).redirect_chain[-1][0] == log
    with here.scope():
        craving = Craving.objects.get(client=noor)
        assert (craving.intensity, craving.used, craving.situation) == (7, False, None)
        assert timezone.now() - craving.felt_at < timedelta(minutes=2)
        assert Draft.objects.filter(key=f"craving_create:{noor.public_id}").exists()
    assert 'name="just_now"' not in text_of(signed_in(here.supervisor).get(log))


@pytest.mark.parametrize("route", [*LISTS, *FORMS, "lapse_detail", *ROWS])
def test_a_foreign_an_absent_and_a_malformed_id_are_the_same(world: World, route: str) -> None:
    here, there = world.here, world.neighbour
    row = there.rows[ROWS.get(route, "lapse" if route == "lapse_detail" else "client")]
    browser = signed_in(here.therapist)
    ids = [row.public_id, ABSENT_ID, "nonsense"]
    answers = [browser.get(page(here, route, one)) for one in ids]
    assert [one.status_code for one in answers] == [404] * 3
    assert len({body(one, pk) for one, pk in zip(answers, ids, strict=True)}) == 1


def test_a_craving_is_written_down_and_shown_and_drafted_on_the_way(world: World, noor: Client) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    assert "Nothing written down yet" in text_of(browser.get(page(here, "craving_list", noor.public_id)))
    key = f"craving_create:{noor.public_id}"
    assert browser.post(page(here, "draft_save", key), {"situation": "Half a"}).status_code == 204
    address = page(here, "craving_create", noor.public_id)
    shown = text_of(browser.get(address))
    assert "Half a" in shown
    form = {**FELT, "felt_on": today(here).isoformat(), "felt_at": "00:00", **hidden(shown)}
    for _n in range(2):
        answer = browser.post(address, form)
        assert (answer.status_code, answer.url) == (302, page(here, "craving_list", noor.public_id))
    text = text_of(browser.get(answer.url))
    for words in ("7 of 10", "25 minutes", "what they tried helped 6 of 10", "Payday", "Called Ada"):
        assert words in text
    assert "A return to use" not in text
    with here.scope():
        assert Craving.objects.filter(client=noor).count() == 1
        assert not Draft.objects.filter(user=here.therapist, key=key).exists()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"intensity": ""}, "Choose how strong it was, from 0 to 10."),
        ({"intensity": "11"}, "Choose how strong it was, from 0 to 10."),
        ({"used": ""}, "Choose whether they used."),
        ({"felt_on": "2999-01-01"}, "This time is still to come."),
        ({"felt_on": "2001-01-01"}, "This is more than a year ago."),
        ({"felt_at": ""}, "Enter the time at which it was felt."),
        ({"minutes": "0"}, "Enter how many minutes it lasted, from 1 to 1440."),
        ({"coping": ""}, "Write what they tried that helped so much"),
        ({"situation": "x" * 1001}, "Write at most 1000 characters"),
        ({"repeat_key": ""}, "This form has lost its number."),
    ],
)
def test_a_craving_that_is_wrong_is_said_beside_its_field(
    world: World, noor: Client, wrong: dict[str, str], sentence: str
) -> None:
    here = world.here
    form = {**FELT, "felt_on": today(here).isoformat(), "felt_at": "00:00", "repeat_key": "k"}
    answer = signed_in(here.therapist).post(page(here, "craving_create", noor.public_id), {**form, **wrong})
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    with here.scope():
        assert not Craving.objects.filter(client=noor).exists()


def test_a_craving_at_which_they_used_offers_to_write_down_a_return_to_use(world: World, noor: Client) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    day = (today(here) - timedelta(days=2)).isoformat()
    form = {**FELT, "used": "yes", "felt_on": day, "felt_at": "13:00", "repeat_key": "k"}
    answer = browser.post(page(here, "craving_create", noor.public_id), form)
    assert answer.status_code == 302
    shown = text_of(browser.get(answer.url))
    assert f'value="{day}"' in shown
    assert "Payday" in shown
    with here.scope():
        assert not Lapse.objects.filter(client=noor).exists(), "offered, never made"
        made = Craving.objects.get(client=noor)
    address = page(here, "lapse_create", noor.public_id)
    assert f"{address}?craving={made.public_id}" in text_of(browser.get(page(here, "craving_list", noor.public_id)))
    for other in (here.craving.public_id, world.neighbour.craving.public_id, ABSENT_ID, "nonsense"):
        assert browser.get(f"{address}?craving={other}").status_code == 404
    with here.scope(here.therapist):
        returns.take_back_craving(craving=made, reason="In error", by=here.therapist, now=timezone.now())
    assert browser.get(f"{address}?craving={made.public_id}").status_code == 404
    assert f"?craving={made.public_id}" not in text_of(browser.get(page(here, "craving_list", noor.public_id)))


def test_a_return_to_use_is_written_down_looked_back_on_and_stands(world: World, noor: Client) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    listed = page(here, "lapse_list", noor.public_id)
    assert "Nothing written down" in text_of(browser.get(listed))
    address = page(here, "lapse_create", noor.public_id)
    shown = text_of(browser.get(address))
    with here.scope():
        target = goal(noor)
    assert f'value="{target.public_id}" selected' in shown, "the one goal they have is chosen"
    assert "checked" not in shown.partition("rate_stage")[2].partition(">")[0]
    form = {"happened_on": today(here).isoformat(), "substance": "alcohol", "amount": "Two beers",
            "situation": "Payday", "target": str(target.public_id), "rate_stage": "on", **hidden(shown)}  # fmt: skip
    for _n in range(2):
        answer = browser.post(address, form)
        assert answer.status_code == 302
    text = text_of(browser.get(answer.url))
    for words in ("Alcohol", "Two beers", "Payday", "Drink less", "Look back: due"):
        assert words in text
    with here.scope():
        made = Lapse.objects.get(client=noor)
        assert StageRating.objects.get(client=noor).stage == "rec"
    tasks = text_of(browser.get(page(here, "task_list")))
    assert "Look back on a return to use" in tasks
    assert listed in tasks
    person = text_of(browser.get(page(here, "client_detail", noor.public_id)))
    assert "Look back on a return to use by" in person
    back = page(here, "lapse_look_back", made.public_id)
    shown = text_of(browser.get(back))
    assert "There is no plan for return to use yet." in shown
    refused = browser.post(back, {"learning": "Call sooner", "plan_changed": "yes", **hidden(shown)})
    assert refused.status_code == 422
    assert "Write it anew first, or say no." in text_of(refused)
    answer = browser.post(back, {"learning": "Call sooner", "plan_changed": "no", **hidden(shown)}, follow=True)
    for words in ("Call sooner", "the plan stayed as it was", "Looked back on"):
        assert words in text_of(answer)
    assert page(here, "lapse_take_back", made.public_id) not in text_of(answer)
    assert browser.post(back, {"learning": "Other", "plan_changed": "no", "repeat_key": "n"}).status_code == 422
    assert "Looked back on" in text_of(browser.get(listed))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"happened_on": ""}, "Enter the day on which it happened."),
        ({"happened_on": "2999-01-01"}, "This day is still to come."),
        ({"happened_on": "2001-01-01"}, "This day is more than a year ago."),
        ({"substance": "tea"}, "Choose what it was."),
        ({"target": ABSENT_ID}, "Choose one of their goals."),
        ({"target": "nonsense"}, "Choose one of their goals."),
        ({"rate_stage": "on"}, "Choose the goal whose stage is rated."),
        ({"amount": "x" * 201}, "Write at most 200 characters"),
    ],
)
def test_a_return_to_use_that_is_wrong_is_said_beside_its_field(
    world: World, noor: Client, wrong: dict[str, str], sentence: str
) -> None:
    here = world.here
    form = {"happened_on": today(here).isoformat(), "repeat_key": "k"}
    answer = signed_in(here.therapist).post(page(here, "lapse_create", noor.public_id), {**form, **wrong})
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    with here.scope():
        assert not Lapse.objects.filter(client=noor).exists()


def test_another_persons_goal_is_no_choice(world: World, noor: Client) -> None:
    here = world.here
    form = {"happened_on": today(here).isoformat(), "repeat_key": "k", "target": str(here.change_target.public_id)}
    answer = signed_in(here.therapist).post(page(here, "lapse_create", noor.public_id), form)
    assert answer.status_code == 422


@pytest.mark.parametrize(("route", "name"), [("craving_take_back", "craving"), ("lapse_take_back", "lapse")])
def test_what_was_written_in_error_is_taken_back_on_its_page(world: World, route: str, name: str) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address = page(here, route, here.rows[name].public_id)
    empty = browser.post(address, {"reason": " ", "repeat_key": "k"})
    assert empty.status_code == 422
    assert "Write why this is taken back." in text_of(empty)
    saved = browser.post(address, {"reason": "Another person's", "repeat_key": "k"}, follow=True)
    assert "Taken back" in text_of(saved)
    again = browser.post(address, {"reason": "Again", "repeat_key": "l"})
    assert again.status_code == 422
    assert "taken back already" in text_of(again)


@pytest.mark.parametrize("route", LISTS)
def test_a_list_is_paged_and_a_cursor_of_another_is_no_page(world: World, noor: Client, route: str) -> None:
    here = world.here
    with here.scope(here.therapist):
        for n in range(51):
            if route == "craving_list":
                craving(here, noor, n % 11, ago=n % 30)
            else:
                lapse(here, noor, on=today(here) - timedelta(days=n))
    browser = signed_in(here.therapist)
    first = text_of(browser.get(page(here, route, noor.public_id)))
    assert "Older" in first
    assert browser.get(page(here, route, noor.public_id) + "?cursor=nonsense").status_code == 404
    if route == "craving_list":
        assert "Show the numbers" in first


@pytest.mark.parametrize("route", [*LISTS, *FORMS, "lapse_detail", *ROWS])
def test_reading_is_in_the_trail(world: World, route: str) -> None:
    here = world.here
    row = here.rows[ROWS.get(route, "lapse" if route == "lapse_detail" else "client")]
    since = len(events(here))
    signed_in(here.therapist).get(page(here, route, row.public_id))
    assert here.client.pk in {one.client_ref for one in events(here)[since:]}


def test_words_stand_on_the_pages_of_who_may_read_them(world: World) -> None:
    here = world.here
    shown = text_of(signed_in(here.supervisor).get(page(here, "craving_list", here.client.public_id)))
    assert f"{CANARY}-riverbend situation" in shown
    shown = text_of(signed_in(here.supervisor).get(page(here, "lapse_detail", here.lapse.public_id)))
    assert f"{CANARY}-riverbend lapse" in shown
    assert "Look back: late" in shown

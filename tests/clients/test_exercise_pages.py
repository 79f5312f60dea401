"""The pages of exercises: the caution, writing one, its revisions, and the person's own copy."""

import json
from typing import Any

import pytest

from clients.models import ChangeTarget, Exercise
from clients.rules import exercises as rules
from clients.rules.exercises import Kind
from clients.selectors import exercises as selectors
from clients.services import break_glass
from clinics.models import Draft
from tests.clients.exercising import FORMS, MATTERS, PLAN, WRITE, address_of, asked, written
from tests.clients.people import ABSENT_ID, body, events, hidden, page, signed_in, text_of
from tests.world import CANARY, World


def test_the_page_cautions_first_opens_on_the_tick_and_keeps_it(world: World, goal: ChangeTarget) -> None:
    here = world.here
    with here.scope(here.therapist):
        asked(here, goal, 2)
    browser: Any = signed_in(here.therapist)
    address = page(here, "target_balance", goal.public_id)
    cautioned = browser.get(address)
    assert cautioned.status_code == 200
    for words in ("want the change less", "reasons to change", "A neutral choice is intended"):
        assert words in text_of(cautioned), words
    assert "What is good about how it is now" not in text_of(cautioned)
    unticked = browser.get(address, {"open": "1"})
    assert unticked.status_code == 422
    assert "or leave this for later" in text_of(unticked)
    opened = text_of(browser.get(address, {"open": "1", "meant": "on"}))
    assert "What is good about how it is now" in opened
    assert "They are still deciding" in opened
    form = {"good_now_1_text": "It calms me", **hidden(opened)}
    for wrong, sentence in (({"purpose": rules.NEUTRAL}, "Confirm that a neutral choice is intended"),
                            ({"purpose": "consolidate", "meant": "on"}, "They have not decided yet")):  # fmt: skip
        refused = browser.post(address, {**form, **wrong})
        assert refused.status_code == 422
        assert sentence in text_of(refused)
    assert browser.post(address, {**form, "purpose": rules.NEUTRAL, "meant": "on"}).status_code == 302
    with here.scope():
        assert Exercise.objects.get(target=goal).suggested == "high_engage"


def test_somebody_who_is_ready_is_not_cautioned(world: World, goal: ChangeTarget) -> None:
    shown = text_of(signed_in(world.here.therapist).get(page(world.here, "target_balance", goal.public_id)))
    assert "What is good about how it is now" in shown
    assert "still deciding" not in shown


# --- the pages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "read", "write"),
    [
        ("therapist", 200, 200), ("supervisor", 200, 403), ("coordinator", 403, 403), ("privacy_officer", 403, 403),
        ("other_therapist", 404, 404), ("coder", 404, 404), ("administrator", 404, 404),
    ],
)  # fmt: skip
def test_who_reads_and_writes_exercises(world: World, role: str, read: int, write: int) -> None:
    here = world.here
    browser = signed_in(getattr(here, role))
    one = 200 if read == 200 else 404
    for route in ("exercise_detail", "exercise_print"):
        shown = browser.get(page(here, route, here.exercise.public_id))
        assert shown.status_code == one
        assert (f"{CANARY}-riverbend cell" in text_of(shown)) is (one == 200)
    assert browser.get(page(here, "client_values", here.client.public_id)).status_code == write
    about = write if read == 200 else 404
    for route in ("target_balance", "target_change_plan"):
        assert browser.get(page(here, route, here.change_target.public_id)).status_code == about


def test_break_glass_reads_an_exercise_and_writes_none(world: World) -> None:
    here = world.here
    with here.scope():
        break_glass.break_glass(client=here.client, reason="Found unconscious", by=here.other_therapist)
    browser = signed_in(here.other_therapist)
    shown = text_of(browser.get(page(here, "exercise_detail", here.exercise.public_id)))
    assert f"{CANARY}-riverbend cell" in shown
    assert "Go through it again" not in shown
    for route, key in (("target_balance", here.change_target), ("client_values", here.client)):
        assert browser.get(page(here, route, key.public_id)).status_code == 403


@pytest.mark.parametrize("route", [*WRITE, "exercise_detail", "exercise_print"])
def test_a_foreign_an_absent_and_a_malformed_id_are_the_same(world: World, route: str) -> None:
    here, there = world.here, world.neighbour
    rows = {
        "client_values": there.client,
        "target_balance": there.change_target,
        "target_change_plan": there.change_target,
    }
    browser = signed_in(here.therapist)
    ids = [rows.get(route, there.exercise).public_id, ABSENT_ID, "nonsense"]
    answers = [browser.get(page(here, route, one)) for one in ids]
    assert [one.status_code for one in answers] == [404] * 3
    assert len({body(one, pk) for one, pk in zip(answers, ids, strict=True)}) == 1


@pytest.mark.parametrize("route", WRITE)
def test_an_exercise_is_written_read_and_written_anew(world: World, goal: ChangeTarget, route: str) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address = address_of(here, route, goal)
    shown = text_of(browser.get(address))
    assert "More rows" in shown
    saved = text_of(browser.post(address, {**FORMS[route], **hidden(shown)}, follow=True))
    said = next(value for name, value in FORMS[route].items() if not value.isdigit())
    for words in ("It is saved.", "Revision 1", said, here.therapist.name):
        assert words in saved, words
    again = text_of(browser.get(address))
    assert said in again
    assert "Revision 2" in text_of(browser.post(address, {**FORMS[route], **hidden(again)}, follow=True))
    with here.scope():
        older = Exercise.objects.get(client=goal.client, revision=1)
    shown = text_of(browser.get(page(here, "exercise_detail", older.public_id)))
    assert "An older revision" in shown
    for kept in ("Their own copy", "Go through it again"):
        assert kept not in shown


def test_values_show_their_gaps_in_order_and_their_mean(world: World, goal: ChangeTarget) -> None:
    here = world.here
    with here.scope(here.therapist):
        shuffled = {"values": MATTERS["values"][::-1]}
        made = written(here, goal, Kind.VALUES, content=shuffled)
    shown = text_of(signed_in(here.therapist).get(page(here, "exercise_detail", made.public_id)))
    assert shown.index("Family") < shown.index("Fun")
    assert "gap 6" in shown
    assert "<dd>3.0</dd>" in shown


def test_a_plan_with_little_confidence_asks_for_a_smaller_step(world: World, goal: ChangeTarget) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address = page(here, "target_change_plan", goal.public_id)
    for confidence, asks in (("6", True), ("7", False)):
        form = {**FORMS["target_change_plan"], "confidence": confidence, **hidden(text_of(browser.get(address)))}
        saved = text_of(browser.post(address, form, follow=True))
        assert ("Look together for a smaller step." in saved) is asks
        assert ("Make the step smaller" in saved) is asks


@pytest.mark.parametrize(
    ("route", "wrong", "sentence"),
    [
        ("target_change_plan", {"change": ""}, "Write the change they want"),
        ("target_change_plan", {"steps_2_what": "", "steps_2_when": "Monday"}, "Write what it is, or empty the row."),
        ("target_change_plan", {"confidence": "11"}, "Enter a whole number from 0 to 10."),
        ("target_change_plan", {"confidence": "x"}, "Enter a whole number from 0 to 10."),
        ("target_change_plan", {"signed_on": "2999-01-01"}, "This day is still to come."),
        ("target_change_plan", {"steps_8_what": "x" * 201}, "Write at most 200 characters"),
        ("target_change_plan", {"change": "a\x00b"}, "Something in this text cannot be kept."),
        ("target_balance", {"purpose": ""}, "Choose what it is for."),
        ("target_balance", {"good_now_1_text": ""}, "or empty the row"),
        ("client_values", {"values_2_name": "Fun", "values_2_rank": "1"}, "Two values stand in place 1."),
        ("client_values", {"values_1_importance": "6"}, "Enter a whole number from 1 to 5."),
        ("client_values", {"repeat_key": ""}, "This form has lost its number."),
        ("client_values", {"version": ""}, "This form has lost its place."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_kept(
    world: World, goal: ChangeTarget, route: str, wrong: dict[str, str], sentence: str
) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address = address_of(here, route, goal)
    form = {**FORMS[route], **hidden(text_of(browser.get(address)))}
    answer = browser.post(address, {**form, **wrong})
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    with here.scope():
        assert not Exercise.objects.filter(client=goal.client).exists()


def test_a_row_behind_the_summary_shows_when_it_is_used(world: World, goal: ChangeTarget) -> None:
    here = world.here
    with here.scope(here.therapist):
        written(here, goal, content={**PLAN, "steps": [{"what": f"step {n}"} for n in range(1, 7)]})
    shown = text_of(signed_in(here.therapist).get(page(here, "target_change_plan", goal.public_id)))
    steps = shown.partition('id="part-steps"')[2].partition('id="part-helpers"')[0]
    first, _summary, more = steps.partition("<details")
    assert 'value="step 6"' in first
    assert "steps_7_what" in first
    assert "steps_8_what" in more


@pytest.mark.parametrize("route", WRITE)
def test_a_draft_is_kept_and_let_go_and_the_same_form_twice_makes_one(
    world: World, goal: ChangeTarget, route: str
) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    kind = {"target_balance": "balance", "target_change_plan": "change_plan", "client_values": "values"}[route]
    about = goal.client if route == "client_values" else goal
    key = f"exercise_{kind}:{about.public_id}"
    name = next(iter(FORMS[route]))
    assert browser.post(page(here, "draft_save", key), {name: "Half a wo", "version": "1"}).status_code == 204
    address = address_of(here, route, goal)
    shown = text_of(browser.get(address))
    assert "Half a wo" in shown
    form = {**FORMS[route], **hidden(shown)}
    for _n in range(2):
        assert browser.post(address, form).status_code == 302
    with here.scope():
        assert Exercise.objects.filter(client=goal.client).count() == 1
        assert not Draft.objects.filter(user=here.therapist, key=key).exists()


def test_two_who_write_at_once_see_both_texts(world: World, goal: ChangeTarget) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address = page(here, "target_change_plan", goal.public_id)
    form = {"change": "Sleep", "starts_on": "2026-12-01", **hidden(text_of(browser.get(address)))}
    with here.scope(here.therapist):
        written(here, goal, content={**PLAN, "starts_on": "2026-12-01"})
    stale = browser.post(address, form)
    assert stale.status_code == 422
    shown = text_of(stale)
    for words in ("Two texts for one record", "Drink on weekends only", "A step 1: What", "Walk home another way"):
        assert words in shown, words
    assert '<th scope="row">When I begin' not in shown, "both say the same day"
    assert browser.post(address, {**form, **hidden(shown)}).status_code == 302
    with here.scope():
        assert selectors.content_of(Exercise.objects.get(target=goal, revision=2))["change"] == "Sleep"


def test_the_persons_own_copy_tells_nobody_where_it_is_from_and_printing_is_in_the_trail(
    world: World, goal: ChangeTarget
) -> None:
    here = world.here
    with here.scope(here.therapist):
        made = written(here, goal)
    since = len(events(here))
    answer = signed_in(here.therapist).get(page(here, "exercise_print", made.public_id))
    shown = text_of(answer)
    said = shown.partition("<main")[2].replace(page(here, "exercise_detail", made.public_id), "")
    for words in ("Drink on weekends only", "Walk home another way", "My plan for change"):
        assert words in said
    for kept in ("Riverbend", "Behavioral", "Evoke", "clinic", "Noor", goal.client.reference, here.therapist.name,
                 "Printed by", "Nothing yet"):  # fmt: skip
        assert kept not in said, kept
    assert answer.headers["Cache-Control"].find("no-store") >= 0
    found = [(one.action, one.purpose) for one in events(here, since)]
    assert ("exercise.printed", "own_copy") in found
    assert not [one for one in found if one[0].startswith("disclosure.")], "it is no disclosure: it is their own"


def test_what_they_keep_private_is_not_printed(world: World, goal: ChangeTarget) -> None:
    here = world.here
    with here.scope(here.therapist):
        made = written(here, goal, Kind.VALUES, is_private=True)
    browser: Any = signed_in(here.therapist)
    shown = text_of(browser.get(page(here, "exercise_detail", made.public_id)))
    assert "Their own copy" not in shown
    since = len(events(here))
    answer = browser.get(page(here, "exercise_print", made.public_id))
    assert answer.status_code == 302
    assert "exercise.printed" not in {one.action for one in events(here, since)}


def test_nothing_of_an_exercise_of_the_world_is_lost_where_a_column_is_missing(world: World) -> None:
    here = world.here
    with here.scope():
        made = Exercise.objects.create(
            clinic=here.clinic, client=here.client, kind="values", revision=1,
            content=json.dumps({"values": [{"name": "Family"}]}), made_by=here.therapist,
        )  # fmt: skip
        content = selectors.content_of(made)
        assert content["values"][0]["wanted"] is None
        assert rules.gap(content["values"][0]) is None

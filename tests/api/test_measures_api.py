"""Measures over the API: lists with levels, answers for who may read them, entering, and plans."""

from datetime import timedelta
from typing import Any

import pytest

from clients.models import MeasureResponse, MeasureSchedule, SafetyConcern
from tests.api.test_mandates_api import Caller
from tests.clients.measuring import asked, phq9
from tests.clients.people import ABSENT_ID, events, today
from tests.world import World

T17 = phq9(2, 2, 1, 1, 1, 0, 1, 0, 1)


def entry(world: World, **other: Any) -> dict[str, Any]:
    return {"measure": "phq9", "answers": T17, "taken_on": today(world.here).isoformat(), **other}


def test_answers_are_entered_once_and_read_whole(world: World) -> None:
    here = world.here
    caller = Caller(here, here.therapist)
    path = f"clients/{here.client.public_id}/measures/"
    first, again = (caller.post(path, entry(world), key="m-1") for _n in range(2))
    assert first.status_code == again.status_code == 201
    made = first.json()
    assert again.json()["id"] == made["id"]
    assert made["scores"][0] == {"key": "total", "label": "Total", "value": "9", "level": "Mild"}
    assert (made["answers"], made["complete"], made["answered"]) == (T17, True, "clinician")
    assert made["safety"] == ["Thoughts of death or self-harm. A clinician reviews the risk today."]
    assert caller.post(path, entry(world, answers={"P1": 1}), key="m-1").status_code == 422
    assert caller.get(f"measures/{made['id']}/").json() == made
    with here.scope():
        assert MeasureResponse.objects.filter(client=here.client).count() == 2
        assert SafetyConcern.objects.filter(client=here.client, code="phq9_item9").count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"measure": "dast10"}, "measure"), ({"measure": "miti"}, "measure"), ({"answers": {"P1": 9}}, "answers.P1"),
        ({"answers": {}}, "answers"), ({"answers": {"X": 1}}, "answers.X"), ({"answers": {"P1": 5000}}, "answers"),
        ({"taken_on": "2999-01-01"}, "taken_on"), ({"answered": "link"}, "answered"), ({"more": 1}, "more"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_field(world: World, wrong: dict[str, Any], field: str) -> None:
    here = world.here
    answer = Caller(here, here.therapist).post(f"clients/{here.client.public_id}/measures/", entry(world, **wrong))
    assert answer.status_code == 400, answer.json()
    assert any(name.startswith(field) for name in answer.json()["fields"]), answer.json()


def test_a_list_gives_levels_and_numbers_only_to_who_reads_the_answers(world: World) -> None:
    here = world.here
    path = f"clients/{here.client.public_id}/measures/"
    with here.scope(here.coordinator):
        asked(here, here.client, "gad7", {f"G{n}": 2 for n in range(1, 8)}, by=here.coordinator)
    found = {one["measure"]: one["scores"][0] for one in Caller(here, here.coordinator).get(path).json()["results"]}
    assert (found["gad7"]["value"], found["gad7"]["level"]) == ("14", "Moderate"), "asked by themselves"
    assert (found["phq9"]["value"], found["phq9"]["level"]) == (None, "Mild")
    whole = Caller(here, here.therapist).get(path).json()["results"]
    assert {one["measure"]: one["scores"][0]["value"] for one in whole} == {"gad7": "14", "phq9": "8"}
    assert "answers" not in whole[0]


def test_who_may_do_what(world: World) -> None:
    here, there = world.here, world.neighbour
    measures, plans = (f"clients/{here.client.public_id}/{what}/" for what in ("measures", "measure-plans"))
    one = f"measures/{here.rows['response'].public_id}/"
    for user, listed, read, made in (
        (here.coordinator, 200, 403, 201), (here.supervisor, 200, 200, 403), (here.privacy_officer, 403, 403, 403),
        (here.other_therapist, 404, 404, 404),
    ):  # fmt: skip
        caller = Caller(here, user)
        assert caller.get(measures).status_code == listed, user
        assert caller.get(plans).status_code == listed, user
        assert caller.get(one).status_code == read, user
        assert caller.post(measures, entry(world)).status_code == made, user
    caller = Caller(here, here.therapist)
    for path in (
        f"clients/{there.client.public_id}/measures/", f"measures/{there.rows['response'].public_id}/",
        f"measure-plans/{there.rows['schedule'].public_id}/", f"measures/{ABSENT_ID}/", "measure-plans/nonsense/",
    ):  # fmt: skip
        assert caller.get(path).status_code == 404, path


def test_a_plan_is_made_changed_and_ended(world: World) -> None:
    here = world.here
    caller = Caller(here, here.therapist)
    path = f"clients/{here.client.public_id}/measure-plans/"
    day = (today(here) + timedelta(days=3)).isoformat()
    made = caller.post(path, {"measure": "gad7", "every_days": 14, "next_due_on": day})
    assert made.status_code == 201
    again = caller.post(path, {"measure": "gad7", "every_days": 7, "next_due_on": day})
    assert again.status_code == 400
    assert caller.post(path, {"measure": "dast10", "every_days": 7, "next_due_on": day}).status_code == 400
    one = f"measure-plans/{made.json()['id']}/"
    read = caller.get(one)
    assert (read.json(), read.headers["ETag"]) == (made.json(), '"1"')
    changed = caller.patch(one, {"every_days": 28}, 1)
    assert (changed.json()["every_days"], changed.json()["next_due_on"], changed.headers["ETag"]) == (28, day, '"2"')
    assert caller.patch(one, {"every_days": 30}, 1).status_code == 412
    assert caller.patch(one, {"every_days": 0}, 2).status_code == 400
    browser, root = caller.browser, caller.root
    assert browser.delete(root + one).status_code == 428
    assert browser.delete(root + one, headers={"If-Match": '"1"'}).status_code == 412
    ended = browser.delete(root + one, headers={"If-Match": '"2"'})
    assert (ended.status_code, bool(ended.json()["ended_at"])) == (200, True)
    assert caller.patch(one, {"every_days": 30}, 3).status_code == 404
    assert Caller(here, here.supervisor).patch(one, {"every_days": 30}, 3).status_code == 403
    with here.scope():
        assert MeasureSchedule.objects.get(public_id=made.json()["id"]).every_days == 28


def test_every_read_is_in_the_trail(world: World) -> None:
    here = world.here
    since = len(events(here))
    caller = Caller(here, here.therapist)
    caller.get(f"clients/{here.client.public_id}/measures/")
    caller.get(f"measures/{here.rows['response'].public_id}/")
    found = [(one.action, one.purpose) for one in events(here, since)]
    assert ("measureresponse.listed", "api") in found
    assert ("measureresponse.viewed", "api") in found

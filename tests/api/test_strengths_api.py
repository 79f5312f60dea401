"""Reasons, strengths, successes, affirmations and milestones over the API."""

from datetime import timedelta
from typing import Any

import pytest

from clients.models import ChangeReason, Strength
from tests.api.test_mandates_api import Caller
from tests.clients.people import ABSENT_ID, events, in_care, today
from tests.world import CANARY, World

REASON = {"text": "My son", "said_by": "family", "is_own": True, "strength": 8}
STRENGTHS: dict[str, dict[str, Any]] = {
    "strength": {"what": "strength", "text": "Keeps her word", "domain": "personal", "named_by": "client"},
    "success": {"what": "success", "text": "A summer", "helped": "Her brother", "transfer_to": "goal", "named_by": "family"},
    "affirmation": {"what": "affirmation", "text": "You kept going", "named_by": "therapist"},
    "milestone": {"what": "milestone", "text": "30 days", "happened_on": "2026-01-30", "named_by": "client"},
}  # fmt: skip


def of_person(world: World, what: str) -> str:
    return f"clients/{world.here.client.public_id}/{what}/"


def test_a_reason_is_made_once_read_changed_said_again_and_let_go(world: World) -> None:
    here = world.here
    caller = Caller(here, here.therapist)
    before = (today(here) - timedelta(days=4)).isoformat()
    body = {**REASON, "first_said_on": before, "target": str(here.change_target.public_id)}
    first, again = (caller.post(of_person(world, "reasons"), body, key="r-1") for _n in range(2))
    assert (first.status_code, again.json()["id"]) == (201, first.json()["id"])
    made = first.json()
    assert {name: made[name] for name in body} == body
    path = f"reasons/{made['id']}/"
    read = caller.get(path)
    assert (read.json(), read.headers["ETag"]) == (made, '"1"')
    changed = caller.patch(path, {"strength": None, "target": None}, 1)
    assert (changed.status_code, changed.json()["strength"], changed.json()["target"]) == (200, None, None)
    assert (changed.json()["text"], changed.json()["first_said_on"]) == ("My son", before)
    assert caller.patch(path, {"strength": 3}, 1).status_code == 412
    assert caller.browser.patch(caller.root + path, {}, content_type="application/json").status_code == 428
    for _n in range(2):
        said = caller.post(path + "again/")
        assert (said.status_code, said.json()["restated_on"]) == (200, [today(here).isoformat()])
    for _n in range(2):
        ended = caller.post(path + "end/")
        assert ended.status_code == 200
        assert ended.json()["ended_at"] is not None
    assert caller.post(path + "again/").status_code == 409
    assert caller.patch(path, {"strength": 3}, ended.json()["version"]).status_code == 409
    listed = caller.get(of_person(world, "reasons")).json()["results"]
    assert listed[-1]["id"] == made["id"]


@pytest.mark.parametrize("kind", list(STRENGTHS))
def test_each_kind_is_made_once_read_changed_and_let_go(world: World, kind: str) -> None:
    here = world.here
    caller = Caller(here, here.therapist)
    body = STRENGTHS[kind]
    if kind == "affirmation":
        body = {**body, "appointment": str(here.appointment.public_id)}
    first, again = (caller.post(of_person(world, "strengths"), body, key="s-1") for _n in range(2))
    assert (first.status_code, again.json()["id"]) == (201, first.json()["id"])
    made = first.json()
    assert {name: made[name] for name in body} == body
    path = f"strengths/{made['id']}/"
    assert caller.get(path).json() == made
    changed = caller.patch(path, {"text": "Other words", "on_card": False}, 1)
    assert (changed.status_code, changed.json()["text"], changed.json()["on_card"]) == (200, "Other words", False)
    assert {name: changed.json()[name] for name in body if name != "text"} == {
        name: value for name, value in body.items() if name != "text"
    }
    assert caller.patch(path, {"text": "x"}, 1).status_code == 412
    assert caller.patch(path, {"what": "success"}, 2).status_code == 400, "the kind stays"
    for _n in range(2):
        assert caller.post(path + "end/").status_code == 200
    assert caller.patch(path, {"text": "x"}, 3).status_code == 409


@pytest.mark.parametrize(
    ("what", "wrong", "field"),
    [
        ("reasons", {**REASON, "said_by": "nobody"}, "said_by"), ("reasons", {**REASON, "strength": 11}, "strength"),
        ("reasons", {**REASON, "text": " "}, "text"), ("reasons", {**REASON, "target": ABSENT_ID}, "target"),
        ("reasons", {**REASON, "first_said_on": "2999-01-01"}, "first_said_on"),
        ("reasons", {"text": "x", "said_by": "own"}, "is_own"), ("reasons", {**REASON, "more": 1}, "more"),
        ("strengths", {**STRENGTHS["strength"], "domain": ""}, "domain"),
        ("strengths", {**STRENGTHS["strength"], "helped": "x"}, "helped"),
        ("strengths", {**STRENGTHS["milestone"], "happened_on": None}, "happened_on"),
        ("strengths", {**STRENGTHS["milestone"], "happened_on": "2999-01-01"}, "happened_on"),
        ("strengths", {**STRENGTHS["affirmation"], "appointment": ABSENT_ID}, "appointment"),
        ("strengths", {**STRENGTHS["success"], "what": "other"}, "what"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_is_kept(world: World, what: str, wrong: dict[str, Any], field: str) -> None:
    here = world.here
    answer = Caller(here, here.therapist).post(of_person(world, what), wrong)
    assert (answer.status_code, field in answer.json()["fields"]) == (400, True), answer.json()
    with here.scope():
        assert (ChangeReason.objects.count(), Strength.objects.count()) == (1, 1)


def test_somebody_elses_goal_and_appointment_are_none_of_theirs(world: World) -> None:
    here, there = world.here, world.neighbour
    with here.scope():
        noor = in_care(here)
    caller = Caller(here, here.therapist)
    for what, body, field, row in (
        ("reasons", REASON, "target", "change_target"),
        ("strengths", STRENGTHS["affirmation"], "appointment", "appointment"),
    ):
        named = [getattr(here, row).public_id, getattr(there, row).public_id, ABSENT_ID]
        answers = [caller.post(f"clients/{noor.public_id}/{what}/", {**body, field: str(one)}) for one in named]
        assert [one.status_code for one in answers] == [400] * 3
        assert len({one.content for one in answers}) == 1


@pytest.mark.parametrize(
    ("role", "read", "write"),
    [
        ("therapist", 200, 201), ("supervisor", 200, 403), ("coordinator", 403, 403), ("privacy_officer", 403, 403),
        ("other_therapist", 404, 404), ("coder", 403, 403), ("administrator", 403, 403),
    ],
)  # fmt: skip
def test_who_reads_and_writes(world: World, role: str, read: int, write: int) -> None:
    here = world.here
    caller = Caller(here, getattr(here, role))
    for what, row, body in (
        ("reasons", here.reason, REASON), ("strengths", here.strength, STRENGTHS["strength"]),
    ):  # fmt: skip
        listed = caller.get(of_person(world, what))
        assert listed.status_code == read
        assert (CANARY in listed.content.decode()) is (read == 200)
        assert caller.get(f"{what}/{row.public_id}/").status_code == read
        assert caller.post(of_person(world, what), body).status_code == write
        done = 200 if write == 201 else write
        assert caller.patch(f"{what}/{row.public_id}/", {"on_card": False}, 1).status_code == done
        assert caller.post(f"{what}/{row.public_id}/end/").status_code == done


@pytest.mark.parametrize("what", ["reasons", "strengths"])
def test_a_foreign_and_an_absent_id_are_the_same_and_every_read_is_in_the_trail(world: World, what: str) -> None:
    here, there = world.here, world.neighbour
    caller = Caller(here, here.therapist)
    row = {"reasons": "reason", "strengths": "strength"}[what]
    for one in (getattr(there, row).public_id, ABSENT_ID, "nonsense"):
        assert caller.get(f"{what}/{one}/").status_code == 404
        assert caller.patch(f"{what}/{one}/", {}, 1).status_code == 404
        assert caller.post(f"{what}/{one}/end/").status_code == 404
    assert caller.post(f"reasons/{there.reason.public_id}/again/").status_code == 404
    since = len(events(here))
    caller.get(f"{what}/{getattr(here, row).public_id}/")
    (event,) = events(here, since)
    assert (event.purpose, event.client_ref) == ("api", here.client.pk)

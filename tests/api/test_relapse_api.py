"""Keeping a change over the API: plans for return to use, cravings, returns to use and looking back."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Craving, Lapse, RelapsePlan, StageRating, Task
from tests.api.test_mandates_api import Caller
from tests.clients.consenting import signed
from tests.clients.people import ABSENT_ID, events, today
from tests.world import CANARY, World

PARTS: dict[str, Any] = {
    "triggers": [
        {"text": "Payday", "risk": 8, "confidence": 3}, {"text": "Rain", "risk": 6, "confidence": 1},
        {"text": "Weddings", "risk": 9, "confidence": 8, "category": "social_positive", "last_met_on": "2026-01-02"},
    ],
    "warnings": [{"sign": "thought", "text": "One will not matter"}],
    "coping": [{"text": "Walk", "way": "distract", "for_trigger": [1, 2, 3]}],
    "supports": [{"name": "Ada"}, {"name": "Sol", "phone": "evenings"}],
    "lapse_plan": {"first_hour": "Leave", "who_to_call": "Ada", "return_step": "Come"},
}  # fmt: skip


def of_person(world: World, what: str) -> str:
    return f"clients/{world.here.client.public_id}/{what}/"


def caller_of(world: World, role: str = "therapist") -> Caller:
    return Caller(world.here, getattr(world.here, role))


def test_a_plan_is_written_once_and_read_with_what_comes_first(world: World) -> None:
    caller, path = caller_of(world), of_person(world, "relapse-plans")
    body = {"based_on": 1, "parts": PARTS}
    first, again = (caller.post(path, body, key="p-1") for _n in range(2))
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    made = first.json()
    assert (made["revision"], made["complete"], made["missing"], made["priorities"]) == (2, True, [], [1, 2, 3])
    assert made["parts"]["triggers"][2] == PARTS["triggers"][2]
    assert made["parts"]["coping"] == PARTS["coping"]
    assert made["parts"]["warnings"] == PARTS["warnings"]
    assert made["parts"]["supports"][0] == {
        "name": "Ada", "relation": "", "phone": "", "consent": None, "may_call": False,
    }  # fmt: skip
    listed = caller.get(path).json()["results"]
    assert [one["revision"] for one in listed] == [2, 1]
    assert {**listed[0], "made_at": ""} == {**made, "made_at": ""}
    assert listed[1]["parts"]["triggers"][0]["text"] == f"{CANARY}-riverbend trigger"
    assert caller.post(path, body).status_code == 412


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({}, "parts"), ({"promise": []}, "parts"), ({"triggers": [{"text": "x", "risk": 11, "confidence": 1}]}, "parts"),
        ({"coping": [{"text": "x", "for_trigger": [1]}]}, "parts.coping.0.for_trigger"),
        ({"triggers": [{"text": "x", "risk": 1, "confidence": 1, "last_met_on": "2999-01-01"}]},
         "parts.triggers.0.last_met_on"),
        ({"supports": [{"name": "Ada", "consent": ABSENT_ID}]}, "parts.supports.0.consent"),
    ],
)  # fmt: skip
def test_a_plan_that_cannot_be_is_refused_at_its_field(world: World, parts: dict[str, Any], field: str) -> None:
    caller = caller_of(world)
    answer = caller.post(of_person(world, "relapse-plans"), {"based_on": 1, "parts": parts})
    assert answer.status_code == 400
    assert field in answer.content.decode()
    with world.here.scope():
        assert RelapsePlan.objects.count() == 1


def test_who_may_be_called_is_said_as_it_stands_now(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        consent = signed(here, recipients="Ada Rivers", at=timezone.now())
    caller = caller_of(world)
    parts = {"supports": [{"name": "Ada Rivers", "consent": str(consent.public_id)}]}
    made = caller.post(of_person(world, "relapse-plans"), {"based_on": 1, "parts": parts}).json()
    assert made["parts"]["supports"][0]["may_call"] is True
    with here.scope():
        type(consent).objects.filter(pk=consent.pk).update(state="on_hold")
    newest = caller.get(of_person(world, "relapse-plans")).json()["results"][0]
    assert newest["parts"]["supports"][0]["may_call"] is False


def test_a_craving_is_written_down_once_listed_and_taken_back(world: World) -> None:
    caller, path = caller_of(world), of_person(world, "cravings")
    body = {"felt_at": timezone.now().isoformat(), "intensity": 7, "used": True, "coping": "Walked", "helped": 4}
    made = [caller.post(path, body, key="c-1") for _n in range(2)]
    assert [one.status_code for one in made] == [201, 201]
    one = made[0].json()
    assert (one["intensity"], one["used"], one["helped"], one["situation"], one["taken_back"]) == (
        7,
        True,
        4,
        "",
        False,
    )
    listed = caller.get(path).json()["results"]
    assert [row["intensity"] for row in listed] == [7, 6]
    assert listed[1]["situation"] == f"{CANARY}-riverbend situation"
    back = f"cravings/{one['id']}/take-back/"
    assert caller.post(back, {"reason": " "}).status_code == 400
    assert caller.post(back, {"reason": "In error"}).json()["taken_back"] is True
    assert caller.post(back, {"reason": "Again"}).status_code == 409
    with world.here.scope():
        assert Craving.objects.count() == 2


@pytest.mark.parametrize(
    "wrong",
    [{"felt_at": "2999-01-01T00:00:00Z"}, {"intensity": 11}, {"helped": 3}, {"minutes": 0}, {"strength": 1}, {"used": None}],
)  # fmt: skip
def test_a_craving_that_cannot_be_is_refused(world: World, wrong: dict[str, Any]) -> None:
    body = {"felt_at": timezone.now().isoformat(), "intensity": 7, "used": False, **wrong}
    assert caller_of(world).post(of_person(world, "cravings"), body).status_code == 400
    with world.here.scope():
        assert Craving.objects.count() == 1


def test_a_return_to_use_is_written_down_and_looked_back_on(world: World) -> None:
    here, caller, path = world.here, caller_of(world), of_person(world, "lapses")
    body = {"happened_on": today(here).isoformat(), "target": str(here.change_target.public_id), "substance": "alcohol",
            "amount": "Two", "rate_stage": True}  # fmt: skip
    made = [caller.post(path, body, key="l-1") for _n in range(2)]
    assert [one.status_code for one in made] == [201, 201]
    one = made[0].json()
    assert (one["target"], one["amount"], one["reviewed_at"], one["plan_changed"]) == (
        body["target"],
        "Two",
        None,
        None,
    )
    assert one["review_due_on"] == (today(here) + timedelta(days=7)).isoformat()
    with here.scope():
        assert StageRating.objects.filter(stage="rec").count() == 1
        assert Task.objects.filter(kind="lapse", done_at=None).count() == 1
    where = f"lapses/{one['id']}/"
    assert caller.get(where).json() == one
    assert len(caller.get(path).json()["results"]) == 2
    assert caller.post(where + "look-back/", {"learning": "", "plan_changed": False}).status_code == 400
    held = caller.post(where + "look-back/", {"learning": "Call sooner", "plan_changed": False}).json()
    assert (held["learning"], held["plan_changed"]) == ("Call sooner", False)
    assert caller.post(where + "look-back/", {"learning": "Other", "plan_changed": False}).status_code == 409
    assert caller.post(where + "take-back/", {"reason": "In error"}).status_code == 409
    with here.scope():
        assert not Task.objects.filter(kind="lapse", done_at=None).exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"happened_on": "2999-01-01"}, {"substance": "tea"}, {"target": ABSENT_ID}, {"rate_stage": True},
        {"blame": "x"}, {"happened_on": None},
    ],
)  # fmt: skip
def test_a_return_to_use_that_cannot_be_is_refused(world: World, wrong: dict[str, Any]) -> None:
    body = {"happened_on": today(world.here).isoformat(), **wrong}
    assert caller_of(world).post(of_person(world, "lapses"), body).status_code == 400
    with world.here.scope():
        assert Lapse.objects.count() == 1


def test_one_of_the_neighbours_goals_is_no_goal(world: World) -> None:
    body = {"happened_on": today(world.here).isoformat(), "target": str(world.neighbour.change_target.public_id)}
    assert caller_of(world).post(of_person(world, "lapses"), body).status_code == 400


def test_what_was_written_in_error_is_taken_back(world: World) -> None:
    caller, where = caller_of(world), f"lapses/{world.here.lapse.public_id}/"
    assert caller.post(where + "take-back/", {"reason": "In error"}).json()["taken_back"] is True
    assert caller.post(where + "look-back/", {"learning": "x", "plan_changed": False}).status_code == 409


@pytest.mark.parametrize(
    ("role", "read", "write"),
    [("therapist", 200, 400), ("supervisor", 200, 403), ("coordinator", 403, 403), ("other_therapist", 404, 404),
     ("coder", 403, 403), ("administrator", 403, 403)],
)  # fmt: skip
def test_who_reads_and_writes_over_the_api(world: World, role: str, read: int, write: int) -> None:
    caller = caller_of(world, role)
    for what in ("relapse-plans", "cravings", "lapses"):
        assert caller.get(of_person(world, what)).status_code == read
        assert caller.post(of_person(world, what), {}).status_code == write
    assert caller.get(f"lapses/{world.here.lapse.public_id}/").status_code == read
    for where in ("cravings/{}/take-back/", "lapses/{}/take-back/", "lapses/{}/look-back/"):
        row = world.here.craving if where.startswith("c") else world.here.lapse
        assert caller.post(where.format(row.public_id), {}).status_code == write


@pytest.mark.parametrize(
    "where", ["lapses/{}/", "lapses/{}/look-back/", "lapses/{}/take-back/", "cravings/{}/take-back/"]
)
def test_a_foreign_an_absent_and_a_malformed_id_are_the_same(world: World, where: str) -> None:
    caller, there = caller_of(world), world.neighbour
    row = there.craving if where.startswith("c") else there.lapse
    ask = caller.get if where == "lapses/{}/" else lambda path: caller.post(path, {"reason": "x"})
    answers = [ask(where.format(one)) for one in (row.public_id, ABSENT_ID, "nonsense")]
    assert [one.status_code for one in answers] == [404] * 3
    assert len({one.content for one in answers}) == 1


def test_reading_is_in_the_trail(world: World) -> None:
    caller, here = caller_of(world), world.here
    for where in (*(of_person(world, what) for what in ("relapse-plans", "cravings", "lapses")),
                  f"lapses/{here.lapse.public_id}/"):  # fmt: skip
        since = len(events(here))
        caller.get(where)
        assert here.client.pk in {one.client_ref for one in events(here)[since:]}, where

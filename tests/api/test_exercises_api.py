"""Exercises over the API: written whole and once, read by revision, and the caution that holds here too."""

from typing import Any

import pytest
from django.utils import timezone

from clients.models import Exercise
from clients.rules.motivation import Ruler
from clients.services import targets
from clients.services.targets import Answer
from tests.api.test_mandates_api import Caller
from tests.clients.people import ABSENT_ID, events
from tests.world import CANARY, World

MATTERS = {"values": [{"name": "Family", "rank": 1, "wanted": 9, "living_it": 3}]}
PLAN = {"change": "Drink less", "steps": [{"what": "Walk home"}], "confidence": 6, "starts_on": "2026-12-01"}
BOTH = {"good_now": [{"text": "It calms me", "weight": 6}]}


def of_person(world: World) -> str:
    return f"clients/{world.here.client.public_id}/exercises/"


def body_of(world: World, kind: str, **other: Any) -> dict[str, Any]:
    """Return what is sent to write an exercise of this kind."""
    target = {"target": str(world.here.change_target.public_id)}
    made: dict[str, dict[str, Any]] = {
        "values": {"values": MATTERS, "based_on": 0},
        "change_plan": {"change_plan": PLAN, "based_on": 0, **target},
        "balance": {"balance": BOTH, "based_on": 1, "purpose": "consolidate", **target},
    }
    return {**made[kind], **other}


@pytest.mark.parametrize("kind", ["values", "change_plan", "balance"])
def test_an_exercise_is_written_once_and_read_by_revision(world: World, kind: str) -> None:
    caller = Caller(world.here, world.here.therapist)
    body = body_of(world, kind)
    first, again = (caller.post(of_person(world), body, key="e-1") for _n in range(2))
    assert (first.status_code, again.status_code) == (201, 201), first.json()
    made = first.json()
    assert again.json()["id"] == made["id"]
    assert (made["exercise"], made["revision"]) == (kind, body["based_on"] + 1)
    assert [name for name in ("balance", "values", "change_plan") if made[name] is not None] == [kind]
    read = caller.get(f"exercises/{made['id']}/")
    assert (read.json(), read.headers["ETag"]) == (made, f'"{made["revision"]}"')
    assert caller.post(of_person(world), body).status_code == 412, "somebody wrote one since"
    assert caller.get(of_person(world)).json()["results"][0]["id"] == made["id"]


def test_what_was_read_can_be_sent_again(world: World) -> None:
    caller = Caller(world.here, world.here.therapist)
    made = caller.post(of_person(world), body_of(world, "change_plan")).json()
    assert (made["change_plan"]["starts_on"], made["change_plan"]["confidence"]) == ("2026-12-01", 6)
    again = caller.post(
        of_person(world), body_of(world, "change_plan", change_plan=made["change_plan"], based_on=made["revision"])
    )
    assert (again.status_code, again.json()["change_plan"]) == (201, made["change_plan"])


def test_the_caution_holds_here_too(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        low = {ruler: Answer(3) for ruler in Ruler}
        targets.take_rulers(target=here.change_target, answers=low, by=here.therapist, now=timezone.now())
    caller = Caller(here, here.therapist)
    for other, field in (({}, "purpose"), ({"purpose": "neutral_choice"}, "neutral_confirmed")):
        refused = caller.post(of_person(world), body_of(world, "balance", **other))
        assert (refused.status_code, list(refused.json()["fields"])) == (400, [field])
    meant = body_of(world, "balance", purpose="neutral_choice", neutral_confirmed=True)
    assert caller.post(of_person(world), meant).json()["suggested"] == "high_engage"


@pytest.mark.parametrize(
    ("kind", "wrong", "field"),
    [
        ("values", {"values": {"values": []}}, "values.values_1_name"),
        ("values", {"values": {"values": [{"name": "a", "rank": 11}]}}, "values"),
        (
            "values",
            {"values": {"values": [{"name": "a", "rank": 1}, {"name": "b", "rank": 1}]}},
            "values.values_2_rank",
        ),
        ("values", {"values": {"others": []}}, "values"),
        ("values", {"values": {"values": [{"name": "a", "note": "b"}]}}, "values"),
        ("values", {"values": {"values": [{"name": "\ud800"}]}}, "values"),
        ("values", {"based_on": -1}, "based_on"),
        ("values", {"change_plan": PLAN}, ""),
        ("values", {"target": ABSENT_ID}, "target"),
        ("values", {"purpose": "consolidate"}, "purpose"),
        ("values", {"signed_on": "2026-01-01"}, "signed_on"),
        ("values", {"client": "x"}, "client"),
        ("change_plan", {"target": None}, ""),
        ("change_plan", {"change_plan": {}}, "change_plan"),
        ("change_plan", {"change_plan": {"change": " "}}, "change_plan"),
        ("change_plan", {"signed_on": "2999-01-01"}, "signed_on"),
        ("balance", {"purpose": ""}, "purpose"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(world: World, kind: str, wrong: dict[str, Any], field: str) -> None:
    here = world.here
    answer = Caller(here, here.therapist).post(of_person(world), body_of(world, kind, **wrong))
    assert answer.status_code == 400, answer.json()
    fields = answer.json()["fields"]
    assert any(name.startswith(field) for name in fields) if field else not fields, answer.json()
    with here.scope():
        assert Exercise.objects.count() == 1


def test_a_goal_that_is_set_aside_is_none_of_theirs_to_name(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        targets.set_aside(target=here.change_target, by=here.therapist)
    answer = Caller(here, here.therapist).post(of_person(world), body_of(world, "change_plan"))
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["target"])


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
    listed = caller.get(of_person(world))
    assert listed.status_code == read
    assert (f"{CANARY}-riverbend cell" in listed.content.decode()) is (read == 200)
    one = caller.get(f"exercises/{here.exercise.public_id}/").status_code
    # Who holds the right to no plan at all is turned away before it is asked which row.
    assert one == read
    assert caller.post(of_person(world), body_of(world, "values")).status_code == write


def test_a_foreign_and_an_absent_id_are_the_same_and_every_read_is_in_the_trail(world: World) -> None:
    here, there = world.here, world.neighbour
    caller = Caller(here, here.therapist)
    for one in (there.exercise.public_id, ABSENT_ID, "nonsense"):
        assert caller.get(f"exercises/{one}/").status_code == 404
    for one in (there.client.public_id, ABSENT_ID, "nonsense"):
        assert caller.get(f"clients/{one}/exercises/").status_code == 404
    foreign, absent = (
        caller.post(of_person(world), body_of(world, "change_plan", target=str(one)))
        for one in (there.change_target.public_id, ABSENT_ID)
    )
    assert (foreign.status_code, foreign.json()) == (absent.status_code, absent.json()) == (400, absent.json())
    since = len(events(here))
    caller.get(f"exercises/{here.exercise.public_id}/")
    (event,) = events(here, since)
    assert (event.action, event.purpose, event.client_ref) == ("exercise.viewed", "api", here.client.pk)

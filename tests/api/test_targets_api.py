"""What a person wants to change over the API: goals, stages, rulers, and what suits now."""

from typing import Any

import pytest
from django.utils import timezone

from clients.models import ChangeTarget, Mandate, RulerReading, StageRating
from clients.rules.motivation import Ruler
from clients.services import break_glass, targets
from clients.services.targets import Answer
from tests.api.test_mandates_api import Caller
from tests.clients.people import ABSENT_ID, events
from tests.world import CANARY, World

GOAL = {"goal": "Sleep without drinking", "own_words": "My mornings", "about": "substance", "direction": "reduce"}
PARTS = ["", "stages/", "rulers/", "intensity/"]


def of_person(world: World) -> str:
    return f"clients/{world.here.client.public_id}/targets/"


def test_a_goal_is_made_once_read_changed_and_set_aside(world: World) -> None:
    caller = Caller(world.here, world.here.therapist)
    first, again = (caller.post(of_person(world), GOAL, key="t-1") for _n in range(2))
    assert (first.status_code, again.status_code, again.json()["id"]) == (201, 201, first.json()["id"])
    made = first.json()
    path = f"targets/{made['id']}/"
    read = caller.get(path)
    assert (read.json(), read.headers["ETag"]) == (made, '"1"')
    assert {name: made[name] for name in GOAL} == GOAL
    changed = caller.patch(path, {"direction": "stop"}, 1)
    assert (changed.status_code, changed.json()["direction"], changed.headers["ETag"]) == (200, "stop", '"2"')
    assert changed.json()["own_words"] == "My mornings"
    assert caller.patch(path, {"goal": "Other"}, 1).status_code == 412
    assert caller.browser.patch(caller.root + path, {}, content_type="application/json").status_code == 428
    for _n in range(2):
        ended = caller.post(path + "end/")
        assert (ended.status_code, ended.json()["is_active"], ended.json()["version"]) == (200, False, 3)
    listed = caller.get(of_person(world)).json()["results"]
    assert [(one["id"], one["is_active"]) for one in listed][-1] == (made["id"], False)
    assert caller.post(path + "stages/", {"stage": "con", "basis": "rulers"}).status_code == 409


def test_stages_rulers_and_what_suits_now(world: World) -> None:
    caller = Caller(world.here, world.here.therapist)
    path = f"targets/{caller.post(of_person(world), GOAL).json()['id']}/"
    assert caller.get(path + "intensity/").json() == {
        "suggested": "unknown", "row": 1, "why": "Not asked yet: importance, confidence, readiness.",
        "working": "unknown", "mi_pct": None, "skills_pct": None,
        "advice": "Ask the rulers, and rate the stage of change.", "advice_against": "",
    }  # fmt: skip
    rated = [caller.post(path + "stages/", {"stage": "prep", "basis": "rulers"}, key="s-1") for _n in range(2)]
    assert [one.status_code for one in rated] == [201, 201]
    for ruler in Ruler:
        answer = {"ruler": ruler.value, "value": 8, "why_not_lower": "It was worse"}
        assert caller.post(path + "rulers/", answer).status_code == 201
    listed = caller.get(path + "rulers/").json()["results"]
    assert [(one["ruler"], one["value"], one["in_session"], one["why_not_lower"]) for one in listed] == [
        (ruler.value, 8, False, "It was worse") for ruler in reversed(Ruler)
    ]
    assert [one["stage"] for one in caller.get(path + "stages/").json()["results"]] == ["prep"]
    same = caller.post(path + "intensity/", {"chosen": "low_plan", "reason": "x"})
    assert (same.status_code, list(same.json()["fields"])) == (400, ["chosen"])
    chosen = caller.post(path + "intensity/", {"chosen": "support", "reason": "They have begun"})
    assert (chosen.status_code, chosen.json()["suggested"], chosen.json()["reason"]) == (
        201, "low_plan", "They have begun",
    )  # fmt: skip
    now = caller.get(path + "intensity/").json()
    assert (now["suggested"], now["working"], now["mi_pct"], now["skills_pct"]) == ("low_plan", "support", 10, 90)


@pytest.mark.parametrize(
    ("part", "wrong", "field"),
    [
        ("stages/", {"stage": "asleep", "basis": "rulers"}, "stage"),
        ("stages/", {"stage": "con"}, "basis"),
        ("rulers/", {"ruler": "readiness", "value": 11}, "value"),
        ("rulers/", {"ruler": "hope", "value": 1}, "ruler"),
        ("rulers/", {"ruler": "readiness", "value": 1, "client": "x"}, "client"),
        ("intensity/", {"chosen": "unknown", "reason": "x"}, "chosen"),
        ("intensity/", {"chosen": "support", "reason": ""}, "reason"),
    ],
)
def test_what_is_wrong_is_named(world: World, part: str, wrong: dict[str, Any], field: str) -> None:
    here = world.here
    caller = Caller(here, here.therapist)
    answer = caller.post(f"targets/{here.change_target.public_id}/{part}", wrong)
    assert answer.status_code == 400
    assert field in answer.json()["fields"]
    assert caller.post(of_person(world), {"goal": " "}).status_code == 400
    with here.scope():
        assert StageRating.objects.count() == 1
        assert not RulerReading.objects.filter(target=here.change_target).exists()
        assert ChangeTarget.objects.count() == 1


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
    for part in PARTS:
        answer = caller.get(f"targets/{here.change_target.public_id}/{part}")
        assert answer.status_code == read, part
    listed = caller.get(of_person(world))
    assert listed.status_code == read
    assert (f"{CANARY}-riverbend goal" in listed.content.decode()) is (read == 200)
    assert caller.post(of_person(world), GOAL).status_code == write
    body = {"stage": "con", "basis": "rulers"}
    assert caller.post(f"targets/{here.change_target.public_id}/stages/", body).status_code == write


@pytest.mark.parametrize("part", [*PARTS, "end/"])
def test_a_foreign_and_an_absent_id_are_the_same(world: World, part: str) -> None:
    here, there = world.here, world.neighbour
    caller = Caller(here, here.therapist)
    for one in (there.change_target.public_id, ABSENT_ID, "nonsense"):
        path = f"targets/{one}/{part}"
        assert (caller.post(path) if part == "end/" else caller.get(path)).status_code == 404
        assert caller.get(f"clients/{one}/targets/").status_code == 404


def test_break_glass_is_not_told_what_others_ask_and_every_read_is_in_the_trail(world: World) -> None:
    here = world.here
    target = here.change_target
    with here.scope(here.therapist):
        ready = {ruler: Answer(6) for ruler in Ruler}
        targets.take_rulers(target=target, answers=ready, by=here.therapist, now=timezone.now())
        Mandate.objects.update(ended_at=None)
        Mandate.objects.create(clinic=here.clinic, client=here.client, kind="court", body="The court", discord=8)
        break_glass.break_glass(client=here.client, reason="Found unconscious at home", by=here.other_therapist)
    path = f"targets/{target.public_id}/intensity/"
    assert "Discord is 8" in Caller(here, here.therapist).get(path).json()["why"]
    since = len(events(here))
    found = Caller(here, here.other_therapist).get(path).json()
    assert (found["row"], found["why"]) == (3, "It rests on a part of the record that is not yours to read.")
    (event,) = events(here, since)
    assert (event.action, event.purpose, event.client_ref) == ("changetarget.viewed", "api", here.client.pk)

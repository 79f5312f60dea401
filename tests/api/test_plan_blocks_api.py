"""Over the API: what comes next at the end of a block of MI sessions."""

from clients.models import BlockDecision, Objective
from tests.api.test_plans_api import Caller
from tests.clients import planning as at
from tests.clients.people import ABSENT_ID
from tests.clients.test_plan_blocks import block, hold, over
from tests.world import World


def test_what_comes_next_is_chosen_once_and_listed(world: World) -> None:
    here = world.here
    caller = Caller(here, here.therapist)
    with here.scope(here.therapist):
        version = over(here)
        path = f"plan-parts/{block(version).public_id}/block-decisions/"
    assert caller.get(path).json()["results"] == []
    wrong = caller.post(path, {"decision": "extend"})
    assert (wrong.status_code, list(wrong.json()["fields"])) == (400, ["sessions"]), wrong.content
    sent = {"decision": "extend", "sessions": 2, "reason": "They want to go on"}
    made, again = (caller.post(path, sent, key="b-1") for _n in range(2))
    assert made.status_code == again.status_code == 201, made.content
    assert made.json() == again.json()
    (listed,) = caller.get(path).json()["results"]
    kept = ("id", "lineage", "decision", "sessions", "reason")
    assert [listed[name] for name in kept] == [made.json()[name] for name in kept]
    assert caller.post(path, {"decision": "refer"}).status_code == 409, "two sessions are to come"
    with here.scope(here.therapist):
        hold(here, version, 2)
    assert caller.post(path, sent).status_code == 400, "extended once"
    assert caller.post(path, {"decision": "refer"}).status_code == 201
    assert caller.post(path, {"decision": "refer"}).status_code == 409
    with here.scope():
        assert BlockDecision.objects.filter(plan=version.plan).count() == 2


def test_what_has_no_block_or_is_a_neighbours_is_not_found(world: World) -> None:
    here = world.here
    caller = Caller(here, here.therapist)
    with here.scope(here.therapist):
        step = Objective.objects.get(plan_version=at.written(here))
    with world.neighbour.scope():
        foreign = world.neighbour.intervention.public_id
    for one in (step.public_id, foreign, ABSENT_ID, "nonsense"):
        path = f"plan-parts/{one}/block-decisions/"
        assert caller.get(path).status_code == 404
        assert caller.post(path, {"decision": "refer"}).status_code == 404
    assert Caller(here, here.supervisor).get(
        f"plan-parts/{here.intervention.public_id}/block-decisions/"
    ).status_code == 200  # fmt: skip
    refused = Caller(here, here.supervisor).post(
        f"plan-parts/{here.intervention.public_id}/block-decisions/", {"decision": "refer"}
    )
    assert refused.status_code == 403

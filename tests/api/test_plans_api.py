"""Treatment plans over the API: reading, comparing, writing parts of a draft, and signing as the author."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from clients.models import Goal, PlanVersion, Problem
from clients.services import plan_parts, plan_reviews, plans
from clinics.models import User
from tests.clients import planning as at
from tests.clients.people import ABSENT_ID, body, events, signed_in, today
from tests.world import CANARY, Side, World


class Caller:
    """Calls the API of one clinic as one person."""

    def __init__(self, side: Side, user: User, *, confirmed: bool = True) -> None:
        self.root = f"/api/v1/clinics/{side.clinic.slug}/"
        self.browser: Browser = signed_in(user, confirmed=confirmed)

    def get(self, path: str) -> Any:
        return self.browser.get(self.root + path)

    def post(self, path: str, data: Any = None, key: str = "", **headers: str) -> Any:
        headers = {"Idempotency-Key": key or uuid.uuid4().hex, **headers}
        return self.browser.post(self.root + path, data or {}, content_type="application/json", headers=headers)

    def patch(self, path: str, data: Any, version: int) -> Any:
        return self.browser.patch(
            self.root + path, data, content_type="application/json", headers={"If-Match": f'"{version}"'}
        )


@pytest.fixture
def draft(world: World) -> PlanVersion:
    """Return a draft with one whole thread."""
    with world.here.scope(world.here.therapist):
        version = at.written(world.here)
    return version


def paths(side: Side) -> list[str]:
    return [
        f"plans/{side.plan.public_id}/", f"plans/{side.plan.public_id}/reviews/",
        f"plan-versions/{side.plan_version.public_id}/", f"plan-versions/{side.plan_draft.public_id}/diff/",
        f"plan-parts/{side.goal.public_id}/",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("therapist", 200), ("supervisor", 200), ("coordinator", 403), ("privacy_officer", 403),
        ("other_therapist", 404), ("coder", 403), ("administrator", 403),
    ],
)  # fmt: skip
def test_who_reads_plans(world: World, role: str, status: int) -> None:
    here = world.here
    caller = Caller(here, getattr(here, role))
    for path in paths(here):
        answer = caller.get(path)
        assert answer.status_code == status, path
        if status != 200:
            assert CANARY not in answer.content.decode()
    listed = caller.get("plans/")
    assert listed.status_code == (200 if status in (200, 404) else status)
    if role == "other_therapist":
        assert listed.json()["results"] == []


def test_the_neighbours_plans_are_as_absent_as_any(world: World) -> None:
    here, there = world.here, world.neighbour
    caller = Caller(here, here.therapist)
    for own, foreign in zip(paths(here), paths(there), strict=True):
        assert caller.get(own).status_code == 200
        ids = [foreign.split("/")[1], ABSENT_ID, "nonsense"]
        answers = [caller.get(foreign.replace(ids[0], one)) for one in ids]
        assert [one.status_code for one in answers] == [404] * 3
        assert len({body(one, pk) for one, pk in zip(answers, ids, strict=True)}) == 1
    assert CANARY + "-harbor" not in caller.get("plans/").content.decode()


def test_a_version_is_read_thread_by_thread_and_the_look_is_in_the_trail(world: World, draft: PlanVersion) -> None:
    here = world.here
    since = len(events(here))
    caller = Caller(here, here.therapist)
    answer = caller.get(f"plan-versions/{draft.public_id}/")
    told = answer.json()
    assert [one["kind"] for one in told["parts"]] == ["problem", "goal", "objective", "intervention"]
    assert [one["under"] for one in told["parts"]] == [None, *(one["id"] for one in told["parts"][:-1])]
    assert told["parts"][1]["said"]["client_words"] == "I want my evenings back"
    assert answer.headers["ETag"] == f'"{draft.version}"'
    viewed = [one for one in events(here, since) if one.action == "planversion.viewed"]
    assert [(one.client_ref, one.purpose) for one in viewed] == [(draft.client_id, "api")]


def test_plans_are_listed_by_person(world: World, draft: PlanVersion) -> None:
    here = world.here
    caller = Caller(here, here.therapist)
    with here.scope():
        person = draft.client.public_id
    found = caller.get(f"plans/?client={person}").json()["results"]
    assert [one["id"] for one in found] == [str(draft.plan.public_id)]
    assert caller.get("plans/?client=nonsense").json()["results"] == []
    versions = caller.get(f"plans/{draft.plan.public_id}/").json()["versions"]
    assert [(one["number"], one["state"]) for one in versions] == [(1, "draft")]


def test_parts_are_added_once_and_changed_with_the_version_they_were_read_at(world: World, draft: PlanVersion) -> None:
    here = world.here
    caller = Caller(here, here.therapist)
    with here.scope():
        problem = Problem.objects.get(plan_version=draft)
    new = {
        "kind": "goal", "under": str(problem.public_id), "text": "Sleep through", "proposed_by": "together",
        "client_words": "I want to sleep",
    }  # fmt: skip
    made, again = (caller.post(f"plan-versions/{draft.public_id}/parts/", new, key="g-1") for _n in range(2))
    assert made.status_code == again.status_code == 201, made.content
    assert made.json() == again.json()
    path = f"plan-parts/{made.json()['id']}/"
    assert caller.get(path).headers["ETag"] == '"1"'
    changed = caller.patch(path, {"text": "Sleep six hours"}, 1)
    assert (changed.status_code, changed.json()["said"]["text"]) == (200, "Sleep six hours")
    assert changed.json()["said"]["client_words"] == "I want to sleep", "what is left out stays"
    assert caller.patch(path, {"text": "Other"}, 1).status_code == 412


@pytest.mark.parametrize(
    ("new", "field"),
    [
        ({"kind": "goal", "text": "x", "proposed_by": "client"}, "under"),
        ({"kind": "problem", "text": "x", "evidence": "statement"}, "client_words"),
        ({"kind": "problem", "text": "x", "evidence": "assessment", "assessment": ABSENT_ID}, "assessment"),
        ({"kind": "problem", "text": "x", "minutes": 5}, "minutes"),
        ({"kind": "thought", "text": "x"}, "kind"),
        ({"kind": "problem", "text": "x", "clinic": 1}, "clinic"),
    ],
)
def test_what_a_part_refuses_is_said_by_field(world: World, draft: PlanVersion, new: Any, field: str) -> None:
    here = world.here
    answer = Caller(here, here.therapist).post(f"plan-versions/{draft.public_id}/parts/", new)
    assert answer.status_code == 400
    assert field in answer.json()["fields"], answer.content


def test_another_persons_rows_and_the_neighbours_are_refused(world: World, draft: PlanVersion) -> None:
    here = world.here
    caller = Caller(here, here.therapist)
    with here.scope():
        goal = Goal.objects.get(plan_version=draft)
    for row in (here.change_target, world.neighbour.change_target):
        answer = caller.patch(f"plan-parts/{goal.public_id}/", {"target": str(row.public_id)}, 1)
        assert answer.status_code == 400
        assert "target" in answer.json()["fields"]


def test_nothing_is_written_on_a_signed_version_and_a_supervisor_writes_nothing(world: World) -> None:
    here = world.here
    path = f"plan-parts/{here.signed_goal.public_id}/"
    assert Caller(here, here.therapist).patch(path, {"text": "Other"}, 1).status_code == 400
    supervisor = Caller(here, here.supervisor)
    assert supervisor.patch(f"plan-parts/{here.goal.public_id}/", {"text": "Other"}, 1).status_code == 403
    assert supervisor.post(f"plan-versions/{here.plan_draft.public_id}/parts/", {"kind": "problem"}).status_code == 403


def test_a_difference_names_parts_by_lineage(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        first = at.in_force(here)
        second = plans.draft_next(plan=first.plan, by=here.therapist)
        goal = Goal.objects.select_related("plan_version__plan").get(plan_version=second)
        at_now = at.later(0)
        plan_parts.change_part(part=goal, version=1, values={"text": "Every evening"}, by=here.therapist, now=at_now)
    caller = Caller(here, here.therapist)
    told = caller.get(f"plan-versions/{second.public_id}/diff/").json()
    assert (told["before"], told["added"], told["removed"], told["moved"]) == (str(first.public_id), [], [], [])
    assert told["changed"] == [
        {
            "kind": "goal", "lineage": str(goal.lineage),
            "changes": [{"field": "text", "before": "Evenings without drinking", "after": "Every evening"}],
        }
    ]  # fmt: skip
    whole = caller.get(f"plan-versions/{first.public_id}/diff/").json()
    assert (whole["before"], len(whole["added"])) == (None, 4)


def test_looks_back_are_read_with_how_far_each_goal_had_come(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.in_force(here)
        goal = Goal.objects.get(plan_version=version)
        plan_reviews.hold(
            review=at.review_of(version.plan), held_on=today(here), decision="continue", by=here.therapist,
            goals={goal.pk: plan_reviews.Progress(40, "active", "Two evenings")}, now=at.later(0),
        )  # fmt: skip
    due, held = Caller(here, here.therapist).get(f"plans/{version.plan.public_id}/reviews/").json()["results"]
    assert (due["held_on"], due["due_on"]) == (None, (today(here) + timedelta(days=90)).isoformat())
    assert held["goals"] == [
        {"goal": str(goal.public_id), "progress": 40, "status": "active", "comment": "Two evenings"}
    ]


def test_an_author_signs_what_they_read_after_proving_who_they_are(world: World, draft: PlanVersion) -> None:
    here = world.here
    path = f"plan-versions/{draft.public_id}/sign/"
    caller = Caller(here, here.therapist)
    seen = {"If-Match": f'"{draft.version}"'}
    assert caller.post(path).status_code == 428
    assert Caller(here, here.therapist, confirmed=False).post(path, **seen).status_code == 403
    assert Caller(here, here.supervisor).post(path, **seen).status_code == 403
    assert caller.post(path, **{"If-Match": '"1"'}).status_code == 412
    signed = caller.post(path, {"needs_cosign": True}, **seen)
    assert signed.status_code == 200
    assert (signed.json()["state"], signed.json()["needs_cosign"]) == ("in_review", True)
    assert [one["capacity"] for one in signed.json()["signatures"]] == ["author"]
    assert caller.post(path, **{"If-Match": signed.headers["ETag"]}).status_code == 400

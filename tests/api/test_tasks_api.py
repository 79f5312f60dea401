"""What is owed over the API: listed by reach, done, put off with a reason; a safety review ends with the review."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Task
from clients.services import tasks
from tests.api.test_clients_api import Caller
from tests.clients.people import ABSENT_ID
from tests.clients.test_inquiry_pages import opened
from tests.world import CANARY, NOW, World

SCOPES = ["view_inquiry", "change_inquiry", "view_client"]
LATER = "2999-01-05T09:00:00Z"


@pytest.fixture
def coordinator(world: World) -> Caller:
    return Caller(world.here, world.here.coordinator, SCOPES)


@pytest.fixture
def task(world: World) -> Task:
    here = world.here
    with here.scope():
        found: Task = tasks.owe(kind="call_back", inquiry=opened(here), owner=here.coordinator, due_at=NOW, by=None)
    return found


def rows(caller: Caller, query: str = "") -> dict[str, Any]:
    answer = caller.send("get", f"/tasks/{query}")
    assert answer.status_code == 200, answer.content
    assert CANARY not in answer.content.decode()
    return {row["id"]: row for row in answer.json()["results"]}


def changed(caller: Caller, task_id: Any, what: Any, version: int = 1) -> Any:
    return caller.send("patch", f"/tasks/{task_id}/", what, **{"If-Match": f'"{version}"'})


def test_what_is_open_is_listed_and_done_once(world: World, coordinator: Caller, task: Task) -> None:
    key = str(task.public_id)
    found = rows(coordinator)
    assert (found[key]["kind"], found[key]["done_at"], found[key]["version"]) == ("call_back", None, 1)
    assert key in rows(coordinator, "?mine=true")
    answer = changed(coordinator, key, {"done": True})
    assert answer.status_code == 200, answer.content
    assert (answer.json()["done_at"] is not None, answer["ETag"]) == (True, '"2"')
    assert key not in rows(coordinator)
    assert changed(coordinator, key, {"done": True}).status_code == 412, "read before somebody did it"
    with world.here.scope():
        task.refresh_from_db()
        assert task.done_by == world.here.coordinator


def test_it_is_put_off_with_a_reason_until_a_time_to_come(world: World, coordinator: Caller, task: Task) -> None:
    key = task.public_id
    for what, place in (
        ({"snoozed_until": LATER}, "reason"),
        ({"snoozed_until": LATER, "reason": " "}, "reason"),
        ({"snoozed_until": "2020-01-01T09:00:00Z", "reason": "They asked for it."}, "snoozed_until"),
        ({}, "done"),
        ({"done": True, "snoozed_until": LATER}, "done"),
        ({"done": False}, "done"),
        ({"owner": "x", "done": True}, "owner"),
    ):
        answer = changed(coordinator, key, what)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [place]), what
    answer = changed(coordinator, key, {"snoozed_until": LATER, "reason": "They asked for it."})
    assert answer.status_code == 200, answer.content
    assert "They asked" not in answer.content.decode()
    with world.here.scope():
        task.refresh_from_db()
        assert (task.snooze_reason, task.version) == ("They asked for it.", 2)
    assert str(key) not in rows(coordinator, "?mine=true")
    assert str(key) in rows(coordinator)


def test_a_safety_review_is_neither_done_nor_put_off(world: World, coordinator: Caller) -> None:
    with world.here.scope():
        own = Task.objects.get(concern=world.here.rows["concern"])
        key, version = own.public_id, own.version
    for what in ({"done": True}, {"snoozed_until": LATER, "reason": "Later."}):
        answer = changed(coordinator, key, what, version)
        assert (answer.status_code, answer.json()["code"]) == (409, "ends_with_the_review"), what


def test_who_may_and_the_neighbour_s_is_not_there(world: World, coordinator: Caller, task: Task) -> None:
    assert coordinator.send("patch", f"/tasks/{task.public_id}/", {"done": True}).status_code == 428
    narrow = Caller(world.here, world.here.coordinator, ["view_inquiry"])
    assert changed(narrow, task.public_id, {"done": True}).status_code == 403
    with world.neighbour.scope():
        other = world.neighbour
        foreign = tasks.owe(
            kind="follow_up", inquiry=other.inquiry, due_at=timezone.now() + timedelta(days=1), by=None
        ).public_id
    answers = {
        (answer.status_code, answer.content)
        for one in (foreign, ABSENT_ID, "x")
        for answer in [changed(coordinator, one, {"done": True})]
    }
    assert len(answers) == 1
    assert next(iter(answers))[0] == 404
    assert str(foreign) not in rows(coordinator)
    with world.here.scope():
        task.refresh_from_db()
        assert task.done_at is None

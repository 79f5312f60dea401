"""Records that may be one person's, over the API: listed without names, joined, taken apart, told apart."""

from typing import Any

import pytest

from clients.models import Client, Merge, NotTheSame
from clinics.models import AuditEvent
from tests.api.test_clients_api import Caller
from tests.clients.people import ABSENT_ID
from tests.clients.test_merging import another
from tests.world import CANARY, World

UNDO = {"reason": "Two cousins of one name."}


@pytest.fixture
def coordinator(world: World) -> Caller:
    return Caller(world.here, world.here.coordinator, ["merge_client"])


@pytest.fixture
def privacy(world: World) -> Caller:
    return Caller(world.here, world.here.privacy_officer, ["undo_merge"])


@pytest.fixture
def two(world: World) -> dict[str, str]:
    return {"client": str(another(world.here).public_id), "other": str(world.here.client.public_id)}


def joined(caller: Caller, body: Any, key: str = "k") -> Any:
    return caller.send("post", "/merges/", body, **{"Idempotency-Key": key})


def test_pairs_are_listed_without_names_and_recorded(world: World, coordinator: Caller, two: dict[str, str]) -> None:
    answer = coordinator.send("get", "/duplicates/")
    (pair,) = answer.json()["results"]
    assert (pair["older"], pair["newer"], pair["level"]) == (two["other"], two["client"], "likely")
    assert "Same phone number" in pair["reasons"]
    for told in ("Marsh", "Jordan", "5550147", CANARY):
        assert told not in answer.content.decode()
    with world.here.scope():
        event = AuditEvent.objects.filter(action="duplicate.listed").latest("id")
        assert (event.purpose, world.here.client.pk in event.detail["client_ids"]) == ("api", True)


def test_two_records_are_joined_once_and_taken_apart(
    world: World, coordinator: Caller, privacy: Caller, two: dict[str, str]
) -> None:
    first, again = (joined(coordinator, {**two, "reason": "Same ID card"}) for _twice in range(2))
    assert (first.status_code, again["Idempotency-Replayed"]) == (201, "true")
    row = first.json()
    assert row == again.json()
    assert (row["kept"], row["absorbed"], row["undone_at"]) == (two["other"], two["client"], None)
    assert coordinator.send("get", "/duplicates/").json()["results"] == []
    refused = joined(coordinator, two, "second")
    assert (refused.status_code, refused.json()["code"]) == (409, "cannot_merge")
    listed = privacy.send("get", "/merges/").json()["results"]
    assert row["id"] in [one["id"] for one in listed]
    path = f"/merges/{row['id']}/undo/"
    assert privacy.send("post", path, {"reason": ""}).json()["fields"].keys() == {"reason"}
    undone = privacy.send("post", path, UNDO)
    assert undone.status_code == 200
    assert undone.json()["undone_at"]
    assert privacy.send("post", path, UNDO).json()["code"] == "cannot_merge"
    with world.here.scope():
        assert Client.objects.get(public_id=two["client"]).merged_into is None
        merge = Merge.objects.get(public_id=row["id"])
        assert (merge.reason, merge.undo_reason) == ("Same ID card", UNDO["reason"])


def test_two_people_stay_two(world: World, coordinator: Caller, two: dict[str, str]) -> None:
    for _twice in range(2):
        assert coordinator.send("post", "/duplicates/", two).status_code == 204
    assert coordinator.send("get", "/duplicates/").json()["results"] == []
    with world.here.scope():
        assert NotTheSame.objects.filter(second__public_id=two["client"]).count() == 1


@pytest.mark.parametrize("path", ["/merges/", "/duplicates/"])
def test_one_record_twice_or_one_of_the_neighbour_is_refused(
    world: World, coordinator: Caller, two: dict[str, str], path: str
) -> None:
    own = two["other"]
    for other in (str(world.neighbour.client.public_id), ABSENT_ID):
        answer = coordinator.send("post", path, {"client": own, "other": other}, **{"Idempotency-Key": other})
        assert answer.json()["fields"] == {"other": ["No such person at this clinic."]}
    same = coordinator.send("post", path, {"client": own, "other": own}, **{"Idempotency-Key": "same"})
    assert (same.status_code, same.json()["code"]) == (409, "cannot_merge")
    assert coordinator.send("post", path, {"client": own}, **{"Idempotency-Key": "half"}).status_code == 400


def test_foreign_absent_and_malformed_ids_get_the_same_answer(world: World, privacy: Caller) -> None:
    answers = {
        (answer.status_code, answer.content)
        for one in (world.neighbour.rows["merge"].public_id, ABSENT_ID, "x")
        for answer in [privacy.send("post", f"/merges/{one}/undo/", UNDO)]
    }
    assert [status for status, _content in answers] == [404]
    with world.neighbour.scope():
        assert Merge.objects.get(pk=world.neighbour.rows["merge"].pk).undone_at is None


def test_who_joins_does_not_take_apart(world: World, two: dict[str, str]) -> None:
    everything = ["merge_client", "undo_merge"]
    coordinator = Caller(world.here, world.here.coordinator, everything)
    own = world.here.rows["merge"].public_id
    assert coordinator.send("post", f"/merges/{own}/undo/", UNDO).status_code == 403
    assert coordinator.send("get", "/merges/").status_code == 403
    for user in (world.here.privacy_officer, world.here.therapist, world.here.administrator):
        other = Caller(world.here, user, everything)
        assert joined(other, two).status_code == 403
        assert other.send("get", "/duplicates/").status_code == 403

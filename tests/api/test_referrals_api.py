"""The list of organisations over the API, and what an inquiry says there about who sent somebody."""

from typing import Any

import pytest

from clients.models import ReferralOrganisation
from tests.api.test_clients_api import Caller
from tests.api.test_inquiries_api import CALL, created
from tests.clients.people import ABSENT_ID
from tests.world import World

COURT = {"name": "County Court", "source": "7", "source_detail": "1", "phone": "312 555 0123"}


@pytest.fixture
def coordinator(world: World) -> Caller:
    return Caller(world.here, world.here.coordinator, ["view_inquiry", "change_inquiry"])


def added(caller: Caller, body: Any = COURT, key: str = "k") -> Any:
    return caller.send("post", "/organisations/", body, **{"Idempotency-Key": key})


def test_an_organisation_is_added_once_listed_and_read(world: World, coordinator: Caller) -> None:
    first, again = added(coordinator), added(coordinator)
    assert (first.status_code, again.status_code, again["Idempotency-Replayed"]) == (201, 201, "true")
    row = first.json()
    assert row == again.json()
    assert (row["name"], row["phone"], row["is_active"], row["version"]) == ("County Court", "+13125550123", True, 1)
    names = [one["name"] for one in coordinator.send("get", "/organisations/").json()["results"]]
    assert sorted(names) == sorted(["County Court", world.here.organisation.name])
    read = coordinator.send("get", f"/organisations/{row['id']}/")
    assert (read.json(), read["ETag"]) == (row, '"1"')


def test_it_is_changed_from_its_version_and_retired(coordinator: Caller) -> None:
    row = added(coordinator).json()
    path = f"/organisations/{row['id']}/"
    assert coordinator.send("patch", path, {"name": "Circuit Court"}).status_code == 428
    changed = coordinator.send("patch", path, {"name": "Circuit Court"}, **{"If-Match": '"1"'})
    assert (changed.status_code, changed["ETag"]) == (200, '"2"')
    assert changed.json() == {**row, "name": "Circuit Court", "version": 2}
    assert coordinator.send("patch", path, {"is_active": False}, **{"If-Match": '"1"'}).status_code == 412
    retired = coordinator.send("patch", path, {"is_active": False}, **{"If-Match": '"2"'}).json()
    assert (retired["is_active"], retired["name"]) == (False, "Circuit Court")
    active = coordinator.send("get", "/organisations/?active=true").json()["results"]
    assert row["id"] not in [one["id"] for one in active]
    assert created(coordinator, {**CALL, "organisation": row["id"]}, "call").json()["fields"].keys() == {"organisation"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 161}, "name"),
        ({"source": "9"}, "source"),
        ({"source": "4"}, "source_detail"),
        ({"phone": "12"}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"clinic": "harbor"}, "clinic"),
    ],
)
def test_a_bad_value_is_named(world: World, coordinator: Caller, change: dict[str, str], field: str) -> None:
    answer = added(coordinator, {**COURT, **change})
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]
    with world.here.scope():
        assert ReferralOrganisation.objects.count() == 1


def test_a_name_is_on_the_list_once(coordinator: Caller) -> None:
    added(coordinator)
    answer = added(coordinator, {**COURT, "name": "county court"}, "other")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["name"])


def test_foreign_absent_and_malformed_ids_get_the_same_answer(world: World, coordinator: Caller) -> None:
    for method, options in (("get", {}), ("patch", {"If-Match": '"1"'})):
        answers = {
            (answer.status_code, answer.content)
            for one in (world.neighbour.organisation.public_id, ABSENT_ID, "x")
            for answer in [coordinator.send(method, f"/organisations/{one}/", {"name": "Mine"}, **options)]
        }
        assert [status for status, _content in answers] == [404]
    foreign = created(coordinator, {**CALL, "organisation": str(world.neighbour.organisation.public_id)})
    assert foreign.json()["fields"] == {"organisation": ["No such organization at this clinic."]}


def test_the_list_is_for_who_takes_calls(world: World) -> None:
    for user in (world.here.therapist, world.here.administrator, world.here.privacy_officer):
        other = Caller(world.here, user, ["view_inquiry", "change_inquiry"])
        assert other.send("get", "/organisations/").status_code == 403
        assert added(other).status_code == 403
    narrow = Caller(world.here, world.here.coordinator, ["view_inquiry"])
    assert narrow.send("get", "/organisations/").status_code == 403


# --- on an inquiry ------------------------------------------------------------------------------------------------


def test_an_organisation_fills_who_referred_them(coordinator: Caller) -> None:
    court = added(coordinator).json()["id"]
    row = created(coordinator, {**CALL, "organisation": court}, "call").json()
    assert (row["source"], row["source_detail"], row["organisation"]) == ("7", "1", court)
    refused = created(coordinator, {**CALL, "organisation": court, "source": "4"}, "other")
    assert list(refused.json()["fields"]) == ["source"]


def test_employee_assistance_goes_with_an_employer(coordinator: Caller) -> None:
    said = {"vendor": "Steady Work", "number": "EA-778", "sessions": 6, "sessions_used": 2, "report_to": ""}
    row = created(coordinator, {**CALL, "source": "5", "assistance": said}).json()
    assert row["assistance"] == said
    refused = created(coordinator, {**CALL, "source": "1", "assistance": said}, "other")
    assert list(refused.json()["fields"]) == ["assistance"]
    more_used = {**CALL, "source": "5", "assistance": {**said, "sessions_used": 7}}
    assert list(created(coordinator, more_used, "used").json()["fields"]) == ["assistance.sessions_used"]
    too_many = {**CALL, "source": "5", "assistance": {"sessions": 366}}
    assert list(created(coordinator, too_many, "third").json()["fields"]) == ["assistance.sessions"]

"""From the assessment to the admission over the API: who may ask what, what is refused, and what is never sent."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Admission, AdmissionDecision, Appointment, WaitlistEntry
from tests.api.test_clients_api import Caller
from tests.clients import admission as at
from tests.clients.people import today
from tests.world import CANARY, Side, World

COORDINATOR = ["view_inquiry", "change_inquiry", "admit_client", "view_client"]
THERAPIST = ["view_inquiry", "view_assessment", "accept_inquiry", "view_client"]


@pytest.fixture(autouse=True)
def now_is_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(at, "NOW", timezone.now())


@pytest.fixture
def coordinator(world: World) -> Caller:
    return Caller(world.here, world.here.coordinator, COORDINATOR)


@pytest.fixture
def therapist(world: World) -> Caller:
    return Caller(world.here, world.here.therapist, THERAPIST)


def made(side: Side, what: Any) -> Any:
    with side.scope():
        return what(side)


def post(caller: Caller, path: str, body: Any = None, key: str = "k") -> Any:
    return caller.send("post", path, {} if body is None else body, **{"Idempotency-Key": key})


def booking(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "therapist": str(world.here.therapist.public_id), "start_on": str(today(world.here) + timedelta(days=2)),
        "start_time": "14:30", **changes,
    }  # fmt: skip


def admitting(world: World, **changes: Any) -> dict[str, Any]:
    with world.here.scope():
        program = str(at.program(world.here).public_id)
    return {**booking(world), "program": program, "identity_check": "photo_id", "record": at.ANSWERS, **changes}


def test_an_assessment_is_booked_once(world: World, coordinator: Caller) -> None:
    inquiry = made(world.here, at.screened)
    path = f"/inquiries/{inquiry.public_id}/bookings/"
    first, again = (post(coordinator, path, booking(world)) for _n in range(2))
    assert (first.status_code, again.json()) == (201, first.json())
    (row,) = coordinator.send("get", path).json()["results"]
    assert (row["id"], row["therapist"]) == (first.json()["id"], str(world.here.therapist.public_id))
    with world.here.scope():
        assert Appointment.objects.filter(inquiry=inquiry).count() == 1
        assert at.fresh(inquiry).status == "assessment_scheduled"
    again = post(coordinator, path, booking(world), "other")
    assert again.status_code == 400
    assert "An assessment is booked already." in again.json()["detail"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"therapist": "00000000-0000-4000-8000-000000000000"}, "therapist"),
        ({"start_on": "2020-01-01"}, "start_on"),
        ({"start_time": "25:00"}, "start_time"),
        ({"duration_min": 4}, "duration_min"),
        ({"episode": "x"}, "episode"),
    ],
)
def test_a_wrong_booking_names_its_field(world: World, coordinator: Caller, change: Any, field: str) -> None:
    inquiry = made(world.here, at.screened)
    answer = post(coordinator, f"/inquiries/{inquiry.public_id}/bookings/", booking(world, **change))
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_assessments_are_listed_without_text_and_read_by_clinicians(world: World, therapist: Caller) -> None:
    draft = made(world.here, at.drafted)
    listed = therapist.send("get", "/assessments/")
    assert str(draft.public_id) in listed.content.decode()
    assert "said at length" not in listed.content.decode()
    assert CANARY not in listed.content.decode()
    read = therapist.send("get", f"/assessments/{draft.public_id}/").json()
    assert read["sections"]["need"] == "What brings them here, said at length."
    assert (read["gaps"], read["state"], read["ratings"]["1"]) == ([], "draft", 1)
    assert (
        Caller(world.here, world.here.other_therapist, THERAPIST)
        .send("get", f"/assessments/{draft.public_id}/")
        .status_code
        == 404
    )
    there = Caller(world.neighbour, world.neighbour.therapist, THERAPIST)
    assert there.send("get", f"/assessments/{draft.public_id}/").status_code == 404


def test_a_clinician_decides_and_a_coordinator_reads_it_without_the_reason(
    world: World, coordinator: Caller, therapist: Caller
) -> None:
    inquiry = made(world.here, at.assessed)
    path = f"/inquiries/{inquiry.public_id}/decisions/"
    body = {"outcome": "accepted", "level_of_care": "outpatient", "reason": "Fits."}
    assert post(coordinator, path, body).status_code == 403
    assert list(post(therapist, path, {**body, "level_of_care": "spa"}, "a").json()["fields"]) == ["level_of_care"]
    assert list(post(therapist, path, {"outcome": "accepted", "reason": "Fits."}, "b").json()["fields"]) == [
        "level_of_care"
    ]
    refused = post(therapist, path, {"outcome": "not_eligible", "reason": "Fits."}, "c")
    assert (refused.status_code, refused.json()["code"]) == (409, "illegal_move")
    answer = post(therapist, path, body, "d")
    assert (answer.status_code, answer.json()["reason"]) == (201, "Fits.")
    (row,) = coordinator.send("get", path).json()["results"]
    assert (row["outcome"], row["reason"]) == ("accepted", None)
    with world.here.scope():
        assert AdmissionDecision.objects.filter(inquiry=inquiry).count() == 1


def test_somebody_waits_and_is_offered_a_place(world: World, coordinator: Caller) -> None:
    inquiry = made(world.here, at.accepted)
    joined = post(coordinator, f"/inquiries/{inquiry.public_id}/waiting/", {"pregnant": True})
    assert (joined.status_code, joined.json()["priority"]) == (201, 2)
    rows = coordinator.send("get", "/waiting-list/").json()["results"]
    assert rows[0]["id"] == joined.json()["id"]
    assert "Robin" not in coordinator.send("get", "/waiting-list/").content.decode()
    offered = post(coordinator, f"/waiting-list/{joined.json()['id']}/offer/", {}, "offer")
    assert (offered.status_code, offered.json().get("ended")) == (201, "offered"), offered.content
    late = post(coordinator, f"/waiting-list/{joined.json()['id']}/offer/", {}, "late")
    assert (late.status_code, late.json()["code"]) == (409, "illegal_move")
    again = post(coordinator, f"/inquiries/{made(world.here, at.assessed).public_id}/waiting/", {}, "x")
    assert again.status_code == 409
    with world.here.scope():
        assert WaitlistEntry.objects.filter(inquiry=inquiry, ended_at=None).count() == 0


def test_an_admission_is_made_once_with_every_guard(world: World, coordinator: Caller) -> None:
    inquiry = made(world.here, at.accepted)
    path = f"/inquiries/{inquiry.public_id}/admission/"
    open_now = {one["guard"] for one in coordinator.send("get", path).json()["ready"] if not one["holds"]}
    assert {"notice", "consent", "identity", "therapist", "appointment", "teds", "program"} == open_now
    refused = post(coordinator, path, admitting(world))
    assert (refused.status_code, refused.json()["code"]) == (409, "illegal_move")
    assert "give them the notice" in refused.json()["detail"]
    with world.here.scope():
        at.ready(world.here, inquiry)
    record = {key: code for key, code in at.ANSWERS.items() if key != "race"}
    lacking = post(coordinator, path, admitting(world, record=record), "r")
    assert (lacking.status_code, list(lacking.json()["fields"])) == (400, ["record.race"])
    first, again = (post(coordinator, path, admitting(world), "go") for _n in range(2))
    assert (first.status_code, again.json()) == (201, first.json())
    with world.here.scope():
        assert Admission.objects.filter(inquiry=inquiry).count() == 1
        assert at.fresh(inquiry).status == "admitted"


def test_rows_of_the_neighbour_are_unknown_in_bodies_and_addresses(world: World, coordinator: Caller) -> None:
    inquiry = made(world.here, at.ready)
    there = world.neighbour
    path = f"/inquiries/{inquiry.public_id}/admission/"
    body = admitting(world, program=str(there.program.public_id))
    assert post(coordinator, path, body).json()["fields"] == {"program": ["No such program at this clinic."]}
    body = admitting(world, therapist=str(there.therapist.public_id))
    assert list(post(coordinator, path, body, "t").json()["fields"]) == ["therapist"]
    stranger = Caller(there, there.coordinator, COORDINATOR)
    for part in ("bookings", "decisions", "admission"):
        assert stranger.send("get", f"/inquiries/{inquiry.public_id}/{part}/").status_code == 404
    with there.scope():
        entry = WaitlistEntry.objects.filter(ended_at=None).first()
        assert entry is not None
    assert post(coordinator, f"/waiting-list/{entry.public_id}/offer/").status_code == 404


def test_an_administrator_is_sent_no_name_and_admits_nobody(world: World) -> None:
    inquiry = made(world.here, at.ready)
    operator = Caller(world.here, world.here.administrator, ["view_inquiry", "manage_people"])
    assert operator.send("get", f"/inquiries/{inquiry.public_id}/admission/").status_code == 403
    answer = operator.send("get", f"/inquiries/{inquiry.public_id}/decisions/")
    assert [row["reason"] for row in answer.json()["results"]] == [None]

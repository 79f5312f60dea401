"""Who is on call, and which times of the calendar are free, over the API."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Shift
from clients.rules.slots import Span
from clients.rules.weeks import monday_of, name_of
from tests.api.test_clients_api import Caller
from tests.clients.calendar import NINE_TO_NOON, ZONE, set_week
from tests.clients.people import ABSENT_ID, events, today
from tests.clients.test_roster import HOUR, put_on_call
from tests.world import CANARY, World

PLANS = ["view_safety", "change_inquiry"]
CALENDAR = ["view_client", "view_appointment"]


@pytest.fixture
def coordinator(world: World) -> Caller:
    return Caller(world.here, world.here.coordinator, PLANS)


def shift(world: World, begins: timedelta = HOUR, ends: timedelta = 9 * HOUR, **other: Any) -> dict[str, Any]:
    now = timezone.now().replace(microsecond=0)
    return {
        "user": str(world.here.therapist.public_id), "starts_at": (now + begins).isoformat(),
        "ends_at": (now + ends).isoformat(), **other,
    }  # fmt: skip


def planned(caller: Caller, what: Any, key: str = "k") -> Any:
    return caller.send("post", "/shifts/", what, **{"Idempotency-Key": key})


def listed(caller: Caller) -> list[str]:
    return [row["id"] for row in caller.send("get", "/shifts/").json()["results"]]


# --- on call ---------------------------------------------------------------------------------------------------------


def test_the_supervisors_are_named_until_somebody_is_on_call(world: World, coordinator: Caller) -> None:
    here = world.here
    stand_in = coordinator.send("get", "/on-call/").json()
    assert (stand_in["rostered"], [one["id"] for one in stand_in["people"]]) == (
        False,
        [str(here.supervisor.public_id)],
    )
    put_on_call(here, here.therapist, -HOUR, HOUR)
    found = coordinator.send("get", "/on-call/").json()
    assert found == {"rostered": True, "people": [{"id": str(here.therapist.public_id), "name": here.therapist.name}]}
    coder = Caller(here, here.coder, ["view_practice"])
    assert coder.send("get", "/on-call/").status_code == 403


def test_somebody_is_put_on_call_once_and_taken_off(world: World, coordinator: Caller) -> None:
    what = shift(world)
    first, second = (planned(coordinator, what) for _n in range(2))
    assert first.status_code == 201, first.content
    assert first.json() == second.json()
    key = first.json()["id"]
    rows = coordinator.send("get", "/shifts/?limit=1").json()
    assert [row["id"] for row in rows["results"]] == [key], "the first to begin first"
    rest = coordinator.send("get", f"/shifts/?limit=1&cursor={rows['next']}").json()
    assert [row["id"] for row in rest["results"]] == [str(world.here.rows["shift"].public_id)]
    assert coordinator.send("delete", f"/shifts/{key}/").status_code == 204
    assert key not in listed(coordinator)
    assert coordinator.send("delete", f"/shifts/{key}/").status_code == 404, "it was still to come, and is gone"
    assert [one.action for one in events(world.here) if one.action.startswith("shift.")] == [
        "shift.planned", "shift.taken_back",
    ]  # fmt: skip


def test_a_shift_that_runs_is_ended_and_not_again(world: World, coordinator: Caller) -> None:
    running = put_on_call(world.here, world.here.therapist, -HOUR, HOUR)
    assert coordinator.send("delete", f"/shifts/{running.public_id}/").status_code == 204
    again = coordinator.send("delete", f"/shifts/{running.public_id}/")
    assert (again.status_code, again.json()["code"]) == (409, "over_already")
    with world.here.scope():
        assert Shift.objects.get(pk=running.pk).ends_at <= timezone.now()


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"user": ABSENT_ID}, "user"),
        ({"user": "x"}, "user"),
        ({"ends_at": "2020-01-01T00:00:00Z"}, "ends_at"),
        ({"ends_at": "2999-01-01T00:00:00Z"}, "ends_at"),
        ({"ends_at": None}, "ends_at"),
        ({"starts_at": "x"}, "starts_at"),
        ({"name": "x"}, "name"),
    ],
)
def test_a_shift_that_cannot_be_is_refused_at_its_place(
    world: World, coordinator: Caller, changes: dict[str, Any], place: str
) -> None:
    answer = planned(coordinator, shift(world, **changes))
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [place]), answer.content


def test_nobody_is_on_call_twice_and_only_clinicians_of_this_clinic_are(world: World, coordinator: Caller) -> None:
    assert planned(coordinator, shift(world), "one").status_code == 201
    assert list(planned(coordinator, shift(world, 2 * HOUR), "two").json()["fields"]) == ["user"]
    for nobody in (world.here.coordinator, world.neighbour.therapist):
        answer = planned(coordinator, shift(world, user=str(nobody.public_id)), str(nobody.pk))
        assert list(answer.json()["fields"]) == ["user"]


def test_who_plans_and_the_neighbour_s_is_not_there(world: World, coordinator: Caller) -> None:
    here = world.here
    own = here.rows["shift"].public_id
    therapist = Caller(here, here.therapist, ["view_safety", "resolve_safety"])
    narrow = Caller(here, here.coordinator, ["view_safety", "view_inquiry"])
    for caller in (therapist, narrow):
        assert str(own) in listed(caller)
        assert planned(caller, shift(world)).status_code == 403
        assert caller.send("delete", f"/shifts/{own}/").status_code == 403
    supervisor = Caller(here, here.supervisor, ["view_safety", "resolve_safety"])
    assert planned(supervisor, shift(world)).status_code == 201, "who answers for a team's safety plans too"
    assert coordinator.send("post", "/shifts/", shift(world)).status_code == 428
    foreign = world.neighbour.rows["shift"].public_id
    for one in (foreign, ABSENT_ID, "x"):
        assert coordinator.send("delete", f"/shifts/{one}/").status_code == 404
    assert str(foreign) not in listed(coordinator)
    with world.neighbour.scope():
        assert Shift.objects.filter(public_id=foreign).exists()


# --- free times --------------------------------------------------------------------------------------------------------


def free(caller: Caller, query: str = "") -> dict[str, list[dict[str, str]]]:
    """Return the free times by therapist."""
    answer = caller.send("get", f"/free-times/{query}")
    assert answer.status_code == 200, answer.content
    assert CANARY not in answer.content.decode()
    return {row["therapist"]: row["free"] for row in answer.json()["results"]}


def next_monday(world: World) -> date:
    return monday_of(today(world.here)) + timedelta(days=7)


def test_free_times_are_those_of_the_hours_that_nothing_takes(world: World) -> None:
    here, monday = world.here, next_monday(world)
    set_week(here, here.other_therapist, Span(0, *NINE_TO_NOON))
    caller = Caller(here, here.coordinator, CALENDAR)
    whose, week = str(here.other_therapist.public_id), name_of(monday)
    found = free(caller, f"?week={week}&therapist={whose}")
    assert list(found) == [whose]
    assert [(one["start_on"], one["start_time"]) for one in found[whose]] == [
        (monday.isoformat(), at) for at in ("09:00", "10:00", "11:00")
    ]
    first = datetime.combine(monday, time(9), tzinfo=ZONE)
    assert datetime.fromisoformat(found[whose][0]["starts_at"]) == first
    assert datetime.fromisoformat(found[whose][0]["ends_at"]) == first + timedelta(minutes=50)
    assert len(free(caller, f"?week={week}&therapist={whose}&minutes=25")[whose]) == 6
    with here.scope():
        taken = here.appointment
        taken.therapist, taken.starts_at, taken.duration_min = here.other_therapist, first, 50
        taken.save(update_fields=["therapist", "starts_at", "duration_min"])
    left = free(caller, f"?week={week}")[whose]
    assert [one["start_time"] for one in left] == ["10:00", "11:00"]
    assert free(caller, f"?week={name_of(monday - timedelta(days=14))}")[whose] == [], "what is over is not free"
    (event, *_rest) = [one for one in events(here) if one.action == "calendar.listed"]
    assert (event.detail["week"], event.detail["therapists"], event.detail["client_ids"]) == (week, [whose], [])


def test_each_sees_the_therapists_of_the_calendar_that_is_theirs(world: World) -> None:
    here = world.here
    everybody = {str(one.public_id) for one in (here.therapist, here.other_therapist)}
    assert set(free(Caller(here, here.coordinator, CALENDAR))) >= everybody
    therapist = Caller(here, here.therapist, CALENDAR)
    assert list(free(therapist)) == [str(here.therapist.public_id)]
    for one in (here.other_therapist.public_id, world.neighbour.therapist.public_id, ABSENT_ID, "x"):
        assert therapist.send("get", f"/free-times/?therapist={one}").status_code == 404
    officer = Caller(here, here.privacy_officer, ["view_client"])
    assert officer.send("get", "/free-times/").status_code == 403


def test_the_therapists_are_paged(world: World) -> None:
    caller = Caller(world.here, world.here.coordinator, CALENDAR)
    names, cursor = [], ""
    while True:
        page = caller.send("get", f"/free-times/?limit=1&cursor={cursor}").json()
        names += [row["name"] for row in page["results"]]
        cursor = page["next"]
        if not cursor:
            break
    assert names == sorted(names)
    assert len(set(names)) == len(names) >= 2


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("week=2026-W54", "week"),
        ("week=0000-W01", "week"),
        ("week=9999-W53", "week"),
        ("week=2999-W01", "week"),
        ("week=%D9%A2026-W47", "week"),
        ("week=x", "week"),
        ("minutes=51", "minutes"),
        ("minutes=x", "minutes"),
    ],
)
def test_a_week_or_a_length_that_there_is_not_is_said(world: World, query: str, place: str) -> None:
    answer = Caller(world.here, world.here.coordinator, CALENDAR).send("get", f"/free-times/?{query}")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [place]), answer.content

"""The review of a safety concern over the API: by a clinician, with what was found, once."""

from datetime import timedelta
from typing import Any

import pytest

from clients.models import Inquiry, SafetyConcern, Task
from clients.services import break_glass, inquiries, safety
from tests.api.test_clients_api import Caller
from tests.clients.people import ABSENT_ID, events, today
from tests.clients.test_safety_pages import in_danger
from tests.world import NOW, World

SCOPES = ["view_client", "view_safety", "resolve_safety"]
LATER = "2999-01-05"
FOUND = {"rationale": "Spoke with him; his sister is there.", "next_check_on": LATER}


@pytest.fixture
def clinician(world: World) -> Caller:
    """Return the therapist to whom the concern is handed."""
    return Caller(world.here, world.here.other_therapist, SCOPES)


@pytest.fixture
def concern(world: World) -> SafetyConcern:
    here = world.here
    with here.scope():
        _inquiry, found = in_danger(here)
        return safety.hand_over(concern=found, to=here.other_therapist, by=here.coordinator)


def reviewed(caller: Caller, concern_id: Any, what: Any, key: str = "k") -> Any:
    return caller.send("post", f"/safety-concerns/{concern_id}/review/", what, **{"Idempotency-Key": key})


def test_a_review_releases_the_inquiry_once(world: World, clinician: Caller, concern: SafetyConcern) -> None:
    key, address = concern.public_id, f"/safety-concerns/{concern.public_id}/review/"
    before = clinician.send("get", address).json()
    assert (before["rationale"], before["reviewed_at"], before["reviewed_by"]) == ("", None, None)
    first, second = (reviewed(clinician, key, FOUND) for _n in range(2))
    assert first.status_code == 201, first.content
    assert first.json() == second.json()
    assert second["Idempotency-Replayed"] == "true"
    assert first.json()["rationale"] == FOUND["rationale"]
    assert first.json()["reviewed_by"] == str(world.here.other_therapist.public_id)
    assert clinician.send("get", address).json() == first.json()
    with world.here.scope():
        assert Inquiry.objects.get(pk=concern.inquiry_id).crisis_hold is False
        assert not Task.objects.filter(concern=concern, done_at=None).exists()
    again = reviewed(clinician, key, {**FOUND, "rationale": "Again."}, "other")
    assert (again.status_code, again.json()["code"]) == (409, "reviewed_already")
    actions = [one.action for one in events(world.here)]
    assert actions.count("safety.reviewed") == 1
    assert "safetyconcern.viewed" in actions
    listed = clinician.send("get", "/safety-concerns/").content.decode()
    assert "sister" not in listed


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"rationale": None}, "rationale"),
        ({"rationale": " "}, "rationale"),
        ({"rationale": "x" * 4_001}, "rationale"),
        ({"next_check_on": None}, "next_check_on"),
        ({"next_check_on": "2020-01-01"}, "next_check_on"),
        ({"next_check_on": "2026-02-30"}, "next_check_on"),
        ({"naloxone": "x"}, "naloxone"),
        ({"reviewed_by": ABSENT_ID}, "reviewed_by"),
    ],
)
def test_what_is_missing_or_cannot_be_keeps_it_open(
    world: World, clinician: Caller, concern: SafetyConcern, changes: dict[str, Any], place: str
) -> None:
    answer = reviewed(clinician, concern.public_id, {**FOUND, **changes})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [place]), answer.content
    with world.here.scope():
        concern.refresh_from_db()
        assert concern.reviewed_at is None


def test_where_an_overdose_may_come_it_says_what_came_of_naloxone(world: World) -> None:
    here = world.here
    supervisor = Caller(here, here.supervisor, SCOPES)
    with here.scope():
        inquiry = inquiries.open_inquiry(
            clinic=here.clinic, channel="phone_inbound", caller=inquiries.Caller(relation="friend", phone="312 555 0143"),
            person=inquiries.Person(), need=inquiries.Need(words="Found blue.", overdose_30_days=True),
            by=here.coordinator, now=NOW,
        )  # fmt: skip
        found = SafetyConcern.objects.get(inquiry=inquiry, code="overdose_recent")
        safety.hand_over(concern=found, to=here.supervisor, by=here.coordinator)
    assert list(reviewed(supervisor, found.public_id, FOUND).json()["fields"]) == ["naloxone"]
    answer = reviewed(supervisor, found.public_id, {**FOUND, "naloxone": "has_it"})
    assert (answer.status_code, answer.json()["naloxone"]) == (201, "has_it"), answer.content


def test_who_may_and_the_neighbour_s_is_not_there(world: World, clinician: Caller, concern: SafetyConcern) -> None:
    here, key = world.here, concern.public_id
    assert clinician.send("post", f"/safety-concerns/{key}/review/", FOUND).status_code == 428
    coordinator = Caller(here, here.coordinator, ["view_safety", "change_inquiry"])
    assert reviewed(coordinator, key, FOUND).status_code == 403
    assert coordinator.send("get", f"/safety-concerns/{key}/review/").status_code == 403
    narrow = Caller(here, here.other_therapist, ["view_safety"])
    assert reviewed(narrow, key, FOUND).status_code == 403
    stranger = Caller(here, here.therapist, SCOPES)
    assert reviewed(stranger, key, FOUND).status_code == 404, "neither handed to them nor about somebody of theirs"
    with here.scope(here.therapist):
        own = SafetyConcern.objects.get(pk=here.rows["concern"].pk)
        break_glass.break_glass(client=here.client, reason="Found unconscious", by=here.other_therapist)
    assert reviewed(clinician, own.public_id, FOUND).status_code == 403, "who broke the glass only looks"
    for one in (world.neighbour.rows["concern"].public_id, ABSENT_ID, "x"):
        assert reviewed(clinician, one, FOUND).status_code == 404
        assert clinician.send("get", f"/safety-concerns/{one}/review/").status_code == 404
    with here.scope():
        concern.refresh_from_db()
        assert concern.reviewed_at is None


def test_today_is_a_day_to_check_and_yesterday_is_over(world: World, clinician: Caller, concern: SafetyConcern) -> None:
    on = today(world.here)
    over = {**FOUND, "next_check_on": str(on - timedelta(days=1))}
    assert list(reviewed(clinician, concern.public_id, over).json()["fields"]) == ["next_check_on"]
    answer = reviewed(clinician, concern.public_id, {**FOUND, "next_check_on": str(on)})
    assert answer.status_code == 201, answer.content

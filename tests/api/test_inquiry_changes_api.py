"""Inquiries over the API: corrected from the version that was read, joined to another, and their concerns handed over."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Inquiry, SafetyConcern
from clients.services import safety
from clinics.models import AuditEvent
from tests.api.test_clients_api import Caller
from tests.api.test_inquiries_api import CALL, FORM, SCOPES, created, made
from tests.world import World


@pytest.fixture
def coordinator(world: World) -> Caller:
    return Caller(world.here, world.here.coordinator, SCOPES)


# --- changing what was said -------------------------------------------------------------------------------------


def changed(caller: Caller, row: Any, body: Any, version: int | None = None) -> Any:
    tag = f'"{version or row["version"]}"'
    return caller.send("patch", f"/inquiries/{row['id']}/", body, **{"If-Match": tag})


def test_what_is_left_out_of_a_change_stays(world: World, coordinator: Caller) -> None:
    with world.here.scope():
        before = AuditEvent.objects.filter(action="inquiry.changed").count()
    row = created(coordinator, FORM).json()
    answer = changed(coordinator, row, {"need": {"readiness": 3}, "contact": {"ok_sms": "yes"}, "source": "7"})
    assert (answer.status_code, answer["ETag"]) == (200, '"2"')
    found = answer.json()
    assert found["need"] == {**row["need"], "readiness": 3}
    assert found["contact"] == {**row["contact"], "ok_sms": "yes"}
    assert (found["caller"], found["person"]) == (row["caller"], row["person"])
    assert (found["source"], found["version"]) == ("7", 2)
    assert coordinator.send("get", f"/inquiries/{row['id']}/").json() == found
    assert changed(coordinator, found, {}).json()["need"] == found["need"]
    with world.here.scope():
        assert AuditEvent.objects.filter(action="inquiry.changed").count() == before + 2


def test_a_change_needs_the_version_that_stands(coordinator: Caller) -> None:
    row = created(coordinator, FORM).json()
    assert coordinator.send("patch", f"/inquiries/{row['id']}/", {"source": "4"}).status_code == 428
    assert changed(coordinator, row, {"source": "4"}).status_code == 200
    stale = changed(coordinator, row, {"source": "6"})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert coordinator.send("get", f"/inquiries/{row['id']}/").json()["source"] == "4"


def test_why_screening_was_left_open_outlives_a_change(world: World, coordinator: Caller) -> None:
    row = created(coordinator, FORM).json()
    with world.here.scope():
        Inquiry.objects.filter(public_id=row["id"]).update(gaps={"last_use": "call_ended"})
    assert changed(coordinator, row, {"need": {"words": "More of it."}}).status_code == 200
    with world.here.scope():
        assert Inquiry.objects.get(public_id=row["id"]).gaps == {"last_use": "call_ended"}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"caller": {"phone": "", "email": ""}}, "caller.phone"),
        ({"caller": {"phone": "12"}}, "caller.phone"),
        ({"person": {"legal_name": "Somebody Else"}}, "person"),
        ({"client": "00000000-0000-4000-8000-000000000000"}, "client"),
        ({"channel": "chat"}, "channel"),
        ({"status": "admitted"}, "status"),
        ({"source_detail": "3"}, "source_detail"),
        ({"need": {"readiness": 11}}, "need.readiness"),
        ({"organisation": "nobody"}, "organisation"),
    ],
)
def test_a_change_that_cannot_be_is_named_and_nothing_changes(
    coordinator: Caller, change: dict[str, Any], place: str
) -> None:
    row = created(coordinator, FORM).json()
    answer = changed(coordinator, row, change)
    assert answer.status_code == 400, answer.content
    assert list(answer.json()["fields"]) == [place]
    assert coordinator.send("get", f"/inquiries/{row['id']}/").json() == row


def test_an_unnamed_person_is_named_or_linked_later(world: World, coordinator: Caller) -> None:
    first, second = (created(coordinator, CALL, key).json() for key in "ab")
    named = changed(coordinator, first, {"person": {"legal_name": "Noor Rivers", "born_on": "1990-05-06"}}).json()
    assert (named["person"]["legal_name"], bool(named["client"])) == ("Noor Rivers", True)
    linked = changed(coordinator, second, {"client": str(world.here.client.public_id)}).json()
    assert linked["client"] == str(world.here.client.public_id)
    third = created(coordinator, CALL, "c").json()
    foreign = changed(coordinator, third, {"client": str(world.neighbour.client.public_id)})
    assert foreign.json()["fields"] == {"client": ["No such person at this clinic."]}


def test_danger_that_is_written_down_later_holds_at_once(world: World, coordinator: Caller) -> None:
    row = created(coordinator, FORM).json()
    assert changed(coordinator, row, {"need": {"safety_answer": "yes"}}).json()["crisis_hold"] is True
    with world.here.scope():
        assert SafetyConcern.objects.filter(inquiry__public_id=row["id"], level="S3").exists()


def test_only_who_takes_calls_changes_what_was_said(world: World, coordinator: Caller) -> None:
    own = world.here.rows["inquiry"]
    row = {"id": str(own.public_id), "version": own.version}
    for user in (world.here.therapist, world.here.administrator, world.here.supervisor):
        assert changed(Caller(world.here, user, SCOPES), row, {"source": "4"}).status_code == 403
    answers = {
        (answer.status_code, answer.content)
        for one in (world.neighbour.rows["inquiry"].public_id, "00000000-0000-4000-8000-000000000000", "x")
        for answer in [changed(coordinator, {"id": one, "version": 1}, {"source": "4"})]
    }
    assert [status for status, _content in answers] == [404]


# --- joining to another inquiry, handing a concern over ---------------------------------------------------------


def test_an_inquiry_is_joined_to_the_one_that_it_repeats(world: World, coordinator: Caller) -> None:
    first, again, other = (
        created(coordinator, {**CALL, "caller": {"phone": phone}}, phone).json()
        for phone in ("312 555 0142", "(312) 555-0142", "312 555 0143")
    )
    path = f"/inquiries/{again['id']}/moves/"
    foreign = str(world.neighbour.rows["inquiry"].public_id)
    for wrong in (other["id"], again["id"], foreign, "00000000-0000-4000-8000-000000000000", "x"):
        answer = made(coordinator, path, {"to": "duplicate", "master": wrong}, f"w{wrong}")
        assert list(answer.json()["fields"]) == ["master"], wrong
    assert made(coordinator, path, {"to": "duplicate"}, "none").status_code == 409
    taken = made(coordinator, path, {"to": "duplicate", "master": first["id"]}, "right")
    assert (taken.status_code, taken.json()["to"]) == (201, "duplicate")
    with world.here.scope():
        assert str(Inquiry.objects.get(public_id=again["id"]).master.public_id) == first["id"]


def handed(caller: Caller, concern: object, to: object) -> Any:
    return caller.send("post", f"/safety-concerns/{concern}/hand-over/", {"to": str(to)})


def test_a_concern_goes_to_a_clinician_with_the_whole_call(world: World, coordinator: Caller) -> None:
    here, need = world.here, {"need": {"safety_answer": "yes", "overdose_30_days": True}}
    inquiry = created(coordinator, {**CALL, **need}).json()["id"]
    rows = coordinator.send("get", "/safety-concerns/?open=true").json()["results"]
    concerns = [row["id"] for row in rows if row["inquiry"] == inquiry]
    assert len(concerns) > 1
    for _twice in range(2):
        answer = handed(coordinator, concerns[0], here.therapist.public_id)
        assert (answer.status_code, answer.json()["handed_over"]) == (200, True)
    with here.scope():
        found = SafetyConcern.objects.filter(inquiry__public_id=inquiry)
        assert {one.handed_to for one in found} == {here.therapist}
        assert AuditEvent.objects.filter(action="safety.handed_over").exists()
    for nobody in (here.coordinator.public_id, world.neighbour.therapist.public_id, "x"):
        assert list(handed(coordinator, concerns[0], nobody).json()["fields"]) == ["to"]
    with here.scope():
        safety.review(
            concern=SafetyConcern.objects.get(public_id=concerns[0]), rationale="Spoke.", by=here.supervisor,
            next_check_on=timezone.localdate() + timedelta(days=3), now=timezone.now(),
        )  # fmt: skip
    assert handed(coordinator, concerns[0], here.therapist.public_id).json()["code"] == "reviewed_already"


def test_a_concern_is_handed_over_by_who_takes_calls(world: World, coordinator: Caller) -> None:
    therapist, own = world.here.therapist, world.here.rows["concern"].public_id
    assert handed(Caller(world.here, therapist, SCOPES), own, therapist.public_id).status_code == 403
    narrow = Caller(world.here, world.here.coordinator, ["view_safety"])
    assert handed(narrow, own, therapist.public_id).json()["detail"] == "This token lacks the scope change_inquiry."
    answers = {
        (answer.status_code, answer.content)
        for one in (world.neighbour.rows["concern"].public_id, "00000000-0000-4000-8000-000000000000", "x")
        for answer in [handed(coordinator, one, therapist.public_id)]
    }
    assert [status for status, _content in answers] == [404]

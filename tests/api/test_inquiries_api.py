"""Inquiries over the API: what a phone system sends, how it is moved along, and who is told what."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.models import ContactAttempt, Inquiry, InquiryMove, SafetyConcern, Task
from clinics.models import AuditEvent
from tests.api.test_clients_api import Caller
from tests.api.test_document import document
from tests.world import CANARY, World

SCOPES = ["view_inquiry", "change_inquiry", "view_safety"]
CALL = {"channel": "phone_missed", "caller": {"phone": "312 555 0142"}}
FORM = {
    "channel": "web_form", "source": "1",
    "caller": {"relation": "self", "name": "Jo Marsh", "phone": "312 555 0142 x7"},
    "contact": {"ok_to_call": "yes", "ok_voicemail": "no", "call_from": "17:00", "call_until": "20:00"},
    "person": {"legal_name": "Jordan Marsh", "born_on": "1988-03-14", "postal_code": "60612-1234"},
    "need": {"words": "I want to stop drinking before work.", "substances": ["alcohol"], "readiness": 7},
}  # fmt: skip


@pytest.fixture
def coordinator(world: World) -> Caller:
    return Caller(world.here, world.here.coordinator, SCOPES)


def created(caller: Caller, body: Any = CALL, key: str = "k") -> Any:
    return caller.send("post", "/inquiries/", body, **{"Idempotency-Key": key})


def made(caller: Caller, path: str, body: Any, key: str = "m") -> Any:
    return caller.send("post", path, body, **{"Idempotency-Key": key})


def test_a_missed_call_is_an_inquiry_whose_clock_runs_from_the_call(world: World, coordinator: Caller) -> None:
    at = (timezone.now() - timedelta(minutes=3)).isoformat()
    answer = created(coordinator, {**CALL, "received_at": at})
    assert answer.status_code == 201, answer.content
    row = answer.json()
    assert (row["status"], row["channel"], row["caller"]["phone"]) == ("new", "phone_missed", "+13125550142")
    with world.here.scope():
        inquiry = Inquiry.objects.get(public_id=row["id"])
        assert inquiry.received_at.isoformat() == at.replace("Z", "+00:00")
        assert inquiry.taken_by == world.here.coordinator
        assert inquiry.client is None


def test_what_was_sent_in_groups_is_read_in_groups(coordinator: Caller) -> None:
    row = created(coordinator, FORM).json()
    read = coordinator.send("get", f"/inquiries/{row['id']}/")
    assert (read.status_code, read["ETag"]) == (200, '"1"')
    found = read.json()
    assert found == row
    assert found["caller"] == {
        "relation": "self", "name": "Jo Marsh", "phone": "+13125550142 ext. 7", "email": "",
    }  # fmt: skip
    assert found["person"]["legal_name"] == "Jordan Marsh"
    assert found["person"]["postal_code"] == "60612"
    assert found["contact"]["call_from"] == "17:00:00"
    assert (found["need"]["words"], found["need"]["readiness"]) == (FORM["need"]["words"], 7)  # type: ignore[index]
    assert [move["to"] for move in found["legal_moves"]] == ["contacting", "screening", "duplicate", "spam"]
    # Sent back as it was read, the groups make the same inquiry again.
    again = created(coordinator, {"channel": "web_form", **{name: found[name] for name in ("caller", "contact")}}, "k2")
    assert again.status_code == 201, again.content


def test_a_call_sent_twice_is_one_inquiry(world: World, coordinator: Caller) -> None:
    first, again = created(coordinator), created(coordinator)
    assert (first.status_code, again.status_code, again["Idempotency-Replayed"]) == (201, 201, "true")
    assert first.json() == again.json()
    assert created(coordinator, FORM).json()["code"] == "key_reused"
    assert coordinator.send("post", "/inquiries/", CALL).status_code == 428
    with world.here.scope():
        assert Inquiry.objects.filter(channel="phone_missed", taken_by=world.here.coordinator).count() == 2


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"caller": {}}, "caller.phone"),
        ({"caller": {"phone": "12"}}, "caller.phone"),
        ({"caller": {"phone": "3" * 41}}, "caller.phone"),
        ({"caller": {"email": "nobody"}}, "caller.email"),
        ({"caller": {"phone": "312 555 0142", "name": "a\u0000b"}}, "caller.name"),
        ({"caller": {"phone": "312 555 0142", "clinic": "harbor"}}, "caller.clinic"),
        ({"caller": "me"}, "caller"),
        ({"channel": "telepathy"}, "channel"),
        ({"status": "admitted"}, "status"),
        ({"crisis_hold": False}, "crisis_hold"),
        ({"received_at": "2199-01-01T00:00:00Z"}, "received_at"),
        ({"received_at": "2026-02-30T00:00:00Z"}, "received_at"),
        ({"contact": {"ok_to_call": True}}, "contact.ok_to_call"),
        ({"person": {"legal_name": "A B", "born_on": "2199-01-01"}}, "person.born_on"),
        ({"need": {"substances": ["alcohol", "opioids", "cannabis", "cocaine"]}}, "need.substances"),
        ({"need": {"substances": ["tea"]}}, "need.substances.0"),
        ({"need": {"readiness": 11}}, "need.readiness"),
        ({"need": {"readiness": 10**40}}, "need.readiness"),
        ({"need": {"words": "x" * 10_001}}, "need.words"),
        ({"client": "nobody"}, "client"),
        ({"client": "00000000-0000-4000-8000-000000000000"}, "client"),
    ],
)
def test_a_bad_value_is_named_at_its_place_and_nothing_is_kept(
    world: World, coordinator: Caller, change: dict[str, Any], place: str
) -> None:
    with world.here.scope():
        before = Inquiry.objects.count()
    answer = created(coordinator, {**CALL, **change})
    assert answer.status_code == 400, answer.content
    assert set(answer.json()) == {"detail", "code", "fields"}
    assert list(answer.json()["fields"]) == [place]
    assert all(isinstance(one, str) for one in answer.json()["fields"][place])
    with world.here.scope():
        assert Inquiry.objects.count() == before


def test_a_record_of_the_neighbour_is_no_record_here(world: World, coordinator: Caller) -> None:
    own = created(coordinator, {**CALL, "client": str(world.here.client.public_id)}, "own")
    assert own.json()["client"] == str(world.here.client.public_id)
    foreign = created(coordinator, {**CALL, "client": str(world.neighbour.client.public_id)}, "foreign")
    assert foreign.json()["fields"] == {"client": ["No such person at this clinic."]}


def test_the_list_pages_filters_names_nobody_and_is_recorded(world: World, coordinator: Caller) -> None:
    for number in range(3):
        created(coordinator, FORM, str(number))
    ids, cursor = [], ""
    while True:
        answer = coordinator.send("get", f"/inquiries/?limit=1&status=new&cursor={cursor}")
        ids += [row["id"] for row in answer.json()["results"]]
        cursor = answer.json()["next"]
        if not cursor:
            break
    assert len(set(ids)) == len(ids) == 3
    everything = coordinator.send("get", "/inquiries/")
    assert len(everything.json()["results"]) == 4
    assert len(coordinator.send("get", "/inquiries/?status=new,contacting").json()["results"]) == 4
    for told in ("Marsh", "Jo", "drinking", "5550142", CANARY):
        assert told not in everything.content.decode()
    assert coordinator.send("get", "/inquiries/?status=lost").json()["fields"].keys() == {"status"}
    with world.here.scope():
        event = AuditEvent.objects.filter(action="inquiry.listed").latest("id")
        assert (event.purpose, event.detail["n"]) == ("api", 4)
        assert world.here.client.pk in event.detail["client_ids"]


def test_an_attempt_is_logged_once_for_each_inquiry(world: World, coordinator: Caller) -> None:
    first, second = (created(coordinator, CALL, key).json()["id"] for key in "ab")
    later = (timezone.now() + timedelta(hours=2)).isoformat()
    body = {"method": "phone", "outcome": "no_answer", "note": "Rang long", "call_again_at": later}
    answers = [made(coordinator, f"/inquiries/{first}/attempts/", body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    # The same key under another inquiry is another thing, not a repeat of the first.
    assert made(coordinator, f"/inquiries/{second}/attempts/", body).json()["code"] == "key_reused"
    listed = coordinator.send("get", f"/inquiries/{first}/attempts/").json()["results"]
    assert [(row["outcome"], row["live"], row["note"]) for row in listed] == [("no_answer", False, "Rang long")]
    assert coordinator.send("get", f"/inquiries/{first}/").json()["status"] == "contacting"
    with world.here.scope():
        assert ContactAttempt.objects.filter(inquiry__public_id=second).count() == 0
        assert Task.objects.filter(inquiry__public_id=first, kind="call_back", done_at=None).count() == 1


def test_an_attempt_without_permission_says_why(world: World, coordinator: Caller) -> None:
    inquiry = created(coordinator, FORM).json()["id"]
    answer = made(coordinator, f"/inquiries/{inquiry}/attempts/", {"method": "phone", "outcome": "voicemail_left"})
    assert (answer.status_code, answer.json()["code"]) == (409, "contact_not_allowed")
    assert "They said no to messages." in answer.json()["detail"]
    future = {"method": "phone", "outcome": "busy", "at": "2199-01-01T00:00:00Z"}
    assert list(made(coordinator, f"/inquiries/{inquiry}/attempts/", future).json()["fields"]) == ["at"]
    with world.here.scope():
        assert ContactAttempt.objects.filter(inquiry__public_id=inquiry).count() == 0


def test_an_illegal_move_names_the_legal_ones(world: World, coordinator: Caller) -> None:
    inquiry = created(coordinator).json()["id"]
    path = f"/inquiries/{inquiry}/moves/"
    refused = made(coordinator, path, {"to": "admitted"}, "x")
    assert (refused.status_code, refused.json()["code"]) == (409, "illegal_move")
    assert refused.json()["legal"] == ["spam"]
    assert "does not go from" in refused.json()["detail"]
    # The key of a refused step may be used again.
    taken = made(coordinator, path, {"to": "spam", "note": "A sales call"}, "x")
    assert (taken.status_code, taken.json()["origin"], taken.json()["to"]) == (201, "new", "spam")
    listed = coordinator.send("get", path).json()["results"]
    assert [(row["to"], row["note"]) for row in listed] == [("spam", "A sales call")]
    assert made(coordinator, path, {"to": "nowhere"}, "y").json()["fields"].keys() == {"to"}
    with world.here.scope():
        assert InquiryMove.objects.filter(inquiry__public_id=inquiry).count() == 1


def test_danger_holds_the_inquiry_and_is_listed_without_words(world: World, coordinator: Caller) -> None:
    need = {"need": {"words": "I do not know any more.", "safety_answer": "yes"}}
    inquiry = created(coordinator, {**CALL, **need}).json()
    assert inquiry["crisis_hold"] is True
    answer = coordinator.send("get", "/safety-concerns/?open=true")
    rows = [row for row in answer.json()["results"] if row["inquiry"] == inquiry["id"]]
    assert [(row["level"], row["code"], row["handed_over"]) for row in rows] == [("S3", "safety_yes", False)]
    assert "any more" not in answer.content.decode()
    refused = made(coordinator, f"/inquiries/{inquiry['id']}/moves/", {"to": "contacting"})
    assert refused.json()["legal"] == ["referred_out"]
    with world.here.scope():
        assert SafetyConcern.objects.filter(inquiry__public_id=inquiry["id"]).count() == 1
        assert AuditEvent.objects.filter(action="safetyconcern.listed").exists()


def test_an_administrator_is_sent_the_state_and_nobodys_words(world: World, coordinator: Caller) -> None:
    inquiry = created(coordinator, FORM).json()["id"]
    made(coordinator, f"/inquiries/{inquiry}/attempts/", {"method": "phone", "outcome": "busy", "note": "Engaged"})
    administrator = Caller(world.here, world.here.administrator, SCOPES)
    for path in ("/inquiries/", f"/inquiries/{inquiry}/", f"/inquiries/{inquiry}/attempts/"):
        answer = administrator.send("get", path)
        assert answer.status_code == 200
        for told in ("Marsh", "drinking", "5550142", "60612", "Engaged"):
            assert told not in answer.content.decode(), path
    found = administrator.send("get", f"/inquiries/{inquiry}/").json()
    kept_back = ("source_name", "assistance", "caller", "contact", "person", "need")
    assert [found[name] for name in kept_back] == [None] * 6
    assert created(administrator, FORM).status_code == 403
    assert administrator.send("get", "/safety-concerns/").status_code == 403


def test_a_therapist_reads_what_is_about_their_people_and_changes_nothing(world: World, coordinator: Caller) -> None:
    outside = created(coordinator, FORM).json()["id"]
    therapist = Caller(world.here, world.here.therapist, SCOPES)
    own = world.here.rows["inquiry"].public_id
    assert [row["id"] for row in therapist.send("get", "/inquiries/").json()["results"]] == [str(own)]
    assert therapist.send("get", f"/inquiries/{own}/").json()["caller"]["phone"] == "+13125550188"
    assert therapist.send("get", f"/inquiries/{outside}/").status_code == 404
    assert made(therapist, f"/inquiries/{own}/moves/", {"to": "spam"}).status_code == 403


@pytest.mark.parametrize("below", ["", "attempts/", "moves/"])
def test_foreign_absent_and_malformed_ids_get_the_same_answer(world: World, coordinator: Caller, below: str) -> None:
    answers = {
        (answer.status_code, answer.content)
        for one in (world.neighbour.rows["inquiry"].public_id, "00000000-0000-4000-8000-000000000000", "x")
        for answer in [coordinator.send("get", f"/inquiries/{one}/{below}")]
    }
    assert len(answers) == 1
    assert next(iter(answers))[0] == 404


def test_a_token_needs_the_scope(world: World) -> None:
    narrow = Caller(world.here, world.here.coordinator, ["view_inquiry"])
    assert narrow.send("get", "/inquiries/").status_code == 200
    assert created(narrow).json()["detail"] == "This token lacks the scope change_inquiry."
    assert narrow.send("get", "/safety-concerns/").status_code == 403


def test_the_document_shows_examples_and_the_refused_move() -> None:
    paths = document()["paths"]
    create = paths["/api/v1/clinics/{clinic_slug}/inquiries/"]["post"]
    assert len(create["requestBody"]["content"]["application/json"]["examples"]) == 2
    move = paths["/api/v1/clinics/{clinic_slug}/inquiries/{public_id}/moves/"]["post"]
    assert {"201", "409"} <= move["responses"].keys()
    assert move["responses"]["409"]["content"]["application/json"]["examples"]

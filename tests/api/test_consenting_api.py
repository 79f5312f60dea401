"""Consents over the API: written down for signing, taken over from paper, and taken back."""

from typing import Any

import pytest

from clients.models import Consent, ConsentEvent
from tests.api.test_clients_api import Caller
from tests.clients.consenting import RECIPIENT, signed
from tests.clients.people import ABSENT_ID
from tests.world import World

SCOPES = ["view_client", "view_consent", "capture_consent"]
STATES = ["revocation"]


@pytest.fixture
def therapist(world: World) -> Caller:
    return Caller(world.here, world.here.therapist, SCOPES)


def body(world: World, **other: Any) -> dict[str, Any]:
    return {
        "client": str(world.here.client.public_id), "kind": "specific", "categories": ["attendance"],
        "recipients": RECIPIENT, "purpose": "treatment", "last_day": "2999-01-05", **other,
    }  # fmt: skip


def paper(**other: Any) -> dict[str, Any]:
    return {
        "text": "I let Riverbend tell my doctor when I come.", "statements": STATES, "signed_name": "Noor Rivers",
        "signed_on": "2026-11-02", **other,
    }  # fmt: skip


def sent(caller: Caller, what: Any, key: str = "k") -> Any:
    return caller.send("post", "/consents/", what, **{"Idempotency-Key": key})


def revoked(caller: Caller, consent: Any, what: Any, version: int) -> Any:
    return caller.send("patch", f"/consents/{consent}/", what, **{"If-Match": f'"{version}"'})


def test_a_consent_is_written_down_once_and_waits_to_be_signed(world: World, therapist: Caller) -> None:
    first, second = (sent(therapist, body(world)) for _n in range(2))
    assert first.status_code == 201, first.content
    assert first.json() == second.json()
    assert (first.json()["state"], first.json()["signed_at"]) == ("draft", None)
    read = therapist.send("get", f"/consents/{first.json()['id']}/").json()
    assert read["recipients"] == [RECIPIENT]
    assert "I can revoke this consent" in read["text"]
    with world.here.scope():
        assert Consent.objects.filter(public_id=first.json()["id"]).count() == 1


def test_the_last_day_there_is_is_a_last_day(world: World, therapist: Caller) -> None:
    answer = sent(therapist, body(world, last_day="9999-12-31"))
    assert answer.status_code == 201, answer.content
    assert answer.json()["expires_at"] is not None


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"recipients": ""}, "recipients"),
        ({"purpose": "fundraising"}, "purpose"),
        ({"categories": []}, "categories"),
        ({"last_day": None}, "last_day"),
        ({"kind": "x"}, "kind"),
        ({"categories": ["everything"]}, "categories.0"),
        ({"signed_at": "2026-01-01"}, "signed_at"),
        ({"client": ABSENT_ID}, "client"),
        ({"paper": {"text": "x"}}, "paper"),
        ({"paper": {**paper(), "signed_on": "2999-01-01"}}, "paper.signed_on"),
        ({"paper": {**paper(), "text": " "}}, "paper"),
    ],
)
def test_what_is_missing_or_cannot_be_is_named_at_its_place(
    world: World, therapist: Caller, changes: dict[str, Any], place: str
) -> None:
    answer = sent(therapist, body(world, **changes))
    assert answer.status_code == 400, answer.content
    assert any(name.startswith(place.split(".")[0]) for name in answer.json()["fields"]), answer.content


def test_a_paper_is_taken_over_and_one_that_lacks_something_permits_nothing(world: World, therapist: Caller) -> None:
    whole = sent(therapist, body(world, paper=paper()), "whole")
    assert whole.status_code == 201, whole.content
    assert whole.json()["state"] == "active"
    lacking = sent(therapist, body(world, paper=paper(statements=[])), "lacking")
    assert lacking.json()["state"] == "invalid"
    unsigned = sent(therapist, body(world, paper=paper(signed_name="")), "unsigned")
    assert unsigned.json()["state"] == "invalid"


def test_a_spoken_wish_holds_it_and_a_written_one_ends_it(world: World, therapist: Caller) -> None:
    with world.here.scope():
        consent = signed(world.here)
    held = revoked(therapist, consent.public_id, {"written": False, "note": "On the phone."}, consent.version)
    assert held.status_code == 200, held.content
    assert (held.json()["effect"], held.json()["state"]) == ("held", "on_hold")
    version = held.json()["version"]
    assert held["ETag"] == f'"{version}"'
    assert revoked(therapist, consent.public_id, {"written": True}, version - 1).status_code == 412
    ended = revoked(therapist, consent.public_id, {"written": True}, version)
    assert (ended.json()["effect"], ended.json()["state"]) == ("revoked", "revoked")
    with world.here.scope():
        said = ConsentEvent.objects.filter(consent=consent, what="revocation_asked").order_by("pk")
        assert [(one.in_writing, one.note) for one in said] == [(False, "On the phone."), (True, None)]
    again = revoked(therapist, consent.public_id, {"written": True}, ended.json()["version"])
    assert (again.status_code, again.json()["effect"]) == (200, "none")


def test_who_may_and_the_neighbour_s_is_not_there(world: World, therapist: Caller) -> None:
    narrow = Caller(world.here, world.here.therapist, ["view_client", "view_consent"])
    own = world.here.consent.public_id
    assert sent(narrow, body(world)).status_code == 403
    assert revoked(narrow, own, {"written": True}, 1).status_code == 403
    assert therapist.send("patch", f"/consents/{own}/", {"written": True}).status_code == 428
    for one in (world.neighbour.consent.public_id, ABSENT_ID, "x"):
        assert revoked(therapist, one, {"written": True}, 1).status_code == 404
    foreign = {**body(world), "client": str(world.neighbour.client.public_id)}
    assert list(sent(therapist, foreign).json()["fields"]) == ["client"]
    supervisor = Caller(world.here, world.here.supervisor, ["view_client", "view_consent"])
    assert sent(supervisor, body(world)).status_code == 403

"""The notice of confidentiality and what is kept back, over the API: given, asked for, decided, ended."""

from typing import Any

import pytest

from clients.models import NoticeGiven, Restriction
from clients.services import break_glass, restrictions
from tests.api.test_clients_api import Caller
from tests.clients.people import ABSENT_ID, events
from tests.world import CANARY, World

SCOPES = ["view_client", "view_consent", "capture_consent"]


@pytest.fixture
def therapist(world: World) -> Caller:
    return Caller(world.here, world.here.therapist, SCOPES)


@pytest.fixture
def officer(world: World) -> Caller:
    return Caller(world.here, world.here.privacy_officer, [*SCOPES, "decide_restriction"])


def body(world: World, **other: Any) -> dict[str, Any]:
    return {"client": str(world.here.client.public_id), "recipient": "Her former employer", **other}


def asked(caller: Caller, what: Any, key: str = "k") -> Any:
    return caller.send("post", "/restrictions/", what, **{"Idempotency-Key": key})


def decided(caller: Caller, restriction: Any, what: Any, version: int = 1) -> Any:
    return caller.send("patch", f"/restrictions/{restriction}/", what, **{"If-Match": f'"{version}"'})


def given(caller: Caller, client: Any, what: Any, key: str = "n") -> Any:
    return caller.send("post", f"/clients/{client}/notices/", what, **{"Idempotency-Key": key})


# --- the notice ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["coordinator", "therapist"])
def test_the_notice_is_recorded_once_and_listed(world: World, who: str) -> None:
    caller = Caller(world.here, getattr(world.here, who), ["view_client", "capture_consent"])
    client = world.here.client.public_id
    first, second = (given(caller, client, {"answer": "declined"}) for _n in range(2))
    assert first.status_code == 201, first.content
    assert first.json() == second.json()
    rows = caller.send("get", f"/clients/{client}/notices/").json()["results"]
    assert [row["answer"] for row in rows] == ["declined", "signed"], "the newest first, with the world's own"
    assert rows[0]["id"] == first.json()["id"]
    with world.here.scope():
        assert NoticeGiven.objects.get(public_id=rows[0]["id"]).given_by == getattr(world.here, who)
    assert "notice.given" in [one.action for one in events(world.here)]
    assert [one.action for one in events(world.here)].count("client.viewed") == 3


def test_what_is_said_to_a_notice_is_one_of_two_answers(world: World, therapist: Caller) -> None:
    client = world.here.client.public_id
    for what, place in (({}, "answer"), ({"answer": "later"}, "answer"), ({"answer": "signed", "by": "x"}, "by")):
        answer = given(therapist, client, what)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [place]), what
    assert therapist.send("post", f"/clients/{client}/notices/", {"answer": "signed"}).status_code == 428


def test_who_may_give_a_notice_and_who_may_look(world: World, therapist: Caller) -> None:
    here, client = world.here, world.here.client.public_id
    address = f"/clients/{client}/notices/"
    supervisor = Caller(here, here.supervisor, ["view_client", "view_consent"])
    assert supervisor.send("get", address).status_code == 200
    assert given(supervisor, client, {"answer": "signed"}).status_code == 403
    narrow = Caller(here, here.therapist, ["view_client"])
    assert narrow.send("get", address).status_code == 403, "the token carries neither of the two rights"
    looking = Caller(here, here.other_therapist, SCOPES)
    assert given(looking, client, {"answer": "signed"}).status_code == 404
    with here.scope(here.other_therapist):
        break_glass.break_glass(client=here.client, reason="Found unconscious", by=here.other_therapist)
    assert given(looking, client, {"answer": "signed"}).status_code == 403, "who broke the glass only looks"
    for one in (world.neighbour.client.public_id, ABSENT_ID, "x"):
        assert given(therapist, one, {"answer": "signed"}).status_code == 404
        assert therapist.send("get", f"/clients/{one}/notices/").status_code == 404


# --- asked for ---------------------------------------------------------------------------------------------------------


def test_a_request_is_kept_once_and_read_with_its_words(world: World, therapist: Caller) -> None:
    what = body(world, categories=["progress_notes", "attendance"], words="Not him.")
    first, second = (asked(therapist, what) for _n in range(2))
    assert first.status_code == 201, first.content
    assert first.json() == second.json()
    assert (first.json()["state"], first.json()["categories"]) == ("asked", ["attendance", "progress_notes"])
    read = therapist.send("get", f"/restrictions/{first.json()['id']}/")
    assert (read["ETag"], read.json()["recipient"], read.json()["words"]) == ('"1"', "Her former employer", "Not him.")
    assert "restriction.viewed" in [one.action for one in events(world.here)]


def test_the_list_holds_no_words_and_is_recorded(world: World, therapist: Caller) -> None:
    asked(therapist, body(world))
    own = str(world.here.client.public_id)
    for query, number in (
        (f"?client={own}", 2),
        ("?state=asked", 2),
        ("?state=agreed", 0),
        ("?state=x", 0),
        (f"?client={world.neighbour.client.public_id}", 0),
        ("?client=x", 0),
    ):
        answer = therapist.send("get", f"/restrictions/{query}")
        assert answer.status_code == 200, answer.content
        assert len(answer.json()["results"]) == number, query
        assert CANARY not in answer.content.decode()
        assert "employer" not in answer.content.decode()
    first = therapist.send("get", "/restrictions/?limit=1").json()
    second = therapist.send("get", f"/restrictions/?limit=1&cursor={first['next']}").json()
    assert (first["results"][0]["id"] != second["results"][0]["id"], second["next"]) == (True, None)
    listed = [one for one in events(world.here) if one.action == "restriction.listed"]
    assert listed[0].detail["client_ids"] == [world.here.client.pk]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"recipient": " "}, "recipient"),
        ({"recipient": "x" * 161}, "recipient"),
        ({"categories": ["everything"]}, "categories.0"),
        ({"words": "x" * 4_001}, "words"),
        ({"client": ABSENT_ID}, "client"),
        ({"state": "agreed"}, "state"),
    ],
)
def test_what_is_missing_or_cannot_be_is_named_at_its_place(
    world: World, therapist: Caller, changes: dict[str, Any], place: str
) -> None:
    answer = asked(therapist, body(world, **changes))
    assert answer.status_code == 400, answer.content
    assert [name.split(".")[0] for name in answer.json()["fields"]] == [place.split(".")[0]]


# --- decided -------------------------------------------------------------------------------------------------------------


def test_it_is_agreed_to_and_ended_with_a_reason(world: World, therapist: Caller, officer: Caller) -> None:
    key = asked(therapist, body(world)).json()["id"]
    agreed = decided(officer, key, {"state": "agreed"})
    assert agreed.status_code == 200, agreed.content
    assert (agreed.json()["state"], agreed["ETag"], agreed.json()["decided_at"] is not None) == ("agreed", '"2"', True)
    assert decided(officer, key, {"state": "declined", "note": "No."}, 1).status_code == 412, "read before the decision"
    again = decided(officer, key, {"state": "agreed"}, 2)
    assert (again.status_code, again.json()["code"]) == (409, "decided_already")
    assert list(decided(officer, key, {"state": "ended"}, 2).json()["fields"]) == ["note"]
    ended = decided(officer, key, {"state": "ended", "note": "They asked for it."}, 2)
    assert (ended.json()["state"], ended.json()["note"], ended["ETag"]) == ("ended", "They asked for it.", '"3"')
    for what in ({"state": "agreed"}, {"state": "ended", "note": "Twice."}):
        assert decided(officer, key, what, 3).status_code == 409, what
    with world.here.scope():
        assert Restriction.objects.get(public_id=key).decided_by == world.here.privacy_officer


def test_what_cannot_be_decided_changes_nothing(world: World, therapist: Caller, officer: Caller) -> None:
    key = asked(therapist, body(world)).json()["id"]
    paid = asked(therapist, body(world, recipient="", to_payers=True, self_paid=True), "paid").json()["id"]
    assert decided(officer, key, {"state": "ended", "note": "Nobody agreed."}).status_code == 409
    for which, what, place in (
        (key, {"state": "declined"}, "note"),
        (key, {"state": "declined", "note": " "}, "note"),
        (paid, {"state": "declined", "note": "No."}, "state"),
        (key, {"state": "asked"}, "state"),
        (key, {}, "state"),
        (key, {"state": "agreed", "words": "x"}, "words"),
    ):
        answer = decided(officer, which, what)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [place]), what
    assert officer.send("patch", f"/restrictions/{key}/", {"state": "agreed"}).status_code == 428
    with world.here.scope():
        assert set(Restriction.objects.values_list("state", "version")) == {("asked", 1)}


def test_who_may_and_the_neighbour_s_is_not_there(world: World, therapist: Caller, officer: Caller) -> None:
    here = world.here
    key = here.rows["restriction"].public_id
    assert decided(therapist, key, {"state": "agreed"}).status_code == 403, "a therapist does not decide"
    narrow = Caller(here, here.privacy_officer, SCOPES)
    assert decided(narrow, key, {"state": "agreed"}).status_code == 403, "nor does a token without the scope"
    coordinator = Caller(here, here.coordinator, ["view_client", "capture_consent"])
    written = asked(coordinator, body(world, words="Not him."))
    assert written.status_code == 201, "who takes the call writes it down"
    assert "Not him" not in written.content.decode()
    for path in ("/restrictions/", f"/restrictions/{key}/"):
        assert coordinator.send("get", path).status_code == 403, "and reads no consents"
    other = Caller(here, here.other_therapist, SCOPES)
    assert other.send("get", f"/restrictions/{key}/").status_code == 404
    with world.neighbour.scope():
        foreign = restrictions.ask(
            client=world.neighbour.client, recipient="x", to_payers=False, self_paid=False, categories=[], words="",
            by=world.neighbour.therapist,
        ).public_id  # fmt: skip
    for one in (foreign, ABSENT_ID, "x"):
        assert decided(officer, one, {"state": "agreed"}).status_code == 404
        assert officer.send("get", f"/restrictions/{one}/").status_code == 404
    foreign_client = body(world, client=str(world.neighbour.client.public_id))
    assert list(asked(therapist, foreign_client).json()["fields"]) == ["client"]

"""Hope and the person's own card over the API."""

from datetime import timedelta
from typing import Any

import pytest

from clients.models import Client, RulerReading
from clients.rules.strengths import Kind
from tests.api.test_mandates_api import Caller
from tests.budgets.counting import questions_of
from tests.clients import helping
from tests.clients.people import ABSENT_ID, events, in_care, signed_in, today
from tests.world import CANARY, World


@pytest.fixture
def noor(world: World) -> Client:
    """Return a person on the therapist's caseload."""
    with world.here.scope():
        return in_care(world.here)


def test_hope_is_noted_once_and_listed_newest_first(world: World, noor: Client) -> None:
    here = world.here
    caller, path = Caller(here, here.therapist), f"clients/{noor.public_id}/hope/"
    with here.scope(here.therapist):
        RulerReading.objects.create(
            clinic=here.clinic, client=noor, ruler="hope", value=3, taken_on=today(here) - timedelta(days=9),
            taken_by=here.therapist,
        )  # fmt: skip
        RulerReading.objects.create(
            clinic=here.clinic, client=noor, ruler="discord", value=9, taken_on=today(here), taken_by=here.therapist
        )
    first, again = (caller.post(path, {"value": 7, "why_not_lower": "My son"}, key="h-1") for _n in range(2))
    assert (first.status_code, again.json()) == (201, first.json())
    assert (first.json()["ruler"], first.json()["value"], first.json()["why_not_lower"]) == ("hope", 7, "My son")
    assert [one["value"] for one in caller.get(path).json()["results"]] == [7, 3]
    for wrong in ({"value": 11}, {"value": -1}, {}, {"value": None}):
        assert list(caller.post(path, wrong).json()["fields"]) == ["value"]


def test_the_card_holds_what_they_chose_and_nothing_that_others_hold_out(world: World, noor: Client) -> None:
    here = world.here
    caller, path = Caller(here, here.therapist), f"clients/{noor.public_id}/card/"
    assert caller.get(path).json() == {"reasons": [], "values": [], "strengths": [], "hope": None}
    with here.scope(here.therapist):
        reason = helping.given(here, noor)
        helping.given(here, noor, "What others say", is_own=False, source="family")
        milestone = helping.kept(here, noor, Kind.MILESTONE)
        off = helping.kept(here, noor, on_card=False)
        helping.with_values(here, noor, is_private=True)
    caller.post(f"clients/{noor.public_id}/hope/", {"value": 6})
    card = caller.get(path).json()
    assert card["reasons"] == [{"id": str(reason.public_id), "text": "My son"}]
    assert card["strengths"] == [{"id": str(milestone.public_id), "what": "milestone", "text": "30 days"}]
    assert (card["values"], card["hope"]["value"]) == ([], 6)
    caller.patch(f"strengths/{off.public_id}/", {"on_card": True}, 1)
    assert [one["text"] for one in caller.get(path).json()["strengths"]] == ["Keeps her word", "30 days"]


@pytest.mark.parametrize(
    ("role", "read", "write"),
    [
        ("therapist", 200, 201), ("supervisor", 200, 403), ("coordinator", 403, 403), ("privacy_officer", 403, 403),
        ("other_therapist", 404, 404), ("coder", 403, 403), ("administrator", 403, 403),
    ],
)  # fmt: skip
def test_who_reads_and_writes(world: World, role: str, read: int, write: int) -> None:
    here = world.here
    caller, root = Caller(here, getattr(here, role)), f"clients/{here.client.public_id}/"
    shown: Any = caller.get(root + "card/")
    assert (shown.status_code, CANARY in shown.content.decode()) == (read, read == 200)
    assert caller.get(root + "hope/").status_code == read
    assert caller.post(root + "hope/", {"value": 5}).status_code == write


@pytest.mark.parametrize("what", ["hope", "card"])
def test_a_foreign_an_absent_and_a_malformed_id_are_the_same_and_reads_are_in_the_trail(
    world: World, what: str
) -> None:
    here, there = world.here, world.neighbour
    caller = Caller(here, here.therapist)
    answers = [caller.get(f"clients/{one}/{what}/") for one in (there.client.public_id, ABSENT_ID, "nonsense")]
    assert [one.status_code for one in answers] == [404] * 3
    assert len({one.content for one in answers}) == 1
    since = len(events(here))
    caller.get(f"clients/{here.client.public_id}/{what}/")
    assert [(one.purpose, one.client_ref) for one in events(here, since)] == [("api", here.client.pk)]


def test_the_card_asks_the_same_whatever_stands_on_it(world: World, noor: Client) -> None:
    here = world.here
    browser, address = signed_in(here.therapist), f"/api/v1/clinics/{here.clinic.slug}/clients/{noor.public_id}/card/"
    before = questions_of(browser, address) or []
    with here.scope(here.therapist):
        for number in range(12):
            helping.given(here, noor, f"Reason {number}")
            helping.kept(here, noor, Kind.MILESTONE)
        helping.with_values(here, noor, is_private=False)
    after = questions_of(browser, address) or []
    assert len(before) == len(after) <= 12, "\n".join(one[:120] for one in after)

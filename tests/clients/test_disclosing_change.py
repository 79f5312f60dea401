"""What goes out of exercises, reasons and strengths, the person's own card, and the plan for return to use."""

import json
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from clients.disclosure import Refused, weigh
from clients.models import ChangeTarget, Client
from clients.rules.consent_terms import Category, Kind, Purpose, RecipientClass
from clients.rules.disclosure import Basis
from clients.rules.exercises import Kind as ExerciseKind
from clients.rules.strengths import Kind as StrengthKind
from clients.selectors.disclosed import gather, subject_of
from clients.services import restrictions, returns, strengths
from tests.clients import exercising, helping
from tests.clients.consenting import RECIPIENT, asked
from tests.clients.people import in_care
from tests.clients.relapsing import WHOLE, craving, lapse
from tests.clients.relapsing import written as plan_written
from tests.clients.test_disclosing_care import given, signed
from tests.world import NOW, Side, World

CHANGE = ("exercises", "strengths", "card", "relapse_plan", "returns")
STAYS = "stays here"


def worked_with(side: Side, client: Client, target: ChangeTarget) -> Client:
    """Let a person have everything, and beside each thing that goes out one that stays."""
    exercising.written(side, target, content={**exercising.PLAN, "change": f"An older writing {STAYS}"})
    exercising.written(side, target)
    exercising.written(
        side, target, ExerciseKind.VALUES, content={"values": [{"name": f"A value {STAYS}"}]}, is_private=True
    )
    helping.given(side, client, "My son", target=target, strength=0)
    helping.given(
        side, client, f"What others hold out, no word of it on the card {STAYS}", is_own=False, source="family"
    )
    let_go = helping.kept(side, client, text=f"A strength let go {STAYS}")
    strengths.end(row=let_go, by=side.therapist, now=timezone.now())
    helping.kept(side, client)
    helping.kept(side, client, StrengthKind.SUCCESS, on_card=False)
    helping.kept(side, client, StrengthKind.MILESTONE)
    strengths.rate_hope(client=client, value=7, words="It went well", by=side.therapist, now=timezone.now())
    plan_written(side, client, parts={**WHOLE, "warnings": [{"kind": "thought", "text": f"An older plan {STAYS}"}]})
    plan_written(side, client)
    wrong = craving(side, client, 9, situation=f"Another person's {STAYS}")
    returns.take_back_craving(craving=wrong, reason="Another's", by=side.therapist, now=timezone.now())
    craving(side, client, 8, situation="Payday", coping="Walked", helped=0)
    lapse(side, client, target=target, substance="alcohol", situation="A wedding")
    return client


@pytest.fixture
def person(world: World, noor: Client, goal: ChangeTarget) -> Client:
    """Return somebody of whom every part holds something."""
    here = world.here
    with here.scope(here.therapist):
        return worked_with(here, noor, goal)


def test_each_part_holds_what_its_name_says_and_nothing_else(world: World, person: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        parts = given(here, person, asked(signed(here, person, *CHANGE), *CHANGE))
    assert set(parts) == set(CHANGE)
    head, *lines = parts["exercises"]
    assert (head["Exercise"], head["Goal"]) == ("My plan for change", "Drink less")
    assert {"The change I want": "Drink on weekends only"} in lines
    assert {"What I will do": "Walk home another way"} in lines
    assert {"How confident I am, 0 to 10": "8"} in lines
    reason, others, *kept = parts["strengths"]
    assert (reason["Reason for a change"], reason["How strong, 0 to 10"], reason["Their own"]) == ("My son", "0", "yes")
    assert (others["Said first by"], others["Their own"]) == ("Family", "no")
    assert [next(iter(row)) for row in kept] == ["Milestone", "Strength", "Past success"]
    assert [next(iter(row.values())) for row in parts["card"]] == ["My son", "Keeps her word", "30 days", "7"]
    about, *plan = parts["relapse_plan"]
    assert about["Plan for return to use"] == "revision 2"
    assert [row["What makes it hard"] for row in plan[:3]] == ["Payday", "Arguments with Sol", "Weddings"]
    assert plan[0]["What helps"] == "Walk to the lake"
    assert {"Who helps": "Ada Rivers", "Who they are": "sister"} in plan
    assert {"In the first hour": "Leave the place"} in plan
    felt, happened = parts["returns"]
    assert (felt["How strong, 0 to 10"], felt["How much it helped, 0 to 10"], felt["Used"]) == ("8", "0", "no")
    assert (happened["Goal"], happened["What was going on"]) == ("Drink less", "A wedding")
    everything = json.dumps({name: rows for name, rows in parts.items() if name != "strengths"})
    assert STAYS not in everything
    assert "evenings" not in everything, "how to reach who helps is not passed on"
    assert json.dumps(parts["strengths"]).count(STAYS) == 1, (
        "what others hold out is a reason too, and said to be theirs"
    )


@pytest.mark.parametrize("one", CHANGE)
def test_a_part_goes_only_where_the_consent_names_it(world: World, person: Client, one: str) -> None:
    here = world.here
    with here.scope(here.therapist):
        others = tuple(name for name in CHANGE if name != one)
        assert set(given(here, person, asked(signed(here, person, *others), *CHANGE))) == set(others)
        with pytest.raises(Refused):
            given(here, person, asked(signed(here, person, *others), one))


@pytest.mark.parametrize(
    ("kept", "left"),
    [
        ("plan", set()), ("exercises", {"strengths", "relapse_plan", "returns"}),
        ("strengths", {"exercises", "relapse_plan", "returns"}), ("card", {"exercises", "relapse_plan", "returns"}),
        ("returns", set(CHANGE) - {"returns"}),
    ],
)  # fmt: skip
def test_what_the_person_keeps_back_takes_along_what_tells_the_same(
    world: World, person: Client, kept: str, left: set[str]
) -> None:
    here = world.here
    with here.scope(here.therapist):
        request = restrictions.ask(
            client=person, recipient=RECIPIENT, to_payers=False, self_paid=False, categories=[kept], words="",
            by=here.therapist,
        )  # fmt: skip
        restrictions.decide(restriction=request, version=1, agreed=True, note="", by=here.privacy_officer, now=NOW)
        # Attendance goes in any case: a package of nothing is refused.
        what = asked(signed(here, person, "attendance", *CHANGE), "attendance", *CHANGE)
        assert set(given(here, person, what)) == {"attendance", *left}


def test_the_family_sees_the_card_where_the_person_says_so_and_nothing_else_of_it(world: World, person: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        sister: dict[str, Any] = {"kind": Kind.FAMILY_CONTACT, "recipients": "Ada Rivers", "purpose": "family_contact"}
        consent = signed(here, person, *CHANGE, **sister)
        what = replace(asked(consent, *CHANGE), purpose=Purpose.FAMILY_CONTACT, recipient="Ada Rivers")
        assert set(given(here, person, what)) == {"card"}
        with pytest.raises(Refused):
            given(here, person, replace(what, consent=signed(here, person, "attendance", **sister)))


def test_a_purpose_takes_no_more_than_it_needs(world: World, person: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        consent = signed(here, person, "attendance", *CHANGE, kind=Kind.TPO_SINGLE)
        what = asked(consent, "attendance", *CHANGE, recipient="Blue plan", of_class=RecipientClass.PLANS_AND_PAYERS)
        for purpose in (Purpose.PAYMENT, Purpose.OPERATIONS):
            assert set(given(here, person, replace(what, purpose=purpose))) == {"attendance"}
        audit = replace(
            what, basis=Basis.AUDIT_EVALUATION, purpose=Purpose.AUDIT, consent=None,
            record={"affiliation": "State office", "reference": "A promise of May 2"},
        )  # fmt: skip
        decision = weigh(client=person, asked=audit, now=NOW)
        assert [one.value for one in decision.given] == ["attendance", "relapse_plan", "returns"]


def test_without_identifiers_and_of_the_neighbour_nothing_is_gathered(world: World, person: Client) -> None:
    here = world.here
    parts = [Category(name) for name in CHANGE]
    with here.scope(here.therapist):
        assert all(gather(subject_of(person, identified=True, at=NOW), one) for one in parts)
        assert not any(gather(subject_of(person, identified=False, at=NOW), one) for one in parts)
        theirs = subject_of(world.neighbour.client, identified=True, at=NOW)
        assert not any(gather(theirs, one) for one in parts)


def test_somebody_with_nothing_of_it_has_empty_parts(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        client = in_care(here)
        assert given(here, client, asked(signed(here, client, *CHANGE), *CHANGE)) == {name: [] for name in CHANGE}

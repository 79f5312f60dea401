"""What goes out of measures, stages and the treatment plan: each part under its own name, and nothing beside it."""

import json
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from clients import disclosure as way_out
from clients.disclosure import Refused
from clients.models import ChangeTarget, Client, Consent, Exercise, StageRating
from clients.rules.consent_terms import Category, Kind, Purpose, RecipientClass
from clients.rules.disclosure import KEPT_WITH
from clients.rules.plan_content import Kind as Part
from clients.selectors.disclosed import gather, subject_of
from clients.services import consents, measures, plan_parts, plan_reviews, plans, restrictions
from clients.services.plan_reviews import Progress
from tests.clients import planning as at
from tests.clients.consenting import RECIPIENT, asked, terms
from tests.clients.measuring import asked as measured
from tests.clients.measuring import phq9
from tests.clients.people import in_care, today
from tests.world import NOW, Side, World

CARE = ("measures", "measure_answers", "stages", "plan", "treatment_plan")


def signed(side: Side, client: Client, *categories: str, kind: Kind = Kind.SPECIFIC, **other: Any) -> Consent:
    wanted = terms(kind, categories=categories, **other)
    draft = consents.draft_consent(client=client, terms=wanted, by=side.therapist)
    return consents.sign_consent(
        consent=draft, version=draft.version, signer="self", signed_name=client.legal_name, authority="",
        by=side.therapist, now=NOW,
    )  # fmt: skip


def given(side: Side, client: Client, what: way_out.Asked) -> dict[str, list[dict[str, str]]]:
    """Return the parts of a package, by name."""
    _made, job = way_out.disclose(client=client, asked=what, by=side.therapist, now=NOW)
    packed = way_out.pack(public_id=job.args["package"], now=NOW)
    assert packed is not None
    return {part["part"]: part["rows"] for part in way_out.content_of(packed)["parts"]}


def cared_for(side: Side) -> Client:
    """Return a person with a plan in force that was looked back at, its next draft, two measures and a stage."""
    version = at.in_force(side)
    client, target = version.client, ChangeTarget.objects.get(client=version.client)
    StageRating.objects.create(
        clinic=side.clinic, client=client, target=target, stage="prep", basis="interview", rated_on=today(side),
        rated_by=side.therapist,
    )  # fmt: skip
    review = at.review_of(version.plan)
    goal = version.goals.get()
    plan_reviews.hold(
        review=review, held_on=today(side), goals={goal.pk: Progress(40, "active", "A comment that stays here")},
        decision="continue", note="A note that stays here", next_on=None, by=side.therapist, now=timezone.now(),
    )  # fmt: skip
    draft = plans.draft_next(plan=version.plan, by=side.therapist)
    wish = draft.goals.get()
    plan_parts.change_part(
        part=wish, version=wish.version, values=at.values(side, Part.GOAL, text="A wish of the draft", target=target),
        by=side.therapist, now=timezone.now(),
    )  # fmt: skip
    wrong = measured(side, client, "phq9", phq9(3, 3, 3, 3, 3, 3, 3, 3, 0))
    measures.take_back(response=wrong, reason="Another person's", by=side.therapist, now=timezone.now())
    measured(side, client, "phq9", phq9(1, 2, 1, 0, 1, 2, 0, 1, 0))
    measured(side, client, "gad7", {"G1": 2})
    return client


def test_each_part_holds_what_its_name_says_and_nothing_else(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        client = cared_for(here)
        Exercise.objects.create(
            clinic=here.clinic, client=client, kind="balance", revision=1, purpose="neutral_choice",
            made_by=here.therapist, target=ChangeTarget.objects.get(client=client),
            content=json.dumps({"good_now": [{"text": "An exercise that stays here", "weight": 3}]}),
        )  # fmt: skip
        parts = given(here, client, asked(signed(here, client, *CARE), *CARE))
    assert set(parts) == set(CARE)
    assert [row["Measure"] for row in parts["measures"]] == ["PHQ-9", "GAD-7"]
    assert parts["measures"][0]["Total"] == "8 · Mild"
    assert parts["measures"][1]["Total"] == "no score", "one answer of seven is no score"
    answers = [row for row in parts["measure_answers"] if row["Measure"] == "PHQ-9"]
    assert answers[1]["Answer"] == "More than half the days"
    assert all(row["Question"] and row["Answer"] for row in parts["measure_answers"])
    assert [row["Stage of change"] for row in parts["stages"]] == ["Preparing"]
    head, *thread = parts["treatment_plan"]
    assert head["Treatment plan"].endswith("version 1")
    assert head["Signed: the person"].startswith("Noor Rivers")
    said = json.dumps(thread)
    for words in ("Drinks most evenings", "I want my evenings back", "Four evenings a week", "MI: evoke", "40 %"):
        assert words in said, words
    everything = json.dumps(parts)
    for words in ("stays here", "A wish of the draft", "Reading to her son", "Another person's"):
        assert words not in everything, words
    # The twenty-four of what was taken back stands nowhere.
    assert "24" not in {row.get("Total", "") for row in parts["measures"]}


@pytest.mark.parametrize("one", CARE)
def test_a_part_goes_only_where_the_consent_names_it(world: World, one: str) -> None:
    here = world.here
    with here.scope(here.therapist):
        client = cared_for(here)
        others = tuple(name for name in CARE if name != one)
        parts = given(here, client, asked(signed(here, client, *others), *CARE))
        assert set(parts) == set(others)
        with pytest.raises(Refused):
            given(here, client, asked(signed(here, client, *others), one))


@pytest.mark.parametrize(
    ("kept", "left"),
    [
        ("measures", {"stages", "plan", "treatment_plan"}),
        ("measure_answers", {"measures", "stages", "plan", "treatment_plan"}),
        ("plan", {"measures", "measure_answers"}),
        ("treatment_plan", {"measures", "measure_answers", "stages", "plan"}),
        ("stages", {"measures", "measure_answers", "plan", "treatment_plan"}),
    ],
)
def test_what_the_person_keeps_back_takes_along_what_tells_the_same(world: World, kept: str, left: set[str]) -> None:
    here = world.here
    with here.scope(here.therapist):
        client = cared_for(here)
        request = restrictions.ask(
            client=client, recipient=RECIPIENT, to_payers=False, self_paid=False, categories=[kept], words="",
            by=here.therapist,
        )  # fmt: skip
        restrictions.decide(restriction=request, version=1, agreed=True, note="", by=here.privacy_officer, now=NOW)
        assert set(given(here, client, asked(signed(here, client, *CARE), *CARE))) == left


def test_a_purpose_takes_no_more_than_it_needs(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        client = cared_for(here)
        whole = signed(here, client, "attendance", *CARE, kind=Kind.TPO_SINGLE)
        to: dict[str, Any] = {"recipient": "Blue plan", "of_class": RecipientClass.PLANS_AND_PAYERS}
        parts = asked(whole, "attendance", *CARE, **to)
        assert set(given(here, client, replace(parts, purpose=Purpose.PAYMENT))) == {"attendance"}
        assert set(given(here, client, replace(parts, purpose=Purpose.OPERATIONS))) == {
            "attendance", "measures", "stages"
        }  # fmt: skip
        assert set(given(here, client, replace(parts, purpose=Purpose.TREATMENT))) == {"attendance", *CARE}


def test_without_identifiers_none_of_them_is_gathered(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        subject = subject_of(here.client, identified=False, at=NOW)
        assert [gather(subject, Category(name)) for name in CARE] == [[]] * len(CARE)


def test_what_stands_at_the_neighbour_is_never_gathered(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        ours = {name: gather(subject_of(here.client, identified=True, at=NOW), Category(name)) for name in CARE}
        theirs = {
            name: gather(subject_of(world.neighbour.client, identified=True, at=NOW), Category(name)) for name in CARE
        }
    assert all(ours.values())
    assert not any(theirs.values())


def test_somebody_without_measures_or_a_plan_has_empty_parts(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        client = in_care(here)
        parts = given(here, client, asked(signed(here, client, *CARE), *CARE))
    assert parts == {name: [] for name in CARE}


def test_what_keeps_another_part_back_is_told_for_every_part_that_says_the_same() -> None:
    assert all(one not in along for one, along in KEPT_WITH.items())

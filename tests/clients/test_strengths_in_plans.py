"""What helps somebody, in their treatment plan: the hint reads strengths, and a goal takes over what was said before."""

from typing import Any

import pytest

from clients.models import Client, Goal, PlanVersion
from clients.rules.exercises import Kind as ExerciseKind
from clients.rules.plan_content import Kind
from clients.rules.strengths import Kind as StrengthKind
from clients.selectors import strengths as selectors
from clients.services import exercises, strengths, targets
from tests.clients import planning as at
from tests.clients.people import hidden, page, signed_in, text_of
from tests.world import NOW, Side, World

HINT = "No goal names a strength"


@pytest.fixture
def draft(world: World) -> PlanVersion:
    """Return a draft whose goals name no strength."""
    with world.here.scope(world.here.therapist):
        version = at.written(world.here)
        for goal in Goal.objects.filter(plan_version=version):
            goal.value_link = None
            goal.save(update_fields=["value_link"])
    return version


def kept(side: Side, client: Client, kind: StrengthKind, text: str, **other: Any) -> Any:
    """Keep a strength. Call inside the clinic's scope."""
    client.clinic = side.clinic
    return strengths.add(
        client=client, kind=kind, values={"text": text, **other}, named_by="client", on_card=True, by=side.therapist,
        now=NOW,
    )  # fmt: skip


def matters(side: Side, client: Client, *, is_private: bool) -> None:
    """Sort what matters. Call inside the clinic's scope."""
    client.clinic = side.clinic
    newest = selectors.newest_values(client)
    exercises.write(
        client=client, kind=ExerciseKind.VALUES, target=None, seen=newest.revision if newest else 0,
        content={"values": [{"name": "Honesty", "rank": 2}, {"name": "Family", "rank": 1}]}, is_private=is_private,
        by=side.therapist, now=NOW,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "other", "answers"),
    [
        (StrengthKind.STRENGTH, {"domain": "skill"}, True), (StrengthKind.SUCCESS, {}, True),
        (StrengthKind.AFFIRMATION, {}, False), (StrengthKind.MILESTONE, {"happened_on": NOW.date()}, False),
    ],
)  # fmt: skip
def test_a_strength_or_a_success_answers_the_hint_until_it_is_let_go(
    world: World, draft: PlanVersion, kind: StrengthKind, other: dict[str, Any], answers: bool
) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address = page(here, "plan_check", draft.public_id)
    assert HINT in text_of(browser.get(address))
    with here.scope(here.therapist):
        row = kept(here, draft.client, kind, "Keeps her word", **other)
    assert (HINT not in text_of(browser.get(address))) is answers
    with here.scope(here.therapist):
        strengths.end(row=row, by=here.therapist, now=NOW)
    assert HINT in text_of(browser.get(address))


def test_somebody_elses_strength_answers_nothing(world: World, draft: PlanVersion) -> None:
    here = world.here
    with here.scope(here.therapist):
        kept(here, here.client, StrengthKind.STRENGTH, "Keeps her word", domain="skill")
    assert HINT in text_of(signed_in(here.therapist).get(page(here, "plan_check", draft.public_id)))


def test_a_goal_takes_over_what_was_said_before_and_what_is_typed_goes_first(world: World, draft: PlanVersion) -> None:
    here = world.here
    with here.scope(here.therapist):
        goal = Goal.objects.get(plan_version=draft)
        matters(here, draft.client, is_private=False)
        kept(here, draft.client, StrengthKind.SUCCESS, "Quit\nfor a summer")
    browser: Any = signed_in(here.therapist)
    address = page(here, "plan_part_edit", goal.public_id)
    shown = text_of(browser.get(address))
    choices = shown.partition('name="value_from"')[2].partition("</select>")[0]
    assert choices.index("Family") < choices.index("Honesty") < choices.index("Quit for a summer")
    form = {**at.values(here, Kind.GOAL), "phase": "explore_motivation", "status": "active"}
    for typed, chosen, stands in (
        ("", "Quit for a summer", "Quit for a summer"), ("My own words", "Family", "My own words"),
        ("", "", None),
    ):  # fmt: skip
        version = hidden(text_of(browser.get(address)))
        answer = browser.post(address, {**form, "value_link": typed, "value_from": chosen, **version})
        assert answer.status_code == 302, text_of(answer)
        with here.scope():
            assert Goal.objects.get(pk=goal.pk).value_link == stands
    refused = browser.post(address, {**form, "value_from": "Made up", **hidden(text_of(browser.get(address)))})
    assert refused.status_code == 422


def test_what_they_keep_private_is_not_offered_to_a_plan_that_is_printed(world: World, draft: PlanVersion) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    with here.scope(here.therapist):
        goal = Goal.objects.get(plan_version=draft)
        matters(here, draft.client, is_private=False)
        matters(here, draft.client, is_private=True)
    shown = text_of(browser.get(page(here, "plan_part_edit", goal.public_id)))
    assert "Honesty" not in shown
    assert "value_from" not in shown


def test_a_goal_takes_over_what_they_said_they_would_do(world: World, draft: PlanVersion) -> None:
    here = world.here
    with here.scope(here.therapist):
        goal = Goal.objects.get(plan_version=draft)
        draft.client.clinic = here.clinic
        target = targets.add(client=draft.client, terms=targets.Terms("Drink less"), by=here.therapist)
        for seen, words in enumerate(("I might", "I will do\nthe work nights")):
            exercises.write(
                client=draft.client, kind=ExerciseKind.CHANGE_PLAN, target=target, seen=seen,
                content={"change": "Less", "commitment": words}, by=here.therapist, now=NOW,
            )  # fmt: skip
    browser: Any = signed_in(here.therapist)
    address = page(here, "plan_part_edit", goal.public_id)
    shown = text_of(browser.get(address))
    assert "I might" not in shown, "only the newest revision"
    form = {**at.values(here, Kind.GOAL), "phase": "explore_motivation", "status": "active", **hidden(shown)}
    taken = "I will do the work nights"
    assert browser.post(address, {**form, "commitment_from": taken}).status_code == 302
    with here.scope():
        assert Goal.objects.get(pk=goal.pk).commitment == taken

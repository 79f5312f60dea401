"""Two things the intensity rule also stands on: returns to use, and strain in the newest session."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from clients.models import Appointment, ChangeTarget, Client, Episode, Mandate, RulerReading
from clients.rules.motivation import Intensity, Ruler
from clients.selectors import motivation as selectors
from clients.services import merging, returns, targets
from clients.services.targets import Answer, Terms
from tests.clients.people import in_care, page, signed_in, today
from tests.clients.relapsing import lapse
from tests.world import NOW, Side, World


@pytest.fixture(autouse=True)
def calendar(world: World) -> Iterator[None]:
    with timezone.override(ZoneInfo(world.here.clinic.time_zone)):
        yield


@pytest.fixture
def goal(world: World) -> ChangeTarget:
    """Return a goal that somebody is preparing for, with no ruler low."""
    here = world.here
    with here.scope(here.therapist):
        target = targets.add(client=in_care(here), terms=Terms("Drink less"), by=here.therapist)
        now = timezone.now()
        targets.rate_stage(target=target, stage="prep", basis="interview", by=here.therapist, now=now)
        answers = {ruler: Answer(9) for ruler in Ruler}
        targets.take_rulers(target=target, answers=answers, by=here.therapist, now=now)
    return target


def met(here: Side, client: Client, days: int, strain: int | None, **other: Any) -> RulerReading | None:
    """Return the strain of a session that was held some days ago."""
    booked = Appointment.objects.create(
        clinic=here.clinic, client=client, episode=Episode.objects.get(client=client), therapist=here.therapist,
        kind="treatment", duration_min=50,
        starts_at=timezone.now() - timedelta(days=days), service_on=today(here) - timedelta(days=days),
        attendance="attended", **other,
    )  # fmt: skip
    if strain is None:
        return None
    found: RulerReading = RulerReading.objects.create(
        clinic=here.clinic, client=client, appointment=booked, ruler="discord", value=strain,
        taken_on=booked.service_on, taken_by=here.therapist,
    )  # fmt: skip
    return found


def row_of(goal: ChangeTarget) -> int:
    return selectors.find_standing(goal).suggested.row


def person(goal: ChangeTarget) -> Client:
    client: Client = Client.objects.select_related("clinic").get(pk=goal.client_id)
    return client


@pytest.mark.parametrize(("ago", "row"), [(0, 5), (1, 5), (14, 5), (15, 7), (200, 7)])
def test_a_return_to_use_within_fourteen_days_asks_for_repair(
    world: World, goal: ChangeTarget, ago: int, row: int
) -> None:
    here = world.here
    with here.scope(here.therapist):
        assert row_of(goal) == 7
        lapse(here, person(goal), on=today(here) - timedelta(days=ago), target=goal)
        assert row_of(goal) == row


def test_it_counts_for_its_goal_or_for_every_goal_and_not_once_taken_back(world: World, goal: ChangeTarget) -> None:
    here = world.here
    with here.scope(here.therapist):
        client = person(goal)
        other = targets.add(client=client, terms=Terms("Walk"), by=here.therapist)
        about_other = lapse(here, client, target=other)
        assert row_of(goal) == 7
        about_none = lapse(here, client, on=today(here) - timedelta(days=2))
        found = selectors.find_standing(goal)
        assert found.suggested.intensity is Intensity.MEDIUM_REPAIR
        assert found.suggested.reason == "They returned to use 2 days ago, within 14 days."
        for one in (about_none, about_other):
            returns.take_back(lapse=one, reason="In error", by=here.therapist, now=timezone.now())
        assert row_of(goal) == 7


def test_one_on_a_joined_record_counts(world: World, goal: ChangeTarget) -> None:
    here = world.here
    with here.scope(here.therapist):
        other = in_care(here, "Noor Other")
        lapse(here, other)
        met(here, other, 1, 8)
        assert row_of(goal) == 7
        other.episodes.update(status="closed", closed_on=NOW.date())
        merging.merge(kept=person(goal), absorbed=other, reason="The same", by=here.coordinator, now=NOW)
        found = selectors.find_standing(goal)
        assert (found.suggested.row, found.suggested.reason) == (3, "Discord is 8, which is 5 or more.")
        RulerReading.objects.filter(ruler="discord").delete()
        assert row_of(goal) == 5


def test_strain_in_the_newest_session_where_it_was_noted_counts(world: World, goal: ChangeTarget) -> None:
    here = world.here
    with here.scope(here.therapist):
        client = person(goal)
        met(here, client, 9, 5)
        assert row_of(goal) == 3
        met(here, client, 5, 4)
        assert row_of(goal) == 7
        met(here, client, 3, 7)
        met(here, client, 1, None)
        found = selectors.find_standing(goal)
        assert (found.suggested.row, found.suggested.reason) == (3, "Discord is 7, which is 5 or more.")
        assert not found.on_mandate
        assert found.rulers == dict.fromkeys(Ruler, 9)


@pytest.mark.parametrize(
    ("felt", "noted", "row", "on_mandate"),
    [(5, 9, 3, False), (4, 9, 3, True), (None, 5, 3, True), (4, 4, 7, False), (5, None, 3, False), (None, None, 7, False)],
)  # fmt: skip
def test_what_rests_on_a_mandate_is_told_apart(
    world: World, goal: ChangeTarget, felt: int | None, noted: int | None, row: int, on_mandate: bool
) -> None:
    here = world.here
    with here.scope(here.therapist):
        client = person(goal)
        Mandate.objects.create(clinic=here.clinic, client=client, kind="court", body="The court", discord=noted)
        if felt is not None:
            met(here, client, 1, felt)
        found = selectors.find_standing(goal)
        assert (found.suggested.row, found.on_mandate) == (row, on_mandate)
        if row == 3:
            assert f"Discord is {felt if not on_mandate else noted}," in found.suggested.reason


def test_a_calendar_that_is_a_day_behind_breaks_nothing(world: World, goal: ChangeTarget) -> None:
    here = world.here
    with here.scope(here.therapist):
        lapse(here, person(goal), target=goal)
        with timezone.override(ZoneInfo("Pacific/Midway")):
            assert row_of(goal) == 5


def test_the_page_of_a_goal_says_so(world: World, goal: ChangeTarget) -> None:
    here = world.here
    with here.scope(here.therapist):
        lapse(here, person(goal), target=goal)
    shown = signed_in(here.therapist).get(page(here, "target_detail", goal.public_id)).content.decode()
    assert "They returned to use today." in shown
    assert "Update the plan for return to use." in shown
    answer = signed_in(here.therapist).get(f"/api/v1/clinics/{here.clinic.slug}/targets/{goal.public_id}/intensity/")
    assert answer.json()["row"] == 5

"""Where a team works otherwise than is suggested, on the supervisor's page."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Appointment, ChangeTarget, Client, IntensityChoice
from clients.rules.motivation import Intensity, Ruler
from clients.selectors import motivation
from clients.services import targets
from clients.services.targets import Answer, Terms
from sessions.models import TherapySession
from sessions.selectors.otherwise import team_otherwise
from tests.clients.people import events, in_care, page, signed_in
from tests.world import Side, World


@pytest.fixture
def noor(world: World) -> Client:
    """Return a person whose goal suits planning: 30 percent MI."""
    here = world.here
    with here.scope(here.therapist):
        client = in_care(here)
        target = targets.add(client=client, terms=Terms("Drink less"), by=here.therapist)
        now = timezone.now()
        targets.rate_stage(target=target, stage="prep", basis="interview", by=here.therapist, now=now)
        ready = {ruler: Answer(8) for ruler in Ruler}
        targets.take_rulers(target=target, answers=ready, by=here.therapist, now=now)
    return client


def held(side: Side, client: Client, *shares: int) -> None:
    """Let sessions take place with these MI shares, the oldest first. Call inside the clinic's scope."""
    for number, share in enumerate(shares):
        at = timezone.now() - timedelta(days=len(shares) - number)
        row = Appointment.objects.create(
            clinic=side.clinic, client=client, episode=client.episodes.get(), therapist=side.therapist, starts_at=at,
            service_on=at.date(), attendance="attended",
        )  # fmt: skip
        TherapySession.objects.create(
            clinic=side.clinic, client=client, appointment=row, therapist=side.therapist, service_on=at.date(),
            started_at=at, duration_min=50, mi_pct=share, cbt_pct=100 - share,
        )  # fmt: skip


def shown(world: World, client: Client, user: Any = None) -> list[tuple[bool, int | None]]:
    """Return what a supervisor is shown of one person."""
    with world.here.scope():
        found = team_otherwise(user or world.here.supervisor)
    return [(one.now.is_otherwise, one.held_pct) for one in found if one.client_id == client.pk]


def choose(side: Side, client: Client, chosen: Intensity) -> None:
    target = ChangeTarget.objects.get(client=client)
    now = motivation.find_standing(target)
    targets.choose_intensity(
        target=target, suggested=now.suggested.intensity, working=now.working, chosen=chosen, reason="So it is",
        by=side.therapist,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ((0, 0), []),
        ((30, 30, 30), []),
        ((0, 0, 2), []),
        ((0, 0, 0), [(False, 0)]),
        ((60, 60, 60), [(False, 60)]),
        ((59, 59, 59), []),
        ((100, 100, 30, 30, 30), []),
    ],
)
def test_what_sessions_were_made_of_counts_from_three_sessions_and_thirty_points_on(
    world: World, noor: Client, shares: tuple[int, ...], expected: list[Any]
) -> None:
    with world.here.scope():
        held(world.here, noor, *shares)
    assert shown(world, noor) == expected


def test_a_choice_is_shown_to_the_supervisor_of_who_has_the_person(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        choose(here, noor, Intensity.HIGH_EVOKE)
        assert IntensityChoice.objects.filter(client=noor).count() == 1
    assert shown(world, noor) == [(True, None)]
    assert shown(world, noor, here.therapist) == []
    assert shown(world, noor, here.coordinator) == []
    since = len(events(here))
    text = signed_in(here.supervisor).get(page(here, "today")).content.decode()
    for words in ("Worked otherwise than suggested", "Suggested: Plan. Chosen: Evoke.", "Noor Rivers"):
        assert words in text, words
    (event,) = events(here, since)
    assert (event.action, noor.pk in event.detail["client_ids"]) == ("today.listed", True)
    for user in (here.therapist, here.coordinator):
        assert "Worked otherwise" not in signed_in(user).get(page(here, "today")).content.decode()


def test_a_choice_taken_back_and_a_goal_set_aside_are_gone(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        choose(here, noor, Intensity.HIGH_EVOKE)
        choose(here, noor, Intensity.LOW_PLAN)
    assert shown(world, noor) == []
    with here.scope(here.therapist):
        choose(here, noor, Intensity.HIGH_EVOKE)
        assert shown(world, noor) == [(True, None)]
        targets.set_aside(target=ChangeTarget.objects.get(client=noor), by=here.therapist)
    assert shown(world, noor) == []

"""Milestones and hope on the time line: for who may read them, with the page that they stand on."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Client
from clients.rules.strengths import Kind
from clients.services import strengths, targets
from clients.services.targets import Terms
from tests.clients.people import in_care, page, signed_in, today
from tests.sessions.test_time_line import drawing, rulers, shown
from tests.world import Side, World


@pytest.fixture
def noor(world: World) -> Client:
    """Return a person on the therapist's caseload."""
    with world.here.scope():
        client = in_care(world.here)
    return client


def reached(side: Side, client: Client, text: str, days_ago: int) -> Any:
    """Keep a milestone. Call inside the clinic's scope."""
    values = {"text": text, "happened_on": today(side) - timedelta(days=days_ago)}
    return strengths.add(
        client=client, kind=Kind.MILESTONE, values=values, named_by="client", on_card=True, by=side.therapist,
        now=timezone.now(),
    )  # fmt: skip


def test_milestones_are_events_that_lead_to_what_helps_and_go_when_they_are_let_go(world: World, noor: Client) -> None:
    here = world.here
    before = shown(here, here.therapist, noor).count('class="note-line"')
    with here.scope(here.therapist):
        reached(here, noor, "30 days", 3)
        gone = reached(here, noor, "Not so", 5)
        strengths.end(row=gone, by=here.therapist, now=timezone.now())
    text = shown(here, here.therapist, noor)
    assert f'<a href="{page(here, "client_motivation", noor.public_id)}">Milestone: 30 days</a>' in text
    assert text.count('class="note-line"') == before + 1, "drawn, and in the table"
    assert "Not so" not in text


@pytest.mark.parametrize("role", ["coordinator", "privacy_officer"])
def test_who_may_not_read_exercises_is_told_of_no_milestone(world: World, noor: Client, role: str) -> None:
    here = world.here
    with here.scope(here.therapist):
        reached(here, noor, "30 days", 3)
    answer = signed_in(getattr(here, role)).get(page(here, "client_detail", noor.public_id))
    assert answer.status_code == 200
    assert "Milestone" not in answer.content.decode()


def test_hope_is_in_the_table_and_changes_nothing_about_the_goals(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        target = targets.add(client=noor, terms=Terms("Sleep without drinking"), by=here.therapist)
        for days_ago, value in ((9, 4), (2, 6)):
            rulers(here, noor, target, today(here) - timedelta(days=days_ago), value, value, value)
        before = drawing(shown(here, here.therapist, noor))
        strengths.rate_hope(client=noor, value=7, words="", by=here.therapist, now=timezone.now())
    text = shown(here, here.therapist, noor)
    assert "Hope 7" in text
    assert drawing(text) == before
    assert "Lines of the rulers" not in text, "there is one goal, with or without hope"

"""Returns to use on the time line, and strain that is on none of it: for who may read them, with the page they stand on."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Client, RulerReading
from clients.selectors import disclosed
from clients.services import returns, targets
from clients.services.targets import Terms
from tests.clients.people import in_care, page, signed_in, today
from tests.clients.relapsing import lapse
from tests.sessions.recording import booking, record
from tests.sessions.test_time_line import drawing, rulers, shown
from tests.world import NOW, World


@pytest.fixture
def noor(world: World) -> Client:
    """Return a person on the therapist's caseload."""
    with world.here.scope():
        client = in_care(world.here)
    return client


def test_a_return_to_use_is_one_event_that_leads_to_its_page_and_goes_when_it_is_taken_back(
    world: World, noor: Client
) -> None:
    here = world.here
    before = shown(here, here.therapist, noor).count('class="note-line"')
    with here.scope(here.therapist):
        target = targets.add(client=noor, terms=Terms("Drink less"), by=here.therapist)
        lapse(here, noor, on=today(here) - timedelta(days=3), target=target, rate_stage=True)
        gone = lapse(here, noor, on=today(here) - timedelta(days=5))
        returns.take_back(lapse=gone, reason="In error", by=here.therapist, now=timezone.now())
    text = shown(here, here.therapist, noor)
    assert text.count(f'<a href="{page(here, "lapse_list", noor.public_id)}">Return to use</a>') == 1
    assert text.count('class="note-line"') == before + 1, "drawn once, its stage not beside it"


@pytest.mark.parametrize("role", ["coordinator", "privacy_officer"])
def test_who_may_not_read_plans_is_told_of_none(world: World, noor: Client, role: str) -> None:
    here = world.here
    with here.scope(here.therapist):
        lapse(here, noor, on=today(here) - timedelta(days=3))
    answer = signed_in(getattr(here, role)).get(page(here, "client_detail", noor.public_id))
    assert answer.status_code == 200
    for kept in ("Return to use", "return to use", "Look back"):
        assert kept not in answer.content.decode()


def test_strain_is_no_line_and_changes_nothing_about_the_goals(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        target = targets.add(client=noor, terms=Terms("Drink less"), by=here.therapist)
        for days_ago, value in ((9, 4), (2, 6)):
            rulers(here, noor, target, today(here) - timedelta(days=days_ago), value, value, value)
        before = drawing(shown(here, here.therapist, noor))
        RulerReading.objects.create(
            clinic=here.clinic, client=noor, appointment=here.appointment, ruler="discord", value=8, taken_on=today(here),
            taken_by=here.therapist,
        )  # fmt: skip
    text = shown(here, here.therapist, noor)
    assert drawing(text) == before
    assert "Discord" not in text
    assert "Lines of the rulers" not in text


def test_strain_is_in_nothing_that_leaves_the_clinic(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        record(here, booking(here), rulers={"importance": 8, "discord": 9})
        subject = disclosed.Subject(here.client, (here.client.pk,), True, NOW)
        said: list[Any] = [row["Ruler"] for row in disclosed.readiness(subject)]
    assert "Importance" in said
    assert "Discord" not in said

"""The operational face of measures, stages, leave and blocks: dates and staff, and nothing that opens or tells more."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.models import MeasureSchedule
from tests.clinics.test_admin import HERE, browser_of
from tests.world import CANARY, World

LISTS = {
    "measure-plans": ("phq9", "Every so many days"),
    "measure-links": ("PHQ-9", "Works until"),
    "stages": ("What the person said", "Rated by"),
    "attestations": ("audit", "Said by"),
    "block-decisions": ("Some more sessions", "Sessions more"),
}


@pytest.mark.parametrize("address", LISTS)
def test_a_list_shows_dates_and_staff(world: World, address: str) -> None:
    here = world.here
    with CaptureQueriesContext(connection) as asked:
        answer = browser_of(here.administrator).get(f"{HERE}{address}/")
    html = answer.content.decode()
    assert answer.status_code == 200
    for words in LISTS[address]:
        assert words in html
    assert CANARY not in html
    assert here.client.reference not in html, "who it is about stands on the pages of those who work with them"
    # What opens a link, what belongs to an instrument's owner, and where somebody stands are not even read.
    read = " ".join(query["sql"] for query in asked)
    for column in ("digest", "wording", "statement", '"definition"'):
        assert f'."{column.strip(chr(34))}"' not in read, column
    if address == "stages":
        assert "Considering a change" not in html


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize("role", ["therapist", "supervisor", "coordinator", "coder", "privacy_officer"])
def test_nobody_else_opens_it(world: World, address: str, role: str) -> None:
    answer = browser_of(getattr(world.here, role)).get(f"{HERE}{address}/")
    assert answer.status_code in (403, 404)


def test_the_neighbours_rows_are_in_no_list(world: World) -> None:
    with world.neighbour.scope():
        MeasureSchedule.objects.create(
            clinic=world.neighbour.clinic, client=world.neighbour.client, key="gad7", every_days=7,
            next_due_on=world.neighbour.schedule.next_due_on, started_by=world.neighbour.therapist,
        )  # fmt: skip
    assert "gad7" not in browser_of(world.here.administrator).get(f"{HERE}measure-plans/").content.decode()

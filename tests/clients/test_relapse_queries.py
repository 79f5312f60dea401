"""How many questions the pages of plans for return to use, cravings and returns ask: at most twelve, however many rows."""

from datetime import timedelta

import pytest

from tests.budgets.counting import browser_of, questions_of
from tests.clients.people import in_care, page, today
from tests.clients.relapsing import agreed, craving, lapse, written
from tests.world import World

MOST = 12


def asked(world: World, address: str) -> int:
    found = questions_of(browser_of(world.here.therapist), address)
    assert found is not None, address
    return len(found)


@pytest.mark.parametrize(
    "route",
    [
        "relapse_plan", "relapse_plan_write", "relapse_plan_detail", "relapse_plan_print", "craving_list",
        "craving_create", "craving_take_back", "lapse_list", "lapse_create", "lapse_detail", "lapse_look_back",
        "lapse_take_back",
    ],
)  # fmt: skip
def test_a_page_asks_the_same_of_many_rows_and_at_most_twelve_things(world: World, route: str) -> None:
    here = world.here
    with here.scope(here.therapist):
        noor = in_care(here)
        consent = agreed(here, noor)
        parts = {"supports": [{"name": "Ada Rivers", "consent": str(consent.public_id)}]}
        plan, felt, happened = written(here, noor, parts=parts), craving(here, noor, ago=3), lapse(here, noor)
    about = {
        "relapse_plan_detail": plan, "relapse_plan_print": plan, "craving_take_back": felt, "lapse_detail": happened,
        "lapse_look_back": happened, "lapse_take_back": happened,
    }  # fmt: skip
    address = page(here, route, about.get(route, noor).public_id)
    few = asked(world, address)
    with here.scope(here.therapist):
        for n in range(4):
            written(here, noor, parts=parts)
            craving(here, noor, ago=n)
            lapse(here, noor, on=today(here) - timedelta(days=n))
    assert asked(world, address) <= few
    print(route, few)
    assert few <= MOST

"""How many questions the pages of a plan ask: at most twelve, however much stands in the plan."""

import pytest

from clients.models import Goal, Objective, PlanVersion
from clients.rules.plan_content import Kind
from tests.budgets.counting import browser_of, questions_of
from tests.clients import planning as at
from tests.clients.people import page
from tests.world import World

MOST = 12
DRAFT = [
    "plan_version",
    "plan_edit",
    "problem_create",
    "plan_check",
    "plan_sign",
    "plan_compare",
    "plan_print",
    "plan_close",
]


def asked(world: World, address: str) -> int:
    found = questions_of(browser_of(world.here.therapist), address)
    assert found is not None, address
    return len(found)


@pytest.mark.parametrize(
    "route", [*DRAFT, "plan_list", "plan_detail", "plan_part_edit", "plan_part_create", "plan_review"]
)
def test_a_page_asks_the_same_of_a_long_plan_and_at_most_twelve_things(world: World, route: str) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.written(here)
        if route == "plan_review":
            version = at.person_signs(here, at.author_signs(here, version))
            about = at.review_of(version.plan).public_id
        else:
            about = {
                "plan_list": version.client.public_id, "plan_detail": version.plan.public_id,
                "plan_part_edit": Goal.objects.get(plan_version=version).public_id,
                "plan_part_create": Objective.objects.get(plan_version=version).public_id,
            }.get(route, version.public_id)  # fmt: skip
    address = page(here, route, about)
    few = asked(world, address)
    if version.state == "draft":
        with here.scope(here.therapist):
            held: PlanVersion = at.fresh(version)
            for _n in range(3):
                under = at.add(here, held, Kind.PROBLEM)
                for kind in (Kind.GOAL, Kind.OBJECTIVE, Kind.INTERVENTION):
                    under = at.add(here, held, kind, under)
        assert asked(world, address) <= few
    print(route, few)
    assert few <= MOST

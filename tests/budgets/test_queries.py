"""
The number of queries of each page and list, for each role, against tests/budgets/queries.json.

Routes come from the URLconf: a new page fails here until it is recorded with RECORD_QUERIES=1, so its number is seen
in review. A number may fall without a word; it may not rise, and it may not grow with the rows.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from django.test import Client

from tests.budgets.counting import RECORD, Places, browser_of, get_routes, number_of
from tests.budgets.growing import grow
from tests.guards.probe import undone
from tests.guards.routes import Route
from tests.world import World

RECORDED = Path(__file__).parent / "queries.json"
BUDGET = 12  # ux.md 17


class Page(NamedTuple):
    """A route with an address at which it answers."""

    route: Route
    address: str

    @property
    def key(self) -> str:
        """The route as it is recorded."""
        return f"{self.route.name} {self.route.template}"


# Route as it is recorded → role → number of questions.
Numbers = dict[str, dict[str, int]]


def read_recorded() -> Numbers:
    """Return the numbers of the record."""
    found: Numbers = json.loads(RECORDED.read_text())
    return found


def pages(world: World, browsers: dict[str, Client]) -> list[Page]:
    """Return every page and list that shows somebody something."""
    places = Places(world.here, browsers)
    return [Page(route, address) for route in get_routes() if (address := places.working(route)) is not None]


def count(
    pages: list[Page], browsers: dict[str, Client], recorded: Numbers, wanted: Callable[[str, str], bool]
) -> Numbers:
    """Return the number of questions of each page for each role that is shown it, of the `wanted` routes and roles."""
    found: Numbers = {}
    for page in pages:
        for role, browser in browsers.items():
            if wanted(page.key, role):
                number = number_of(browser, page.address, recorded.get(page.key, {}).get(role, 0))
                if number is not None:
                    found.setdefault(page.key, {})[role] = number
    return found


def test_no_page_asks_more_than_was_recorded_nor_more_when_there_are_twenty_more_rows(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """
    The record is of twenty rows of everything, as an empty list may ask one question less than a full one.

    Each is asked with twenty more, where what asks once for a row shows; and without them wherever that differs.
    """
    browsers = {role.value: browser_of(user) for role, user in world.here.people.items()}
    recorded = {} if RECORD else read_recorded()
    with world.here.scope():
        grow(world.here)
    with undone():
        with world.here.scope():
            grow(world.here, times=2)
        found = pages(world, browsers)
        many = count(found, browsers, recorded, lambda key, role: True)

    def differs(key: str, role: str) -> bool:
        return RECORD or many.get(key, {}).get(role) != recorded.get(key, {}).get(role)

    few = count(found, browsers, recorded, differs)
    if RECORD:
        RECORDED.write_text(json.dumps(few, indent=1, sort_keys=True) + "\n")
        recorded = few
    with capsys.disabled():
        total = sum(len(numbers) for numbers in many.values())
        over = sum(max(numbers.values()) > BUDGET for numbers in many.values())
        print(f"\nQueries: {total} pages and lists by role, {over} of {len(many)} routes over {BUDGET}.")
    new = sorted(many.keys() - recorded.keys())
    gone = sorted(recorded.keys() - many.keys())
    risen = [
        f"{route} as {role}: {number}, recorded {recorded[route].get(role)}"
        for route, numbers in few.items()
        for role, number in numbers.items()
        if route in recorded and number > recorded[route].get(role, 0)
    ]
    grown = [
        f"{route} as {role}: {number} before, {many.get(route, {}).get(role)} with twenty more"
        for route, numbers in few.items()
        for role, number in numbers.items()
        if many.get(route, {}).get(role, 0) > number
    ]
    assert not risen, "\n".join(risen)
    assert not grown, "\n".join(grown)
    assert (new, gone) == ([], []), "Look at the numbers, then record them with RECORD_QUERIES=1."

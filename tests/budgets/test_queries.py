"""
The number of queries of each page and list, for each role, against tests/budgets/queries.json.

Routes come from the URLconf: a new page fails here until it is recorded with RECORD_QUERIES=1, so its number is seen
in review. A number may fall without a word; it may not rise, and it may not grow with the rows.
"""

import json
from pathlib import Path
from typing import NamedTuple

import pytest
from django.test import Client

from tests.budgets.counting import RECORD, Places, browser_of, get_routes, number_of
from tests.budgets.growing import grow
from tests.guards.routes import Route
from tests.world import World

RECORDED = Path(__file__).parent / "queries.json"
BUDGET = 12  # ux.md 17


class Counted(NamedTuple):
    """A route, the address it answered at, and the number of its questions by role."""

    route: Route
    address: str
    numbers: dict[str, int]

    @property
    def key(self) -> str:
        """The route as it is recorded."""
        return key_of(self.route)


_counted: list[Counted] = []


def key_of(route: Route) -> str:
    """Return what stands for a route in the record."""
    return f"{route.name} {route.template}"


def read_recorded() -> dict[str, dict[str, int]]:
    """Return the numbers of the record, by route and role."""
    found: dict[str, dict[str, int]] = json.loads(RECORDED.read_text())
    return found


def counted(world: World) -> list[Counted]:
    """
    Return what every route asks in a world with twenty rows of everything, which it makes; asked once.

    An empty list may ask one question less than a full one, so the world as it is built would be no measure.
    """
    with world.here.scope():
        grow(world.here)
    if not _counted:
        browsers = browsers_of(world)
        places = Places(world.here, browsers)
        recorded = {} if RECORD else read_recorded()
        _counted.extend(
            Counted(route, address, numbers_of(browsers, address, recorded.get(key_of(route), {})))
            for route in get_routes()
            if (address := places.working(route)) is not None
        )
    return _counted


def browsers_of(world: World) -> dict[str, Client]:
    """Return a browser of the person in each role."""
    return {role.value: browser_of(user) for role, user in world.here.people.items()}


def numbers_of(browsers: dict[str, Client], address: str, allowed: dict[str, int]) -> dict[str, int]:
    """Return the number of questions of an address for each role that is shown it; `allowed` as for `number_of`."""
    asked = {role: number_of(browser, address, allowed.get(role, 0)) for role, browser in browsers.items()}
    return {role: number for role, number in asked.items() if number is not None}


def test_no_page_asks_more_than_was_recorded(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    found = {one.key: one.numbers for one in counted(world)}
    if RECORD:
        RECORDED.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    recorded = read_recorded()
    worst = {route: max(numbers.values()) for route, numbers in found.items()}
    over = {route: number for route, number in worst.items() if number > BUDGET}
    with capsys.disabled():
        total = sum(len(numbers) for numbers in found.values())
        print(f"\nQueries: {total} pages and lists by role, {len(over)} of {len(found)} routes over {BUDGET}.")
    new = sorted(found.keys() - recorded.keys())
    gone = sorted(recorded.keys() - found.keys())
    risen = [
        f"{route} as {role}: {number}, recorded {recorded[route].get(role)}"
        for route, numbers in found.items()
        for role, number in numbers.items()
        if route in recorded and number > recorded[route].get(role, 0)
    ]
    assert not risen, "\n".join(risen)
    assert (new, gone) == ([], []), "Look at the numbers, then record them with RECORD_QUERIES=1."


def test_no_page_asks_more_when_there_are_twenty_more_rows(world: World) -> None:
    before = counted(world)
    browsers = browsers_of(world)
    with world.here.scope():
        grow(world.here, times=2)
    grown = []
    for route, address, numbers in before:
        after = numbers_of({role: browsers[role] for role in numbers}, address, numbers)
        grown += [
            f"{route.name} as {role}: {number} before, {after.get(role)} with twenty more"
            for role, number in numbers.items()
            if after.get(role, 0) > number
        ]
    assert not grown, "\n".join(grown)

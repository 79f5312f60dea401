"""
Who is answered what, on every route: tests/guards/role_table.txt, one line for each route and method (P8).

The lines come from the URLconf and the statuses from real requests, with the id of an own row with which somebody is
let through. A new route, or another answer for somebody, fails here until it is recorded with RECORD_ACCESS=1: then
read the changed lines as the decision they are.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from clinics.models import User
from tests.guards.probe import ANONYMOUS, BY_SECRET, Probe, client_for, people, undone
from tests.guards.routes import METHODS, Route, all_routes
from tests.world import World

RECORDED = Path(__file__).parent / "role_table.txt"
RECORD = os.environ.get("RECORD_ACCESS") == "1"
NEIGHBOUR = "neighbour"
PAGE_METHODS = ("get", "post")
NOT_ALLOWED = 405

# What a visitor who is nobody may be shown, and why. Everything else sends them to sign in, or is 401 or 404.
PUBLIC = {
    "account_confirm_email": "a link in a message",
    "account_email_verification_sent": "says that a message was sent",
    "account_inactive": "says why one cannot sign in",
    "account_login": "signing in",
    "account_reset_password": "a forgotten password",
    "account_reset_password_done": "the same",
    "account_reset_password_from_key": "the same",
    "account_reset_password_from_key_done": "the same",
    "account_signup": "closed: says that one is invited",
    "api-docs": "names fields, no rows",
    "api-schema": "the same",
    "join": "who holds an invitation's link is not signed in yet",
    "livez": "for the load balancer",
    "readyz": "for the load balancer",
    "styleguide": "only in the demo and in development",
}

Line = tuple[str, str]
Statuses = dict[str, int]


def asked(route: Route) -> tuple[str, ...]:
    """Return the methods that are tried on a route: of the API those that its view has."""
    view_class = getattr(route.view, "cls", None)
    return tuple(method for method in METHODS[:5] if hasattr(view_class, method)) if view_class else PAGE_METHODS


def visitors(world: World) -> dict[str, User | None]:
    """Return who asks: a person in each role, nobody, and the neighbour's supervisor."""
    return {**people(world.here), NEIGHBOUR: world.neighbour.supervisor}


def statuses(world: World) -> Iterator[tuple[Route, Line, Statuses]]:
    """Yield each route and method that answers anybody, and the status each visitor gets."""
    probe = Probe(world)
    browsers = {who: client_for(user) for who, user in visitors(world).items()}
    for route in all_routes():
        values: dict[str, object] = {}
        # Under /accounts/ an answer may sign somebody out: there each asks in a browser of their own.
        keeps = not route.template.startswith("accounts/")
        if "clinic_slug" in route.placeholders:
            place = probe.control(route, [one for who, one in browsers.items() if who not in (ANONYMOUS, NEIGHBOUR)])
            values = probe.values(route, probe.own, 200)[max(0, place - 1)]
        elif route.placeholders:
            values = dict.fromkeys(route.placeholders, "none")
        for method in asked(route):
            found: Statuses = {}
            for who, user in visitors(world).items():
                with undone():
                    browser = browsers[who] if keeps else client_for(user)
                    answer = probe.call(browser, method, route, route.path(**values), token=False, hostile=False)
                found[who] = answer.status_code
            if set(found.values()) != {NOT_ALLOWED}:
                yield route, (method.upper(), "/" + route.template), found


def written(table: dict[Line, Statuses]) -> str:
    """Return the table as text, one column for each visitor."""
    columns = sorted({who for found in table.values() for who in found})
    lines = [" ".join(["method", *columns, "route"])]
    for (method, template), found in sorted(table.items(), key=lambda item: (item[0][1], item[0][0])):
        cells = [f"{found[who]:>{len(who)}}" for who in columns]
        lines.append(" ".join([f"{method:<6}", *cells, template]))
    return "\n".join(lines) + "\n"


def read(text: str) -> dict[Line, Statuses]:
    """Return the table of a text."""
    head, *rows = text.splitlines()
    columns = head.split()[1:-1]
    table = {}
    for row in rows:
        method, *cells, template = row.split(maxsplit=len(columns) + 1)
        table[method, template] = dict(zip(columns, map(int, cells), strict=True))
    return table


def test_every_route_answers_each_role_as_decided(world: World, record_property: pytest.FixtureRequest) -> None:
    table: dict[Line, Statuses] = {}
    shown_to_nobody, shown_to_neighbour, faults = [], [], []
    for route, line, found in statuses(world):
        table[line] = found
        if found[ANONYMOUS] in (200, 201, 204) and route.name not in PUBLIC:
            shown_to_nobody.append(line)
        if "clinic_slug" in route.placeholders and route.name not in BY_SECRET and found[NEIGHBOUR] not in (404, 405):
            shown_to_neighbour.append((line, found[NEIGHBOUR]))
        if max(found.values()) >= 500:
            faults.append((line, found))
    record_property("role table: lines", len(table))  # type: ignore[operator]
    record_property("role table: answers", sum(map(len, table.values())))  # type: ignore[operator]
    assert faults == []
    assert shown_to_nobody == []
    assert shown_to_neighbour == []
    if RECORD:
        RECORDED.write_text(written(table))
    decided = read(RECORDED.read_text())
    other = [
        f"{line}: {who} got {status}, decided {decided.get(line, {}).get(who, 'nothing')}"
        for line, found in table.items()
        for who, status in found.items()
        if decided.get(line, {}).get(who) != status
    ]
    assert other == [], "\n".join(other)
    assert sorted(decided.keys() - table.keys()) == [], "These lines are of no route any more: RECORD_ACCESS=1."


def test_no_public_route_is_listed_in_vain() -> None:
    assert PUBLIC.keys() <= {route.name for route in all_routes()}

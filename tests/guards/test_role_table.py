"""
Who is answered what, on every route: tests/guards/role_table.txt, one line for each route and method (P8). And every
answer that shows a client leaves an event that names them (P19).

The lines come from the URLconf and the statuses from real requests (tests/guards/crawl.py). A new route, or another
answer for somebody, fails here until it is recorded with RECORD_ACCESS=1: then read the changed lines as the decision
they are.
"""

import os
from pathlib import Path
from typing import Any

from tests.guards.crawl import NEIGHBOUR, Line, crawl
from tests.guards.probe import ANONYMOUS, BY_SECRET
from tests.guards.routes import all_routes
from tests.world import World

RECORDED = Path(__file__).parent / "role_table.txt"
RECORD = os.environ.get("RECORD_ACCESS") == "1"

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
    "contact_form": "who asks for help is nobody here yet: the page only takes, and shows no row",
    "join": "who holds an invitation's link is not signed in yet",
    "livez": "for the load balancer",
    "measure_answer": "who holds a link answers once, alone; its secret has 256 random bits, and no name is shown",
    "readyz": "for the load balancer",
    "styleguide": "only in the demo and in development",
}

Statuses = dict[str, int]


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


def test_every_route_answers_each_role_as_decided(world: World, record_property: Any) -> None:
    table: dict[Line, Statuses] = {}
    to_nobody, to_neighbour, for_some, faults, unrecorded, shown = [], [], [], [], [], 0
    for one in crawl(world).asked:
        table[one.line] = one.found
        shown += len(one.shown)
        unrecorded += [(one.line, who) for who in one.unrecorded]
        if one.found[ANONYMOUS] in (200, 201, 204) and one.route.name not in PUBLIC:
            to_nobody.append(one.line)
        if "clinic_slug" in one.route.placeholders and one.route.name in PUBLIC.keys() - BY_SECRET.keys():
            # Open to everybody, so alike for everybody: nobody gets more of it than a visitor who is nobody.
            for_some += [(one.line, who) for who, status in one.found.items() if status != one.found[ANONYMOUS]]
            for_some += [(one.line, who) for who in one.shown]
        of_clinic = "clinic_slug" in one.route.placeholders and one.route.name not in {*BY_SECRET, *PUBLIC}
        if of_clinic and one.found[NEIGHBOUR] not in (404, 405):
            to_neighbour.append((one.line, one.found[NEIGHBOUR]))
        if max(one.found.values()) >= 500:
            faults.append((one.line, one.found))
    record_property("role table: lines", len(table))
    record_property("role table: answers", sum(map(len, table.values())))
    record_property("reads: answers that show a client", shown)
    record_property("reads: of them without an event", len(unrecorded))
    assert faults == []
    assert to_nobody == []
    assert to_neighbour == []
    assert for_some == []
    assert unrecorded == []
    assert shown > 20, "too few pages show the client: this would prove nothing"
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

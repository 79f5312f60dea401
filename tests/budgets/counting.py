"""How many queries each page and each list of the API asks, for every route of the URLconf and every role."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.cache import cache
from django.db import connection, reset_queries
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinics.models import User
from tests.guards.probe import client_for, undone
from tests.guards.routes import Candidates, Route, all_routes
from tests.world import Side

# Statements that open and close a transaction or name the clinic for the row policies: no question to a table.
FRAME = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT", "SELECT SET_CONFIG", "SELECT CLOCK_TIMESTAMP")
# Written every 30 seconds of activity, whatever the page asks: when it falls into a count is chance.
HEARTBEAT = 'UPDATE "DJANGO_SESSION"'
RECORD = os.environ.get("RECORD_QUERIES") == "1"
TRIES = 40  # the likeliest ids stand first
# The row was found, and is in no state for this page.
SHOWS_NO_PAGE = {302, 409}


def get_routes() -> list[Route]:
    """Return the routes that could answer a GET with a page or a list: those of a clinic, and the API's."""
    return [route for route in all_routes() if "clinic_slug" in route.placeholders]


def addresses(side: Side, route: Route, own: Candidates) -> Iterator[str]:
    """Return the route's address with each of the clinic's own ids that could stand in it."""
    names = [name for name in route.placeholders if name != "clinic_slug"]
    if len(names) > 1:
        return
    for value in own.of(route, names[0])[:TRIES] if names else [None]:
        yield route.path(clinic_slug=side.clinic.slug, **({names[0]: value} if names else {}))


class Places:
    """Finds the id with which a route answers; routes under the same object try first what worked for another."""

    def __init__(self, side: Side, browsers: dict[str, Client]) -> None:
        self.side, self.browsers, self.own = side, browsers, Candidates(side)
        self.worked: dict[str, str] = {}

    def working(self, route: Route) -> str | None:
        """Return an address of the route that gives somebody a whole page or a list, or None."""
        stem, _end, rest = route.template.rpartition(">")
        known = self.worked.get(stem, "") + rest
        asking = dict(self.browsers)
        for address in sorted(addresses(self.side, route, self.own), key=lambda address: address != known):
            is_the_row = False
            for role, browser in list(asking.items()):
                with undone():
                    answer = browser.get(address)
                if answer.status_code == 405 or (answer.status_code == 200 and not is_page(answer)):
                    return None
                if answer.status_code == 200:
                    self.worked[stem] = address.removesuffix(rest)
                    return address
                if answer.status_code in (302, 403):
                    del asking[role]
                is_the_row |= answer.status_code in SHOWS_NO_PAGE
            if is_the_row:
                # There is one row of each kind, so no other id will show a page of this one.
                return None
        return None


def is_page(answer: Any) -> bool:
    """Tell whether an answer is a whole page or a document of the API."""
    kind = answer.headers.get("Content-Type", "")
    if kind.startswith("text/html"):
        return b"<html" in answer.content
    return bool(kind.startswith("application/json"))


@contextmanager
def asked() -> Iterator[list[str]]:
    """Collect the questions that are asked in the block."""
    questions: list[str] = []
    reset_queries()  # only so many are kept
    with CaptureQueriesContext(connection) as captured:
        yield questions
    questions += [
        one["sql"]
        for one in captured.captured_queries
        if not one["sql"].lstrip().upper().startswith((*FRAME, HEARTBEAT))
    ]


def questions_of(browser: Client, address: str) -> list[str] | None:
    """Return the questions of one GET in a process that has served it before, or None when it shows no page."""
    cache.clear()  # what is kept for a minute must not run out between the two
    return questions_now(browser, address) and questions_now(browser, address)


def questions_now(browser: Client, address: str) -> list[str] | None:
    """Return the questions of one GET, or None when it shows no page."""
    with undone(), asked() as questions:
        answer = browser.get(address)
    return questions if answer.status_code == 200 and is_page(answer) else None


def number_of(browser: Client, address: str, allowed: int) -> int | None:
    """
    Return the number of questions, as `questions_of` finds them, or None when the address shows no page.

    allowed   the number that needs no second look: more are asked the first time, and when what is kept ran out
    """
    questions = questions_now(browser, address)
    if questions is not None and len(questions) > allowed:
        questions = questions_of(browser, address)
    return None if questions is None else len(questions)


def browser_of(user: User) -> Client:
    """Return a browser in which the person is signed in."""
    return client_for(user)

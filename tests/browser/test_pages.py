"""
Every page, as every role that can reach it, in a real browser: axe 0, policy reports 0, console 0, nothing sideways.

The pages are found by walking (tests/browser/walking.py) and by the URLconf; none is listed here.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings
from playwright.sync_api import Browser, Page

from clinics.roles import Role
from config import errors
from tests.browser.looking import OTHER, USUAL, Eyes, Look, contact_sheet
from tests.browser.walking import ENDS_THE_WALK, go, route_of, walk
from tests.chromium import SignIns, fresh_context
from tests.guards.routes import all_routes
from tests.pages import EMPTY, FULL, login_of
from tests.site import Site

pytestmark = pytest.mark.browser

BOTH = (*USUAL, *OTHER)
# The files by their own names, which the site serves beside the hashed ones.
UNHASHED = "django.contrib.staticfiles.storage.StaticFilesStorage"
SIGNED_OUT = "signed out"
# The full run looks at a page as every role that reaches it; the usual run as the first, who sees most of it.
THOROUGH = os.environ.get("EVOKE_TEST_SIZE") == "full"
BY_SIGHT = (Role.SUPERVISOR, Role.THERAPIST, Role.COORDINATOR, Role.ADMINISTRATOR, Role.PRIVACY_OFFICER, Role.CODER)


@dataclass
class Tally:
    """What was visited: routes by who visited them, and in how many states."""

    routes: dict[str, set[str]] = field(default_factory=dict)
    states: int = 0
    looked_at: set[tuple[str, tuple[Look, ...]]] = field(default_factory=set)

    def add(self, who: str, route: str) -> None:
        """Note a visit."""
        self.routes.setdefault(who, set()).add(route)


@pytest.fixture(scope="module")
def tally() -> Tally:
    """Return the count of the whole run."""
    return Tally()


@pytest.fixture(scope="module")
def sign_ins(filled_site: Site) -> SignIns:
    """Return the doors of the site."""
    return SignIns(filled_site.base_url)


@pytest.fixture
def fresh(chromium_browser: Browser) -> Iterator[Page]:
    """Return a page of a browser without cookies."""
    context = fresh_context(chromium_browser)
    yield context.new_page()
    context.close()


def look_round(page: Page, sign_ins: SignIns, tally: Tally, clinic: str, role: Role, looks: tuple[Look, ...]) -> None:
    """Sign in, walk through the clinic and look at every page; say all that is wrong at once."""
    eyes = Eyes(looks, f"{clinic} {role.value}")
    sign_ins.sign_in(page, login_of(clinic, role))
    eyes.open(page)
    within = f"/clinics/{clinic}/"
    for route, answer in walk(page, sign_ins.address, within, within):
        if answer.status != 200:
            eyes.wrong.append(f"{eyes.place}: a link leads to {page.url}, which answers {answer.status}")
        seen = (f"{clinic} {route}", looks)
        if THOROUGH or seen not in tally.looked_at:
            tally.looked_at.add(seen)
            eyes.look(page, route, status=answer.status)
        else:
            eyes.hear(page, route, status=answer.status)
        tally.add(eyes.place, route)
    missing = go(page, f"{sign_ins.address}{within}people/unknown/")
    assert missing is not None
    assert missing.status == 404
    eyes.look(page, "not found", status=404)
    tally.states += eyes.seen
    assert not eyes.wrong, "\n".join(eyes.wrong)


@pytest.mark.parametrize("role", BY_SIGHT)
def test_every_page_of_a_role(fresh: Page, sign_ins: SignIns, tally: Tally, role: Role) -> None:
    look_round(fresh, sign_ins, tally, FULL, role, USUAL)


@pytest.mark.nightly
@pytest.mark.parametrize("role", Role)
def test_every_page_of_a_role_in_the_other_looks(fresh: Page, sign_ins: SignIns, tally: Tally, role: Role) -> None:
    look_round(fresh, sign_ins, tally, FULL, role, OTHER)


@pytest.mark.nightly
@pytest.mark.parametrize("role", Role)
def test_every_page_of_a_clinic_where_nothing_happened(
    fresh: Page, sign_ins: SignIns, tally: Tally, role: Role
) -> None:
    look_round(fresh, sign_ins, tally, EMPTY, role, BOTH)


def look_at_entrances(page: Page, address: str, tally: Tally, who: str, looks: tuple[Look, ...]) -> None:
    """Look at every page outside the clinics that answers; unknown ids stand in its placeholders."""
    eyes = Eyes(looks, who)
    eyes.open(page)
    met = set()
    for route in all_routes():
        if route.is_api or route.name in ENDS_THE_WALK or not outside(route.template):
            continue
        answer = go(page, address + route.path(**dict.fromkeys(route.placeholders, "1") | KNOWN))
        if answer is None or (answer.status not in (200, 404) and answer.status < 500):
            eyes.forget()
            continue
        arrived = route_of(urlsplit(page.url).path) or "not found"
        if (arrived, answer.status) in met:
            continue
        met.add((arrived, answer.status))
        if answer.status >= 500:
            eyes.wrong.append(f"{who}: {page.url} answers {answer.status}")
        eyes.look(page, arrived, status=answer.status)
        tally.add(who, arrived)
    tally.states += eyes.seen
    assert not eyes.wrong, "\n".join(eyes.wrong)


KNOWN = {"clinic_slug": FULL}


def outside(template: str) -> bool:
    """Tell whether a route is one of the pages for people who are not, or not only, at a clinic."""
    return not template.startswith(("clinics/", "platform/")) or template.endswith(("/join/<token>/", "/contact/"))


@pytest.mark.parametrize("looks", [USUAL, pytest.param(OTHER, marks=pytest.mark.nightly)])
def test_every_page_for_visitors(fresh: Page, filled_site: Site, tally: Tally, looks: tuple[Look, ...]) -> None:
    look_at_entrances(fresh, filled_site.base_url, tally, SIGNED_OUT, looks)


@pytest.mark.parametrize("looks", [USUAL, pytest.param(OTHER, marks=pytest.mark.nightly)])
def test_every_page_of_an_account(fresh: Page, sign_ins: SignIns, tally: Tally, looks: tuple[Look, ...]) -> None:
    sign_ins.sign_in(fresh, login_of(FULL, Role.THERAPIST))
    look_at_entrances(fresh, sign_ins.address, tally, "account", looks)


def test_a_form_from_elsewhere_is_refused_on_a_whole_page(fresh: Page, filled_site: Site, tally: Tally) -> None:
    eyes = Eyes(USUAL, SIGNED_OUT)
    fresh.goto(f"{filled_site.base_url}/accounts/login/")
    fresh.context.clear_cookies()
    fresh.fill("input[name=login]", "nobody@riverbend.example")
    fresh.fill("input[name=password]", "nothing")
    eyes.open(fresh)
    fresh.click("main form button[type=submit]")
    fresh.wait_for_load_state("networkidle")
    eyes.look(fresh, "refused", status=403)
    tally.states += eyes.seen
    assert not eyes.wrong, "\n".join(eyes.wrong)


def test_every_page_of_an_operator(fresh: Page, sign_ins: SignIns, filled_site: Site, tally: Tally) -> None:
    login, eyes = login_of(EMPTY, Role.CODER), Eyes(USUAL, "operator")
    set_operator = "update clinics_user set is_superuser = %s where email = %s returning id"
    assert filled_site.sql(set_operator, True, login, role="MIGRATION_DATABASE_URL")
    try:
        eyes.open(fresh)
        sign_ins.sign_in(fresh, login)
        for route, answer in walk(fresh, sign_ins.address, "/platform/", "/platform/"):
            eyes.look(fresh, route, status=answer.status)
            tally.add(eyes.place, route)
    finally:
        filled_site.sql(set_operator, False, login, role="MIGRATION_DATABASE_URL")
    tally.states += eyes.seen
    assert len(tally.routes[eyes.place]) > 3
    assert not eyes.wrong, "\n".join(eyes.wrong)


def away(request: HttpRequest) -> HttpResponse:
    """Answer as when the database is away."""
    try:
        raise OperationalError
    except OperationalError:
        return errors.server_error(request)


@pytest.mark.parametrize(
    ("status", "handler"), [(429, errors.too_many), (500, errors.server_error), (503, away)], ids=["429", "500", "503"]
)
def test_a_page_of_trouble(
    fresh: Page, filled_site: Site, tally: Tally, status: int, handler: Callable[[HttpRequest], HttpResponse]
) -> None:
    """What is answered in trouble, shown where its style sheets are; the trouble itself is made in other tests."""
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": {"BACKEND": UNHASHED}}):
        body = handler(RequestFactory().get("/", headers={"host": "localhost"})).content
    eyes = Eyes(USUAL, SIGNED_OUT)
    eyes.open(fresh)
    address = f"{filled_site.base_url}/trouble/"
    fresh.route(address, lambda route: route.fulfill(status=status, body=body, content_type="text/html"))
    fresh.goto(address)
    eyes.look(fresh, f"trouble {status}", status=status)
    tally.states += eyes.seen
    assert not eyes.wrong, "\n".join(eyes.wrong)


def test_figures(fresh: Page, tally: Tally, capsys: pytest.CaptureFixture[str]) -> None:
    routes = set().union(*tally.routes.values())
    with capsys.disabled():
        visits = sum(len(found) for found in tally.routes.values())
        print(f"\nPages: {len(routes)} routes, {visits} visits by {len(tally.routes)} kinds of people, "
              f"{tally.states} states looked at.")  # fmt: skip
    contact_sheet(fresh)
    assert len(routes) > 1

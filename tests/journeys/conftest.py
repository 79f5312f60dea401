"""A person at the keyboard: pages of the filled site, and steps taken with keys alone."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from clinics.roles import Role
from tests.chromium import SignIns, chromium_browser, fresh_context  # noqa: F401 - a fixture
from tests.pages import FULL, login_of
from tests.site import Site

SignIn = Callable[..., Page]


@pytest.fixture(scope="package")
def doors(filled_site: Site) -> SignIns:
    """Return the doors of the site."""
    return SignIns(filled_site.base_url)


@pytest.fixture
def signed_in(chromium_browser: Browser, doors: SignIns) -> Iterator[SignIn]:  # noqa: F811 - the fixture
    """Return a function that signs the demonstration's person of a role in, in a browser of their own."""
    contexts = []

    def sign_in(role: Role, *, script: bool = True) -> Page:
        context = fresh_context(chromium_browser, java_script_enabled=script)
        contexts.append(context)
        return doors.sign_in(context.new_page(), login_of(FULL, role))

    yield sign_in
    for context in contexts:
        context.close()

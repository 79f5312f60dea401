"""
The machine's Chromium for tests, and a person who signs in with it as people do.

pytest-playwright's own fixtures are not used: one of theirs warns under the present pytest, and warnings are errors.
While Playwright runs, the ORM refuses to work in this process: what a browser test needs in the database is made
before, or by a process of its own.
"""

import os
import shutil
import time
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from analytics.demo import casting
from config.gate import BROWSERS

STEP_S = 30
MISSING = "Chromium is not installed (Debian: apt-get install chromium)."


@pytest.fixture(scope="package")
def chromium_browser() -> Iterator[Browser]:
    """Return the machine's Chromium; without it the tests skip, and with CI=true they fail."""
    chromium = next(filter(None, map(shutil.which, BROWSERS)), None)
    if chromium is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


def fresh_context(browser: Browser, **options: Any) -> BrowserContext:
    """Return a browser without cookies and without motion, 1440 wide; waiting ends after 20 s."""
    settings = {"reduced_motion": "reduce", "viewport": {"width": 1440, "height": 900}, **options}
    context = browser.new_context(**settings)
    context.set_default_timeout(20_000)
    return context


@pytest.fixture
def page(chromium_browser: Browser) -> Iterator[Page]:
    """Return a fresh page."""
    context = fresh_context(chromium_browser)
    yield context.new_page()
    context.close()


class SignIns:
    """Signs people of the demonstration in, and knows which codes are used up: a code works once."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.used: dict[str, int] = {}

    def code(self, login: str) -> str:
        """Return a code of the person's app that was not used before; wait for the next one when it must be."""
        while True:
            # The server takes the step before, the present one and the next: two sign-ins need not wait.
            free = [step for step in yield_hotp_counters_from_time() if step > self.used.get(login, 0)]
            if free:
                self.used[login] = free[0]
                return str(format_hotp_value(hotp_value(casting.SECRET, free[0])))
            time.sleep(STEP_S - time.time() % STEP_S)

    def sign_in(self, page: Page, login: str) -> Page:
        """Sign in through the pages: address and password, then a code."""
        page.goto(f"{self.address}/accounts/login/")
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", casting.PASSWORD)
        page.click("main form button[type=submit]")
        page.fill("input[name=code]", self.code(login))
        page.click("main form button[type=submit]")
        page.wait_for_url(lambda url: "/accounts/" not in url)
        return page

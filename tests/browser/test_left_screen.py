"""A screen that was left: it asks once a minute, and goes to the sign-in page when the sign-in has ended."""

import pytest
from playwright.sync_api import Page, Route, expect

pytestmark = pytest.mark.browser


def test_a_screen_that_was_left_goes_to_the_sign_in(page: Page, address: str) -> None:
    asked: list[dict[str, str]] = []

    def answer(route: Route) -> None:
        asked.append(route.request.headers)
        if len(asked) == 1:
            route.fulfill(status=204)
        else:
            route.fulfill(status=401, headers={"HX-Redirect": "/accounts/login/?next=%2Fstyleguide%2F"})

    page.route("**/still-signed-in/", answer)
    page.clock.install()
    page.goto(f"{address}/styleguide/")
    page.clock.run_for(59_000)
    assert asked == []
    page.clock.run_for(2_000)
    page.wait_for_timeout(50)
    assert len(asked) == 1
    assert (asked[0]["x-passive"], asked[0]["hx-current-url"]) == ("1", f"{address}/styleguide/")
    expect(page).to_have_url(f"{address}/styleguide/")
    page.clock.run_for(60_000)
    expect(page).to_have_url(f"{address}/accounts/login/?next=%2Fstyleguide%2F")

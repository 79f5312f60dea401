"""
Walking through a site as a person can: from the page where they land, link by link, one address for each route.

Nothing is listed here: a page that is added later is reached by the link that leads people to it.
"""

from collections import deque
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve
from playwright.sync_api import Error, Page, Response

# An address that is left out, though a link leads to it: it ends the sign-in that walks.
ENDS_THE_WALK = {"account_logout"}
# What the browser says when an answer is a file to keep, or has no page with its status (405).
NO_PAGE = ("Download is starting", "ERR_ABORTED", "ERR_HTTP_RESPONSE_CODE_FAILURE")
LINKS = "nodes => nodes.filter(node => !node.hasAttribute('download')).map(node => node.href)"


def route_of(path: str) -> str | None:
    """Return the name of the route of an address, or None for an address that is nobody's."""
    try:
        match = resolve(path)
    except Resolver404:
        return None
    return match.view_name or None


def walk(page: Page, address: str, start: str, within: str) -> Iterator[tuple[str, Response]]:
    """
    Open one page for each route that can be reached by links, and yield its route and its answer while it is open.

    start    path to begin with
    within   the beginning of the paths that are followed
    """
    waiting, met = deque([start]), {route_of(start)}
    while waiting:
        path = waiting.popleft()
        answer = go(page, address + path)
        if answer is None:
            continue
        arrived = route_of(urlsplit(page.url).path)
        if arrived is None or (answer.request.redirected_from is not None and arrived in met and path != start):
            continue
        met.add(arrived)
        for link in page.locator("a[href]").evaluate_all(LINKS):
            parts = urlsplit(link)
            if f"{parts.scheme}://{parts.netloc}" != address or not parts.path.startswith(within):
                continue
            route = route_of(parts.path)
            if route is not None and route not in met and route not in ENDS_THE_WALK:
                met.add(route)
                waiting.append(f"{parts.path}?{parts.query}" if parts.query else parts.path)
        yield arrived, answer


def go(page: Page, url: str) -> Response | None:
    """Open an address and return the page's answer, or None when there is no page."""
    try:
        answer = page.goto(url)
    except Error as error:
        if any(why in str(error) for why in NO_PAGE):
            return None
        raise
    return answer if answer is not None and "text/html" in answer.headers.get("content-type", "") else None

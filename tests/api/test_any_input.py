"""
No input makes a 500 (P30): requests drawn from the OpenAPI document, sent with a token of each role.

Half of the requests are about rows that are there, found as the guards find them; the other half take what the document
allows, and what it does not. Each is undone, so that one does not spoil the next.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import schemathesis
from django.core.cache import cache
from django.test import Client as Browser
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case

from clinics.models import Membership, User
from clinics.roles import RIGHTS, Role
from tests.api.test_clients_api import Caller
from tests.api.test_document import document
from tests.guards.probe import ANONYMOUS, Probe, client_for, people, undone
from tests.guards.routes import Route, all_routes
from tests.world import Side, World

FULL = os.environ.get("EVOKE_TEST_SIZE") == "full"
EXAMPLES = 150 if FULL else 8
GENERATED = settings(
    max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate, Phase.shrink], derandomize=not FULL,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


def callers(side: Side) -> list[Caller]:
    """Return a token for each role with every right of it, and as many of a therapist who has every other role too."""
    one_of_each = [caller(side, user) for user in side.people.values()]
    for role in Role:
        Membership.objects.get_or_create(clinic=side.clinic, user=side.therapist, role=role)
    may_everything = caller(side, User.objects.get(pk=side.therapist.pk))
    return [*one_of_each, *(may_everything for _one in one_of_each)]


def caller(side: Side, user: User) -> Caller:
    """Return a token with every right that the person has."""
    return Caller(side, user, [right for right in RIGHTS if user.may(f"clinics.{right}", side.clinic.pk)])


def ids_that_work(world: World) -> Callable[[Route], dict[str, Any]]:
    """Return what finds the own row of a route."""
    probe = Probe(world)
    browsers = [client_for(user) for who, user in people(world.here).items() if who != ANONYMOUS]
    return lambda route: probe.values(route, probe.own, 200)[max(0, probe.control(route, browsers) - 1)]


def send(browser: Browser, case: Case, path: str, token: str, version: str) -> Any:
    """Send a drawn request, and return the answer."""
    said = {name: str(value) for name, value in (case.headers or {}).items() if str(value).isascii()}
    if version:
        said["If-Match"] = version
    options: dict[str, Any] = {"headers": {**said, "Authorization": f"Bearer {token}"}}
    if isinstance(case.body, dict | list | str | int | float | bool | None):
        options |= {"data": json.dumps(case.body), "content_type": "application/json"}
    query = urlencode(dict(case.query or {}), doseq=True)
    return browser.generic(case.method, f"{path}?{query}" if query else path, **options)


def operations() -> Iterator[Any]:
    """Return each operation of the document."""
    for found in schemathesis.openapi.from_dict(json.loads(json.dumps(document()))).get_all_operations():
        yield found.ok()


def test_no_input_makes_a_server_error(world: World, record_property: Any) -> None:
    here, working = world.here, ids_that_work(world)
    known = {"/" + route.template.replace("<", "{").replace(">", "}"): route for route in all_routes() if route.is_api}
    statuses: Counter[int] = Counter()
    tokens, browser = callers(here), Browser(raise_request_exception=False)

    def ask(case: Case, own: dict[str, Any], who: Caller, about_own: bool, version: str) -> None:
        drawn = {} if about_own else {name: quote(str(value), safe="") for name, value in case.path_parameters.items()}
        path = case.path.format(**{**own, **drawn, "clinic_slug": here.clinic.slug})
        cache.clear()  # the limit of requests is another promise
        with undone():
            answer = send(browser, case, path, who.token, version)
        statuses[answer.status_code] += 1
        assert answer.status_code < 500, (case.method, path, case.body, case.query)
        if answer.status_code >= 400 and answer.get("Content-Type", "").startswith("application/json"):
            assert {"detail", "code"} <= answer.json().keys(), answer.content

    for operation in operations():
        own = working(known[operation.path])
        asked = given(
            case=operation.as_strategy(), own=st.just(own), who=st.sampled_from(tokens), about_own=st.booleans(),
            version=st.sampled_from(["", '"1"', "*", "x"]),
        )(ask)  # fmt: skip
        GENERATED(asked)()
    record_property("any input: requests", sum(statuses.values()))
    for status, count in sorted(statuses.items()):
        record_property(f"any input: answered {status}", count)
    assert statuses[200] + statuses[201] > sum(statuses.values()) // 20, "too few get through: this would prove little"


@pytest.mark.parametrize("limit", ["9" * 40, "-1", "1e9", "٣", "\x00"])
def test_a_limit_that_is_none_is_refused_or_bounded(world: World, limit: str) -> None:
    caller = Caller(world.here, world.here.coordinator, ["view_client"])
    answer = caller.send("get", f"/clients/?{urlencode({'limit': limit})}")
    assert answer.status_code in (200, 400)

"""
No request of one clinic returns, changes, counts or links to a row of another (P1, P2, P7).

The routes come from the URLconf, in parts so that workers share them; the figures of all parts are added at the end.
"""

from typing import Any

import pytest
from django.db import models

from clinics.tenancy import ClinicScopedManager, PermittedQuerySet
from tests.guards.probe import BY_SECRET, OWN_WORDS, Findings, Probe
from tests.guards.routes import Route, clinic_routes
from tests.world import World

PARTS = 12


def routes_of(part: int) -> list[Route]:
    """Return one part of the routes; neighbours in the URLconf stay together, they are about the same rows."""
    routes = clinic_routes()
    size = -(-len(routes) // PARTS)
    return routes[part * size : (part + 1) * size]


@pytest.mark.parametrize("part", range(PARTS))
def test_no_route_reaches_the_neighbour(world: World, part: int, record_property: Any) -> None:
    probe = Probe(world)
    for route in routes_of(part):
        probe.run(route)
    found = probe.findings
    for name, value in (
        ("routes", len(routes_of(part))),
        ("probes", found.probes),
        ("leaks", len(found.leaks)),
        ("changed tables", len(found.changes)),
        ("links", len(found.links)),
        ("faults", len(found.faults)),
        ("unlike answers", len(found.unlike)),
        ("without a positive control", len(found.without_control)),
    ):
        record_property(f"cross-clinic probe: {name}", value)
    assert found.leaks == []
    assert found.changes == []
    assert found.links == []
    assert found.faults == []
    assert found.unlike == []
    assert found.without_control == [], "give tests/world.py the row this route is about, on both sides"


def test_no_exemption_is_stale() -> None:
    assert {*OWN_WORDS, *BY_SECRET} <= {route.name for route in clinic_routes()}


NAMES = {
    "client_list", "client_detail", "session_list", "transcript_detail", "api-clients", "api-client", "task_done",
}  # fmt: skip


def take_the_filter_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the manager see every clinic, as if somebody had forgotten it."""
    monkeypatch.setattr(
        ClinicScopedManager, "get_queryset", models.Manager.from_queryset(PermittedQuerySet).get_queryset
    )


def run_some(world: World) -> Findings:
    """Probe the routes that show most, and one that writes."""
    probe = Probe(world)
    for route in clinic_routes():
        if route.name in NAMES:
            probe.run(route)
    return probe.findings


def test_with_both_guards_off_the_probe_sees_leaks_and_changes(
    world_without_policies: World, monkeypatch: pytest.MonkeyPatch, record_property: Any
) -> None:
    """The power check: a probe that finds nothing here would prove nothing above."""
    take_the_filter_out(monkeypatch)
    found = run_some(world_without_policies)
    record_property("cross-clinic probe: leaks with policies and filter off", len(found.leaks))
    record_property("cross-clinic probe: changed tables with policies and filter off", len(found.changes))
    assert len(found.leaks) > 0
    assert len(found.changes) > 0


def test_with_the_filter_off_the_policies_still_hold(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    take_the_filter_out(monkeypatch)
    found = run_some(world)
    assert found.leaks == []
    assert found.changes == []

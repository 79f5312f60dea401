"""No request of one clinic returns, changes, counts or links to a row of another (P1, P2, P7)."""

from typing import Any

import pytest

from tests.guards.probe import Findings, Probe
from tests.guards.routes import Route, clinic_routes
from tests.world import World


@pytest.fixture
def probed(world: World) -> Findings:
    """The findings over every route."""
    probe = Probe(world)
    for route in clinic_routes():
        probe.run(route)
    return probe.findings


def test_no_route_reaches_the_neighbour(probed: Findings, capsys: Any) -> None:
    routes: list[Route] = clinic_routes()
    with capsys.disabled():
        print(
            f"\ncross-clinic probe: {probed.probes} probes over {len(routes)} routes, {len(probed.leaks)} leaks, "
            f"{len(probed.changes)} changed tables, {len(probed.links)} links, {len(probed.faults)} faults, "
            f"{len(probed.unlike)} unlike answers, {len(probed.without_control)} routes without a positive control"
        )
    assert probed.leaks == []
    assert probed.changes == []
    assert probed.links == []
    assert probed.faults == []
    assert probed.unlike == []
    assert probed.without_control == [], "give tests/world.py the row this route is about, on both sides"

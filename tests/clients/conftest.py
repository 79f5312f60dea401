"""People for tests about care."""

import pytest

from clients.models import ChangeTarget, Client
from clients.services import targets
from clients.services.targets import Terms
from tests.clients.exercising import asked
from tests.clients.people import in_care
from tests.world import World


@pytest.fixture
def noor(world: World) -> Client:
    """Return a person on the therapist's caseload."""
    with world.here.scope():
        client = in_care(world.here)
    return client


@pytest.fixture
def goal(world: World, noor: Client) -> ChangeTarget:
    """Return a goal of theirs, which the rulers say they are ready for."""
    here = world.here
    with here.scope(here.therapist):
        target = targets.add(client=noor, terms=Terms("Drink less", "substance", "reduce"), by=here.therapist)
        asked(here, target, 8)
    return target

"""Fixtures of the tests of sessions."""

from datetime import timedelta

import pytest

from clients.models import Appointment
from tests.sessions.record_forms import this_minute
from tests.sessions.recording import booking
from tests.world import World


@pytest.fixture
def booked(world: World) -> Appointment:
    """Return an appointment of the therapist that started an hour ago."""
    with world.here.scope():
        found: Appointment = booking(world.here, starts_at=this_minute() - timedelta(hours=1))
        return found

"""Clocks that run out become tasks, whatever the hour, and only once."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from clients.models import Inquiry, Task
from clients.services import inquiries, watching
from clients.services.inquiries import Caller, Need, Person
from clients.tasks import watch_clinic
from tests.world import NOW, World

CALLER = Caller(relation="self", name="Jordan Marsh", phone="312 555 0142")


def asked(world: World, at: datetime, channel: str = "web_form", caller: Caller = CALLER) -> Inquiry:
    """Return an inquiry that came in at a time."""
    return inquiries.open_inquiry(
        clinic=world.here.clinic, channel=channel, caller=caller, person=Person(), need=Need(), by=None,
        received_at=at, now=at,
    )  # fmt: skip


def watched(world: World, now: datetime) -> list[str]:
    """Look at the clocks and return the kinds of open tasks about new inquiries."""
    watching.watch_clocks(clinic=world.here.clinic, now=now)
    return sorted(Task.objects.filter(done_at=None, kind__in=("call_now", "reach_now")).values_list("kind", flat=True))


def without_the_worlds_own(world: World) -> None:
    """Leave no other waiting inquiry."""
    inquiries.log_attempt(
        inquiry=world.here.inquiry, method="phone", outcome="connected", direction="inbound",
        by=world.here.coordinator, now=NOW - timedelta(hours=18),
    )  # fmt: skip


def test_an_unanswered_form_becomes_a_task_at_fifteen_minutes_and_again_at_sixty(world: World) -> None:
    with world.here.scope():
        without_the_worlds_own(world)
        inquiry = asked(world, NOW)
        assert watched(world, NOW + timedelta(minutes=15)) == []
        assert watched(world, NOW + timedelta(minutes=15, seconds=1)) == ["call_now"]
        assert watched(world, NOW + timedelta(minutes=16)) == ["call_now"], "once"
        assert watched(world, NOW + timedelta(minutes=60, seconds=1)) == ["call_now", "reach_now"]
        done = {"method": "phone", "by": world.here.coordinator, "now": NOW + timedelta(minutes=61)}
        inquiries.log_attempt(inquiry=inquiry, outcome="no_answer", **done)
        assert watched(world, NOW + timedelta(minutes=62)) == ["reach_now"], "somebody has called"
        inquiries.log_attempt(inquiry=inquiry, outcome="connected", **done)
        assert watched(world, NOW + timedelta(minutes=63)) == []


def test_a_call_that_was_answered_waits_for_nobody(world: World) -> None:
    with world.here.scope():
        without_the_worlds_own(world)
        asked(world, NOW, "phone_inbound")
        assert watched(world, NOW + timedelta(hours=5)) == []


def test_the_night_does_not_stop_the_clock_but_their_own_times_do(world: World) -> None:
    night = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)  # three in the morning in Chicago
    with world.here.scope():
        without_the_worlds_own(world)
        asked(world, night)
        assert watched(world, night + timedelta(minutes=15, seconds=1)) == ["call_now"]
        asked(world, night, caller=replace(CALLER, call_from=time(9), call_until=time(17)))
        assert watched(world, night + timedelta(minutes=20)) == ["call_now"], "the second may be called from nine"
        assert watched(world, night + timedelta(hours=6, minutes=11)).count("call_now") == 2


def test_a_held_inquiry_is_left_to_the_clinician(world: World) -> None:
    with world.here.scope():
        without_the_worlds_own(world)
        inquiries.open_inquiry(
            clinic=world.here.clinic, channel="chat", caller=CALLER, person=Person(), need=Need(safety_answer="yes"),
            by=None, received_at=NOW, now=NOW,
        )  # fmt: skip
        assert watched(world, NOW + timedelta(hours=2)) == []


def test_the_worker_watches_one_clinic(world: World) -> None:
    with world.here.scope():
        asked(world, NOW)
    watch_clinic(clinic_id=world.here.clinic.pk)
    with world.here.scope():
        assert Task.objects.filter(kind="call_now", escalated__gte=1).exists()
    with world.neighbour.scope():
        assert not Task.objects.filter(kind="call_now").exists()

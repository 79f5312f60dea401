"""How far requests for care come: counted once each, by one statement, and told outside without small numbers."""

import re
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.metrics.funnel import STEPS, Step, stages, to_tell
from analytics.selectors import funnel
from clients.models import Inquiry
from clients.rules.clocks import Clock
from clinics.instruments.figures import Reason
from clinics.roles import Role
from tests.clients.people import events, page, signed_in
from tests.world import NOW, Side, World

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=400)


def asked_for(side: Side, received_at: datetime, **given: Any) -> Inquiry:
    return Inquiry.objects.create(
        clinic=side.clinic, channel=given.pop("channel", "web_form"), received_at=received_at, phone="+13125550147",
        **given,
    )  # fmt: skip


# --- the rule ---------------------------------------------------------------------------------------------------


def test_each_step_is_a_share_of_all_and_of_the_one_before() -> None:
    counts = dict(zip(STEPS, (40, 30, 20, 15, 10, 5), strict=True))
    found = stages(counts, {Step.REACHED: 0.5})
    assert [one.count for one in found] == [40, 30, 20, 15, 10, 5]
    assert found[2].of_all.value == Fraction(1, 2)
    assert found[2].of_before is not None
    assert found[2].of_before.value == Fraction(2, 3)
    assert (found[0].of_before, found[1].days, found[2].days) == (None, 0.5, None)


def test_nobody_asked_is_no_share() -> None:
    found = stages(dict.fromkeys(STEPS, 0), {})
    assert {one.of_all.reason for one in found} == {Reason.ZERO_DENOMINATOR}


def test_a_step_with_more_than_the_one_before_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="More requests"):
        stages({**dict.fromkeys(STEPS, 1), Step.ADMITTED: 2}, {})


def test_what_is_told_outside_hides_small_counts_and_shares_made_of_them() -> None:
    lines, total = to_tell([("1", 60, 30), ("7", 24, 12), ("5", 9, 2), ("4", 0, 0)])
    shown = {line.key: (line.asked, line.admitted, line.share.value) for line in lines}
    assert shown["1"] == (60, 30, Fraction(1, 2))
    assert shown["5"] == (None, None, None)
    assert shown["4"] == (0, 0, None)
    assert shown["7"] != (24, 12, Fraction(1, 2))  # else the fifth source would follow
    assert total.asked in (93, None)


# --- the database -----------------------------------------------------------------------------------------------


def test_requests_are_counted_where_they_came_and_the_neighbour_s_are_not(world: World) -> None:
    here = world.here
    with here.scope():
        before = {one.step: one.count for one in funnel.funnel(LONG_AGO, LATER)}
        asked_for(here, NOW)
        reached = asked_for(here, NOW - timedelta(days=2))
        Inquiry.objects.filter(pk=reached.pk).update(
            first_attempt_at=NOW - timedelta(days=1), first_contact_at=NOW - timedelta(days=1)
        )
    with world.neighbour.scope():
        asked_for(world.neighbour, NOW)
    with here.scope(), CaptureQueriesContext(connection) as asked:
        after = {one.step: one for one in funnel.funnel(LONG_AGO, LATER)}
    assert len(asked) == 1
    assert after[Step.ASKED].count - before[Step.ASKED] == 2
    assert after[Step.REACHED].count - before[Step.REACHED] == 1
    assert after[Step.ADMITTED].count == before[Step.ADMITTED] == 1
    assert after[Step.SCREENED].count == 1, "whoever was admitted was screened, noted or not"


def test_a_time_without_requests_is_empty(world: World) -> None:
    with world.here.scope():
        assert [one.count for one in funnel.funnel(LONG_AGO, LONG_AGO + timedelta(days=1))] == [0] * len(STEPS)


def test_the_median_is_of_days_from_the_step_before(world: World) -> None:
    here, start = world.here, LONG_AGO
    with here.scope():
        for days in (1, 2, 9):
            row = asked_for(here, start)
            Inquiry.objects.filter(pk=row.pk).update(first_contact_at=start + timedelta(days=days))
        found = {one.step: one.days for one in funnel.funnel(start, start + timedelta(days=1))}
    assert found[Step.REACHED] == pytest.approx(2.0)


def test_promises_kept_equal_the_rule_of_the_clocks(world: World) -> None:
    """T02: first attempts after 2, 4, 5, 9, 15, 16 and 70 minutes: 5 of 7 within 15."""
    here, start = world.here, LONG_AGO
    with here.scope():
        for minutes in (2, 4, 5, 9, 15, 16, 70):
            row = asked_for(here, start)
            Inquiry.objects.filter(pk=row.pk).update(first_attempt_at=start + timedelta(minutes=minutes))
        asked_for(here, start, channel="phone_inbound")  # nobody waited
        now = start + timedelta(minutes=10)
        asked_for(here, start + timedelta(minutes=1))  # runs, within 15: left out
        found = {one.clock: one for one in funnel.promises_kept(start, start + timedelta(days=1), now)}
        first = found[Clock.FIRST_ATTEMPT]
        assert (first.within_breach.numerator, first.within_breach.denominator) == (5, 7)
        assert (first.within_target.numerator, first.within_target.denominator) == (3, 8)


def test_sources_are_counted_with_their_admissions(world: World) -> None:
    here = world.here
    with here.scope():
        for source in ("1", "1", "7"):
            asked_for(here, NOW, source=source)
        found = {key: counts for key, *counts in funnel.by_source(LONG_AGO, LATER)}
    assert (found["1"], found["7"], found["4"]) == ([2, 0], [1, 0], [0, 0])
    assert found[""][1] == 1  # the world's own request, which was admitted


def test_what_brought_them_is_counted_as_it_was_named_and_a_long_list_ends(world: World) -> None:
    here = world.here
    with here.scope():
        for name in ("Spring talks", "Spring talks", "Poster", ""):
            row = asked_for(here, LONG_AGO, campaign=name)
        Inquiry.objects.filter(pk=row.pk).update(first_contact_at=LONG_AGO)
        asked_for(here, LONG_AGO, campaign="Spring talks", status="new")
    with world.neighbour.scope():
        asked_for(world.neighbour, LONG_AGO, campaign="Spring talks")
    with here.scope(), CaptureQueriesContext(connection) as questions:
        day = (LONG_AGO, LONG_AGO + timedelta(days=1))
        found = [(one.name, one.asked, one.reached, one.admitted) for one in funnel.by_campaign(*day)]
        assert found == [("Spring talks", 3, 0, 0), ("", 1, 1, 0), ("Poster", 1, 0, 0)]
        cut = funnel.by_campaign(*day, most=1)
        assert [(one.name, one.asked, one.reached) for one in cut] == [("Spring talks", 3, 0), (funnel.REST, 2, 1)]
        everything = {one.name: one.admitted for one in funnel.by_campaign(LONG_AGO, LATER)}
        assert everything[""] == 1, "the world's own request, which was admitted"
    assert len(questions) == 3


# --- the page ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.SUPERVISOR, Role.ADMINISTRATOR])
def test_who_works_for_the_whole_clinic_sees_it(world: World, role: Role) -> None:
    answer = signed_in(world.here.people[role]).get(page(world.here, "funnel"))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Way into care" in text
    assert re.search(r"Trying to reach</dt><dd>1<", text)
    assert "not shown" in text
    assert "funnel" in str([event.detail for event in events(world.here)] + [e.action for e in events(world.here)])


@pytest.mark.parametrize("role", [Role.THERAPIST, Role.CODER, Role.PRIVACY_OFFICER])
def test_others_do_not(world: World, role: Role) -> None:
    assert signed_in(world.here.people[role]).get(page(world.here, "funnel")).status_code == 403


@pytest.mark.parametrize("days", ["", "30", "365", "0", "-1", "x", "9" * 400])
def test_any_number_of_days_is_answered(world: World, days: str) -> None:
    assert signed_in(world.here.coordinator).get(page(world.here, "funnel"), {"days": days}).status_code == 200

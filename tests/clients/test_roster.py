"""Who is on call, by the roster; planning it; and the name in a crisis."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Shift
from clients.rules.shifts import BadShift
from clients.selectors import roster as selectors
from clients.services import roster
from clinics.models import Membership, User
from clinics.services import people
from tests.clients.people import ABSENT_ID, events, hidden, page, signed_in
from tests.world import Side, World

HOUR = timedelta(hours=1)
ZONE = ZoneInfo("America/Chicago")


def put_on_call(side: Side, user: User, begins: timedelta, ends: timedelta) -> Shift:
    """Return a shift from one span from now to another."""
    now = timezone.now()
    with side.scope():
        return roster.plan_shift(
            clinic=side.clinic, user=user, starts_at=now + begins, ends_at=now + ends, by=side.coordinator, now=now
        )


def on_call(side: Side) -> tuple[list[User], bool]:
    """Return who is on call at a clinic, and whether by the roster."""
    with side.scope():
        found = selectors.on_call(side.clinic.pk)
    return list(found.people), found.rostered


def test_the_supervisors_stand_in_while_nobody_is_on_call(world: World) -> None:
    here = world.here
    assert on_call(here) == ([here.supervisor], False)
    put_on_call(here, here.therapist, HOUR, 2 * HOUR)
    assert on_call(here) == ([here.supervisor], False)


def test_who_is_on_call_longest_is_named_first(world: World) -> None:
    here = world.here
    put_on_call(here, here.other_therapist, -2 * HOUR, HOUR)
    put_on_call(here, here.therapist, -HOUR, HOUR)
    assert on_call(here) == ([here.other_therapist, here.therapist], True)
    assert on_call(world.neighbour) == ([world.neighbour.supervisor], False)


def test_who_has_left_is_not_named(world: World) -> None:
    here = world.here
    put_on_call(here, here.other_therapist, -2 * HOUR, HOUR)
    with here.scope():
        membership = Membership.objects.get(user=here.other_therapist, clinic=here.clinic)
        people.end_membership(membership=membership, by=here.administrator, now=timezone.now())
    assert on_call(here) == ([here.supervisor], False)


def test_a_crisis_names_who_is_on_call(world: World) -> None:
    here, browser = world.here, signed_in(world.here.coordinator)
    html = browser.get(page(here, "intake_create")).content.decode()
    assert f"Clinical supervisor: {here.supervisor.name}" in html
    put_on_call(here, here.other_therapist, -HOUR, HOUR)
    html = browser.get(page(here, "intake_create")).content.decode()
    assert f"On-call clinician: {here.other_therapist.name}" in html
    assert here.supervisor.name not in html


def test_a_concern_is_handed_to_who_is_on_call_unless_another_is_chosen(world: World) -> None:
    here, browser = world.here, signed_in(world.here.coordinator)
    address = page(here, "concern_hand_over", here.concern.public_id)
    assert browser.get(address).context["form"]["to"].value() is None
    put_on_call(here, here.other_therapist, -HOUR, HOUR)
    answer = browser.get(address)
    assert answer.context["form"]["to"].value() == str(here.other_therapist.public_id)
    assert f"On call now: {here.other_therapist.name}." in answer.content.decode()
    browser.post(address, {"to": str(here.supervisor.public_id)})
    with here.scope():
        here.concern.refresh_from_db()
    assert here.concern.handed_to == here.supervisor


def test_only_a_clinician_of_this_clinic_is_put_on_call_and_once_at_a_time(world: World) -> None:
    here = world.here
    for who in (here.coordinator, here.coder, world.neighbour.therapist):
        with pytest.raises(BadShift, match="who works here now"):
            put_on_call(here, who, HOUR, 2 * HOUR)
    put_on_call(here, here.supervisor, HOUR, 3 * HOUR)
    with pytest.raises(BadShift, match="already"):
        put_on_call(here, here.supervisor, 2 * HOUR, 4 * HOUR)
    put_on_call(here, here.therapist, 2 * HOUR, 4 * HOUR)


def test_a_shift_that_runs_ends_now_and_one_to_come_is_taken_back(world: World) -> None:
    here = world.here
    runs, ahead = (
        put_on_call(here, here.therapist, -HOUR, HOUR), put_on_call(here, here.therapist, 2 * HOUR, 3 * HOUR),
    )  # fmt: skip
    now = timezone.now()
    with here.scope():
        assert roster.end_shift(shift=runs, by=here.supervisor, now=now)
        assert not roster.end_shift(shift=ahead, by=here.supervisor, now=now)
        runs.refresh_from_db()
        assert runs.ends_at == now
        assert not Shift.objects.filter(pk=ahead.pk).exists()
        with pytest.raises(BadShift, match="over already"):
            roster.end_shift(shift=runs, by=here.supervisor, now=now + HOUR)
    actions = [one.action for one in events(here)]
    assert actions.count("shift.planned") == 2
    assert {"shift.ended", "shift.taken_back"} <= set(actions)
    assert on_call(here) == ([here.supervisor], False)


# --- the page --------------------------------------------------------------------------------------------------


def filled(browser: Browser, side: Side, who: User, **changes: str) -> dict[str, str]:
    """Return the form of the roster as it would be sent: tomorrow from 18:00 to the day after at 8:00."""
    day = timezone.now().astimezone(ZONE).date()
    times = {
        "start_on": str(day + timedelta(days=1)), "start_time": "18:00", "end_on": str(day + timedelta(days=2)),
        "end_time": "08:00",
    }  # fmt: skip
    own = hidden(browser.get(page(side, "roster")).content.decode())
    return {**own, "user": str(who.public_id), **times, **changes}


@pytest.mark.parametrize("who", ["coordinator", "supervisor"])
def test_who_plans_puts_somebody_on_call_once_however_often_it_is_sent(world: World, who: str) -> None:
    here = world.here
    browser = signed_in(getattr(here, who))
    form = filled(browser, here, here.other_therapist)
    assert [browser.post(page(here, "roster"), form).status_code for _n in range(2)] == [302, 302]
    with here.scope():
        (made,) = Shift.objects.filter(user=here.other_therapist)
    begins = datetime.fromisoformat(f"{form['start_on']}T18:00").replace(tzinfo=ZONE)
    assert made.starts_at == begins
    assert made.created_by == getattr(here, who)
    assert here.other_therapist.name in browser.get(page(here, "roster")).content.decode()


def test_a_therapist_sees_the_roster_and_does_not_plan_it(world: World) -> None:
    here, browser = world.here, signed_in(world.here.therapist)
    html = browser.get(page(here, "roster")).content.decode()
    assert here.therapist.name in html
    assert "Plan a shift" not in html
    assert "Take it back" not in html
    assert browser.post(page(here, "roster"), {}).status_code == 403
    assert browser.post(page(here, "shift_end", here.shift.public_id)).status_code == 403
    statuses = [
        signed_in(who).get(page(here, "roster")).status_code
        for who in (here.coder, here.privacy_officer, here.administrator)
    ]
    assert statuses == [403, 403, 403]


def test_a_shift_is_taken_back_on_the_page(world: World) -> None:
    here, browser = world.here, signed_in(world.here.coordinator)
    html = browser.get(page(here, "roster")).content.decode()
    assert page(here, "shift_end", here.shift.public_id) in html
    answer = browser.post(page(here, "shift_end", here.shift.public_id), follow=True)
    assert "The shift is taken back." in answer.content.decode()
    assert browser.post(page(here, "shift_end", here.shift.public_id)).status_code == 404
    assert browser.get(page(here, "shift_end", here.shift.public_id)).status_code == 405
    for other in (world.neighbour.shift.public_id, ABSENT_ID, "x"):
        assert browser.post(page(here, "shift_end", other)).status_code == 404


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"user": ""}, "Choose a therapist or supervisor"),
        ({"user": "coordinator"}, "Choose a therapist or supervisor"),
        ({"end_on": "2020-01-01"}, "ends after it begins"),
        ({"start_on": "2020-01-01", "end_on": "2020-01-02"}, "is over"),
        ({"end_on": "2999-01-01"}, "longer than a week"),
        ({"start_time": ""}, "Enter the time at which the shift begins"),
        ({"start_on": "2026-02-30"}, "real date"),
        ({"repeat_key": ""}, "lost its number"),
    ],
)
def test_a_shift_that_cannot_be_is_said_beside_its_field(world: World, changes: dict[str, Any], says: str) -> None:
    here, browser = world.here, signed_in(world.here.coordinator)
    if changes.get("user") == "coordinator":
        changes = {"user": str(here.coordinator.public_id)}
    with here.scope():
        before = Shift.objects.count()
    answer = browser.post(page(here, "roster"), filled(browser, here, here.therapist, **changes))
    assert answer.status_code == 422
    assert says in answer.content.decode()
    with here.scope():
        assert Shift.objects.count() == before

"""Hours in which somebody can be booked: set, replaced, refused."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import WorkingHours
from clients.rules.dates import ImpossibleDate
from clients.rules.slots import BadHours, Span
from clients.selectors import calendar as selectors
from clients.services import calendar
from clients.services.caseload import NotATherapist
from clinics.models import User
from tests.clients.calendar import NINE_TO_NOON, ZONE, set_week
from tests.clients.people import events, hidden, page, signed_in, today
from tests.world import Side, World

# --- hours -----------------------------------------------------------------------------------------------------


def kept(side: Side, therapist: User) -> list[tuple[int, date, date | None]]:
    """Return weekday, first and last day of a therapist's hours."""
    with side.scope():
        rows = WorkingHours.objects.filter(user=therapist).order_by("from_on", "weekday")
        return [(row.weekday, row.from_on, row.until_on) for row in rows]


def test_new_hours_end_the_old_the_day_before_and_take_the_place_of_later_ones(world: World) -> None:
    here, day = world.here, today(world.here)
    before = kept(here, here.therapist)[0][1]
    set_week(here, here.therapist, Span(1, *NINE_TO_NOON), from_on=day + timedelta(days=30))
    assert kept(here, here.therapist) == [
        (0, before, day + timedelta(days=29)), (1, day + timedelta(days=30), None),
    ]  # fmt: skip
    set_week(here, here.therapist, Span(2, *NINE_TO_NOON), Span(3, *NINE_TO_NOON), from_on=day + timedelta(days=10))
    assert kept(here, here.therapist) == [
        (0, before, day + timedelta(days=9)), (2, day + timedelta(days=10), None), (3, day + timedelta(days=10), None),
    ]  # fmt: skip
    set_week(here, here.therapist)
    assert kept(here, here.therapist) == [(0, before, day - timedelta(days=1))]
    assert kept(world.neighbour, world.neighbour.therapist) == [(0, before, None)]
    assert [one.action for one in events(here)].count("hours.set") == 3


def test_hours_that_somebody_else_set_are_not_lost(world: World) -> None:
    here = world.here
    with here.scope():
        seen = selectors.stamp(selectors.hours_of([here.therapist], today(here), None))
    set_week(here, here.therapist, Span(4, *NINE_TO_NOON))
    with here.scope(), pytest.raises(calendar.HoursChanged):
        calendar.set_hours(
            clinic=here.clinic, therapist=here.therapist, spans=[], from_on=today(here), seen=seen,
            by=here.coordinator, now=timezone.now(),
        )  # fmt: skip
    assert kept(here, here.therapist)[-1][0] == 4


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"from_on": timedelta(days=-1)}, ImpossibleDate), ({"from_on": timedelta(days=731)}, ImpossibleDate),
        ({"spans": [Span(0, time(9), time(9))]}, BadHours), ({"therapist": "coordinator"}, NotATherapist),
    ],
)  # fmt: skip
def test_hours_that_cannot_be_are_refused(world: World, change: dict[str, Any], refusal: type[Exception]) -> None:
    here = world.here
    therapist = getattr(here, change.get("therapist", "therapist"))
    with here.scope(), pytest.raises(refusal):
        calendar.set_hours(
            clinic=here.clinic, therapist=therapist, spans=change.get("spans", []),
            from_on=today(here) + change.get("from_on", timedelta(0)),
            seen=selectors.stamp(selectors.hours_of([therapist], today(here), None)), by=here.coordinator,
            now=timezone.now(),
        )  # fmt: skip


def hours_form(browser: Browser, side: Side, **changes: str) -> tuple[str, dict[str, str]]:
    """Return the address of the therapist's hours, and its form as it would be sent."""
    address = page(side, "hours_edit", side.therapist.public_id)
    html = browser.get(address).content.decode()
    times = dict(re.findall(r'<input type="time" name="(\w+)" value="([^"]+)"', html))
    return address, {"from_on": str(today(side)), **hidden(html), **times, **changes}


@pytest.mark.parametrize("who", ["coordinator", "therapist", "supervisor"])
def test_who_may_sets_the_hours(world: World, who: str) -> None:
    here = world.here
    browser = signed_in(getattr(here, who))
    address, form = hours_form(browser, here, from_4_1="13:00", to_4_1="17:30")
    assert form["from_0_0"] == "09:00"
    answer = browser.post(address, form)
    assert answer["Location"] == page(here, "calendar_week")
    with here.scope():
        held = WorkingHours.objects.filter(user=here.therapist, until_on=None).order_by("weekday")
        assert [(row.weekday, row.starts, row.ends) for row in held] == [
            (0, *NINE_TO_NOON), (4, time(13), time(17, 30)),
        ]  # fmt: skip


def test_who_may_not_set_the_hours_is_told_nothing(world: World) -> None:
    here = world.here
    for who in (here.other_therapist, here.coder, here.privacy_officer, here.administrator):
        browser = signed_in(who)
        address = page(here, "hours_edit", here.therapist.public_id)
        expected = 404 if who == here.other_therapist else 403
        assert browser.get(address).status_code == browser.post(address, {}).status_code == expected
    assert signed_in(here.supervisor).get(page(here, "hours_edit", here.other_therapist.public_id)).status_code == 404
    assert signed_in(here.coordinator).get(page(here, "hours_edit", here.coordinator.public_id)).status_code == 404


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"to_0_0": ""}, "Enter when these hours end."),
        ({"from_0_0": ""}, "Enter when these hours begin."),
        ({"to_0_0": "08:00"}, "end before they begin"),
        ({"from_0_1": "11:00", "to_0_1": "13:00"}, "lie over each other"),
        ({"from_0_0": "25:00"}, "Enter a time"),
        ({"from_on": "2020-01-01"}, "This day is over"),
        ({"from_on": "2026-02-30"}, "real date"),
        ({"from_on": ""}, "Enter the day from which"),
        ({"seen": "0" * 16}, "set these hours in the meantime"),
    ],
)
def test_hours_that_cannot_be_are_said_beside_their_field(world: World, changes: dict[str, str], says: str) -> None:
    here = world.here
    before = kept(here, here.therapist)
    browser = signed_in(here.coordinator)
    address, form = hours_form(browser, here, **changes)
    answer = browser.post(address, form)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert kept(here, here.therapist) == before


def test_every_day_that_cannot_be_is_said_at_once(world: World) -> None:
    here, browser = world.here, signed_in(world.here.coordinator)
    address, form = hours_form(
        browser, here, to_0_0="08:00", from_2_0="09:00", from_4_0="09:00", to_4_0="12:00", from_4_1="11:00",
        to_4_1="13:00",
    )  # fmt: skip
    html = browser.post(address, form).content.decode()
    for says in ("end before they begin", "Enter when these hours end.", "lie over each other"):
        assert html.count(says) == 2, says  # beside the day, and in the summary


def test_a_form_that_was_stale_is_a_decision_when_it_is_sent_again(world: World) -> None:
    here, browser = world.here, signed_in(world.here.coordinator)
    address, form = hours_form(browser, here, from_3_2="15:00", to_3_2="16:00")  # a third line, from fuller hours
    set_week(here, here.therapist, Span(5, *NINE_TO_NOON))
    answer = browser.post(address, form)
    assert answer.status_code == 422
    again = browser.post(address, {**form, **hidden(answer.content.decode())})
    assert again.status_code == 302
    assert [row[0] for row in kept(here, here.therapist) if row[2] is None] == [0, 3]


def test_an_administrator_reads_hours_and_shifts_in_the_admin(world: World) -> None:
    here, browser = world.here, signed_in(world.here.administrator)
    for kind, says in (("hours", "Monday"), ("shifts", here.therapist.name)):
        answer = browser.get(f"/clinics/{here.clinic.slug}/admin/{kind}/")
        assert answer.status_code == 200
        assert says in answer.content.decode()
        assert "CANARY-harbor" not in answer.content.decode()
    assert "Monday" in browser.get(f"/clinics/{here.clinic.slug}/admin/hours/", {"weekday": "0"}).content.decode()
    assert signed_in(here.coordinator).get(f"/clinics/{here.clinic.slug}/admin/hours/").status_code in (403, 404)


def test_the_week_in_which_the_clocks_change_is_shown(world: World) -> None:
    here = world.here
    set_week(here, here.therapist, *(Span(day, time(0), time(5)) for day in range(7)))
    now = timezone.now()
    for month in (3, 11):
        at = datetime(now.year + 1, month, 1, 12, tzinfo=ZONE).date()
        sunday = at + timedelta(days=(6 - at.weekday()) % 7 + (7 if month == 3 else 0))
        html = signed_in(here.therapist).get(page(here, "calendar_week"), {"day": str(sunday)}).content.decode()
        on_sunday = re.findall(rf"on={sunday}&amp;time=(\d\d%3A\d\d)", html)
        assert (
            on_sunday
            == {
                3: ["00%3A00", "01%3A00", "03%3A00", "04%3A00"],
                11: ["00%3A00", "01%3A00", "02%3A00", "03%3A00", "04%3A00"],
            }[month]
        )

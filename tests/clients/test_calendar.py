"""The week by therapist: what is booked, what is free, who sees whom, and the hours of a therapist."""

import re
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone
from guardian.shortcuts import assign_perm

from clients.models import Appointment, CaseloadAssignment, Client, Episode
from clients.rules import clock
from clients.rules.slots import Span
from tests.budgets.counting import asked
from tests.clients.calendar import NINE_TO_NOON, ZONE, set_week
from tests.clients.people import ABSENT_ID, events, page, signed_in, today
from tests.world import Side, World


def monday_ahead(side: Side) -> date:
    """Return the Monday of the week after next."""
    day = today(side)
    return day + timedelta(days=14 - day.weekday())


def named(monday: date) -> str:
    """Return the name of a week, as it stands in an address."""
    year, week, _day = monday.isocalendar()
    return f"{year}-W{week:02}"


def book(side: Side, day: date, at: time, *, client: Client | None = None, **other: Any) -> Appointment:
    """Return an appointment of fifty minutes with the therapist."""
    person = client or side.client
    with side.scope():
        made: Appointment = Appointment.objects.create(
            **{
                "clinic": side.clinic, "client": person, "episode": Episode.objects.get(client=person),
                "therapist": side.therapist, "starts_at": clock.instant(day, at, ZONE), "service_on": day, **other,
            }
        )  # fmt: skip
    return made


def somebody_else(side: Side) -> Client:
    """Return a person in care who is on the other therapist's caseload alone."""
    with side.scope():
        person: Client = Client.objects.create(
            clinic=side.clinic, reference="RB-9100", legal_name="Robin Vale", family_key="vale", given_key="robin"
        )
        Episode.objects.create(clinic=side.clinic, client=person, program=side.program, admitted_on=date(2026, 9, 1))
        CaseloadAssignment.objects.create(clinic=side.clinic, client=person, user=side.other_therapist)
    return person


def shown(browser: Browser, side: Side, **query: str) -> Any:
    """Return the answer of the calendar in the week after next."""
    return browser.get(page(side, "calendar_week"), {"week": named(monday_ahead(side)), **query})


def free(html: str) -> list[str]:
    """Return the free times of a page, as its links name them."""
    return re.findall(r'class="slot" href="[^"]*[?&;]time=(\d\d%3A\d\d)', html)


# --- the page --------------------------------------------------------------------------------------------------


def test_a_week_shows_what_is_free_between_what_is_booked(world: World) -> None:
    here, monday = world.here, monday_ahead(world.here)
    set_week(here, here.therapist, Span(0, *NINE_TO_NOON), Span(2, time(13), time(14)))
    book(here, monday, time(10))
    html = shown(signed_in(here.coordinator), here).content.decode()
    assert free(html) == ["09%3A00", "11%3A00", "13%3A00"]
    assert here.client.known_as in html
    assert "No slots this week" not in html
    longer = shown(signed_in(here.coordinator), here, minutes="90").content.decode()
    assert free(longer) == []


def test_what_was_called_off_leaves_its_time_free(world: World) -> None:
    here, monday = world.here, monday_ahead(world.here)
    set_week(here, here.therapist, Span(0, *NINE_TO_NOON))
    book(here, monday, time(10), attendance="client_cancel")
    html = shown(signed_in(here.coordinator), here).content.decode()
    assert free(html) == ["09%3A00", "10%3A00", "11%3A00"]
    assert here.client.known_as not in html


def test_somebody_whom_one_does_not_see_takes_the_time_without_a_name(world: World) -> None:
    here, monday, other = world.here, monday_ahead(world.here), somebody_else(world.here)
    set_week(here, here.therapist, Span(0, *NINE_TO_NOON))
    book(here, monday, time(10), client=other)
    html = shown(signed_in(here.therapist), here).content.decode()
    assert free(html) == ["09%3A00", "11%3A00"]
    assert "Robin" not in html
    assert str(other.public_id) not in html
    assert "booked" in html
    assert "Robin Vale" in shown(signed_in(here.coordinator), here).content.decode()


def test_whose_week_one_sees_follows_the_reach(world: World) -> None:
    here = world.here
    for who, seen in (
        (here.coordinator, {here.therapist, here.other_therapist}), (here.therapist, {here.therapist}),
        (here.other_therapist, {here.other_therapist}), (here.supervisor, {here.therapist}),
    ):  # fmt: skip
        answer = shown(signed_in(who), here)
        assert {row.therapist for row in answer.context["week"].rows} == seen, who
        assert {row.therapist for row in answer.context["week"].rows if row.hours_url} == seen, who
        for one in {here.therapist, here.other_therapist} - seen:
            assert shown(signed_in(who), here, therapist=str(one.public_id)).status_code == 404
    statuses = [
        shown(signed_in(who), here).status_code for who in (here.coder, here.privacy_officer, here.administrator)
    ]
    assert statuses == [403, 403, 403]


def test_to_see_who_is_booked_and_to_change_it_are_rights_of_their_own(world: World) -> None:
    here, monday = world.here, monday_ahead(world.here)
    set_week(here, here.therapist, Span(0, *NINE_TO_NOON))
    book(here, monday, time(10))
    assign_perm("clinics.view_appointment", here.coder, here.clinic)
    answer = shown(signed_in(here.coder), here)
    html = answer.content.decode()
    assert {row.therapist for row in answer.context["week"].rows} == {here.therapist, here.other_therapist}
    assert here.client.known_as not in html
    assert str(here.client.public_id) not in html
    assert 'class="slot" href' not in html
    assert "hours-link" not in html
    assert signed_in(here.coder).get(page(here, "hours_edit", here.therapist.public_id)).status_code == 403
    assert signed_in(here.coder).get(page(here, "slot_book")).status_code == 403


def test_one_event_names_those_who_were_shown(world: World) -> None:
    here, monday = world.here, monday_ahead(world.here)
    other = somebody_else(here)
    book(here, monday, time(10))
    book(here, monday, time(11), client=other)
    browser, before = signed_in(here.therapist), len(events(here))
    shown(browser, here)
    made = [one for one in events(here, before) if one.action.endswith((".listed", ".viewed"))]
    assert [one.action for one in made] == ["calendar.listed"]
    assert made[0].detail["client_ids"] == [here.client.pk]


def test_a_page_costs_the_same_however_full_the_week_is(world: World) -> None:
    here, monday = world.here, monday_ahead(world.here)
    set_week(here, here.therapist, Span(0, *NINE_TO_NOON))
    book(here, monday, time(9))
    browser = signed_in(here.coordinator)
    shown(browser, here)
    with asked() as few:
        shown(browser, here)
    set_week(here, here.other_therapist, *(Span(day, time(8), time(18)) for day in range(5)))
    for hour in range(8, 17):
        book(here, monday, time(hour))
        book(here, monday, time(hour), therapist=here.other_therapist)
    with asked() as many:
        shown(browser, here)
    assert len(few) == len(many) <= 12, many


def test_an_empty_week_leads_to_the_next(world: World) -> None:
    here, monday = world.here, monday_ahead(world.here)
    set_week(here, here.therapist)
    html = shown(signed_in(here.therapist), here).content.decode()
    assert "No slots this week" in html
    assert f'href="?week={named(monday + timedelta(days=7))}"' in html
    assert "Show next week" in html


def test_arrows_turn_the_week_and_t_comes_back(world: World) -> None:
    here, monday = world.here, monday_ahead(world.here)
    html = shown(signed_in(here.therapist), here, minutes="90").content.decode()
    keys = dict(re.findall(r'href="\?([^"]+)" data-key="(\w+)"', html))
    weeks = {key: query.partition("week=")[2].partition("&")[0] for query, key in keys.items()}
    assert weeks == {
        "ArrowLeft": named(monday - timedelta(days=7)), "t": named(today(here)),
        "ArrowRight": named(monday + timedelta(days=7)),
    }  # fmt: skip
    assert all("minutes=90" in query for query in keys)


def test_weekends_are_shown_where_something_is_on_them(world: World) -> None:
    here, monday = world.here, monday_ahead(world.here)
    set_week(here, here.therapist, Span(0, *NINE_TO_NOON))
    assert len(shown(signed_in(here.therapist), here).context["week"].days) == 5
    book(here, monday + timedelta(days=5), time(10))
    assert shown(signed_in(here.therapist), here).context["week"].days[-1] == monday + timedelta(days=5)


@pytest.mark.parametrize(
    "query",
    [
        {"week": "2026-W60"}, {"week": "soon"}, {"week": "0001-W01"}, {"week": "9999-W52"}, {"day": "2026-02-30"},
        {"therapist": "x"}, {"therapist": ABSENT_ID}, {"therapist": "-" * 36}, {"person": ABSENT_ID}, {"person": "x"},
        {"inquiry": ABSENT_ID}, {"inquiry": "x"}, {"cursor": "x"},
    ],
)  # fmt: skip
def test_an_address_that_names_nothing_here_is_not_found(world: World, query: dict[str, str]) -> None:
    assert signed_in(world.here.coordinator).get(page(world.here, "calendar_week"), query).status_code == 404


def test_the_neighbours_ids_are_not_found(world: World) -> None:
    browser, there = signed_in(world.here.coordinator), world.neighbour
    for query in (
        {"therapist": there.therapist.public_id}, {"person": there.client.public_id},
        {"inquiry": there.inquiry.public_id},
    ):  # fmt: skip
        assert browser.get(page(world.here, "calendar_week"), query).status_code == 404
    assert browser.get(page(world.here, "hours_edit", there.therapist.public_id)).status_code == 404
    assert browser.get(page(there, "calendar_week")).status_code == 404


def test_a_time_that_is_over_is_not_offered(world: World) -> None:
    here = world.here
    set_week(here, here.therapist, *(Span(day, time(0), time(23, 59)) for day in range(7)))
    # Late on a Sunday nothing is left of this week, and what comes next is the other week's.
    weeks = [
        signed_in(here.therapist).get(page(here, "calendar_week"), {"week": named(day)}).context["week"]
        for day in (today(here), today(here) + timedelta(days=7))
    ]
    starts = [
        one.starts_at for week in weeks for row in week.rows for day in row.days for one in day.stretches if one.free
    ]
    assert starts
    assert min(starts) > timezone.now() - timedelta(minutes=1)


def test_a_session_that_began_before_the_week_takes_its_time(world: World) -> None:
    here, monday = world.here, monday_ahead(world.here)
    set_week(here, here.therapist, Span(0, time(0), time(2)))
    book(here, monday - timedelta(days=1), time(23, 30), duration_min=60)
    assert free(shown(signed_in(here.therapist), here).content.decode()) == ["00%3A30"]


# --- booking a free time ---------------------------------------------------------------------------------------


def test_a_free_time_leads_through_a_person_to_booking_it(world: World) -> None:
    here, monday = world.here, monday_ahead(world.here)
    set_week(here, here.therapist, Span(0, time(9), time(10)))
    browser = signed_in(here.coordinator)
    week = shown(browser, here)
    slot = week.context["week"].first_free[1].url
    assert "For whom?" in browser.get(slot).content.decode()
    answer = browser.post(slot, {"search": "mar"})
    assert answer.status_code == 200
    ((person, address),) = answer.context["found"]
    assert person == here.client
    form = browser.get(address).context["form"]
    assert form["start_on"].value() == monday
    assert form["start_time"].value() == time(9)
    assert form["therapist"].value() == str(here.therapist.public_id)
    direct = shown(browser, here, person=str(here.client.public_id)).context["week"].first_free[1].url
    assert direct == address


def test_who_books_finds_the_free_times(world: World) -> None:
    here, browser = world.here, signed_in(world.here.coordinator)
    for route, row, named in (
        ("appointment_create", here.client, "person"),
        ("assessment_book", here.inquiry, "inquiry"),
    ):
        link = f"{page(here, 'calendar_week')}?{named}={row.public_id}"
        assert link in browser.get(page(here, route, row.public_id)).content.decode()
        assert browser.get(link).status_code == 200


def test_a_chosen_time_wins_over_an_older_draft(world: World) -> None:
    here = world.here
    browser, address = signed_in(here.coordinator), page(here, "appointment_create", here.client.public_id)
    saved = browser.post(
        page(here, "draft_save", f"appointment_create:{here.client.public_id}"),
        {"start_on": "2027-01-04", "start_time": "08:00", "duration_min": "25"},
    )
    assert saved.status_code < 300
    form = browser.get(address, {"on": "2027-03-01", "time": "10:30"}).context["form"]
    assert str(form["start_on"].value()) == "2027-03-01"
    assert str(form["duration_min"].value()) == "25"


def test_nobody_is_found_whom_one_does_not_see(world: World) -> None:
    here = world.here
    other = somebody_else(here)
    set_week(here, here.therapist, Span(0, time(9), time(10)))
    browser = signed_in(here.therapist)
    slot = shown(browser, here).context["week"].first_free[1].url
    answer = browser.post(slot, {"search": "val"})
    assert other.legal_name not in answer.content.decode()
    assert "Nobody found" in answer.content.decode()
    with here.scope():
        Episode.objects.filter(client=here.client).update(status="closed", closed_on=today(here))
    assert "Nobody found" in browser.post(slot, {"search": "mar"}).content.decode()
    assert browser.post(slot, {"search": ""}).status_code == 422


@pytest.mark.parametrize("query", [{}, {"on": "2026-13-01", "time": "09:00"}, {"time": "09:00"}, {"on": "2026-11-30"}])
def test_a_time_that_is_none_leads_back_to_the_calendar(world: World, query: dict[str, str]) -> None:
    chosen = {"therapist": str(world.here.therapist.public_id), **query}
    answer = signed_in(world.here.coordinator).get(page(world.here, "slot_book"), chosen)
    assert answer["Location"] == page(world.here, "calendar_week")


# --- for an assessment -----------------------------------------------------------------------------------------


def test_from_an_inquiry_a_free_time_leads_to_its_assessment(world: World) -> None:
    here, monday = world.here, monday_ahead(world.here)
    set_week(here, here.therapist, Span(0, time(9), time(10)))
    browser, before = signed_in(here.coordinator), len(events(here))
    answer = shown(browser, here, inquiry=str(here.inquiry.public_id))
    assert "An assessment for" in answer.content.decode()
    slot = answer.context["week"].first_free[1].url
    assert slot.startswith(page(here, "assessment_book", here.inquiry.public_id) + "?")
    form = browser.get(slot).context["form"]
    chosen = [str(form[name].value()) for name in ("start_on", "start_time", "therapist")]
    assert chosen == [str(monday), "09:00:00", str(here.therapist.public_id)]
    assert "inquiry.viewed" in [one.action for one in events(here, before)]
    for who in (here.therapist, here.supervisor):
        assert shown(signed_in(who), here, inquiry=str(here.inquiry.public_id)).status_code == 404

"""Who to call now: the order of the queue, its words, its cost, and the pages that stand in it."""

import random
import re
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.utils import timezone

from clients.models import Inquiry, Task
from clients.selectors import queue
from clients.selectors.ranking import Rank, in_order
from clients.selectors.standing import standing
from clients.services import inquiries, tasks
from clients.services.inquiries import Caller, Need, Person
from tests.budgets.counting import asked
from tests.clients.people import events, hidden, page, signed_in
from tests.world import NOW, Side, World

ZONE = ZoneInfo("America/Chicago")


def came_in(side: Side, received_at: datetime, **changes: Any) -> Inquiry:
    """Return a missed call."""
    caller = changes.pop("caller", Caller(phone="312 555 0142"))
    need = changes.pop("need", Need())
    return inquiries.open_inquiry(
        clinic=side.clinic, channel=changes.pop("channel", "phone_missed"), caller=caller, person=Person(), need=need,
        received_at=received_at, by=side.coordinator, now=max(received_at, NOW), **changes,
    )  # fmt: skip


def emptied(side: Side) -> None:
    """Leave nothing open at a clinic."""
    inquiries.move_inquiry(inquiry=side.inquiry, to="spam", by=side.coordinator, now=NOW)


def order(side: Side, now: datetime) -> list[tuple[Rank, Inquiry]]:
    """Return the queue as it stands."""
    found = in_order(queue.open_inquiries(side.coordinator), now, ZoneInfo(side.clinic.time_zone))
    return [(Rank(row.rank), row) for row in found]  # type: ignore[attr-defined]


def words(side: Side, inquiry: Inquiry, now: datetime) -> str:
    """Return why an inquiry stands where it does."""
    return next(
        row.standing.words for row in queue.queue(side.coordinator, side.clinic, now).rows if row.inquiry == inquiry
    )


# --- the order -------------------------------------------------------------------------------------------------


def test_who_to_call_now_stands_first(world: World) -> None:
    here = world.here
    with here.scope():
        emptied(here)
        later = came_in(here, NOW - timedelta(minutes=3))
        inquiries.log_attempt(
            inquiry=later, method="phone", outcome="no_answer", by=here.coordinator, now=NOW - timedelta(minutes=2),
            call_again_at=NOW + timedelta(hours=2),
        )  # fmt: skip
        fresh = came_in(here, NOW - timedelta(minutes=12))
        late = came_in(here, NOW - timedelta(minutes=40))
        talked = came_in(here, NOW, channel="walk_in", caller=Caller(relation="self", phone="312 555 0177"))
        held = came_in(here, NOW, need=Need(in_danger_now=True))
        assert order(here, NOW) == [
            (Rank.HELD, held), (Rank.LATE, late), (Rank.DUE, fresh), (Rank.DUE, later), (Rank.UNPLANNED, talked),
        ]  # fmt: skip
        assert words(here, held, NOW).startswith("Safety first")
        assert words(here, fresh, NOW) == "Waiting 12 minutes. Call within 15."
        assert words(here, late, NOW) == "Waiting 40 minutes. The first call was due within 15 minutes."
        assert words(here, later, NOW).startswith("Tried once, not reached yet. Next call today at ")


def test_nobody_is_late_at_hours_they_did_not_allow(world: World) -> None:
    here = world.here
    with here.scope():
        emptied(here)
        evening = Caller(phone="312 555 0142", call_from=time(17), call_until=time(20))
        deferred = came_in(here, NOW - timedelta(minutes=40), caller=evening)
        fresh = came_in(here, NOW - timedelta(minutes=1))
        assert order(here, NOW) == [(Rank.DUE, fresh), (Rank.DUE, deferred)]  # it is 9 in the morning
        assert words(here, deferred, NOW) == "Waiting 40 minutes. They may be called from today at 5 p.m."
        allowed = NOW.astimezone(ZONE).replace(hour=17, minute=0)
        ranks = [
            {row: rank for rank, row in order(here, allowed + timedelta(minutes=m))}[deferred] for m in (-1, 9, 11)
        ]
        assert ranks == [Rank.DUE, Rank.DUE, Rank.LATE]


def test_a_task_put_off_is_out_of_the_way_until_its_time(world: World) -> None:
    here = world.here
    with here.scope():
        emptied(here)
        first, second = (came_in(here, NOW - timedelta(minutes=minutes)) for minutes in (40, 30))
        task = tasks.owe(kind="clock", inquiry=first, due_at=NOW, by=None)
        until = NOW + timedelta(hours=1)
        tasks.snooze(task=task, until=until, reason="Works nights.", by=here.coordinator, now=NOW)
        assert order(here, NOW) == [(Rank.LATE, second), (Rank.PUT_OFF, first)]
        assert words(here, first, NOW).startswith("Put off until today at ")
        assert order(here, until + timedelta(minutes=1))[0] == (Rank.LATE, first)


def test_the_database_orders_as_the_rules_say(world: World) -> None:
    here, luck = world.here, random.Random(3)
    hours = [None, time(0), time(7, 30), time(12), time(17), time(22)]
    compared = 0
    with here.scope():
        emptied(here)
        for _ in range(150):
            Inquiry.objects.create(
                clinic=here.clinic, phone="+13125550142", received_at=NOW - timedelta(minutes=luck.randrange(3000)),
                channel=luck.choice(["web_form", "phone_missed", "court"]), call_from=luck.choice(hours),
                call_until=luck.choice(hours),
                first_attempt_at=luck.choice([None, NOW - timedelta(minutes=luck.randrange(90))]),
                next_action_at=luck.choice([None, NOW + timedelta(minutes=luck.randrange(-900, 900))]),
            )  # fmt: skip
        for opens in hours:  # spoken with, and nothing planned
            spoken = Caller(relation="self", phone="312 555 0142", call_from=opens, call_until=luck.choice(hours))
            came_in(here, NOW, channel="walk_in", caller=spoken)
        for now in (NOW, NOW + timedelta(hours=5, minutes=17), NOW + timedelta(hours=13)):
            rows: list[Any] = [row for _rank, row in order(here, now)]
            tried: Any = lambda row: [row.first_attempt_at] if row.first_attempt_at else []  # noqa: E731
            stands = [standing(row, tried(row), now, ZONE) for row in rows]
            for row, one in zip(rows, stands, strict=True):
                compared += 1
                assert (row.rank, row.due_at) == (one.rank, one.due_at), (vars(row), one)
            assert [one.rank for one in stands] == sorted(one.rank for one in stands)
    assert compared == 3 * 156


# --- the page --------------------------------------------------------------------------------------------------


def test_the_queue_costs_the_same_however_many_wait(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    here = world.here
    browser, address = signed_in(here.coordinator), page(here, "inquiry_queue")

    def fill(n: int) -> None:
        Inquiry.objects.bulk_create(
            Inquiry(
                clinic=here.clinic, channel="web_form", phone="+13125550142",
                received_at=timezone.now() - timedelta(minutes=minute),
            )
            for minute in range(n)
        )  # fmt: skip

    counts = {}
    for n in (10, 5_000):
        with here.scope():
            fill(n - queue.open_inquiries(here.coordinator).count())
        cache.clear()  # what is kept for a minute must not run out between the two
        browser.get(address)
        with asked() as questions:
            started = timezone.now()
            answer = browser.get(address)
            took = timezone.now() - started
        assert answer.status_code == 200
        counts[n] = len(questions)
        with capsys.disabled():
            print(f"\nqueue: {n} open inquiries, {len(questions)} queries, {took.total_seconds() * 1000:.0f} ms")
    assert counts[10] == counts[5_000] <= 12
    assert answer.content.count(b"Log a call") == queue.SHOWN


def test_an_empty_queue_says_what_comes(world: World) -> None:
    with world.here.scope():
        emptied(world.here)
    html = signed_in(world.here.coordinator).get(page(world.here, "inquiry_queue")).content.decode()
    assert "Nobody is waiting." in html
    assert "New requests appear here with a clock." in html


def test_the_queue_is_recorded_once_with_whom_it_showed(world: World) -> None:
    before = len(events(world.here))
    html = signed_in(world.here.coordinator).get(page(world.here, "inquiry_queue")).content.decode()
    assert "CANARY-riverbend Caller" in html
    assert "CANARY-harbor" not in html
    listed = [one for one in events(world.here, before) if one.action == "inquiry.listed"]
    assert len(listed) == 1
    assert listed[0].detail["client_ids"] == [world.here.client.pk]
    assert listed[0].detail["inquiries"] == [str(world.here.inquiry.public_id)]


def test_only_who_works_on_inquiries_has_a_queue(world: World) -> None:
    statuses = {
        role.value: signed_in(user).get(page(world.here, "inquiry_queue")).status_code
        for role, user in world.here.people.items()
    }
    assert statuses.pop("coordinator") == 200
    assert set(statuses.values()) == {403}


def test_a_closed_inquiry_is_found_among_all(world: World) -> None:
    with world.here.scope():
        emptied(world.here)
    html = signed_in(world.here.coordinator).get(page(world.here, "inquiry_queue") + "?show=all").content.decode()
    assert page(world.here, "inquiry_detail", world.here.inquiry.public_id) in html
    assert "Not a request for care" in html


# --- a missed call ---------------------------------------------------------------------------------------------


def test_a_missed_call_needs_its_number_alone(world: World) -> None:
    browser, address = signed_in(world.here.coordinator), page(world.here, "missed_call")
    html = browser.get(address).content.decode()
    given = dict(re.findall(r'name="(called_\w+)" value="([^"]+)"', html))
    body = {**hidden(html), **given, "phone": "312 555 0166"}
    assert set(given) == {"called_on", "called_at"}
    for _ in range(2):  # a second press of Enter
        assert browser.post(address, body)["Location"] == page(world.here, "inquiry_queue")
    with world.here.scope():
        made = Inquiry.objects.get(phone="+13125550166")
        assert (made.channel, made.status, made.client, made.first_attempt_at) == ("phone_missed", "new", None, None)
        assert timedelta(0) <= timezone.now() - made.received_at < timedelta(minutes=2)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"phone": ""}, "Enter the number that called."),
        ({"phone": "call me"}, "digits"),
        ({"phone": "1" * 60}, "at most 40"),
        ({"phone": "312\x00555"}, "cannot be kept"),
        ({"called_on": "2999-01-01"}, "future"),
        ({"called_on": "2026-02-30"}, "real date"),
        ({"called_at": "25:00"}, "Enter a time"),
        ({"repeat_key": ""}, "lost its number"),
    ],
)
def test_a_call_that_cannot_be_is_said_and_nothing_kept(world: World, changes: Any, says: str) -> None:
    with world.here.scope():
        before = Inquiry.objects.count()
    body = {"phone": "312 555 0166", "called_on": "2026-01-05", "called_at": "09:00", "repeat_key": "k"}
    answer = signed_in(world.here.coordinator).post(page(world.here, "missed_call"), {**body, **changes})
    assert answer.status_code == 422
    assert says in answer.content.decode()
    with world.here.scope():
        assert Inquiry.objects.count() == before


# --- tasks -----------------------------------------------------------------------------------------------------


def test_a_task_is_done_from_the_queue(world: World) -> None:
    task = world.here.task
    answer = signed_in(world.here.coordinator).post(page(world.here, "task_done", task.public_id))
    assert answer["Location"] == page(world.here, "inquiry_detail", world.here.inquiry.public_id)
    with world.here.scope():
        task.refresh_from_db()
        assert task.done_by == world.here.coordinator


def test_putting_off_needs_a_reason_and_a_time_to_come(world: World) -> None:
    browser, address = signed_in(world.here.coordinator), page(world.here, "task_snooze", world.here.task.public_id)
    assert browser.get(address).status_code == 200
    good = {"until_on": "2999-01-05", "until_time": "09:00", "reason": "At work until then."}
    for bad in ({"reason": " "}, {"until_on": "2020-01-01"}, {"until_time": ""}):
        assert browser.post(address, {**good, **bad}).status_code == 422
    assert browser.post(address, good).status_code == 302
    with world.here.scope():
        assert Task.objects.get(pk=world.here.task.pk).snooze_reason == "At work until then."


def test_a_safety_review_is_neither_done_nor_put_off_here(world: World) -> None:
    here = world.here
    with here.scope():
        held = came_in(here, NOW, need=Need(in_danger_now=True))
        task = Task.objects.get(inquiry=held, kind="safety")
    browser = signed_in(here.coordinator)
    browser.post(page(here, "task_done", task.public_id))
    body = {"until_on": "2999-01-05", "until_time": "09:00", "reason": "Later."}
    assert browser.post(page(here, "task_snooze", task.public_id), body).status_code == 422
    with here.scope():
        task.refresh_from_db()
        assert (task.done_at, task.snoozed_until) == (None, None)


# --- the operational face ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["inquiries", "tasks"])
def test_an_administrator_sees_dates_status_and_staff_alone(world: World, kind: str) -> None:
    here = world.here
    with here.scope():
        tasks.snooze(
            task=here.task, until=timezone.now() + timedelta(days=1), reason="CANARY reason", by=here.coordinator,
            now=timezone.now(),
        )  # fmt: skip
    answer = signed_in(here.administrator).get(f"/clinics/{here.clinic.slug}/admin/{kind}/")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert {"inquiries": "Trying to reach", "tasks": "Call back"}[kind] in html
    for never in ("CANARY", "Marsh", "555"):
        assert never not in html, never

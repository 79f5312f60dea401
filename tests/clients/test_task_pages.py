"""Tasks: who sees what is owed, what of it, and taking over a review that is late."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from clients.models import Inquiry, SafetyConcern, Task
from clients.services import inquiries, tasks
from clients.services.inquiries import Caller, Need, Person
from clinics.models import User
from tests.budgets.counting import asked
from tests.clients.people import ABSENT_ID, events, page, signed_in
from tests.world import Side, World

CALLER = Caller(relation="self", name="Robin Vale", phone="312 555 0177")


def held(side: Side) -> tuple[Inquiry, Task]:
    """Return an inquiry that is held for safety, and the task of its review."""
    inquiry = inquiries.open_inquiry(
        clinic=side.clinic, channel="phone_inbound", caller=CALLER, person=Person(legal_name="Robin Vale"),
        need=Need(safety_answer="yes"), by=side.coordinator, now=timezone.now(),
    )  # fmt: skip
    return inquiry, Task.objects.get(inquiry=inquiry, kind="safety")


def shown(side: Side, user: User) -> str:
    """Return the page of tasks as `user` sees it."""
    answer = signed_in(user).get(page(side, "task_list"))
    assert answer.status_code == 200
    return answer.content.decode()


def test_each_sees_their_own_and_their_roles_tasks(world: World) -> None:
    here = world.here
    with here.scope():
        held(here)
    assert "Safety review" in shown(here, here.supervisor)
    assert "Safety review" not in shown(here, here.coordinator)
    assert "Nothing is owed" in shown(here, here.therapist)
    assert "Call back" in shown(here, here.coordinator), "the world's own"
    assert shown(here, here.supervisor).count("Safety review") > shown(
        world.neighbour, world.neighbour.supervisor
    ).count("Safety review")
    assert signed_in(here.coder).get(page(here, "task_list")).status_code == 403


def test_a_task_tells_whom_it_is_about_only_to_those_who_may_see_it(world: World) -> None:
    here = world.here
    with here.scope():
        held(here)
    assert "Robin" not in shown(here, here.supervisor), "not of those they supervise"
    assert "CANARY" in shown(here, here.coordinator)
    with here.scope():
        Task.objects.filter(pk=here.task.pk).update(due_at=timezone.now() - timedelta(hours=1))
        for step in range(2):
            tasks.escalate(now=timezone.now() + timedelta(hours=step))
    late = shown(here, here.administrator)
    assert "Passed on" in late
    assert "CANARY" not in late


def test_a_supervisor_takes_a_review_over_and_then_sees_the_inquiry(world: World) -> None:
    here = world.here
    with here.scope():
        inquiry, task = held(here)
    browser = signed_in(here.supervisor)
    assert browser.get(page(here, "inquiry_detail", inquiry.public_id)).status_code == 404
    answer = browser.post(page(here, "task_take", task.public_id))
    with here.scope():
        concern = SafetyConcern.objects.get(inquiry=inquiry)
    assert answer["Location"] == page(here, "concern_review", concern.public_id)
    assert concern.handed_to == here.supervisor
    assert browser.get(answer["Location"]).status_code == 200
    assert "safety.handed_over" in [event.action for event in events(here)]
    assert "Write the review" in shown(here, here.supervisor)


def test_nobody_takes_what_is_not_theirs_to_take(world: World) -> None:
    here = world.here
    with here.scope():
        inquiry, task = held(here)
    take = page(here, "task_take", task.public_id)
    assert signed_in(here.coordinator).post(take).status_code == 403
    assert signed_in(here.therapist).post(take).status_code == 404, "not their role's yet"
    browser = signed_in(here.supervisor)
    assert browser.get(take).status_code == 405
    for other in (ABSENT_ID, "no-id", world.neighbour.task.public_id, here.task.public_id):
        assert browser.post(page(here, "task_take", other)).status_code == 404
    with here.scope():
        assert SafetyConcern.objects.get(inquiry=inquiry).handed_to is None


def test_a_snoozed_task_waits(world: World) -> None:
    here, now = world.here, timezone.now()
    with here.scope():
        tasks.snooze(task=here.task, until=now + timedelta(hours=1), reason="At work.", by=here.coordinator, now=now)
    assert "Nothing is owed" in shown(here, here.coordinator)


@pytest.mark.parametrize("rows", [2, 22])
def test_the_page_asks_as_many_questions_with_few_tasks_as_with_many(world: World, rows: int) -> None:
    here = world.here
    with here.scope():
        for number in range(rows):
            inquiry = inquiries.open_inquiry(
                clinic=here.clinic, channel="web_form", caller=replace(CALLER, phone=f"312 555 {1000 + number}"),
                person=Person(legal_name=f"Robin {number}"), need=Need(), by=None, now=timezone.now(),
            )  # fmt: skip
            tasks.owe(kind="follow_up", inquiry=inquiry, due_at=timezone.now(), by=None)
    browser = signed_in(here.coordinator)
    browser.get(page(here, "task_list"))
    with asked() as questions:
        browser.get(page(here, "task_list"))
    assert len(questions) <= 10, len(questions)

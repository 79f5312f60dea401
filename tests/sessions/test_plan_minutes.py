"""The card of a plan in force: minutes planned to today beside the minutes of the sessions that were recorded."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from clients.models import Appointment, ChangeTarget, PlanVersion
from clients.rules.plan_content import Kind
from clinics.roles import RIGHTS
from sessions.models import TherapySession
from tests.budgets.counting import browser_of, questions_of
from tests.clients import planning as at
from tests.clients.people import body, in_care, page, signed_in
from tests.world import Side, World

CARD = "Minutes to today"


def in_force(side: Side) -> PlanVersion:
    """Return a version in force that plans 50 minutes of MI a week, since two weeks ago with today."""
    client = in_care(side)
    version = at.drafted(side, client)
    under: Any = None
    target = ChangeTarget.objects.create(clinic=side.clinic, client=client, goal="Drink less")
    for kind in Kind:
        other: dict[str, Any] = {"target": target} if kind is Kind.GOAL else {}
        if kind is Kind.INTERVENTION:
            other = {"starts_on": at.day(side, -13)}
        under = at.add(side, version, kind, under, **other)
    return at.person_signs(side, at.author_signs(side, at.fresh(version)))


def held(side: Side, version: PlanVersion, days_ago: int, minutes: int, **mix: int) -> None:
    """Let a session of so many minutes be recorded."""
    about: dict[str, Any] = {
        "clinic": side.clinic, "client": version.client, "therapist": side.therapist,
        "service_on": at.day(side, -days_ago), "duration_min": minutes,
    }  # fmt: skip
    begun = timezone.now() - timedelta(days=days_ago)
    booked = Appointment.objects.create(
        **about, episode=version.plan.episode, starts_at=begun, kind="treatment", attendance="attended"
    )
    TherapySession.objects.create(**about, appointment=booked, started_at=begun, **mix)


def test_planned_and_held_minutes_stand_side_by_side(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = in_force(here)
        held(here, version, 10, 50)
        held(here, version, 3, 50, mi_pct=50, cbt_pct=50)
        held(here, version, 20, 50)  # before the plan
    address = page(here, "plan_detail", version.plan.public_id)
    shown = body(signed_in(here.therapist).get(address))
    card = shown.split(CARD)[1].split("</section>")[0]
    cells = [cell.split("<")[0].strip() for cell in card.split("<td")[1:]]
    assert [cell.split(">")[1] for cell in cells] == ["100", "75"]
    assert "(75%)" in card
    assert "CBT" not in card, "what was held beside the plan is not of the plan"
    assert CARD in body(signed_in(here.supervisor).get(address))


def test_the_card_asks_one_thing_however_many_sessions(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = in_force(here)
    address = page(here, "plan_detail", version.plan.public_id)
    few = questions_of(browser_of(here.therapist), address)
    with here.scope(here.therapist):
        for days in range(1, 8):
            held(here, version, days, 50)
    many = questions_of(browser_of(here.therapist), address)
    assert few is not None
    assert many is not None
    assert len(many) == len(few) <= 12


def test_a_draft_and_an_older_version_have_no_card(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.written(here)
    browser = signed_in(here.therapist)
    assert CARD not in body(browser.get(page(here, "plan_detail", version.plan.public_id)))
    assert CARD not in body(browser.get(page(here, "plan_version", here.plan_version.public_id)))


def test_who_reads_plans_reads_sessions_as_far() -> None:
    """The card says what is held of whole sessions: were plans read further than sessions, it would say too little."""
    plans, sessions = RIGHTS["view_plan"][1], RIGHTS["view_note"][1]
    assert plans == sessions

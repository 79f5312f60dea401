"""Cravings and returns to use: written down, looked back on, taken back; and that neither ends anything."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone

from clients.models import ChangeTarget, Client, Craving, Episode, Lapse, StageRating, Task
from clients.models.people import person_of
from clients.rules.returns import Wrong
from clients.selectors import returns as selectors
from clients.selectors.owed import owed_by
from clients.services import caseload, merging, returns, targets
from clients.services.returns import LookedBack, NoReason, TakenBack
from clients.services.targets import SetAside
from clinics.models import AuditEvent
from tests.clients.people import today
from tests.clients.relapsing import craving, lapse, written
from tests.world import NOW, World

# The person has one goal, for which the rulers were asked.
pytestmark = pytest.mark.usefixtures("goal")
FELT = {"intensity": "7", "used": "no", "situation": "Payday", "coping": "Walked\nCalled Ada", "helped": "6",
        "minutes": "25"}  # fmt: skip


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def goal(client: Client) -> ChangeTarget:
    found: ChangeTarget = ChangeTarget.objects.get(client=client)
    return found


def task_of(row: Lapse) -> Task:
    found: Task = Task.objects.get(key=f"lapse:lapse:{row.public_id}")
    return found


# --- cravings -------------------------------------------------------------------------------------------------------


def test_a_craving_is_kept_encrypted_and_the_trail_has_no_word_of_it(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        made = craving(here, noor, 8, used=True, minutes=20, situation=" Payday\r\n", coping="Walked", helped=0)
        row = Craving.objects.get(pk=made.pk)
        assert (row.intensity, row.minutes, row.situation, row.used, row.coping, row.helped) == (
            8, 20, "Payday", True, "Walked", 0,
        )  # fmt: skip
        assert row.recorded_by == here.therapist
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from clients_craving where situation::text like '%Payday%'")
            assert cursor.fetchone()[0] == 0
        assert AuditEvent.objects.get(action="craving.noted").detail == {"used": True}


def test_what_helped_is_said_only_of_something_that_was_tried(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        with pytest.raises(Wrong) as found:
            craving(here, noor, helped=5)
        assert found.value.field == "coping"
        assert not Craving.objects.filter(client=noor).exists()


def test_a_craving_is_taken_back_once_with_a_reason_and_counts_nowhere(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        made = craving(here, noor)
        how = {"craving": made, "by": here.therapist, "now": timezone.now()}
        with pytest.raises(NoReason):
            returns.take_back_craving(reason=" ", **how)
        held = returns.take_back_craving(reason="Another person's", **how)
        assert held.undone_by == here.therapist
        with pytest.raises(TakenBack):
            returns.take_back_craving(reason="Again", **how)
        assert selectors.days_of(noor, timezone.now()) == []
        assert selectors.cravings_of(noor).count() == 1


def test_cravings_are_drawn_by_day_the_strongest_of_each(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        assert selectors.figure_of(selectors.days_of(noor, timezone.now())) is None
        for intensity, ago in ((9, 10), (4, 10), (6, 5), (3, 0), (10, 61)):
            craving(here, noor, intensity, ago=ago, used=intensity == 4)
        days = selectors.days_of(noor, timezone.now())
        assert [(one.strongest, one.count, one.used) for one in days] == [(9, 2, True), (6, 1, False), (3, 1, False)]
        figure = selectors.figure_of(days)
        assert figure is not None
        assert figure.finding == "The strongest of a day went from 9 to 3."
        assert [row[1:] for row in figure.rows] == [("3", "1", "no"), ("6", "1", "no"), ("9", "2", "yes")]


# --- returns to use -------------------------------------------------------------------------------------------------


def test_a_return_to_use_ends_nothing_and_owes_a_look_back_within_seven_days(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        before = list(Episode.objects.filter(client=noor).values())
        on = today(here) - timedelta(days=3)
        made = lapse(here, noor, on=on, substance="alcohol", amount="Two beers", situation="Payday", target=goal(noor))
        assert list(Episode.objects.filter(client=noor).values()) == before
        assert goal(noor).is_active
        assert made.review_due_on == today(here) + timedelta(days=7)
        task = task_of(made)
        assert (task.kind, task.owner, task.role, task.client_id) == (
            "lapse", here.therapist, "supervisor", noor.pk,
        )  # fmt: skip
        assert task.due_at.astimezone(ZoneInfo(here.clinic.time_zone)).date() == made.review_due_on
        assert task in owed_by(here.therapist, timezone.now())
        assert task not in owed_by(here.coordinator, timezone.now())
        assert not StageRating.objects.filter(client=noor).exists(), "offered, never forced"
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from clients_lapse where amount::text like '%beers%'")
            assert cursor.fetchone()[0] == 0


def test_it_is_owed_by_who_has_the_person_and_by_supervisors_where_nobody_has(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        caseload.assign(client=noor, user=here.other_therapist, by=here.coordinator, reason="Two of them")
        assert task_of(lapse(here, noor)).owner == here.therapist
        happened = returns.Happened(today(here))
        other = returns.record(
            client=noor, happened=happened, rate_stage=False, by=here.other_therapist, now=timezone.now()
        )
        assert task_of(other).owner == here.other_therapist
        for user in (here.therapist, here.other_therapist):
            caseload.end(client=noor, user=user, by=here.coordinator, reason="Moved")
        assert task_of(lapse(here, noor)).owner is None


def test_the_stage_is_rated_along_only_where_it_is_said(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        lapse(here, noor, target=goal(noor), rate_stage=True)
        assert StageRating.objects.get(client=noor).stage == "rec"
        with pytest.raises(Wrong) as found:
            lapse(here, noor, rate_stage=True)
        assert found.value.field == "target"
        targets.set_aside(target=goal(noor), by=here.therapist)
        with pytest.raises(SetAside):
            lapse(here, noor, target=goal(noor), rate_stage=True)
        with pytest.raises(Wrong, match="one of their goals"):
            lapse(here, noor, target=here.change_target)
        assert Lapse.objects.filter(client=noor).count() == 1


def test_looking_back_is_final_and_settles_what_was_owed(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        made = lapse(here, noor)
        how: dict[str, Any] = {"lapse": made, "by": here.therapist, "now": timezone.now()}
        with pytest.raises(Wrong) as found:
            returns.look_back(learning="\n", plan_changed=False, **how)
        assert found.value.field == "learning"
        with pytest.raises(Wrong) as found:
            returns.look_back(learning="Call sooner", plan_changed=True, **how)
        assert found.value.field == "plan_changed"
        assert task_of(made).done_at is None
        written(here, noor)
        held = returns.look_back(learning="Call sooner", plan_changed=True, **how)
        assert (held.learning, held.plan_changed, held.reviewed_by) == ("Call sooner", True, here.therapist)
        assert task_of(made).done_by == here.therapist
        for act in (
            lambda: returns.look_back(learning="Again", plan_changed=False, **how),
            lambda: returns.take_back(reason="In error", **how),
        ):
            with pytest.raises(LookedBack):
                act()


def test_a_plan_of_before_it_happened_is_no_change(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        written(here, noor)
        made = Lapse.objects.select_related("client", "clinic").get(pk=lapse(here, noor).pk)
        assert returns.newer_plan(made)
        made.happened_on = today(here) + timedelta(days=1)
        assert not returns.newer_plan(made)


def test_what_was_taken_back_owes_nothing_and_is_not_looked_back_on(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        made = lapse(here, noor)
        how: dict[str, Any] = {"lapse": made, "by": here.therapist, "now": timezone.now()}
        with pytest.raises(NoReason):
            returns.take_back(reason="", **how)
        returns.take_back(reason="Another person's", **how)
        assert task_of(made).done_at is not None
        for act in (
            lambda: returns.look_back(learning="x", plan_changed=False, **how),
            lambda: returns.take_back(reason="Again", **how),
        ):
            with pytest.raises(TakenBack):
                act()


def test_rows_of_joined_records_are_among_theirs(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        made = lapse(here, noor)
        noor.episodes.update(status="closed", closed_on=NOW.date())
        merging.merge(kept=here.client, absorbed=noor, reason="The same", by=here.coordinator, now=NOW)
        kept = Client.objects.get(pk=here.client.pk)
        kept.clinic = here.clinic
        assert made in selectors.lapses_of(kept)
        row = Lapse.objects.select_related("client__merged_into", "clinic").get(pk=made.pk)
        assert person_of(row) == kept
        written(here, kept)
        held = returns.look_back(
            lapse=made, learning="Call sooner", plan_changed=True, by=here.therapist, now=timezone.now()
        )
        assert held.plan_changed

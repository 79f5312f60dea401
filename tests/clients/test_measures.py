"""Answers kept with their scores, concerns raised, answers taken back, and measures asked again in time."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from clients.models import Appointment, Client, MeasureResponse, MeasureSchedule, MeasureScore, SafetyConcern, Task
from clients.rules.measures import Due
from clients.selectors import measures as selectors
from clients.services import measures, merging, safety
from clinics.instruments import catalogue, measuring
from clinics.models import AuditEvent, InstrumentAttestation, InstrumentVersion
from clinics.versions import Stale
from tests.clients import admission as at
from tests.clients.measuring import asked, phq9
from tests.clients.people import today
from tests.world import NOW, Side, World

T17 = phq9(2, 2, 1, 1, 1, 0, 1, 0, 1)
T18 = phq9(1, 1, 1, 1, None, 1, 1, 1, 1)


def scores_of(response: MeasureResponse) -> dict[str, tuple[Any, str, str]]:
    return {one.score_key: (one.value, one.band, one.reason) for one in MeasureScore.objects.filter(response=response)}


def concerns_of(client: Client) -> list[tuple[str, str]]:
    return list(SafetyConcern.objects.filter(client=client).order_by("pk").values_list("code", "level"))


# --- kept with scores and concerns ----------------------------------------------------------------------------------


def test_answers_are_kept_with_every_score_and_raise_a_concern_with_its_task(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        response = asked(here, noor, "phq9", T17)
        assert response.complete
        assert scores_of(response) == {
            "total": (Decimal(9), "mild", ""), "symptoms": (Decimal(3), "", ""), "pattern": (Decimal(1), "other", ""),
        }  # fmt: skip
        assert concerns_of(noor) == [("phq9_item9", "S2")]
        concern = SafetyConcern.objects.get(client=noor)
        task = Task.objects.get(concern=concern)
        assert (task.kind, task.client, task.role, task.due_at) == ("safety", noor, "supervisor", concern.due_at)
        events = {one.action: one.detail for one in AuditEvent.objects.exclude(action__startswith="row.")}
        assert events["measure.recorded"] == {"measure": "phq9", "source": "clinician", "complete": True}
        safety.review(
            concern=concern, rationale="Spoke", next_check_on=today(here), by=here.therapist, now=timezone.now()
        )
        assert Task.objects.get(pk=task.pk).done_at is not None, "the review settles its task"


def test_answers_that_are_not_complete_have_no_total_and_raise_the_concern_all_the_same(
    world: World, noor: Client
) -> None:
    here = world.here
    with here.scope(here.therapist):
        response = asked(here, noor, "phq9", T18)
        assert not response.complete
        assert scores_of(response)["total"] == (None, "", "missing_input")
        assert concerns_of(noor) == [("phq9_item9", "S2")]


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        (phq9(3, 3, 3, 3, 3, 3, 3, 3, 0), []),
        (phq9(*[0] * 8, 3), [("phq9_item9_high", "S3")]),
        (phq9(3, 3, 3, 3, 3, 2, 2, 0, 1), [("phq9_item9_high", "S3")]),
        ({"P9": 1}, [("phq9_item9", "S2")]),
        ({"P10": 3}, []),
    ],
)
def test_one_answer_asks_for_one_thing_the_most_urgent(
    world: World, noor: Client, answers: dict[str, int], found: list[Any]
) -> None:
    here = world.here
    with here.scope(here.therapist):
        asked(here, noor, "phq9", answers)
        assert concerns_of(noor) == found


@pytest.mark.parametrize(
    ("value", "found"), [(0, []), (1, ["cssrs_low"]), (2, ["cssrs_moderate"]), (3, ["cssrs_high"])]
)
def test_a_result_of_the_suicide_screener_asks_for_what_it_says(
    world: World, noor: Client, value: int, found: list[str]
) -> None:
    here = world.here
    with here.scope(here.therapist):
        asked(here, noor, "cssrs", {"RESULT": value})
        assert [code for code, _level in concerns_of(noor)] == found


def test_a_concern_that_is_open_is_not_raised_twice_and_comes_again_after_its_review(
    world: World, noor: Client
) -> None:
    here = world.here
    with here.scope(here.therapist):
        asked(here, noor, "phq9", T17)
        asked(here, noor, "phq9", T17)
        assert len(concerns_of(noor)) == 1
        asked(here, noor, "phq9", phq9(*[0] * 8, 3))
        assert [level for _code, level in concerns_of(noor)] == ["S2", "S3"], "what is worse is a concern of its own"
        for one in SafetyConcern.objects.filter(client=noor):
            safety.review(
                concern=one, rationale="Spoke", next_check_on=today(here), by=here.therapist, now=timezone.now()
            )
        asked(here, noor, "phq9", T17)
        assert len(concerns_of(noor)) == 3


def test_who_asks_for_care_is_held_while_a_measure_calls_for_a_clinician(world: World) -> None:
    here = world.here
    with here.scope(here.coordinator):
        inquiry = at.screened(here)
        client = inquiry.client
        assert client is not None
        client.clinic = here.clinic
        asked(here, client, "phq9", phq9(*[0] * 8, 3), by=here.coordinator)
        concern = SafetyConcern.objects.get(client=client)
        inquiry.refresh_from_db()
        assert (concern.inquiry, inquiry.crisis_hold) == (inquiry, True)
        safety.review(
            concern=concern, rationale="Spoke", next_check_on=today(here), by=here.therapist, now=timezone.now()
        )
        inquiry.refresh_from_db()
        assert not inquiry.crisis_hold
        assert not Task.objects.filter(concern=concern, done_at=None).exists()


def test_a_rise_in_use_is_seen_against_the_time_before_on_that_day(world: World, noor: Client) -> None:
    here = world.here
    bam = dict.fromkeys(measuring.needed(catalogue.find("bam", "1")), 0)
    with here.scope(here.therapist):
        asked(here, noor, "bam", {**bam, "B6": 1}, taken_on=today(here) - timedelta(days=30))
        asked(here, noor, "bam", {**bam, "B6": 1})
        assert concerns_of(noor) == []
        asked(here, noor, "bam", {**bam, "B6": 3}, taken_on=today(here) - timedelta(days=40))
        assert concerns_of(noor) == [], "there was none before it"
        asked(here, noor, "bam", {**bam, "B6": 2})
        assert concerns_of(noor) == [("bam_use_rise", "S2")]


@pytest.mark.parametrize(("code", "level"), [(1, "negative"), (2, "positive"), (-9, "positive")])
def test_the_cut_for_drinking_follows_the_sex_that_was_recorded(world: World, code: int, level: str) -> None:
    here = world.here
    with here.scope():
        admission = at.admitted(here, answers={**at.ANSWERS, "sex": code})
        client = admission.client
        client.clinic = here.clinic
        response = asked(here, client, "audit_c", {"A1": 1, "A2": 1, "A3": 1})
        assert scores_of(response)["total"] == (Decimal(3), level, "")


@pytest.mark.parametrize(
    ("answers", "error", "field"),
    [
        ({}, measures.NothingAnswered, ""),
        ({"P1": 4}, measures.Wrong, "P1"),
        ({"P1": -1}, measures.Wrong, "P1"),
        ({"Q": 1}, measures.Wrong, "Q"),
    ],
)
def test_what_cannot_be_an_answer_is_refused_with_its_question(
    world: World, noor: Client, answers: dict[str, int], error: type[measures.Wrong], field: str
) -> None:
    here = world.here
    with here.scope(here.therapist):
        with pytest.raises(error) as found:
            asked(here, noor, "phq9", answers)
        assert found.value.field == field
        with pytest.raises(measures.NotYet):
            asked(here, noor, "phq9", T17, taken_on=today(here) + timedelta(days=1))
        assert not MeasureResponse.objects.filter(client=noor).exists()


def test_a_measure_that_belongs_to_somebody_is_used_only_with_leave_and_in_the_clinics_words(world: World) -> None:
    here, there = world.here, world.neighbour
    with here.scope():
        InstrumentAttestation.objects.filter(key="audit").update(wording={"A1": "Licensed words"})
        offered = selectors.find_offered("audit")
        assert offered is not None
        assert offered.question(offered.definition.items["A1"]) == "Licensed words"
        assert offered.question(offered.definition.items["A2"]) == "Question 2"
        assert selectors.find_offered("dast10") is None, "nobody attested it"
        assert "dast10" not in [one.instrument.key for one in selectors.offered()]
        InstrumentAttestation.objects.update(withdrawn_at=NOW)
        assert selectors.find_offered("audit") is None
        assert selectors.find_offered("miti") is None, "coders code with it"
    with there.scope():
        assert selectors.find_offered("audit") is not None, "each clinic says it for itself"


def test_a_retired_measure_is_not_asked_any_more(world: World) -> None:
    here = world.here
    with here.scope():
        InstrumentVersion.objects.filter(key="gad7").update(status="retired", retired_at=NOW)
        assert selectors.find_offered("gad7") is None


# --- taken back -----------------------------------------------------------------------------------------------------


def test_answers_taken_back_stay_and_count_nowhere(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        first = asked(here, noor, "phq9", phq9(*[2] * 8, 0), taken_on=today(here) - timedelta(days=20))
        second = asked(here, noor, "phq9", phq9(*[1] * 8, 0))
        assert selectors.history(noor, "phq9")["total"] == [16, 8]
        assert selectors.result(second, noor).scores[0].change_last == "Reliable recovery"
        with pytest.raises(measures.NoReason):
            measures.take_back(response=first, reason=" \x00", by=here.therapist, now=NOW)
        measures.take_back(response=first, reason="Another person's", by=here.therapist, now=NOW)
        assert selectors.history(noor, "phq9")["total"] == [8]
        assert selectors.result(second, noor).scores[0].change_last == ""
        with pytest.raises(measures.TakenBack):
            measures.take_back(response=first, reason="Again", by=here.therapist, now=NOW)
        assert MeasureResponse.objects.filter(client=noor).count() == 2


@pytest.mark.parametrize(
    "statement",
    [
        "update clients_measureresponse set answers = '{}'", "delete from clients_measureresponse",
        "update clients_measurescore set value = 0", "delete from clients_measurescore",
    ],
)  # fmt: skip
def test_what_was_answered_and_scored_is_final_in_the_database(world: World, statement: str) -> None:
    here = world.here
    with (
        here.scope(here.therapist),
        connection.cursor() as cursor,
        pytest.raises(Exception, match=r"final|change|permission|append"),
        transaction.atomic(),
    ):
        cursor.execute(statement)


def test_answers_follow_a_joined_record(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        asked(here, noor, "gad7", {f"G{n}": 2 for n in range(1, 8)})
        noor.episodes.update(status="closed", closed_on=NOW.date())
        merging.merge(kept=here.client, absorbed=noor, reason="The same", by=here.coordinator, now=NOW)
        kept = Client.objects.get(pk=here.client.pk)
        kept.clinic = here.clinic
        assert selectors.history(kept, "gad7")["total"] == [14]
        assert {one.client_id for one in selectors.of_person(kept)} == {kept.pk, noor.pk}


# --- asked again in time --------------------------------------------------------------------------------------------


def planned(side: Side, client: Client, **other: Any) -> MeasureSchedule:
    how: dict[str, Any] = {"key": "phq9", "every_days": 14, "next_due_on": today(side), "by": side.therapist}
    return measures.plan(client=client, **{**how, **other})


def tasks_of(client: Client) -> list[tuple[str, bool]]:
    rows = Task.objects.filter(client=client, kind="measure").order_by("pk")
    return [(one.owner.name if one.owner else "", one.done_at is not None) for one in rows]


def test_a_due_measure_is_one_task_of_the_therapist_until_it_is_answered(world: World, noor: Client) -> None:
    here = world.here
    now = timezone.now()
    with here.scope(here.therapist):
        planned(here, noor)
        assert measures.owe_due(clinic=here.clinic, now=now) >= 1
        assert measures.owe_due(clinic=here.clinic, now=now) == 0, "it is one task"
        assert tasks_of(noor) == [(here.therapist.name, False)]
        asked(here, noor, "phq9", T18)
        assert tasks_of(noor) == [(here.therapist.name, True)]
        assert MeasureSchedule.objects.get(client=noor).next_due_on == today(here) + timedelta(days=14)
        assert measures.owe_due(clinic=here.clinic, now=now) == 0
        assert measures.owe_due(clinic=here.clinic, now=now + timedelta(days=14)) >= 1


def test_one_marked_as_done_is_not_owed_again_before_its_next_time(world: World, noor: Client) -> None:
    here = world.here
    now = timezone.now()
    with here.scope(here.therapist):
        planned(here, noor)
        measures.owe_due(clinic=here.clinic, now=now)
        Task.objects.filter(client=noor, kind="measure").update(done_at=now, done_by=here.therapist)
        assert measures.owe_due(clinic=here.clinic, now=now) == 0


def test_who_is_not_in_care_is_not_asked(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        planned(here, noor)
        noor.episodes.update(status="closed", closed_on=NOW.date())
        measures.owe_due(clinic=here.clinic, now=timezone.now())
        assert tasks_of(noor) == []


def test_a_plan_is_changed_by_its_version_and_ended_once(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        schedule = planned(here, noor)
        measures.owe_due(clinic=here.clinic, now=timezone.now())
        changed = planned(here, noor, version=schedule.version, every_days=30)
        assert (changed.pk, changed.every_days, changed.version) == (schedule.pk, 30, 2)
        assert tasks_of(noor)[0][1], "what was owed by the old plan is settled"
        with pytest.raises(Stale):
            planned(here, noor, version=1)
        with pytest.raises(measures.NotInUse):
            planned(here, noor, key="dast10")
        measures.end_plan(schedule=changed, version=2, by=here.therapist, now=NOW)
        with pytest.raises(measures.EndedAlready):
            measures.end_plan(schedule=changed, version=3, by=here.therapist, now=NOW)
        assert selectors.planned(noor, today(here)) == []
        again = planned(here, noor)
        assert again.pk != schedule.pk
        assert [one.state for one in selectors.planned(noor, today(here) + timedelta(days=7))] == [Due.LATE]


def test_an_answer_of_an_earlier_day_never_moves_the_next_time_back(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        planned(here, noor, next_due_on=today(here) + timedelta(days=10))
        asked(here, noor, "phq9", T18, taken_on=today(here) - timedelta(days=10))
        assert MeasureSchedule.objects.get(client=noor).next_due_on == today(here) + timedelta(days=10)


def test_an_alliance_that_goes_down_over_sessions_asks_to_be_talked_about(world: World, noor: Client) -> None:
    here = world.here
    now = timezone.now()
    with here.scope(here.therapist):
        for week in range(8):
            Appointment.objects.create(
                clinic=here.clinic, client=noor, episode=noor.episodes.get(), therapist=here.therapist,
                kind="treatment", attendance="attended",
                starts_at=now - timedelta(days=60 - 7 * week), duration_min=50,
                service_on=today(here) - timedelta(days=60 - 7 * week),
            )  # fmt: skip
        found = []
        for week, total in enumerate((48, 50, 45, 41)):
            day = today(here) - timedelta(days=45 - 14 * week)
            response = asked(here, noor, "wai_sr", {"TOTAL": total}, taken_on=day)
            found.append(selectors.result(response, noor).scores[0].fell)
        assert found == [False, False, False, True]

"""Taking an inquiry and moving it along, through services and against the database itself."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from clients.models import Client, ContactAttempt, Inquiry, InquiryMove, SafetyConcern, Task
from clients.rules.contact import NotAllowed
from clients.rules.dates import ImpossibleDate
from clients.rules.transitions import EDGES, EMERGENCY_ONLY, IllegalMove, Status
from clients.selectors import guards
from clients.selectors.owed import owed_by
from clients.services import inquiries, safety, tasks
from clients.services.said import Caller, Need, NoWayBack, Person
from clinics.versions import Stale
from tests.world import NOW, World

CALLER = Caller(relation="self", name="Jordan Marsh", phone="312 555 0142")
PERSON = Person(legal_name="Jordan Marsh", goes_by="Jo", born_on=date(1988, 3, 14), postal_code="60612")
NEED = Need(words="I want to stop drinking before work.", safety_answer="no")


def opened(world: World, **changes: Any) -> Inquiry:
    """Return an inquiry taken by the coordinator."""
    given = {"channel": "phone_inbound", "caller": CALLER, "person": PERSON, "need": NEED, **changes}
    return inquiries.open_inquiry(clinic=world.here.clinic, by=world.here.coordinator, now=NOW, **given)


def refused_by_database(statement: str, *values: Any) -> bool:
    """Tell whether the database refuses a statement of the app role with the code of these guards."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
    except DatabaseError as error:
        return getattr(error.__cause__, "sqlstate", "") == "EV003"
    return False


# --- taking a call ---------------------------------------------------------------------------------------------


def test_a_call_is_a_live_contact_and_begins_screening(world: World) -> None:
    with world.here.scope():
        inquiry = opened(world)
        assert (inquiry.status, inquiry.phone) == ("screening", "+13125550142")
        assert inquiry.words == NEED.words
        assert [(a.live, a.direction, a.at) for a in inquiry.attempts.all()] == [(True, "inbound", NOW)]
        assert [(m.origin, m.to) for m in inquiry.moves.all()] == [("new", "screening")]
        assert inquiry.first_contact_at == NOW
        client = inquiry.client
        assert client is not None
        assert (client.phone, client.postal_code, client.episodes.count()) == ("+13125550142", "60612", 0)


def test_a_callers_number_is_not_the_persons(world: World) -> None:
    with world.here.scope():
        inquiry = opened(world, caller=replace(CALLER, relation="parent", name="Ana Marsh"))
        assert inquiry.client is not None
        assert (inquiry.client.phone, inquiry.phone) == ("", "+13125550142")


def test_an_unnamed_person_gets_no_record(world: World) -> None:
    with world.here.scope():
        before = Client.objects.count()
        assert opened(world, person=Person()).client is None
        assert Client.objects.count() == before


def test_a_form_waits_for_its_first_attempt(world: World) -> None:
    with world.here.scope():
        inquiry = opened(world, channel="web_form")
        assert (inquiry.status, inquiry.first_attempt_at) == ("new", None)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"caller": Caller(relation="self")}, NoWayBack),
        ({"received_at": NOW + timedelta(minutes=1)}, inquiries.ImpossibleTime),
        ({"caller": replace(CALLER, phone="12")}, ValueError),
        ({"person": replace(PERSON, born_on=NOW.date() + timedelta(days=1))}, ValueError),
    ],
)
def test_what_cannot_be_is_refused_whole(world: World, changes: Any, error: type[Exception]) -> None:
    with world.here.scope():
        before = Inquiry.objects.count(), Client.objects.count(), ContactAttempt.objects.count()
        with pytest.raises(error):
            opened(world, **changes)
        assert (Inquiry.objects.count(), Client.objects.count(), ContactAttempt.objects.count()) == before


def test_two_people_at_one_inquiry_are_told(world: World) -> None:
    with world.here.scope():
        inquiry = opened(world)
        parts = {"caller": CALLER, "person": PERSON, "need": NEED, "by": world.here.coordinator, "now": NOW}
        inquiries.change_inquiry(inquiry=inquiry, version=1, **parts)
        with pytest.raises(Stale):
            inquiries.change_inquiry(inquiry=inquiry, version=1, **parts)


# --- attempts --------------------------------------------------------------------------------------------------


def test_a_voicemail_needs_a_yes(world: World) -> None:
    with world.here.scope():
        inquiry = opened(world, channel="phone_missed")
        attempt = {"method": "phone", "by": world.here.coordinator, "now": NOW}
        with pytest.raises(NotAllowed):
            inquiries.log_attempt(inquiry=inquiry, outcome="voicemail_left", **attempt)
        assert inquiry.attempts.count() == 0
        inquiries.log_attempt(inquiry=inquiry, outcome="no_answer", **attempt)
        inquiry.refresh_from_db()
        assert inquiry.status == "contacting"
        inquiries.log_attempt(inquiry=inquiry, outcome="connected", **attempt)
        inquiry.refresh_from_db()
        assert (inquiry.status, inquiry.first_attempt_at, inquiry.first_contact_at) == ("contacted", NOW, NOW)


def test_somebody_else_who_answers_is_no_contact(world: World) -> None:
    with world.here.scope():
        inquiry = opened(world, channel="phone_missed")
        attempt = inquiries.log_attempt(
            inquiry=inquiry, method="phone", outcome="connected", spoke_with="other", by=world.here.coordinator, now=NOW
        )
        inquiry.refresh_from_db()
        assert (attempt.live, inquiry.status) == (False, "contacting")


def test_a_call_back_is_a_task_until_somebody_is_reached(world: World) -> None:
    with world.here.scope():
        inquiry = opened(world, channel="phone_missed")
        later = NOW + timedelta(hours=2)
        attempt = {"method": "phone", "by": world.here.coordinator, "now": NOW}
        inquiries.log_attempt(inquiry=inquiry, outcome="no_answer", call_again_at=later, **attempt)
        inquiries.log_attempt(inquiry=inquiry, outcome="busy", call_again_at=later, **attempt)
        task = Task.objects.get(inquiry=inquiry)
        assert (task.kind, task.due_at, task.owner) == ("call_back", later, world.here.coordinator)
        inquiries.log_attempt(inquiry=inquiry, outcome="connected", **attempt)
        task.refresh_from_db()
        assert task.done_by == world.here.coordinator


# --- moves -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("origin", "to"), [("screening", "admitted"), ("screening", "new"), ("screening", "spam")])
def test_an_illegal_move_names_the_legal_ones(world: World, origin: str, to: str) -> None:
    with world.here.scope():
        inquiry = opened(world)
        assert inquiry.status == origin
        with pytest.raises(IllegalMove) as refused:
            inquiries.move_inquiry(inquiry=inquiry, to=to, by=world.here.coordinator, now=NOW)
        assert Status.CLOSED_DECLINED in refused.value.legal
        assert inquiry.moves.count() == 1


def test_screening_is_done_when_each_answer_is_there_or_has_a_reason(world: World) -> None:
    with world.here.scope():
        inquiry = opened(world)
        with pytest.raises(IllegalMove, match="Answer each"):
            inquiries.move_inquiry(inquiry=inquiry, to="screened", by=world.here.coordinator, now=NOW)
        need = replace(
            NEED, substances=("alcohol",), last_use="today", gaps={"readiness": "declined", "source": "unknown"}
        )
        safe = replace(CALLER, unsafe_at_home="no")
        inquiry = inquiries.change_inquiry(
            inquiry=inquiry, version=1, caller=CALLER, person=PERSON, need=need, by=world.here.coordinator, now=NOW
        )
        assert guards.screening_gaps(inquiry) == ["whether it is safe to contact them at home"]
        inquiry = inquiries.change_inquiry(
            inquiry=inquiry, version=2, caller=safe, person=PERSON, need=need, by=world.here.coordinator, now=NOW
        )
        inquiries.move_inquiry(inquiry=inquiry, to="screened", by=world.here.coordinator, now=NOW)
        inquiry.refresh_from_db()
        assert inquiry.status == "screened"


def test_an_agreed_day_becomes_a_task_for_nine_in_the_morning(world: World) -> None:
    with world.here.scope():
        inquiry = opened(world, channel="phone_missed")
        move = {"inquiry": inquiry, "by": world.here.coordinator, "now": NOW}
        inquiries.log_attempt(inquiry=inquiry, method="phone", outcome="connected", by=world.here.coordinator, now=NOW)
        with pytest.raises(ImpossibleDate):
            inquiries.move_inquiry(to="nurture", follow_up_on=date(2026, 11, 18), **move)
        inquiries.move_inquiry(to="nurture", follow_up_on=date(2026, 12, 1), **move)
        inquiry.refresh_from_db()
        task = Task.objects.get(inquiry=inquiry, kind="follow_up")
        assert inquiry.next_action_at == task.due_at == datetime(2026, 12, 1, 15, tzinfo=UTC)
        inquiries.move_inquiry(to="contacting", reason="follow_up_due", **move)
        task.refresh_from_db()
        assert task.done_by == world.here.coordinator


def test_an_inquiry_is_joined_to_another_of_the_same_caller_only(world: World) -> None:
    with world.here.scope():
        first, second = (opened(world, channel="web_form", person=Person()) for _ in range(2))
        stranger = opened(world, channel="web_form", person=Person(), caller=replace(CALLER, phone="312 555 0199"))
        assert list(guards.alike(second)) == [first]
        for master in (None, stranger, second, world.neighbour.inquiry):
            with pytest.raises(IllegalMove, match="repeats"):
                inquiries.move_inquiry(
                    inquiry=second, to="duplicate", master=master, by=world.here.coordinator, now=NOW
                )
        inquiries.move_inquiry(inquiry=second, to="duplicate", master=first, by=world.here.coordinator, now=NOW)
        second.refresh_from_db()
        assert (second.status, second.master) == ("duplicate", first)
        assert list(guards.alike(first)) == []


def test_the_database_knows_the_same_table() -> None:
    with connection.cursor() as cursor:
        for origin in Status:
            for to in Status:
                cursor.execute("select evoke_inquiry_edge(%s, %s)", [origin, to])
                ordinary = to in EDGES[origin] and (origin, to) not in EMERGENCY_ONLY
                assert cursor.fetchone()[0] == ordinary, (origin, to)


test_the_database_knows_the_same_table = pytest.mark.django_db(test_the_database_knows_the_same_table)


def test_no_statement_goes_round_the_moves(world: World) -> None:
    with world.here.scope():
        inquiry = opened(world, channel="web_form")
        clinic = world.here.clinic.pk
        move = (
            'insert into clients_inquirymove (public_id, clinic_id, inquiry_id, origin, "to", reason, by_id) '
            "values (gen_random_uuid(), %s, %s, %s, %s, %s, null)"
        )
        refused = [
            refused_by_database("update clients_inquiry set status = 'admitted' where id = %s", inquiry.pk),
            refused_by_database("update clients_inquiry set crisis_hold = true where id = %s", inquiry.pk),
            refused_by_database(move, clinic, inquiry.pk, "new", "admitted", ""),
            refused_by_database(move, clinic, inquiry.pk, "accepted", "admitted", ""),
            refused_by_database(move, clinic, inquiry.pk, "new", "contacting", ""),
            refused_by_database(move, clinic, inquiry.pk, "new", "referred_out", "emergency"),
            refused_by_database(move, clinic, world.neighbour.inquiry.pk, "contacting", "contacted", ""),
        ]
        assert refused == [True] * len(refused)
        own = world.here.move
        assert refused_by_database("update clients_inquirymove set reason = 'x' where id = %s", own.pk)
        assert refused_by_database("delete from clients_inquirymove where id = %s", own.pk)
        attempt = world.here.attempt
        assert refused_by_database("update clients_contactattempt set outcome = 'busy' where id = %s", attempt.pk)
        assert refused_by_database("delete from clients_contactattempt where id = %s", attempt.pk)
        inquiry.refresh_from_db()
        assert (inquiry.status, inquiry.crisis_hold, InquiryMove.objects.filter(inquiry=inquiry).count()) == (
            "new", False, 0,
        )  # fmt: skip


# --- safety ----------------------------------------------------------------------------------------------------


def test_a_yes_holds_the_inquiry_until_a_clinician_has_reviewed_it(world: World) -> None:
    here = world.here
    with here.scope():
        inquiry = opened(world, need=replace(NEED, safety_answer="yes"))
        assert (inquiry.crisis_hold, inquiry.status) == (True, "screening")
        concern = SafetyConcern.objects.get(inquiry=inquiry)
        task = Task.objects.get(concern=concern)
        assert (concern.level, task.kind, task.due_at, task.role) == ("S3", "safety", NOW, "supervisor")
        with pytest.raises(IllegalMove, match="clinician"):
            inquiries.move_inquiry(
                inquiry=inquiry, to="contacting", by=here.coordinator, now=NOW, reason="call_dropped"
            )
        with pytest.raises(safety.NotAClinician):
            safety.review(concern=concern, rationale="Fine.", next_check_on=NOW.date(), by=here.coordinator, now=NOW)
        with pytest.raises(safety.NotAClinician):
            safety.hand_over(concern=concern, to=here.coder, by=here.coordinator)
        assert not Inquiry.objects.permitted(here.other_therapist, "clinics.view_inquiry").filter(pk=inquiry.pk)
        safety.hand_over(concern=concern, to=here.other_therapist, by=here.coordinator)
        assert Inquiry.objects.permitted(here.other_therapist, "clinics.view_inquiry").filter(pk=inquiry.pk)
        for missing in (
            {"rationale": " ", "next_check_on": NOW.date()},
            {"rationale": "Spoke.", "next_check_on": None},
        ):
            with pytest.raises((safety.NoRationale, safety.NoNextCheck)):
                safety.review(concern=concern, by=here.other_therapist, now=NOW, **missing)
        safety.review(
            concern=concern, rationale="Spoke with them; sister is there.", next_check_on=NOW.date(),
            by=here.other_therapist, now=NOW,
        )  # fmt: skip
        inquiry.refresh_from_db()
        task.refresh_from_db()
        assert (inquiry.crisis_hold, task.done_by) == (False, here.other_therapist)
        with pytest.raises(safety.AlreadyReviewed):
            safety.review(concern=concern, rationale="Again.", next_check_on=NOW.date(), by=here.therapist, now=NOW)


def test_saving_never_waits_for_safety_and_raises_each_concern_once(world: World) -> None:
    with world.here.scope():
        need = replace(NEED, safety_answer="yes", withdrawal_risk=True, overdose_30_days=True)
        inquiry = opened(world, need=need)
        for version in (1, 2):
            inquiries.change_inquiry(
                inquiry=inquiry, version=version, caller=CALLER, person=PERSON, need=need, by=world.here.coordinator,
                now=NOW,
            )  # fmt: skip
        codes = sorted(SafetyConcern.objects.filter(inquiry=inquiry).values_list("code", flat=True))
        assert codes == ["overdose_recent", "safety_yes", "withdrawal_risk"]
        assert Task.objects.filter(inquiry=inquiry, kind="safety").count() == 3


def test_an_emergency_is_the_one_way_out_of_a_hold(world: World) -> None:
    with world.here.scope():
        inquiry = opened(world, need=replace(NEED, safety_answer="yes"))
        inquiries.move_inquiry(
            inquiry=inquiry, to="referred_out", reason="emergency", by=world.here.coordinator, now=NOW
        )
        inquiry.refresh_from_db()
        assert inquiry.status == "referred_out"


def test_a_concern_stays_as_it_was_raised(world: World) -> None:
    with world.here.scope():
        inquiry = opened(world, need=replace(NEED, safety_answer="yes"))
        concern = SafetyConcern.objects.get(inquiry=inquiry)
        assert refused_by_database("update clients_safetyconcern set level = 'S1' where id = %s", concern.pk)
        inquiry.refresh_from_db()
        assert inquiry.crisis_hold


# --- tasks -----------------------------------------------------------------------------------------------------


def test_a_late_call_is_told_to_the_supervisors_then_the_administrators(world: World) -> None:
    here = world.here
    with here.scope():
        Task.objects.all().delete()
        inquiry = opened(world, channel="phone_missed")
        task = tasks.owe(kind="call_back", inquiry=inquiry, owner=here.coordinator, due_at=NOW, by=None)

        def told(now: datetime) -> list[str]:
            tasks.escalate(now=now)
            people = {"coordinator": here.coordinator, "supervisor": here.supervisor, "admin": here.administrator}
            return [name for name, user in people.items() if owed_by(user, now).filter(pk=task.pk).exists()]

        assert told(NOW - timedelta(seconds=1)) == ["coordinator"]
        assert told(NOW) == ["coordinator", "supervisor"]
        assert told(NOW + timedelta(minutes=14)) == ["coordinator", "supervisor"]
        assert told(NOW + timedelta(minutes=15)) == ["coordinator", "supervisor", "admin"]
        tasks.owe(kind="call_back", inquiry=inquiry, owner=here.coordinator, due_at=NOW + timedelta(hours=1), by=None)
        assert told(NOW + timedelta(minutes=20)) == ["coordinator"], "a new time begins it anew"


def test_a_late_review_is_told_to_the_administrators_and_stays_with_the_supervisors(world: World) -> None:
    here = world.here
    with here.scope():
        Task.objects.all().delete()
        inquiry = opened(world, need=replace(NEED, safety_answer="yes"))
        task = Task.objects.get(inquiry=inquiry)
        assert tasks.escalate(now=NOW + timedelta(minutes=4)) == 0
        safety.hand_over(
            concern=SafetyConcern.objects.get(inquiry=inquiry), to=here.other_therapist, by=here.coordinator
        )
        assert tasks.escalate(now=NOW + timedelta(minutes=5)) == 1, "where a life may be in danger nobody waits longer"
        assert tasks.escalate(now=NOW + timedelta(minutes=15)) == 0
        for user in (here.other_therapist, here.supervisor, here.administrator):
            assert owed_by(user, NOW + timedelta(minutes=15)).filter(pk=task.pk).exists(), user
        assert not owed_by(here.coordinator, NOW + timedelta(minutes=15)).filter(pk=task.pk).exists()


def test_a_review_of_level_2_is_told_a_quarter_of_an_hour_after_its_time(world: World) -> None:
    with world.here.scope():
        Task.objects.all().delete()
        inquiry = opened(world, need=replace(NEED, overdose_30_days=True))
        due_at = Task.objects.get(inquiry=inquiry).due_at
        assert due_at == NOW + timedelta(hours=1)
        assert tasks.escalate(now=due_at + timedelta(minutes=14)) == 0
        assert tasks.escalate(now=due_at + timedelta(minutes=15)) == 1


def test_a_closed_inquiry_leaves_no_call_owed(world: World) -> None:
    with world.here.scope():
        inquiry = opened(world, need=replace(NEED, withdrawal_risk=True))
        tasks.owe(kind="call_back", inquiry=inquiry, due_at=NOW, by=None)
        inquiries.move_inquiry(
            inquiry=inquiry, to="referred_out", reason="emergency", by=world.here.coordinator, now=NOW
        )
        assert [task.kind for task in Task.objects.filter(inquiry=inquiry, done_at=None)] == ["safety"]


def test_a_task_is_put_off_with_a_reason_but_not_for_safety(world: World) -> None:
    here, later = world.here, NOW + timedelta(hours=3)
    with here.scope():
        with pytest.raises(tasks.NoReason):
            tasks.snooze(task=here.task, until=later, reason=" ", by=here.coordinator, now=NOW)
        with pytest.raises(tasks.NotPutOff):
            tasks.snooze(task=here.task, until=NOW, reason="At work.", by=here.coordinator, now=NOW)
        tasks.snooze(task=here.task, until=later, reason="At work until six.", by=here.coordinator, now=NOW)
        inquiry = opened(world, need=replace(NEED, safety_answer="yes"))
        urgent = Task.objects.get(inquiry=inquiry)
        with pytest.raises(tasks.NotPutOff):
            tasks.snooze(task=urgent, until=later, reason="Busy.", by=here.coordinator, now=NOW)
        with pytest.raises(tasks.NotPutOff):
            tasks.finish(task=urgent, by=here.coordinator)
        assert tasks.finish(task=here.task, by=here.coordinator).done_at is not None

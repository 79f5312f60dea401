"""From the booked assessment to the open episode and back, through services and against the database itself."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from clients.models import (
    Admission,
    Appointment,
    Assessment,
    CaseloadAssignment,
    Client,
    Consent,
    Episode,
    InquiryMove,
    InterimOffer,
    NotTheSame,
    Task,
    WaitlistEntry,
)
from clients.rules.transitions import IllegalMove, Status, UndoRefused
from clients.selectors import admission as selectors
from clients.selectors.assessments import content_of
from clients.services import admission, appointments, assessments, caseload, inquiries, safety, waitlist
from clients.services.caseload import NotATherapist
from clinics.versions import Stale
from tests.clients import admission as at
from tests.world import NOW, World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def refused(statement: str, *values: Any) -> str:
    """Return the code with which the database refuses a statement of the app role; empty when it does not."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
    except DatabaseError as error:
        return str(getattr(error.__cause__, "sqlstate", ""))
    return ""


# --- assessment ------------------------------------------------------------------------------------------------


def test_a_booked_assessment_moves_the_inquiry_and_lets_the_assessor_see_the_person(world: World) -> None:
    with world.here.scope():
        inquiry = at.screened(world.here)
        assert not Client.objects.permitted(world.here.therapist, "clinics.view_client").filter(pk=inquiry.client_id)
        inquiry = at.booked(world.here, inquiry)
        assert inquiry.status == "assessment_scheduled"
        visit = at.visit(inquiry)
        assert (visit.kind, visit.episode, visit.inquiry, visit.therapist) == (
            "assessment", None, inquiry, world.here.therapist,
        )  # fmt: skip
        assert CaseloadAssignment.objects.get(client=inquiry.client).reason == "Assessment"
        assert Client.objects.permitted(world.here.therapist, "clinics.view_client").filter(pk=inquiry.client_id)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"start_on": NOW.date() - DAY}, ValueError),
        ({"start_on": NOW.date() + 800 * DAY}, ValueError),
        ({"therapist": "coordinator"}, NotATherapist),
    ],
)
def test_what_cannot_be_booked_leaves_nothing(world: World, changes: dict[str, Any], error: type[Exception]) -> None:
    here = world.here
    with here.scope():
        inquiry = at.screened(here)
        given = {name: here.coordinator if value == "coordinator" else value for name, value in changes.items()}
        with pytest.raises(error):
            at.booked(here, inquiry, **given)
        assert not Appointment.objects.filter(inquiry=inquiry).exists()
        assert at.fresh(inquiry).status == "screened"


def test_one_assessment_is_booked_at_a_time_and_only_after_screening(world: World) -> None:
    here = world.here
    with here.scope():
        with pytest.raises(assessments.AlreadyBooked):
            at.booked(here, at.booked(here))
        waits = inquiries.open_inquiry(
            clinic=here.clinic, channel="walk_in", caller=inquiries.Caller(relation="self", phone="312 555 0101"),
            person=inquiries.Person(legal_name="Early Bird"), need=inquiries.Need(), by=here.coordinator, now=NOW,
        )  # fmt: skip
        with pytest.raises(IllegalMove):
            at.booked(here, waits)
        nobody = inquiries.open_inquiry(
            clinic=here.clinic, channel="walk_in", caller=inquiries.Caller(relation="self", phone="312 555 0102"),
            person=inquiries.Person(), need=inquiries.Need(), by=here.coordinator, now=NOW,
        )  # fmt: skip
        with pytest.raises(assessments.NoPerson):
            at.booked(here, nobody)


def test_who_does_not_come_is_asked_again_and_a_correction_takes_the_step_back(world: World) -> None:
    here = world.here
    with here.scope():
        inquiry = at.booked(here)
        visit = at.visit(inquiry)
        later = visit.starts_at + HOUR

        def say(attendance: str) -> str:
            row = Appointment.objects.get(pk=visit.pk)
            appointments.record_attendance(
                appointment=row, version=row.version, attendance=attendance, by=here.coordinator, now=later
            )
            return str(at.fresh(inquiry).status)

        assert say("no_show") == "assessment_no_show"
        assert say("attended_late") == "assessment_scheduled"
        assert Appointment.objects.get(pk=visit.pk).attendance == "attended_late"
        assert say("no_show") == "assessment_no_show"
        at.booked(here, at.fresh(inquiry), start_on=NOW.date() + 3 * DAY)
        assert at.fresh(inquiry).status == "assessment_scheduled"
        # The other one is still booked: nothing moves when the first is told once more.
        assert say("no_show") == "assessment_scheduled"


def test_a_canceled_assessment_is_booked_again_without_a_step(world: World) -> None:
    here = world.here
    with here.scope():
        inquiry = at.booked(here)
        visit = at.visit(inquiry)
        appointments.record_attendance(
            appointment=visit, version=visit.version, attendance="client_cancel", by=here.coordinator, now=NOW
        )
        assert at.fresh(inquiry).status == "assessment_scheduled"
        steps = InquiryMove.objects.filter(inquiry=inquiry).count()
        at.booked(here, at.fresh(inquiry))
        assert InquiryMove.objects.filter(inquiry=inquiry).count() == steps


def test_an_assessment_goes_to_another_therapist_with_the_right_to_see_the_person(world: World) -> None:
    here = world.here
    with here.scope():
        inquiry = at.booked(here)
        visit = at.visit(inquiry)
        choice = {"start_on": NOW.date() + 2 * DAY, "start_time": visit.starts_at.time(), "duration_min": 60}
        with pytest.raises(appointments.OnlyAssessed):
            appointments.move(
                appointment=visit, version=visit.version, kind="treatment", therapist=here.therapist,
                by=here.coordinator, now=NOW, **choice,
            )  # fmt: skip
        appointments.move(
            appointment=visit, version=visit.version, kind="assessment", therapist=here.other_therapist,
            by=here.coordinator, now=NOW, **choice,
        )  # fmt: skip
        on = CaseloadAssignment.objects.filter(client=inquiry.client, ends_at=None)
        assert [one.user for one in on] == [here.other_therapist]


def test_a_draft_is_one_and_who_wrote_last_signs(world: World) -> None:
    here = world.here
    with here.scope():
        inquiry = at.booked(here)
        first = assessments.open_assessment(inquiry=inquiry, by=here.therapist)
        assert assessments.open_assessment(inquiry=inquiry, by=here.supervisor) == first
        saved = assessments.save_assessment(assessment=first, version=1, content=at.WHOLE, by=here.therapist)
        assert content_of(Assessment.objects.get(pk=saved.pk)) == at.WHOLE
        with pytest.raises(Stale):
            assessments.save_assessment(assessment=first, version=1, content=at.WHOLE, by=here.therapist)
        with pytest.raises(assessments.NotTheAuthor):
            assessments.sign_assessment(assessment=saved, version=saved.version, by=here.supervisor, now=NOW)


def test_half_an_assessment_is_kept_but_not_signed(world: World) -> None:
    here = world.here
    with here.scope():
        draft = at.drafted(here, content=replace(at.WHOLE, sections={"need": "Only this."}, level=""))
        with pytest.raises(assessments.NotWhole) as refusal:
            assessments.sign_assessment(assessment=draft, version=draft.version, by=here.therapist, now=NOW)
        assert "level" in {gap.field for gap in refusal.value.gaps}
        assert at.fresh(draft.inquiry).status == "assessment_scheduled"


def test_a_signed_assessment_is_final_and_moves_the_inquiry(world: World) -> None:
    here = world.here
    with here.scope():
        inquiry = at.assessed(here)
        signed = Assessment.objects.get(inquiry=inquiry)
        assert (inquiry.status, signed.state, assessments.stands(signed)) == ("assessed", "signed", True)
        with pytest.raises(assessments.AlreadySigned):
            assessments.save_assessment(assessment=signed, version=signed.version, content=at.WHOLE, by=here.therapist)
        assert (
            refused("update clients_assessment set level_of_care = 'residential' where id = %s", signed.pk) == "EV004"
        )
        signed.dimensions = {**signed.dimensions, "1": 4}
        assert not assessments.stands(signed)


def test_a_hold_for_safety_keeps_a_signed_assessment_where_it_is(world: World) -> None:
    here = world.here
    with here.scope():
        draft = at.drafted(here)
        inquiry = at.fresh(draft.inquiry)
        inquiry.in_danger_now = True
        inquiry.save(update_fields=["in_danger_now"])
        safety.raise_concerns(inquiry=inquiry, by=here.coordinator, now=NOW)
        assessments.sign_assessment(assessment=draft, version=draft.version, by=here.therapist, now=NOW)
        assert at.fresh(inquiry).status == "assessment_scheduled"
        with pytest.raises(IllegalMove):
            at.booked(here, at.fresh(inquiry))


# --- decision --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "code", "level"),
    [("accepted", "", "outpatient"), ("referred_out", "distance", ""), ("not_eligible", "age", "")],
)
def test_a_decision_says_who_what_and_why_and_moves_the_inquiry(
    world: World, outcome: str, code: str, level: str
) -> None:
    with world.here.scope():
        made = at.decided(world.here, None, outcome, reason_code=code)
        assert (made.outcome, made.decided_by, made.reason) == (outcome, world.here.therapist, "Fits what they want.")
        assert (made.level_of_care, at.fresh(made.inquiry).status) == (level, outcome)
        assert refused("update clients_admissiondecision set outcome = 'accepted' where id = %s", made.pk) == "EV004"


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"reason": " "}, admission.NoReason),
        ({"level_of_care": ""}, admission.NoLevel),
        ({"outcome": "not_eligible", "reason_code": "died"}, IllegalMove),
        ({"outcome": "referred_out"}, IllegalMove),
    ],
)
def test_a_decision_that_lacks_something_is_none(world: World, given: dict[str, Any], error: type[Exception]) -> None:
    here = world.here
    with here.scope():
        inquiry = at.assessed(here)
        asked = {"outcome": "accepted", "reason": "Yes.", "level_of_care": "outpatient", **given}
        with pytest.raises(error):
            admission.decide(inquiry=inquiry, by=here.therapist, now=NOW, **asked)
        assert at.fresh(inquiry).status == "assessed"
        assert not inquiry.decisions.exists()


def test_nobody_is_accepted_without_a_decision_on_the_last_assessment(world: World) -> None:
    here = world.here
    with here.scope():
        with pytest.raises(IllegalMove):
            at.decided(here, at.booked(here))
        inquiry = at.assessed(here)
        with pytest.raises(IllegalMove, match="Record the clinical decision first"):
            inquiries.move_inquiry(inquiry=inquiry, to="accepted", by=here.coordinator, now=NOW)
        # Accepted once, gone away, assessed anew: the old decision is not about the new assessment.
        at.accepted(here, inquiry)
        Appointment.objects.filter(inquiry=inquiry).update(attendance="attended")
        steps = [("closed_declined", "cost"), ("contacting", "contacted_us"), ("contacted", ""), ("screening", "")]
        for to, why in [*steps, ("screened", "")]:
            inquiries.move_inquiry(inquiry=inquiry, to=to, reason=why, by=here.coordinator, now=NOW)
        again = at.booked(here, at.fresh(inquiry))
        with pytest.raises(IllegalMove, match="waits for its signature"):
            inquiries.move_inquiry(inquiry=again, to="assessed", by=here.coordinator, now=NOW)
        again = at.assessed(here, again)
        with pytest.raises(IllegalMove, match="Record the clinical decision first"):
            inquiries.move_inquiry(inquiry=again, to="accepted", by=here.coordinator, now=NOW)


# --- waiting ---------------------------------------------------------------------------------------------------


def test_somebody_waits_is_asked_weekly_and_offered_a_place(world: World) -> None:
    here = world.here
    with here.scope():
        entry = at.waiting(here, injects=True)
        inquiry = at.fresh(entry.inquiry)
        assert (inquiry.status, entry.priority, entry.level_of_care) == ("waitlisted", 3, "outpatient")
        task = Task.objects.get(inquiry=inquiry, kind="waiting_check", done_at=None)
        assert timedelta(days=6) < task.due_at - NOW < timedelta(days=8)
        later = NOW + 7 * DAY
        entry = waitlist.check_in(entry=entry, version=entry.version, by=here.coordinator, now=later)
        assert entry.last_check_at == later
        task = Task.objects.get(inquiry=inquiry, kind="waiting_check", done_at=None)
        assert timedelta(days=6) < task.due_at - later < timedelta(days=8)
        made = waitlist.offer_meanwhile(
            entry=entry, offer="counseling", answer="accepted", words="Tuesdays.", by=here.coordinator
        )
        assert (InterimOffer.objects.get(entry=entry, pk=made.pk).words, made.by) == ("Tuesdays.", here.coordinator)
        with pytest.raises(IllegalMove, match="Record the place that was offered first"):
            inquiries.move_inquiry(inquiry=inquiry, to="accepted", by=here.coordinator, now=later)
        inquiry = admission.offer_slot(entry=entry, version=entry.version, by=here.coordinator, now=later)
        entry.refresh_from_db()
        assert (inquiry.status, entry.ended, entry.ended_at, entry.slot_offered_by) == (
            "accepted", "offered", later, here.coordinator,
        )  # fmt: skip
        assert not Task.objects.filter(inquiry=inquiry, kind="waiting_check", done_at=None).exists()
        with pytest.raises(waitlist.NotWaiting):
            waitlist.check_in(entry=entry, version=entry.version, by=here.coordinator, now=later)


@pytest.mark.parametrize(
    ("to", "code", "ended"), [("closed_declined", "chose_other", "declined"), ("referred_out", "distance", "referred")]
)
def test_a_step_out_ends_the_waiting(world: World, to: str, code: str, ended: str) -> None:
    here = world.here
    with here.scope():
        entry = at.waiting(here)
        inquiries.move_inquiry(inquiry=entry.inquiry, to=to, reason=code, by=here.coordinator, now=NOW)
        entry.refresh_from_db()
        assert (entry.ended, entry.ended_at) == (ended, NOW)


def test_only_who_is_accepted_waits(world: World) -> None:
    with world.here.scope(), pytest.raises(IllegalMove):
        at.waiting(world.here, at.assessed(world.here))


def test_a_word_that_was_marked_as_done_counts_and_the_next_is_owed(world: World) -> None:
    here = world.here
    with here.scope():
        entry = at.waiting(here)
        assert waitlist.owe_missing(now=NOW) == WaitlistEntry.objects.filter(ended_at=None).count() - 1
        task = Task.objects.get(inquiry=entry.inquiry, kind="waiting_check")
        Task.objects.filter(pk=task.pk).update(done_at=NOW + 8 * DAY, done_by=here.coordinator)
        assert waitlist.owe_missing(now=NOW + 8 * DAY) == 1
        entry.refresh_from_db()
        assert entry.last_check_at == NOW + 8 * DAY
        again = Task.objects.get(inquiry=entry.inquiry, kind="waiting_check", done_at=None)
        assert timedelta(days=6) < again.due_at - entry.last_check_at < timedelta(days=8)
        assert waitlist.owe_missing(now=NOW + 8 * DAY) == 0


# --- admission -------------------------------------------------------------------------------------------------


def test_an_admission_opens_the_episode_and_books_the_first_time(world: World) -> None:
    here = world.here
    with here.scope():
        made = at.admitted(here, therapist=here.other_therapist)
        inquiry = at.fresh(made.inquiry)
        assert (inquiry.status, made.episode.status, made.episode.program) == ("admitted", "open", at.program(here))
        assert made.first_appointment.episode == made.episode
        assert (made.first_appointment.kind, made.days_waited, made.teds) == ("treatment", 0, at.ANSWERS)
        on = CaseloadAssignment.objects.filter(client=made.client, ends_at=None)
        # Who only assessed them does not see them any more.
        assert [(one.user, one.reason) for one in on] == [(here.other_therapist, "Admitted")]


def test_nothing_of_the_call_is_copied(world: World) -> None:
    here = world.here
    with here.scope():
        made = at.admitted(here)
        for row in (made, made.episode, made.client, made.first_appointment):
            held = {str(getattr(row, field.attname)) for field in row._meta.concrete_fields}
            assert not held & {"I want my mornings back.", "My daughter asked me."}


LACKING = {
    "notice": "give them the notice about confidentiality",
    "consent": "they sign the consent to treatment",
    "expired": "they sign the consent to treatment",
    "revoked": "they sign the consent to treatment",
    "identity": "check who they are, and write down how",
    "duplicate": "say whether the other record that is likely theirs is the same person",
    "decision": "a clinician decides to accept them",
}


@pytest.mark.parametrize("lacking", LACKING)
def test_each_guard_refuses_and_says_what_to_do(world: World, lacking: str) -> None:
    here = world.here
    with here.scope():
        inquiry = at.waiting(here).inquiry if lacking == "decision" else at.accepted(here)
        changes: dict[str, Any] = {}
        if lacking != "notice":
            at.ready(here, inquiry)
        else:
            at.consent(here, inquiry)
        consents = Consent.objects.filter(client=inquiry.client)
        if lacking in ("consent", "revoked"):
            consents.update(state="on_hold" if lacking == "consent" else "revoked")
        if lacking == "expired":
            consents.update(state="revoked")
            at.consent(here, inquiry, last_day=NOW.date() - DAY)
        if lacking == "identity":
            changes = {"identity_check": ""}
        if lacking == "duplicate":
            twin(world, inquiry)
        with pytest.raises(IllegalMove) as refusal:
            at.admitted(here, inquiry, **changes)
        if lacking != "decision":
            assert str(refusal.value) == f"Before admission: {LACKING[lacking]}."
        assert not Episode.objects.filter(client=inquiry.client).exists()
        assert not Admission.objects.filter(inquiry=inquiry).exists()


def twin(world: World, inquiry: Any) -> Client:
    """Return another record with the same name and date of birth."""
    client = inquiry.client
    return Client.objects.create(
        clinic=world.here.clinic, reference="RB-9001", legal_name=client.legal_name, family_key=client.family_key,
        given_key=client.given_key, born_on=client.born_on, phone=client.phone,
    )  # fmt: skip


def test_a_match_that_is_two_people_or_merged_does_not_hold_the_admission(world: World) -> None:
    here = world.here
    with here.scope():
        inquiry = at.ready(here)
        other, merged = twin(world, inquiry), None
        assert [one.client for one in selectors.open_matches(inquiry.client)] == [other]
        first, second = sorted((other, inquiry.client), key=lambda one: one.pk)
        NotTheSame.objects.create(clinic=here.clinic, first=first, second=second, by=here.coordinator)
        assert selectors.open_matches(inquiry.client) == []
        merged = Client.objects.create(
            clinic=here.clinic, reference="RB-9002", legal_name="x", family_key="vale", given_key="robin",
            born_on=inquiry.client.born_on, phone=inquiry.client.phone, merged_into=inquiry.client,
        )  # fmt: skip
        assert merged not in [one.client for one in selectors.open_matches(inquiry.client)]
        assert at.admitted(here, inquiry).pk


def test_a_hold_for_safety_refuses_an_admission(world: World) -> None:
    """T35: accepted to admitted with a crisis hold set."""
    here = world.here
    with here.scope():
        inquiry = at.ready(here)
        inquiry.in_danger_now = True
        inquiry.save(update_fields=["in_danger_now"])
        safety.raise_concerns(inquiry=inquiry, by=here.coordinator, now=NOW)
        with pytest.raises(IllegalMove, match="Safety comes first"):
            at.admitted(here, inquiry)
        assert inquiry_move(inquiry, "accepted", "admitted") == "EV003"


def test_a_new_inquiry_is_not_admitted(world: World) -> None:
    """T35: new to admitted, through the service and past it."""
    here = world.here
    with here.scope():
        inquiry = inquiries.open_inquiry(
            clinic=here.clinic, channel="web_form", caller=inquiries.Caller(relation="self", phone="312 555 0101"),
            person=inquiries.Person(legal_name="Early Bird"), need=inquiries.Need(), by=None, now=NOW,
        )  # fmt: skip
        with pytest.raises(IllegalMove):
            at.admitted(here, inquiry)
        assert inquiry_move(inquiry, "new", "admitted") == "EV003"


def inquiry_move(inquiry: Any, origin: str, to: str) -> str:
    """Return the code with which the database refuses a move that goes past the services."""
    return refused(
        "insert into clients_inquirymove (clinic_id, public_id, inquiry_id, origin, \"to\", reason, by_id)"
        " values (%s, gen_random_uuid(), %s, %s, %s, '', null)",
        inquiry.clinic_id, inquiry.pk, origin, to,
    )  # fmt: skip


def test_the_plain_step_admits_nobody_and_names_what_is_missing(world: World) -> None:
    here = world.here
    with here.scope():
        inquiry = at.ready(here)
        with pytest.raises(IllegalMove, match="choose their therapist"):
            inquiries.move_inquiry(inquiry=inquiry, to="admitted", by=here.coordinator, now=NOW)
        assert inquiry_move(inquiry, "accepted", "admitted") == "EV003"


def test_the_admission_record_names_its_questions(world: World) -> None:
    here = world.here
    with here.scope():
        inquiry = at.ready(here)
        answers = {**at.ANSWERS, "first_use_1": 90}
        del answers["race"]
        with pytest.raises(admission.RecordIncomplete) as refusal:
            at.admitted(here, inquiry, answers=answers)
        assert [one.key for one in refusal.value.problems] == ["race", "first_use_1"]
        assert not Episode.objects.filter(client=inquiry.client).exists()


def test_nobody_is_twice_in_one_program(world: World) -> None:
    here = world.here
    with here.scope():
        inquiry = at.ready(here)
        Episode.objects.create(
            clinic=here.clinic, client=inquiry.client, program=at.program(here), admitted_on=NOW.date()
        )
        with pytest.raises(IllegalMove, match="choose another program"):
            at.admitted(here, inquiry)


def test_the_first_time_is_not_before_the_admission(world: World) -> None:
    here = world.here
    with here.scope():
        inquiry = at.ready(here)
        with pytest.raises(ValueError, match="before the admission"):
            at.admitted(here, inquiry, start_on=NOW.date() - DAY)
        assert not Episode.objects.filter(client=inquiry.client).exists()
        with pytest.raises(NotATherapist):
            at.admitted(here, inquiry, therapist=here.coordinator)


# --- taking it back --------------------------------------------------------------------------------------------


def test_an_admission_is_taken_back_within_a_day(world: World) -> None:
    here = world.here
    with here.scope():
        made = at.admitted(here, therapist=here.other_therapist)
        inquiry = admission.undo(admission=made, reason="Wrong person.", by=here.supervisor, now=NOW + 24 * HOUR)
        made.refresh_from_db()
        assert (inquiry.status, made.undo_reason, made.undone_by) == ("accepted", "Wrong person.", here.supervisor)
        assert Episode.objects.get(pk=made.episode_id).status == "void"
        assert Appointment.objects.get(pk=made.first_appointment_id).attendance == "clinic_cancel"
        assert not CaseloadAssignment.objects.filter(client=made.client, ends_at=None).exists()
        with pytest.raises(UndoRefused, match="already"):
            admission.undo(admission=made, reason="Again.", by=here.supervisor, now=NOW)
        # The way stands open again, and ends with another admission.
        again = at.admitted(here, inquiry)
        assert (again.pk != made.pk, at.fresh(inquiry).status) == (True, "admitted")


@pytest.mark.parametrize(
    ("after", "reason", "attendance", "words"),
    [
        (24 * HOUR + timedelta(seconds=1), "Wrong.", "", "more than 24 hours ago"),
        (HOUR, " ", "", "Write why"),
        (HOUR, "Wrong.", "attended", "A service is recorded"),
    ],
)
def test_an_admission_is_not_taken_back(
    world: World, after: timedelta, reason: str, attendance: str, words: str
) -> None:
    here = world.here
    with here.scope():
        made = at.admitted(here, start_on=NOW.date(), start_time=NOW.time().replace(hour=23, minute=30, second=0))
        Appointment.objects.filter(pk=made.first_appointment_id).update(attendance=attendance)
        with pytest.raises(UndoRefused, match=words):
            admission.undo(admission=made, reason=reason, by=here.supervisor, now=NOW + after)
        assert at.fresh(made.inquiry).status == "admitted"
        assert inquiry_move(made.inquiry, "admitted", "accepted") == "EV003"


def test_an_admission_is_changed_by_taking_it_back_only(world: World) -> None:
    with world.here.scope():
        made = at.admitted(world.here)
        assert refused("update clients_admission set identity_check = 'known_here' where id = %s", made.pk) == "EV004"
        assert refused("delete from clients_admission where id = %s", made.pk) == "EV004"


def test_who_takes_the_list_of_steps_sees_the_right_ones(world: World) -> None:
    here = world.here
    with here.scope():
        inquiry = at.ready(here)
        assert Status(inquiry.status) is Status.ACCEPTED
        rows = selectors.rows_of(inquiry, NOW)
        assert (rows.decision_made, rows.slot_offered) == (True, False)
        assert len(rows.admission_gaps) == 5
        made = at.admitted(here, inquiry)
        assert selectors.rows_of(at.fresh(inquiry), NOW) == selectors.Rows()
        assert made.decision.outcome == "accepted"
        assert caseload.end(client=made.client, user=here.therapist, by=here.coordinator)

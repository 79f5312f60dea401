"""Assessing, deciding, waiting: what each asks for and what it leaves."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from clients.models import (
    Appointment,
    Assessment,
    CaseloadAssignment,
    Client,
    InquiryMove,
    InterimOffer,
    Task,
    WaitlistEntry,
)
from clients.rules.transitions import IllegalMove
from clients.selectors.assessments import content_of
from clients.services import admission, appointments, assessments, inquiries, safety, waitlist
from clients.services.caseload import NotATherapist
from clinics.versions import Stale
from tests.clients import admission as at
from tests.clients.admission_rows import refused
from tests.world import NOW, World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

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

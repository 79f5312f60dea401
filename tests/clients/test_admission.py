"""From the booked assessment to the open episode and back, through services and against the database itself."""

from datetime import timedelta
from typing import Any

import pytest

from clients.models import (
    Admission,
    Appointment,
    CaseloadAssignment,
    Client,
    Consent,
    Episode,
    NotTheSame,
)
from clients.rules.transitions import IllegalMove, Status, UndoRefused
from clients.selectors import admission as selectors
from clients.services import admission, caseload, inquiries, safety
from clients.services.caseload import NotATherapist
from tests.clients import admission as at
from tests.clients.admission_rows import refused
from tests.world import NOW, World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


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

"""The rulers of a session and the goal they are about, and what suits now on the page of the record."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from clients.models import ChangeTarget, RulerReading
from clients.rules.motivation import Ruler
from clients.services import break_glass, targets
from clients.services.targets import Answer, Terms
from sessions.models import ProgressNote
from sessions.selectors.record import readings
from sessions.selectors.signed import rulers_of, verify_note
from sessions.services.record import Seen
from tests.clients.people import page, signed_in
from tests.sessions.record_forms import answers, hidden
from tests.sessions.recording import booking, record, sign
from tests.world import NOW, World


def about(appointment: Any) -> set[int | None]:
    """Return which goals an appointment's readings are about."""
    return set(RulerReading.objects.filter(appointment=appointment).values_list("target_id", flat=True))


def test_rulers_are_about_the_one_goal_there_is_and_stay_about_it(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        booked = booking(here)
        record(here, booked)
        assert about(booked) == {here.change_target.pk}
        other = targets.add(client=here.client, terms=Terms("Walk"), by=here.therapist)
        targets.set_aside(target=here.change_target, by=here.therapist)
        more = {"importance": 8, "confidence": 6, "readiness": 2}
        record(here, booked, seen=Seen(1, "attended"), rulers=more)
        assert about(booked) == {here.change_target.pk}
        later = booking(here, starts_at=NOW - timedelta(hours=2))
        record(here, later, started_at=NOW - timedelta(hours=2))
        assert about(later) == {other.pk}


def test_rulers_are_about_no_goal_where_there_are_several_or_none(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        targets.add(client=here.client, terms=Terms("Walk"), by=here.therapist)
        booked = booking(here)
        record(here, booked)
        assert about(booked) == {None}
        ChangeTarget.objects.update(is_active=False)
        later = booking(here, starts_at=NOW - timedelta(hours=2))
        record(here, later, started_at=NOW - timedelta(hours=2))
        assert about(later) == {None}


def test_an_answer_compares_with_one_about_the_same_goal(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        first = booking(here)
        record(here, first)
        ahead = {"client_id": here.client.pk, "started_at": NOW, "appointment_id": 0}
        goal = here.change_target
        assert readings(**ahead, next_about=goal.pk).before == {"importance": 8, "confidence": 5}
        other = targets.add(client=here.client, terms=Terms("Walk"), by=here.therapist)
        assert readings(**ahead, next_about=other.pk).before == {}
        targets.set_aside(target=goal, by=here.therapist)
        second = booking(here, starts_at=NOW - timedelta(hours=2))
        record(here, second, started_at=NOW - timedelta(hours=2), rulers={"importance": 2})
        where = {"started_at": NOW - timedelta(hours=2), "appointment_id": second.pk}
        found = readings(client_id=here.client.pk, **where)
        assert (found.now, found.before) == ({"importance": 2}, {})


def test_the_record_shows_what_suits_now_to_who_sees_the_plan(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        now = timezone.now()
        goal = here.change_target
        ready = {ruler: Answer(9) for ruler in Ruler}
        targets.rate_stage(target=goal, stage="act", basis="interview", by=here.therapist, now=now)
        targets.take_rulers(target=goal, answers=ready, by=here.therapist, now=now)
        booked = booking(here, starts_at=now - timedelta(hours=1))
        stands_in = booking(here, starts_at=now - timedelta(hours=1), therapist=here.other_therapist)
    shown = signed_in(here.therapist).get(page(here, "session_record", booked.public_id)).content.decode()
    # The world's own choice holds beside what the rule says.
    for words in ("What suits now", "Suggested: Support the change", page(here, "target_detail", goal.public_id)):
        assert words in shown, words
    browser, address = signed_in(here.other_therapist), page(here, "session_record", stands_in.public_id)
    assert "What suits now" not in browser.get(address).content.decode()
    with here.scope():
        break_glass.break_glass(client=here.client, reason="Stands in for a colleague today", by=here.other_therapist)
    assert "What suits now" in browser.get(address).content.decode()


# --- how strained the talk was --------------------------------------------------------------------------------------


def test_strain_is_kept_with_the_rulers_and_about_no_goal(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        booked = booking(here)
        record(here, booked, rulers={"discord": 6})
        record(here, booked, seen=Seen(1, "attended"), rulers={"discord": 7, "importance": 4})
        kept = RulerReading.objects.filter(appointment=booked).order_by("ruler")
        assert list(kept.values_list("ruler", "value", "target_id")) == [
            ("discord", 7, None), ("importance", 4, here.change_target.pk),
        ]  # fmt: skip
        record(here, booked, seen=Seen(2, "attended"), rulers={"importance": 4})
        assert list(kept.values_list("ruler", flat=True)) == ["importance"]


def test_strain_is_signed_with_the_note_and_never_added_later(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        notes = []
        for hours, answered in ((6, {}), (9, {"discord": 6})):
            booked = booking(here, starts_at=NOW - timedelta(hours=hours))
            session = record(here, booked, started_at=booked.starts_at, rulers=answered)
            note = ProgressNote.objects.get(session=session)
            sign(note, by=here.therapist)
            notes.append(ProgressNote.objects.select_related("session", "client", "author").get(pk=note.pk))
        plain, strained = notes
        assert verify_note(plain)
        assert verify_note(strained)
        assert rulers_of(strained) == {"discord": 6}
        for statement, note in (
            ("update clients_rulerreading set value = 1 where appointment_id = %s", strained),
            ("delete from clients_rulerreading where appointment_id = %s", strained),
            (
                "insert into clients_rulerreading (clinic_id, public_id, client_id, appointment_id, ruler, value, "
                "taken_on, taken_by_id) select clinic_id, gen_random_uuid(), client_id, id, 'discord', 6, service_on, "
                "therapist_id from clients_appointment where id = %s",
                plain,
            ),
        ):
            with pytest.raises(DatabaseError, match="signed"), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement, [note.session.appointment_id])


def test_strain_is_typed_read_and_kept_out_of_what_the_person_answered(world: World) -> None:
    here = world.here
    with here.scope():
        booked = booking(here, starts_at=timezone.now() - timedelta(hours=2))
    browser: Any = signed_in(here.therapist)
    address = page(here, "session_record", booked.public_id)
    shown = browser.get(address).content.decode()
    assert "Strain between you, 0 to 10" in shown
    form = {**answers(booked, discord="11"), **hidden(shown)}
    refused = browser.post(address, form)
    assert refused.status_code == 422
    assert "Enter a number from 0 to 10, or leave it out." in refused.content.decode()
    saved = browser.post(address, {**form, "discord": "6"}, follow=True).content.decode()
    assert "Strain between you" in saved
    with here.scope():
        assert RulerReading.objects.get(appointment=booked, ruler="discord").value == 6
    person = browser.get(page(here, "client_detail", here.client.public_id)).content.decode()
    assert "Discord" not in person

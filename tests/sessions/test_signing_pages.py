"""Signing a note and adding to it, in the pages."""

import re

from django.utils import timezone

from clients.models import Appointment
from clinics.roles import Role
from clinics.services import people
from sessions.models import Addendum, NoteSignature, ProgressNote
from tests.sessions.record_forms import page_of, record_url
from tests.sessions.recording import TEXT, record, sign, signed_in
from tests.world import World

# --- signing and adding -------------------------------------------------------------------------------------------


def test_signing_and_adding_ask_who_one_is(world: World) -> None:
    here = world.here
    browser = signed_in(here.therapist, confirmed=False)
    for path in (f"sessions/{here.session.public_id}/sign/", f"sessions/{here.signed_session.public_id}/addendum/"):
        for answer in (
            browser.get(page_of(here, path)),
            browser.post(page_of(here, path), {"text": TEXT, "kind": "more"}),
        ):
            assert answer.status_code == 302
            assert "reauthenticate" in answer["Location"]
    # What was typed is not parked in the browser session.
    assert "NOTE-CANARY" not in str(dict(browser.session))
    with here.scope():
        assert not NoteSignature.objects.filter(note=here.note).exists()
        assert Addendum.objects.filter(note=here.signed_note).count() == 1


def test_what_changed_after_it_was_read_is_not_signed(world: World) -> None:
    here = world.here
    browser = signed_in(here.therapist)
    url = page_of(here, f"sessions/{here.session.public_id}/sign/")
    answer = browser.post(url, {"note_version": "1", "session_version": "2"})
    assert answer.status_code == 422
    assert "Read it again, then sign." in answer.content.decode()
    assert browser.post(url, {}).status_code == 422
    with here.scope():
        assert ProgressNote.objects.get(pk=here.note.pk).state == "draft"


def test_an_empty_note_has_no_button_and_is_refused(world: World, booked: Appointment) -> None:
    here = world.here
    with here.scope():
        session = record(here, booked, now=timezone.now(), started_at=booked.starts_at, note="")
    browser = signed_in(here.therapist)
    url = page_of(here, f"sessions/{session.public_id}/sign/")
    assert "An empty note cannot be signed." in browser.get(url).content.decode()
    answer = browser.post(url, {"note_version": "1", "session_version": "1"})
    assert answer.status_code == 422
    assert "The note is empty." in answer.content.decode()


def test_signing_twice_is_no_error(world: World) -> None:
    here = world.here
    browser = signed_in(here.therapist)
    url = page_of(here, f"sessions/{here.session.public_id}/sign/")
    data = {"note_version": "1", "session_version": "1"}
    assert [browser.post(url, data).status_code for _ in range(2)] == [302, 302]
    with here.scope():
        assert NoteSignature.objects.filter(note=here.note).count() == 1


def test_an_addendum_is_added_once_and_stands_below_the_note(world: World, booked: Appointment) -> None:
    here = world.here
    with here.scope():
        session = record(here, booked, now=timezone.now(), started_at=booked.starts_at)
        sign(ProgressNote.objects.get(session=session), by=here.therapist, now=timezone.now())
    browser = signed_in(here.therapist)
    url = page_of(here, f"sessions/{session.public_id}/addendum/")
    key = re.search(r'name="repeat_key" value="(\w+)"', browser.get(url).content.decode())
    assert key
    assert browser.post(url, {"repeat_key": key[1], "kind": "more", "text": " "}).status_code == 422
    data = {"repeat_key": key[1], "kind": "correction", "text": "It was a Saturday."}
    answer = [browser.post(url, data) for _ in range(2)][1]
    html = browser.get(answer["Location"]).content.decode()
    assert html.count("It was a Saturday.") == 1
    assert "Correction" in html
    for other in (here.supervisor, here.other_therapist):
        assert signed_in(other).get(url).status_code in (403, 404)
    unsigned = page_of(here, f"sessions/{here.session.public_id}/addendum/")
    assert browser.get(unsigned)["Location"] == page_of(here, f"sessions/{here.session.public_id}/")


def test_a_session_without_a_note_leads_to_writing_one(world: World) -> None:
    here = world.here
    with here.scope():
        ProgressNote.objects.filter(pk=here.note.pk).delete()
    html = signed_in(here.therapist).get(page_of(here, f"sessions/{here.session.public_id}/")).content.decode()
    assert "Nothing is written yet." in html
    assert record_url(here, here.appointment) in html
    assert "/sign/" not in html


def test_a_note_that_is_not_as_signed_says_so(world: World) -> None:
    html = signed_in(world.here.therapist).get(page_of(world.here, f"sessions/{world.here.signed_session.public_id}/"))
    assert "Not as it was signed" in html.content.decode()


def test_the_therapist_in_a_new_clinic_sees_none_of_the_old(world: World) -> None:
    """One person, two clinics: each address shows its own clinic's rows."""
    here, neighbour = world.here, world.neighbour
    with neighbour.scope():
        people.add_member(clinic=neighbour.clinic, user=here.therapist, role=Role.THERAPIST, by=None)
    browser = signed_in(here.therapist)
    html = browser.get(page_of(neighbour, "sessions/")).content.decode()
    assert "No session is recorded yet" in html
    assert browser.get(page_of(neighbour, f"sessions/{here.session.public_id}/")).status_code == 404

"""The pages of a session, through a browser without a script: who may open them, what they keep, what they refuse."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Appointment, CaseloadAssignment, RulerReading
from clinics.models import AuditEvent, Draft
from clinics.roles import Role
from clinics.services import people
from sessions.models import Addendum, NoteSignature, ProgressNote, TherapySession
from sessions.selectors.signed import verify_note
from tests.sessions.recording import TEXT, booking, record, sign, signed_in
from tests.world import Side, World

# With the eight of the frame: session, person, clinic, memberships twice, break-glass, and the scope's own two.
QUERY_BUDGET = {"list": 11, "today": 14, "detail": 16, "record": 16, "sign": 16}


def _now() -> Any:
    return timezone.now().replace(second=0, microsecond=0)


@pytest.fixture
def booked(world: World) -> Appointment:
    """Return an appointment of the therapist that started an hour ago."""
    with world.here.scope():
        found: Appointment = booking(world.here, starts_at=_now() - timedelta(hours=1))
        return found


def _url(side: Side, path: str) -> str:
    return f"/clinics/{side.clinic.slug}/{path}"


def _record_url(side: Side, appointment: Any) -> str:
    return _url(side, f"appointments/{appointment.public_id}/record/")


def hidden(html: str) -> dict[str, str]:
    """Return the hidden fields of the page's main form, as a browser without a script would send them back."""
    form = html[html.index('id="record"') :]
    found = re.findall(r'<input type="hidden" name="(\w+)"(?: value="([^"]*)")?', form)
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def answers(appointment: Any, **changes: str) -> dict[str, str]:
    """Return what a therapist fills in."""
    started = timezone.localtime(appointment.starts_at, timezone.zoneinfo.ZoneInfo("America/Chicago"))
    return {
        "attendance": "attended",
        "started_at": started.strftime("%Y-%m-%dT%H:%M"),
        "duration_min": "50",
        "session_format": "individual",
        "mix": "mi",
        "importance": "8",
        "confidence": "5",
        "note": TEXT,
        **changes,
    }


def test_the_therapist_records_reads_and_signs(world: World, booked: Appointment) -> None:
    here = world.here
    browser = signed_in(here.therapist)
    url = _record_url(here, booked)
    page = browser.get(url)
    assert page.status_code == 200
    data = hidden(page.content.decode()) | answers(booked) | {"sign": "1"}
    answer = browser.post(url, data)
    with here.scope():
        session = TherapySession.objects.get(appointment=booked)
    assert answer.status_code == 302
    assert answer["Location"] == _url(here, f"sessions/{session.public_id}/sign/")
    sign_page = browser.get(answer["Location"]).content.decode()
    assert "What becomes final" in sign_page
    versions = dict(re.findall(r'name="(note_version|session_version)" value="(\d+)"', sign_page))
    answer = browser.post(answer["Location"], versions)
    assert answer.status_code == 302
    read = browser.get(answer["Location"]).content.decode()
    assert TEXT in read
    assert "Unchanged since it was signed" in read
    assert here.therapist.name in read
    with here.scope():
        assert verify_note(ProgressNote.objects.get(session=session))
        actions = set(AuditEvent.objects.filter(client_ref=here.client.pk).values_list("action", flat=True))
    assert {
        "appointment.viewed",
        "session.recorded",
        "note.signed",
        "therapysession.viewed",
    } <= actions
    # Recording it again leads to what was signed.
    assert browser.get(url)["Location"] == _url(here, f"sessions/{session.public_id}/")


def test_the_same_form_sent_twice_acts_once(world: World, booked: Appointment) -> None:
    here = world.here
    browser = signed_in(here.therapist)
    url = _record_url(here, booked)
    data = hidden(browser.get(url).content.decode()) | answers(booked)
    first, second = browser.post(url, data), browser.post(url, data)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first["Location"] == second["Location"]
    with here.scope():
        assert TherapySession.objects.filter(appointment=booked).values_list("version", flat=True).get() == 1
        assert AuditEvent.objects.filter(action="session.recorded").count() == 1


def test_a_stale_form_shows_both_texts_and_then_means_it(world: World, booked: Appointment) -> None:
    here = world.here
    browser = signed_in(here.therapist)
    url = _record_url(here, booked)
    with here.scope():
        record(here, booked, now=timezone.now(), started_at=booked.starts_at, note="Before.", rulers={})
    mine = hidden(browser.get(url).content.decode()) | answers(booked, note="My words.", importance="9")
    other = hidden(browser.get(url).content.decode()) | answers(booked, note="Other words.")
    browser.post(url, other)
    answer = browser.post(url, mine)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert html.index("<title>Error:") < html.index("Two texts for one record")
    assert "<td><bdi>Other words.</bdi></td><td><bdi>My words.</bdi></td>" in html
    assert "<td><bdi>8</bdi></td><td><bdi>9</bdi></td>" in html
    with here.scope():
        assert ProgressNote.objects.get(session__appointment=booked).body == "Other words."
    assert browser.post(url, mine | hidden(html)).status_code == 302
    with here.scope():
        assert ProgressNote.objects.get(session__appointment=booked).body == "My words."


def test_the_front_desk_saying_otherwise_meanwhile_is_shown(world: World, booked: Appointment) -> None:
    here = world.here
    browser = signed_in(here.therapist)
    url = _record_url(here, booked)
    data = hidden(browser.get(url).content.decode()) | answers(booked)
    with here.scope():
        Appointment.objects.filter(pk=booked.pk).update(attendance="no_show", version=2)
    html = browser.post(url, data).content.decode()
    assert "<td><bdi>Did not attend</bdi></td><td><bdi>Attended</bdi></td>" in html
    assert browser.post(url, data | hidden(html)).status_code == 302


def test_what_was_missed_needs_no_note(world: World, booked: Appointment) -> None:
    here = world.here
    browser = signed_in(here.therapist)
    url = _record_url(here, booked)
    data = hidden(browser.get(url).content.decode())
    answer = browser.post(url, data | {"attendance": "no_show"})
    assert (answer.status_code, answer["Location"]) == (302, _url(here, "today/"))
    with here.scope():
        booked.refresh_from_db()
        assert booked.attendance == "no_show"
        assert not TherapySession.objects.filter(appointment=booked).exists()
    answer = browser.post(url, hidden(browser.get(url).content.decode()) | {"attendance": "no_show", "note": "x"})
    assert answer.status_code == 422
    assert "A note needs a session that took place" in answer.content.decode()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"attendance": ""}, "Choose whether the session took place."),
        ({"attendance": "canceled"}, "Choose how it was canceled."),
        ({"started_at": ""}, "Enter the date and the time the session started."),
        ({"started_at": "soon"}, "Enter the date and the time the session started."),
        ({"started_at": "2026-03-08T02:30"}, "The clocks went forward over that time."),
        ({"started_at": "2099-01-01T10:00"}, "The start lies ahead."),
        ({"started_at": "2020-01-01T10:00"}, "more than a day from the booked time"),
        ({"duration_min": "0"}, "Enter how many minutes it lasted, from 1 to 600."),
        (
            {"mix": "own", "mi_pct": "50", "cbt_pct": "40", "dbt_pct": "0", "other_pct": "0"},
            "The parts add up to 90%. Make them 100%.",
        ),
        ({"mix": "own", "mi_pct": "100"}, "Enter a percentage; 0 for none."),
        ({"mix": ""}, "Choose what you worked with."),
        ({"note": "x" * 20_001}, "Shorten the note to 20,000 characters."),
        ({"importance": "11"}, "importance"),
        ({"version": "nonsense"}, "This form has lost its place."),
        ({"repeat_key": ""}, "This form has lost its number."),
    ],
)
def test_what_does_not_fit_is_said_beside_it_and_nothing_is_saved(
    world: World, booked: Appointment, changes: dict[str, str], sentence: str
) -> None:
    here = world.here
    browser = signed_in(here.therapist)
    url = _record_url(here, booked)
    data = hidden(browser.get(url).content.decode()) | answers(booked) | changes
    answer = browser.post(url, data)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert 'role="alert"' in answer.content.decode()
    with here.scope():
        assert not TherapySession.objects.filter(appointment=booked).exists()
        booked.refresh_from_db()
        assert (booked.attendance, booked.version) == ("", 1)


def test_a_mix_of_ones_own_and_cancellations_are_kept_and_shown_again(world: World, booked: Appointment) -> None:
    here = world.here
    browser = signed_in(here.therapist)
    url = _record_url(here, booked)
    data = hidden(browser.get(url).content.decode())
    browser.post(url, data | {"attendance": "canceled", "canceled_how": "late_cancel"})
    html = browser.get(url).content.decode()
    assert re.search(r'name="canceled_how" value="late_cancel"[^>]*checked', html)
    parts = {"mix": "own", "mi_pct": "70", "dbt_pct": "30", "cbt_pct": "0", "other_pct": "0"}
    browser.post(url, hidden(html) | answers(booked, **parts))
    html = browser.get(url).content.decode()
    assert re.search(r'name="mix" value="own"[^>]*checked', html)
    assert re.search(r'name="mi_pct" value="70"', html)


def test_what_is_out_of_sight_is_not_asked_for(world: World, booked: Appointment) -> None:
    here = world.here
    browser = signed_in(here.therapist)
    url = _record_url(here, booked)
    data = hidden(browser.get(url).content.decode())
    nonsense = {"mi_pct": "400", "canceled_how": "nobody"}
    assert browser.post(url, data | answers(booked) | nonsense).status_code == 302
    data = hidden(browser.get(url).content.decode())
    missed = {"attendance": "no_show", "duration_min": "", "started_at": "", "mix": "own", "note": ""}
    assert browser.post(url, data | missed).status_code == 302


def test_last_sessions_answers_are_marked(world: World, booked: Appointment) -> None:
    here = world.here
    with here.scope():
        before = booking(here, starts_at=booked.starts_at - timedelta(hours=3))
        record(here, before, now=timezone.now(), started_at=before.starts_at, rulers={"importance": 6})
        record(here, booked, now=timezone.now(), started_at=booked.starts_at, rulers={"importance": 8})
        session = TherapySession.objects.get(appointment=booked)
    browser = signed_in(here.therapist)
    html = browser.get(_record_url(here, booked)).content.decode()
    assert html.count("is-last") == 1
    assert "Up 2 since last session." in html
    assert "why an 8 and not a 5?" in html
    read = browser.get(_url(here, f"sessions/{session.public_id}/")).content.decode()
    assert "Up 2 since last session." in read
    assert "Not asked" in read


def test_a_draft_opens_where_it_was_left_and_goes_when_the_record_is_saved(world: World, booked: Appointment) -> None:
    here = world.here
    browser = signed_in(here.therapist)
    url = _record_url(here, booked)
    page = browser.get(url).content.decode()
    draft_url = re.search(r'data-draft-url="([^"]+)"', page)
    assert draft_url
    data = hidden(page) | answers(booked, note="Half a thought")
    assert browser.post(draft_url[1], data).status_code == 204
    page = browser.get(url).content.decode()
    assert "Half a thought" in page
    assert f'action="{draft_url[1]}discard/"' in page
    browser.post(url, hidden(page) | answers(booked))
    with here.scope():
        assert not Draft.objects.filter(user=here.therapist, key=f"session_record:{booked.public_id}").exists()
        assert ProgressNote.objects.get(session__appointment=booked).body == TEXT
    # Nobody else is given the draft of another.
    with here.scope():
        Appointment.objects.filter(pk=booked.pk).update(therapist=here.other_therapist)
    assert "Half a thought" not in signed_in(here.other_therapist).get(url).content.decode()


# --- who may ------------------------------------------------------------------------------------------------------

ROLES = ("coordinator", "therapist", "supervisor", "coder", "privacy_officer", "administrator", "other_therapist")
EXPECTED = {
    # route: status by role, in the order of ROLES; 404 is not visible, 403 visible and not allowed
    "record": (403, 200, 403, 404, 404, 404, 404),
    "detail": (404, 200, 200, 404, 404, 404, 404),
    "sign": (404, 200, 403, 404, 404, 404, 404),
    "list": (403, 200, 200, 403, 403, 403, 200),
    "today": (200, 200, 200, 403, 403, 403, 200),
}


def _routes(side: Side) -> dict[str, str]:
    return {
        "record": _record_url(side, side.appointment),
        "detail": _url(side, f"sessions/{side.session.public_id}/"),
        "sign": _url(side, f"sessions/{side.session.public_id}/sign/"),
        "list": _url(side, "sessions/"),
        "today": _url(side, "today/"),
    }


@pytest.mark.parametrize("route", EXPECTED)
def test_each_role_reaches_what_its_rights_say(world: World, route: str) -> None:
    url = _routes(world.here)[route]
    found = tuple(signed_in(getattr(world.here, role)).get(url).status_code for role in ROLES)
    assert found == EXPECTED[route]


@pytest.mark.parametrize("route", EXPECTED)
def test_nothing_of_the_neighbour_is_reached(world: World, route: str) -> None:
    url = _routes(world.neighbour)[route]
    for role in ROLES:
        assert signed_in(getattr(world.here, role)).get(url).status_code == 404
    # The neighbour's ids under one's own clinic answer as ids that do not exist.
    mixed = url.replace(world.neighbour.clinic.slug, world.here.clinic.slug)
    if mixed != _routes(world.here)[route]:
        assert signed_in(world.here.therapist).get(mixed).status_code == 404


def test_a_malformed_id_is_not_found(world: World) -> None:
    browser = signed_in(world.here.therapist)
    for path in ("appointments/x/record/", "sessions/x/", "sessions/x/sign/", "sessions/x/addendum/"):
        assert browser.get(_url(world.here, path)).status_code == 404


def test_an_assessment_has_no_session_to_record(world: World) -> None:
    with world.here.scope():
        assessment = booking(world.here, kind=Appointment.Kind.ASSESSMENT)
    assert signed_in(world.here.therapist).get(_record_url(world.here, assessment)).status_code == 404


def test_who_stands_in_records_without_having_the_person_on_the_caseload(world: World) -> None:
    here = world.here
    with here.scope():
        booked = booking(here, starts_at=_now() - timedelta(hours=1), therapist=here.other_therapist)
    browser = signed_in(here.other_therapist)
    url = _record_url(here, booked)
    html = browser.get(url).content.decode()
    assert _url(here, f"people/{here.client.public_id}/") not in html, "no link to a page that would not open"
    answer = browser.post(url, hidden(html) | answers(booked))
    assert browser.get(answer["Location"]).status_code == 200


def test_a_note_outside_ones_reach_is_not_read_with_its_session(world: World) -> None:
    """The supervisor supervises the caseload's therapist, not the one who stood in."""
    here = world.here
    with here.scope():
        booked = booking(here, therapist=here.other_therapist)
        session = record(here, booked, by=here.other_therapist)
    html = signed_in(here.supervisor).get(_url(here, f"sessions/{session.public_id}/")).content.decode()
    assert TEXT not in html
    assert "not yours to read" in html
    with here.scope():
        event = AuditEvent.objects.get(action="therapysession.viewed", actor=here.supervisor)
        assert event.detail == {}


def test_a_supervisor_reads_the_session_after_the_person_has_moved_to_another(world: World) -> None:
    here = world.here
    with here.scope():
        CaseloadAssignment.objects.filter(client=here.client).update(ends_at=timezone.now())
    page = signed_in(here.supervisor).get(_url(here, f"sessions/{here.session.public_id}/"))
    assert "note" in page.content.decode()
    assert page.status_code == 200


# --- signing and adding -------------------------------------------------------------------------------------------


def test_signing_and_adding_ask_who_one_is(world: World) -> None:
    here = world.here
    browser = signed_in(here.therapist, confirmed=False)
    for path in (f"sessions/{here.session.public_id}/sign/", f"sessions/{here.signed_session.public_id}/addendum/"):
        for answer in (browser.get(_url(here, path)), browser.post(_url(here, path), {"text": TEXT, "kind": "more"})):
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
    url = _url(here, f"sessions/{here.session.public_id}/sign/")
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
    url = _url(here, f"sessions/{session.public_id}/sign/")
    assert "An empty note cannot be signed." in browser.get(url).content.decode()
    answer = browser.post(url, {"note_version": "1", "session_version": "1"})
    assert answer.status_code == 422
    assert "The note is empty." in answer.content.decode()


def test_signing_twice_is_no_error(world: World) -> None:
    here = world.here
    browser = signed_in(here.therapist)
    url = _url(here, f"sessions/{here.session.public_id}/sign/")
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
    url = _url(here, f"sessions/{session.public_id}/addendum/")
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
    unsigned = _url(here, f"sessions/{here.session.public_id}/addendum/")
    assert browser.get(unsigned)["Location"] == _url(here, f"sessions/{here.session.public_id}/")


def test_a_session_without_a_note_leads_to_writing_one(world: World) -> None:
    here = world.here
    with here.scope():
        ProgressNote.objects.filter(pk=here.note.pk).delete()
    html = signed_in(here.therapist).get(_url(here, f"sessions/{here.session.public_id}/")).content.decode()
    assert "Nothing is written yet." in html
    assert _record_url(here, here.appointment) in html
    assert "/sign/" not in html


def test_a_note_that_is_not_as_signed_says_so(world: World) -> None:
    html = signed_in(world.here.therapist).get(_url(world.here, f"sessions/{world.here.signed_session.public_id}/"))
    assert "Not as it was signed" in html.content.decode()


def test_the_therapist_in_a_new_clinic_sees_none_of_the_old(world: World) -> None:
    """One person, two clinics: each address shows its own clinic's rows."""
    here, neighbour = world.here, world.neighbour
    with neighbour.scope():
        people.add_member(clinic=neighbour.clinic, user=here.therapist, role=Role.THERAPIST, by=None)
    browser = signed_in(here.therapist)
    html = browser.get(_url(neighbour, "sessions/")).content.decode()
    assert "No session is recorded yet" in html
    assert browser.get(_url(neighbour, f"sessions/{here.session.public_id}/")).status_code == 404


# --- the list -----------------------------------------------------------------------------------------------------


def test_the_list_is_ones_own_newest_first_and_pages_by_key(world: World) -> None:
    here = world.here
    with here.scope():
        for hours in range(1, 61):
            booked = booking(here, starts_at=_now() - timedelta(hours=hours))
            record(here, booked, now=timezone.now(), started_at=booked.starts_at)
        wanted = [
            str(pk) for pk in TherapySession.objects.order_by("-started_at", "-id").values_list("public_id", flat=True)
        ]
    browser = signed_in(here.therapist)
    found: list[str] = []
    url = _url(here, "sessions/")
    for _page in range(2):
        html = browser.get(url).content.decode()
        found += re.findall(r'/sessions/([0-9a-f-]{36})/" data-row', html)
        older = re.search(r'href="(\?cursor=[^"]+)"[^>]*>Older', html)
        url = _url(here, f"sessions/{older[1]}") if older else ""
    assert found == wanted
    assert url == ""
    assert len(re.findall("data-row>", browser.get(_url(here, "sessions/?show=unsigned")).content.decode())) == 50
    assert signed_in(here.other_therapist).get(_url(here, "sessions/")).content.decode().count("data-row>") == 0
    assert signed_in(here.supervisor).get(_url(here, "sessions/")).content.decode().count("data-row>") == 50
    assert browser.get(_url(here, "sessions/?cursor=nonsense")).status_code == 404


def test_every_listed_session_opens_and_the_filter_leaves_the_signed_out(world: World) -> None:
    here = world.here
    for user in (here.therapist, here.supervisor):
        browser = signed_in(user)
        html = browser.get(_url(here, "sessions/")).content.decode()
        ids = re.findall(r'/sessions/([0-9a-f-]{36})/" data-row', html)
        assert set(ids) == {str(here.session.public_id), str(here.signed_session.public_id)}
        assert {browser.get(_url(here, f"sessions/{public_id}/")).status_code for public_id in ids} == {200}
        unsigned = browser.get(_url(here, "sessions/?show=unsigned")).content.decode()
        assert re.findall(r'/sessions/([0-9a-f-]{36})/" data-row', unsigned) == [str(here.session.public_id)]
    with here.scope():
        event = AuditEvent.objects.filter(action="session.listed", actor=here.supervisor).first()
        assert event is not None
        assert event.detail["client_ids"] == [here.client.pk]


def _queries(browser: Any, url: str) -> int:
    browser.get(url)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert browser.get(url).status_code == 200
    return len(captured)


def test_no_page_asks_more_with_more_rows(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    here = world.here
    browser = signed_in(here.therapist)
    urls = {
        "list": _url(here, "sessions/"),
        "today": _url(here, "today/"),
        "detail": _url(here, f"sessions/{here.session.public_id}/"),
        "record": _record_url(here, here.appointment),
        "sign": _url(here, f"sessions/{here.session.public_id}/sign/"),
    }
    before = {name: _queries(browser, url) for name, url in urls.items()}
    with here.scope():
        for minutes in range(12):
            booked = booking(here, starts_at=_now() - timedelta(minutes=5 + minutes))
            if minutes % 2:
                record(here, booked, now=timezone.now(), started_at=booked.starts_at)
        assert RulerReading.objects.exists()
    after = {name: _queries(browser, url) for name, url in urls.items()}
    with capsys.disabled():
        print(f"\nqueries a page: {after}")
    assert after == before
    assert {name: n for name, n in after.items() if n > QUERY_BUDGET[name]} == {}

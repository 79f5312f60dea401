"""The pages of a session, through a browser without a script: who may open them, what they keep, what they refuse."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Appointment, RulerReading
from clinics.models import AuditEvent, Draft
from sessions.models import ProgressNote, TherapySession
from sessions.selectors.signed import verify_note
from tests.sessions.record_forms import answers, hidden, page_of, record_url, this_minute
from tests.sessions.recording import TEXT, booking, record, signed_in
from tests.world import World

# With the eight of the frame: session, person, clinic, memberships twice, break-glass, and the scope's own two.
QUERY_BUDGET = {"list": 11, "today": 14, "detail": 16, "record": 16, "sign": 16}


def test_the_therapist_records_reads_and_signs(world: World, booked: Appointment) -> None:
    here = world.here
    browser = signed_in(here.therapist)
    url = record_url(here, booked)
    page = browser.get(url)
    assert page.status_code == 200
    data = hidden(page.content.decode()) | answers(booked) | {"sign": "1"}
    answer = browser.post(url, data)
    with here.scope():
        session = TherapySession.objects.get(appointment=booked)
    assert answer.status_code == 302
    assert answer["Location"] == page_of(here, f"sessions/{session.public_id}/sign/")
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
    assert browser.get(url)["Location"] == page_of(here, f"sessions/{session.public_id}/")


def test_the_same_form_sent_twice_acts_once(world: World, booked: Appointment) -> None:
    here = world.here
    browser = signed_in(here.therapist)
    url = record_url(here, booked)
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
    url = record_url(here, booked)
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
    url = record_url(here, booked)
    data = hidden(browser.get(url).content.decode()) | answers(booked)
    with here.scope():
        Appointment.objects.filter(pk=booked.pk).update(attendance="no_show", version=2)
    html = browser.post(url, data).content.decode()
    assert "<td><bdi>Did not attend</bdi></td><td><bdi>Attended</bdi></td>" in html
    assert browser.post(url, data | hidden(html)).status_code == 302


def test_what_was_missed_needs_no_note(world: World, booked: Appointment) -> None:
    here = world.here
    browser = signed_in(here.therapist)
    url = record_url(here, booked)
    data = hidden(browser.get(url).content.decode())
    answer = browser.post(url, data | {"attendance": "no_show"})
    assert (answer.status_code, answer["Location"]) == (302, page_of(here, "today/"))
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
    url = record_url(here, booked)
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
    url = record_url(here, booked)
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
    url = record_url(here, booked)
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
    html = browser.get(record_url(here, booked)).content.decode()
    assert html.count("is-last") == 1
    assert "Up 2 since last session." in html
    assert "why an 8 and not a 5?" in html
    read = browser.get(page_of(here, f"sessions/{session.public_id}/")).content.decode()
    assert "Up 2 since last session." in read
    assert "Not asked" in read


def test_a_draft_opens_where_it_was_left_and_goes_when_the_record_is_saved(world: World, booked: Appointment) -> None:
    here = world.here
    browser = signed_in(here.therapist)
    url = record_url(here, booked)
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


# --- the list -----------------------------------------------------------------------------------------------------


def test_the_list_is_ones_own_newest_first_and_pages_by_key(world: World) -> None:
    here = world.here
    with here.scope():
        for hours in range(1, 61):
            booked = booking(here, starts_at=this_minute() - timedelta(hours=hours))
            record(here, booked, now=timezone.now(), started_at=booked.starts_at)
        wanted = [
            str(pk) for pk in TherapySession.objects.order_by("-started_at", "-id").values_list("public_id", flat=True)
        ]
    browser = signed_in(here.therapist)
    found: list[str] = []
    url = page_of(here, "sessions/")
    for _page in range(2):
        html = browser.get(url).content.decode()
        found += re.findall(r'/sessions/([0-9a-f-]{36})/" data-row', html)
        older = re.search(r'href="(\?cursor=[^"]+)"[^>]*>Older', html)
        url = page_of(here, f"sessions/{older[1]}") if older else ""
    assert found == wanted
    assert url == ""
    assert len(re.findall("data-row>", browser.get(page_of(here, "sessions/?show=unsigned")).content.decode())) == 50
    assert signed_in(here.other_therapist).get(page_of(here, "sessions/")).content.decode().count("data-row>") == 0
    assert signed_in(here.supervisor).get(page_of(here, "sessions/")).content.decode().count("data-row>") == 50
    assert browser.get(page_of(here, "sessions/?cursor=nonsense")).status_code == 404


def test_every_listed_session_opens_and_the_filter_leaves_the_signed_out(world: World) -> None:
    here = world.here
    for user in (here.therapist, here.supervisor):
        browser = signed_in(user)
        html = browser.get(page_of(here, "sessions/")).content.decode()
        ids = re.findall(r'/sessions/([0-9a-f-]{36})/" data-row', html)
        assert set(ids) == {str(here.session.public_id), str(here.signed_session.public_id)}
        assert {browser.get(page_of(here, f"sessions/{public_id}/")).status_code for public_id in ids} == {200}
        unsigned = browser.get(page_of(here, "sessions/?show=unsigned")).content.decode()
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
        "list": page_of(here, "sessions/"),
        "today": page_of(here, "today/"),
        "detail": page_of(here, f"sessions/{here.session.public_id}/"),
        "record": record_url(here, here.appointment),
        "sign": page_of(here, f"sessions/{here.session.public_id}/sign/"),
    }
    before = {name: _queries(browser, url) for name, url in urls.items()}
    with here.scope():
        for minutes in range(12):
            booked = booking(here, starts_at=this_minute() - timedelta(minutes=5 + minutes))
            if minutes % 2:
                record(here, booked, now=timezone.now(), started_at=booked.starts_at)
        assert RulerReading.objects.exists()
    after = {name: _queries(browser, url) for name, url in urls.items()}
    with capsys.disabled():
        print(f"\nqueries a page: {after}")
    assert after == before
    assert {name: n for name, n in after.items() if n > QUERY_BUDGET[name]} == {}

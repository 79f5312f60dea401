"""Who reaches the pages of a session."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clients.models import Appointment, CaseloadAssignment
from clinics.models import AuditEvent
from tests.sessions.record_forms import answers, hidden, page_of, record_url, this_minute
from tests.sessions.recording import TEXT, booking, record, signed_in
from tests.world import Side, World

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
        "record": record_url(side, side.appointment),
        "detail": page_of(side, f"sessions/{side.session.public_id}/"),
        "sign": page_of(side, f"sessions/{side.session.public_id}/sign/"),
        "list": page_of(side, "sessions/"),
        "today": page_of(side, "today/"),
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
        assert browser.get(page_of(world.here, path)).status_code == 404


def test_an_assessment_has_no_session_to_record(world: World) -> None:
    with world.here.scope():
        assessment = booking(world.here, kind=Appointment.Kind.ASSESSMENT)
    assert signed_in(world.here.therapist).get(record_url(world.here, assessment)).status_code == 404


def test_who_stands_in_records_without_having_the_person_on_the_caseload(world: World) -> None:
    here = world.here
    with here.scope():
        booked = booking(here, starts_at=this_minute() - timedelta(hours=1), therapist=here.other_therapist)
    browser = signed_in(here.other_therapist)
    url = record_url(here, booked)
    html = browser.get(url).content.decode()
    assert page_of(here, f"people/{here.client.public_id}/") not in html, "no link to a page that would not open"
    answer = browser.post(url, hidden(html) | answers(booked))
    assert browser.get(answer["Location"]).status_code == 200


def test_a_note_outside_ones_reach_is_not_read_with_its_session(world: World) -> None:
    """The supervisor supervises the caseload's therapist, not the one who stood in."""
    here = world.here
    with here.scope():
        booked = booking(here, therapist=here.other_therapist)
        session = record(here, booked, by=here.other_therapist)
    html = signed_in(here.supervisor).get(page_of(here, f"sessions/{session.public_id}/")).content.decode()
    assert TEXT not in html
    assert "not yours to read" in html
    with here.scope():
        event = AuditEvent.objects.get(action="therapysession.viewed", actor=here.supervisor)
        assert event.detail == {}


def test_a_supervisor_reads_the_session_after_the_person_has_moved_to_another(world: World) -> None:
    here = world.here
    with here.scope():
        CaseloadAssignment.objects.filter(client=here.client).update(ends_at=timezone.now())
    page = signed_in(here.supervisor).get(page_of(here, f"sessions/{here.session.public_id}/"))
    assert "note" in page.content.decode()
    assert page.status_code == 200

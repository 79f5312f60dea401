"""Who sees which person, episode and appointment, and why: the list, the object and the words agree."""

import itertools
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from clients.models import Appointment, BreakGlass, CaseloadAssignment, Client, Episode
from clients.selectors import people as selectors
from clients.selectors import person
from clients.services import break_glass, caseload
from clinics.access import ClinicBackend, why_visible
from clinics.models import Supervision
from clinics.roles import Reach, Role
from clinics.services.people import add_member
from tests.clients.people import ABSENT_ID, body, events, in_care, page, signed_in
from tests.world import CANARY, World

RIGHTS = ("view_client", "change_client", "view_appointment", "change_appointment", "view_plan", "change_plan")
ROUTES = [
    # route, the row it is about, right to open it, whether its pages need a fresh proof of identity
    ("client_detail", "client", "view_client"),
    ("client_edit", "client", "change_client"),
    ("target_create", "client", "change_plan"),
    ("appointment_list", "client", "view_appointment"),
    ("appointment_create", "client", "change_appointment"),
    ("appointment_edit", "appointment", "change_appointment"),
    ("appointment_attendance", "appointment", "change_appointment"),
]


def everybody(world: World) -> list[Any]:
    return [*world.here.people.values(), world.here.other_therapist, *world.neighbour.people.values()]


def reasons(client: Client, user: Any) -> list[selectors.VisibleBecause]:
    found = Client.objects.annotate(**person.columns(user)).get(pk=client.pk)
    caseloads = person.opened(found, user, ()).caseloads(found)
    return selectors.why_visible(client, user, caseloads, selectors.open_accesses(user))


@pytest.mark.parametrize("model", [Client, Episode, Appointment])
@pytest.mark.parametrize("right", RIGHTS)
def test_the_list_and_the_object_give_the_same_answer(world: World, model: Any, right: str) -> None:
    here, backend = world.here, ClinicBackend()
    with here.scope():
        other = in_care(here, "Other", therapist=here.other_therapist)
        break_glass.break_glass(client=other, reason="On call, and she came in.", by=here.therapist)
        rows = list(model.objects.all())
        assert rows
        for user in everybody(world):
            listed = set(model.objects.permitted(user, f"clinics.{right}").values_list("pk", flat=True))
            for row in rows:
                try:
                    allowed = backend.has_perm(user, f"clinics.{right}", row)
                except PermissionDenied:
                    allowed = False
                assert allowed is (row.pk in listed), (user, row)
            if user in world.neighbour.people.values():
                assert not listed


def test_the_words_name_the_reaches_that_show_the_record_and_no_others(world: World) -> None:
    here = world.here
    with here.scope():
        add_member(clinic=here.clinic, user=here.supervisor, role=Role.THERAPIST, by=None)
        here.supervisor.__dict__.clear()
        supervisor = type(here.supervisor).objects.get(email="supervisor@riverbend.example")
        caseload.assign(client=here.client, user=supervisor, by=None)
        break_glass_rows = BreakGlass.objects.filter(user=here.other_therapist)
        break_glass_rows.update(starts_at=timezone.now(), ends_at=timezone.now() + timedelta(minutes=10))
        people_here = [here.coordinator, here.therapist, supervisor, here.coder, here.privacy_officer]
        for user in [*people_here, here.administrator, here.other_therapist, world.neighbour.coordinator]:
            expected = why_visible(here.client, user, selectors.VIEW)
            assert sorted({reason.reach for reason in reasons(here.client, user)}) == expected, user
        assert set(why_visible(here.client, supervisor, selectors.VIEW)) == {Reach.CASELOAD, Reach.SUPERVISEES}


def test_the_words_carry_the_dated_rows(world: World) -> None:
    here = world.here
    with here.scope():
        assigned = CaseloadAssignment.objects.get(client=here.client)
        assigned.starts_at -= timedelta(days=30)
        assigned.save()
        (own,) = reasons(here.client, here.therapist)
        (supervised,) = reasons(here.client, here.supervisor)
        (role,) = reasons(here.client, here.coordinator)
        assert own == selectors.VisibleBecause(Reach.CASELOAD, since=assigned.starts_at)
        assert (supervised.name, supervised.since) == (here.therapist.name, assigned.starts_at)
        assert role.role == "Admissions coordinator"
        Supervision.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
        assert reasons(here.client, here.supervisor) == []
    shown = signed_in(here.therapist).get(page(here, "client_detail", here.client.public_id)).content.decode()
    day = assigned.starts_at.astimezone(ZoneInfo(here.clinic.time_zone)).strftime("%b %-d, %Y")
    assert f"On your caseload since {day}." in shown


@pytest.mark.parametrize(("route", "row", "right"), ROUTES)
def test_each_role_gets_the_page_a_refusal_or_nothing(world: World, route: str, row: str, right: str) -> None:
    here = world.here
    target = getattr(here, row)
    seen_by = "view_client" if row == "client" else "view_appointment"
    for user in everybody(world):
        with here.scope():
            may = type(target).objects.permitted(user, f"clinics.{right}").filter(pk=target.pk).exists()
            sees = type(target).objects.permitted(user, f"clinics.{seen_by}").filter(pk=target.pk).exists()
        answer = signed_in(user).get(page(here, route, target.public_id))
        assert answer.status_code == (200 if may else 403 if sees else 404), user
        if not may:
            assert CANARY not in answer.content.decode()


@pytest.mark.parametrize(("route", "row", "right"), ROUTES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_foreign_absent_and_malformed_ids_answer_with_the_same_page(
    world: World, route: str, row: str, right: str, method: str
) -> None:
    browser = signed_in(world.here.therapist)
    foreign = getattr(world.neighbour, row).public_id
    ids = (foreign, ABSENT_ID, "not-an-id", str(foreign)[:-1], "%00", "1 or 1=1")
    answers = [getattr(browser, method)(page(world.here, route, public_id)) for public_id in ids]
    assert {answer.status_code for answer in answers} == {404}
    assert len({body(answer) for answer in answers}) == 1
    neighbour = signed_in(world.neighbour.therapist)
    outside = [
        getattr(neighbour, method)(page(world.here, route, public_id))
        for public_id in (getattr(world.here, row).public_id, ABSENT_ID)
    ]
    assert {answer.status_code for answer in outside} == {404}


@pytest.mark.parametrize(("route", "row", "right"), ROUTES)
def test_every_page_about_a_person_leaves_an_event_that_names_them(
    world: World, route: str, row: str, right: str
) -> None:
    here = world.here
    browser = signed_in(here.therapist)
    for method, answer_of in itertools.product(("get", "post"), (browser,)):
        seen = len(events(here))
        answer = getattr(answer_of, method)(page(here, route, getattr(here, row).public_id))
        if CANARY not in answer.content.decode():
            continue
        named = [
            event
            for event in events(here, seen)
            if here.client.pk in (event.client_ref, *event.detail.get("client_ids", []))
            and str(event.request_id) == answer["X-Request-ID"]
        ]
        assert named, (route, method)


def test_a_refused_page_is_in_the_trail_by_its_route_alone(world: World) -> None:
    here = world.here
    seen = len(events(here))
    signed_in(here.privacy_officer).get(page(here, "client_edit", here.client.public_id))
    (event,) = events(here, seen)
    assert (event.action, event.detail, event.client_ref) == (
        "request.refused", {"status": 403, "route": "client_edit"}, None,
    )  # fmt: skip

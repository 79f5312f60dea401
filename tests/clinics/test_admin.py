"""The admin of a clinic: who opens it, what its lists show, and that no other clinic is in them."""

import re
import time
from typing import Any

import pytest
from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from guardian.shortcuts import remove_perm

from clients.models import Appointment, CaseloadAssignment, Client
from clinics.admin_site import clinic_site
from clinics.models import AuditEvent, User
from clinics.roles import Role, group_name
from clinics.services import people
from tests.budgets.counting import HEARTBEAT
from tests.clinics.signing_in import is_signed_in
from tests.guards.routes import Route, all_routes
from tests.world import CANARY, NOW, PASSWORD, Side, World

HERE = "/clinics/riverbend/admin/"
# Session, person, clinic, memberships, scope, rights, the frame's own, count, page, trail.
BUDGET = 14


def browser_of(user: User, *, proved_s_ago: int = 0) -> Browser:
    """Return a browser in which the person is signed in and proved who they are so many seconds ago."""
    browser = Browser()
    browser.force_login(user)
    session = browser.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": time.time() - proved_s_ago}]
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
    session.save()
    return browser


def events(side: Side, action: str) -> list[AuditEvent]:
    """Return the clinic's events of one action."""
    with side.scope():
        return list(AuditEvent.objects.filter(action=action).order_by("id"))


def admin_routes() -> list[Route]:
    """Return every route of a clinic's admin."""
    return [route for route in all_routes() if route.template.startswith("clinics/<clinic_slug>/admin/")]


def plain_routes() -> list[str]:
    """Return the addresses of Riverbend's admin that take no id."""
    return [route.path(clinic_slug="riverbend") for route in admin_routes() if len(route.placeholders) == 1]


def lists() -> list[str]:
    """Return the addresses of its lists."""
    return [route.path(clinic_slug="riverbend") for route in admin_routes() if route.name.endswith("_changelist")]


def own_ids(side: Side) -> dict[str, Any]:
    """Return the row that each form of the admin is about."""
    return {
        "programs": side.program.public_id,
        "caseload": side.client.public_id,
        "appointments": side.appointment.public_id,
    }


# --- who opens it -------------------------------------------------------------------------------------------------


def test_there_are_as_many_routes_as_were_looked_at() -> None:
    assert len(admin_routes()) >= 20
    assert {route.template.split("/")[3] for route in admin_routes() if len(route.placeholders) == 2} == set(
        own_ids_names()
    )


def own_ids_names() -> set[str]:
    return {"programs", "caseload", "appointments"}


def test_only_who_manages_people_opens_a_page(world: World) -> None:
    expected = {role.value: 200 if role is Role.ADMINISTRATOR else 403 for role in world.here.people}
    browsers = {role.value: browser_of(user) for role, user in world.here.people.items()}
    browsers["neighbour"], expected["neighbour"] = browser_of(world.neighbour.administrator), 404
    for address in plain_routes():
        found = {who: browser.get(address).status_code for who, browser in browsers.items()}
        assert found == expected, address
        answer = Browser().get(address)
        assert answer.status_code == 302, address
        assert answer["Location"].startswith(reverse("account_login")), address


RIGHTS = sorted({kind.right for kind in clinic_site._registry.values()} - {"manage_people"})  # type: ignore[attr-defined]


def without(side: Side, rights: list[str]) -> Browser:
    """Return a browser of the administrator, from whom these rights were taken."""
    group = Group.objects.get(name=group_name(side.clinic.pk, Role.ADMINISTRATOR))
    for right in rights:
        remove_perm(f"clinics.{right}", group, side.clinic)
    return browser_of(side.administrator)


@pytest.mark.parametrize("right", RIGHTS)
def test_a_kind_of_row_asks_for_no_other_right_than_its_own(world: World, right: str) -> None:
    """Who may open the admin and has one right more is shown the lists of that right and of no other."""
    browser = without(world.here, [other for other in RIGHTS if other != right])
    index = browser.get(HERE).content.decode()
    for kind in clinic_site._registry.values():
        address, is_open = f"{HERE}{kind.address}/", kind.right in (right, "manage_people")  # type: ignore[attr-defined]
        assert (f'href="{address}"' in index) is is_open
        if kind.right == right:  # type: ignore[attr-defined]
            assert browser.get(address).status_code == 200


@pytest.mark.parametrize("right", RIGHTS)
def test_each_kind_of_row_asks_for_its_own_right(world: World, right: str) -> None:
    """A right that is taken from the administrators closes its lists, forms and verbs, and no other."""
    browser = without(world.here, [right])
    index = browser.get(HERE).content.decode()
    for kind in clinic_site._registry.values():
        address = f"{HERE}{kind.address}/"  # type: ignore[attr-defined]
        closed = kind.right == right  # type: ignore[attr-defined]
        assert (f'href="{address}"' in index) is not closed
        if not closed:
            continue
        assert browser.get(address).status_code == 403
        assert browser.post(address, {"action": "x"}).status_code == 403
        if kind.add_form is not None:  # type: ignore[attr-defined]
            assert browser.post(f"{address}add/", {}).status_code == 403
        if kind.change_form is not None:  # type: ignore[attr-defined]
            own = own_ids(world.here)[kind.address]  # type: ignore[attr-defined]
            assert [browser.get(f"{address}{own}/").status_code, browser.post(f"{address}{own}/").status_code] == [
                403
            ] * 2


def test_an_operator_has_no_way_in(world: World) -> None:
    operator = User.objects.create_superuser("operator@evoke.example", "Operator", PASSWORD)
    people_add_factor(operator)
    for address in plain_routes():
        assert browser_of(operator).get(address).status_code == 404, address
    with world.here.scope():
        people.add_member(clinic=world.here.clinic, user=operator, role=Role.THERAPIST, by=None)
    assert browser_of(operator).get(HERE).status_code == 403


def people_add_factor(user: User) -> None:
    Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data={})


def test_without_a_second_factor_the_admin_leads_to_setting_one_up(world: World) -> None:
    Authenticator.objects.filter(user=world.here.administrator).delete()
    answer = browser_of(world.here.administrator).get(HERE)
    assert answer.status_code == 302
    assert answer["Location"] == reverse("mfa_index")


@pytest.mark.parametrize("door", [f"{HERE}login/", "/platform/login/", "/admin/login/"])
def test_django_admins_login_page_is_no_second_door(world: World, door: str) -> None:
    browser = Browser()
    assert browser.get(door).status_code == 404
    given = {"username": world.here.administrator.email, "password": PASSWORD, "next": HERE}
    assert browser.post(door, given).status_code == 404
    assert not is_signed_in(browser)


def test_only_the_routes_that_we_wrote_are_there(world: World) -> None:
    browser = browser_of(world.here.administrator)
    for gone in ("logout/", "password_change/", "autocomplete/", f"r/1/{world.here.program.pk}/", "clinics/program/"):
        assert browser.get(f"{HERE}{gone}").status_code == 404, gone
    for gone in ("delete/", "history/", "change/"):
        assert browser.get(f"{HERE}programs/{world.here.program.public_id}/{gone}").status_code == 404, gone


def test_addresses_are_written_for_the_clinic_of_the_page_only(world: World) -> None:
    page = browser_of(world.here.administrator).get(HERE).content.decode()
    assert f'href="{HERE}memberships/"' in page
    with pytest.raises(NoReverseMatch):
        reverse("admin:clinics_program_changelist", current_app="clinic")
    there = reverse("clinic:clinics_program_changelist", kwargs={"clinic_slug": "harbor"})
    assert there == "/clinics/harbor/admin/programs/"


# --- what lists show ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", plain_routes())
def test_no_page_shows_the_neighbour_or_a_persons_name(world: World, address: str) -> None:
    page = browser_of(world.here.administrator).get(address).content.decode()
    for other in (f"{CANARY}-harbor", "Harbor", "@harbor.example", " HY", "HY-20"):
        assert other not in page, other
    for word in ("Jordan", "Marsh", "1988", "riverbend note", "riverbend goal", "riverbend reason"):
        assert word not in page, word


@pytest.mark.parametrize("address", lists())
def test_each_list_holds_its_own_rows(world: World, address: str) -> None:
    page = browser_of(world.here.administrator).get(address).content.decode()
    assert 'id="result_list"' in page


def test_a_list_costs_the_same_however_long_it_is(world: World) -> None:
    browser = browser_of(world.here.administrator)
    few = {}
    for address in lists():
        assert browser.get(address).status_code == 200, address
        few[address] = len(statements_of(browser, address))
    with world.here.scope():
        more_rows(world.here)
    for address in lists():
        many = statements_of(browser, address)
        assert len(many) == few[address], (address, many)
        assert len(many) <= BUDGET, (address, many)


def statements_of(browser: Browser, address: str) -> list[str]:
    """Return the statements of one GET but the sign of life that a session gives now and then."""
    with CaptureQueriesContext(connection) as captured:
        browser.get(address)
    return [one["sql"] for one in captured if not one["sql"].upper().startswith(HEARTBEAT)]


def more_rows(side: Side) -> None:
    for number in range(4):
        client = Client.objects.create(
            clinic=side.clinic,
            reference=f"RB-9{number}",
            legal_name="Riley Stone",
            family_key="stone",
            given_key="riley",
        )
        CaseloadAssignment.objects.create(clinic=side.clinic, client=client, user=side.therapist)
        Appointment.objects.create(
            clinic=side.clinic, client=client, episode=side.episode, therapist=side.therapist, starts_at=NOW,
            service_on=NOW.date(),
        )  # fmt: skip
        user = User.objects.create_user(f"more{number}@riverbend.example", f"More {number}", PASSWORD)
        people.add_member(clinic=side.clinic, user=user, role=Role.THERAPIST, by=side.administrator)
        people.start_supervision(supervisor=side.supervisor, supervisee=user, by=side.administrator)


LOOKUPS = (
    "legal_name__startswith=Zzz",
    "born_on=1900-01-01",
    "client__legal_name__startswith=Zzz",
    "user__password__startswith=Zzz",
    "clinic=0",
    "id__in=0",
    "_to_field=legal_name",
    "_popup=1",
    "_facets=True",
    "all=",
    "q=%00",
    "o=99.-98.x",
)


@pytest.mark.parametrize("lookup", LOOKUPS)
def test_a_list_answers_no_question_that_it_does_not_offer(world: World, lookup: str) -> None:
    browser = browser_of(world.here.administrator)
    for address in (f"{HERE}caseload/", f"{HERE}appointments/", f"{HERE}memberships/"):
        plain, asked = browser.get(address), browser.get(f"{address}?{lookup}")
        assert asked.status_code == 200
        assert sorted(rows_of(asked)) == sorted(rows_of(plain)) != []


def rows_of(answer: Any) -> list[str]:
    """Return the rows that a list shows."""
    found = re.search(r'<table id="result_list">.*?<tbody>(.*?)</tbody>', answer.content.decode(), re.DOTALL)
    return re.findall(r"<tr>.*?</tr>", found[1], re.DOTALL) if found else []


@pytest.mark.parametrize(
    ("address", "found", "missed"),
    [
        ("caseload/?q=rb-2001", 1, "caseload/?q=Jordan"),
        ("appointments/?q=RB-2001", 2, "appointments/?q=Marsh"),
        ("appointments/?attendance=attended", 2, "appointments/?attendance=no_show"),
        ("memberships/?role=coder", 1, "memberships/?time=ended"),
        ("people/?q=coder", 1, "people/?q=harbor"),
        ("trail/?q=clinic.created", 1, "trail/?q=nothing.happened"),
        ("trail/?q=RB-2001", 0, "trail/?q=HY-2001"),
        ("instruments/?status=published", 3, "instruments/?status=retired"),
        ("jobs/?state=dead", 1, "jobs/?state=done"),
    ],
)
def test_search_and_filters_find_what_they_say(world: World, address: str, found: int, missed: str) -> None:
    browser = browser_of(world.here.administrator)
    if address.startswith("trail/?q=RB"):
        browser.get(f"{HERE}caseload/{world.here.client.public_id}/")
        found = 1
    shown = browser.get(f"{HERE}{address}")
    assert len(rows_of(shown)) >= found > 0
    assert rows_of(browser.get(f"{HERE}{missed}")) == []


def test_the_trail_is_searched_by_person_and_request(world: World) -> None:
    browser = browser_of(world.here.administrator)
    request_id = browser.get(f"{HERE}programs/")["X-Request-ID"]
    assert len(rows_of(browser.get(f"{HERE}trail/?q={request_id}"))) == 1
    assert rows_of(browser.get(f"{HERE}trail/?q=administrator RB")) != []
    assert rows_of(browser.get(f"{HERE}trail/?q=administrator HY")) == []


# --- what is seen is recorded -------------------------------------------------------------------------------------


def test_looking_at_a_list_is_recorded_with_the_clients_on_it(world: World) -> None:
    browser_of(world.here.administrator).get(f"{HERE}caseload/")
    (event,) = events(world.here, "admin_client.listed")
    assert event.actor_id == world.here.administrator.pk
    assert event.detail == {"client_ids": [world.here.client.pk], "n": 1, "rows": 1}
    browser_of(world.here.administrator).get(f"{HERE}trail/")
    assert len(events(world.here, "admin_auditevent.listed")) == 1


def test_opening_a_row_is_recorded(world: World) -> None:
    browser_of(world.here.administrator).get(f"{HERE}appointments/{world.here.appointment.public_id}/")
    (event,) = events(world.here, "appointment.viewed")
    assert event.client_ref == world.here.client.pk
    assert event.purpose == "administration"


# --- foreign ids --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", sorted(own_ids_names()))
def test_a_foreign_id_answers_like_one_that_does_not_exist(world: World, address: str) -> None:
    browser = browser_of(world.here.administrator)
    assert browser.get(f"{HERE}{address}/{own_ids(world.here)[address]}/").status_code == 200
    foreign = own_ids(world.neighbour)[address]
    for other in (foreign, "00000000-0000-4000-8000-000000000000", "not-an-id", "1"):
        for method in ("get", "post"):
            assert getattr(browser, method)(f"{HERE}{address}/{other}/").status_code == 404, (other, method)


# --- what the browser gets ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [*plain_routes(), "/platform/"])
def test_no_page_has_inline_script_style_or_handler(world: World, address: str) -> None:
    user = world.here.administrator
    if address.startswith("/platform/"):
        User.objects.filter(pk=user.pk).update(is_superuser=True)
    page = browser_of(user).get(address)
    if not page["Content-Type"].startswith("text/html"):
        return
    text = page.content.decode()
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", text) == []
    assert "script-src 'self'" in page["Content-Security-Policy"]

"""The operator's site: people and clinics of the installation, and no way into a clinic."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.core import mail

from clinics.models import AccountEvent, Clinic, InstrumentVersion, Invitation, User
from clinics.roles import Role
from clinics.tenancy import clinic_scope, owned_models
from config.admin import platform_site
from tests.clinics.test_admin import browser_of, rows_of
from tests.clinics.test_admin_verbs import TICKED, TOO_OLD_S
from tests.guards.routes import all_routes
from tests.guards.test_role_table import PUBLIC
from tests.world import CANARY, PASSWORD, World

PAGES = [route.path() for route in all_routes() if route.template.startswith("platform/")]
CLINIC = {
    "name": "Cedar House", "slug": "cedar", "initials": "CH", "reference_prefix": "CH", "colour": "sea",
    "time_zone": "America/Denver", "person_word": "person", "administrator_name": "First Person",
    "administrator_email": "First@Cedar.example",
}  # fmt: skip


@pytest.fixture
def operator(world: World) -> User:
    """An operator with a second factor, who works at no clinic."""
    user = User.objects.create_superuser("operator@evoke.example", "Operator", PASSWORD)
    Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data={})
    return user


def test_it_holds_people_and_clinics_and_no_row_of_a_clinic() -> None:
    models = set(platform_site._registry)
    assert models == {User, Clinic}
    assert not models & set(owned_models())


@pytest.mark.parametrize("page", PAGES)
def test_only_operators_open_it(world: World, operator: User, page: str) -> None:
    answer = browser_of(operator).get(page)
    assert answer.status_code == 200
    assert CANARY not in answer.content.decode()
    for user in world.here.people.values():
        assert browser_of(user).get(page).status_code == 403


def test_the_operators_pages_ask_for_a_second_factor(operator: User) -> None:
    Authenticator.objects.filter(user=operator).delete()
    assert browser_of(operator).get("/platform/").status_code == 302


def test_an_operator_enters_no_clinic(world: World, operator: User) -> None:
    browser = browser_of(operator)
    tried = 0
    for route in all_routes():
        if route.placeholders == ("clinic_slug",) and route.name not in PUBLIC:
            tried += 1
            status = browser.get(route.path(clinic_slug="riverbend")).status_code
            assert status == (401 if route.is_api and status == 401 else 404), route.template
    assert tried > 30


def test_opening_a_clinic_invites_its_administrator_and_leaves_the_operator_outside(
    world: World, operator: User, django_capture_on_commit_callbacks: Any
) -> None:
    browser = browser_of(operator)
    with django_capture_on_commit_callbacks(execute=True):
        answer = browser.post("/platform/clinics/add/", CLINIC)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    clinic = Clinic.objects.get(slug="cedar")
    with clinic_scope(clinic.pk):
        assert InstrumentVersion.objects.filter(status="published").count() >= 3
        (invitation,) = Invitation.objects.all()
    assert (invitation.email, invitation.role) == ("first@cedar.example", Role.ADMINISTRATOR)
    assert [message.to for message in mail.outbox] == [["first@cedar.example"]]
    assert AccountEvent.objects.filter(event="clinic.opened", user=operator).exists()
    assert browser.get("/clinics/cedar/admin/").status_code == 404
    assert LogEntry.objects.count() == 0


@pytest.mark.parametrize(
    "wrong", [{"slug": "riverbend"}, {"slug": "a b"}, {"reference_prefix": "ch"}, {"time_zone": "Here"}, {"name": ""}]
)
def test_a_clinic_with_a_wrong_value_is_not_opened(world: World, operator: User, wrong: dict[str, str]) -> None:
    answer = browser_of(operator).post("/platform/clinics/add/", {**CLINIC, **wrong})
    assert answer.status_code == 422
    assert Clinic.objects.count() == 2


def test_a_deactivated_account_is_refused_at_its_next_request(world: World, operator: User) -> None:
    therapist, browser = world.here.therapist, browser_of(operator)
    theirs = browser_of(therapist)
    assert theirs.get("/clinics/riverbend/sessions/").status_code == 200
    browser.post("/platform/people/", {"action": "deactivate", TICKED: [str(therapist.public_id)]})
    assert theirs.get("/clinics/riverbend/sessions/").status_code == 302
    event = AccountEvent.objects.get(event="account.deactivated")
    assert (event.user, event.detail) == (therapist, {"by": str(operator.public_id)})
    browser.post("/platform/people/", {"action": "reactivate", TICKED: [str(therapist.public_id)]})
    therapist.refresh_from_db()
    assert therapist.is_active


def test_operators_do_not_shut_themselves_out(operator: User) -> None:
    browser = browser_of(operator)
    browser.post("/platform/people/", {"action": "deactivate", TICKED: [str(operator.public_id)]})
    assert "your own account" in browser.get("/platform/people/").content.decode()


def test_opening_and_deactivating_ask_again_who_it_is(world: World, operator: User) -> None:
    stale = browser_of(operator, proved_s_ago=TOO_OLD_S)
    for answer in (
        stale.get("/platform/clinics/add/"),
        stale.post("/platform/clinics/add/", CLINIC),
        stale.post("/platform/people/", {"action": "deactivate", TICKED: [str(world.here.therapist.public_id)]}),
    ):
        assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert Clinic.objects.count() == 2
    assert User.objects.get(pk=world.here.therapist.pk).is_active


def test_looking_is_recorded_and_no_other_question_is_answered(world: World, operator: User) -> None:
    browser = browser_of(operator)
    plain = rows_of(browser.get("/platform/people/"))
    assert plain != []
    assert rows_of(browser.get("/platform/people/?password__startswith=zzz&memberships__role=coder")) == plain
    assert AccountEvent.objects.filter(event="platform.user_listed", user=operator).count() == 2

"""Rights that end now, grants that reach the next request, and what must be proved again."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone
from guardian.models import GroupObjectPermission, UserObjectPermission
from guardian.shortcuts import assign_perm, remove_perm

from clients.models import CaseloadAssignment, Client
from clinics.models import Supervision, User
from clinics.models.people import Membership
from clinics.permission_map import permission_map
from clinics.roles import Role, group_name
from clinics.services import people
from clinics.sign_in_again import reauthentication_required
from tests.clinics.signing_in import sign_in
from tests.world import World

FIND = "/clinics/riverbend/find/?q=marsh"
HALF_HOUR_S, QUARTER_S = 1800, 900


def finds_jordan(browser: Browser) -> bool:
    return "Jordan" in browser.get(FIND, headers={"HX-Request": "true"}).content.decode()


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


# --- a right that is taken ends now (P11) -------------------------------------------------------------------------


def deactivate(world: World) -> None:
    User.objects.filter(pk=world.here.therapist.pk).update(is_active=False)


def end_membership(world: World) -> None:
    membership = Membership.objects.get(user=world.here.therapist, clinic=world.here.clinic)
    with world.here.scope(world.here.administrator):
        people.end_membership(membership=membership, by=world.here.administrator, now=timezone.now())


def revoke_grant(world: World) -> None:
    group = Group.objects.get(name=group_name(world.here.clinic.pk, Role.THERAPIST))
    remove_perm("clinics.view_client", group, world.here.clinic)


def end_caseload(world: World) -> None:
    with world.here.scope():
        CaseloadAssignment.objects.filter(user=world.here.therapist).update(ends_at=timezone.now())


def end_supervision(world: World) -> None:
    with world.here.scope():
        Supervision.objects.filter(supervisor=world.here.supervisor).update(ends_at=timezone.now())


@pytest.mark.parametrize(
    ("take", "role", "status"),
    [
        (deactivate, Role.THERAPIST, 401),
        (end_membership, Role.THERAPIST, 404),
        (revoke_grant, Role.THERAPIST, 200),
        (end_caseload, Role.THERAPIST, 200),
        (end_supervision, Role.SUPERVISOR, 200),
    ],
    ids=["person", "membership", "grant", "caseload", "supervision"],
)
def test_a_right_that_is_taken_ends_with_the_next_request(
    world: World, client: Browser, take: Callable[[World], None], role: Role, status: int
) -> None:
    sign_in(client, world.here.people[role])
    assert finds_jordan(client)
    assert finds_jordan(client), "from the cached map too"
    take(world)
    answer = client.get(FIND, headers={"HX-Request": "true"})
    assert answer.status_code == status
    assert "Jordan" not in answer.content.decode()


def test_a_membership_ends_by_its_date_without_anybody_acting(world: World, client: Browser) -> None:
    client.force_login(world.here.therapist)
    assert finds_jordan(client)
    Membership.objects.filter(user=world.here.therapist).update(ends_at=timezone.now())
    assert client.get(FIND).status_code == 404


def test_a_membership_of_tomorrow_opens_nothing_today(world: World, client: Browser) -> None:
    Membership.objects.filter(user=world.here.therapist).update(starts_at=timezone.now() + timedelta(days=1))
    client.force_login(world.here.therapist)
    assert client.get(FIND).status_code == 404


def test_memberships_are_those_the_tables_say_with_their_clinics(world: World) -> None:
    here = world.here
    user = fresh(here.therapist)
    with world.neighbour.scope():
        people.add_member(clinic=world.neighbour.clinic, user=user, role=Role.SUPERVISOR, by=None)
    with here.scope():
        people.add_member(clinic=here.clinic, user=user, role=Role.CODER, by=None)
    Membership.objects.create(
        clinic=here.clinic, user=user, role="privacy", starts_at=timezone.now() + timedelta(days=1)
    )
    rows = Membership.objects.active().filter(user=user, clinic__is_active=True).select_related("clinic")
    for _closed in range(2):
        asked = user.memberships_now()
        assert list(asked) == list(rows.order_by("clinic__name", "clinic_id", "role"))
        assert [vars_of(one) for one in asked] == [vars_of(one) for one in rows.order_by("clinic__name", "role")]
        assert all(one.user is user for one in asked)
        world.neighbour.clinic.is_active = False
        world.neighbour.clinic.save()
        user = fresh(user)
    assert {one.clinic.slug for one in user.memberships_now()} == {"riverbend"}


def vars_of(membership: Membership) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a membership and its clinic hold, as read from the database."""
    found = [
        {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
        for row in (membership, membership.clinic)
    ]
    return found[0], found[1]


# --- the kept map of rights ---------------------------------------------------------------------------------------


def test_the_kept_map_holds_no_dates_and_no_names(world: World) -> None:
    user = fresh(world.here.therapist)
    permission_map(user)
    (key,) = [key for key in _cache_keys() if f"rights:{user.pk}:" in key]
    kept = cache.get(key.partition(":1:")[2])
    assert set(kept) == {str(world.here.clinic.pk)}
    by_role, own = kept[str(world.here.clinic.pk)]
    assert set(by_role) == {"therapist"}
    assert own == []
    assert all(isinstance(right, str) and right.isidentifier() for right in by_role["therapist"])


def _cache_keys() -> list[str]:
    client = cache._cache.get_client()  # type: ignore[attr-defined]
    return [key.decode() for key in client.keys("*")]


def version(user: User) -> int:
    return User.objects.values_list("access_version", flat=True).get(pk=user.pk)


def test_every_change_of_grants_and_memberships_bumps_the_version_at_once(world: World) -> None:
    user, clinic = world.here.therapist, world.here.clinic
    group = Group.objects.get(name=group_name(clinic.pk, Role.THERAPIST))
    membership = Membership.objects.get(user=user, clinic=clinic)
    officers = Group.objects.get(name=group_name(clinic.pk, Role.PRIVACY_OFFICER))
    changes: list[Callable[[], object]] = [
        lambda: assign_perm("clinics.view_audit", group, clinic),
        lambda: remove_perm("clinics.view_audit", group, clinic),
        lambda: assign_perm("clinics.view_audit", user, clinic),
        lambda: remove_perm("clinics.view_audit", user, clinic),
        lambda: user.groups.add(officers),
        lambda: user.groups.remove(officers),
        lambda: Membership.objects.filter(pk=membership.pk).update(reason="changed"),
        lambda: GroupObjectPermission.objects.filter(group=group).delete(),
    ]
    bystander = version(world.neighbour.therapist)
    for n, change in enumerate(changes):
        before = version(user)
        change()
        assert version(user) > before, n
    with connection.cursor() as cursor:  # raw statements too: it is a trigger
        before = version(user)
        cursor.execute("update clinics_membership set ends_at = now() where id = %s", [membership.pk])
        assert version(user) > before
    assert version(world.neighbour.therapist) == bystander


def test_a_grant_to_one_person_reaches_their_next_request(world: World, client: Browser) -> None:
    user = world.here.coder
    client.force_login(user)
    assert not finds_jordan(client)
    assign_perm("clinics.view_client", user, world.here.clinic)
    assert finds_jordan(client)
    remove_perm("clinics.view_client", user, world.here.clinic)
    assert not finds_jordan(client)


def test_a_stray_grant_without_a_membership_gives_nothing(world: World, client: Browser) -> None:
    user = world.neighbour.coordinator
    assign_perm("clinics.view_client", user, world.here.clinic)
    user.groups.add(Group.objects.get(name=group_name(world.here.clinic.pk, Role.COORDINATOR)))
    assert UserObjectPermission.objects.filter(user=user).exists()
    client.force_login(user)
    assert client.get(FIND).status_code == 404
    with world.here.scope():
        assert not Client.objects.permitted(fresh(user), "clinics.view_client").exists()
        assert not fresh(user).has_perm("clinics.view_client", world.here.client)
        assert not fresh(user).has_perm("clinics.view_client", world.here.clinic)


def test_a_superuser_sees_nothing_clinical(world: World, client: Browser) -> None:
    operator = User.objects.create_superuser(email="operator@platform.example", name="Operator", password="x")
    client.force_login(operator)
    assert client.get(FIND).status_code in (302, 404)
    with world.here.scope():
        assert not Client.objects.permitted(operator, "clinics.view_client").exists()
        assert not operator.reaches("clinics.view_client", world.here.clinic.pk)
        backend_answer = [operator.reaches(f"clinics.{right}", world.here.clinic.pk) for right in ("view_note",)]
    assert backend_answer == [frozenset()]


def test_a_superuser_who_works_at_a_clinic_holds_their_role_only(world: World) -> None:
    operator = User.objects.create_superuser(email="operator@platform.example", name="Operator", password="x")
    with world.here.scope():
        people.add_member(clinic=world.here.clinic, user=operator, role=Role.CODER, by=None)
        held = fresh(operator)
        assert held.may("clinics.view_practice", world.here.clinic.pk)
        assert not Client.objects.permitted(held, "clinics.view_client").exists()
        with pytest.raises(PermissionDenied):
            _object_answer(held, world)


def _object_answer(user: User, world: World) -> bool:
    from clinics.access import ClinicBackend

    return ClinicBackend().has_perm(user, "clinics.view_client", world.here.client)


def test_the_right_of_one_clinic_is_none_at_another(world: World, client: Browser) -> None:
    client.force_login(world.here.administrator)
    assert client.get("/clinics/riverbend/find/").status_code == 200
    assert client.get("/clinics/harbor/find/").status_code == 404
    assert client.get("/clinics/nowhere/find/").status_code == 404


# --- proving it again (P14) ---------------------------------------------------------------------------------------


def age(browser: Browser, seconds: float) -> None:
    """Let the last proof of the browser's session be so old."""
    session = browser.session
    at = time.time() - seconds
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {**record, "at": at} for record in session[AUTHENTICATION_METHODS_SESSION_KEY]
    ]
    session.save()


def marked_routes() -> list[tuple[str, Any]]:
    """Return every address whose view demands a fresh proof, with the name of its route."""
    found: list[tuple[str, Any]] = []

    def walk(patterns: Any, prefix: str) -> None:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, prefix + str(pattern.pattern))
            elif _demands(pattern.callback):
                found.append((prefix + str(pattern.pattern), pattern.name))

    walk(get_resolver().url_patterns, "/")
    return found


def _demands(view: Any) -> bool:
    while view is not None:
        if getattr(view, "demands_reauthentication", False):
            return True
        view = getattr(view, "__wrapped__", None)
    return False


def test_each_marked_route_asks_an_old_sign_in_to_prove_itself(world: World, client: Browser) -> None:
    import re

    asked = []
    user = world.here.therapist
    with world.here.scope():
        for role in Role:
            people.add_member(clinic=world.here.clinic, user=user, role=role, by=None)
    User.objects.filter(pk=user.pk).update(is_superuser=True)  # the operator's site has marked routes too
    sign_in(client, user)
    age(client, HALF_HOUR_S + 5)
    for pattern, name in marked_routes():
        address = pattern.replace("<slug:clinic_slug>", "riverbend")
        address = re.sub(r"<[^>]+>", "0b8f5ad7-6f0c-4f0e-9d6c-5a4d8ed1f0aa", address)
        for method in ("get", "post"):
            answer = getattr(client, method)(address)
            if answer.status_code == 405:
                continue
            assert answer.status_code == 302, (name, method, answer.status_code)
            assert urlsplit(answer["Location"]).path == reverse("account_reauthenticate"), (name, method)
            asked.append((name, method))
    names = {name for name, _method in asked}
    assert {"session_sign", "note_addendum", "break_glass", "token_list", "token_revoke"} <= names
    assert len(names) == len({name for _pattern, name in marked_routes()})
    print(f"routes that ask for a fresh proof: {len(names)}, with methods: {len(asked)}")


@reauthentication_required
def act(request: Any, clinic_slug: str) -> HttpResponse:
    return HttpResponse("done")


@pytest.fixture
def door(world: World, client: Browser, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """Put a marked view behind a route that exists, and sign in."""
    resolver = get_resolver()
    (pattern,) = [found for found in _patterns(resolver) if found.name == "find"]
    monkeypatch.setattr(pattern, "callback", act)
    sign_in(client, world.here.therapist)
    return client


def _patterns(resolver: Any) -> list[Any]:
    found = []
    for pattern in resolver.url_patterns:
        found += _patterns(pattern) if isinstance(pattern, URLResolver) else [pattern]
    return found


DOOR = "/clinics/riverbend/find/"


@pytest.mark.parametrize(
    ("method", "seconds", "acts"),
    [
        ("get", QUARTER_S - 20, True),
        ("get", QUARTER_S + 20, False),  # a form that is shown can be sent for the 15 minutes it may stay idle
        ("post", QUARTER_S + 20, True),
        ("post", HALF_HOUR_S - 20, True),
        ("post", HALF_HOUR_S + 20, False),
    ],
)
def test_a_proof_is_good_for_half_an_hour_and_a_form_that_is_shown_can_be_sent(
    door: Browser, method: str, seconds: float, acts: bool
) -> None:
    age(door, seconds)
    answer = getattr(door, method)(DOOR)
    assert (answer.content == b"done") is acts
    if not acts:
        assert urlsplit(answer["Location"]).path == reverse("account_reauthenticate")


@pytest.mark.parametrize("method", ["password", "code"])
def test_after_proving_it_the_person_is_back_on_the_page(door: Browser, world: World, method: str) -> None:
    from tests.clinics.signing_in import code_of, forget_used_codes
    from tests.world import PASSWORD

    age(door, HALF_HOUR_S + 5)
    asked = door.get(DOOR)
    back = parse_qs(urlsplit(asked["Location"]).query)["next"][0]
    cache.clear()
    forget_used_codes(world.here.therapist)
    if method == "password":
        answer = door.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": back})
    else:
        answer = door.post(reverse("mfa_reauthenticate"), {"code": code_of(world.here.therapist), "next": back})
    assert answer["Location"] == DOOR
    assert door.get(DOOR).content == b"done"


def test_a_wrong_password_proves_nothing(door: Browser) -> None:
    age(door, HALF_HOUR_S + 5)
    door.post(reverse("account_reauthenticate"), {"password": "wrong", "next": DOOR})
    assert door.get(DOOR).status_code == 302


def test_what_was_sent_too_late_is_not_parked_in_the_session(door: Browser) -> None:
    """allauth's own decorator would keep the body, unencrypted, and act on it outside the clinic's scope."""
    age(door, HALF_HOUR_S + 5)
    answer = door.post(DOOR, {"body": "CANARY of a note"}, headers={"Referer": "http://testserver/clinics/riverbend/"})
    assert parse_qs(urlsplit(answer["Location"]).query)["next"] == ["/clinics/riverbend/"]
    assert "CANARY" not in str(dict(door.session))


def test_a_fragment_is_sent_away_as_a_whole_page(door: Browser) -> None:
    age(door, HALF_HOUR_S + 5)
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/clinics/riverbend/find/?q=a"}
    answer = door.post(DOOR, headers=headers)
    assert answer.status_code == 401
    assert parse_qs(urlsplit(answer["HX-Redirect"]).query)["next"] == ["/clinics/riverbend/find/?q=a"]

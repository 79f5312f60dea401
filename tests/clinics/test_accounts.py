"""Signing in: two steps for everybody, codes that work once, guesses that are counted, secrets that stay with their owner."""

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, include, path, reverse
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from clinics import crypto, second_factor
from clinics.models import AccountEvent, User
from clinics.second_factor import decrypt, encrypt, reencrypt_secrets, second_factor_of
from tests.clinics.signing_in import (
    code_of,
    forget_used_codes,
    give_code,
    give_password,
    is_signed_in,
    sign_in,
)
from tests.world import PASSWORD, World


def events_of(user: User) -> list[str]:
    return list(AccountEvent.objects.filter(user=user).order_by("id").values_list("event", flat=True))


# --- two steps, and no other door ---------------------------------------------------------------------------------


def test_password_and_code_sign_in_and_land_at_the_start(world: World, client: Client) -> None:
    first = give_password(client, world.here.therapist)
    assert first["Location"] == reverse("mfa_authenticate")
    assert not is_signed_in(client)
    second = give_code(client, code_of(world.here.therapist))
    assert second["Location"] == reverse("start")
    assert is_signed_in(client)


def test_the_session_key_changes_when_somebody_signs_in(world: World, client: Client) -> None:
    give_password(client, world.here.therapist)
    before = client.session.session_key
    give_code(client, code_of(world.here.therapist))
    assert client.session.session_key != before


def login_addresses() -> list[str]:
    """Return every address whose route or view has to do with signing in, of all apps and admins."""
    found: list[str] = []

    def walk(patterns: Any, prefix: str) -> None:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, prefix + str(pattern.pattern))
            elif isinstance(pattern, URLPattern):
                name = f"{pattern.name} {getattr(pattern.callback, '__name__', '')}"
                if re.search(r"login|authenticate|sign|join|reset|token", name):
                    found.append(prefix + str(pattern.pattern))

    walk(get_resolver().url_patterns, "/")
    return found


def test_no_door_opens_with_a_password_alone(world: World) -> None:
    user = world.here.administrator
    opened, tried = [], 0
    for pattern in login_addresses():
        address = re.sub(r"<slug:clinic_slug>", world.here.clinic.slug, pattern)
        address = re.sub(r"<[^>]+>|\(\?P<[^)]*\)", "x1", address).replace("^", "").replace("$", "").replace("\\", "")
        cache.clear()
        client = Client()
        give_password(client, user)
        for method in ("get", "post"):
            tried += 1
            getattr(client, method)(
                address,
                {"login": user.email, "username": user.email, "email": user.email, "password": PASSWORD},
            )
            if is_signed_in(client):
                opened.append((method, address))
    assert opened == []
    assert tried >= 20
    print(f"doors tried with a password alone: {tried}, opened: {len(opened)}")


class WhoAsks(APIView):
    """An API view that tells who asks."""

    permission_classes = [AllowAny]

    def get(self, request: Any) -> Response:
        return Response({"known": request.user.is_authenticated})


urlpatterns = [path("api/v1/who/", WhoAsks.as_view()), path("", include("config.urls"))]


@pytest.mark.urls(__name__)
def test_the_api_does_not_know_a_session_without_a_second_factor(world: World, client: Client) -> None:
    user = world.here.administrator
    client.force_login(user)
    assert client.get("/api/v1/who/").json() == {"known": True}
    Authenticator.objects.filter(user=user).delete()
    assert client.get("/api/v1/who/").json() == {"known": False}


def test_without_a_second_factor_only_its_set_up_opens(world: World, client: Client) -> None:
    user = world.here.therapist
    client.force_login(user)
    assert client.get(reverse("find", args=["riverbend"])).status_code == 200
    Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).delete()
    with second_factor_of(user):
        RecoveryCodes.activate(user)  # alone they are no second factor
    for route, args in (("find", ["riverbend"]), ("start", []), ("account_email", []), ("account_change_password", [])):
        answer = client.get(reverse(route, args=args))
        assert (answer.status_code, answer.get("Location")) == (302, reverse("mfa_index")), route
    assert client.get(reverse("mfa_index")).status_code == 200


def test_the_last_second_factor_cannot_be_removed(world: World, client: Client) -> None:
    sign_in(client, world.here.therapist)
    client.post(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.filter(user=world.here.therapist, type=Authenticator.Type.TOTP).exists()


def test_there_is_no_sign_up(client: Client, db: None) -> None:
    before = User.objects.count()
    client.post(
        reverse("account_signup"),
        {"email": "new@riverbend.example", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert User.objects.count() == before


def test_a_deactivated_person_does_not_get_in(world: World, client: Client) -> None:
    user = world.here.therapist
    User.objects.filter(pk=user.pk).update(is_active=False)
    give_password(client, user)
    give_code(client, code_of(user))
    assert not is_signed_in(client)


# --- codes work once ----------------------------------------------------------------------------------------------


def test_a_code_of_the_app_works_once_even_when_the_cache_forgets(world: World) -> None:
    user = world.here.therapist
    code = code_of(user)
    first, second = Client(), Client()
    give_password(first, user)
    give_code(first, code)
    assert is_signed_in(first)
    cache.clear()
    give_password(second, user)
    give_code(second, code)
    assert not is_signed_in(second)
    earlier = code_of(user, offset=-1)
    give_code(second, earlier)
    assert not is_signed_in(second), "a code older than the last one used is refused"
    give_code(second, code_of(user, offset=1))
    assert is_signed_in(second)


def test_a_code_that_confirmed_does_not_sign_in(world: World, client: Client) -> None:
    user = world.here.therapist
    client.force_login(user)
    code = code_of(user)
    answer = client.post(reverse("mfa_reauthenticate"), {"code": code, "next": "/"})
    assert answer.status_code == 302
    cache.clear()
    other = Client()
    give_password(other, user)
    give_code(other, code)
    assert not is_signed_in(other)


def test_the_code_that_set_the_app_up_does_not_sign_in(
    world: World, client: Client, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.ACCOUNT_EMAIL_NOTIFICATIONS = False  # the mail is made from the request, which is over here
    user = world.here.therapist
    Authenticator.objects.filter(user=user).delete()
    give_password(client, user)
    assert is_signed_in(client)
    client.get(reverse("mfa_activate_totp"))
    secret = client.session["mfa.totp.secret"]
    code = format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1]))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("mfa_activate_totp"), {"code": code})
    assert Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
    cache.clear()
    other = Client()
    give_password(other, user)
    give_code(other, code)
    assert not is_signed_in(other)


def test_a_recovery_code_works_once(world: World) -> None:
    user = world.here.therapist
    with second_factor_of(user):
        code = RecoveryCodes.activate(user).get_unused_codes()[0]
    first, second = Client(), Client()
    give_password(first, user)
    give_code(first, code)
    assert is_signed_in(first)
    give_password(second, user)
    give_code(second, code)
    assert not is_signed_in(second)


# --- secrets ------------------------------------------------------------------------------------------------------


def test_a_secret_lies_encrypted_and_opens_for_its_owner_only(world: World) -> None:
    here, neighbour = world.here.therapist, world.neighbour.therapist
    row = Authenticator.objects.get(user=here, type=Authenticator.Type.TOTP)
    with second_factor_of(here):
        secret = decrypt(row.data["secret"])
    assert secret not in str(row.data)
    with second_factor_of(neighbour), pytest.raises(crypto.CannotDecrypt):
        decrypt(row.data["secret"])


def test_a_secret_copied_to_another_person_signs_nobody_in(world: World, client: Client) -> None:
    mine, theirs = world.here.therapist, world.here.supervisor
    code = code_of(mine)
    copied = Authenticator.objects.get(user=mine, type=Authenticator.Type.TOTP).data
    Authenticator.objects.filter(user=theirs, type=Authenticator.Type.TOTP).update(data=copied)
    client.raise_request_exception = False
    give_password(client, theirs)
    give_code(client, code)
    assert not is_signed_in(client)


def test_secrets_are_encrypted_anew_with_the_first_key(world: World, settings: Any) -> None:
    user = world.here.therapist
    code = code_of(user)
    former = settings.FIELD_KEYS
    settings.FIELD_KEYS = (crypto.new_data_key(), *former)
    n = reencrypt_secrets()
    assert n == Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).count()
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    assert code_of(user) == code


def test_nobody_signed_in_means_nothing_is_encrypted(db: None) -> None:
    with pytest.raises(RuntimeError, match="second_factor_of"):
        encrypt("secret")


# --- passwords ----------------------------------------------------------------------------------------------------


def test_a_new_password_by_mail_leads_to_the_sign_in_and_its_second_step(
    world: World, client: Client, settings: Any
) -> None:
    user = world.here.therapist
    client.post(reverse("account_reset_password"), {"email": user.email}, headers={"Host": "localhost:6666"})
    assert [message.to for message in mail.outbox] == [[user.email]]
    link = re.search(r"https?://\S+", str(mail.outbox[0].body))
    assert link is not None
    assert link.group().startswith(settings.EVOKE_BASE_URL)
    page = client.get(link.group().removeprefix(settings.EVOKE_BASE_URL.rstrip("/")), follow=True)
    new = "four other calm words"
    client.post(page.request["PATH_INFO"], {"password1": new, "password2": new})
    assert not is_signed_in(client)
    other = Client()
    give_password(other, user, new)
    assert not is_signed_in(other)
    give_code(other, code_of(user))
    assert is_signed_in(other)


def test_a_reset_for_an_unknown_address_answers_alike_and_sends_nothing(world: World, client: Client) -> None:
    known = client.post(reverse("account_reset_password"), {"email": world.here.therapist.email})
    unknown = Client().post(reverse("account_reset_password"), {"email": "nobody@riverbend.example"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert len(mail.outbox) == 1


def test_a_changed_password_ends_the_other_sign_ins_and_keeps_this_one(world: World) -> None:
    user = world.here.therapist
    this, other = Client(), Client()
    sign_in(this, user)
    sign_in(other, user)
    new = "four other calm words"
    this.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert this.get(reverse("find", args=["riverbend"])).status_code == 200
    assert other.get(reverse("find", args=["riverbend"])).status_code == 302


def test_a_short_password_is_refused(world: World, client: Client) -> None:
    sign_in(client, world.here.therapist)
    client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": "short one", "password2": "short one"},
    )
    world.here.therapist.refresh_from_db()
    assert world.here.therapist.check_password(PASSWORD)


# --- what is recorded ---------------------------------------------------------------------------------------------


def test_the_account_keeps_its_history_without_what_was_typed(world: World, client: Client) -> None:
    user = world.here.therapist
    before = AccountEvent.objects.count()
    give_password(client, user, "not my password")
    give_password(client, user)
    give_code(client, "000000" if code_of(user) != "000000" else "111111")
    give_code(client, code_of(user))
    client.post(reverse("mfa_generate_recovery_codes"))
    client.post(reverse("account_logout"))
    assert events_of(user) == [
        "sign_in.refused",
        "second_factor.refused",
        "sign_in.succeeded",
        "sign_in.ended",
    ]
    rows = list(AccountEvent.objects.order_by("id")[before:].values_list("detail", "address", "request_id"))
    assert "not my password" not in str(rows)
    assert all(address == "127.0.0.1" and request_id is not None for _detail, address, request_id in rows)


def test_a_wrong_address_is_recorded_for_nobody(db: None, client: Client) -> None:
    before = AccountEvent.objects.count()
    client.post(reverse("account_login"), {"login": "hunter2@riverbend.example", "password": "x"})
    rows = list(AccountEvent.objects.order_by("id")[before:])
    assert [(row.event, row.user_id) for row in rows] == [("sign_in.refused", None)]
    assert "hunter2" not in str([row.detail for row in rows])


def test_events_of_accounts_cannot_be_changed(db: None) -> None:
    event = AccountEvent.objects.create(event="sign_in.refused")
    for change in (
        lambda: AccountEvent.objects.filter(pk=event.pk).update(event="x"),
        lambda: AccountEvent.objects.filter(pk=event.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_code_rows_are_read_once_a_request(world: World, client: Client) -> None:
    """The person, the database's clock and the second factor come in one statement."""
    client.force_login(world.here.therapist)
    with CaptureQueriesContext(connection) as seen:
        client.get(reverse("find", args=["riverbend"]), headers={"HX-Request": "true"})
    about_user = [query["sql"] for query in seen.captured_queries if "from clinics_user u" in query["sql"]]
    assert len(about_user) == 1
    forget_used_codes(world.here.therapist)


def test_a_step_is_taken_once_and_never_an_earlier_one(world: World) -> None:
    row = Authenticator.objects.get(user=world.here.therapist, type=Authenticator.Type.TOTP)
    assert [second_factor._claim_step(row, step) for step in (7, 7, 6, 8)] == [True, False, False, True]

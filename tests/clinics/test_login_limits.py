"""How long a sign-in lasts, how many there may be, and how a person comes back to the page they were on."""

import json
import os
import subprocess
import sys
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from clinics.login_limits import BEGAN, NOTE_EVERY_S, SEEN, database_now
from clinics.models import AccountEvent, User
from tests.clinics.signing_in import code_of, forget_used_codes, sign_in
from tests.world import PASSWORD, World

IDLE_S, ABSOLUTE_S = 900, 36_000
A_LITTLE = 20.0
PAGE = "/clinics/riverbend/find/?q=mar"


def signed_in_since(client: Client, user: User, *, began_s: float, seen_s: float) -> None:
    """Sign in, as if it had begun and was last used so many seconds ago."""
    client.force_login(user)
    session = client.session
    now = database_now()
    session[BEGAN], session[SEEN] = now - began_s, now - seen_s
    session.save()


def opens(client: Client, **extra: Any) -> bool:
    return bool(client.get(PAGE, **extra).status_code == 200)


@pytest.mark.parametrize(
    ("began_s", "seen_s", "lasts"),
    [
        (IDLE_S - A_LITTLE, IDLE_S - A_LITTLE, True),
        (IDLE_S + A_LITTLE, IDLE_S + A_LITTLE, False),
        (ABSOLUTE_S - A_LITTLE, 1, True),
        (ABSOLUTE_S + A_LITTLE, 1, False),
    ],
)
def test_a_sign_in_lasts_15_minutes_idle_and_10_hours_in_all(
    world: World, client: Client, began_s: float, seen_s: float, lasts: bool
) -> None:
    signed_in_since(client, world.here.therapist, began_s=began_s, seen_s=seen_s)
    assert opens(client) is lasts
    assert opens(client) is lasts, "and an ended one stays ended"


def test_use_extends_a_sign_in_but_not_beyond_10_hours(world: World, client: Client) -> None:
    signed_in_since(client, world.here.therapist, began_s=ABSOLUTE_S - A_LITTLE, seen_s=600)
    assert opens(client)
    assert database_now() - client.session[SEEN] < A_LITTLE
    assert database_now() - client.session[BEGAN] > ABSOLUTE_S - 2 * A_LITTLE


def test_a_poll_does_not_extend_a_sign_in(world: World, client: Client) -> None:
    signed_in_since(client, world.here.therapist, began_s=600, seen_s=600)
    before = client.session[SEEN]
    assert opens(client, headers={"X-Passive": "1"})
    assert client.session[SEEN] == before
    assert opens(client)
    assert client.session[SEEN] > before


def test_a_poll_does_not_outlive_a_sign_in(world: World, client: Client) -> None:
    signed_in_since(client, world.here.therapist, began_s=IDLE_S + A_LITTLE, seen_s=IDLE_S + A_LITTLE)
    answer = client.get(PAGE, headers={"X-Passive": "1", "HX-Request": "true", "HX-Current-URL": "/clinics/riverbend/"})
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == f"{reverse('account_login')}?next=%2Fclinics%2Friverbend%2F"


def test_a_screen_that_was_left_is_sent_away(world: World, client: Client) -> None:
    asks = {"X-Passive": "1", "HX-Request": "true", "HX-Current-URL": f"http://testserver{PAGE}"}
    signed_in_since(client, world.here.therapist, began_s=600, seen_s=600)
    before = client.session[SEEN]
    assert client.get(reverse("still_signed_in"), headers=asks).status_code == 204
    assert client.session[SEEN] == before, "asking is no use"
    signed_in_since(client, world.here.therapist, began_s=IDLE_S + A_LITTLE, seen_s=IDLE_S + A_LITTLE)
    for _again in range(2):
        answer = client.get(reverse("still_signed_in"), headers=asks)
        assert answer.status_code == 401
        assert parse_qs(urlsplit(answer["HX-Redirect"]).query)["next"] == [PAGE]


def test_use_is_noted_every_half_minute_only(world: World, client: Client) -> None:
    signed_in_since(client, world.here.therapist, began_s=100, seen_s=NOTE_EVERY_S - 15)
    before = client.session[SEEN]
    assert opens(client)
    assert client.session[SEEN] == before


def test_a_session_without_clocks_is_ended(world: World, client: Client) -> None:
    client.force_login(world.here.therapist)
    session = client.session
    del session[BEGAN], session[SEEN]
    session.save()
    assert not opens(client)


def test_the_clock_is_the_databases(world: World, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """An application whose clock is wrong by hours ends nobody early and keeps nobody longer."""
    real = time.time
    signed_in_since(client, world.here.therapist, began_s=100, seen_s=100)
    monkeypatch.setattr(time, "time", lambda: real() + 7200)
    assert opens(client)
    monkeypatch.undo()
    signed_in_since(client, world.here.therapist, began_s=IDLE_S + A_LITTLE, seen_s=IDLE_S + A_LITTLE)
    monkeypatch.setattr(time, "time", lambda: real() - 7200)
    assert not opens(client)


def test_an_idle_person_is_told_why_and_lands_back(world: World, client: Client) -> None:
    user = world.here.therapist
    sign_in(client, user)
    session = client.session
    session[SEEN] = session[SEEN] - IDLE_S - A_LITTLE
    session.save()
    key = session.session_key
    answer = client.get(PAGE)
    assert answer.status_code == 302
    target = urlsplit(answer["Location"])
    assert (target.path, parse_qs(target.query)["next"]) == (reverse("account_login"), [PAGE])
    page = client.get(answer["Location"])
    assert "15 minutes without activity" in page.content.decode()
    assert not UserSession.objects.filter(session_key=key).exists()
    assert AccountEvent.objects.filter(user=user, event="sign_in.ended_idle").count() == 1
    forget_used_codes(user)
    cache.clear()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD, "next": PAGE})
    last = client.post(reverse("mfa_authenticate"), {"code": code_of(user)})
    assert last["Location"] == PAGE


def test_after_ten_hours_the_reason_is_another(world: World, client: Client) -> None:
    signed_in_since(client, world.here.therapist, began_s=ABSOLUTE_S + A_LITTLE, seen_s=1)
    answer = client.get(PAGE)
    assert "10 hours" in str(next(iter(get_messages(answer.wsgi_request))))
    assert AccountEvent.objects.filter(user=world.here.therapist, event="sign_in.ended_long").count() == 1


def test_a_form_that_comes_too_late_leads_back_to_its_page(world: World, client: Client) -> None:
    signed_in_since(client, world.here.therapist, began_s=IDLE_S + A_LITTLE, seen_s=IDLE_S + A_LITTLE)
    answer = client.post(
        reverse("preferences"), {"theme": "dark"}, headers={"Referer": "http://testserver/clinics/riverbend/find/"}
    )
    assert parse_qs(urlsplit(answer["Location"]).query)["next"] == ["/clinics/riverbend/find/"]


@pytest.mark.parametrize("elsewhere", ["https://evil.example/x", "//evil.example/x", "javascript:alert(1)"])
def test_nobody_is_led_to_another_host(world: World, client: Client, elsewhere: str) -> None:
    answer = client.get(PAGE, headers={"HX-Request": "true", "HX-Current-URL": elsewhere})
    assert parse_qs(urlsplit(answer["HX-Redirect"]).query)["next"] == [PAGE]
    client.force_login(world.here.therapist)
    kept = client.post(reverse("preferences"), {"theme": "dark", "next": elsewhere}, headers={"Referer": elsewhere})
    assert kept["Location"] == "/"


def test_the_fourth_sign_in_ends_the_oldest(world: World) -> None:
    user = world.here.therapist
    browsers = [Client() for _ in range(4)]
    for browser in browsers[:3]:
        sign_in(browser, user)
    assert [opens(browser) for browser in browsers[:3]] == [True, True, True]
    sign_in(browsers[3], user)
    assert [opens(browser) for browser in browsers] == [False, True, True, True]
    assert UserSession.objects.filter(user=user).count() == 3
    assert AccountEvent.objects.filter(user=user, event="sign_in.ended_surplus").count() == 1


def test_a_sign_in_that_was_left_makes_room(world: World) -> None:
    user = world.here.therapist
    browsers = [Client() for _ in range(4)]
    for browser in browsers[:3]:
        sign_in(browser, user)
    browsers[1].post(reverse("account_logout"))
    sign_in(browsers[3], user)
    assert [opens(browser) for browser in browsers] == [True, False, True, True]


def test_a_person_sees_where_they_are_signed_in_and_ends_the_others(world: World) -> None:
    user = world.here.therapist
    this, other = Client(), Client()
    sign_in(other, user)
    sign_in(this, user)
    page = this.get(reverse("usersessions_list"))
    assert page.context["session_count"] == 2
    this.post(reverse("usersessions_list"))
    assert (opens(this), opens(other)) == (True, False)


def test_cookies_of_a_clinic_are_strict() -> None:
    """Asked of a fresh process without demonstration and debugging, as a clinic runs it."""
    environ = {
        **os.environ, "EVOKE_DEMO": "0", "DEBUG": "0", "ALLOWED_HOSTS": "clinic.example",
        "EVOKE_BASE_URL": "https://clinic.example",
    }  # fmt: skip
    names = [
        "SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE",
        "SESSION_COOKIE_AGE", "SESSION_EXPIRE_AT_BROWSER_CLOSE", "CSRF_COOKIE_NAME", "CSRF_COOKIE_SECURE",
        "LOGIN_IDLE_S", "LOGIN_ABSOLUTE_S", "LOGIN_MAX", "SECURE_SSL_REDIRECT",
    ]  # fmt: skip
    code = f"import json; from config import settings as s; print(json.dumps([getattr(s, n) for n in {names!r}]))"
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-600:]
    assert json.loads(done.stdout) == [
        "__Host-sid", True, True, "Lax", ABSOLUTE_S, True, "__Host-csrf", True, IDLE_S, ABSOLUTE_S, 3, True,
    ]  # fmt: skip

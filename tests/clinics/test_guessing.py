"""Guesses are counted for an account, whatever the address and Host they come from; a used code is a guess too."""

import threading
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connections
from django.test import Client
from django.urls import reverse

from clinics.models import AccountEvent, User
from tests.clinics.signing_in import code_of, give_code, give_password, is_signed_in
from tests.world import World


def test_of_forty_guesses_at_once_five_are_tried_and_the_right_password_waits(
    world: World, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = world.here.coder
    tried: list[str] = []
    check = User.check_password

    def counting(self: User, raw: str) -> bool:
        tried.append(raw)
        return check(self, raw)

    monkeypatch.setattr(User, "check_password", counting)
    gate = threading.Barrier(40)

    def guess(n: int) -> None:
        try:
            gate.wait()
            give_password(
                Client(), user, f"wrong {n}", REMOTE_ADDR=f"10.0.{n}.1", headers={"Host": f"localhost:{n + 1}"}
            )
        finally:
            connections.close_all()

    threads = [threading.Thread(target=guess, args=[n]) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= len(tried) <= 5
    tries = len(tried)
    client = Client()
    give_password(client, user, REMOTE_ADDR="10.9.9.9")
    assert len(tried) == tries, "the right password is not even tried"
    assert "account_login" not in client.session
    print(f"guesses tried: {tries} of 40")


def test_the_port_of_the_host_header_buys_no_guesses(world: World) -> None:
    user = world.here.therapist
    for n in range(5):
        give_password(Client(), user, "wrong", REMOTE_ADDR=f"10.1.{n}.1", headers={"Host": f"localhost:{n + 1}"})
    client = Client()
    give_password(client, user, REMOTE_ADDR="10.1.9.1", headers={"Host": "localhost:9"})
    assert "account_login" not in client.session


def test_of_twenty_wrong_codes_five_are_tried(world: World, client: Client) -> None:
    user = world.here.therapist
    give_password(client, user)
    right = code_of(user)
    wrong = "000000" if right != "000000" else "111111"
    for n in range(20):
        client.post(reverse("mfa_authenticate"), {"code": wrong}, REMOTE_ADDR=f"10.2.{n}.1")
    assert AccountEvent.objects.filter(user=user, event="second_factor.refused").count() == 5
    client.post(reverse("mfa_authenticate"), {"code": right}, REMOTE_ADDR="10.2.99.1")
    assert not is_signed_in(client)


def test_a_code_that_was_used_does_not_wipe_the_count_of_guesses(world: World, client: Client) -> None:
    user = world.here.therapist
    code = code_of(user)
    first = Client()
    give_password(first, user)
    give_code(first, code)
    wrong = "000000" if code_of(user, offset=1) != "000000" else "111111"
    give_password(client, user)
    for _round in range(3):
        for attempt in (wrong, wrong, code):
            cache.delete(f"allauth.mfa.totp.used?user={user.pk}&code={code}")  # allauth remembers it for 30 s only
            give_code(client, attempt)
    give_code(client, code_of(user, offset=1))
    assert not is_signed_in(client)

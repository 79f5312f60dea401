"""Passkeys, by a key made in software that speaks WebAuthn: a first and only step, or the second one."""

import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

import pytest
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from django.urls import reverse
from fido2 import cbor
from fido2.utils import websafe_decode, websafe_encode

from clinics.models import User
from tests.clinics.signing_in import give_password, is_signed_in, sign_in
from tests.world import World

HOST = "testserver"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Passkey:
    """A P-256 key that registers with attestation `none` and signs challenges (W3C WebAuthn 2, 6.1 and 6.5)."""

    secret: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    name: bytes = field(default_factory=lambda: os.urandom(16))
    handle: str = ""

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": f"https://{HOST}"}).encode()

    def _authenticator_data(self, flags: int, rest: bytes = b"") -> bytes:
        return hashlib.sha256(HOST.encode()).digest() + bytes([flags]) + (0).to_bytes(4, "big") + rest

    def register(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer creation options."""
        wanted = options["publicKey"]
        self.handle = wanted["user"]["id"]
        numbers = self.secret.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        credential = bytes(16) + len(self.name).to_bytes(2, "big") + self.name + cbor.encode(public)
        attested = self._authenticator_data(PRESENT | VERIFIED | ATTESTED, credential)
        return {
            "id": websafe_encode(self.name), "rawId": websafe_encode(self.name), "type": "public-key",
            "response": {
                "clientDataJSON": websafe_encode(self._client_data("webauthn.create", wanted["challenge"])),
                "attestationObject": websafe_encode(cbor.encode({"fmt": "none", "attStmt": {}, "authData": attested})),
            },
            "clientExtensionResults": {"credProps": {"rk": True}},
        }  # fmt: skip

    def sign(self, options: dict[str, Any], *, verified: bool = True, handle: str | None = None) -> dict[str, Any]:
        """Answer request options."""
        client_data = self._client_data("webauthn.get", options["publicKey"]["challenge"])
        data = self._authenticator_data(PRESENT | (VERIFIED if verified else 0))
        signature = self.secret.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        return {
            "id": websafe_encode(self.name), "rawId": websafe_encode(self.name), "type": "public-key",
            "response": {
                "clientDataJSON": websafe_encode(client_data), "authenticatorData": websafe_encode(data),
                "signature": websafe_encode(signature), "userHandle": handle or self.handle,
            },
            "clientExtensionResults": {},
        }  # fmt: skip


@pytest.fixture
def passkey(world: World, client: Client) -> Passkey:
    """A passkey that the therapist has added."""
    sign_in(client, world.here.therapist)
    page = client.get(reverse("mfa_add_webauthn"))
    key = Passkey()
    answer = key.register(page.context["js_data"]["creation_options"])
    done = client.post(
        reverse("mfa_add_webauthn"), {"name": "Laptop", "passwordless": "on", "credential": json.dumps(answer)}
    )
    assert done.status_code == 302
    assert Authenticator.objects.filter(user=world.here.therapist, type=Authenticator.Type.WEBAUTHN).count() == 1
    return key


def options_for_anybody(browser: Client) -> dict[str, Any]:
    answer = browser.get(reverse("mfa_login_webauthn"), headers={"Accept": "application/json"})
    found: dict[str, Any] = answer.json()["request_options"]
    return found


def offer(browser: Client, answer: dict[str, Any]) -> None:
    browser.post(reverse("mfa_login_webauthn"), {"credential": json.dumps(answer)})


def test_a_passkey_signs_in_by_itself(world: World, passkey: Passkey) -> None:
    browser = Client()
    offer(browser, passkey.sign(options_for_anybody(browser)))
    assert browser.session["_auth_user_id"] == str(world.here.therapist.pk)
    assert browser.get("/clinics/riverbend/find/").status_code == 200


def test_a_passkey_that_did_not_ask_who_holds_it_is_not_enough(passkey: Passkey) -> None:
    browser = Client()
    offer(browser, passkey.sign(options_for_anybody(browser), verified=False))
    assert not is_signed_in(browser)


def test_an_answer_cannot_be_sent_twice(passkey: Passkey) -> None:
    first, second = Client(), Client()
    answer = passkey.sign(options_for_anybody(first))
    offer(first, answer)
    assert is_signed_in(first)
    options_for_anybody(second)
    offer(second, answer)
    assert not is_signed_in(second)
    first.post(reverse("account_logout"))
    offer(first, answer)
    assert not is_signed_in(first)


def test_a_passkey_does_not_sign_in_as_somebody_else(world: World, passkey: Passkey) -> None:
    browser = Client()
    other = user_pk_to_url_str(world.here.supervisor)
    assert websafe_decode(passkey.handle).decode() == user_pk_to_url_str(world.here.therapist)
    offer(browser, passkey.sign(options_for_anybody(browser), handle=websafe_encode(other.encode())))
    assert not is_signed_in(browser)
    stranger = Passkey(name=passkey.name, handle=passkey.handle)
    offer(browser, stranger.sign(options_for_anybody(browser)))
    assert not is_signed_in(browser)


def test_a_passkey_is_a_second_step_after_the_password(world: World, passkey: Passkey) -> None:
    browser = Client()
    give_password(browser, world.here.therapist)
    page = browser.get(reverse("mfa_authenticate"))
    answer = passkey.sign(page.context["js_data"]["request_options"], verified=False)
    browser.post(reverse("mfa_authenticate"), {"credential": json.dumps(answer)})
    assert is_signed_in(browser)


def test_a_deactivated_person_does_not_get_in_by_passkey(world: World, passkey: Passkey) -> None:
    User.objects.filter(pk=world.here.therapist.pk).update(is_active=False)
    browser = Client()
    offer(browser, passkey.sign(options_for_anybody(browser)))
    assert not is_signed_in(browser)


def test_with_a_passkey_the_app_may_go_but_not_both(world: World, client: Client, passkey: Passkey) -> None:
    client.post(reverse("mfa_deactivate_totp"))
    kinds = Authenticator.objects.filter(user=world.here.therapist).values_list("type", flat=True)
    assert Authenticator.Type.TOTP not in kinds
    assert Authenticator.Type.WEBAUTHN in kinds
    key = Authenticator.objects.get(user=world.here.therapist, type=Authenticator.Type.WEBAUTHN)
    client.post(reverse("mfa_remove_webauthn", args=[key.pk]))
    assert Authenticator.objects.filter(pk=key.pk).exists()
    assert client.get("/clinics/riverbend/find/").status_code == 200

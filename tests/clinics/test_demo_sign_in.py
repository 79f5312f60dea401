"""The demonstration shows its second factors on the sign-in pages; outside it nothing is shown."""

from typing import Any

from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests.clinics.signing_in import code_of, give_code, give_password, is_signed_in, sign_in
from tests.world import World


def test_the_demonstration_shows_codes_that_work(world: World, client: Client, settings: Any) -> None:
    settings.EVOKE_DEMO = True
    user = world.here.therapist
    page = client.get(reverse("account_login"))
    shown = {line.label.split(" · ")[0]: line.code for line in page.context["demo_codes"]}
    assert shown[user.email] == code_of(user)
    assert user.email in page.content.decode()
    give_password(client, user)
    step = client.get(reverse("mfa_authenticate"))
    assert [line.label for line in step.context["demo_codes"]] == [user.email]
    give_code(client, step.context["demo_codes"][0].code)
    assert is_signed_in(client)


def test_the_demonstration_shows_the_next_code_when_one_was_used(world: World, client: Client, settings: Any) -> None:
    settings.EVOKE_DEMO = True
    user = world.here.therapist
    sign_in(Client(), user)
    cache.clear()
    give_password(client, user)
    code = client.get(reverse("mfa_authenticate")).context["demo_codes"][0].code
    give_code(client, code)
    assert is_signed_in(client)


def test_outside_the_demonstration_no_code_is_shown(world: World, client: Client, settings: Any) -> None:
    settings.EVOKE_DEMO = False
    user = world.here.therapist
    page = client.get(reverse("account_login"))
    give_password(client, user)
    step = client.get(reverse("mfa_authenticate"))
    for answer in (page, step):
        assert "demo_codes" not in answer.context
        assert code_of(user) not in answer.content.decode()
        assert user.email not in answer.content.decode()

"""What no form expects: ten million characters, and a database that goes away in the middle."""

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client as Browser

from clients.models import BreakGlass, ChangeTarget, Client
from clients.services import people
from clinics.models import Draft, IdempotencyKey
from tests.clients.people import hidden, page, signed_in
from tests.world import World

TEN_MILLION = "x" * 10_000_000


@pytest.mark.parametrize(
    ("route", "field"),
    [
        ("intake_create", "legal_name"),
        ("client_list", "search"),
        ("break_glass_find", "reference"),
    ],
)
def test_ten_million_characters_get_one_sentence_and_leave_nothing(world: World, route: str, field: str) -> None:
    user = world.here.other_therapist if route == "break_glass_find" else world.here.coordinator
    for enforce in (False, True):
        browser = signed_in(user)
        browser.get(page(world.here, route))
        browser.handler.enforce_csrf_checks = enforce
        answer = browser.post(page(world.here, route), {field: TEN_MILLION})
        assert answer.status_code == 400
        assert "This is more than can be sent at once" in answer.content.decode()
    with world.here.scope():
        assert Client.objects.filter(merged_into=None).count() == 1
        assert not IdempotencyKey.objects.filter(user=user).exists()


def test_a_draft_of_ten_million_characters_is_refused_too(world: World) -> None:
    browser = signed_in(world.here.coordinator)
    assert browser.post(page(world.here, "draft_save", "intake_create"), {"a": TEN_MILLION}).status_code == 400
    with world.here.scope():
        assert not Draft.objects.filter(user=world.here.coordinator).exists()


def test_a_long_text_below_the_limit_is_told_its_length(world: World) -> None:
    browser = signed_in(world.here.therapist)
    address = page(world.here, "target_create", world.here.client.public_id)
    answer = browser.post(address, {"goal": "x" * 2_001, "repeat_key": "k"})
    assert answer.status_code == 422
    assert "Write at most 2000 characters; this has 2001." in answer.content.decode()
    with world.here.scope():
        assert ChangeTarget.objects.count() == 1


def test_a_fault_in_the_middle_leaves_nothing_half_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("the server is gone")

    browser = signed_in(world.here.therapist)
    browser.raise_request_exception = False
    address = page(world.here, "target_create", world.here.client.public_id)
    form = {"goal": "Sleep", **hidden(browser.get(address).content.decode())}
    with monkeypatch.context() as patched:
        patched.setattr(people.audit, "record", fail)
        assert browser.post(address, form).status_code == 503
    with world.here.scope():
        assert ChangeTarget.objects.count() == 1
        assert not IdempotencyKey.objects.filter(key=form["repeat_key"]).exists()
    assert browser.post(address, form).status_code == 302


def test_a_form_without_its_hidden_token_is_refused(world: World) -> None:
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(world.here.supervisor)
    with world.here.scope():
        access = BreakGlass.objects.get()
    answer = browser.post(page(world.here, "break_glass_review", access.public_id), {"outcome": "justified"})
    assert answer.status_code == 403
    with world.here.scope():
        access.refresh_from_db()
        assert access.outcome == ""

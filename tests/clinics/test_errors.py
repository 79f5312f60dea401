"""What is answered when something is not there, not allowed, stale, too often, or broken."""

from typing import Any

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import get_resolver, reverse

from clinics.models import AuditEvent
from tests.clinics.signing_in import give_password, is_signed_in
from tests.world import World

DOOR = "/clinics/riverbend/find/"


def put_behind_find(monkeypatch: pytest.MonkeyPatch, view: Any) -> None:
    def patterns(resolver: Any) -> list[Any]:
        found: list[Any] = []
        for pattern in resolver.url_patterns:
            found += patterns(pattern) if hasattr(pattern, "url_patterns") else [pattern]
        return found

    (pattern,) = [found for found in patterns(get_resolver()) if found.name == "find"]
    monkeypatch.setattr(pattern, "callback", view)


@pytest.fixture
def browser(world: World) -> Browser:
    browser = Browser(raise_request_exception=False)
    browser.force_login(world.here.therapist)
    return browser


def test_a_page_that_is_not_there_says_where_and_nothing_more(browser: Browser) -> None:
    answer = browser.get("/clinics/riverbend/nowhere/")
    assert answer.status_code == 404
    assert "We can’t find that page at Riverbend Behavioral Health" in answer.content.decode()
    assert "at Harbor" not in browser.get("/clinics/harbor/nowhere/").content.decode()
    neighbour, absent = browser.get("/clinics/harbor/find/"), browser.get("/clinics/absent/find/")
    assert (neighbour.status_code, absent.status_code) == (404, 404)
    assert "Harbor" not in neighbour.content.decode()


def test_the_api_answers_its_own_body_where_no_view_was_reached(browser: Browser) -> None:
    answer = browser.get("/api/v1/nowhere/")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/json")
    assert answer.json() == {
        "detail": "Nothing with that address is at this clinic.",
        "code": "not_found",
        "fields": {},
    }


def test_a_fault_answers_500_keeps_nothing_and_is_recorded(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(request: Any, clinic_slug: str) -> HttpResponse:
        world.here.program.name = "Half written"
        world.here.program.save()
        raise RuntimeError("secret of the fault")

    put_behind_find(monkeypatch, broken)
    answer = browser.get(DOOR)
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.content.decode()
    assert "secret of the fault" not in answer.content.decode()
    with world.here.scope():
        world.here.program.refresh_from_db()
        assert world.here.program.name == "Outpatient"
        last = AuditEvent.objects.latest("id")
    assert (last.action, last.actor_id) == ("request.failed", world.here.therapist.pk)


def test_a_fault_of_the_database_answers_503(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(request: Any, clinic_slug: str) -> HttpResponse:
        raise OperationalError("server closed the connection")

    put_behind_find(monkeypatch, away)
    answer = browser.get(DOOR)
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert "Nothing was saved" in answer.content.decode()


def test_a_broken_transaction_still_gets_its_page(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(request: Any, clinic_slug: str) -> HttpResponse:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("select 1/0")
        return HttpResponse()

    put_behind_find(monkeypatch, broken)
    assert browser.get(DOOR).status_code == 500


def test_without_the_cache_reading_goes_on_and_signing_in_waits(world: World, browser: Browser, settings: Any) -> None:
    assert browser.get(DOOR, {"q": "marsh"}).status_code == 200
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:9/1"}}
    answer = browser.get(DOOR, {"q": "marsh"}, headers={"HX-Request": "true"})
    assert (answer.status_code, "Jordan" in answer.content.decode()) == (200, True)
    stranger = Browser(raise_request_exception=False)
    refused = give_password(stranger, world.here.therapist)
    assert refused.status_code == 503
    assert not is_signed_in(stranger)


def test_a_stale_form_is_refused_with_a_page(world: World) -> None:
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(world.here.therapist)
    answer = browser.post(reverse("preferences"), {"theme": "dark"})
    assert answer.status_code == 403
    assert "You may not do this here" in answer.content.decode()
    assert "theme" not in answer.cookies


def test_too_many_tries_get_a_calm_page(db: None) -> None:
    browser = Browser()
    cache.clear()
    answers = [browser.post(reverse("account_login"), {"login": f"x{n}@y.example", "password": "x"}) for n in range(32)]
    assert answers[-1].status_code == 429
    assert "Wait a minute" in answers[-1].content.decode()


def test_a_signed_out_page_leads_to_the_sign_in_and_back(db: None, client: Browser) -> None:
    answer = client.get(DOOR + "?q=a")
    assert answer["Location"] == f"{reverse('account_login')}?next=%2Fclinics%2Friverbend%2Ffind%2F%3Fq%3Da"


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_a_page_takes_no_other_method(browser: Browser, method: str) -> None:
    answer = getattr(browser, method)("/clinics/riverbend/people/")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, POST")
    assert answer.content == b""

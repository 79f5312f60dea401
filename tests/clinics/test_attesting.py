"""Leave to use an instrument whose questions are somebody's: who gives it, its words, and its end."""

from typing import Any

import pytest
from django.urls import reverse

from clinics.models import AuditEvent, InstrumentAttestation, InstrumentVersion
from clinics.services import attesting
from tests.clients.people import hidden, signed_in
from tests.world import NOW, Side, World


def address(side: Side, key: str = "dast10", route: str = "instrument_attest") -> str:
    return reverse(route, args=[side.clinic.slug, key])


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.mark.parametrize(
    ("role", "status"),
    [("administrator", 200), ("therapist", 403), ("supervisor", 403), ("coordinator", 403), ("coder", 403)],
)
def test_only_an_administrator_says_it(world: World, role: str, status: int) -> None:
    browser = signed_in(getattr(world.here, role))
    assert browser.get(address(world.here)).status_code == status
    end = browser.post(address(world.here, "audit", "instrument_attest_end"))
    assert end.status_code == (302 if status == 200 else 403)


@pytest.mark.parametrize("key", ["phq9", "miti", "ors", "nothing", "x" * 90])
def test_what_needs_no_leave_has_no_page(world: World, key: str) -> None:
    browser = signed_in(world.here.administrator)
    assert browser.get(address(world.here, key)).status_code == 404
    assert browser.post(address(world.here, key, "instrument_attest_end")).status_code == 404


def test_leave_is_said_with_words_changed_by_saying_it_anew_and_ended(world: World) -> None:
    here = world.here
    browser: Any = signed_in(here.administrator)
    shown = text_of(browser.get(address(here)))
    form = {"statement": "License 12 of the owner", "permitted": "on", "item_D1": " Words  of one ", **hidden(shown)}
    saved = text_of(browser.post(address(here), form, follow=True))
    assert "can be asked from now on" in saved
    browser.post(address(here), form)
    with here.scope():
        first = InstrumentAttestation.objects.get(key="dast10")
        assert (first.statement, first.wording, first.attested_by) == (
            "License 12 of the owner", {"D1": "Words of one"}, here.administrator,
        )  # fmt: skip
    shown = text_of(browser.get(address(here)))
    assert "Words of one" in shown
    browser.post(address(here), {**form, "item_D1": "Other words", **hidden(shown)})
    with here.scope():
        rows = list(InstrumentAttestation.objects.filter(key="dast10").order_by("pk"))
        assert [(one.withdrawn_at is None, one.wording["D1"]) for one in rows] == [
            (False, "Words of one"), (True, "Other words"),
        ]  # fmt: skip
        for event in AuditEvent.objects.filter(action="instrument.attested"):
            assert "Words" not in str(event.detail)
    ended = text_of(browser.post(address(here, route="instrument_attest_end"), follow=True))
    assert "is asked no more" in ended
    with here.scope():
        assert attesting.standing("dast10") is None
        assert InstrumentVersion.objects.get(key="dast10").status == "published"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"statement": ""}, "Write on what ground"),
        ({"statement": "x" * 401}, "Write at most 400 characters"),
        ({"permitted": ""}, "Without permission it cannot be used here."),
        ({"item_D1": "x" * 501}, "Write at most 500 characters"),
        ({"repeat_key": ""}, "This form has lost its number."),
    ],
)
def test_what_is_wrong_is_said(world: World, wrong: dict[str, str], sentence: str) -> None:
    here = world.here
    browser: Any = signed_in(here.administrator)
    form = {"statement": "A", "permitted": "on", **hidden(text_of(browser.get(address(here))))}
    answer = browser.post(address(here), {key: value for key, value in {**form, **wrong}.items() if value})
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    with here.scope():
        assert attesting.standing("dast10") is None


def test_the_service_refuses_what_the_form_does(world: World) -> None:
    here, there = world.here, world.neighbour
    given: dict[str, Any] = {"clinic": here.clinic, "by": here.administrator, "now": NOW, "key": "dast10"}
    with here.scope(here.administrator):
        with pytest.raises(attesting.NoGround):
            attesting.attest(**given, statement=" \x00", wording={})
        for words in ({"Z": "x"}, {"D1": "x" * 501}):
            with pytest.raises(attesting.BadWording):
                attesting.attest(**given, statement="Ground", wording=words)
        assert not attesting.withdraw(key="dast10", by=here.administrator, now=NOW)
        attesting.attest(**given, statement="Ground", wording={})
    with there.scope():
        assert attesting.standing("dast10") is None, "each clinic says it for itself"

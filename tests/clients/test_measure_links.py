"""Links to answer a measure alone: made once, opened by whoever holds one, used once, and telling nobody anything."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from clients.models import Client, MeasureLink, MeasureResponse, SafetyConcern, Task
from clients.selectors import measures as selectors
from clients.services import measure_links, merging
from clients.views import measure_links as views
from clinics.models import AuditEvent, InstrumentAttestation
from tests.clients.measuring import phq9
from tests.clients.people import hidden, page, signed_in, text_of
from tests.world import NOW, Side, World

CALM = phq9(1, 1, 1, 1, 1, 1, 1, 1, 0)


@pytest.fixture(autouse=True)
def nobody_counted() -> None:
    cache.clear()


def linked(side: Side, client: Client, key: str = "phq9", **other: Any) -> tuple[MeasureLink, str]:
    """Return a link and its secret. Call inside the clinic's scope."""
    offered = selectors.find_offered(key)
    assert offered is not None
    how: dict[str, Any] = {"by": side.therapist, "now": timezone.now()}
    return measure_links.make(client=client, offered=offered, **{**how, **other})


def answer_page(side: Side, secret: str) -> str:
    return reverse("measure_answer", args=[side.clinic.slug, secret])


def test_a_link_is_made_and_its_address_shown_once(world: World, noor: Client) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    address = page(here, "measure_link", noor.public_id, "phq9")
    form = hidden(text_of(browser.get(address)))
    made = browser.post(address, form)
    assert made.status_code == 200
    assert "no-store" in made.headers["Cache-Control"]
    url = text_of(made).partition('readonly aria-labelledby="address-label" value="')[2].partition('"')[0]
    secret = url.rstrip("/").rpartition("/")[2]
    assert len(secret) >= 43, "256 random bits"
    assert str(noor.public_id) not in url
    again = text_of(browser.post(address, form, follow=True))
    assert "made already" in again
    assert secret not in again
    with here.scope():
        link = MeasureLink.objects.get(client=noor)
        assert bytes(link.digest) == measure_links.digest(secret)
        assert timedelta(days=6, hours=23) < link.expires_at - timezone.now() <= timedelta(days=7)
        for event in AuditEvent.objects.filter(action__startswith="measure_link"):
            assert secret not in str(event.detail)
    assert "A few questions" in text_of(Browser().get(answer_page(here, secret)))


@pytest.mark.parametrize("key", ["ors", "srs", "wai_sr", "urica", "cssrs"])
def test_a_measure_without_its_questions_has_no_link(world: World, noor: Client, key: str) -> None:
    here = world.here
    browser = signed_in(here.therapist)
    assert browser.get(page(here, "measure_link", noor.public_id, key)).status_code == 404
    with here.scope(here.therapist), pytest.raises(measure_links.NoLink):
        linked(here, noor, key)


def test_somebody_answers_alone_once_without_a_name_on_any_page(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        link, secret = linked(here, noor)
    browser: Any = Browser()
    shown = browser.get(answer_page(here, secret))
    sent = browser.post(answer_page(here, secret), CALM)
    assert sent.status_code == 303
    thanks = browser.get(sent.headers["Location"])
    for one in (shown, thanks):
        assert one.status_code == 200
        assert "no-store" in one.headers["Cache-Control"]
        said = text_of(one)
        for kept in ("Noor", "Rivers", noor.reference, str(noor.public_id), here.clinic.name, "Riverbend,", "Evoke",
                     here.therapist.name, "PHQ-9", "<script"):  # fmt: skip
            assert kept not in said, kept
    assert "Your answers have arrived." in text_of(thanks)
    assert "You do not have to be alone" not in text_of(thanks)
    with here.scope():
        response = MeasureResponse.objects.get(client=noor)
        assert (response.source, response.taken_by, response.link, response.answers) == ("link", None, link, CALM)
        link.refresh_from_db()
        assert link.used_at is not None
        event = AuditEvent.objects.get(action="measure.recorded")
        assert event.actor_id is None
    again = browser.post(answer_page(here, secret), CALM)
    assert again.status_code == 404
    with here.scope():
        assert MeasureResponse.objects.filter(client=noor).count() == 1


def test_an_answer_that_calls_for_help_shows_it_at_once_and_becomes_a_concern(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        _link, secret = linked(here, noor)
    browser: Any = Browser()
    sent = text_of(browser.get(browser.post(answer_page(here, secret), {"P9": "3"}).headers["Location"]))
    for words in ("You do not have to be alone with this", "988", "911", "please do not wait for us"):
        assert words in sent, words
    with here.scope():
        concern = SafetyConcern.objects.get(client=noor)
        assert (concern.code, concern.level, concern.raised_by) == ("phq9_item9_high", "S3", None)
        assert Task.objects.filter(concern=concern, done_at=None).exists()


def test_every_link_that_opens_nothing_is_answered_the_same(world: World, noor: Client) -> None:
    here, there = world.here, world.neighbour
    now = timezone.now()
    with here.scope(here.therapist):
        _used, used = linked(here, noor)
        measure_links.answer(clinic=here.clinic, secret=used, answers=CALM, now=now)
        revoked_link, revoked = linked(here, noor)
        measure_links.revoke(link=revoked_link, by=here.therapist, now=now)
        _old, old = linked(here, noor, now=now - timedelta(days=8))
        _unattested, unattested = linked(here, noor, "audit")
        InstrumentAttestation.objects.update(withdrawn_at=NOW)
        _good, good = linked(here, noor)
    browser: Any = Browser()
    secrets = [used, revoked, old, unattested, "x", "é" * 90, "y" * 200]
    answers = [browser.get(answer_page(here, one)) for one in secrets]
    answers += [browser.post(answer_page(here, one), CALM) for one in secrets]
    answers.append(browser.get(answer_page(there, good)))
    assert {one.status_code for one in answers} == {404}
    assert len({text_of(one).replace(f'data-colour="{there.clinic.colour}"', f'data-colour="{here.clinic.colour}"')
                for one in answers}) == 1  # fmt: skip
    assert browser.get(answer_page(here, good)).status_code == 200
    with here.scope():
        assert MeasureResponse.objects.filter(client=noor).count() == 1


@pytest.mark.parametrize(
    ("form", "sentence"),
    [({}, "Answer at least one question."), ({"P1": "9"}, "Choose one of these answers."), ({"P1": "\x00"}, "Choose")],
)
def test_what_is_wrong_is_said_and_leaves_the_link_open(
    world: World, noor: Client, form: dict[str, str], sentence: str
) -> None:
    here = world.here
    with here.scope(here.therapist):
        _link, secret = linked(here, noor)
    browser: Any = Browser()
    refused = browser.post(answer_page(here, secret), form)
    assert refused.status_code == 422
    assert sentence in text_of(refused)
    assert browser.post(answer_page(here, secret), CALM).status_code == 303


def test_a_machine_that_opens_many_is_told_to_stop(world: World, monkeypatch: pytest.MonkeyPatch, noor: Client) -> None:
    here = world.here
    monkeypatch.setattr(views, "OPENED_AN_HOUR", 3)
    browser: Any = Browser()
    assert [browser.get(answer_page(here, "x")).status_code for _n in range(5)] == [404, 404, 404, 429, 429]


def test_a_link_is_ended_by_who_may_ask(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        link, secret = linked(here, noor)
    address = page(here, "measure_link_revoke", link.public_id)
    assert signed_in(here.supervisor).post(address).status_code == 403
    assert signed_in(here.other_therapist).post(address).status_code == 404
    assert signed_in(world.neighbour.therapist).post(address).status_code == 404
    browser: Any = signed_in(here.therapist)
    listed = text_of(browser.get(page(here, "measure_list", noor.public_id)))
    assert "Links that wait for an answer" in listed
    assert "The link is ended." in text_of(browser.post(address, follow=True))
    assert Browser().get(answer_page(here, secret)).status_code == 404
    assert browser.get(address).status_code == 405


def test_answers_by_link_reach_the_record_that_was_kept(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        _link, secret = linked(here, noor)
        noor.episodes.update(status="closed", closed_on=NOW.date())
        merging.merge(kept=here.client, absorbed=noor, reason="The same", by=here.coordinator, now=NOW)
        response = measure_links.answer(clinic=here.clinic, secret=secret, answers=CALM, now=timezone.now())
        assert response.client_id == here.client.pk


def test_a_closed_clinic_has_no_page(world: World) -> None:
    assert Browser().get("/clinics/nowhere/answer/x/").status_code == 404

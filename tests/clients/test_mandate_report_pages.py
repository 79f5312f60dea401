"""The pages of a report on a mandate: shown before it goes, refused with what to do, once, and due on a list."""

import re
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Disclosure, Mandate, MandateReport, Task
from clients.services import consents, mandates
from clinics.models import Draft, Job
from tests.clients.mandating import OFFICER, reportable
from tests.clients.people import events, hidden, page, signed_in, text_of, today
from tests.world import Side, World

# --- the report -----------------------------------------------------------------------------------------------------


def ready(side: Side, browser: Browser, mandate: Mandate) -> tuple[str, dict[str, Any]]:
    address = page(side, "mandate_report", mandate.public_id)
    shown = text_of(browser.get(address))
    days = dict(re.findall(r'name="(from_on|until_on)" value="([^"]*)"', shown))
    assert days["until_on"] == today(side).isoformat()
    return address, {"participating": "yes", "completed": "no", **days, **hidden(shown)}


def test_the_report_is_shown_word_for_word_before_it_goes_and_then_goes_once(world: World) -> None:
    here = world.here
    with here.scope():
        mandate = reportable(here)
        before = Disclosure.objects.count()
    browser: Any = signed_in(here.therapist)
    address, form = ready(here, browser, mandate)
    shown = browser.post(address, form)
    assert "The report, word for word" in text_of(shown)
    assert "Takes part in care" in text_of(shown)
    with here.scope():
        assert Disclosure.objects.count() == before, "looking lets nothing out"
    sent = {**hidden(text_of(shown)), "send": "1"}
    assert sent["seen"] == "0,0"
    answers = [browser.post(address, sent) for _n in range(2)]
    with here.scope():
        report = MandateReport.objects.latest("pk")
        assert Disclosure.objects.count() == before + 1
        assert report.disclosure.recipient == OFFICER
        assert Job.objects.filter(kind="pack_disclosure").count() == 1
        assert {answer.url for answer in answers} == {page(here, "disclosure_detail", report.disclosure.public_id)}
        assert not Draft.objects.filter(user=here.therapist, key__startswith="mandate_report").exists()


def test_appointments_that_changed_in_the_meantime_are_shown_again(world: World) -> None:
    here = world.here
    with here.scope():
        mandate = reportable(here)
    browser: Any = signed_in(here.therapist)
    address, form = ready(here, browser, mandate)
    answer = browser.post(address, {**form, "seen": "9,9", "send": "1"})
    assert "The appointments are counted anew." in text_of(answer)
    with here.scope():
        assert not MandateReport.objects.filter(mandate=mandate).exists()


def test_changing_something_goes_back_with_what_was_typed(world: World) -> None:
    here = world.here
    with here.scope():
        mandate = reportable(here)
    browser: Any = signed_in(here.therapist)
    address, form = ready(here, browser, mandate)
    back = browser.post(address, {**form, "back": "1", "from_on": "2026-01-05"})
    assert back.status_code == 200
    assert 'value="2026-01-05"' in text_of(back)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"participating": ""}, "Say whether they take part."),
        ({"completed": ""}, "Say whether they have completed it."),
        ({"until_on": "2999-01-01"}, "Choose today or earlier."),
        ({"from_on": "2999-01-01"}, "It begins after it ends."),
        ({"from_on": ""}, "Enter the first day of the report."),
    ],
)
def test_a_report_that_cannot_be_meant_is_said_beside_its_field(
    world: World, wrong: dict[str, Any], sentence: str
) -> None:
    here = world.here
    with here.scope():
        mandate = reportable(here)
    browser: Any = signed_in(here.therapist)
    address, form = ready(here, browser, mandate)
    answer = browser.post(address, {**form, **wrong})
    assert answer.status_code == 422
    assert sentence in text_of(answer)


def test_without_a_consent_in_force_it_says_what_to_do_and_the_trail_keeps_the_refusal(world: World) -> None:
    here = world.here
    browser: Any = signed_in(here.therapist)
    since = len(events(here))
    shown = text_of(browser.get(page(here, "mandate_report", here.mandate.public_id)))
    assert "Nothing was told to anybody" in shown
    assert "No consent is chosen" in shown
    assert page(here, "consent_create", here.client.public_id) in shown
    refused = [event for event in events(here, since) if event.action == "disclosure.refused"]
    assert [(one.purpose, one.detail["asked"]) for one in refused] == [("monitoring", ["identity", "attendance"])]


def test_a_consent_that_is_held_while_the_form_is_open_stops_it(world: World) -> None:
    here = world.here
    with here.scope():
        mandate = reportable(here)
    browser: Any = signed_in(here.therapist)
    address, form = ready(here, browser, mandate)
    sent = {**hidden(text_of(browser.post(address, form))), "send": "1"}
    with here.scope():
        assert mandate.consent is not None
        consents.hold(consent=mandate.consent, note="Look again", by=here.privacy_officer, now=timezone.now())
    answer = browser.post(address, sent)
    assert answer.status_code == 422
    assert "This consent is on hold." in text_of(answer)
    with here.scope():
        assert not MandateReport.objects.filter(mandate=mandate).exists()


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("therapist", 200), ("supervisor", 200), ("privacy_officer", 200), ("coordinator", 403), ("administrator", 403),
        ("other_therapist", 404), ("coder", 404),
    ],
)  # fmt: skip
def test_who_reports(world: World, role: str, status: int) -> None:
    here = world.here
    with here.scope():
        mandate = reportable(here)
    answer = signed_in(getattr(here, role)).get(page(here, "mandate_report", mandate.public_id))
    assert answer.status_code == status


def test_reporting_asks_who_one_is_again(world: World) -> None:
    here = world.here
    answer: Any = signed_in(here.therapist, confirmed=False).get(page(here, "mandate_report", here.mandate.public_id))
    assert answer.status_code == 302
    assert "reauthenticate" in answer.url


def test_a_report_that_is_due_stands_on_the_list_of_tasks_with_the_way_there(world: World) -> None:
    here = world.here
    with here.scope():
        Mandate.objects.filter(pk=here.mandate.pk).update(next_report_on=today(here))
        mandates.owe_reports(clinic=here.clinic, now=timezone.now())
        assert Task.objects.filter(kind="mandate_report").count() == 1
    link = page(here, "mandate_list", here.client.public_id)
    assert link in text_of(signed_in(here.therapist).get(page(here, "task_list")))
    assert link not in text_of(signed_in(here.other_therapist).get(page(here, "task_list")))
    listed = [event for event in events(here) if event.action == "task.listed"]
    assert here.client.pk in listed[0].detail["client_ids"]

"""The pages of the list of organisations that refer people."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from clients.models import ReferralOrganisation
from clients.services.referrals import Entry
from tests.clients.people import ABSENT_ID, body, hidden, page, signed_in
from tests.clients.referring import listed
from tests.world import World

SENT = {"name": "Lakeside Practice", "source": "3", "phone": "(312) 555-0124", "email": "", "source_detail": ""}


def form_at(browser: Browser, address: str, **other: Any) -> dict[str, Any]:
    """Return the form of a page as it is sent, with what a field should hold instead."""
    shown = browser.get(address)
    assert shown.status_code == 200
    return {**SENT, **hidden(shown.content.decode()), **other}


def test_an_organisation_is_added_corrected_retired_and_brought_back(world: World) -> None:
    here = world.here
    browser = signed_in(here.coordinator)
    create = page(here, "organisation_create")
    sent = form_at(browser, create)
    for _twice in range(2):
        assert browser.post(create, sent).status_code == 302
    with here.scope():
        row = ReferralOrganisation.objects.get(name="Lakeside Practice")
    listing = browser.get(page(here, "organisation_list")).content.decode()
    assert "Lakeside Practice" in listing
    assert "312 555 0124" in listing
    address = page(here, "organisation_edit", row.public_id)
    corrected = form_at(browser, address, name="Lakeside Family Practice")
    assert browser.post(address, corrected).status_code == 302
    stale = browser.post(address, {**corrected, "name": "Another"})
    assert stale.status_code == 422
    assert "Two texts for one record" in stale.content.decode()
    for route, active, heading in (("organisation_retire", False, "Retired"), ("organisation_return", True, "In use")):
        assert browser.get(page(here, route, row.public_id)).status_code == 405
        assert browser.post(page(here, route, row.public_id)).status_code == 302
        part = browser.get(page(here, "organisation_list")).content.decode().split(f">{heading}</h2>", 1)[1]
        assert "Lakeside Family Practice" in part.split("</section>", 1)[0]
        with here.scope():
            row.refresh_from_db()
        assert row.is_active is active


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "Enter the name of the organization."),
        ({"name": "x" * 161}, "Write at most 160 characters; this has 161."),
        ({"name": "a\x00b"}, "Something in this text cannot be kept."),
        ({"source": ""}, "Choose what kind of organization it is."),
        ({"source": "1"}, "Choose what kind of organization it is."),
        ({"source_detail": "1"}, "Only a court or the justice system has a part."),
        ({"phone": "12"}, "10 digits"),
        ({"email": "nobody"}, "Enter an e-mail address"),
        ({"repeat_key": ""}, "This form has lost its number."),
    ],
)
def test_a_wrong_entry_is_said_beside_its_field(world: World, wrong: dict[str, str], sentence: str) -> None:
    here = world.here
    browser = signed_in(here.coordinator)
    address = page(here, "organisation_create")
    answer = browser.post(address, form_at(browser, address, **wrong))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    with here.scope():
        assert ReferralOrganisation.objects.count() == 1


def test_the_list_is_for_who_takes_calls(world: World) -> None:
    here, row = world.here, world.here.organisation
    routes: tuple[tuple[Any, ...], ...] = (
        ("organisation_list",), ("organisation_create",), ("organisation_edit", row.public_id),
        ("organisation_retire", row.public_id), ("organisation_return", row.public_id),
    )  # fmt: skip
    for user in (here.therapist, here.supervisor, here.coder, here.privacy_officer, here.administrator):
        browser = signed_in(user)
        for route, *args in routes:
            assert browser.post(page(here, route, *args), SENT).status_code == 403
    with here.scope():
        row.refresh_from_db()
    assert row.is_active


@pytest.mark.parametrize("route", ["organisation_edit", "organisation_retire", "organisation_return"])
def test_an_organisation_of_the_neighbour_is_none(world: World, route: str) -> None:
    browser = signed_in(world.here.coordinator)
    keys = (world.neighbour.organisation.public_id, ABSENT_ID, "nonsense")
    answers = [browser.post(page(world.here, route, key)) for key in keys]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert len({body(answer, key) for answer, key in zip(answers, keys, strict=True)}) == 1
    with world.neighbour.scope():
        world.neighbour.organisation.refresh_from_db()
        assert world.neighbour.organisation.is_active
    html = browser.get(page(world.here, "organisation_list")).content.decode()
    assert world.neighbour.organisation.name not in html


def test_an_empty_list_says_what_to_do(world: World) -> None:
    with world.here.scope():
        ReferralOrganisation.objects.all().delete()
    html = signed_in(world.here.coordinator).get(page(world.here, "organisation_list")).content.decode()
    assert "No organization is listed yet" in html


def test_the_list_asks_few_questions(world: World, record_property: Any) -> None:
    here = world.here
    with here.scope():
        for number in range(30):
            listed(here, Entry(f"Place {number}", "6"))
    browser = signed_in(here.coordinator)
    for route in ("organisation_list", "organisation_create"):
        browser.get(page(here, route))
        with CaptureQueriesContext(connection) as seen:
            browser.get(page(here, route))
        asked_for = len([one for one in seen if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))])
        record_property(f"queries of {route}", asked_for)
        assert asked_for <= 12

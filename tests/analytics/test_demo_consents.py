"""The demonstration shows a consent in every state, and what was told."""

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from analytics.demo import consents as demo
from clients.models import Client, Consent, Disclosure, DisclosurePackage, Restriction
from clients.rules.consent_terms import State
from clients.selectors import consents as selectors
from clients.services import caseload
from tests.world import World


@pytest.fixture
def agreed(world: World) -> Any:
    here = world.here
    with here.scope():
        for number in range(8):
            client = Client.objects.create(
                clinic=here.clinic, reference=f"RB-{3000 + number}", legal_name=f"Person {number}", family_key="person",
                given_key=str(number), born_on=date(1990, 1, 1),
            )  # fmt: skip
            caseload.assign(client=client, user=here.therapist, by=here.administrator, reason="Demo")
        demo.agree(clinic=here.clinic, coordinator=here.coordinator, officer=here.privacy_officer, now=timezone.now())
        yield here


def test_every_state_is_there(agreed: Any) -> None:
    now = timezone.now()
    found = set()
    for consent in Consent.objects.select_related("client"):
        consent.clinic = agreed.clinic
        found.add(selectors.state_of(consent, now))
    assert found == set(State)
    work = {selectors.why_waiting(selectors.shown(row, now, asked=row.asked)) for row in _work(agreed, now)}
    assert work == set(selectors.Why)


def _work(side: Any, now: Any) -> Any:
    for row in selectors.to_look_after(side.privacy_officer, now):
        row.clinic = side.clinic
        yield row


def test_something_was_told_and_something_was_kept_back(agreed: Any) -> None:
    made = Disclosure.objects.exclude(pk=agreed.disclosure.pk)
    assert {row.dropped.get("counselling_notes") for row in made} == {"own_consent"}
    states = set(DisclosurePackage.objects.filter(disclosure__in=made).values_list("state", flat=True))
    assert states == {"fetched", "ready"}
    assert set(Restriction.objects.values_list("state", flat=True)) == {"asked", "agreed"}

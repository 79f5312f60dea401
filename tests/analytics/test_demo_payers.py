"""The demonstration shows who pays, two payers who answered, and an authorization that runs out."""

from typing import Any

import pytest
from django.utils import timezone

from analytics.demo import consents as agreeing
from analytics.demo import payers as demo
from clients.models import Authorisation, BenefitCheck, Client, Coverage
from clients.rules import payers as rules
from clients.selectors.payers import agreed_of
from clients.services import authorisations, caseload
from tests.world import World


@pytest.fixture
def paid(world: World) -> Any:
    here = world.here
    with here.scope():
        for number in range(12):
            client = Client.objects.create(
                clinic=here.clinic, reference=f"RB-{3000 + number}", legal_name=f"Person {number}", family_key="person",
                given_key=str(number),
            )  # fmt: skip
            caseload.assign(client=client, user=here.therapist, by=here.administrator, reason="Demo")
        Coverage.objects.filter(client=here.client).update(removed_at=timezone.now())
        given = {"clinic": here.clinic, "coordinator": here.coordinator, "now": timezone.now()}
        agreeing.agree(officer=here.privacy_officer, **given)
        demo.pay(**given)
        yield here


def test_most_people_have_somebody_who_pays_and_some_nobody_yet(paid: Any) -> None:
    standing = Coverage.objects.filter(removed_at=None)
    held = set(standing.values_list("client_id", flat=True))
    assert 0 < Client.objects.exclude(pk__in=held).count() < len(held)
    assert {"1", "2", "4"} <= set(standing.values_list("payment", flat=True))


def test_two_payers_answered_and_one_authorization_runs_out(paid: Any) -> None:
    checks = BenefitCheck.objects.exclude(pk=paid.benefit_check.pk)
    assert sorted(checks.values_list("result", flat=True)) == ["active", "out_of_network"]
    assert {check.disclosure.purpose for check in checks} == {"payment"}
    now = timezone.now()
    due = [
        rules.renewals(agreed_of(row), now.date()) for row in Authorisation.objects.exclude(pk=paid.authorisation.pk)
    ]
    assert sorted(map(len, due)) == [0, 1]
    assert authorisations.owe_renewals(clinic=paid.clinic, now=now) == 0, "it is owed already"

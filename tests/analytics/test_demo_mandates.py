"""The demonstration shows a mandate with a report, one without consent, a family's wish, and a plan written twice."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from analytics.demo import consents as agreeing
from analytics.demo import mandates as demo
from clients.models import Client, DisclosurePackage, Mandate, MandateReport, SafetyPlan, Task
from clients.rules import mandates as rules
from clients.rules import safety_plan
from clients.selectors import mandates as selectors
from clients.selectors.safety_plans import parts_of
from clients.services import caseload
from tests.world import Side, World


@pytest.fixture
def shown(world: World) -> Iterator[Side]:
    here = world.here
    with here.scope():
        for number in range(12):
            client = Client.objects.create(
                clinic=here.clinic, reference=f"RB-{3000 + number}", legal_name=f"Person {number}", family_key="person",
                given_key=str(number),
            )  # fmt: skip
            caseload.assign(client=client, user=here.therapist, by=here.administrator, reason="Demo")
        given: dict[str, Any] = {"clinic": here.clinic, "now": timezone.now()}
        agreeing.agree(officer=here.privacy_officer, coordinator=here.coordinator, **given)
        assert demo.stand_beside(**given) == 3
        yield here


def test_one_mandate_is_reported_on_one_cannot_be_and_one_is_a_familys_wish(shown: Side) -> None:
    rows = {row.kind: row for row in Mandate.objects.exclude(pk=shown.mandate.pk).select_related("consent__client")}
    assert set(rows) == {"probation", "court", rules.FAMILY}
    for row in rows.values():
        row.clinic = shown.clinic
    why = {kind: selectors.why_not(row, timezone.now()) for kind, row in rows.items()}
    assert why["probation"] == ""
    assert "No consent is chosen" in why["court"]
    (report,) = MandateReport.objects.filter(mandate=rows["probation"])
    assert DisclosurePackage.objects.get(disclosure=report.disclosure).state == "fetched"
    assert [task.client for task in Task.objects.filter(kind="mandate_report")] == [rows["court"].client]


def test_one_person_has_a_plan_that_was_gone_through_again(shown: Side) -> None:
    first, second = SafetyPlan.objects.exclude(pk=shown.safety_plan.pk).order_by("revision")
    assert (first.revision, second.revision, second.copy_given) == (1, 2, True)
    assert not safety_plan.complete(parts_of(first))
    assert safety_plan.complete(parts_of(second))

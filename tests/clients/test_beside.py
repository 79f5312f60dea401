"""The lines about mandates, payers and plans for safety that stand on other pages: one statement, the whole person."""

from datetime import date

from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.models import Client, Coverage, Mandate, SafetyPlan
from clients.rules import payers
from clients.selectors.beside import Beside, beside
from tests.clients.people import in_care
from tests.world import CANARY, World


def test_the_lines_are_read_by_one_statement(world: World) -> None:
    here = world.here
    with here.scope(), CaptureQueriesContext(connection) as asked:
        found = beside(here.client)
    assert sum("clients_client" in one["sql"] for one in asked) == 1
    assert (found.mandates, found.payer) == (["Probation"], f"{CANARY}-riverbend Health")
    assert found.plan_at == here.safety_plan.made_at


def test_what_ended_is_left_out_and_nothing_is_nothing(world: World) -> None:
    here = world.here
    with here.scope():
        Mandate.objects.filter(client=here.client).update(ended_at=here.disclosure.made_at)
        Coverage.objects.filter(client=here.client).update(removed_at=here.disclosure.made_at)
        assert (beside(here.client).mandates, beside(here.client).payer) == ([], "")
        assert beside(in_care(here)) == Beside([], "", None)


def test_joined_records_count_and_the_first_payer_of_all_is_named(world: World) -> None:
    here = world.here
    with here.scope():
        joined: Client = here.merge.absorbed
        Coverage.objects.filter(client=here.client).update(rank=2)
        Coverage.objects.create(clinic=here.clinic, client=joined, rank=1, plan_type=payers.NO_PLAN, payment="1")
        Mandate.objects.create(
            clinic=here.clinic, client=joined, kind="employer", body="Acme", starts_on=date(2026, 1, 1)
        )
        SafetyPlan.objects.create(
            clinic=here.clinic, client=joined, revision=2, parts="{}", made_by=here.therapist
        )  # fmt: skip
        latest = SafetyPlan.objects.latest("pk").made_at
        for keys in ((), tuple(here.client.record_keys)):
            found = beside(here.client, keys)
            assert set(found.mandates) == {"Probation", "Employer"}
            assert found.payer == "Self-pay"
            assert found.plan_at == latest

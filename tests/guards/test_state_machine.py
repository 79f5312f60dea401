"""No state survives a request: clinics entered, nested, left by faults and written wrongly, in any order (P5)."""

from contextlib import ExitStack
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from clients.models import Client, RulerReading
from clinics.tenancy import NoActiveClinic, clinic_scope, entered_clinic_id
from tests.world import Side, World

RUNS, STEPS = 100, 30


def machine(world: World) -> type[RuleBasedStateMachine]:
    """Return the machine over the two clinics of the world."""
    sides = {"here": world.here, "there": world.neighbour}

    class Scopes(RuleBasedStateMachine):
        """Enters and leaves clinics, and looks after each step that only the entered one is visible."""

        def __init__(self) -> None:
            super().__init__()
            self.savepoint = transaction.atomic()
            self.savepoint.__enter__()
            self.stack: list[tuple[Side, ExitStack]] = []

        def _enter(self, name: str) -> None:
            scope = ExitStack()
            scope.enter_context(clinic_scope(sides[name].clinic.pk))
            self.stack.append((sides[name], scope))

        @rule()
        def enter_here(self) -> None:
            if len(self.stack) < 6:
                self._enter("here")

        @rule()
        def enter_there(self) -> None:
            if len(self.stack) < 6:
                self._enter("there")

        @rule()
        def leave(self) -> None:
            if self.stack:
                self.stack.pop()[1].close()

        @rule()
        def leave_by_a_fault(self) -> None:
            if self.stack:
                _side, scope = self.stack.pop()
                fault = ValueError("fault")
                scope.__exit__(ValueError, fault, None)

        @rule()
        def write_for_the_other_clinic(self) -> None:
            if not self.stack:
                return
            other = world.neighbour if self.stack[-1][0] is world.here else world.here
            with pytest.raises(DatabaseError), transaction.atomic():
                Client.unscoped.create(
                    clinic=other.clinic, reference="X", legal_name="x", family_key="x", given_key="x"
                )

        @rule()
        def change_everything_in_sight(self) -> None:
            if self.stack:
                assert Client.unscoped.update(pronouns="they/them") == 2

        @rule()
        def fail_in_the_database(self) -> None:
            if self.stack:
                with pytest.raises(DatabaseError), transaction.atomic():
                    RulerReading.objects.create(
                        clinic=self.stack[-1][0].clinic, client_id=1, appointment_id=1, ruler="importance", value=11
                    )

        @invariant()
        def only_the_entered_clinic_is_visible(self) -> None:
            if not self.stack:
                assert entered_clinic_id() is None
                with pytest.raises(NoActiveClinic):
                    Client.unscoped.count()
                return
            side = self.stack[-1][0]
            assert entered_clinic_id() == side.clinic.pk
            assert set(Client.unscoped.values_list("pk", flat=True)) == {side.client.pk, side.merge.absorbed_id}

        def teardown(self) -> None:
            while self.stack:
                self.stack.pop()[1].close()
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)
            assert entered_clinic_id() is None

    return Scopes


def test_scopes_hold_in_any_order(world: World) -> None:
    checks: Any = list(HealthCheck)
    run_state_machine_as_test(
        machine(world),
        settings=settings(max_examples=RUNS, stateful_step_count=STEPS, deadline=None, suppress_health_check=checks),
    )

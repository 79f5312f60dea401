"""What a payer authorized: used up, renewed in time, and owed to nobody twice."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from clients.models import Authorisation, Coverage, Task
from clients.rules import clock
from clients.services import authorisations, payers, tasks
from clients.services.authorisations import Terms
from clients.tasks import watch_clinic
from clinics.models import AuditEvent
from clinics.roles import Role
from clinics.versions import Stale
from tests.clients.calendar import ZONE
from tests.clients.paying import AGREED, NOW, authorised, covered, day
from tests.world import Side, World


@pytest.fixture
def here(world: World) -> Side:
    """The side on which nothing is authorized yet."""
    with world.here.scope():
        Authorisation.objects.all().delete()
    return world.here


def owed(now: datetime = NOW, side: Side | None = None) -> list[Task]:
    if side is not None:
        authorisations.owe_renewals(clinic=side.clinic, now=now)
    return list(Task.objects.filter(kind=Task.Kind.AUTHORISATION, done_at=None).order_by("pk"))


def test_its_number_lies_encrypted_and_its_units_count_down(here: Side) -> None:
    with here.scope():
        row = authorised(here, covered(here))
        kept = Authorisation.objects.get(pk=row.pk)
        assert kept.number == "A-17"
        assert b"A-17" not in bytes(Authorisation.objects.get(pk=row.pk).__dict__["number"])
        how: dict[str, Any] = {"row": row, "by": here.coordinator, "now": NOW}
        used = authorisations.change_authorisation(version=1, terms=Terms(replace(AGREED, units_used=4), "A-18"), **how)
        assert (used.units_used, used.number, used.version) == (4, "A-18", 2)
        event = AuditEvent.objects.get(action="authorisation.changed")
        assert event.detail == {"fields": ["units_used", "number"]}
        with pytest.raises(Stale):
            authorisations.change_authorisation(version=1, terms=Terms(AGREED), **how)
        with pytest.raises(payers.CannotBe):
            authorisations.change_authorisation(version=2, terms=Terms(replace(AGREED, units=0)), **how)


def test_nothing_is_authorized_for_what_was_taken_out(here: Side) -> None:
    with here.scope():
        row = covered(here)
        payers.remove_coverage(coverage=row, version=row.version, by=here.coordinator, now=NOW)
        with pytest.raises(payers.Removed):
            authorised(here, row)


def test_the_renewal_is_owed_by_the_coordinators_fourteen_days_before_the_end(here: Side) -> None:
    with here.scope():
        row = authorised(here, covered(here), until_on=day(20))
        assert owed(NOW, here) == []
        assert owed(NOW + timedelta(days=5), here) == []
        (task,) = owed(NOW + timedelta(days=6), here)
        assert (task.client, task.inquiry, task.role, task.owner) == (here.client, None, Role.COORDINATOR, None)
        # At five in the afternoon by the clinic's clock, seven days before the end.
        assert task.due_at == clock.instant(day(13), time(17), ZONE)
        assert owed(NOW + timedelta(days=7), here) == [task]
        assert authorisations.owe_renewals(clinic=here.clinic, now=NOW + timedelta(days=8)) == 0
        assert str(row.public_id) in task.key


def test_the_worker_asks_for_renewals_with_the_clocks(here: Side) -> None:
    with here.scope():
        coverage = covered(here)
        with_end = authorised(here, coverage, until_on=day(60))
        Authorisation.objects.filter(pk=with_end.pk).update(next_review_on=day(0), units_used=11)
        assert owed() == []
    watch_clinic(clinic_id=here.clinic.pk)
    with here.scope():
        assert len(owed()) == 1


def test_at_two_units_left_it_is_owed_at_once_and_done_when_it_is_renewed(here: Side) -> None:
    with here.scope():
        coverage = covered(here)
        row = authorised(here, coverage)
        row = authorisations.change_authorisation(
            row=row, version=1, terms=Terms(replace(AGREED, units_used=9)), by=here.coordinator, now=NOW
        )
        assert owed() == []
        row = authorisations.change_authorisation(
            row=row, version=2, terms=Terms(replace(AGREED, units_used=10)), by=here.coordinator, now=NOW
        )
        assert len(owed()) == 1
        authorised(here, coverage, until_on=day(180))
        assert owed(NOW, here) == []


def test_more_units_or_a_later_end_settle_it(here: Side) -> None:
    with here.scope():
        row = authorised(here, covered(here), until_on=day(10), units_used=11)
        assert len(owed()) == 1
        later = Terms(replace(AGREED, until_on=day(90), units=24, units_used=11))
        authorisations.change_authorisation(row=row, version=1, terms=later, by=here.coordinator, now=NOW)
        assert owed(NOW, here) == []


def test_on_the_day_of_the_review_it_is_owed_and_a_new_day_settles_it(here: Side) -> None:
    with here.scope():
        row = authorised(here, covered(here), next_review_on=day(3))
        assert owed(NOW + timedelta(days=2), here) == []
        (task,) = owed(NOW + timedelta(days=3), here)
        assert task.due_at == clock.instant(day(3), time(17), ZONE)
        authorisations.change_authorisation(
            row=row, version=1, terms=Terms(replace(AGREED, next_review_on=day(40))), by=here.coordinator,
            now=NOW + timedelta(days=3),
        )  # fmt: skip
        assert owed(NOW + timedelta(days=3), here) == []


def test_what_was_marked_as_done_is_owed_again_only_for_a_new_reason(here: Side) -> None:
    with here.scope():
        authorised(here, covered(here), next_review_on=day(0), units_used=10)
        (task,) = owed()
        tasks.finish(task=task, by=here.coordinator)
        Task.objects.filter(pk=task.pk).update(done_at=NOW)
        assert owed(NOW + timedelta(days=30), here) == []
        (again,) = owed(NOW + timedelta(days=77), here)
        assert again.pk != task.pk


def test_what_is_over_or_whose_cover_was_taken_out_is_owed_by_nobody(here: Side) -> None:
    with here.scope():
        coverage = covered(here)
        authorised(here, coverage, until_on=day(10))
        (task,) = owed()
        Task.objects.filter(pk=task.pk).update(key="set aside")
        assert owed(NOW + timedelta(days=11), here) == [task]
        Task.objects.filter(pk=task.pk).update(key=task.key)
        coverage = Coverage.objects.select_related("client__merged_into").get(pk=coverage.pk)
        coverage.client.clinic = here.clinic
        payers.remove_coverage(coverage=coverage, version=coverage.version, by=here.coordinator, now=NOW)
        assert owed(NOW, here) == []


def test_the_neighbours_authorizations_are_their_own(world: World, here: Side) -> None:
    with world.neighbour.scope():
        Authorisation.objects.all().delete()
        authorised(world.neighbour, covered(world.neighbour), units_used=12)
    with here.scope():
        assert owed(NOW, here) == []

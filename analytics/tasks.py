"""Doors for the worker: draining marks, backfills, and the clinics' nights."""

from zoneinfo import ZoneInfo

from celery import shared_task
from django.utils import timezone

from analytics import rollups
from clinics.jobs import ClinicTask, with_slot
from clinics.models import Clinic

NIGHT_HOUR = 2


@shared_task(name="analytics.drain_marks", on_queue="default")
def drain_marks() -> None:
    """Ask each clinic's marks to be drained (a fan-out: it touches no clinic's rows)."""
    if not with_slot("drain dirty marks", 15):
        return
    for clinic_id in Clinic.objects.filter(is_active=True).values_list("pk", flat=True):
        drain_clinic_marks.delay(clinic_id=clinic_id)


@shared_task(base=ClinicTask, name="analytics.drain_clinic_marks", on_queue="rollups")
def drain_clinic_marks(*, clinic_id: int) -> None:
    """Drain the marks of one clinic."""
    rollups.drain_marks()


@shared_task(base=ClinicTask, name="analytics.backfill", on_queue="long")
def backfill(*, clinic_id: int) -> None:
    """Fill one chunk of a clinic's history, and ask for the next."""
    if rollups.backfill_chunk():
        backfill.delay_on_commit(clinic_id=clinic_id)


@shared_task(name="analytics.serve_nights", on_queue="default")
def serve_nights() -> None:
    """Ask for the nightly verification of each clinic where it is two at night (a fan-out, hourly)."""
    if not with_slot("serve the clinics' nights", 3600):
        return
    now = timezone.now()
    for clinic in Clinic.objects.filter(is_active=True):
        if now.astimezone(ZoneInfo(clinic.time_zone)).hour == NIGHT_HOUR:
            verify.delay(clinic_id=clinic.pk)


@shared_task(base=ClinicTask, name="analytics.verify", on_queue="long")
def verify(*, clinic_id: int) -> None:
    """Recompute a clinic's cells, and record what differs; then mend it by a backfill."""
    if rollups.verify().differing:
        rollups.restart_backfill()
        backfill.delay_on_commit(clinic_id=clinic_id)

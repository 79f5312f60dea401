"""Doors for the worker: the clocks of waiting inquiries, and tasks that are late."""

from celery import shared_task
from django.utils import timezone

from clients.services import tasks, watching
from clinics.jobs import ClinicTask, with_slot
from clinics.models import Clinic


@shared_task(name="clients.watch_all", on_queue="default")
def watch_all() -> None:
    """Ask each clinic to look at its clocks (a fan-out, every minute: it touches no clinic's rows)."""
    if not with_slot("watch the clocks", 60):
        return
    for clinic_id in Clinic.objects.filter(is_active=True).values_list("pk", flat=True):
        watch_clinic.delay(clinic_id=clinic_id)


@shared_task(base=ClinicTask, name="clients.watch_clinic", on_queue="default")
def watch_clinic(*, clinic_id: int) -> None:
    """Make tasks of one clinic's clocks that ran out, and pass on its tasks that are late."""
    now = timezone.now()
    watching.watch_clocks(clinic=Clinic.objects.get(pk=clinic_id), now=now)
    tasks.escalate(now=now)

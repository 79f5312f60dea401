"""Doors for the worker: promised jobs, the sweeper, the sealer of the trail, and what is purged by age."""

import logging

from celery import shared_task
from celery.contrib.django.task import DjangoTask

from clinics import jobs, sealing
from clinics.jobs import ClinicTask
from clinics.models import Clinic
from clinics.services import jobs as job_services
from clinics.services import purging

log = logging.getLogger("evoke.jobs")


@shared_task(base=DjangoTask, name=jobs.RUN_TASK, on_queue="default")
def run_job(*, clinic_id: int, job_id: int) -> None:
    """Do one promised job; it enters the clinic itself, once to claim and once to work."""
    job_services.run(clinic_id=clinic_id, job_id=job_id)


@shared_task(base=DjangoTask, name="clinics.sweep_jobs", on_queue="default")
def sweep_jobs() -> None:
    """Send again what is due in any clinic (a fan-out, every 30 seconds)."""
    if jobs.with_slot("sweep jobs", 30):
        job_services.sweep()


@shared_task(base=DjangoTask, name="clinics.seal_audit", on_queue="default")
def seal_audit() -> None:
    """Seal the closed part of every clinic's trail (a fan-out, every minute, as the sealer's own role)."""
    if jobs.with_slot("seal the audit trail", 60):
        sealing.seal_all()


@shared_task(base=DjangoTask, name="clinics.purge_expired", on_queue="default")
def purge_expired() -> None:
    """Remove expired sign-ins and slots, and ask each clinic to purge its own (a fan-out, hourly)."""
    if not jobs.with_slot("purge", 3600):
        return
    purging.purge_sign_ins()
    purging.purge_slots()
    for clinic_id in Clinic.objects.values_list("pk", flat=True):
        purge_clinic.delay(clinic_id=clinic_id)


@shared_task(base=ClinicTask, name="clinics.purge_clinic", on_queue="default")
def purge_clinic(*, clinic_id: int) -> None:
    """Remove one clinic's drafts and answered posts that are past their age."""
    purging.purge_clinic()

"""Doors for the worker: the clocks of waiting inquiries, tasks that are late, and packages for recipients, PDFs."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from clients import disclosure
from clients.services import authorisations, mandates, measures, plan_reviews, printouts, tasks, waitlist, watching
from clinics import pdf
from clinics.jobs import ClinicTask, Progress, job_kind, with_slot
from clinics.models import Clinic, Job


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
    clinic = Clinic.objects.get(pk=clinic_id)
    watching.watch_clocks(clinic=clinic, now=now)
    watching.watch_evaluations(clinic=clinic, now=now)
    watching.watch_decisions(clinic=clinic, now=now)
    waitlist.owe_missing(now=now)
    mandates.owe_reports(clinic=clinic, now=now)
    authorisations.owe_renewals(clinic=clinic, now=now)
    measures.owe_due(clinic=clinic, now=now)
    plan_reviews.owe_plans(clinic=clinic, now=now)
    tasks.escalate(now=now)
    disclosure.take_away_old(now=now)
    printouts.take_away_old(now=now)


@job_kind(disclosure.JOB)
def pack_disclosure(job: Job, progress: Progress) -> dict[str, Any]:
    """Put together what goes out to a recipient; the result says how it stands, never what is in it."""
    held = disclosure.pack(public_id=job.args["package"], now=timezone.now())
    return {"package": job.args["package"], "state": held.state if held is not None else "not waiting"}


@job_kind(printouts.JOB, time_limit_s=120, in_parts=True)
def print_page(job: Job, progress: Progress) -> dict[str, Any]:
    """Make the PDF of a printed page, outside any transaction; the result says how many pages it has."""
    if not pdf.is_available():
        raise printouts.NoPango
    public_id = job.args["printout"]
    with progress.part():
        page = printouts.page_of(public_id=public_id, now=timezone.now())
    made = pdf.make(page)
    with progress.part():
        printouts.keep(public_id=public_id, made=made)
    return {"pages": made.pages}

"""Kinds of jobs for the tests with real workers: some that work, and the ways in which one can go wrong."""

import os
import signal
import time
from typing import Any

from celery import shared_task
from celery.contrib.django.task import DjangoTask

from clinics import audit, jobs
from clinics.jobs import JobRefused, Progress, job_kind
from clinics.models import AccountEvent, Job
from clinics.services import jobs as job_services

CANARY = "CANARY-text-of-an-exception"
PARTS = 10


# Short limits, so that a lost job comes back within seconds; each lease is still longer than its limit.
@job_kind("tests.work", time_limit_s=2, lease_s=2.5, retry_s=0.2)
def work(job: Job, progress: Progress) -> dict[str, Any]:
    """Leave one event behind, in the middle of a little work."""
    pause = job.args.get("ms", 100) / 1000
    time.sleep(pause / 2)
    audit.record("tests.effect", job)
    time.sleep(pause / 2)
    return {"did": 1}


# Its length is the point, so no limit cuts it short where the machine is busy.
@job_kind("tests.steady")
def steady(job: Job, progress: Progress) -> dict[str, Any]:
    """Work for as long as asked."""
    return work(job, progress)


@job_kind("tests.poison", time_limit_s=0.4, lease_s=0.5, retry_s=0.2)
def poison(job: Job, progress: Progress) -> dict[str, Any]:
    """Kill the worker."""
    audit.record("tests.effect", job)
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


@job_kind("tests.hang", time_limit_s=0.5, lease_s=0.6, retry_s=0.2)
def hang(job: Job, progress: Progress) -> dict[str, Any]:
    """Never come back, and take no notice of the soft limit."""
    audit.record("tests.effect", job)
    while True:
        try:
            time.sleep(60)
        except Exception:
            continue


@job_kind("tests.raise", time_limit_s=2, lease_s=2.5, retry_s=0.2)
def fail(job: Job, progress: Progress) -> dict[str, Any]:
    """Raise after the effect, with a text that may stand nowhere."""
    audit.record("tests.effect", job)
    raise ValueError(CANARY)


class NothingToDo(JobRefused):
    """The file held nothing."""

    sentence = "The file holds no rows. Choose another."


@job_kind("tests.refuse")
def refuse(job: Job, progress: Progress) -> dict[str, Any]:
    """Refuse for good."""
    raise NothingToDo


@job_kind("tests.parts", time_limit_s=30, lease_s=2, retry_s=0.2, in_parts=True)
def parts(job: Job, progress: Progress) -> dict[str, Any]:
    """Do ten parts, each a transaction, and go on after the last one that was committed."""
    while True:
        with progress.part() as row:
            number = row.result.get("parts", 0)
            if number == PARTS:
                return {"parts": PARTS}
            audit.record("tests.part", row, detail={"part": number})
            row.result["parts"] = number + 1
            progress(number + 1, PARTS)
            time.sleep(job.args.get("ms", 0) / 1000)


@shared_task(base=DjangoTask, name="tests.sweep", on_queue="default")
def sweep() -> None:
    """Sweep at every tick, without waiting for the slot of half a minute."""
    job_services.sweep()


@shared_task(base=DjangoTask, name="tests.tick", on_queue="default")
def tick() -> None:
    """Leave one event behind for each slot of a second that was ours."""
    if jobs.with_slot("tests.tick", 1):
        AccountEvent.objects.create(event="tests.tick")

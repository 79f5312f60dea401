"""
Promised work: made in the caller's transaction, claimed by one worker at a time, done once, tried again, given up.

A claim is committed before the work starts; the work and `done` are one transaction, so a worker that is killed
leaves either everything or nothing. All times are the database's.
"""

import logging
import re
from typing import Any, Final

from django.db import transaction

from clinics import audit, jobs
from clinics.jobs import MAX_ATTEMPTS, JobKind, JobRefused, LostClaim, Progress, kind_named, kind_or_stand_in
from clinics.models import Clinic, Job, User
from clinics.models.trail import ClockTimestamp
from clinics.tenancy import clinic_scope

log = logging.getLogger("evoke.jobs")

MAX_WAITING_MESSAGES: Final = 500
WORKER_LOST: Final = "WorkerLost"
# What may stand in args: keys, ids, dates, a file's key, switches. Never a text that somebody wrote.
REFERENCE: Final = re.compile(r"[A-Za-z0-9_.:/@-]{0,200}")


class NotAReference(ValueError):
    """A job's arguments are references only: keys, ids, dates, switches. Store the rest in a row and name it."""


class NotStopped(Exception):
    """Only a job that was given up can be tried again. This one is waiting, or done."""


@transaction.atomic
def promise(*, kind: str, label: str, by: User | None, args: dict[str, Any] | None = None) -> Job:
    """
    Promise a piece of work at the entered clinic; the caller's door then calls `jobs.send_soon(job)`.

    kind   a name that an app's tasks.py registers
    label  what people read in the list of jobs; without client data
    args   references only
    by     who asked, or None for the system
    :raises UnknownKind: no function does this kind
    :raises NotAReference: an argument is not a reference
    """
    kind_named(kind)
    for value in _leaves(args or {}):
        if isinstance(value, str) and not REFERENCE.fullmatch(value):
            raise NotAReference(f"An argument of a {kind} job is not a reference.")
    job = Job(kind=kind, label=label, args=args or {}, made_by=by)
    job.save(force_insert=True)
    audit.record("job.promised", job, by=by, detail={"kind": kind})
    return job


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for each in value.values() for leaf in _leaves(each)]
    if isinstance(value, list | tuple):
        return [leaf for each in value for leaf in _leaves(each)]
    return [value]


@transaction.atomic
def try_again(*, job: Job, by: User) -> Job:
    """
    Give a job that was given up a fresh set of attempts.

    :raises NotStopped: while it waits, or after it was done
    """
    job = Job.objects.select_for_update(no_key=True, of=("self",)).get(pk=job.pk)
    if job.state != Job.State.DEAD:
        raise NotStopped("Only a job that has stopped can be tried again.")
    job.state, job.attempts, job.finished_at, job.claimed_at = Job.State.NEW, 0, None, None
    job.not_before = ClockTimestamp()
    job.save(update_fields=["state", "attempts", "finished_at", "claimed_at", "not_before"])
    job.refresh_from_db(fields=["not_before"])
    audit.record("job.retried", job, by=by, detail={"kind": job.kind})
    return job


# --- the worker's side ------------------------------------------------------------------------------------------


def run(*, clinic_id: int, job_id: int) -> None:
    """
    Do a job, if it is due and nobody else has it; called with no clinic entered.

    A failure is written to the row, never raised: the row says whether and when to try again.
    """
    job = _claim(clinic_id, job_id)
    if job is None:
        return
    kind = kind_or_stand_in(job.kind)
    try:
        (_do_in_parts if kind.in_parts else _do_at_once)(kind, job)
    except LostClaim:
        log.info("job taken over by another worker", extra={"clinic": clinic_id, "job": job_id})
    except Exception as error:
        log.warning(
            "job %s failed, attempt %d: %s", job.kind, job.attempts, reason_of(error),
            extra={"clinic": clinic_id, "job": job_id},
        )  # fmt: skip
        _record_failure(job, error)


def _claim(clinic_id: int, job_id: int) -> Job | None:
    """Take the job for the length of its lease, committed; give it up when it has used its attempts."""
    with clinic_scope(clinic_id):
        rows = Job.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
        job: Job | None = rows.filter(pk=job_id, state=Job.State.NEW, not_before__lte=ClockTimestamp()).first()
        if job is None:
            return None
        if job.attempts >= MAX_ATTEMPTS:
            _give_up(job, job.last_error or WORKER_LOST)
            return None
        job.not_before = jobs.clock_in(kind_or_stand_in(job.kind).lease_s * 2**job.attempts)
        job.attempts += 1
        job.claimed_at = ClockTimestamp()
        job.last_error = ""
        job.save(update_fields=["attempts", "claimed_at", "not_before", "last_error"])
        return job


def _do_at_once(kind: JobKind, claimed: Job) -> None:
    """Do the work and write its result, in one transaction."""
    with clinic_scope(claimed.clinic_id, claimed.made_by_id):
        jobs.allow_time(kind.time_limit_s)
        job = jobs.claimed_row(claimed.pk, claimed.attempts)
        if job is None:
            raise LostClaim
        progress = Progress(job, kind)
        _finish(job, progress, kind.run(job, progress))


def _do_in_parts(kind: JobKind, claimed: Job) -> None:
    """Let the kind do its work in transactions of its own, then write the result."""
    progress = Progress(claimed, kind)
    result = kind.run(claimed, progress)
    with clinic_scope(claimed.clinic_id, claimed.made_by_id):
        job = jobs.claimed_row(claimed.pk, claimed.attempts)
        if job is None:
            raise LostClaim
        _finish(job, progress, result)


def _finish(job: Job, progress: Progress, result: dict[str, Any]) -> None:
    job.state, job.result, job.finished_at = Job.State.DONE, result, ClockTimestamp()
    job.progress_done, job.progress_total = progress.done, progress.total
    job.save(update_fields=["state", "result", "finished_at", "progress_done", "progress_total"])


def _record_failure(claimed: Job, error: Exception) -> None:
    """Write why the attempt failed, and when to try again; or give the job up."""
    with clinic_scope(claimed.clinic_id, claimed.made_by_id):
        job = jobs.claimed_row(claimed.pk, claimed.attempts)
        if job is None:
            return
        if isinstance(error, JobRefused) or job.attempts >= MAX_ATTEMPTS:
            _give_up(job, reason_of(error))
            return
        job.last_error = reason_of(error)
        job.not_before = jobs.clock_in(kind_or_stand_in(job.kind).retry_s * 2 ** (job.attempts - 1))
        job.save(update_fields=["last_error", "not_before"])


def _give_up(job: Job, reason: str) -> None:
    job.state, job.last_error, job.finished_at = Job.State.DEAD, reason, ClockTimestamp()
    job.save(update_fields=["state", "last_error", "finished_at"])
    audit.record("job.stopped", job, detail={"kind": job.kind, "attempts": job.attempts, "reason": reason})


def reason_of(error: BaseException) -> str:
    """Return class and SQLSTATE of an error, never its text, which may hold a name."""
    state = getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None)
    return f"{type(error).__name__} {state}" if state else type(error).__name__


def sweep() -> int:
    """
    Send what is due and was not sent, or was lost: oldest first, over all active clinics.

    No more than keeps the queues below MAX_WAITING_MESSAGES, so that a standstill does not fill the broker.

    returns  how many messages were sent
    """
    room = MAX_WAITING_MESSAGES - jobs.waiting_messages()
    if room <= 0:
        return 0
    due: list[tuple[Any, int, int, str]] = []
    for clinic_id in Clinic.objects.filter(is_active=True).values_list("pk", flat=True):
        with clinic_scope(clinic_id):
            waiting = Job.objects.filter(state=Job.State.NEW, not_before__lte=ClockTimestamp())
            rows = waiting.order_by("not_before").values_list("not_before", "pk", "kind")[:room]
            due += [(not_before, clinic_id, job_id, kind) for not_before, job_id, kind in rows]
    sent = 0
    for _not_before, clinic_id, job_id, kind_name in sorted(due)[:room]:
        jobs.send(clinic_id, job_id, kind_or_stand_in(kind_name))
        sent += 1
    return sent

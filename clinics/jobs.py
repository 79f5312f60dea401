"""
What promised work is made of: kinds of jobs, progress, sending, and slots for the ticks of beat.

The broker may lose or repeat a message: both are harmless, the row decides (services/jobs.py). A door that makes a
job calls `send_soon`, so that work starts at once; the sweeper finds whatever was not sent.
"""

import inspect
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any, Final

import redis
from celery import current_app
from celery.contrib.django.task import DjangoTask
from django.core.cache import cache
from django.db import connection, models, transaction
from django.db.models.expressions import Combinable, ExpressionWrapper
from django.utils.module_loading import autodiscover_modules

from clinics.models import Job
from clinics.models.trail import ClockTimestamp
from clinics.tenancy import clinic_scope

log = logging.getLogger("evoke.jobs")

MAX_ATTEMPTS: Final = 5
LEASE_MARGIN_S: Final = 60
PROGRESS_KEPT_S: Final = 3600
PROGRESS_EVERY_S: Final = 0.5
RUN_TASK: Final = "clinics.run_job"


class ClinicTask(DjangoTask):
    """A task of one clinic: takes `clinic_id` by keyword and runs inside that clinic's scope."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with clinic_scope(kwargs["clinic_id"]):
            return super().__call__(*args, **kwargs)


class JobRefused(Exception):
    """
    This job can never succeed, so it is not tried again.

    Subclass it beside the function that raises it. The class name is what the job keeps as its reason; the
    subclass's `sentence` is what people read, so it holds no data.
    """

    sentence = ""

    def __init_subclass__(cls) -> None:
        _refusals[cls.__name__] = cls.sentence


_refusals: dict[str, str] = {}


def refusal_sentence(reason: str) -> str:
    """Return the sentence of a refusal by the class name that a job keeps, or an empty text."""
    autodiscover_modules("tasks")
    return _refusals.get(reason, "")


class LostClaim(Exception):
    """The job is no longer this worker's: its lease ended and another worker has it, or it was finished."""


# --- kinds ------------------------------------------------------------------------------------------------------

JobFunction = Callable[[Job, "Progress"], dict[str, Any]]


@dataclass(frozen=True)
class JobKind:
    """
    One kind of job.

    run           does the work and returns the result: references and numbers, shown on the job's page
    queue         which queue its messages go to
    time_limit_s  a worker is ended when the work takes longer
    lease_s       how long a claim holds at the first attempt; doubles with each further one
    retry_s       how long to wait after a failure that was caught; doubles with each attempt
    in_parts      False: the work and its result are one transaction. True: `run` is called outside any scope and
                  does its work in `with progress.part() as job:` blocks, each a transaction of its own
    """

    name: str
    run: JobFunction
    queue: str
    time_limit_s: float
    lease_s: float
    retry_s: float
    in_parts: bool


_kinds: dict[str, JobKind] = {}


def job_kind(
    name: str,
    *,
    queue: str = "default",
    time_limit_s: float = 600,
    lease_s: float | None = None,
    retry_s: float = 30,
    in_parts: bool = False,
) -> Callable[[JobFunction], JobFunction]:
    """
    Register the decorated function as what does jobs of this kind; use it in an app's `tasks.py`.

    lease_s  default: the time limit and a minute
    :raises ValueError: the lease of work in one transaction would end before its time limit, or the name is taken
    """
    lease = time_limit_s + LEASE_MARGIN_S if lease_s is None else lease_s
    if lease <= time_limit_s and not in_parts:
        raise ValueError(f"The lease of {name} ({lease} s) must be longer than its limit ({time_limit_s} s).")

    def register(function: JobFunction) -> JobFunction:
        known = _kinds.get(name)
        if known is not None and inspect.getsourcefile(known.run) != inspect.getsourcefile(function):
            raise ValueError(f"Two functions want to do jobs of the kind {name}.")
        _kinds[name] = JobKind(name, function, queue, time_limit_s, lease, retry_s, in_parts)
        return function

    return register


class UnknownKind(LookupError):
    """This release has no function for the kind of job. Register it with `@job_kind` in an app's tasks.py."""


def kind_named(name: str) -> JobKind:
    """
    Return a kind of job.

    :raises UnknownKind: when no app's tasks.py registers it
    """
    autodiscover_modules("tasks")  # web processes and commands have not loaded the workers' doors
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKind(f"No job kind {name!r}. Register it with @job_kind in an app's tasks.py.") from None


def kind_or_stand_in(name: str) -> JobKind:
    """Return a kind of job; for one that this release does not know, a kind whose work raises UnknownKind."""
    try:
        return kind_named(name)
    except UnknownKind as error:
        unknown = error

    def refuse(job: Job, progress: "Progress") -> dict[str, Any]:
        raise unknown

    return JobKind(name, refuse, "default", LEASE_MARGIN_S, 2 * LEASE_MARGIN_S, LEASE_MARGIN_S, False)


# --- time -------------------------------------------------------------------------------------------------------


def clock_in(seconds: float) -> Combinable:
    """Return the database's clock, so many seconds from now, as an expression."""
    return ExpressionWrapper(ClockTimestamp() + timedelta(seconds=seconds), output_field=models.DateTimeField())


def allow_time(seconds: float) -> None:
    """Let the statements, and the pauses between them, of the present transaction take this long."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select set_config('statement_timeout', %s, true), "
            "set_config('idle_in_transaction_session_timeout', %s, true)",
            [f"{ceil(seconds)}s", f"{ceil(seconds)}s"],
        )


def with_slot(name: str, seconds: int) -> bool:
    """
    Tell whether this tick of beat is ours: True to the first that asks in each stretch of `seconds`.

    The slot is the database's clock cut into stretches, so any number of beats may run. Not inside a transaction
    that may yet be rolled back: the slot would be given back and served twice.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into clinics_slot (name, slot_at) "
            "values (%s, date_bin(make_interval(secs => %s), clock_timestamp(), timestamptz 'epoch')) "
            "on conflict do nothing returning id",
            [name, seconds],
        )
        return cursor.fetchone() is not None


# --- progress ---------------------------------------------------------------------------------------------------


class Progress:
    """
    How far a job is: `progress(done, total)`; in a job of several transactions, also `progress.part()`.

    While the work's transaction is open nobody else can see what it writes, so the numbers go to the cache, where
    the job's page finds them. Losing them does no harm: the row holds the last ones when the work is committed.
    """

    def __init__(self, job: Job, kind: JobKind) -> None:
        self.job_id, self.clinic_id, self.attempt = job.pk, job.clinic_id, job.attempts
        self.actor_id = job.made_by_id
        self.kind = kind
        self.done, self.total = job.progress_done, job.progress_total
        self._said_at = 0.0

    def __call__(self, done: int, total: int | None = None) -> None:
        """Say that `done` of `total` are done (`total` may be given once, or stay unknown)."""
        self.done = done
        self.total = self.total if total is None else total
        now = time.monotonic()
        if now - self._said_at < PROGRESS_EVERY_S and done != self.total:
            return
        self._said_at = now
        try:
            cache.set(progress_key(self.job_id), [self.done, self.total], PROGRESS_KEPT_S)
        except redis.RedisError:
            log.warning("progress not shown: the cache does not answer", extra={"job": self.job_id})

    @contextmanager
    def part(self) -> Iterator[Job]:
        """
        Do one part of the work: a transaction inside the clinic, together with how far the job is.

        Yields the job's row, locked. What the block leaves in `job.result` is kept, so that a later attempt can go
        on from there. Each part renews the lease.

        :raises LostClaim: when another worker has the job
        """
        with clinic_scope(self.clinic_id, self.actor_id):
            allow_time(self.kind.lease_s)
            job = claimed_row(self.job_id, self.attempt)
            if job is None:
                raise LostClaim
            yield job
            job.progress_done, job.progress_total = self.done, self.total
            job.not_before = clock_in(self.kind.lease_s)
            job.save(update_fields=["result", "progress_done", "progress_total", "not_before"])


def claimed_row(job_id: int, attempt: int) -> Job | None:
    """Return the job's row, locked to the end of the transaction, while it is still waited for at this attempt."""
    rows = Job.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
    found: Job | None = rows.filter(pk=job_id, state=Job.State.NEW, attempts=attempt).first()
    return found


def progress_key(job_id: int) -> str:
    """Return where the cache keeps how far a job is."""
    return f"job-progress:{job_id}"


def progress_of(job: Job) -> tuple[int, int | None]:
    """Return (done, total) of a job as far as it is known now; total None means unknown."""
    if job.state == Job.State.NEW and job.claimed_at is not None:
        try:
            said = cache.get(progress_key(job.pk))
        except redis.RedisError:
            said = None
        if said is not None:
            return int(said[0]), said[1]
    return job.progress_done, job.progress_total


# --- sending ----------------------------------------------------------------------------------------------------


def send(clinic_id: int, job_id: int, kind: JobKind) -> None:
    """Put a message for the job into its queue now; references only."""
    current_app.send_task(
        RUN_TASK,
        kwargs={"clinic_id": clinic_id, "job_id": job_id},
        queue=kind.queue,
        time_limit=kind.time_limit_s,
        soft_time_limit=max(kind.time_limit_s - LEASE_MARGIN_S, kind.time_limit_s * 0.9),
        ignore_result=True,
        retry=False,
    )


def queue_names() -> list[str]:
    """Return the names of all queues, as the Celery application has them."""
    return [queue.name for queue in current_app.conf.task_queues]


def send_soon(job: Job) -> None:
    """
    Let a worker begin with the job once the present transaction is committed (for doors, not for services).

    A broker that is away fails nothing: the job is promised, and the sweeper sends it later.
    """
    clinic_id, job_id, kind = job.clinic_id, job.pk, kind_named(job.kind)
    transaction.on_commit(lambda: send(clinic_id, job_id, kind), robust=True)


def waiting_messages() -> int:
    """Return how many messages wait in all queues of the broker."""
    with redis.Redis.from_url(current_app.conf.broker_url, socket_timeout=5, socket_connect_timeout=5) as client:
        return sum(int(client.llen(name)) for name in queue_names())  # type: ignore[arg-type]

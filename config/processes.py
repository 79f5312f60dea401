"""
The processes that Evoke is made of: their commands, the variables each one reads, how each one stops.

The one source for the local runner (config/demo.py) and docker-compose.yml: both start
`python -m config.start NAME`, which checks what the process needs and becomes the command below.
A test compares docker-compose.yml with this table. Standard library only.
"""

from dataclasses import dataclass
from typing import Final

# As config/celery.py: default for people who wait, rollups for derived figures, long for the rest.
QUEUES: Final = ("default", "rollups", "long")
WEB_WORKERS, WEB_THREADS, JOB_SLOTS = 2, 4, 2
STOP_GRACE_S: Final = 30  # requests and jobs get this long to finish when a stop is asked for

RUNTIME_SECRETS: Final = (
    "DATABASE_URL",
    "CELERY_BROKER_URL",
    "CACHE_URL",
    "SECRET_KEY",
    "FIELD_KEYS",
    "EMAIL_URL",
)
RUNTIME_VALUES: Final = (
    "ALLOWED_HOSTS",
    "EVOKE_BASE_URL",
    "EMAIL_FROM",
    "EVOKE_TLS_PROXY",
)


@dataclass(frozen=True)
class Process:
    """One process: its command ({bind} stands for EVOKE_BIND), what it reads, what it is for."""

    name: str
    help: str
    command: tuple[str, ...]
    secrets: tuple[str, ...] = RUNTIME_SECRETS
    values: tuple[str, ...] = RUNTIME_VALUES
    environ: tuple[tuple[str, str], ...] = ()
    one_shot: bool = False
    needs_broker: bool = True


ROLES: Final = Process(
    "roles",
    "make the database and its four roles; once a deployment, as the database's superuser",
    ("python", "-m", "config.database_roles", "apply"),
    secrets=(
        "ADMIN_DATABASE_URL",
        "DATABASE_URL",
        "MIGRATION_DATABASE_URL",
        "SEALER_DATABASE_URL",
        "BACKUP_DATABASE_URL",
    ),
    values=(),
    one_shot=True,
    needs_broker=False,
)
MIGRATE: Final = Process(
    "migrate",
    "bring the schema up to date; once a deployment, as the owner",
    ("python", "manage.py", "migrate", "--no-input"),
    secrets=(*RUNTIME_SECRETS, "MIGRATION_DATABASE_URL"),
    one_shot=True,
    needs_broker=False,
)
WEB: Final = Process(
    "web",
    "pages and API",
    (
        *("python", "-m", "gunicorn", "config.wsgi:application", "--bind", "{bind}"),
        *(
            "--worker-class",
            "gthread",
            "--workers",
            str(WEB_WORKERS),
            "--threads",
            str(WEB_THREADS),
        ),
        # No access log: an address may hold what somebody searched for.
        *(
            "--timeout",
            "60",
            "--graceful-timeout",
            str(STOP_GRACE_S),
            "--keep-alive",
            "5",
        ),
        # Loaded once, before the workers are forked: half the start, and memory that they share.
        "--preload",
        *(
            "--max-requests",
            "5000",
            "--max-requests-jitter",
            "500",
            "--no-control-socket",
        ),
    ),
    values=(*RUNTIME_VALUES, "EVOKE_BIND"),
)
WORKER: Final = Process(
    "worker",
    "jobs",
    (
        *(
            "python",
            "-m",
            "celery",
            "-A",
            "config.celery",
            "worker",
            "--queues",
            ",".join(QUEUES),
        ),
        *(
            "--concurrency",
            str(JOB_SLOTS),
            "--loglevel",
            "INFO",
            "--without-gossip",
            "--without-mingle",
        ),
    ),
    secrets=(*RUNTIME_SECRETS, "SEALER_DATABASE_URL"),
    environ=(("CELERY_SKIP_CHECKS", "true"),),  # the migrations have just run them
    # SIGTERM is Celery's warm stop: what runs is finished, the rest stays in the queue. A job that takes longer
    # than the grace is killed and comes back by its lease; Celery's soft shutdown would always wait its full time.
)
BEAT: Final = Process(
    "beat",
    "starts jobs at their time; any number may run, the database lets each slot through once",
    (
        # The schedule lives in memory: the slots are in the database, and the disk is read-only.
        *(
            "python",
            "-m",
            "celery",
            "-A",
            "config.celery",
            "beat",
            "--loglevel",
            "INFO",
        ),
        *("--scheduler", "celery.beat:Scheduler", "--pidfile="),
    ),
)
SERVICES: Final = (WEB, WORKER, BEAT)
PROCESSES: Final = {process.name: process for process in (ROLES, MIGRATE, *SERVICES)}

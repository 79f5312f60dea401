"""
/livez: the process answers, and nothing else is asked. /readyz: what it needs is there.

Neither needs a sign-in, so neither says anything but states and counts: no host, no name, no reference.
A job that waits too long is reported and does not take the site out of service: restarting or bypassing
the web server would mend nothing.
"""

import shutil
from collections.abc import Callable
from functools import cache
from math import ceil
from typing import Final

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.models import DurationField, ExpressionWrapper, F
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clinics.models import Clinic, Job
from clinics.models.trail import ClockTimestamp
from clinics.tenancy import clinic_scope

DISK_FREE_MIN_PERCENT: Final = 10
JOB_WAIT_MAX_S: Final = 900
BROKER_TIMEOUT_S: Final = 2.0

Check = tuple[bool, str]


@never_cache
@require_safe
@login_not_required
def livez(request: HttpRequest) -> HttpResponse:
    """Answer; touch nothing."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
@login_not_required
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the site can serve people, 503 when not, with the state of each thing it needs."""
    checks = {name: _answer(check) for name, check in CHECKS.items()}
    ready = all(ok for name, (ok, _) in checks.items() if name != "jobs")
    body = {
        "ready": ready,
        "checks": {name: {"ok": ok, "detail": text} for name, (ok, text) in checks.items()},
    }
    return JsonResponse(body, status=200 if ready else 503)


def _answer(check: Callable[[], Check]) -> Check:
    """Run one check; a database or broker that is away is its answer, not an error."""
    try:
        return check()
    except (DatabaseError, redis.RedisError):
        return False, "no answer"


def database() -> Check:
    """Ask the database for a row."""
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return True, "answers"


def migrations() -> Check:
    """Compare the migrations of this release with those the database has seen."""
    with connection.cursor() as cursor:
        cursor.execute("select app, name from django_migrations")
        seen = set(cursor.fetchall())
    missing = len(shipped_migrations() - seen)
    return missing == 0, "all applied" if missing == 0 else f"{missing} not applied"


@cache
def shipped_migrations() -> frozenset[tuple[str, str]]:
    """Return (app, name) of every migration of this release; read from disk once a process."""
    return frozenset(MigrationLoader(None).disk_migrations or ())


def broker() -> Check:
    """Ask the job queue for a sign of life."""
    return _ping(settings.CELERY_BROKER_URL)


def cache_server() -> Check:
    """Ask the cache for a sign of life: without it nobody can sign in."""
    return _ping(settings.ENV.cache_url)


def _ping(url: str) -> Check:
    with redis.Redis.from_url(url, socket_connect_timeout=BROKER_TIMEOUT_S, socket_timeout=BROKER_TIMEOUT_S) as client:
        client.ping()
    return True, "answers"


def disk() -> Check:
    """Look at the free space where the program stands."""
    usage = shutil.disk_usage(settings.BASE_DIR)
    percent = usage.free * 100 // usage.total
    return percent >= DISK_FREE_MIN_PERCENT, f"{percent} % free"


def jobs() -> Check:
    """Say how long the oldest job that is due has been waiting, over all clinics."""
    oldest = max((_oldest_wait_s(clinic_id) for clinic_id in Clinic.objects.values_list("pk", flat=True)), default=0)
    return oldest <= JOB_WAIT_MAX_S, "none waits" if oldest == 0 else f"the oldest has waited {oldest} s"


def _oldest_wait_s(clinic_id: int) -> int:
    """Return for how many seconds the clinic's oldest job has been due, by the database's clock; or 0."""
    with clinic_scope(clinic_id):
        due = Job.objects.filter(state=Job.State.NEW, not_before__lte=ClockTimestamp())
        oldest = due.order_by("not_before").values_list(
            ExpressionWrapper(ClockTimestamp() - F("not_before"), DurationField()), flat=True
        )
        waited = oldest.first()
    return ceil(waited.total_seconds()) if waited is not None else 0


CHECKS: Final[dict[str, Callable[[], Check]]] = {
    "database": database,
    "migrations": migrations,
    "broker": broker,
    "cache": cache_server,
    "disk": disk,
    "jobs": jobs,
}

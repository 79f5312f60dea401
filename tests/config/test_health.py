"""/livez and /readyz: what they ask, what they answer, what they never say."""

import shutil
from collections import namedtuple
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client as Browser
from pytest_django import DjangoAssertNumQueries

from clinics.models import Job
from config import health, servers
from tests.world import World

DEAD = f"redis://127.0.0.1:{servers.free_port()}/0"
Disk = namedtuple("Disk", "total used free")


def ready() -> tuple[int, dict[str, Any]]:
    """Return the status of /readyz and its checks."""
    answer = Browser().get("/readyz", headers={"host": "localhost"})
    body = answer.json()
    assert body["ready"] is (answer.status_code == 200)
    return answer.status_code, body["checks"]


@pytest.mark.django_db
def test_livez_asks_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        answer = Browser().get("/livez", headers={"host": "localhost"})

    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db
def test_readyz_says_what_is_there() -> None:
    status, checks = ready()

    assert status == 200, checks
    assert list(checks) == ["database", "migrations", "broker", "cache", "disk", "jobs"]
    assert all(check["ok"] for check in checks.values())


def test_a_database_that_is_away_is_an_answer(monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        connection.close()
        monkeypatch.setitem(connection.settings_dict, "PORT", servers.free_port())
        try:
            status, checks = ready()
        finally:
            connection.close()

    assert status == 503
    assert {name for name, check in checks.items() if not check["ok"]} == {"database", "migrations", "jobs"}
    assert checks["database"]["detail"] == "no answer"


@pytest.mark.django_db
def test_a_migration_that_is_missing_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = health.shipped_migrations() | {("clinics", "9999_of_tomorrow")}
    monkeypatch.setattr(health, "shipped_migrations", lambda: shipped)

    status, checks = ready()

    assert status == 503
    assert checks["migrations"] == {"ok": False, "detail": "1 not applied"}


@pytest.mark.django_db
def test_every_migration_of_ours_is_known() -> None:
    assert {app for app, _ in health.shipped_migrations()} >= {
        "clinics",
        "clients",
        "clinical_sessions",
        "analytics",
    }


@pytest.mark.django_db
def test_a_queue_that_is_away_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "CELERY_BROKER_URL", DEAD)

    status, checks = ready()

    assert status == 503
    assert checks["broker"] == {"ok": False, "detail": "no answer"}
    assert checks["cache"]["ok"] is True


@pytest.mark.django_db
@pytest.mark.parametrize(("free", "status"), [(9, 503), (10, 200)])
def test_a_full_disk_is_not_ready(monkeypatch: pytest.MonkeyPatch, free: int, status: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Disk(100, 100 - free, free))

    assert ready()[0] == status


def test_a_job_that_waits_too_long_is_said_and_keeps_the_site_in_service(world: World) -> None:
    make_due(world, seconds=health.JOB_WAIT_MAX_S + 60)

    status, checks = ready()

    assert status == 200
    assert checks["jobs"]["ok"] is False
    assert checks["jobs"]["detail"].startswith("the oldest has waited 9")


def test_the_oldest_job_is_found_in_every_clinic(world: World) -> None:
    make_due(world, seconds=100, side="neighbour")

    _, checks = ready()

    assert checks["jobs"]["ok"] is True
    assert checks["jobs"]["detail"].startswith("the oldest has waited 10")


@pytest.mark.django_db
def test_nothing_secret_is_said() -> None:
    said = str(Browser().get("/readyz", headers={"host": "localhost"}).content)

    for secret in (settings.ENV.database_url.password, settings.ENV.database_url.host, "clinic_app"):
        assert secret not in said


def make_due(world: World, *, seconds: int, side: str = "here") -> None:
    """Let one job of a clinic be due for so long, and no other."""
    for each in (world.here, world.neighbour):
        with each.scope():
            Job.objects.update(state=Job.State.DONE)
    chosen = getattr(world, side)
    with chosen.scope(), connection.cursor() as cursor:
        cursor.execute(
            "insert into clinics_job (clinic_id, public_id, kind, label, args, state, attempts, not_before,"
            " progress_done, last_error, result, created_at) values (%s, gen_random_uuid(), 'probe', 'Probe', '{}', 'new',"
            " 0, clock_timestamp() - make_interval(secs => %s), 0, '', '{}', now())",
            [chosen.clinic.pk, seconds],
        )

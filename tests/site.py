"""
A whole site for tests: a database of its own with committed rows, and the real processes that work on it.

Made once a test session, by the commands that a deployment runs: the schema as `tests.template` has it, then worker,
beat and web as config/processes.py has them. Tests make clinics of their own in it, so they do not disturb each other.
"""

import itertools
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError

import psycopg
import pytest
from celery import current_app
from django.conf import settings
from django.db import connection
from django.test import override_settings
from psycopg import sql

from clinics.models import Clinic
from clinics.services import people
from config import processes
from config.devservices import services, temporary_folder
from config.env import load
from config.family import die_with_parent
from config.servers import free_port, last_lines
from tests.template import collected_files, copy_to, drop_database, renamed, template

ROOT = Path(__file__).resolve().parent.parent
READY_S = 60.0
APP = "config.celery"
ALL_QUEUES = ",".join(processes.QUEUES)
STOP_S = 45.0
# Of the queue server, for each worker of pytest-xdist: queue and cache of its tests, of the site, of the filled site.
DATABASES_EACH = 6


class DidNotStart(AssertionError):
    """A process of the site ended, or did not answer in time; the end of its log says why."""


@dataclass
class Running:
    """A process of the site, in a process group of its own."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path

    def terminate(self) -> None:
        """Ask for an orderly stop, as an operator does."""
        self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Kill it and all its children at once, as a power cut does."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(STOP_S)

    def stop(self) -> int:
        """Stop it in order, or kill it when that takes too long; return its exit code."""
        if self.process.poll() is None:
            self.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_S)
        self.kill()
        return self.process.returncode

    def text(self) -> str:
        """Return what it has written to its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")


@dataclass
class Site:
    """The site: `env` reaches it from any process; what is started here is stopped by `stop()`."""

    env: dict[str, str]
    folder: Path
    database: str
    running: list[Running] = field(default_factory=list)
    base_url: str = ""

    def url(self, variable: str) -> str:
        """Return one of the four database addresses, such as that of DATABASE_URL."""
        return self.env[variable]

    def run_manage(self, *args: str, extra: Mapping[str, str] | None = None) -> str:
        """Run a management command on the site and return its standard output; fail the test when it fails."""
        result = self.try_manage(*args, extra=extra)
        assert result.returncode == 0, f"{' '.join(args)} failed:\n{result.stdout}\n{result.stderr}"
        return result.stdout

    def try_manage(self, *args: str, extra: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
        """Run a management command on the site and return what it did."""
        return subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *args],
            env={**self.env, **(extra or {})}, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def start_worker(self, *, queues: str = ALL_QUEUES, app: str = APP, wait: bool = True) -> Running:
        """Start a worker on these queues; with `wait`, return when it takes jobs."""
        command = [{ALL_QUEUES: queues, APP: app}.get(part, part) for part in processes.WORKER.command]
        running = self._start("worker", command, dict(processes.WORKER.environ))
        if wait:
            self.wait_for(lambda: " ready." in running.text(), running, "the worker")
        return running

    def start_beat(self, *, app: str = APP, wait: bool = True) -> Running:
        """Start a beat; with `wait`, return when it keeps time."""
        command = [{APP: app}.get(part, part) for part in processes.BEAT.command]
        running = self._start("beat", command, dict(processes.BEAT.environ))
        if wait:
            self.wait_for(lambda: "beat: Starting" in running.text(), running, "beat")
        return running

    def start_web(self) -> Running:
        """Start the web server on a free port, wait for /livez, and set `base_url`."""
        self.env["STATIC_ROOT"] = str(collected_files())
        port = free_port()
        command = [part.format(bind=f"127.0.0.1:{port}") for part in processes.WEB.command]
        running = self._start("web", command, dict(processes.WEB.environ))
        self.base_url = f"http://localhost:{port}"

        def answers() -> bool:
            try:
                with urllib.request.urlopen(f"{self.base_url}/livez", timeout=2) as answer:
                    return bool(answer.status == 200)
            except (URLError, OSError):
                return False

        self.wait_for(answers, running, "the web server")
        return running

    def wait_for(self, ready: Callable[[], bool], running: Running, what: str) -> None:
        """Wait until `ready()`; raise DidNotStart when the process ends first or the time is over."""
        deadline = time.monotonic() + READY_S
        while not ready():
            if running.process.poll() is not None or time.monotonic() > deadline:
                raise DidNotStart(f"{what} did not start. The end of its log:\n{last_lines(running.log)}")
            time.sleep(0.05)

    def _start(self, name: str, command: list[str], more_env: Mapping[str, str]) -> Running:
        log = self.folder / f"{name}-{len(self.running)}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, *command[1:]], env={**self.env, **more_env}, cwd=ROOT, stdout=out,
                stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )  # fmt: skip
        running = Running(name, process, log)
        self.running.append(running)
        return running

    def stop(self) -> None:
        """Stop all that runs."""
        for running in self.running:
            if running.process.poll() is None:
                running.terminate()
        for running in self.running:
            running.stop()
        self.running.clear()

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Let this process work on the site's database, queue and cache, committing, for the length of the block."""
        there = load(self.env)
        here, queue = dict(connection.settings_dict), os.environ["CELERY_BROKER_URL"]
        caches = {"default": {**settings.CACHES["default"], "LOCATION": there.cache_url}}
        address = there.database_url
        connection.close()
        connection.settings_dict.update(
            NAME=address.name, HOST=address.host, PORT=address.port, USER=address.user, PASSWORD=address.password
        )
        use_queue(self.env["CELERY_BROKER_URL"])
        try:
            with override_settings(CACHES=caches, ENV=there):
                yield
        finally:
            connection.close()
            connection.settings_dict.update(here)
            use_queue(queue)

    def sql(self, query: str, *values: object, role: str = "BACKUP_DATABASE_URL") -> list[tuple[object, ...]]:
        """Return the rows of a query over all clinics, asked as the backup role (which reads everything)."""
        with psycopg.connect(self.url(role), autocommit=True) as reader:
            return reader.execute(query, values).fetchall()  # type: ignore[call-overload, no-any-return]


def use_queue(url: str) -> None:
    """Let this process send its messages to the broker at `url`; Celery reads the variable itself."""
    os.environ["CELERY_BROKER_URL"] = url
    current_app._pool = current_app.amqp._producer_pool = None


def _worker_number() -> int:
    """Return which of pytest-xdist's workers this is, from 0."""
    found = re.search(r"\d+", os.environ.get("PYTEST_XDIST_WORKER", ""))
    return int(found.group()) if found else 0


def _renamed(url: str, name: str) -> str:
    return url[: url.rindex("/") + 1] + name


def environment(folder: Path, database: str, queue: int, servers: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of the site: as of the tests and those of its `servers`, with its own database and queue."""
    env = renamed({**os.environ, **servers}, database)
    first = DATABASES_EACH * _worker_number() + queue
    env["CELERY_BROKER_URL"] = _renamed(env["CELERY_BROKER_URL"], str(first))
    env["CACHE_URL"] = _renamed(env["CACHE_URL"], str(first + 1))
    env.pop("PYTEST_CURRENT_TEST", None)
    return {
        **env,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "EVOKE_DEMO": "1",
        "DEBUG": "0",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "EMAIL_URL": f"file://{folder / 'mail'}",
        "PYTHONUNBUFFERED": "1",
    }


@contextmanager
def open_site(
    folder: Path, database: str, *, like: str = "", queue: int = 2, servers: Mapping[str, str] | None = None
) -> Iterator[Site]:
    """
    Make a site with a database of its own, migrated and empty; drop it at the end of the block.

    like     the database that it is a copy of, where it is not to be empty
    queue    the first of the two databases that it takes, of those of this worker of pytest-xdist
    servers  the variables that reach other servers than those of the tests
    """
    made = Site(environment(folder, database, queue, servers or {}), folder, database)
    owner = load(made.env).migration_database_url
    assert owner is not None
    with psycopg.connect(owner.url, dbname="postgres", autocommit=True) as cluster:
        name = sql.Identifier(database)
        drop_database(cluster, database)
        if servers is None:
            begin = sql.SQL("create database {} template {}")
            cluster.execute(begin.format(name, sql.Identifier(like or template())))
        else:
            cluster.execute(sql.SQL("create database {}").format(name))
        try:
            if servers is not None:
                copy_to(servers["ADMIN_DATABASE_URL"], database)
            yield made
        finally:
            made.stop()
            drop_database(cluster, database)


def database_name(purpose: str) -> str:
    """Return the name of a database of this worker of pytest-xdist."""
    return f"{settings.ENV.database_url.name}_{purpose}_{_worker_number()}"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """
    A site with a database of its own, migrated and empty; shared by all tests of a session, dropped at its end.

    Tests commit in it: make a clinic of your own for what you look at.
    """
    with open_site(tmp_path_factory.mktemp("site"), database_name("site")) as made:
        yield made
        connection.close()


@pytest.fixture
def on_site(site: Site, django_db_blocker: Any) -> Iterator[Site]:
    """The site, with this process's own ORM working on it: what a test writes is committed and stays."""
    with django_db_blocker.unblock(), site.entered():
        yield site


@pytest.fixture(scope="module")
def quiet_site() -> Iterator[Site]:
    """A site on a PostgreSQL server of its own: no test that runs beside these has a transaction open in it."""
    with (
        temporary_folder() as folder,
        services(folder, for_tests=True) as servers,
        open_site(folder, "quiet", servers=servers) as made,
    ):
        yield made
        connection.close()


@pytest.fixture
def on_quiet_site(quiet_site: Site, django_db_blocker: Any) -> Iterator[Site]:
    """The quiet site, with this process's own ORM working on it."""
    with django_db_blocker.unblock(), quiet_site.entered():
        yield quiet_site


def new_clinic(site: Site) -> Clinic:
    """Return a fresh clinic of the site; call it while `on_site`."""
    number = next(_numbers)
    return people.create_clinic(slug=f"site-{number}", name=f"Site {number}", initials="SI", reference_prefix="SI")


_numbers = itertools.count(1)

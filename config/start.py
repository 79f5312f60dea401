"""
Become one of the processes of config/processes.py, once what it needs is there.

python -m config.start web|worker|beat|migrate|roles

Says everything that is wrong with the environment at once (exit 2); waits a while for PostgreSQL and
Valkey and says which one does not answer (exit 1); refuses a database role that could reach round the
row policies (exit 2). Then it is replaced by the command, so that signals reach the command itself.
"""

import os
import sys
import time
from typing import Final

import psycopg
import redis

from config.database_roles import app_role_faults
from config.env import BadEnvironment, Env, given_value, load
from config.env_kinds import DatabaseAddress
from config.processes import MIGRATE, PROCESSES, ROLES, Process

WAIT_S: Final = 30.0


class NotThere(Exception):
    """A server that the process needs does not answer."""


def main(arguments: list[str]) -> int:
    """Check, then become the process named; return an exit code only when that is not possible."""
    if len(arguments) != 1 or arguments[0] not in PROCESSES:
        print(f"Usage: python -m config.start {'|'.join(PROCESSES)}", file=sys.stderr)
        return 2
    process = PROCESSES[arguments[0]]
    bind = ""
    try:
        if process is not ROLES:  # that one reads its own variables and waits for the server itself
            env = load(os.environ)
            bind = f"{env.bind[0]}:{env.bind[1]}"
            _check(process, env)
    except BadEnvironment as error:
        print(*error.sentences, sep="\n", file=sys.stderr)
        return 2
    except NotThere as error:
        print(error, file=sys.stderr)
        return 1
    os.environ.update(process.environ)
    command = [part.format(bind=bind) for part in process.command]
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *command[1:]])  # noqa: S606 - becoming it is the purpose


def _check(process: Process, env: Env) -> None:
    """Raise BadEnvironment or NotThere when the process could not do its work."""
    if process is MIGRATE:
        if not given_value("MIGRATION_DATABASE_URL", os.environ):
            raise BadEnvironment(["MIGRATION_DATABASE_URL is not set. Migrations run as the role clinic_owner."])
        _sign_in(env.migration_database_url or env.database_url, "MIGRATION_DATABASE_URL").close()
    else:
        with _sign_in(env.database_url, "DATABASE_URL") as connection:
            faults = app_role_faults(connection.cursor())
        if faults:
            raise BadEnvironment(faults)
    if process.needs_broker:
        for url, name in (
            (env.celery_broker_url, "CELERY_BROKER_URL"),
            (env.cache_url, "CACHE_URL"),
        ):
            _ping(url, name)


def _sign_in(address: DatabaseAddress, name: str) -> psycopg.Connection[tuple[object, ...]]:
    """Return a connection, waiting while the server is not up yet; a refused sign-in is not waited for."""
    deadline = time.monotonic() + WAIT_S
    while True:
        try:
            return psycopg.connect(address.url, connect_timeout=5)
        except psycopg.OperationalError as error:
            where = f"PostgreSQL at {address.host}:{address.port} ({name})"
            if "authentication failed" in str(error) or "does not exist" in str(error):
                raise NotThere(
                    f"{where} refuses {address.user}: the password is wrong, or role or database is missing. "
                    "`python -m config.database_roles apply` makes them."
                ) from None
            if time.monotonic() >= deadline:
                raise NotThere(f"{where} does not answer. Start it, then start this again.") from None
            time.sleep(0.3)


def _ping(url: str, name: str) -> None:
    """Ask a Redis-protocol server for a sign of life, waiting while it is not up yet."""
    deadline = time.monotonic() + WAIT_S
    while True:
        try:
            with redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5) as client:
                client.ping()
            return
        except redis.AuthenticationError:
            raise NotThere(f"Valkey ({name}) refuses the password.") from None
        except redis.RedisError:
            if time.monotonic() >= deadline:
                raise NotThere(f"Valkey ({name}) does not answer. Start it, then start this again.") from None
            time.sleep(0.3)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

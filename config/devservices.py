"""
Run a command against PostgreSQL and Valkey of its own, and leave nothing behind.

python -m config.devservices run [--data DIR] [--tests] -- COMMAND…

Starts both servers on loopback ports in a temporary folder (or in DIR, which then keeps its data),
makes the four database roles, exports the variables of config/env.py, runs COMMAND, stops both and
removes the temporary folder whatever happens. The exit code is the command's. With DATABASE_URL,
CELERY_BROKER_URL and CACHE_URL already set it starts nothing. Nothing of the application imports this.
"""

import argparse
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

import psutil  # type: ignore[import-untyped]
import psycopg

from config import database_roles, family, servers
from config.env import database_url, fresh_field_key, fresh_secret_key
from config.env_kinds import database as read_database_url

DATABASE_NAME: Final = "evoke"
SERVER_VARIABLES: Final = ("DATABASE_URL", "CELERY_BROKER_URL", "CACHE_URL")
COMMAND_STOP_TIMEOUT_S: Final = 30.0


class Stopped(Exception):
    """A signal asked this process to end before the command was started."""


@contextmanager
def services(folder: Path, *, for_tests: bool = False) -> Iterator[dict[str, str]]:
    """
    Start both servers in `folder` and yield the variables that reach them; stop them at the end.

    folder     an existing folder; what an earlier run left in it (data, keys, passwords) is used again
    for_tests  faster and unsafe against a power cut; the owner may create databases
    raises     ServerFailed when one of them does not start
    """
    kept = kept_secrets(folder / "secrets.json")
    postgres = servers.PostgresServer(
        folder / "postgres",
        folder / "postgres.log",
        kept["superuser"],
        servers.POSTGRES_TEST_SETTINGS if for_tests else {},
    )
    (folder / "valkey").mkdir(mode=0o700, exist_ok=True)
    valkey = servers.ValkeyServer(
        folder / "valkey",
        folder / "valkey.log",
        kept["valkey"],
        servers.VALKEY_TEST_SETTINGS if for_tests else {},
    )
    try:
        postgres.start()
        valkey.start()
        port = postgres.admin.port
        addresses = {
            role.variable: database_url(role.name, kept[role.name], "127.0.0.1", port, DATABASE_NAME)
            for role in database_roles.ROLES
        }
        database_roles.apply(
            postgres.admin,
            {name: read_database_url(url) for name, url in addresses.items()},
            for_tests=for_tests,
        )
        yield {
            **addresses,
            "CELERY_BROKER_URL": valkey.url(0),
            "CACHE_URL": valkey.url(1),
            "SECRET_KEY": kept["secret_key"],
            "FIELD_KEYS": kept["field_keys"],
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "EVOKE_BASE_URL": "http://localhost:8000",
            "EVOKE_DEMO": "1",
            "EMAIL_URL": f"file://{folder / 'mail'}",
            # Tests tamper with the trail as only a superuser can, to see that it is found.
            **({"ADMIN_DATABASE_URL": postgres.admin.url} if for_tests else {}),
        }
    finally:
        valkey.stop()
        postgres.stop()


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Yield a folder for `services` that is gone with all it holds at the end."""
    folder = Path(tempfile.mkdtemp(prefix="evoke-"))
    try:
        folder.chmod(0o711)  # PostgreSQL's user has to pass through; it can list nothing here
        yield folder.resolve()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def kept_folder(folder: Path) -> Iterator[Path]:
    """Yield a folder for `services` that stays; it is made when it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    yield folder.resolve()


def kept_secrets(path: Path) -> dict[str, str]:
    """Return the passwords and keys of a data folder, made at its first start and kept for the next ones."""
    kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name in ("superuser", "valkey", *(role.name for role in database_roles.ROLES)):
        kept.setdefault(name, secrets.token_hex(24))
    kept.setdefault("secret_key", fresh_secret_key())
    kept.setdefault("field_keys", fresh_field_key())
    path.touch(mode=0o600)
    path.write_text(json.dumps(kept), encoding="utf-8")
    return kept


def partly_given(given: list[str]) -> str:
    """Return the sentence for an environment that names some servers and not the others."""
    missing = [name for name in SERVER_VARIABLES if name not in given]
    return f"{' and '.join(given)} set, but not {' and '.join(missing)}. Set all three, or none of them."


def run(command: list[str], data: Path | None, *, for_tests: bool) -> int:
    """Run the command against servers of its own and return its exit code (128 + n for signal n)."""
    given = [name for name in SERVER_VARIABLES if os.environ.get(name)]
    if len(given) == len(SERVER_VARIABLES):
        os.execvp(command[0], command)  # noqa: S606 - running a command is what this is for
    if given:
        print(partly_given(given), file=sys.stderr)
        return 2
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop_early)
    family.adopt_orphans()
    with kept_folder(data) if data else temporary_folder() as folder:
        try:
            with services(folder, for_tests=for_tests) as variables:
                # What the caller has set wins: a test may want another host name, or no demo mode.
                return _supervise(command, {**variables, **os.environ})
        except Stopped as stopped:
            return 128 + int(stopped.args[0])
        except (servers.ServerFailed, psycopg.Error) as error:
            print(error, file=sys.stderr)
            return 1
        finally:
            family.end_descendants()


def _supervise(command: list[str], environ: Mapping[str, str]) -> int:
    """Run the command, pass on the signals that ask for its end, and return its exit code."""
    try:
        child = subprocess.Popen(
            command,
            env=dict(environ),
            preexec_fn=family.die_with_parent(signal.SIGTERM),
        )
    except OSError as error:
        print(f"{command[0]} cannot be started: {error.strerror}.", file=sys.stderr)
        return 127
    asked = False

    def pass_on(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        by_terminal = number == signal.SIGINT and _in_foreground()
        if by_terminal and not asked:
            asked = True  # the terminal has sent it to the command as well
            return
        asked = True
        if child.poll() is None:
            child.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)
    patience = COMMAND_STOP_TIMEOUT_S
    keep = {process.pid for process in psutil.Process().children()}  # the command and its servers
    while child.poll() is None:
        try:
            child.wait(0.5)
        except subprocess.TimeoutExpired:
            family.reap_adopted(keep)
            patience -= 0.5 if asked else 0
            if patience <= 0:
                child.kill()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # from here on everything is being stopped anyway
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def _in_foreground() -> bool:
    """Tell whether this process is in the terminal's foreground, where Ctrl-C reaches the whole group."""
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError, AttributeError):
        return False


def _stop_early(number: int, frame: FrameType | None) -> None:
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise Stopped(number)


def main(arguments: list[str]) -> int:
    """Read the command line and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m config.devservices", description=__doc__.split("\n\n")[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("run", help="start both servers, run a command, stop both")
    verb.add_argument(
        "--data",
        type=Path,
        help="keep the data in this folder instead of a temporary one",
    )
    verb.add_argument(
        "--tests",
        action="store_true",
        help="fast servers; the owner may create databases",
    )
    verb.add_argument("command", nargs=argparse.REMAINDER, help="-- COMMAND and its arguments")
    options = parser.parse_args(arguments)
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        parser.error("name the command to run, after --")
    return run(command, options.data, for_tests=options.tests)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

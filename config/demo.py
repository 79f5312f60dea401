"""
The demonstration on one machine: `make demo`, `make manage ARGS="…"`, `make demo-reset`.

python -m config.demo up [--port N]      servers, schema, demo clinics, web, worker and beat; until stopped
python -m config.demo manage -- ARGS…    a management command against the demo's servers
python -m config.demo reset              forget the demo's data

Everything it keeps is below .local/. The processes are those of config/processes.py, the same that
docker-compose.yml starts. With DATABASE_URL, CELERY_BROKER_URL and CACHE_URL set it starts no servers.
"""

import argparse
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil  # type: ignore[import-untyped]
import psycopg

from config import devservices, family, probe, processes, runner, servers
from config.runner import Child, DemoFailed, State, Steps, StopAsked, say

ROOT: Final = Path(__file__).resolve().parent.parent
READY_TIMEOUT_S: Final = 90.0
MANAGE_WAIT_S: Final = 180.0


class Places:
    """Where a demo keeps what it keeps: data, logs, collected files, and who holds it now."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.logs = folder / "logs"
        self.mail = folder / "mail"
        self.static = folder / "static"
        self.static_stamp = folder / "static" / ".built-from"
        self.schema_stamp = folder / "data" / "schema-built-from"
        self.seeded = folder / "data" / "seeded"  # made with the demo clinics; says how to sign in
        self.hold = folder / "demo.lock"
        self.state = State(folder / "demo.json")


def main(arguments: list[str]) -> int:
    """Read the command line and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m config.demo", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--folder", type=Path, default=ROOT / ".local", help="where it keeps its data (.local)")
    verbs = parser.add_subparsers(dest="verb", required=True)
    up_verb = verbs.add_parser("up", help="start everything and stay until stopped")
    up_verb.add_argument("--port", default="8000", help="the port of the pages (8000)")
    up_verb.add_argument("--stop-with-parent", action="store_true", help="end when the caller is killed hard")
    manage_verb = verbs.add_parser("manage", help="run a management command against the demo's servers")
    manage_verb.add_argument("command", nargs=argparse.REMAINDER)
    verbs.add_parser("reset", help="forget the demo's data")
    options = parser.parse_args(arguments)
    family.adopt_orphans()
    if getattr(options, "stop_with_parent", False):
        family.stop_with_parent()
    places = Places(options.folder.resolve())
    os.chdir(ROOT)
    try:
        with runner.stop_signals():
            if options.verb == "up":
                return up(places, options.port)
            if options.verb == "manage":
                command = options.command[1:] if options.command[:1] == ["--"] else options.command
                return manage(places, command)
            return reset(places)
    except StopAsked as asked:
        say("Stopped.")
        return 0 if options.verb == "up" else 128 + int(asked.args[0])
    except DemoFailed as error:
        say(str(error))
        return error.code
    except (servers.ServerFailed, psycopg.Error) as error:
        say(str(error))
        return 1
    finally:
        family.end_descendants()


def up(places: Places, port_text: str) -> int:
    """Run the demo until it is asked to stop or one of its processes dies."""
    port = checked_port(port_text)
    try:
        with runner.held(places.hold):
            require_free(port)
            return _up(places, port)
    except runner.Busy:
        raise DemoFailed(_busy_sentence(places), code=2) from None


def _up(places: Places, port: int) -> int:
    steps = Steps(sys.stdout)
    children: list[Child] = []
    print("Evoke demo", flush=True)
    with prepared(places, steps, port) as environ:
        try:
            with steps.step("web, worker and beat") as more:
                children += [
                    Child(process.name, _start(process.name), environ, places.logs / f"{process.name}.log")
                    for process in processes.SERVICES
                ]
                places.state.write(
                    pid=os.getpid(),
                    port=port,
                    environ=_ours(environ),
                    children=runner.identities(children),
                    ready=True,
                )
                more.append(_wait_until_ready(children, port))
            print(f"\nEvoke is ready: http://localhost:{port}\n", flush=True)
            print(places.seeded.read_text(encoding="utf-8"), end="", flush=True)
            print(f"\nStop with Ctrl-C. Logs are in {os.path.relpath(places.logs)}.", flush=True)
            keep = {process.pid for process in psutil.Process().children()}
            while (dead := runner.dead_child(children)) is None:
                family.reap_adopted(keep)
                time.sleep(0.3)
            raise DemoFailed(runner.death_notice(dead))
        except StopAsked:
            print("\nStopping.", flush=True)
            return 0
        finally:
            runner.stop_all(children)
            places.state.clear()


@contextmanager
def prepared(places: Places, steps: Steps, port: int) -> Iterator[dict[str, str]]:
    """Bring the demo to where processes or commands can run, and yield their environment."""
    places.logs.mkdir(parents=True, exist_ok=True)
    places.data.mkdir(parents=True, exist_ok=True)
    if runner.end_leftovers(places.state.read().get("children", [])):
        say("  (an earlier demo was killed; what it had left running is ended)")
    places.state.clear()
    with servers_or_given(places, steps, port) as environ:
        places.state.write(pid=os.getpid(), port=port, environ=_ours(environ), children=[], ready=False)
        try:
            with _static_collected(places, steps, environ):
                _migrate(places, steps, environ)
                if not places.seeded.exists() or "DATABASE_URL" in os.environ:
                    with steps.step("demo clinics"):  # safe to repeat: what is open already stays as it is
                        runner.run_step(
                            "seed_demo", _manage("seed_demo", "--logins", str(places.seeded)), environ, places.logs
                        )
            yield environ
        finally:
            places.state.clear()


@contextmanager
def servers_or_given(places: Places, steps: Steps, port: int) -> Iterator[dict[str, str]]:
    """Yield the environment of the processes: servers of our own, or those that are named already."""
    own = {
        "EVOKE_DEMO": "1",
        "EVOKE_BASE_URL": f"http://localhost:{port}",
        "EVOKE_BIND": f"127.0.0.1:{port}",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "EMAIL_URL": f"file://{places.mail}",
        "STATIC_ROOT": str(places.static),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONUNBUFFERED": "1",
    }
    given = [name for name in devservices.SERVER_VARIABLES if os.environ.get(name)]
    if len(given) == len(devservices.SERVER_VARIABLES):
        kept = devservices.kept_secrets(places.data / "secrets.json")
        keys = {"SECRET_KEY": kept["secret_key"], "FIELD_KEYS": kept["field_keys"]}
        yield {**keys, **os.environ, **own}
        return
    if given:
        raise DemoFailed(devservices.partly_given(given), code=2)
    started = time.monotonic()
    with devservices.services(places.data) as variables:
        text = "PostgreSQL and Valkey, with the four database roles"
        print(f"  {time.monotonic() - started:5.1f} s  {text}", file=steps.out, flush=True)
        yield {**os.environ, **variables, **own}


def manage(places: Places, command: list[str]) -> int:
    """Run a management command; standard output is the command's own, all else goes to standard error."""
    if not command:
        raise DemoFailed('Name a command, such as make manage ARGS="check".', code=2)
    deadline = time.monotonic() + MANAGE_WAIT_S
    told = False
    while True:
        try:
            with runner.held(places.hold), prepared(places, Steps(sys.stderr), 8000) as environ:
                return _run_command(command, environ)
        except runner.Busy:
            state = places.state.read()
            if state.get("ready"):
                return _run_command(command, {**os.environ, **state["environ"]})
            if time.monotonic() > deadline:
                raise DemoFailed("Another make command holds the demo's servers and does not finish.") from None
            if not told:
                say("Waiting for the demo, which is starting or busy with another command.")
                told = True
            time.sleep(0.3)


def _run_command(command: list[str], environ: dict[str, str]) -> int:
    """Run the command in the foreground and return its exit code."""
    child = subprocess.Popen(_manage(*command), env=environ)
    while True:
        try:
            code = child.wait()
            return code if code >= 0 else 128 - code
        except StopAsked as asked:
            child.send_signal(int(asked.args[0]))


def reset(places: Places) -> int:
    """Remove the demo's data, logs and mail."""
    try:
        with runner.held(places.hold):
            runner.end_leftovers(places.state.read().get("children", []))
            servers.stop_leftover(
                places.data / "postgres" / "postmaster.pid", "postgres", servers.PostgresServer.stop_with
            )
            servers.stop_leftover(places.data / "valkey" / "valkey.pid", "valkey", servers.ValkeyServer.stop_with)
            for folder in (places.data, places.logs, places.mail, places.static):
                shutil.rmtree(folder, ignore_errors=True)
            places.state.clear()
    except runner.Busy:
        raise DemoFailed(_busy_sentence(places), code=2) from None
    print("The demo's data is gone. The next make demo starts from nothing.")
    return 0


def checked_port(text: str) -> int:
    """Return the port, or raise DemoFailed when the text is none."""
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise DemoFailed(f"PORT must be a number from 1 to 65535, not {text!r}.", code=2)
    return int(text)


def require_free(port: int) -> None:
    """Raise DemoFailed when somebody listens on the port or it may not be used."""
    if servers.answers("::1", port):  # a browser asks there first when it is told localhost
        raise DemoFailed(_taken_sentence(port), code=2)
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except PermissionError:
            raise DemoFailed(f"Port {port} is reserved. Choose another: make demo PORT=8001", code=2) from None
        except OSError:
            raise DemoFailed(_taken_sentence(port), code=2) from None


def _taken_sentence(port: int) -> str:
    return f"Port {port} is in use. Choose another: make demo PORT={servers.free_port()}"


def _busy_sentence(places: Places) -> str:
    state = places.state.read()
    where = f" at http://localhost:{state['port']}" if state.get("ready") else ""
    return f"The demo of this folder is already running{where}. Stop it with Ctrl-C in its own window first."


def _migrate(places: Places, steps: Steps, environ: dict[str, str]) -> None:
    """Bring the schema up to date where what it is made from has changed; on servers that were given, always."""
    digest = hashlib.sha256((ROOT / "requirements-local.lock").read_bytes())
    for path in (ROOT / "clinics" / "roles.py", *sorted(ROOT.glob("[!.]*/migrations/*.py"))):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    stamp = places.schema_stamp
    if "DATABASE_URL" not in os.environ and stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    with steps.step("schema, as its owner"):
        runner.run_step("migrate", _start("migrate"), environ, places.logs)
    stamp.write_text(digest.hexdigest())


@contextmanager
def _static_collected(places: Places, steps: Steps, environ: dict[str, str]) -> Iterator[None]:
    """Collect the static files, beside the block, when one of them, or a package that ships some, has changed."""
    digest = hashlib.sha256((ROOT / "requirements-local.lock").read_bytes())
    for path in sorted(ROOT.glob("[!.]*/static/**/*")):
        if path.is_file():
            stat = path.stat()
            digest.update(f"{path.relative_to(ROOT)} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    if places.static_stamp.exists() and places.static_stamp.read_text() == digest.hexdigest():
        yield
        return
    command = _manage("collectstatic", "--no-input", "--clear", "--verbosity", "0")
    with runner.beside("collectstatic", command, environ, places.logs) as ended:
        yield
        with steps.step("static files, made meanwhile"):
            ended()
    places.static_stamp.write_text(digest.hexdigest())


def _wait_until_ready(children: list[Child], port: int) -> str:
    """Wait for /readyz; raise DemoFailed when a child dies or the time is over."""
    deadline = time.monotonic() + READY_TIMEOUT_S
    os.environ["EVOKE_BIND"], os.environ["ALLOWED_HOSTS"] = f"127.0.0.1:{port}", "localhost"
    while True:
        dead = runner.dead_child(children)
        if dead is not None:
            raise DemoFailed(runner.death_notice(dead))
        status, body = probe.ask_web("/readyz")
        if status == 200:
            return ", ready"
        if time.monotonic() > deadline:
            raise DemoFailed(f"The demo is not ready after {READY_TIMEOUT_S:.0f} s. It says: {_unready(body)}")
        time.sleep(0.2)


def _unready(body: str) -> str:
    """Return the checks of /readyz that failed, in words."""
    try:
        checks = json.loads(body)["checks"]
    except (ValueError, KeyError):
        return body[:200]
    return "; ".join(f"{name}: {check['detail']}" for name, check in checks.items() if not check["ok"])


def _ours(environ: dict[str, str]) -> dict[str, str]:
    """Return the part of the environment that differs from this process's own."""
    return {name: value for name, value in environ.items() if os.environ.get(name) != value}


def _start(name: str) -> list[str]:
    return [sys.executable, "-m", "config.start", name]


def _manage(*arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), *arguments]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

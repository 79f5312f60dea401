"""The demonstration, for real, in a folder of its own: start, use, stop, every kind of end, start again."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from config import devservices, servers

ROOT = Path(__file__).resolve().parents[2]
START_S = 180
CLINICS = ("riverbend", "harbor")
ROLES = ("coordinator", "therapist", "supervisor", "coder", "privacy", "administrator")


class Demo:
    """One demo folder and the runs of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {name: value for name, value in os.environ.items() if not name.endswith("_DATABASE_URL")}
        for name in devservices.SERVER_VARIABLES:
            self.environ.pop(name, None)
        self.port = servers.free_port()
        self.runs: list[subprocess.Popen[str]] = []

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "config.demo", "--folder", str(self.folder), *arguments]

    def call(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run one of the runner's verbs to its end."""
        return subprocess.run(
            self.command(*arguments),
            check=False,
            cwd=ROOT,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=START_S,
        )

    def up(self) -> "tuple[subprocess.Popen[str], str]":
        """Start the demo; return its process and what it printed until it was ready."""
        run = subprocess.Popen(
            self.command("up", "--port", str(self.port)),
            cwd=ROOT,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.runs.append(run)
        assert run.stdout is not None
        said = ""
        for line in run.stdout:
            said += line
            if line.startswith("Stop with Ctrl-C"):
                return run, said
        raise AssertionError(f"the demo did not start:\n{said}")

    def ready(self) -> dict[str, Any]:
        """Return what /readyz says."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", "/readyz")
            answer = connection.getresponse()
            body: dict[str, Any] = json.loads(answer.read())
            return body | {"status": answer.status}

    def end(self) -> None:
        """End whatever a failed test left."""
        for run in self.runs:
            for process in below(run):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            run.wait()


def below(run: "subprocess.Popen[str]") -> list[psutil.Process]:
    """Return a process and everything below it."""
    try:
        top = psutil.Process(run.pid)
        return [top, *top.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def names(processes: list[psutil.Process]) -> list[str]:
    """Return the names of those that have not ended: PostgreSQL's helpers come and go."""
    found = []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.name())
    return found


def command_of(process: psutil.Process) -> list[str]:
    """Return the words a process was started with; none when it has ended."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def still_there(processes: list[psutil.Process]) -> list[str]:
    """Return the names of processes that do not end within half a minute."""
    _, alive = psutil.wait_procs(processes, timeout=30)
    return names(alive)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Return a demo folder in which the demo has been started and stopped once."""
    made = Demo(tmp_path_factory.mktemp("demo"))
    try:
        yield made
    finally:
        made.end()


def test_the_first_start_prepares_everything_and_says_how_to_sign_in(demo: Demo) -> None:
    run, said = demo.up()
    processes = below(run)

    ready = demo.ready()
    assert ready["status"] == 200, ready
    assert f"http://localhost:{demo.port}" in said
    steps = re.findall(r"^ +\d+\.\d s  (.+)$", said, re.MULTILINE)
    assert [step.split()[0] for step in steps] == ["PostgreSQL", "schema,", "demo", "static", "web,"]
    for clinic in CLINICS:
        for role in ROLES:
            assert f"{role}@{clinic}.example" in said
    assert {"postgres", "valkey-server"} <= set(names(processes))

    run.send_signal(signal.SIGINT)
    run.communicate(timeout=60)

    assert run.returncode == 0
    assert still_there(processes) == []
    assert not servers.answers("127.0.0.1", demo.port)


def test_the_second_start_makes_nothing_anew_and_a_command_prints_its_own_words_only(
    demo: Demo, record_property: Any
) -> None:
    began = time.monotonic()
    run, said = demo.up()
    record_property("demo: second start beside other tests, seconds", round(time.monotonic() - began, 1))

    command = demo.call("manage", "--", "shell", "--verbosity", "0", "--command", "print('its own')")
    second = demo.call("up", "--port", str(servers.free_port()))
    reset = demo.call("reset")
    processes = below(run)
    run.terminate()
    run.communicate(timeout=60)

    assert "schema" not in said, "nothing of it has changed"
    assert "demo clinics" not in said
    assert (command.stdout, command.returncode) == ("its own\n", 0), command.stderr
    for refused in (second, reset):
        assert refused.returncode == 2
        assert refused.stderr == (
            f"The demo of this folder is already running at http://localhost:{demo.port}. "
            "Stop it with Ctrl-C in its own window first.\n"
        )
    assert run.returncode == 0
    assert still_there(processes) == []


def test_a_runner_that_is_killed_hard_leaves_nothing_in_the_way(demo: Demo) -> None:
    run, _ = demo.up()
    processes = below(run)
    run.kill()
    run.communicate(timeout=60)
    if sys.platform.startswith("linux"):
        assert still_there(processes) == []

    run, _ = demo.up()
    processes = below(run)
    assert demo.ready()["status"] == 200
    run.send_signal(signal.SIGHUP)
    run.communicate(timeout=60)

    assert still_there(processes) == []


def test_a_process_that_dies_is_named_with_the_end_of_its_log(demo: Demo) -> None:
    run, _ = demo.up()
    processes = below(run)
    beat = next(process for process in processes if "beat" in command_of(process))
    beat.kill()
    said, _ = run.communicate(timeout=60)

    assert run.returncode == 1
    assert "The process 'beat' was ended by signal 9. The end of its log" in said
    assert "celery beat" in said
    assert still_there(processes) == []


def test_a_command_starts_the_servers_when_they_are_down_and_stops_them(demo: Demo) -> None:
    script = (
        "from django.db import connection; c = connection.cursor();"
        " c.execute('select current_user'); print(c.fetchone()[0])"
    )

    (demo.folder / "data" / "schema-built-from").write_text("an older one")
    command = demo.call("manage", "--", "shell", "--verbosity", "0", "--command", script)
    failing = demo.call("manage", "--", "no_such_command")

    assert (command.stdout, command.returncode) == ("clinic_app\n", 0), command.stderr
    assert "schema, as its owner" in command.stderr
    assert failing.returncode == 1
    assert failing.stdout == ""
    assert "Unknown command: 'no_such_command'" in failing.stderr
    assert not (demo.folder / "demo.json").exists()


def test_a_reset_forgets_the_data(demo: Demo) -> None:
    assert (demo.folder / "data" / "seeded").exists()

    said = demo.call("reset")

    assert said.returncode == 0
    assert said.stdout == "The demo's data is gone. The next make demo starts from nothing.\n"
    assert sorted(path.name for path in demo.folder.iterdir()) == ["demo.lock"]


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "::1"])
def test_a_port_in_use_is_one_sentence(tmp_path: Path, address: str) -> None:
    kind = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(kind) as taken:
        taken.bind((address, 0))
        taken.listen()
        port = taken.getsockname()[1]

        said = Demo(tmp_path).call("up", "--port", str(port))

    assert said.returncode == 2
    assert re.fullmatch(rf"Port {port} is in use\. Choose another: make demo PORT=\d+\n", said.stderr), said.stderr
    assert said.stdout == ""


@pytest.mark.parametrize("port", ["", "0", "65536", "eight", "80 80", "-1"])
def test_a_port_that_is_none_is_one_sentence(tmp_path: Path, port: str) -> None:
    said = Demo(tmp_path).call("up", f"--port={port}")

    assert said.returncode == 2
    assert said.stderr == f"PORT must be a number from 1 to 65535, not {port!r}.\n"


def test_naming_some_servers_only_is_one_sentence(tmp_path: Path) -> None:
    demo = Demo(tmp_path)
    demo.environ["CACHE_URL"] = "redis://127.0.0.1:1/0"

    said = demo.call("manage", "--", "check")

    assert said.returncode == 2
    assert "CACHE_URL set, but not DATABASE_URL and CELERY_BROKER_URL." in said.stderr


def test_make_hands_signals_and_output_through() -> None:
    text = (ROOT / "Makefile").read_text()

    for target, verb in (("demo", "up --stop-with-parent"), ("manage", "manage --"), ("demo-reset", "reset")):
        recipe = re.search(rf"^{target}:.*\n\t(.+)$", text, re.MULTILINE)
        assert recipe is not None
        assert recipe[1].startswith(f"@exec $(IN_ENV) -m config.demo {verb}")

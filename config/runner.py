"""
Pieces of the local runner: step lines, child processes with a log each, the state a running demo leaves
for other commands, and signals that ask for the end.

config/demo.py puts them together.
"""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import IO, Any, Final

import psutil  # type: ignore[import-untyped]

from config import family, servers

CHILD_STOP_TIMEOUT_S: Final = 40.0
STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class DemoFailed(Exception):
    """The demo cannot go on; the message is for the person at the terminal. `code` is the exit code."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


class StopAsked(Exception):
    """A signal asked for the end."""


class Steps:
    """Prints what is being done, one line each with the seconds it took."""

    def __init__(self, out: IO[str]) -> None:
        self.out = out

    @contextmanager
    def step(self, text: str) -> Iterator[list[str]]:
        """Time a step and print its line; what the block puts into the list follows the text."""
        started, more = time.monotonic(), list[str]()
        yield more
        line = f"  {time.monotonic() - started:5.1f} s  {text}{''.join(more)}"
        print(line, file=self.out, flush=True)


class Child:
    """A process of the demo, its output in a log of its own."""

    def __init__(self, name: str, command: list[str], environ: Mapping[str, str], log: Path) -> None:
        self.name = name
        self.log = log
        if log.exists():
            log.replace(log.with_suffix(".previous.log"))
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # a Ctrl-C is for the runner, which then stops all in good order
                preexec_fn=family.die_with_parent(signal.SIGTERM),
            )

    def stop(self) -> None:
        """Ask the process to end; waiting is `finish`'s part."""
        if self.process.poll() is None:
            self.process.terminate()

    def finish(self, deadline: float) -> None:
        """Wait until `deadline` (time.monotonic) for the end, then make it so, with all that it started."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, deadline - time.monotonic()))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)  # its session: whatever is left of it
        self.process.wait()


@contextmanager
def beside(name: str, command: list[str], environ: Mapping[str, str], logs: Path) -> Iterator[Callable[[], None]]:
    """
    Run a command beside the block, its output in a log; a block that fails ends it.

    yields   what waits for its end, and raises DemoFailed with the log's end when it failed
    """
    child = Child(name, command, environ, logs / f"{name}.log")

    def ended() -> None:
        if child.process.wait():
            raise DemoFailed(f"The step {name!r} failed. The end of its log, {_shown(child.log)}:\n{_tail(child.log)}")

    try:
        yield ended
    except BaseException:
        if child.process.poll() is None:
            child.stop()
            child.finish(time.monotonic() + CHILD_STOP_TIMEOUT_S)
        raise


def run_step(name: str, command: list[str], environ: Mapping[str, str], logs: Path) -> None:
    """Run a command to its end, as `beside`."""
    with beside(name, command, environ, logs) as ended:
        ended()


def dead_child(children: list[Child]) -> Child | None:
    """Return a child that has ended, or None."""
    return next((child for child in children if child.process.poll() is not None), None)


def death_notice(child: Child) -> str:
    """Return the sentences about a child that ended by itself."""
    code = child.process.returncode
    how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
    return f"The process {child.name!r} {how}. The end of its log, {_shown(child.log)}:\n{_tail(child.log)}"


def stop_all(children: list[Child]) -> None:
    """Stop the children together and wait for them; a second request to stop cuts the waiting short."""
    for child in children:
        child.stop()
    deadline = time.monotonic() + CHILD_STOP_TIMEOUT_S
    try:
        for child in children:
            child.finish(deadline)
    except StopAsked:
        for child in children:
            child.finish(0)


@contextmanager
def stop_signals() -> Iterator[None]:
    """Turn the signals that ask for the end into StopAsked inside the block."""

    def ask(number: int, frame: FrameType | None) -> None:
        raise StopAsked(number)

    before = {number: signal.signal(number, ask) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Busy(Exception):
    """Another process holds the demo's folder."""


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the demo's folder; raise Busy when another process does. The kernel lets go of it at our death."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy from None
        yield


class State:
    """
    What a running demo tells other commands: how to reach its servers, and which processes are its own.

    The file holds passwords of servers that listen on this machine only; nobody else may read it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, **values: Any) -> None:
        """Replace the state at once, so that a reader never sees half of it."""
        fresh = self.path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(values), encoding="utf-8")
        fresh.replace(self.path)

    def read(self) -> dict[str, Any]:
        """Return the state; empty when there is none."""
        try:
            values: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return values

    def clear(self) -> None:
        """Forget the state."""
        self.path.unlink(missing_ok=True)


def identities(children: list[Child]) -> list[tuple[int, float]]:
    """Return (pid, start time) of each child: a pid alone may by now belong to somebody else."""
    found = []
    for child in children:
        with contextlib.suppress(psutil.NoSuchProcess):
            found.append((child.process.pid, psutil.Process(child.process.pid).create_time()))
    return found


def end_leftovers(recorded: list[tuple[int, float]]) -> int:
    """End what an earlier run left behind when it was killed hard, and return how many that were."""
    left = []
    for pid, started in recorded:
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            if abs(process.create_time() - started) < 0.5:
                left += [process, *process.children(recursive=True)]
    for ask in (psutil.Process.terminate, psutil.Process.kill):
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                ask(process)
        _, left = psutil.wait_procs(left, timeout=10)
    return len(recorded)


def _tail(log: Path) -> str:
    return servers.last_lines(log)


def _shown(log: Path) -> str:
    return os.path.relpath(log)


def say(text: str) -> None:
    """Print a sentence for the person at the terminal, on standard error."""
    print(text, file=sys.stderr, flush=True)

"""
Make the Python environment of a lock file, and only when it is not there yet.

python3 -m config.environment requirements-local.lock

The first thing that runs on a fresh machine: the standard library only, no other module of ours. A
lock whose hash is recorded in the environment is installed already. A lock that changed makes a fresh
environment; one that was never installed here is added. All that it says goes to standard error.
"""

import fcntl
import hashlib
import json
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".venv"
STAMP = FOLDER / "installed-locks.json"
OLDEST_PYTHON = (3, 11)
# What the right one holds, the left one needs: the demo runs in the tests' environment as well.
HELD_BY = {"requirements-local.lock": "requirements-dev.lock", "requirements.lock": "requirements-dev.lock"}


def lock_hash(name: str) -> str:
    """Return what identifies a lock file and the Python it is installed for."""
    content = (ROOT / name).read_bytes()
    return hashlib.sha256(content + f"{sys.version_info[:2]} {ROOT}".encode()).hexdigest()


def is_installed(name: str, stamp: dict[str, str]) -> bool:
    """Tell whether the environment holds the lock as it is now, by itself or in the wider one."""
    if name in stamp:
        return stamp[name] == lock_hash(name)
    wider = HELD_BY.get(name)
    return wider is not None and stamp.get(wider) == lock_hash(wider)


def is_stale(stamp: dict[str, str]) -> bool:
    """Tell whether the environment holds a lock in a form that is no longer current."""
    return any(not (ROOT / name).exists() or value != lock_hash(name) for name, value in stamp.items())


def read_stamp() -> dict[str, str]:
    """Return lock name → hash of what is installed; empty when the environment is missing or half-made."""
    try:
        stamp: dict[str, str] = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if (FOLDER / "bin" / "python").exists() else {}


def install(name: str) -> str:
    """Bring the environment up to date with the lock and return what was done, '' for nothing."""
    stamp = read_stamp()
    if is_installed(name, stamp):
        return ""
    fresh = not stamp or is_stale(stamp)
    if fresh:
        stamp = {}
        if FOLDER.exists():
            shutil.rmtree(FOLDER)
        venv.create(FOLDER, with_pip=True)
    STAMP.unlink(missing_ok=True)  # an interrupted install must not look finished
    # The lock is complete: asking every package once more what it needs would only cost time.
    command = [
        *(str(FOLDER / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
        *("--no-input", "--no-compile", "--no-deps", "--require-hashes", "--requirement", str(ROOT / name)),
    ]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if result.returncode:
        sys.stderr.write(result.stdout.decode(errors="replace"))
        sys.exit(f"The packages of {name} could not be installed; pip's own words are above.")
    STAMP.write_text(json.dumps({**stamp, name: lock_hash(name)}), encoding="utf-8")
    return "made" if fresh else "completed"


def main(arguments: list[str]) -> None:
    """Install the lock named, one process at a time, and print one line when that took anything."""
    if sys.version_info < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        have = ".".join(map(str, sys.version_info[:2]))
        sys.exit(f"Evoke needs Python {wanted} or newer; this is {have}. Name another: make PYTHON=python3.12 …")
    started = time.monotonic()
    (ROOT / ".local").mkdir(exist_ok=True)
    with (ROOT / ".local" / "environment.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        done = install(arguments[0])
    if done:
        sys.stderr.write(f"  {time.monotonic() - started:5.1f} s  Python environment {done}\n")


if __name__ == "__main__":
    main(sys.argv[1:])

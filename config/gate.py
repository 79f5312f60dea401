"""
Every check of a change, in one command: `make test`, `make test-full`, `make test-containers`.

python -m config.gate [--full]       lint, format, types, import contracts, vendored files, migrations, deployment
                                     settings, then all tests but those of the containers; servers as
                                     config/devservices.py gives them
python -m config.gate --containers   the tests of the image and of docker-compose.yml

The quick checks all run, and when one fails the tests are not started: its output is the last thing
said. With CI=true a missing browser, library or container tool is a failure, otherwise a skip.
"""

import argparse
import ctypes.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from config import env_documents

# Two more than there are processors: a test often waits for a server, a browser or a clock.
TEST_WORKERS: Final = 4
CHECKS_AT_ONCE: Final = 2
# What a test needs from the machine: Debian's package, and what is missing without it.
BROWSERS: Final = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CONTAINER_TOOLS: Final = {
    "podman": "podman",
    "buildah": "buildah",
    "runc": "runc",
    "debootstrap": "debootstrap",
    "netavark": "/usr/lib/podman/netavark",
    "aardvark-dns": "/usr/lib/podman/aardvark-dns",
    "iptables": "iptables",
}


@dataclass(frozen=True)
class Check:
    """One quick check: what it looks at, and the command that looks."""

    name: str
    command: tuple[str, ...]
    as_production: bool = False


PYTHON: Final = (sys.executable, "-m")
MANAGE: Final = (sys.executable, "manage.py")
# The longest first, so that the others run beside it.
CHECKS: Final = (
    Check("types (mypy)", (*PYTHON, "mypy")),
    Check("lint (ruff)", (*PYTHON, "ruff", "check", "--quiet", ".")),
    Check("format (ruff)", (*PYTHON, "ruff", "format", "--quiet", "--check", ".")),
    Check("vendored files", (*PYTHON, "config.vendor", "check")),
    Check("layers of imports", (str(Path(sys.executable).parent / "lint-imports"), "--no-cache")),
    Check("migrations match models", (*MANAGE, "makemigrations", "--check", "--dry-run")),
    Check(
        "settings of a deployment",
        (*MANAGE, "check", "--deploy", "--fail-level", "WARNING"),
        as_production=True,
    ),
)


def main(arguments: list[str]) -> int:
    """Run the checks and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m config.gate", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--full", action="store_true", help="every page state, the long runs")
    parser.add_argument("--containers", action="store_true", help="the image and docker-compose.yml")
    options = parser.parse_args(arguments)
    in_ci = os.environ.get("CI") == "true"
    # A hundred processes start in a run: each finds the modules compiled, whatever this machine's habit is.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if options.containers:
        return run_container_tests(in_ci)
    if (missing := missing_for_tests()) and not say_missing(missing, in_ci):
        return 1
    with ThreadPoolExecutor(CHECKS_AT_ONCE) as pool:
        failed = [check.name for check, passed in zip(CHECKS, pool.map(passes, CHECKS), strict=True) if not passed]
    if failed:
        print(f"\nNot passed: {', '.join(failed)}. The tests were not started.", flush=True)
        return 1
    return run_tests(full=options.full)


def passes(check: Check) -> bool:
    """Run a quick check, print its line and, when it fails, what it says."""
    started = time.monotonic()
    environ: Mapping[str, str] = {**os.environ, "PYTHONWARNINGS": "ignore::DeprecationWarning"}
    if check.as_production:
        environ = {**environ, **env_documents.build_values(), "EVOKE_DEMO": "0", "DEBUG": "0"}
    result = subprocess.run(
        check.command,
        check=False,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    word = "ok    " if result.returncode == 0 else "FAILED"
    print(f"  {time.monotonic() - started:6.1f} s  {word}  {check.name}", flush=True)
    if result.returncode:
        print(result.stdout, flush=True)
    return result.returncode == 0


def run_tests(*, full: bool) -> int:
    """Run pytest over everything but the containers and return its exit code."""
    environ = {**os.environ, "EVOKE_TEST_SIZE": "full" if full else "usual"}
    command = [
        *(
            *PYTHON,
            "pytest",
            "-n",
            str(TEST_WORKERS),
            "--dist",
            "loadscope",
            "--no-loadscope-reorder",
            "--ignore=tests/containers",
        ),
        *(() if full else ("-m", "not nightly")),
        *("-q", "-rs", "--durations=10", "--durations-min=5", "-p", "no:cacheprovider"),
    ]
    return subprocess.call(command, env=environ)


def run_container_tests(in_ci: bool) -> int:
    """Run the tests of image and compose file and return the exit code."""
    if (missing := missing_for_containers()) and not say_missing(missing, in_ci):
        return 1
    if missing:
        return 0
    command = [
        *(*PYTHON, "pytest", "-c", "tests/containers/pytest.ini", "--confcutdir=tests/containers"),
        *("-p", "no:django", "-p", "no:cacheprovider", "-v", "--durations=10", "tests/containers"),
    ]
    return subprocess.call(command)


def missing_for_tests() -> list[str]:
    """Return Debian packages without which some tests cannot run."""
    missing = []
    if not any(shutil.which(name) for name in BROWSERS):
        missing.append("chromium")
    if ctypes.util.find_library("pango-1.0") is None:
        missing.append("libpango-1.0-0")
    return missing


def missing_for_containers() -> list[str]:
    """Return what the container tests need and this machine lacks; they need root as well."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    missing = [package for package, program in CONTAINER_TOOLS.items() if shutil.which(program, path=path) is None]
    return [*missing, *([] if os.geteuid() == 0 else ["root's rights"])]


def say_missing(missing: list[str], in_ci: bool) -> bool:
    """Say what is missing and return whether the run may go on without it."""
    consequence = "this run must have them" if in_ci else "the tests that need them are skipped"
    print(f"  not on this machine: {', '.join(missing)}; {consequence}", flush=True)
    return not in_ci


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

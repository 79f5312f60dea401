"""
Keep browser files from npm pinned, checked and committed.

`python -m config.vendor sync` reads vendor.toml, asks npm for each exact version, checks the archive
against the registry's sha512 and writes the named files with their sha256 (vendor.lock.json).
`python -m config.vendor check` reads only the committed files and says what is changed, missing or
unlisted; it needs neither npm nor a network. Nothing here runs while Evoke serves a page.
"""

import argparse
import base64
import hashlib
import json
import subprocess  # nosec B404 - npm is called with fixed arguments, only when an upgrade is made
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


class VendorError(Exception):
    """A file or archive is not what the manifest or the registry says; the message names the mend."""


@dataclass(frozen=True)
class Package:
    """One npm package of vendor.toml: the folder it fills, its exact version and the files we take."""

    name: str
    package: str
    version: str
    licence: str
    files: tuple[str, ...]


def read_manifest(path: Path) -> tuple[Package, ...]:
    """
    Return the packages of a manifest in file order.

    :raises VendorError: when a table lacks a key or has one that we do not know
    """
    packages = []
    wanted = {"package", "version", "licence", "files"}
    for name, table in tomllib.loads(path.read_text()).items():
        if set(table) != wanted:
            raise VendorError(f"{path.name}: [{name}] must have exactly {', '.join(sorted(wanted))}.")
        packages.append(Package(name, table["package"], table["version"], table["licence"], tuple(table["files"])))
    return tuple(packages)


def sha256(content: bytes) -> str:
    """Return the hexadecimal SHA-256 of some bytes."""
    return hashlib.sha256(content).hexdigest()


def check_integrity(content: bytes, integrity: str) -> None:
    """
    Compare an archive with the registry's `sha512-…` text.

    :raises VendorError: when the hash differs or is of another kind
    """
    kind, _, expected = integrity.partition("-")
    if kind != "sha512":
        raise VendorError(f"The registry gave a {kind} hash; only sha512 is accepted.")
    if base64.b64encode(hashlib.sha512(content).digest()).decode() != expected:
        raise VendorError("The archive does not match the registry's sha512. Run the command again.")


def take_files(archive: Path, wanted: Sequence[str]) -> dict[str, bytes]:
    """
    Return the named files of an npm archive, keyed by their path inside the package.

    :raises VendorError: when a file is not in the archive
    """
    taken = {}
    with tarfile.open(archive) as tar:
        for name in wanted:
            try:
                member = tar.extractfile(f"package/{name}")
            except KeyError:
                member = None
            if member is None:
                raise VendorError(f"{archive.name} has no file {name}. Correct its name in vendor.toml.")
            taken[name] = member.read()
    return taken


def fetch(package: Package, folder: Path) -> tuple[Path, str]:
    """Download one exact version with npm into a folder; return the archive and its registry hash."""
    spec = f"{package.package}@{package.version}"
    answer = subprocess.run(  # nosec B603 B607 - no shell; the words come from our own manifest
        ["npm", "pack", "--json", "--ignore-scripts", "--pack-destination", str(folder), spec],
        check=True,
        capture_output=True,
        text=True,
    )
    packed: dict[str, Any] = json.loads(answer.stdout)[0]
    view = subprocess.run(  # nosec B603 B607
        ["npm", "view", spec, "dist.integrity"], check=True, capture_output=True, text=True
    )
    return folder / packed["filename"], view.stdout.strip()


def sync(root: Path = ROOT) -> list[str]:
    """
    Fetch every package of the manifest and rewrite the vendor folder and its lock.

    Files that the manifest no longer names are removed. Returns the written paths, relative to root.

    :raises VendorError: when an archive is not what the registry or the manifest says
    """
    folder = root / "clinics" / "static" / "vendor"
    lock: dict[str, Any] = {}
    contents: dict[Path, bytes] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for package in read_manifest(root / "vendor.toml"):
            archive, integrity = fetch(package, Path(scratch))
            check_integrity(archive.read_bytes(), integrity)
            hashes = {}
            for name, content in take_files(archive, package.files).items():
                target = folder / package.name / Path(name).name
                contents[target] = content
                hashes[target.relative_to(folder).as_posix()] = sha256(content)
            lock[package.name] = {
                "package": package.package,
                "version": package.version,
                "integrity": integrity,
                "files": hashes,
            }
    for old in [path for path in folder.rglob("*") if path.is_file() and path not in contents]:
        old.unlink()
    for target, content in contents.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    (root / "vendor.lock.json").write_text(json.dumps(lock, indent=2) + "\n")
    return sorted(path.relative_to(root).as_posix() for path in contents)


def check(root: Path = ROOT) -> list[str]:
    """
    Compare the committed files with the lock, and the lock with the manifest, offline.

    Returns one sentence per difference; an empty list when all is as locked.
    """
    folder = root / "clinics" / "static" / "vendor"
    lock = json.loads((root / "vendor.lock.json").read_text())
    problems = []
    manifest = {package.name: package for package in read_manifest(root / "vendor.toml")}
    for name in sorted(set(manifest) | set(lock)):
        if name not in lock or name not in manifest:
            problems.append(f"{name}: vendor.toml and vendor.lock.json differ. Run `make vendor`.")
        elif lock[name]["version"] != manifest[name].version:
            problems.append(f"{name}: the lock has another version. Run `make vendor`.")
        elif len(lock[name]["files"]) != len(manifest[name].files):
            problems.append(f"{name}: the lock lists other files. Run `make vendor`.")
    expected = {path: digest for entry in lock.values() for path, digest in entry["files"].items()}
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    for path, digest in sorted(expected.items()):
        if path not in found:
            problems.append(f"{path}: missing. Run `make vendor`.")
        elif sha256(found[path].read_bytes()) != digest:
            problems.append(f"{path}: changed since it was fetched. Run `make vendor`.")
    problems += [f"{path}: not listed in vendor.lock.json." for path in sorted(found) if path not in expected]
    return problems


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `sync` or `check` from the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m config.vendor", description="Vendored browser files.")
    parser.add_argument("verb", choices=["sync", "check"], nargs="?", default="sync")
    verb = parser.parse_args(arguments).verb
    try:
        lines = sync() if verb == "sync" else check()
    except VendorError as error:
        print(error, file=sys.stderr)
        return 1
    for line in lines:
        print(line)
    return 1 if verb == "check" and lines else 0


if __name__ == "__main__":
    sys.exit(main())

"""Vendored browser files: what is committed is what was fetched, and a change is noticed offline."""

import base64
import hashlib
import io
import json
import shutil
import tarfile
from pathlib import Path

import pytest

from config import vendor
from config.vendor import Package, VendorError

FONT = "atkinson-hyperlegible-next"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the manifest, the lock and the files, to be spoiled."""
    shutil.copytree(vendor.ROOT / "clinics/static/vendor", tmp_path / "clinics/static/vendor")
    for name in ("vendor.toml", "vendor.lock.json"):
        shutil.copy(vendor.ROOT / name, tmp_path / name)
    return tmp_path


def a_file(root: Path) -> Path:
    """Return the Latin font of a copy."""
    return root / "clinics/static/vendor" / FONT / f"{FONT}-latin-wght-normal.woff2"


def test_the_committed_files_are_as_locked() -> None:
    assert vendor.check() == []


def test_one_changed_byte_is_noticed(copy: Path) -> None:
    content = bytearray(a_file(copy).read_bytes())
    content[100] ^= 1
    a_file(copy).write_bytes(content)
    assert [problem for problem in vendor.check(copy) if "changed since it was fetched" in problem]


def test_a_missing_file_is_noticed(copy: Path) -> None:
    a_file(copy).unlink()
    assert vendor.check(copy) == [f"{FONT}/{a_file(copy).name}: missing. Run `make vendor`."]


def test_an_unlisted_file_is_noticed(copy: Path) -> None:
    (a_file(copy).parent / "extra.js").write_text("alert(1)")
    assert vendor.check(copy) == [f"{FONT}/extra.js: not listed in vendor.lock.json."]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('version = "5.3.0"', 'version = "5.3.1"'),
        ("[atkinson-hyperlegible-next]", "[another]"),
        ('    "LICENSE",\n', ""),
    ],
)
def test_a_manifest_that_moved_on_without_its_lock_is_noticed(copy: Path, old: str, new: str) -> None:
    manifest = copy / "vendor.toml"
    assert old in manifest.read_text()
    manifest.write_text(manifest.read_text().replace(old, new))
    assert vendor.check(copy)


def test_the_command_fails_when_a_file_is_changed(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    a_file(copy).write_bytes(b"x")
    monkeypatch.setattr(vendor.check, "__defaults__", (copy,))
    assert vendor.main(["check"]) == 1
    assert "changed since it was fetched" in capsys.readouterr().out


def test_an_archive_must_match_the_registry() -> None:
    right = "sha512-" + base64.b64encode(hashlib.sha512(b"archive").digest()).decode()
    vendor.check_integrity(b"archive", right)
    with pytest.raises(VendorError, match="does not match"):
        vendor.check_integrity(b"another", right)
    with pytest.raises(VendorError, match="only sha512"):
        vendor.check_integrity(b"archive", "sha1-abc")


def test_only_named_files_are_taken_from_an_archive(tmp_path: Path) -> None:
    archive = tmp_path / "a.tgz"
    with tarfile.open(archive, "w:gz") as tar:
        for name in ("package/files/font.woff2", "package/../../escape"):
            entry = tarfile.TarInfo(name)
            entry.size = 4
            tar.addfile(entry, io.BytesIO(b"font"))
    assert vendor.take_files(archive, ["files/font.woff2"]) == {"files/font.woff2": b"font"}
    with pytest.raises(VendorError, match=r"has no file other\.js"):
        vendor.take_files(archive, ["other.js"])


def test_a_manifest_with_an_unknown_key_is_refused(tmp_path: Path) -> None:
    manifest = tmp_path / "vendor.toml"
    manifest.write_text('[font]\npackage = "p"\nversion = "1"\nlicence = "OFL-1.1"\nfiles = []\nurl = "x"\n')
    with pytest.raises(VendorError, match="must have exactly"):
        vendor.read_manifest(manifest)


def test_every_licence_comes_with_its_files() -> None:
    for package in vendor.read_manifest(vendor.ROOT / "vendor.toml"):
        assert isinstance(package, Package)
        assert package.licence
        assert (vendor.ROOT / "clinics/static/vendor" / package.name / "LICENSE").exists()
    locked = json.loads((vendor.ROOT / "vendor.lock.json").read_text())
    assert all(entry["integrity"].startswith("sha512-") for entry in locked.values())

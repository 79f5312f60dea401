"""When an environment is made, completed or left alone, and what is said when it cannot be."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from config import environment

DEV, LOCAL = "requirements-dev.lock", "requirements-local.lock"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project folder with two locks that need nothing, and let the module work there."""
    for name in (DEV, LOCAL):
        (tmp_path / name).write_text(f"# {name}\n")
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "FOLDER", tmp_path / ".venv")
    monkeypatch.setattr(environment, "STAMP", tmp_path / ".venv" / "installed-locks.json")
    return tmp_path


def test_a_lock_is_installed_once_completed_by_another_and_made_afresh_when_it_changed(folder: Path) -> None:
    assert environment.install(LOCAL) == "made"
    mark = folder / ".venv" / "mark"
    mark.touch()

    assert environment.install(LOCAL) == ""
    assert environment.install(DEV) == "completed"
    assert environment.install(DEV) == ""
    assert mark.exists()

    (folder / LOCAL).write_text("# changed\n")
    assert environment.install(LOCAL) == "made"
    assert not mark.exists()
    assert (folder / ".venv" / "bin" / "python").exists()


def test_the_tests_environment_serves_the_demo_until_its_lock_changes(folder: Path) -> None:
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    environment.STAMP.write_text(json.dumps({DEV: environment.lock_hash(DEV)}))
    assert environment.is_installed(LOCAL, environment.read_stamp())

    (folder / DEV).write_text("# changed\n")

    assert not environment.is_installed(LOCAL, environment.read_stamp())
    assert environment.is_stale(environment.read_stamp())


@pytest.mark.parametrize("left", ["nothing", "no stamp", "a broken stamp", "no python"])
def test_a_half_made_environment_is_not_taken_for_a_whole_one(folder: Path, left: str) -> None:
    if left != "nothing":
        (folder / ".venv" / "bin").mkdir(parents=True)
        (folder / ".venv" / "bin" / "python").touch()
    if left == "a broken stamp":
        environment.STAMP.write_text("{")
    if left == "no python":
        environment.STAMP.write_text(json.dumps({LOCAL: environment.lock_hash(LOCAL)}))
        (folder / ".venv" / "bin" / "python").unlink()

    assert environment.read_stamp() == {}


def test_a_lock_that_cannot_be_installed_says_so_and_is_tried_again(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / LOCAL).write_text("no-hash-for-this==1.0\n")

    with pytest.raises(SystemExit, match=r"requirements-local\.lock could not be installed"):
        environment.install(LOCAL)

    assert "hash" in capsys.readouterr().err.lower()
    assert environment.read_stamp() == {}


def test_an_old_python_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))

    with pytest.raises(SystemExit, match=r"Evoke needs Python 3\.11 or newer; this is 3\.9\."):
        environment.main([LOCAL])


def test_the_first_step_needs_nothing_but_python() -> None:
    script = "import sys; sys.path.insert(0, '.'); import config.environment"

    subprocess.run([sys.executable, "-I", "-S", "-c", script], check=True, cwd=environment.ROOT)

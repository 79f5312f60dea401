"""The benchmark runs: each goal gives the rows of its limit. How long they take is for `make bench` to say."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
GOALS = ["A1", "A2", "G1", "G2", "G3", "G5", "G7", "R1", "R2", "R3"]


@pytest.mark.nightly
def test_every_goal_compares_the_same_rows() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "bench", "--profile", "tiny", "--rounds", "1"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert set(GOALS) <= {line.partition(" ")[0] for line in done.stdout.splitlines()}

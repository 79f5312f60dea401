"""The whole corpus comes in, and every score equals an independent recomputation from the raw file."""

import csv
import io
import os
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest

from tests.site import new_clinic

REPOSITORY = Path(__file__).resolve().parents[2]


# --- the corpus ---------------------------------------------------------------------------------------------------

FROM_FLAGS = {
    "r_to_q_any": ("any_reflection", "any_question", "rq_any"),
    "r_to_q_main": ("main_reflection", "main_question", "rq_main"),
    "pct_complex": ("refl_complex", "any_reflection", "pct_complex"),
    "pct_open": ("quest_open", "any_question", "pct_open"),
    "pct_ct": ("ct_change", ("ct_change", "ct_sustain"), "pct_ct"),
}
COUNTS = {
    "n_reflection_any": "any_reflection", "n_question_any": "any_question", "n_input_any": "any_input",
    **{key: key for key in (
        "refl_simple", "refl_complex", "quest_open", "quest_closed", "input_information", "input_advice",
        "input_negotiation", "input_options", "main_question", "main_reflection", "main_therapist_input",
        "main_other", "ct_change", "ct_neutral", "ct_sustain",
    )},
}  # fmt: skip
MOST_SECONDS, MOST_MEGABYTES = 30, 300


def corpus(name):
    folder = Path(os.environ.get("EVOKE_ANNOMI_DIR") or REPOSITORY.parent / "shared/data/annomi")
    path = folder / name
    if not path.exists():
        message = f"The corpus is not here ({name}). Set EVOKE_ANNOMI_DIR to its folder."
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return path


def compare_with_oracle(rows, oracle):
    """Return how many exported rows equal the oracle; fail at the first that does not."""
    exported = {(row["transcript"], row["coder"], row["score"]): row for row in rows}
    assert len(exported) == len(rows)
    compared = undefined = 0
    for one in oracle:
        for key in (*FROM_FLAGS, *COUNTS):
            row = exported.pop((one["transcript_id"], one["annotator_id"], key))
            if key in COUNTS:
                assert (row["value"], row["reason"]) == (one[COUNTS[key]], ""), (row, one)
            else:
                top, bottom, column = FROM_FLAGS[key]
                below = sum(int(one[name]) for name in (bottom if isinstance(bottom, tuple) else (bottom,)))
                assert (int(row["numerator"]), int(row["denominator"])) == (int(one[top]), below), (row, one)
                if one[column] == "":
                    assert (row["value"], row["reason"]) == ("", "zero_denominator")
                    undefined += 1
                else:
                    assert abs(Decimal(row["value"]) - Decimal(one[column])) <= Decimal("0.000001")
                    assert abs(Decimal(row["value"]) - Decimal(int(one[top])) / below) <= Decimal("1e-9")
            compared += 1
    assert not exported
    assert undefined
    return compared


# Runs what follows it as a child and says on standard error what the child needed. It is small itself: a child counts
# the memory of whoever forked it.
MEASURE = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print("measured", used.ru_utime + used.ru_stime, used.ru_maxrss, file=sys.stderr)
sys.exit(code)
"""


def manage(site, *arguments):
    """
    Run a management command as a process of its own against the site's database.

    returns  its standard output, seconds of processor, megabytes at most
    """
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, sys.executable, "manage.py", *arguments], cwd=REPOSITORY, capture_output=True,
        text=True, check=False, env=site.env,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    _word, processor, kilobytes = done.stderr.splitlines()[-1].split()
    return done.stdout, float(processor), int(kilobytes) / 1024


def test_import_equals_the_oracle(on_site):
    """The real corpus by the commands, as processes: scores, seconds, megabytes; then undone again."""
    data, oracle_path = corpus("dev.csv"), corpus("oracle_dev.csv")
    with oracle_path.open(encoding="utf-8", newline="") as file:
        oracle = list(csv.DictReader(file))
    site, slug = on_site, new_clinic(on_site).slug
    began = time.monotonic()
    out, processor, megabytes = manage(site, "import_transcripts", "--clinic", slug, "--format", "annomi", str(data))
    seconds = time.monotonic() - began
    batch = out.rpartition("Import: ")[2].strip()
    try:
        assert "80 transcripts came into the practice room." in out
        assert "Rows read: 6,983" in out
        assert out.count("warning: ") == 8
        exported, _seconds, _memory = manage(
            site, "export_scores", "--clinic", slug, "--instrument", "annomi", "--practice"
        )
        rows = list(csv.DictReader(io.StringIO(exported)))
        compared = compare_with_oracle(rows, oracle)
        again, _seconds, _memory = manage(site, "import_transcripts", "--clinic", slug, "--format", "annomi", str(data))
        assert "Here already, unchanged: 80" in again
    finally:
        manage(site, "import_transcripts", "--clinic", slug, "--undo", batch)
    print(
        f"\nimport of 6,983 rows: {seconds:.1f} s ({processor:.1f} s of its own processor time, load average "
        f"{os.getloadavg()[0]:.0f}), {megabytes:.0f} MB at most; "
        f"{compared} scores of {len(oracle)} codings equal to the oracle"
    )
    # Other tests run beside this one, and the clock would measure them: its own processor time is judged.
    assert processor < MOST_SECONDS
    assert megabytes < MOST_MEGABYTES

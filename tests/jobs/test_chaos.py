"""
Promised work while workers are killed: a hundred jobs, one that kills its worker, one that hangs, one that raises, one
in parts, three beats, and six kill -9 of whole workers.

One run, several promises looked at afterwards. EVOKE_TEST_SIZE=full makes it five hundred jobs and fifty kills.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from clinics.services import jobs as job_services
from clinics.tenancy import clinic_scope
from tests.jobs import kinds
from tests.site import Running, Site, new_clinic

pytestmark = pytest.mark.jobs

FULL = os.environ.get("EVOKE_TEST_SIZE") == "full"
JOBS, KILLS, BATCH = (500, 50, 25) if FULL else (100, 6, 10)
PATIENCE_S = 900 if FULL else 150
APP = "tests.jobs.app"


@dataclass
class Outcome:
    """What a run left behind."""

    rows: list[dict[str, Any]]
    effects: dict[str, int]
    parts: list[int]
    slots: int
    ticks: int
    kills: int
    seconds: float
    logs: str

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the job rows of one kind."""
        return [row for row in self.rows if row["kind"] == kind]


@pytest.fixture(scope="module")
def outcome(site: Site, django_db_blocker: Any) -> Iterator[Outcome]:
    """Run the whole thing once."""
    with django_db_blocker.unblock(), site.entered():
        clinic = new_clinic(site)
        for _batch in range(JOBS // BATCH):
            with clinic_scope(clinic.pk):
                for _job in range(BATCH):
                    job_services.promise(kind="tests.work", label="work", by=None)
        with clinic_scope(clinic.pk):
            for name, args in (("poison", {}), ("hang", {}), ("raise", {}), ("parts", {"ms": 150})):
                job_services.promise(kind=f"tests.{name}", label=name, by=None, args=args)
        began = time.monotonic()
        try:
            yield _run(site, clinic.pk, began)
        finally:
            site.stop()


def _run(site: Site, clinic_id: int, began: float) -> Outcome:
    beats = [site.start_beat(app=APP, wait=False) for _beat in range(3)]
    workers = [site.start_worker(app=APP, wait=False) for _worker in range(2)]
    everything: list[Running] = [*beats, *workers]
    kills, next_kill = 0, 0.0
    while True:
        waiting, running, done = site.sql(
            "select count(*) filter (where state = 'new'), count(*) filter (where state = 'new' and not_before > "
            "clock_timestamp() and attempts > 0), count(*) filter (where state = 'done') "
            "from clinics_job where clinic_id = %s",
            clinic_id,
        )[0]
        if not waiting:
            break
        assert time.monotonic() - began < PATIENCE_S, f"{waiting} jobs still wait after {PATIENCE_S} s"
        # Spread over the run, and only while somebody is at work.
        due = kills < KILLS and done >= kills * JOBS // (KILLS + 1) and time.monotonic() > next_kill
        if due and running:
            at = kills % len(workers)
            workers[at].kill()
            workers[at] = site.start_worker(app=APP, wait=False)
            everything.append(workers[at])
            kills += 1
            next_kill = time.monotonic() + 1
        time.sleep(0.05)
    for running_still in (*beats, *workers):
        running_still.stop()  # in good order: a tick that began is served
    rows = site.sql(
        "select public_id::text, kind, state, attempts, last_error, result from clinics_job where clinic_id = %s",
        clinic_id,
    )
    names = ("public_id", "kind", "state", "attempts", "last_error", "result")
    effects = site.sql(
        "select object_id, count(*) from clinics_auditevent where clinic_id = %s and action = 'tests.effect' "
        "group by object_id",
        clinic_id,
    )
    parts = site.sql(
        "select (detail ->> 'part')::int from clinics_auditevent where clinic_id = %s and action = 'tests.part' "
        "order by id",
        clinic_id,
    )
    return Outcome(
        rows=[dict(zip(names, row, strict=True)) for row in rows],
        effects={str(key): int(str(count)) for key, count in effects},
        parts=[int(str(part)) for (part,) in parts],
        slots=int(str(site.sql("select count(*) from clinics_slot where name = 'tests.tick'")[0][0])),
        ticks=int(str(site.sql("select count(*) from clinics_accountevent where event = 'tests.tick'")[0][0])),
        kills=kills,
        seconds=time.monotonic() - began,
        logs="".join(each.text() for each in everything),
    )


def test_no_job_is_lost_or_done_twice(outcome: Outcome) -> None:
    good = outcome.of("tests.work")
    attempts = sum(row["attempts"] for row in good)
    print(f"\n{len(good)} jobs, {outcome.kills} kills, {attempts} attempts, {outcome.seconds:.0f} s")
    assert len(good) == JOBS
    assert outcome.kills == KILLS
    assert [row["state"] for row in good if row["state"] != "done"] == []
    assert [row["public_id"] for row in good if outcome.effects.get(row["public_id"]) != 1] == []
    assert attempts > JOBS, "no kill hit a running job: the run proves nothing"


@pytest.mark.parametrize(
    ("kind", "reason"), [("poison", "WorkerLost"), ("hang", "WorkerLost"), ("raise", "ValueError")]
)
def test_a_bad_job_dies_alone_after_five_tries(outcome: Outcome, kind: str, reason: str) -> None:
    (row,) = outcome.of(f"tests.{kind}")
    assert (row["state"], row["attempts"], row["last_error"]) == ("dead", 5, reason)
    assert row["public_id"] not in outcome.effects, "what a failed attempt wrote was kept"


def test_a_job_in_parts_goes_on_where_it_was_and_does_each_part_once(outcome: Outcome) -> None:
    (row,) = outcome.of("tests.parts")
    assert (row["state"], row["result"]) == ("done", {"parts": kinds.PARTS})
    assert outcome.parts == list(range(kinds.PARTS))


def test_three_beats_serve_each_slot_once(outcome: Outcome) -> None:
    """Never twice. A kill may cut one off that had just been taken; the next tick sees what is due."""
    print(f"\n{outcome.slots} slots, {outcome.ticks} served")
    assert outcome.slots - outcome.kills <= outcome.ticks <= outcome.slots
    assert outcome.ticks >= 3


def test_logs_hold_no_text_of_an_exception(outcome: Outcome) -> None:
    assert "tests.raise failed, attempt 5: ValueError" in outcome.logs
    assert kinds.CANARY not in outcome.logs

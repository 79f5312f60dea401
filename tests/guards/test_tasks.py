"""Every task of ours is a door: it names its queue, and it enters a clinic or says why not (P6)."""

import inspect

import pytest

from clinics.jobs import ClinicTask
from config.celery import QUEUES, app

# Tasks that enter no clinic, each with its reason. A stale line fails.
WITHOUT_CLINIC = {
    "analytics.drain_marks": "fan-out: reads the list of clinics and enqueues one task each",
    "analytics.serve_nights": "fan-out",
    "clients.watch_all": "fan-out",
    "clinics.sweep_jobs": "fan-out",
    "clinics.seal_audit": "fan-out",
    "clinics.purge_expired": "fan-out",
    "clinics.run_job": "enters the clinic itself, once to claim and once to work, so that the claim is committed first",
}
OURS = ("analytics.", "clinics.", "clients.", "sessions.")


def our_tasks() -> dict[str, object]:
    """Return our tasks by name."""
    app.loader.import_default_modules()
    return {name: task for name, task in app.tasks.items() if name.startswith(OURS)}


def test_there_are_tasks_and_no_exemption_is_stale() -> None:
    assert set(WITHOUT_CLINIC) <= set(our_tasks())
    # What beat starts looks after every clinic: it may not be the task of one.
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(WITHOUT_CLINIC)


@pytest.mark.parametrize("name", sorted(our_tasks()))
def test_a_task_has_a_queue_and_a_clinic(name: str) -> None:
    task = our_tasks()[name]
    assert getattr(task, "on_queue", None) in QUEUES, f"{name}: give it on_queue= one of {QUEUES}"
    if name in WITHOUT_CLINIC:
        return
    parameters = inspect.signature(task.run).parameters
    assert isinstance(task, ClinicTask), f"{name}: give it base=ClinicTask, or a reason in WITHOUT_CLINIC"
    assert parameters["clinic_id"].kind is inspect.Parameter.KEYWORD_ONLY, f"{name}: take clinic_id by keyword"
    assert all(one.kind is inspect.Parameter.KEYWORD_ONLY for one in parameters.values())

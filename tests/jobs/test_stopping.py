"""A worker that is asked to stop finishes what it has begun; what it has not begun stays in the queue."""

import time

import pytest

from clinics import jobs
from clinics.services import jobs as job_services
from clinics.tenancy import clinic_scope
from tests.site import Site, new_clinic

pytestmark = pytest.mark.jobs


def test_sigterm_finishes_running_jobs_and_keeps_queued_ones(on_site: Site) -> None:
    clinic = new_clinic(on_site)
    with clinic_scope(clinic.pk):
        promised = [
            job_services.promise(kind="tests.steady", label="work", by=None, args={"ms": 1500}) for _job in range(5)
        ]
    states = "select state, attempts from clinics_job where clinic_id = %s order by id"
    worker = on_site.start_worker(app="tests.jobs.app")
    for job in promised:
        jobs.send(clinic.pk, job.pk, jobs.kind_named(job.kind))
    deadline = time.monotonic() + 60
    while sum(attempts for _state, attempts in on_site.sql(states, clinic.pk)) < 2:
        assert time.monotonic() < deadline, worker.text()
        time.sleep(0.05)

    began = time.monotonic()
    worker.terminate()
    worker.process.wait(60)
    print(f"\nstopped in {time.monotonic() - began:.1f} s")

    found = on_site.sql(states, clinic.pk)
    assert sorted(found) == [("done", 1), ("done", 1), ("new", 0), ("new", 0), ("new", 0)]

    successor = on_site.start_worker(app="tests.jobs.app")
    deadline = time.monotonic() + 60
    while any(state != "done" for state, _attempts in on_site.sql(states, clinic.pk)):
        assert time.monotonic() < deadline, f"the queue was not kept:\n{successor.text()}"
        time.sleep(0.1)
    assert [attempts for _state, attempts in on_site.sql(states, clinic.pk)] == [1] * 5
    on_site.stop()

"""What beat asks for, done by a real worker of the real application: the sweeper, the sealer, the purge."""

import time
from pathlib import Path

import pytest
from celery import current_app

from clinics import audit
from clinics.services import jobs as job_services
from clinics.tenancy import clinic_scope
from tests.site import Site, new_clinic

pytestmark = pytest.mark.jobs

TICKS = ("clinics.sweep_jobs", "clinics.seal_audit", "clinics.purge_expired")


def test_two_beats_ticks_are_served_once_and_the_seal_verifies_against_the_workers_log(
    on_quiet_site: Site, tmp_path: Path
) -> None:
    on_site = on_quiet_site  # a seal waits for every transaction of the server
    clinic = new_clinic(on_site)
    with clinic_scope(clinic.pk):
        audit.record("tests.tick", clinic)
        lost = job_services.promise(kind="tests.work", label="never sent", by=None)
    worker = on_site.start_worker(app="tests.jobs.app")
    for _beat in range(2):
        for name in TICKS:
            current_app.send_task(name, queue="default")

    deadline = time.monotonic() + 30
    done = "select 1 from clinics_job where id = %s and state = 'done'"
    sealed = "select 1 from clinics_auditseal where clinic_id = %s"
    while not (on_site.sql(done, lost.pk) and on_site.sql(sealed, clinic.pk)):
        assert time.monotonic() < deadline, worker.text()
        time.sleep(0.1)
    worker.stop()

    slots = dict(on_site.sql("select name, count(*) from clinics_slot where name not like %s group by name", "tests.%"))
    assert slots.keys() == {"sweep jobs", "seal the audit trail", "purge"}
    assert slots["purge"] == 1
    log = tmp_path / "worker.log"
    log.write_text(worker.text())
    said = on_site.run_manage("verify_audit", "--clinic", clinic.slug, "--heads", str(log))
    assert f"{clinic.slug}: " in said
    assert "Head none" not in said
    on_site.stop()

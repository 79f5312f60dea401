"""The seal: closed batches are sealed once each, and whatever a superuser does to them afterwards is found."""

import hashlib
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from clinics import audit, sealing
from clinics.models import Clinic
from clinics.tenancy import clinic_scope
from tests.site import Site, new_clinic

AT = datetime(2026, 11, 19, 15, 0, 0, 120, tzinfo=UTC).replace(tzinfo=None)
FULL = os.environ.get("EVOKE_TEST_SIZE") == "full"
EVENTS = 12_000 if FULL else 2_000
WRITERS, SEALERS = 8, 2


def write(clinic: Clinic, count: int, action: str = "tests.sealed") -> None:
    with clinic_scope(clinic.pk):
        for number in range(count):
            audit.record(action, clinic, detail={"number": number})


def seal(clinic: Clinic) -> sealing.Seal | None:
    with sealing.sealer_connection() as connection:
        return sealing.seal_clinic(connection, clinic.pk)


def verify(clinic: Clinic, published: frozenset[str] = frozenset()) -> sealing.Verdict:
    with sealing.sealer_connection() as connection:
        return sealing.verify_clinic(connection, clinic.pk, published)


@pytest.fixture
def on_site(on_quiet_site: Site) -> Site:
    """What is closed depends on every transaction of the server, so the tests that run beside these would decide."""
    return on_quiet_site


@pytest.fixture
def clinic(on_site: Site) -> Clinic:
    """A clinic with three seals of ten events each, after the one of its opening."""
    made = new_clinic(on_site)
    for _batch in range(3):
        write(made, 10)
        assert seal(made) is not None
    return made


@contextmanager
def superuser(site: Site) -> Iterator["psycopg.Connection[tuple[Any, ...]]"]:
    """Yield a superuser's connection on which no trigger fires: what no role of ours can do."""
    with psycopg.connect(site.url("ADMIN_DATABASE_URL"), dbname=site.database, autocommit=True) as admin:
        admin.execute("set session_replication_role = replica")
        yield admin


# --- sealing ----------------------------------------------------------------------------------------------------


def test_a_chain_holds_every_event_and_verifies(clinic: Clinic) -> None:
    verdict = verify(clinic)
    assert verdict.faults == ()
    assert verdict.seals == 3
    assert verdict.events >= 30
    assert verdict.waiting == 0
    write(clinic, 2)
    assert verify(clinic).waiting == 2


def test_nothing_closed_makes_no_seal(clinic: Clinic) -> None:
    assert seal(clinic) is None


def test_an_event_of_a_late_commit_does_not_slip_behind_a_seal(on_site: Site, clinic: Clinic) -> None:
    app = on_site.url("DATABASE_URL")
    insert = (
        "insert into clinics_auditevent (clinic_id, role, action, object_type, object_id, purpose, detail) "
        "values (%s, '', 'tests.late', '', '', '', '{}')"
    )
    with psycopg.connect(app) as late:
        late.execute("select set_config('app.clinic_id', %s, true)", [str(clinic.pk)])
        late.execute(insert, [clinic.pk])
        write(clinic, 5)
        assert seal(clinic) is None, "the five began after the one that is still open"
        assert verify(clinic).waiting == 5
        late.commit()
    sealed = seal(clinic)
    assert sealed is not None
    assert sealed.events == 6
    assert verify(clinic).faults == ()


def test_many_writers_and_two_sealers_seal_each_event_once(on_site: Site) -> None:
    clinic = new_clinic(on_site)
    stop = threading.Event()
    failures: list[BaseException] = []

    def guarded(work: Any) -> threading.Thread:
        def run() -> None:
            try:
                work()
            except BaseException as error:
                failures.append(error)

        return threading.Thread(target=run)

    def writer() -> None:
        # Transactions of different lengths, so that commits come in another order than they began.
        with psycopg.connect(on_site.url("DATABASE_URL")) as app:
            left = EVENTS // WRITERS
            while left:
                batch = min(left, 1 + left % 7)
                app.execute("select set_config('app.clinic_id', %s, true)", [str(clinic.pk)])
                for number in range(batch):
                    app.execute(
                        "insert into clinics_auditevent "
                        "(clinic_id, role, action, object_type, object_id, purpose, detail) "
                        "values (%s, '', 'tests.load', '', %s, '', '{}')",
                        [clinic.pk, str(number)],
                    )
                app.commit()
                left -= batch

    def sealer() -> None:
        with sealing.sealer_connection() as connection:
            while not stop.is_set():
                sealing.seal_clinic(connection, clinic.pk)
                time.sleep(0.01)

    writers, sealers = [guarded(writer) for _ in range(WRITERS)], [guarded(sealer) for _ in range(SEALERS)]
    began = time.monotonic()
    for thread in [*writers, *sealers]:
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in sealers:
        thread.join()
    assert failures == []
    while seal(clinic) is not None:
        pass
    took = time.monotonic() - began

    verdict = verify(clinic)
    there = on_site.sql("select count(*) from clinics_auditevent where clinic_id = %s", clinic.pk)[0][0]
    print(f"\n{verdict.events} events in {verdict.seals} seals, {took:.1f} s")
    assert verdict.faults == ()
    assert verdict.events == there >= EVENTS
    assert verdict.waiting == 0
    assert verdict.seals > 3, "one great seal at the end would prove nothing"


def test_the_sealer_can_do_nothing_but_read_events_and_append_seals(on_site: Site, clinic: Clinic) -> None:
    forbidden = [
        "update clinics_auditevent set action = 'x'",
        "delete from clinics_auditevent",
        "insert into clinics_auditevent (clinic_id, role, action, object_type, object_id, purpose, detail) "
        f"values ({clinic.pk}, '', '', '', '', '', '{{}}')",
        "update clinics_auditseal set events = 0",
        "delete from clinics_auditseal",
        "select * from clients_client",
        "select * from clinics_user",
    ]
    with sealing.sealer_connection() as connection:
        for statement in forbidden:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)  # type: ignore[arg-type]


# --- tampering --------------------------------------------------------------------------------------------------

NTH = "(select id from clinics_auditevent where clinic_id = %(clinic)s order by id limit 1 offset %(n)s)"
TAMPERING = {
    "edit": [f"update clinics_auditevent set detail = '{{\"number\": 999}}' where id = {NTH}"],
    "edit of who": [f"update clinics_auditevent set role = 'administrator' where id = {NTH}"],
    "delete": [f"delete from clinics_auditevent where id = {NTH}"],
    "insert": [
        "insert into clinics_auditevent (clinic_id, xid, role, action, object_type, object_id, purpose, detail) "
        f"select clinic_id, xid, '', 'tests.forged', '', '', '', '{{}}' from clinics_auditevent where id = {NTH}"
    ],
    "reorder": [
        f"update clinics_auditevent set at = at + interval '1 hour' where id = {NTH}",
    ],
    "move to another batch": [
        "update clinics_auditevent set xid = (select max(xid) from clinics_auditevent where clinic_id = %(clinic)s) "
        f"where id = {NTH}"
    ],
    "remove a seal from the middle": [
        "delete from clinics_auditseal where id = (select id from clinics_auditseal where clinic_id = %(clinic)s "
        "order by id limit 1 offset 1)"
    ],
}


@pytest.mark.parametrize("tampering", TAMPERING)
def test_tampering_by_a_superuser_is_found(on_site: Site, clinic: Clinic, tampering: str) -> None:
    assert verify(clinic).faults == ()
    with superuser(on_site) as admin:
        for statement in TAMPERING[tampering]:
            changed = admin.execute(statement, {"clinic": clinic.pk, "n": 15})  # type: ignore[arg-type]
            assert changed.rowcount == 1
    verdict = verify(clinic)
    assert len(verdict.faults) == 1, tampering


def test_two_events_that_changed_places_are_found(on_site: Site, clinic: Clinic) -> None:
    with superuser(on_site) as admin:
        first, second = [
            row[0]
            for row in admin.execute(
                "select id from clinics_auditevent where clinic_id = %s and action = 'tests.sealed' "
                "order by id limit 2",
                [clinic.pk],
            )
        ]
        for old, new in ((first, -1), (second, first), (-1, second)):
            admin.execute(
                "update clinics_auditevent set id = %s where clinic_id = %s and id = %s", [new, clinic.pk, old]
            )
    assert "was changed" in verify(clinic).faults[0]


def test_a_tail_that_was_cut_off_is_found_by_the_published_head(
    on_site: Site, clinic: Clinic, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    with caplog.at_level("INFO", "evoke.seal"):
        write(clinic, 3)
        last = seal(clinic)
    assert last is not None
    log = tmp_path / "worker.log"
    log.write_text("other lines\n" + caplog.text)
    call_command("verify_audit", "--clinic", clinic.slug, "--heads", str(log))
    with superuser(on_site) as admin:
        admin.execute("delete from clinics_auditseal where id = %s", [last.id])
        admin.execute("delete from clinics_auditevent where clinic_id = %s and id > %s", [clinic.pk, last.last_id - 3])
    assert verify(clinic).faults == (), "what is left is a chain in order: only the head shows the cut"
    with pytest.raises(CommandError, match="not as they were sealed"):
        call_command("verify_audit", "--clinic", clinic.slug, "--heads", str(log))


# --- another cluster --------------------------------------------------------------------------------------------


def test_in_a_restored_cluster_a_new_epoch_takes_what_was_left(on_site: Site, clinic: Clinic) -> None:
    write(clinic, 4, "tests.unsealed")
    with superuser(on_site) as admin:
        # As if all of it had happened in another cluster, whose transaction ids were far higher.
        admin.execute(
            "update clinics_auditevent set xid = ((xid::text)::bigint + 1000000000)::text::xid8 where clinic_id = %s",
            [clinic.pk],
        )
        admin.execute(
            "update clinics_auditseal set upto = ((upto::text)::bigint + 1000000000)::text::xid8, "
            "system_identifier = 'elsewhere' where clinic_id = %s",
            [clinic.pk],
        )
    write(clinic, 2, "tests.restored")
    assert verify(clinic).waiting == 6

    opening = seal(clinic)
    assert opening is not None
    assert opening.events == 6
    assert opening.floor_id == opening.last_id
    assert opening.system_identifier != "elsewhere"
    write(clinic, 3, "tests.after")
    after = seal(clinic)
    assert after is not None
    assert (after.events, after.floor_id) == (3, opening.last_id)

    verdict = verify(clinic)
    assert (verdict.faults, verdict.seals, verdict.waiting) == ((), 5, 0)
    with superuser(on_site) as admin:
        changed = admin.execute(
            "delete from clinics_auditevent where id = (select min(id) from clinics_auditevent "
            "where clinic_id = %s and action = 'tests.unsealed')",
            [clinic.pk],
        )
        assert changed.rowcount == 1
    assert "events were removed" in verify(clinic).faults[0]


def test_a_new_epoch_waits_while_something_is_being_written(on_site: Site, clinic: Clinic) -> None:
    with superuser(on_site) as admin:
        admin.execute("update clinics_auditseal set system_identifier = 'elsewhere' where clinic_id = %s", [clinic.pk])
    write(clinic, 1)
    with psycopg.connect(on_site.url("DATABASE_URL")) as busy:
        busy.execute("select pg_current_xact_id()")
        assert seal(clinic) is None
    assert seal(clinic) is not None
    assert verify(clinic).faults == ()


# --- the command ------------------------------------------------------------------------------------------------


def test_the_command_names_the_clinic_and_its_head(clinic: Clinic, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify_audit", "--clinic", clinic.slug)
    said = capsys.readouterr().out
    head = verify(clinic).head
    assert said.startswith(f"{clinic.slug}: ")
    assert f"Head {head}" in said


def test_the_command_refuses_what_is_not_there(clinic: Clinic, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no clinic nowhere"):
        call_command("verify_audit", "--clinic", "nowhere")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("verify_audit", "--clinic", clinic.slug, "--heads", str(tmp_path / "absent.log"))


def test_the_canonical_form_of_an_event_is_fixed() -> None:
    """A changed form would break the chains of every clinic: this hash may never change."""
    row = (
        7, AT, 3, "therapist", "note.signed", 12, "clinical_sessions.progressnote",
        "x", UUID(int=5), "care", {"b": 1, "a": [1, "é"]},
    )  # fmt: skip
    data = sealing.canonical(2, row)
    assert data.endswith(b'{"a":[1,"\\u00e9"],"b":1}]\n')
    assert hashlib.sha256(data).hexdigest() == "44b1d2cb9f55c4c063d26822b555aebb9efa6b7c59dc646e0f97807e893dc748"

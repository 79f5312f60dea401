"""
The seal of the trail: closed batches of events are hashed afterwards, each seal chained to the one before it.

The sealer signs in as a role of its own, which can read events and append seals and nothing else. A batch holds the
events whose transactions are over and were not sealed before (transaction id from the last seal's `upto` to the oldest
id still running), so that a late commit cannot slip in behind a seal. Hashing inside each request would hold one lock
a clinic and cost most of the throughput.

Transaction ids start over in a restored cluster. A seal names its cluster; the first seal in another one opens an
epoch: it takes all that is left unsealed, at a moment when nothing is being written, and from then on only events with
a higher key than its own are counted by transaction id.

The head of each clinic's chain is written to the log, outside the database: a tail that was cut off is missed there.
"""

import hashlib
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, LiteralString

import psycopg
from django.conf import settings
from django.db import connection as django_connection

from clinics.models import Clinic

log = logging.getLogger("evoke.seal")

GENESIS: Final = bytes(32)
LOCK_SPACE: Final = 0x5EA1  # keeps our advisory locks apart from anybody else's
FETCH_ROWS: Final = 2000
HEAD_LINE: Final = "audit head clinic=%s seal=%s head=%s"

Connection = psycopg.Connection[tuple[Any, ...]]


class NoSealer(RuntimeError):
    """SEALER_DATABASE_URL is not set. Give the worker, and whoever verifies, the address of the role clinic_sealer."""


@dataclass(frozen=True)
class Seal:
    """
    One seal.

    upto      the transaction id below which the events of its epoch are covered
    last_id   the highest key of an event covered so far
    floor_id  events up to this key belong to epochs before; 0 in a clinic's first epoch
    """

    id: int
    upto: int
    last_id: int
    floor_id: int
    events: int
    digest: bytes
    previous: bytes
    system_identifier: str


@dataclass(frozen=True)
class Batch:
    """Which events a seal covers: a condition on clinics_auditevent and its values."""

    condition: LiteralString
    values: dict[str, Any]


@contextmanager
def sealer_connection() -> Iterator[Connection]:
    """
    Yield a connection of the sealer's own role to the database that Django uses.

    :raises NoSealer: without SEALER_DATABASE_URL
    """
    address = settings.ENV.sealer_database_url
    if address is None:
        raise NoSealer(NoSealer.__doc__)
    name = django_connection.settings_dict["NAME"]
    with psycopg.connect(address.url, dbname=name, connect_timeout=5, autocommit=True) as connection:
        yield connection


def seal_all() -> int:
    """Seal the closed events of every clinic, and return how many events were sealed."""
    sealed = 0
    with sealer_connection() as connection:
        for clinic_id in list(Clinic.objects.values_list("pk", flat=True)):
            seal = seal_clinic(connection, clinic_id)
            sealed += seal.events if seal is not None else 0
    return sealed


def seal_clinic(connection: Connection, clinic_id: int) -> Seal | None:
    """
    Seal what is closed in one clinic's trail.

    connection  from `sealer_connection`, in autocommit
    returns     the new seal; None when nothing is closed, another sealer is at it, or a new epoch must wait for a quiet
                moment
    """
    try:
        with connection.transaction():
            # One snapshot for all that follows: which transactions are over, and what they wrote.
            connection.execute("set transaction isolation level repeatable read")
            lock = connection.execute("select pg_try_advisory_xact_lock(%s)", [LOCK_SPACE << 48 | clinic_id]).fetchone()
            if lock is None or not lock[0]:
                return None
            seal = _seal_next(connection, clinic_id)
    except psycopg.errors.UniqueViolation:
        # Another sealer was between our snapshot and its end: the chain holds, and the next round takes the rest.
        return None
    if seal is not None:
        log.info(HEAD_LINE, clinic_id, seal.id, seal.digest.hex())
    return seal


def _seal_next(connection: Connection, clinic_id: int) -> Seal | None:
    row = connection.execute(
        "select system_identifier::text, pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint "
        "from pg_control_system(), pg_current_snapshot() s"
    ).fetchone()
    assert row is not None
    cluster, oldest_running, next_id = row
    last = last_seal(connection, clinic_id)
    opens = last is not None and last.system_identifier != cluster
    if opens and not oldest_running == next_id == _own_id(connection):
        log.info("audit epoch waits for a quiet moment clinic=%s", clinic_id)
        return None
    batch = batch_after(last, upto=None if opens else oldest_running)
    previous = last.digest if last else GENESIS
    events, highest, digest = hash_batch(connection, clinic_id, batch, previous)
    if events == 0:
        return None
    last_id = max(highest, last.last_id if last else 0)
    floor_id = last_id if opens else (last.floor_id if last else 0)
    values = (oldest_running, last_id, floor_id, events, digest, previous, cluster)
    added = connection.execute(
        "insert into clinics_auditseal "
        "(clinic_id, upto, last_id, floor_id, events, digest, previous, system_identifier) "
        "values (%s, %s::text::xid8, %s, %s, %s, %s, %s, %s) returning id",
        [clinic_id, *values],
    ).fetchone()
    assert added is not None
    return Seal(added[0], *values)


def _own_id(connection: Connection) -> int:
    """
    Return an id for this transaction, taken now.

    It is the snapshot's next id only when no other transaction holds one: the snapshot itself does not show those that
    are at work with the newest ids.
    """
    row = connection.execute("select pg_current_xact_id()::text::bigint").fetchone()
    assert row is not None
    return int(row[0])


SEALS: Final = (
    "select id, upto::text::bigint, last_id, floor_id, events, digest, previous, system_identifier "
    "from clinics_auditseal where clinic_id = %s order by id"
)


def last_seal(connection: Connection, clinic_id: int) -> Seal | None:
    """Return the head of a clinic's chain, or None when nothing was sealed yet."""
    row = connection.execute(f"{SEALS} desc limit 1", [clinic_id]).fetchone()
    return Seal(*row) if row is not None else None


def batch_after(
    before: Seal | None, *, upto: int | None, until_id: int | None = None, ceiling: int | None = None
) -> Batch:
    """
    Return which events the seal after `before` covers.

    upto      the transaction id to which it reaches; None for a seal that opens an epoch
    until_id  of a seal that opens an epoch: the highest key it reached, None while it is being made
    ceiling   of an epoch that is over: its highest key
    """
    values: dict[str, Any] = {
        "since": before.upto if before else 0, "upto": upto, "floor": before.floor_id if before else 0,
        "last_id": before.last_id if before else 0, "until": until_id, "ceiling": ceiling,
    }  # fmt: skip
    if upto is None:
        condition: LiteralString = "id > %(floor)s and (xid >= %(since)s::text::xid8 or id > %(last_id)s)"
        return Batch(condition if until_id is None else condition + " and id <= %(until)s", values)
    condition = "xid >= %(since)s::text::xid8 and xid < %(upto)s::text::xid8 and id > %(floor)s"
    return Batch(condition if ceiling is None else condition + " and id <= %(ceiling)s", values)


def hash_batch(connection: Connection, clinic_id: int, batch: Batch, previous: bytes) -> tuple[int, int, bytes]:
    """Return (number of events, highest key or 0, digest) of a batch as it stands now; inside a transaction."""
    hasher = hashlib.sha256(previous)
    count = highest = 0
    query: LiteralString = (
        "select id, at at time zone 'UTC', actor_id, role, action, client_ref, object_type, object_id, request_id, "
        "purpose, detail from clinics_auditevent where clinic_id = %(clinic)s and "
    )
    with connection.cursor(name="batch") as cursor:
        cursor.itersize = FETCH_ROWS
        cursor.execute(query + batch.condition + " order by id", {"clinic": clinic_id, **batch.values})
        for row in cursor:
            hasher.update(canonical(clinic_id, row))
            count, highest = count + 1, row[0]
    return count, highest, hasher.digest()


def canonical(clinic_id: int, row: tuple[Any, ...]) -> bytes:
    """
    Return an event as the bytes that are hashed: a JSON list on one line.

    The transaction id is not among them: it decides which batch an event is in, so another one breaks two batches.
    """
    key, at, *rest = row
    values = [clinic_id, key, at.isoformat(timespec="microseconds"), *rest]
    text = json.dumps(values, default=str, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return text.encode() + b"\n"


# --- verifying --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verdict:
    """
    What verifying one clinic's trail found.

    events, seals  how many are in order, from the first on
    waiting        events after the last seal
    faults         a sentence for each thing that is not as it was sealed; the chain is not followed past the first
    """

    clinic_id: int
    events: int
    seals: int
    waiting: int
    head: str
    faults: tuple[str, ...]


def verify_clinic(connection: Connection, clinic_id: int, published: frozenset[str] = frozenset()) -> Verdict:
    """
    Compute a clinic's chain again from its events, and compare.

    published  heads that the log holds: a chain whose tail was cut off does not contain the last of them
    """
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read read only")
        return _verify(connection, clinic_id, published)


def _verify(connection: Connection, clinic_id: int, published: frozenset[str]) -> Verdict:
    epochs: dict[int, int] = dict(
        connection.execute(
            "select floor_id, max(last_id) from clinics_auditseal where clinic_id = %s group by floor_id",
            [clinic_id],
        ).fetchall()
    )
    last = last_seal(connection, clinic_id)
    cluster = connection.execute("select system_identifier::text from pg_control_system()").fetchone()
    if last is not None and cluster is not None and last.system_identifier == cluster[0]:
        # The epoch that goes on has no end: an event with a higher key and an old transaction id is a forged one.
        del epochs[last.floor_id]
    before: Seal | None = None
    faults: list[str] = []
    seen: set[str] = set()
    events = seals = 0
    for row in connection.execute(SEALS, [clinic_id]).fetchall():
        seal = Seal(*row)
        fault = _fault(connection, clinic_id, before, seal, epochs)
        if fault:
            faults.append(fault)
            break
        before, events, seals = seal, events + seal.events, seals + 1
        seen.add(seal.digest.hex())
    if not faults and published - seen:
        faults.append(f"{len(published - seen)} heads that were published are not in the chain: seals were removed.")
    waiting = 0
    if not faults:
        batch = batch_after(before, upto=None)
        waiting = hash_batch(connection, clinic_id, batch, GENESIS)[0]
    head = before.digest.hex() if before else ""
    return Verdict(clinic_id, events, seals, waiting, head, tuple(faults))


def _fault(connection: Connection, clinic_id: int, before: Seal | None, seal: Seal, epochs: dict[int, int]) -> str:
    """
    Return what is wrong with one seal and its events, or an empty text.

    epochs   floor of each epoch that is over → its highest key
    """
    if seal.previous != (before.digest if before else GENESIS):
        return f"Seal {seal.id} does not follow the seal before it: seals were removed or changed."
    if before is not None and before.system_identifier != seal.system_identifier:
        batch = batch_after(before, upto=None, until_id=seal.last_id)
    else:
        batch = batch_after(before, upto=seal.upto, ceiling=epochs.get(seal.floor_id))
    found, _highest, digest = hash_batch(connection, clinic_id, batch, seal.previous)
    if found < seal.events:
        return f"Seal {seal.id} covers {seal.events} events and {found} are there: events were removed or moved."
    if found > seal.events:
        return f"Seal {seal.id} covers {seal.events} events and {found} are there: events were added."
    if digest != seal.digest:
        return f"Seal {seal.id}: its {seal.events} events are not what was sealed: one was changed."
    return ""

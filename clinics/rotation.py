"""
Changing keys while the clinic works: a new data key for one clinic, or a new key of the environment for all.

A data key is changed by writing every text again under a new version. The schema's owner does it, in small committed
batches: it alone may write to signed notes and coded lines, and there only the ciphertext, which triggers hold. A text
that somebody changes meanwhile is left to them: the update asks for the very ciphertext that was read. What is left
under an older version says how far a rotation is, so a stopped one is continued by starting it again.

A new key of the environment (FIELD_KEYS) touches no text: one wrapped key per clinic, kind and version is sealed again.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings
from django.db import OperationalError, connection
from django.db.models import F, Func, IntegerField
from psycopg import sql

from clinics import audit, crypto
from clinics.fields import Ciphertext, EncryptedTextField
from clinics.models import Clinic, ClinicKey
from clinics.tenancy import ClinicOwned, clinic_scope, owned_models

log = logging.getLogger("evoke.rotation")

BATCH_ROWS: Final = 200
PAUSE_S: Final = 0.5
MAX_IDLE_PASSES: Final = 120

Say = Callable[[str], object]


class NoOwner(RuntimeError):
    """MIGRATION_DATABASE_URL is not set. Only the role clinic_owner may write to signed and coded rows."""


class NotFinished(RuntimeError):
    """Some texts are still under an older key: they could not be opened, or somebody held them all the time."""


class KeyVersion(Func):
    """The version of the data key in the head of a ciphertext (crypto.py has the layout)."""

    template = "(get_byte(%(expressions)s, 1) * 256 + get_byte(%(expressions)s, 2))"
    output_field = IntegerField()


@dataclass
class Rotation:
    """What a rotation did: the version of each kind of key, texts written again, rows that do not open."""

    versions: dict[str, int]
    texts: int = 0
    unreadable: set[tuple[str, str, int]] = field(default_factory=set)


@contextmanager
def as_owner() -> Iterator[None]:
    """
    Let Django's connection sign in as the schema's owner for the length of the block.

    :raises NoOwner: without MIGRATION_DATABASE_URL
    """
    owner = settings.ENV.migration_database_url
    if owner is None:
        raise NoOwner(NoOwner.__doc__)
    mine = {"USER": owner.user, "PASSWORD": owner.password, "HOST": owner.host, "PORT": owner.port}
    before = {name: connection.settings_dict[name] for name in mine}
    connection.close()
    connection.settings_dict.update(mine)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


def encrypted_columns() -> list[tuple[type[ClinicOwned], list[EncryptedTextField]]]:
    """Return every model with encrypted text, and its columns."""
    found = [
        (model, [f for f in model._meta.concrete_fields if isinstance(f, EncryptedTextField)])
        for model in owned_models()
    ]
    return [(model, columns) for model, columns in found if columns]


def rotate_clinic(clinic: Clinic, say: Say = log.info) -> Rotation:
    """
    Give a clinic new data keys and write all its texts again under them, or go on with a rotation that was stopped.

    Called with no clinic entered, as the owner (`as_owner`). Returns when nothing is left under an older key and every
    process has had the time to learn of the new one.

    say   is told each step, in words
    :raises NotFinished: some texts do not open, or were held by others all the time
    """
    rotation, began = _begin(clinic, say)
    idle = 0
    while True:
        changed = sum(
            _rotate_column(clinic.pk, model, column, rotation)
            for model, columns in encrypted_columns()
            for column in columns
        )
        rotation.texts += changed
        left = _left(clinic.pk, rotation.versions) - len(rotation.unreadable)
        idle = 0 if changed else idle + 1
        if left <= 0:
            missing = began + crypto.CURRENT_VERSION_SECONDS - time.monotonic()
            if missing <= 0:
                break
            # Another process may go on with the former key for as long as it remembers it.
            say(f"Waiting {missing:.0f} s until every process writes with the new keys.")
            time.sleep(missing)
        elif idle:
            if idle > MAX_IDLE_PASSES:
                raise NotFinished(f"{left} texts of {clinic.slug} are still held by others. Start it again later.")
            time.sleep(PAUSE_S)
    with clinic_scope(clinic.pk):
        audit.record(
            "keys.rotated", clinic,
            detail={"versions": rotation.versions, "texts": rotation.texts, "unreadable": len(rotation.unreadable)},
        )  # fmt: skip
    if rotation.unreadable:
        names = ", ".join(f"{table}.{column} {key}" for table, column, key in sorted(rotation.unreadable)[:10])
        raise NotFinished(f"{len(rotation.unreadable)} texts of {clinic.slug} do not open: {names}. Check FIELD_KEYS.")
    return rotation


def _begin(clinic: Clinic, say: Say) -> tuple[Rotation, float]:
    """Make the next version of each kind of key, unless an earlier rotation is not finished; committed."""
    with clinic_scope(clinic.pk):
        newest: dict[str, int] = {}
        # The secret of the blind indexes encrypts nothing, and another would make every index unfindable.
        for key in ClinicKey.objects.select_for_update().exclude(kind=crypto.INDEX).order_by("version"):
            newest[key.kind] = key.version
        if _left_in_scope(newest):
            say(f"{clinic.slug}: going on with the rotation that was begun.")
            return Rotation(newest), time.monotonic()
        for kind in newest:
            newest[kind] += 1
            wrapped = crypto.wrap(clinic.pk, kind, newest[kind], crypto.new_data_key())
            ClinicKey.objects.create(clinic=clinic, kind=kind, version=newest[kind], wrapped=wrapped)
    crypto.forget_keys()
    made = ", ".join(f"{kind} version {version}" for kind, version in newest.items())
    say(f"{clinic.slug}: new keys are made ({made}).")
    return Rotation(newest), time.monotonic()


def _rows(model: type[ClinicOwned], column: EncryptedTextField, versions: dict[str, int]) -> Any:
    """Return the rows of the entered clinic whose text in this column lies under an older key."""
    rows = model.objects.annotate(key_version=KeyVersion(F(column.attname)))
    return rows.filter(key_version__lt=versions[column.kind])


def _left(clinic_id: int, versions: dict[str, int]) -> int:
    with clinic_scope(clinic_id):
        return _left_in_scope(versions)


def _left_in_scope(versions: dict[str, int]) -> int:
    """Return how many texts of the entered clinic lie under an older key."""
    return sum(_rows(model, column, versions).count() for model, columns in encrypted_columns() for column in columns)


def _rotate_column(clinic_id: int, model: type[ClinicOwned], column: EncryptedTextField, rotation: Rotation) -> int:
    """Write the texts of one column again, batch by batch; return how many were written."""
    last, written = 0, 0
    while rows := _batch(clinic_id, model, column, rotation, after=last):
        last = rows[-1].pk
        try:
            with clinic_scope(clinic_id):
                _allow_ciphertext_only()
                written += _write_again(model, column, rows, rotation)
        except OperationalError:
            # Somebody holds one of the rows for longer than the owner waits: the next pass finds the batch again.
            log.info("batch left for the next pass: %s up to %s", model._meta.db_table, last)
    return written


def _batch(
    clinic_id: int, model: type[ClinicOwned], column: EncryptedTextField, rotation: Rotation, *, after: int
) -> list[Any]:
    with clinic_scope(clinic_id):
        rows = _rows(model, column, rotation.versions)
        return list(rows.filter(pk__gt=after).order_by("pk")[:BATCH_ROWS])


def _write_again(model: type[ClinicOwned], column: EncryptedTextField, rows: list[Any], rotation: Rotation) -> int:
    keys: list[int] = []
    before: list[bytes] = []
    after: list[bytes] = []
    for row in rows:
        data = row.__dict__[column.attname]
        try:
            text = column.open(row, data)
        except crypto.CannotDecrypt:
            rotation.unreadable.add((model._meta.db_table, column.attname, row.pk))
            continue
        sealed = crypto.encrypt(row.clinic_id, column.kind, column.binding(row), text)
        keys.append(row.pk)
        before.append(bytes(data))
        after.append(bytes(Ciphertext(sealed)))
    if not keys:
        return 0
    statement = sql.SQL(
        "update {table} t set {column} = v.new from unnest(%s::bigint[], %s::bytea[], %s::bytea[]) v (id, old, new) "
        "where t.clinic_id = %s and t.id = v.id and t.{column} = v.old"
    ).format(table=sql.Identifier(model._meta.db_table), column=sql.Identifier(column.attname))
    with connection.cursor() as cursor:
        cursor.execute(statement, [keys, before, after, rows[0].clinic_id])
        return int(cursor.rowcount)


def _allow_ciphertext_only() -> None:
    """Tell the triggers on locked rows that this transaction writes nothing but ciphertexts; they look themselves."""
    with connection.cursor() as cursor:
        cursor.execute("select set_config('app.key_rotation', 'on', true)")


def rewrap_all() -> int:
    """Seal every clinic's data keys again with the first key of FIELD_KEYS, and return how many there were."""
    rewrapped = 0
    for clinic in Clinic.objects.all():
        with clinic_scope(clinic.pk):
            keys = list(ClinicKey.objects.select_for_update())
            for key in keys:
                data_key = crypto.unwrap(clinic.pk, key.kind, key.version, bytes(key.wrapped))
                key.wrapped = crypto.wrap(clinic.pk, key.kind, key.version, data_key)
            ClinicKey.objects.bulk_update(keys, ["wrapped"])
            audit.record("keys.rewrapped", clinic, detail={"n": len(keys)})
            rewrapped += len(keys)
    return rewrapped

"""Final means final: every path to a signed note is tried, as the app and as the owner of the schema, and counted."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from clients.models import RulerReading
from sessions.models import Addendum, NoteSignature, ProgressNote
from sessions.selectors.signed import verify_note
from sessions.services import signing
from tests.sessions.recording import TEXT, booking, record, sign
from tests.world import NOW, World

Path = tuple[str, Callable[[], Any]]
REFUSED = r"final|signed|never changed|permission denied|protected foreign keys"


def _orm_paths(note: ProgressNote, addendum: Addendum, signature: NoteSignature) -> list[Path]:
    """Return every way Django's ORM has to change or remove a row under the signature."""
    session = note.session
    ruler = RulerReading.objects.get(appointment_id=session.appointment_id, ruler="importance")

    def saved(row: Any, **changes: Any) -> Callable[[], Any]:
        def act() -> None:
            for name, value in changes.items():
                setattr(row, name, value)
            row.save()

        return act

    def bulk(row: Any, name: str, value: Any) -> Callable[[], Any]:
        def act() -> None:
            setattr(row, name, value)
            type(row).objects.bulk_update([row], [name])

        return act

    changes: list[tuple[Any, str, Any]] = [
        (note, "body", "other text"), (note, "state", "draft"), (note, "late_entry", True), (note, "version", 99),
        (session, "duration_min", 5), (session, "mi_pct", 100), (ruler, "value", 1), (addendum, "body", "other"),
        (addendum, "kind", "correction"), (signature, "printed_name", "Somebody else"),
    ]  # fmt: skip
    paths: list[Path] = []
    for row, name, value in changes:
        label = f"{type(row).__name__}.{name}"
        fresh = type(row).objects.get
        paths.append((f"save {label}", saved(fresh(pk=row.pk), **{name: value})))
        if name != "body":
            paths.append((f"bulk_update {label}", bulk(fresh(pk=row.pk), name, value)))
            rows = type(row).objects.filter(pk=row.pk)
            paths.append((f"update {label}", lambda rows=rows, name=name, value=value: rows.update(**{name: value})))
    for row in (note, session, ruler, addendum, signature):
        label = type(row).__name__
        paths.append((f"delete {label}", type(row).objects.get(pk=row.pk).delete))
        paths.append((f"queryset delete {label}", type(row).objects.filter(pk=row.pk).delete))
        paths.append(
            (f"raw delete {label}", lambda row=row: type(row).objects.filter(pk=row.pk)._raw_delete("default"))
        )
    paths.append(
        (
            "one more ruler",
            lambda: RulerReading.objects.create(
                clinic_id=note.clinic_id, client_id=note.client_id, appointment_id=session.appointment_id,
                ruler="readiness", value=3, taken_on=session.service_on, taken_by_id=note.author_id,
            ),
        )
    )  # fmt: skip
    return paths


def _statements(note: ProgressNote, addendum: Addendum, signature: NoteSignature) -> list[tuple[str, list[Any]]]:
    """Return plain SQL that changes or removes the signed rows; each is tried as the app and as the owner."""
    session = note.session
    ruler = ("clients_rulerreading", "appointment_id", session.appointment_id, "value = 1")
    rows = [
        ("clinical_sessions_progressnote", "id", note.pk, "body = '\\x00'"),
        ("clinical_sessions_progressnote", "id", note.pk, "state = 'draft', signed_at = null, content_hash = ''"),
        ("clinical_sessions_therapysession", "id", session.pk, "duration_min = 5"),
        ("clinical_sessions_addendum", "id", addendum.pk, "body = '\\x00'"),
        ("clinical_sessions_notesignature", "id", signature.pk, "content_hash = ''"),
        ruler,
    ]
    found: list[tuple[str, list[Any]]] = []
    for table, column, key, change in rows:
        found.append((f"update {table} set {change} where {column} = %s", [key]))
    for table, column, key in dict.fromkeys((table, column, key) for table, column, key, _change in rows):
        found.append((f"delete from {table} where {column} = %s", [key]))
    # One more ruler adds to what was signed.
    found.append(
        (
            "insert into clients_rulerreading "
            "(clinic_id, public_id, client_id, appointment_id, ruler, value, taken_on, taken_by_id) "
            "select clinic_id, gen_random_uuid(), client_id, appointment_id, 'readiness', 3, taken_on, taken_by_id "
            "from clients_rulerreading where appointment_id = %s",
            [session.appointment_id],
        )
    )
    return found


TABLES = (
    "clinical_sessions_progressnote",
    "clinical_sessions_therapysession",
    "clinical_sessions_addendum",
    "clinical_sessions_notesignature",
    "clients_rulerreading",
)


def test_no_path_changes_what_was_signed(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    here = world.here
    tried: list[str] = []
    with here.scope(here.therapist):
        note = ProgressNote.objects.get(session=record(here, booking(here)))
        sign(note, by=here.therapist)
        addendum = signing.add_addendum(note=note, kind="more", text="More.", by=here.therapist, now=NOW)
        signature = NoteSignature.objects.get(note=note)
        note = ProgressNote.objects.select_related("session").get(pk=note.pk)
        for label, path in _orm_paths(note, addendum, signature):
            with pytest.raises(DatabaseError, match=REFUSED), transaction.atomic():
                path()
            tried.append(label)
        statements = _statements(note, addendum, signature)
        # So does a ruler of another, unsigned session that is moved under it; moving one away takes from it.
        elsewhere = booking(here, starts_at=NOW - timedelta(hours=5))
        record(here, elsewhere, started_at=elsewhere.starts_at, rulers={"readiness": 7})
        move = "update clients_rulerreading set appointment_id = %s where appointment_id = %s"
        statements += [
            (move, [note.session.appointment_id, elsewhere.pk]),
            (f"{move} and ruler = 'confidence'", [elsewhere.pk, note.session.appointment_id]),
        ]
        for sql, values in statements:
            with (
                pytest.raises(DatabaseError, match=REFUSED),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(sql, values)
            tried.append(f"app: {sql}")
        for table in TABLES:
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"truncate {table} cascade")
            tried.append(f"app: truncate {table}")
        found = ProgressNote.objects.get(pk=note.pk)
        assert found.body == TEXT
        assert verify_note(found)
    with capsys.disabled():
        print(f"\nsigned note, as the app: {len(tried)} paths tried, 0 changed it")


def test_no_path_of_the_schema_owner_changes_what_was_signed(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """The owner is asked on rows that are committed, in transactions of its own; the world's signed note is one."""
    here = world.here
    note = here.signed_note
    note.session = here.signed_session
    statements = _statements(note, here.addendum, here.signature)
    statements += [(f"truncate {table} cascade", []) for table in TABLES]
    owner = settings.ENV.migration_database_url
    tried = 0
    with psycopg.connect(
        host=owner.host, port=owner.port, user=owner.user, password=owner.password,
        dbname=connection.settings_dict["NAME"],
    ) as session:  # fmt: skip
        for sql, values in statements:
            session.execute("select set_config('app.clinic_id', %s, true)", [str(here.clinic.pk)])
            found = session.execute("select count(*) from clinical_sessions_addendum where note_id = %s", [note.pk])
            assert found.fetchone() == (1,), "the owner must see the rows it tries to change"
            with pytest.raises(psycopg.Error, match=REFUSED):
                session.execute(sql, values)  # type: ignore[call-overload]
            session.rollback()
            tried += 1
    with capsys.disabled():
        print(f"\nsigned note, as the schema owner: {tried} paths tried, 0 changed it")

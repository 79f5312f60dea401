"""Ciphertexts: bound to clinic, table, column and row; nothing else opens them."""

import base64

import pytest
from django.db import connection
from django.test import override_settings

from clients.models import BreakGlass, ChangeTarget
from clinics import crypto
from clinics.models import ClinicKey, Draft
from clinics.tenancy import clinic_scope
from sessions.models import Addendum, ProgressNote, Utterance
from tests.world import Side, World

TEXT = "the words of a note"


def raw(table: str, column: str, row_id: int) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(f"select {column} from {table} where id = %s", [row_id])
        return bytes(cursor.fetchone()[0])


def put(table: str, column: str, row_id: int, data: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"update {table} set {column} = %s where id = %s", [data, row_id])
        assert cursor.rowcount == 1


def draft(side: Side, key: str, text: str = TEXT) -> Draft:
    with side.scope():
        return Draft.objects.create(user=side.therapist, key=key, body=text)


def test_text_lies_encrypted_and_comes_back(world: World) -> None:
    one = draft(world.here, "a")
    with world.here.scope():
        data = raw("clinics_draft", "body", one.pk)
        assert TEXT.encode() not in data
        assert data[:1] == crypto.FORMAT
        assert Draft.objects.get(pk=one.pk).body == TEXT


def test_the_same_text_never_gives_the_same_ciphertext(world: World) -> None:
    one, other = draft(world.here, "a"), draft(world.here, "b")
    with world.here.scope():
        assert raw("clinics_draft", "body", one.pk) != raw("clinics_draft", "body", other.pk)


def test_a_ciphertext_of_another_row_does_not_open(world: World) -> None:
    one, other = draft(world.here, "a"), draft(world.here, "b", "other words")
    with world.here.scope():
        put("clinics_draft", "body", one.pk, raw("clinics_draft", "body", other.pk))
        with pytest.raises(crypto.CannotDecrypt):
            _ = Draft.objects.get(pk=one.pk).body


def test_a_ciphertext_of_another_table_does_not_open(world: World) -> None:
    """The same public id in two tables is still not the same place."""
    one = draft(world.here, "a")
    with world.here.scope():
        target = ChangeTarget.objects.first()
        assert target is not None
        Draft.objects.filter(pk=one.pk).update(public_id=target.public_id)
        put("clinics_draft", "body", one.pk, raw("clients_changetarget", "goal", target.pk))
        with pytest.raises(crypto.CannotDecrypt):
            _ = Draft.objects.get(pk=one.pk).body


def test_a_ciphertext_of_another_column_does_not_open(world: World) -> None:
    with world.here.scope():
        transcript = world.here.transcript
        transcript.title, transcript.topic = "a title", "a topic"
        transcript.save()
        table = type(transcript)._meta.db_table
        put(table, "title", transcript.pk, raw(table, "topic", transcript.pk))
        with pytest.raises(crypto.CannotDecrypt):
            _ = type(transcript).objects.get(pk=transcript.pk).title


def test_a_ciphertext_of_another_clinic_does_not_open(world: World) -> None:
    one, foreign = draft(world.here, "a"), draft(world.neighbour, "a")
    with world.neighbour.scope():
        data = raw("clinics_draft", "body", foreign.pk)
        Draft.objects.filter(pk=foreign.pk).delete()
    with world.here.scope():
        Draft.objects.filter(pk=one.pk).update(public_id=foreign.public_id)
        put("clinics_draft", "body", one.pk, data)
        with pytest.raises(crypto.CannotDecrypt):
            _ = Draft.objects.get(pk=one.pk).body


def test_another_clinics_wrapped_key_does_not_open(world: World) -> None:
    with world.neighbour.scope():
        wrapped = bytes(ClinicKey.objects.get(kind="record", version=1).wrapped)
    with world.here.scope():
        ClinicKey.objects.filter(kind="record").update(wrapped=wrapped)
        crypto.forget_keys()
        with pytest.raises(crypto.CannotDecrypt):
            crypto.decrypt(world.here.clinic.pk, "record", "x", crypto.FORMAT + b"\x00\x01" + bytes(40))


def test_the_clinic_is_bound_even_if_two_clinics_had_the_same_key(world: World) -> None:
    here, neighbour = world.here.clinic.pk, world.neighbour.clinic.pk
    with clinic_scope(here):
        sealed = crypto.encrypt(here, "record", "t|c|r", TEXT)
        crypto._keys[neighbour, "record", 1] = crypto._keys[here, "record", 1]
        with pytest.raises(crypto.CannotDecrypt):
            crypto.decrypt(neighbour, "record", "t|c|r", sealed)


@pytest.mark.parametrize("at", [0, 1, 5, 20, -1])
def test_a_changed_byte_is_noticed(world: World, at: int) -> None:
    one = draft(world.here, "a")
    with world.here.scope():
        data = bytearray(raw("clinics_draft", "body", one.pk))
        data[at] ^= 1
        put("clinics_draft", "body", one.pk, bytes(data))
        with pytest.raises((crypto.CannotDecrypt, ClinicKey.DoesNotExist)):
            _ = Draft.objects.get(pk=one.pk).body


def test_counselling_notes_have_a_key_of_their_own(world: World) -> None:
    clinic_id = world.here.clinic.pk
    with clinic_scope(clinic_id):
        sealed = crypto.encrypt(clinic_id, "record", "t|c|r", TEXT)
        assert crypto.decrypt(clinic_id, "record", "t|c|r", sealed) == TEXT
        with pytest.raises(crypto.CannotDecrypt):
            crypto.decrypt(clinic_id, "counselling", "t|c|r", sealed)


def test_text_cannot_be_written_round_its_encryption_or_searched(world: World) -> None:
    with world.here.scope():
        with pytest.raises(TypeError):
            Draft.objects.update(body=TEXT)
        with pytest.raises(TypeError):
            Draft.objects.filter(body=TEXT).exists()


def test_without_its_key_of_the_environment_nothing_opens(world: World) -> None:
    one = draft(world.here, "a")
    crypto.forget_keys()
    with (
        override_settings(FIELD_KEYS=(base64.b64decode("A" * 43 + "="),)),
        world.here.scope(),
        pytest.raises(crypto.CannotDecrypt, match="FIELD_KEYS"),
    ):
        _ = Draft.objects.get(pk=one.pk).body


def test_clinical_text_of_the_record_lies_encrypted(world: World) -> None:
    with world.here.scope():
        for model, column in (
            (ProgressNote, "body"), (Addendum, "body"), (Utterance, "text"), (ChangeTarget, "goal"),
            (BreakGlass, "reason"),
        ):  # fmt: skip
            row = model.objects.first()
            assert row is not None, model
            data = raw(model._meta.db_table, column, row.pk)
            assert data[:1] == crypto.FORMAT, model
            assert str(getattr(row, column)).encode() not in data

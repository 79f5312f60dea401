"""The three nets, each alone."""

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from clients.models import Client, Episode
from clinics.models import AuditEvent
from clinics.tenancy import NoActiveClinic, clinic_scope, entered_clinic_id
from sessions.models import ProgressNote
from tests.world import World


def test_the_manager_sees_the_entered_clinic_only(world: World) -> None:
    with world.here.scope():
        assert set(Client.objects.values_list("pk", flat=True)) == {world.here.client.pk, world.here.merge.absorbed_id}


def test_a_row_policy_hides_the_neighbour_from_raw_sql(world: World) -> None:
    with world.here.scope(), connection.cursor() as cursor:
        cursor.execute("select id from clients_client order by id")
        assert cursor.fetchall() == [(world.here.client.pk,), (world.here.merge.absorbed_id,)]


def test_a_row_policy_refuses_to_write_for_the_neighbour(world: World) -> None:
    with (
        world.here.scope(),
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
    ):
        Client.unscoped.create(
            clinic=world.neighbour.clinic, reference="HY-1", legal_name="x", family_key="x", given_key="x"
        )


def test_a_link_to_the_neighbour_is_refused_by_the_composite_key(world: World) -> None:
    with world.here.scope(), pytest.raises(IntegrityError, match="same_clinic"), transaction.atomic():
        Episode.objects.filter(pk=world.here.episode.pk).update(client_id=world.neighbour.client.pk)


def test_without_a_scope_every_path_fails_loudly(world: World) -> None:
    paths = [
        lambda: Client.objects.count(),
        lambda: Client.unscoped.count(),
        lambda: Client._base_manager.count(),
        lambda: Episode(client_id=world.here.client.pk).client,
        lambda: Client.unscoped.raw("select * from clients_client")[0],
        lambda: connection.cursor().execute("select 1 from clients_client"),
        lambda: Client.unscoped.bulk_create([Client(clinic=world.here.clinic, reference="x")]),
    ]
    for path in paths:
        with pytest.raises(NoActiveClinic):
            path()
    assert entered_clinic_id() is None


def test_a_nested_scope_puts_the_outer_clinic_back(world: World) -> None:
    with world.here.scope():
        with world.neighbour.scope():
            assert Client.objects.get(merged_into=None).pk == world.neighbour.client.pk
        assert Client.objects.get(merged_into=None).pk == world.here.client.pk


def test_text_is_encrypted_and_bound_to_its_row(world: World) -> None:
    with world.here.scope():
        note = ProgressNote.objects.get(pk=world.here.note.pk)
        raw = note.__dict__["body"]
        assert b"CANARY" not in bytes(raw)
        assert note.body == "CANARY-riverbend note"


def test_every_changing_statement_leaves_a_trail(world: World) -> None:
    with clinic_scope(world.here.clinic.pk, world.here.therapist.pk):
        before = AuditEvent.objects.count()
        Client.objects.update(pronouns="they/them")
        event = AuditEvent.objects.first()
        assert event is not None
        assert AuditEvent.objects.count() == before + 1
        assert (event.action, event.object_type, event.actor_id) == (
            "row.update", "clients_client", world.here.therapist.pk,
        )  # fmt: skip

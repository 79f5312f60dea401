"""What an equal text is found by without opening any: the same however it is typed, and another everywhere else."""

import base64
import os
import re

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from clinics import crypto, rotation
from clinics.models import ClinicKey
from clinics.tenancy import clinic_scope
from tests.clinics.test_rotation import rotate, side  # noqa: F401 - a clinic whose keys are changed
from tests.site import Site
from tests.world import Side, World

COLUMN = "clients_coverage.member_id"


def index(at: Side, value: str, column: str = COLUMN) -> str:
    with at.scope():
        return crypto.blind_index(at.clinic.pk, column, value)


@pytest.mark.parametrize("typed", ["XK-4471-É", "xk4471é", " xk 4471 e\u0301 ", "ＸＫ４４７１É", "XK.4471/É"])
def test_an_equal_value_has_the_same_index_however_it_is_typed(world: World, typed: str) -> None:
    found = index(world.here, typed)
    assert re.fullmatch("[0-9a-f]{64}", found)
    assert found == index(world.here, "xk4471é")


@pytest.mark.parametrize("nothing", ["", "  ", "-/.", "…"])
def test_without_letters_and_digits_there_is_none(world: World, nothing: str) -> None:
    assert index(world.here, nothing) == ""


def test_another_value_column_or_clinic_has_another_index(world: World) -> None:
    own = index(world.here, "XK4471")
    assert own not in (
        index(world.here, "XK4472"),
        index(world.here, "XK4471", "clients_inquiry.eap_number"),
        index(world.neighbour, "XK4471"),
    )


def test_the_clinic_is_bound_even_if_two_clinics_had_the_same_secret(world: World) -> None:
    own = index(world.here, "XK4471")
    with world.here.scope():
        secret = crypto._index_secret(world.here.clinic.pk)
    with world.neighbour.scope():
        ClinicKey.objects.filter(kind=crypto.INDEX).delete()
        wrapped = crypto.wrap(world.neighbour.clinic.pk, crypto.INDEX, 1, secret)
        ClinicKey.objects.create(clinic=world.neighbour.clinic, kind=crypto.INDEX, version=1, wrapped=wrapped)
    assert index(world.neighbour, "XK4471") != own


def test_a_secret_that_was_not_kept_makes_no_further_index(world: World) -> None:
    clinic_id = world.here.clinic.pk
    with world.here.scope():
        try:
            with transaction.atomic():
                undone = crypto.blind_index(clinic_id, COLUMN, "XK4471")
                raise RuntimeError
        except RuntimeError:
            pass
        assert clinic_id not in crypto._index_secrets
        assert crypto.blind_index(clinic_id, COLUMN, "XK4471") != undone
        assert crypto.blind_index(clinic_id, COLUMN, "XK4471") == crypto.blind_index(clinic_id, COLUMN, "xk-4471")


def test_new_data_keys_leave_an_index_findable(side: Side) -> None:  # noqa: F811
    before = index(side, "XK4471")
    rotate(side)
    crypto.forget_keys()
    assert index(side, "XK4471") == before
    with side.scope():
        kinds = list(ClinicKey.objects.order_by("kind", "version").values_list("kind", "version"))
    assert kinds == [("counselling", 1), ("counselling", 2), ("index", 1), ("record", 1), ("record", 2)]


def test_a_new_key_of_the_environment_leaves_an_index_findable(on_site: Site, side: Side) -> None:  # noqa: F811
    old, new = settings.FIELD_KEYS[0], base64.b64decode(base64.b64encode(os.urandom(32)))
    before = index(side, "XK4471")
    with override_settings(FIELD_KEYS=(new, old)):
        call_command("rotate_keys", "--rewrap")
    try:
        crypto.forget_keys()
        with override_settings(FIELD_KEYS=(new,)):
            assert index(side, "XK4471") == before
        crypto.forget_keys()
        with override_settings(FIELD_KEYS=(old,)), pytest.raises(crypto.CannotDecrypt), clinic_scope(side.clinic.pk):
            crypto.blind_index(side.clinic.pk, COLUMN, "XK4471")
    finally:
        with override_settings(FIELD_KEYS=(old, new)):
            call_command("rotate_keys", "--rewrap")
        crypto.forget_keys()


def test_the_secret_is_no_data_key(side: Side) -> None:  # noqa: F811
    index(side, "XK4471")
    with rotation.as_owner(), side.scope():
        assert crypto.INDEX not in {
            column.kind for _model, columns in rotation.encrypted_columns() for column in columns
        }

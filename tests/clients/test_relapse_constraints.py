"""What the database refuses of plans for return to use, cravings and returns to use, through every way to write."""

import json
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from clients.models import Client, Craving, Lapse, RelapsePlan
from clients.services import returns
from clinics.fields import EncryptedTextField
from tests.clients.people import today
from tests.clients.relapsing import craving, lapse, written
from tests.world import Side, World


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def refused(act: Callable[[], Any], match: str | None = None) -> None:
    with pytest.raises((DatabaseError, IntegrityError), match=match), transaction.atomic():
        act()


def ways(row: Any, **values: Any) -> list[Callable[[], Any]]:
    """Return every way to give a row other values: saved, updated, in bulk, and by SQL as the app role."""

    def save() -> None:
        fresh = type(row).objects.get(pk=row.pk)
        for name, value in values.items():
            setattr(fresh, name, value)
        fresh.save(update_fields=list(values))

    def bulk() -> None:
        fresh = type(row).objects.get(pk=row.pk)
        for name, value in values.items():
            setattr(fresh, name, value)
        type(row).objects.bulk_update([fresh], list(values))

    found = [save, partial(_raw, row, values)]
    if not _encrypted(row, values):
        # An encrypted column is not updated over a queryset at all: the field refuses it.
        found += [lambda: type(row).objects.filter(pk=row.pk).update(**values), bulk]
    return found


def _encrypted(row: Any, values: Iterable[str]) -> set[str]:
    return {name for name in values if isinstance(type(row)._meta.get_field(name), EncryptedTextField)}


def _raw(row: Any, values: dict[str, Any]) -> None:
    fields = {name: type(row)._meta.get_field(name) for name in values}
    plain = {name: value for name, value in values.items() if name not in _encrypted(row, values)}
    # An encrypted column is written as any bytes would be.
    setting = ", ".join(f"{fields[name].column} = %s" for name in plain) or ""
    secret = ", ".join(f"{fields[name].column} = '\\x00'" for name in values if name not in plain)
    both = ", ".join(part for part in (setting, secret) if part)
    raw = [value.pk if hasattr(value, "pk") else value for value in plain.values()]
    sql(f"update {row._meta.db_table} set {both} where id = %s", *raw, row.pk)


def gone(row: Any) -> list[Callable[[], Any]]:
    return [
        row.delete,
        lambda: type(row).objects.filter(pk=row.pk).delete(),
        partial(sql, f"delete from {row._meta.db_table} where id = %s", row.pk),
    ]


def rows_of(here: Side, client: Client) -> dict[str, Any]:
    return {"plan": written(here, client), "craving": craving(here, client), "lapse": lapse(here, client)}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("plan", {"parts": json.dumps({})}), ("plan", {"complete": False}), ("plan", {"revision": 7}),
        ("plan", {"copy_given": True}), ("craving", {"intensity": 1}), ("craving", {"used": True}),
        ("craving", {"situation": "Other words"}), ("lapse", {"substance": "opioids"}),
        ("lapse", {"situation": "Other words"}), ("lapse", {"amount": "Less"}),
    ],
)  # fmt: skip
def test_what_was_written_stands(world: World, noor: Client, name: str, values: dict[str, Any]) -> None:
    here = world.here
    with here.scope(here.therapist):
        row = rows_of(here, noor)[name]
        for act in ways(row, **values):
            refused(act)


@pytest.mark.parametrize("name", ["plan", "craving", "lapse"])
def test_nothing_of_it_is_deleted_or_emptied(world: World, noor: Client, name: str) -> None:
    here = world.here
    with here.scope(here.therapist):
        row = rows_of(here, noor)[name]
        for act in gone(row):
            refused(act)
        refused(partial(sql, f"truncate {row._meta.db_table}"))
        assert type(row).objects.filter(pk=row.pk).exists()


def test_dates_and_persons_of_a_return_to_use_stand(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        row = lapse(here, noor)
        for values in ({"happened_on": today(here) - timedelta(days=1)}, {"review_due_on": today(here)},
                       {"recorded_by": here.supervisor}, {"client": here.client}):  # fmt: skip
            for act in ways(row, **values):
                refused(act)


def test_what_is_taken_back_is_taken_back_once_and_stays(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        now = timezone.now()
        felt, happened = craving(here, noor), lapse(here, noor)
        returns.take_back_craving(craving=felt, reason="In error", by=here.therapist, now=now)
        returns.take_back(lapse=happened, reason="In error", by=here.therapist, now=now)
        undoing = {"undone_at": None, "undone_by": None, "undo_reason": None}
        for row in (felt, happened):
            for values in (undoing, {"undone_by": here.supervisor}, {"undone_at": now + timedelta(hours=1)}):
                for act in ways(row, **values):
                    refused(act)
        reviewing = {"reviewed_at": now, "reviewed_by": here.therapist, "learning": "x", "plan_changed": False}
        for act in ways(happened, **reviewing):
            refused(act)


def test_what_was_looked_back_on_stands_and_is_not_taken_back(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        now = timezone.now()
        row = lapse(here, noor)
        returns.look_back(lapse=row, learning="Call sooner", plan_changed=False, by=here.therapist, now=now)
        for values in (
            {"learning": "Other words"}, {"plan_changed": True},
            {"reviewed_at": None, "reviewed_by": None, "learning": None, "plan_changed": None},
            {"undone_at": now, "undone_by": here.therapist, "undo_reason": "x"},
        ):  # fmt: skip
            for act in ways(row, **values):
                refused(act)


def test_taken_back_and_looked_back_on_is_never_half_said(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        now = timezone.now()
        felt, happened = craving(here, noor), lapse(here, noor)
        for row in (felt, happened):
            for act in ways(row, undone_at=now):
                refused(act)
        for act in ways(happened, reviewed_at=now):
            refused(act)
        for act in ways(happened, reviewed_at=now, reviewed_by=here.therapist, learning="x"):
            refused(act, "lapse_reviewed_whole")


@pytest.mark.parametrize("values", [{"intensity": 11}, {"intensity": 5, "helped": 11}])
def test_a_craving_goes_from_0_to_10(world: World, noor: Client, values: dict[str, int]) -> None:
    here = world.here
    with here.scope(here.therapist):
        made = {"clinic": here.clinic, "client": noor, "felt_at": timezone.now(), "used": False,
                "recorded_by": here.therapist, **values}  # fmt: skip
        refused(lambda: Craving.objects.create(**made), "craving_zero_to_ten")
        refused(lambda: Craving.objects.bulk_create([Craving(**made)]), "craving_zero_to_ten")
        columns = ", ".join(values)
        refused(
            partial(
                sql,
                f"insert into clients_craving (clinic_id, public_id, client_id, felt_at, used, recorded_by_id, {columns})"
                f" select clinic_id, gen_random_uuid(), id, now(), false, %s, {', '.join(['%s'] * len(values))}"
                " from clients_client where id = %s",
                here.therapist.pk, *values.values(), noor.pk,
            ),
            "craving_zero_to_ten",
        )  # fmt: skip


def test_a_revision_is_there_once_for_a_person(world: World, noor: Client) -> None:
    here = world.here
    with here.scope(here.therapist):
        row = written(here, noor)
        twin = {"clinic": here.clinic, "client": noor, "revision": 1, "parts": "{}", "complete": False,
                "made_by": here.therapist}  # fmt: skip
        refused(lambda: RelapsePlan.objects.create(**twin), "relapse_plan_revision")
        refused(lambda: RelapsePlan.objects.bulk_create([RelapsePlan(**twin)]), "relapse_plan_revision")
        refused(
            partial(
                sql,
                "insert into clients_relapseplan (clinic_id, public_id, client_id, revision, parts, complete, copy_given,"
                " made_by_id) select clinic_id, gen_random_uuid(), client_id, revision, parts, false, false, made_by_id"
                " from clients_relapseplan where id = %s",
                row.pk,
            ),
            "relapse_plan_revision",
        )


@pytest.mark.parametrize("model", [RelapsePlan, Craving, Lapse])
def test_nothing_is_about_a_person_or_a_goal_of_the_neighbour(world: World, model: Any) -> None:
    here, there = world.here, world.neighbour
    with here.scope(here.therapist):
        of = {"clinic": here.clinic, "client": there.client}
        made: dict[Any, dict[str, Any]] = {
            RelapsePlan: {"revision": 9, "parts": "{}", "complete": False, "made_by": here.therapist},
            Craving: {"felt_at": timezone.now(), "intensity": 1, "used": False, "recorded_by": here.therapist},
            Lapse: {"happened_on": today(here), "review_due_on": today(here), "recorded_by": here.therapist},
        }
        refused(lambda: model.objects.create(**of, **made[model]), "same_clinic")
        if model is Lapse:
            refused(
                lambda: Lapse.objects.create(
                    **{**of, "client": here.client}, **made[model], target=there.change_target
                ),
                "same_clinic",
            )  # fmt: skip

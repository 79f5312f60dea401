"""What the database itself refuses of a plan, through every way to write: models, bulk, updates, SQL as the app role."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from clients.models import Goal, Intervention, Objective, PlanSignature, PlanVersion, Problem
from clients.selectors import plans as selectors
from clients.services import plan_signing, plans
from tests.clients import planning as at
from tests.world import Side, World


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def refused(act: Callable[[], Any], match: str | None = None) -> None:
    with pytest.raises((DatabaseError, IntegrityError), match=match), transaction.atomic():
        act()


def saved(row: Any, **values: Any) -> Callable[[], Any]:
    """Return an act that saves the row with other values."""

    def act() -> None:
        fresh = type(row).objects.get(pk=row.pk)
        for name, value in values.items():
            setattr(fresh, name, value)
        fresh.save(update_fields=list(values))

    return act


def parts_of(version: PlanVersion) -> dict[str, Any]:
    return {node.kind.value: node.row for node in selectors.said_of(version).nodes}


# --- one in force, and with its signatures --------------------------------------------------------------------------


def two(here: Side) -> tuple[PlanVersion, PlanVersion]:
    """Return a version in force, and the next with every signature but the person's."""
    first = at.in_force(here)
    second = at.author_signs(here, at.fresh(plans.draft_next(plan=first.plan, by=here.therapist)))
    return first, second


def person_sign_row(here: Side, version: PlanVersion) -> None:
    PlanSignature.objects.create(
        clinic=here.clinic, plan_version=version, capacity="client", printed_name="Noor", method="device",
        content_hash=version.content_hash, recorded_by=here.therapist,
    )  # fmt: skip


def test_two_versions_are_never_in_force(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        _first, second = two(here)
        person_sign_row(here, second)
        now = timezone.now()
        ways = [
            saved(second, state="active", activated_at=now),
            lambda: PlanVersion.objects.filter(pk=second.pk).update(state="active", activated_at=now),
            lambda: PlanVersion.objects.bulk_update(
                [PlanVersion(pk=second.pk, clinic=here.clinic, state="active", activated_at=now)],
                ["state", "activated_at"],
            ),
            partial(
                sql, "update clients_planversion set state = 'active', activated_at = now() where id = %s", second.pk
            ),
        ]
        for act in ways:
            refused(act, "plan_version_one_active")


@pytest.mark.parametrize("signed", [[], ["client"], ["supervisor"]])
def test_no_version_comes_into_force_without_its_signatures(world: World, signed: list[str]) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.author_signs(here, at.written(here), needs_cosign=True)
        if "client" in signed:
            person_sign_row(here, version)
        if "supervisor" in signed:
            plan_signing.cosign(
                version=version, content_hash=version.content_hash, by=here.supervisor, now=timezone.now()
            )
        now = timezone.now()
        ways = [
            saved(version, state="active", activated_at=now),
            lambda: PlanVersion.objects.filter(pk=version.pk).update(state="active", activated_at=now),
            partial(
                sql, "update clients_planversion set state = 'active', activated_at = now() where id = %s", version.pk
            ),
            partial(
                sql,
                "insert into clients_planversion (clinic_id, public_id, client_id, plan_id, number, state, author_id, "
                "needs_cosign, content_hash, submitted_at, activated_at, version) select clinic_id, gen_random_uuid(), "
                "client_id, plan_id, 99, 'active', author_id, false, content_hash, now(), now(), 1 "
                "from clients_planversion where id = %s",
                version.pk,
            ),
        ]
        for act in ways:
            refused(act)
        assert at.fresh(version).state == "in_review"


@pytest.mark.parametrize(
    ("state", "to"),
    [
        ("draft", "active"), ("draft", "superseded"), ("in_review", "closed"), ("in_review", "superseded"),
        ("active", "draft"), ("active", "in_review"), ("superseded", "active"), ("closed", "draft"),
        ("closed", "active"),
    ],
)  # fmt: skip
def test_the_database_knows_the_moves(world: World, state: str, to: str) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.written(here)
        if state == "closed":
            plans.close(version=version, reason="Not needed", by=here.therapist, now=timezone.now())
        elif state != "draft":
            version = at.author_signs(here, version)
            if state != "in_review":
                version = at.person_signs(here, version)
            if state == "superseded":
                following = at.fresh(plans.draft_next(plan=version.plan, by=here.therapist))
                at.person_signs(here, at.author_signs(here, following))
        assert at.fresh(version).state == state
        refused(partial(sql, "update clients_planversion set state = %s where id = %s", to, version.pk))
        refused(lambda: PlanVersion.objects.filter(pk=version.pk).update(state=to))


def test_a_signed_version_keeps_its_hash_its_author_and_its_day(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.in_force(here)
        for column, value in (("content_hash", "1" * 64), ("starts_on", "2026-01-01"), ("number", 7), ("author_id", here.supervisor.pk),
                              ("needs_cosign", True)):  # fmt: skip
            refused(
                partial(sql, f"update clients_planversion set {column} = %s where id = %s", value, version.pk),
                "no such move",
            )
        refused(partial(sql, "delete from clients_planversion where id = %s", version.pk))
        refused(lambda: version.delete())


# --- parts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["in_review", "active"])
def test_no_part_of_a_signed_version_is_written_on(world: World, state: str) -> None:
    here = world.here
    with here.scope(here.therapist):
        version = at.author_signs(here, at.written(here))
        if state == "active":
            version = at.person_signs(here, version)
        rows = parts_of(version)
        for kind, row in rows.items():
            table = row._meta.db_table
            for act in (
                saved(row, position=9),
                lambda row=row: type(row).objects.filter(pk=row.pk).update(position=9),
                lambda row=row: type(row).objects.filter(pk=row.pk).delete(),
                partial(sql, f"update {table} set position = 9 where id = %s", row.pk),
                partial(sql, f"delete from {table} where id = %s", row.pk),
            ):
                refused(act)
            if kind in ("problem", "goal"):
                refused(saved(row, text="Other words"), "signed")
        late = {"clinic": here.clinic, "plan_version": version, "text": "Late"}
        refused(lambda: Problem(**late, client_words="x", evidence="statement").save(), "signed")
        refused(
            lambda: Goal.objects.bulk_create([Goal(**late, problem=rows["problem"], proposed_by="client")]), "signed"
        )


def test_an_intervention_without_a_step_and_a_part_under_another_version_are_refused(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        first = at.in_force(here)
        draft = at.fresh(plans.draft_next(plan=first.plan, by=here.therapist))
        signed, rows = parts_of(first), parts_of(draft)
        for table, column, under in (
            ("clients_intervention", "objective_id", signed["objective"]),
            ("clients_objective", "goal_id", signed["goal"]),
            ("clients_goal", "problem_id", signed["problem"]),
        ):
            kind = table.removeprefix("clients_")
            name = column.removesuffix("_id")
            refused(saved(rows[kind], **{name: under}), "same version")
            refused(
                partial(sql, f"update {table} set {column} = %s where id = %s", under.pk, rows[kind].pk), "same version"
            )
            refused(partial(sql, f"update {table} set {column} = null where id = %s", rows[kind].pk))
            refused(partial(sql, f"update {table} set {column} = 0 where id = %s", rows[kind].pk))
        other = parts_of(at.written(here, "Sol Marsh"))
        refused(saved(rows["intervention"], objective=other["objective"]), "same version")
        refused(partial(sql, "update clients_goal set plan_version_id = %s where id = %s", first.pk, rows["goal"].pk))
        refused(partial(sql, "delete from clients_objective where id = %s", rows["objective"].pk))
        assert Intervention.objects.filter(plan_version=draft, objective=rows["objective"]).exists()


def test_a_firm_goal_has_words_and_a_problem_has_what_shows_it(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        rows = parts_of(at.written(here))
        refused(partial(sql, "update clients_goal set phase = 'consolidate_commitment' where id = %s", rows["goal"].pk),
                "goal_firm_has_words")  # fmt: skip
        refused(partial(sql, "update clients_problem set evidence = 'measure' where id = %s", rows["problem"].pk),
                "problem_has_evidence")  # fmt: skip
        refused(partial(sql, "update clients_problem set client_words = null where id = %s", rows["problem"].pk),
                "problem_has_evidence")  # fmt: skip
        refused(lambda: Objective.objects.filter(pk=rows["objective"].pk).update(by_on=None))


# --- signatures -----------------------------------------------------------------------------------------------------


def test_a_signature_is_under_what_waits_and_is_final(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        draft = at.written(here)
        version = at.author_signs(here, at.written(here, "Sol Marsh"))
        how: dict[str, Any] = {
            "clinic": here.clinic, "printed_name": "X", "recorded_by": here.therapist, "method": "device",
            "capacity": "client",
        }  # fmt: skip
        refused(lambda: PlanSignature(**how, plan_version=draft, content_hash="0" * 64).save(), "waits for signatures")
        refused(
            lambda: PlanSignature(**how, plan_version=version, content_hash="0" * 64).save(), "waits for signatures"
        )
        mine = {**how, "method": "signed_in", "plan_version": version, "content_hash": version.content_hash}
        refused(
            lambda: PlanSignature(**{**mine, "capacity": "supervisor"}, user=here.therapist).save(), "nobody co-signs"
        )
        refused(
            lambda: PlanSignature(**{**mine, "capacity": "author"}, user=here.supervisor).save(), "the author signs"
        )
        refused(
            lambda: PlanSignature(**how, plan_version=version, content_hash=version.content_hash, refused=True).save(),
            "plan_signature_refusal_has_reason",
        )
        signature = version.signatures.get()
        refused(saved(signature, printed_name="Y"))
        refused(partial(sql, "update clients_plansignature set refused = true where id = %s", signature.pk))
        refused(partial(sql, "delete from clients_plansignature where id = %s", signature.pk))


def test_a_review_that_was_held_is_final_and_only_one_is_due(world: World) -> None:
    here = world.here
    with here.scope(here.therapist):
        refused(
            partial(sql, "update clients_planreview set decision = 'close' where id = %s", here.plan_review.pk), "final"
        )
        refused(partial(sql, "delete from clients_planreview where id = %s", here.review_due.pk), "final")
        refused(partial(sql, "update clients_goalreview set progress = 99 where id = %s", here.goal_review.pk))
        refused(
            partial(
                sql,
                "insert into clients_planreview (clinic_id, public_id, client_id, plan_id, due_on, decision) "
                "select clinic_id, gen_random_uuid(), client_id, plan_id, due_on, '' from clients_planreview where id = %s",
                here.review_due.pk,
            ),
            "plan_review_one_open",
        )


def test_the_neighbours_parts_cannot_be_named(world: World) -> None:
    here, there = world.here, world.neighbour
    with here.scope(here.therapist):
        rows = parts_of(at.written(here))
        for table, column, foreign in (
            ("clients_goal", "target_id", there.change_target.pk),
            ("clients_goal", "problem_id", there.problem.pk),
            ("clients_intervention", "objective_id", there.objective.pk),
        ):
            row = rows[table.removeprefix("clients_")]
            refused(partial(sql, f"update {table} set {column} = %s where id = %s", foreign, row.pk))
        assert not PlanVersion.objects.filter(pk=there.plan_version.pk).exists()

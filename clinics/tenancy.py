"""
Isolation of one clinic from another: the scope, the three nets, and the migration operations that carry them.

Net 1 is the manager, which filters by the clinic that was entered and fails loudly when none was.
Net 2 is `SameClinic`, a composite foreign key: a row cannot point at another clinic's row.
Net 3 is a forced row policy on every owned table; the runtime role owns nothing.

Who may enter a clinic is decided in `access`, not here.
"""

import functools
import operator
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar, Self

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, connections, migrations, models, transaction
from django.db.models.constraints import BaseConstraint
from django.db.models.expressions import Expression

from clinics.roles import Reach

_active: ContextVar[int | None] = ContextVar("active_clinic", default=None)
_actor: ContextVar[int | None] = ContextVar("active_actor", default=None)


class NoActiveClinic(RuntimeError):
    """A clinic-owned table was used with no clinic entered. Wrap the code in `with clinic_scope(clinic_id):`."""


def active_clinic_id() -> int:
    """
    Return the key of the clinic that is entered.

    :raises NoActiveClinic: when none is
    """
    clinic_id = _active.get()
    if clinic_id is None:
        raise NoActiveClinic(
            "No clinic is entered. Use a page or API view under /clinics/<slug>/, a ClinicTask, "
            "or `with clinic_scope(clinic_id):`."
        )
    return clinic_id


def entered_clinic_id() -> int | None:
    """Return the key of the clinic that is entered, or None."""
    return _active.get()


def _set_local(clinic_id: int, user_id: int | None) -> None:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(
            "select set_config('app.clinic_id', %s, true), set_config('app.user_id', %s, true)",
            [str(clinic_id), "" if user_id is None else str(user_id)],
        )


@contextmanager
def clinic_scope(clinic_id: int, user_id: int | None = None) -> Iterator[None]:
    """
    Enter a clinic for the length of the block, in a transaction of its own.

    The clinic is set locally in the transaction, so nothing of it survives on a reused connection. Nested
    scopes are savepoints; leaving one puts the outer clinic back.

    clinic_id   key of the clinic
    user_id     key of the person who acts, recorded by the database's own trail; None for the system
    """
    outer, outer_actor = _active.get(), _actor.get()
    with transaction.atomic():
        token, actor_token = _active.set(clinic_id), _actor.set(user_id)
        try:
            _set_local(clinic_id, user_id)
            yield
        finally:
            _active.reset(token)
            _actor.reset(actor_token)
            if outer is not None and not connections[DEFAULT_DB_ALIAS].needs_rollback:
                _set_local(outer, outer_actor)


def act_as(user_id: int) -> None:
    """Say who acts in the clinic that is entered, until its scope ends: for a scope that was entered to find it out."""
    _actor.set(user_id)
    _set_local(active_clinic_id(), user_id)


@contextmanager
def as_if_entered(clinic_id: int) -> Iterator[None]:
    """Let statements be made, not asked, as if this clinic were entered: the database is told nothing."""
    token = _active.set(clinic_id)
    try:
        yield
    finally:
        _active.reset(token)


class ActiveClinicId(Expression):
    """The entered clinic, looked up when SQL is built, so that querysets may be declared at import."""

    output_field = models.BigIntegerField()  # type: ignore[assignment]

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", (active_clinic_id(),)


class PermittedQuerySet(models.QuerySet[Any]):
    """
    A queryset that knows who may see what.

    A model says once, in `reach_conditions`, which rows each reach covers; `permitted` joins them.
    """

    def permitted(self, user: Any, perm: str) -> Self:
        """
        Return the rows of this queryset on which `user` holds `perm` in the entered clinic.

        perm   a right as roles.py spells it, such as "clinics.view_client"
        """
        reaches = user.reaches(perm, active_clinic_id())
        if not reaches:
            return self.none()
        rows = self.filter(self.model.right_condition(perm))
        if Reach.CLINIC in reaches:
            return rows
        found = [condition for reach in sorted(reaches) if (condition := self.model.reach_condition(reach, user))]
        return rows.filter(functools.reduce(operator.or_, found)) if found else self.none()


class ClinicScopedManager(models.Manager.from_queryset(PermittedQuerySet)):  # type: ignore[misc]
    """The manager that sees the entered clinic only."""

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(clinic_id=ActiveClinicId())


class ClinicOwned(models.Model):
    """
    A row that belongs to one clinic.

    A subclass gives its own `class Privacy`, its `SameClinic` constraints, and an `owned_table` operation in the
    migration that makes it; system checks and the catalogue guard refuse one that does not.
    """

    clinic = models.ForeignKey(
        "clinics.Clinic", on_delete=models.PROTECT, related_name="+", db_index=False, editable=False
    )

    objects: ClassVar[Any] = ClinicScopedManager()
    unscoped: ClassVar[Any] = models.Manager()

    class Meta:
        abstract = True
        constraints: ClassVar[list[BaseConstraint]] = [
            models.UniqueConstraint(fields=["clinic", "id"], name="%(app_label)s_%(class)s_clinic_id")
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.clinic_id is None:
            self.clinic_id = active_clinic_id()
        super().save(*args, **kwargs)

    @classmethod
    def right_condition(cls, perm: str) -> models.Q:
        """Return the condition on rows that a right is about at all, however far it reaches; empty for all rows."""
        return models.Q()

    @classmethod
    def reach_condition(cls, reach: Reach, user: Any) -> models.Q | None:
        """Return the condition on rows that `reach` covers for `user`, or None when it covers none."""
        return None


def owned_fk(to: str, *, on_delete: Any = models.PROTECT, **options: Any) -> Any:
    """
    Return a foreign key to another clinic-owned model.

    The database constraint is the composite one of `SameClinic`; a second, single-column one would only cost
    time, and would not stop a link into another clinic.
    """
    options.setdefault("related_name", "+")
    options.setdefault("db_index", False)
    return models.ForeignKey(to, on_delete=on_delete, db_constraint=False, **options)


class SameClinic(BaseConstraint):
    """
    A composite foreign key (clinic_id, <field>_id) to the target's (clinic_id, id).

    field   name of an `owned_fk` of the model
    """

    def __init__(self, field: str, *, name: str) -> None:
        self.field = field
        super().__init__(name=name)

    def _parts(self, model: type[models.Model], schema_editor: Any) -> tuple[str, str, str, str, str]:
        key = model._meta.get_field(self.field)
        target = key.related_model
        if isinstance(target, str):
            target = apps.get_model(target)
        quote = schema_editor.quote_name
        return (
            quote(model._meta.db_table),
            quote(self.name),
            quote(key.column),  # type: ignore[union-attr]
            quote(target._meta.db_table),  # type: ignore[union-attr]
            quote(target._meta.pk.column),  # type: ignore[union-attr]
        )

    def _add(self, model: type[models.Model], schema_editor: Any) -> str:
        table, name, column, target, target_key = self._parts(model, schema_editor)
        # Checked at once, not at commit: the service that made the mistake is still on the stack.
        return (
            f"alter table {table} add constraint {name} foreign key (clinic_id, {column}) "
            f"references {target} (clinic_id, {target_key})"
        )

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        """Add the key at the end of the migration that creates the table, when its target stands."""
        schema_editor.deferred_sql.append(self._add(model, schema_editor))

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        """
        Return the statements for a table that exists.

        Under FORCE a foreign key is validated by the owner, who sees no rows and so accepts anything: the force is
        lifted from both tables for the one statement.
        """
        table, _name, _column, target, _key = self._parts(model, schema_editor)
        tables = dict.fromkeys([table, target])
        lift = "; ".join(f"alter table {name} no force row level security" for name in tables)
        put_back = "; ".join(f"alter table {name} force row level security" for name in tables)
        return f"{lift}; {self._add(model, schema_editor)}; {put_back}"

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        """Return the statement that drops the key."""
        table, name, *_rest = self._parts(model, schema_editor)
        return f"alter table {table} drop constraint {name}"

    def validate(self, model: Any, instance: Any, exclude: Any = None, using: str = DEFAULT_DB_ALIAS) -> None:
        """Refuse a link whose target is not visible in the instance's clinic."""
        if exclude and self.field in exclude:
            return
        key = model._meta.get_field(self.field)
        value = getattr(instance, key.attname)
        target = key.related_model
        if value is not None and not target.unscoped.filter(pk=value, clinic_id=instance.clinic_id).exists():
            raise ValidationError({self.field: f"No such {target._meta.verbose_name} at this clinic."})

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        path, _args, kwargs = super().deconstruct()
        return path, (self.field,), kwargs

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SameClinic) and (self.field, self.name) == (other.field, other.name)

    __hash__ = BaseConstraint.__hash__


# --- migration operations -------------------------------------------------------------------------------------

POLICY = "clinic_id = nullif(current_setting('app.clinic_id', true), '')::bigint"


def owned_table(table: str, *, trail: bool = False) -> list[migrations.RunSQL]:
    """
    Return the operations that every new clinic-owned table carries.

    table   name of the table
    trail   also record each changing statement in the audit trail (tables with client data)
    """
    operations = [
        migrations.RunSQL(
            f"alter table {table} enable row level security; alter table {table} force row level security; "
            f"create policy clinic on {table} to clinic_app, clinic_owner using ({POLICY}) with check ({POLICY})",
            f"drop policy clinic on {table}; alter table {table} no force row level security; "
            f"alter table {table} disable row level security",
        )
    ]
    if trail:
        operations.append(trail_triggers(table))
    return operations


def trail_triggers(table: str) -> migrations.RunSQL:
    """Return the operation that records every changing statement on `table`, however it was made."""
    forward, back = [], []
    for verb, transition in (
        ("insert", "referencing new table as changed"),
        ("update", "referencing new table as changed"),
        ("delete", "referencing old table as changed"),
    ):
        forward.append(
            f"create trigger trail_{verb} after {verb} on {table} {transition} "
            f"for each statement execute function evoke_trail()"
        )
        back.append(f"drop trigger trail_{verb} on {table}")
    return migrations.RunSQL("; ".join(forward), "; ".join(back))


def append_only(table: str, *, verbs: str = "update or delete") -> migrations.RunSQL:
    """Return the operation that refuses `verbs` and truncate on `table`, for its owner too."""
    return migrations.RunSQL(
        f"create trigger append_only before {verbs} on {table} for each statement "
        f"execute function evoke_refuse_change(); "
        f"create trigger append_only_truncate before truncate on {table} for each statement "
        f"execute function evoke_refuse_change()",
        f"drop trigger append_only on {table}; drop trigger append_only_truncate on {table}",
    )


# --- the statement guard --------------------------------------------------------------------------------------


class _OwnedTables:
    """The names of all clinic-owned tables as one pattern, built when the app registry is ready."""

    def __init__(self) -> None:
        self.pattern: re.Pattern[str] | None = None

    def build(self) -> None:
        names = [model._meta.db_table for model in owned_models()]
        self.pattern = re.compile(r'"?\b(?:' + "|".join(sorted(names)) + r')\b"?')

    def mentioned(self, sql: str) -> bool:
        return self.pattern is not None and self.pattern.search(sql) is not None


OWNED_TABLES = _OwnedTables()


def owned_models() -> list[type[ClinicOwned]]:
    """Return every concrete clinic-owned model."""
    return [m for m in apps.get_models() if issubclass(m, ClinicOwned) and not m._meta.proxy]


def refuse_unscoped(execute: Any, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Refuse a statement on an owned table while no clinic is entered (an execute wrapper of each connection)."""
    if (
        _active.get() is None
        and OWNED_TABLES.mentioned(str(sql))
        and not getattr(context["connection"], "evoke_schema_owner", False)
    ):
        raise NoActiveClinic(
            "A statement names a clinic-owned table, and no clinic is entered. Use `with clinic_scope(clinic_id):`."
        )
    return execute(sql, params, many, context)


def guard_connection(sender: object, connection: Any, **kwargs: object) -> None:
    """Put the statement guard on a new connection (the `connection_created` receiver)."""
    if refuse_unscoped not in connection.execute_wrappers:
        connection.execute_wrappers.append(refuse_unscoped)

"""Who may see which person's record: caseload, supervision of it, and break-glass, all dated."""

import uuid
from typing import Any, ClassVar, Final

from django.db import models
from django.db.models import Func, Q
from django.db.models.functions import Now

from clinics.fields import EncryptedTextField
from clinics.models.people import IN_FORCE, SUPERVISEES
from clinics.roles import Reach
from clinics.tenancy import ClinicOwned, SameClinic, active_clinic_id, owned_fk


class CaseloadAssignment(ClinicOwned):
    """A client on a person's caseload, from when to when and why."""

    client = owned_fk("clients.Client")
    user = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    starts_at = models.DateTimeField(db_default=Now())
    ends_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=120, blank=True)

    class Meta(ClinicOwned.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "user", "client"], name="caseload_user_client"),
            models.Index(fields=["clinic", "client"], name="caseload_client"),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["clinic", "client", "user"],
                condition=Q(ends_at__isnull=True),
                name="caseload_open_once",
            ),
            SameClinic("client", name="caseload_client_same_clinic"),
        ]

    class Privacy:
        operational = ("clinic", "client", "user", "starts_at", "ends_at", "reason")

    def __str__(self) -> str:
        return f"Caseload {self.pk}"


class BreakGlass(ClinicOwned):
    """A record opened outside a person's reach, in need: with a reason, for sixty minutes, and reviewed."""

    class Outcome(models.TextChoices):
        JUSTIFIED = "justified", "Justified"
        NOT_JUSTIFIED = "not_justified", "Not justified"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client")
    user = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    reason = EncryptedTextField()
    starts_at = models.DateTimeField(db_default=Now())
    ends_at = models.DateTimeField()
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)
    reviewed_by = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(null=True)

    class Meta(ClinicOwned.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "user", "client"], name="break_glass_user_client"),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            SameClinic("client", name="break_glass_client_same_clinic"),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=models.F("user")),
                name="break_glass_not_reviewed_by_oneself",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True, reviewed_at__isnull=True, outcome="")
                | Q(
                    reviewed_by__isnull=False,
                    reviewed_at__isnull=False,
                    outcome__in=["justified", "not_justified"],
                ),
                name="break_glass_reviewed_whole",
            ),
        ]

    class Privacy:
        clinical = ("reason",)
        operational = (
            "clinic", "public_id", "client", "user", "starts_at", "ends_at", "outcome", "reviewed_by", "reviewed_at",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Break-glass {self.public_id}"


# Of one person, whichever of their records it was opened under: need does not know which of two joined ones it is in.
OPENED_IN_NEED: Final = f"""
select k.id from clients_breakglass r
join clients_client o on o.clinic_id = r.clinic_id and o.id = r.client_id
join clients_client k on k.clinic_id = r.clinic_id
    and (k.id = coalesce(o.merged_into_id, o.id) or k.merged_into_id = coalesce(o.merged_into_id, o.id))
where r.user_id = %s and r.clinic_id = %s and {IN_FORCE.format("r")}
"""  # noqa: S608 - built of constants; values are parameters


class Reached(Func):
    """
    Whether a reach of `user` covers the client of a row now, by the database's clock.

    Every list and every page asks this, up to a dozen times a request. As a queryset it was made, resolved and copied
    anew each time, which took longer than the statement itself; so its three forms are written out.
    """

    conditional = True
    output_field = models.BooleanField()
    FORMS: ClassVar[dict[Reach, str]] = {
        Reach.CASELOAD: "clients_caseloadassignment r where r.user_id = %s",
        Reach.SUPERVISEES: f"clients_caseloadassignment r where r.user_id in ({SUPERVISEES})",
        Reach.BREAK_GLASS: OPENED_IN_NEED,
    }

    def __init__(self, client: str, reach: Reach, user_id: int) -> None:
        super().__init__(client)
        self.reach, self.user_id = reach, user_id

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> Any:  # type: ignore[override]
        column, params = compiler.compile(self.source_expressions[0])
        clinic, form = active_clinic_id(), self.FORMS[self.reach]
        if self.reach is Reach.BREAK_GLASS:
            # Asked once for a whole list: it hardly ever holds a row. Of a row without a client it says no.
            return f"coalesce({column} in ({form}), false)", [*params, self.user_id, clinic]
        # The supervised are looked for in their clinic as well, as every owned table is.
        whom = [clinic, self.user_id] if self.reach is Reach.SUPERVISEES else [self.user_id]
        rows = f"{form} and r.clinic_id = %s and r.client_id = {column} and {IN_FORCE.format('r')}"
        return f"exists (select from {rows})", [*whom, clinic, *params]


def client_reach(reach: Reach, user: Any, client: str = "client_id") -> Q | None:
    """
    Return the condition on rows whose client `reach` covers for `user`.

    client   the column that holds the client's key ("pk" on Client itself)
    returns  None when the reach is not about clients
    """
    return Q(Reached(client, reach, user.pk)) if reach in Reached.FORMS else None


class OfClient(ClinicOwned):
    """A row about one person: seen by whoever reaches the person."""

    class Meta(ClinicOwned.Meta):
        abstract = True

    @classmethod
    def reach_condition(cls, reach: Reach, user: Any) -> Q | None:
        return client_reach(reach, user)

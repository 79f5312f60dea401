"""Who may see which person's record: caseload, supervision of it, and break-glass, all dated."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from clinics.fields import EncryptedTextField
from clinics.models.people import in_force, supervisees_of
from clinics.roles import Reach
from clinics.tenancy import ClinicOwned, SameClinic, owned_fk


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


def client_reach(reach: Reach, user: Any, client: str = "client_id") -> Q | None:
    """
    Return the condition on rows whose client `reach` covers for `user`.

    client   the column that holds the client's key ("pk" on Client itself)
    returns  None when the reach is not about clients
    """
    key = OuterRef(client)
    if reach is Reach.CASELOAD:
        return Q(Exists(CaseloadAssignment.objects.filter(in_force(), user=user, client_id=key)))
    if reach is Reach.SUPERVISEES:
        return Q(Exists(CaseloadAssignment.objects.filter(in_force(), user_id__in=supervisees_of(user), client_id=key)))
    if reach is Reach.BREAK_GLASS:
        return Q(Exists(BreakGlass.objects.filter(in_force(), user=user, client_id=key)))
    return None


class OfClient(ClinicOwned):
    """A row about one person: seen by whoever reaches the person."""

    class Meta(ClinicOwned.Meta):
        abstract = True

    @classmethod
    def reach_condition(cls, reach: Reach, user: Any) -> Q | None:
        return client_reach(reach, user)

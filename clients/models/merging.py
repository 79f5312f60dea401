"""Two records of one person: joined so that it can be taken back, or marked as two people."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from clients.models.access import client_reach
from clinics.fields import EncryptedTextField
from clinics.roles import Reach
from clinics.tenancy import ClinicOwned, SameClinic, owned_fk


class Merge(ClinicOwned):
    """
    One record was joined into another. The older reference stays; nothing is copied and no locked row is touched.

    inquiries   public ids of the inquiries that were put under the kept record
    carried     public ids of the records that had been joined into the absorbed one before, and came along
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kept = owned_fk("clients.Client", related_name="merges")
    absorbed = owned_fk("clients.Client", related_name="absorptions")
    inquiries = models.JSONField(default=list)
    carried = models.JSONField(default=list)
    reason = EncryptedTextField(null=True)
    at = models.DateTimeField(db_default=Now(), editable=False)
    by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    undone_at = models.DateTimeField(null=True, editable=False)
    undone_by = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+")
    undo_reason = EncryptedTextField(null=True)

    class Meta(ClinicOwned.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "kept"], name="merge_kept"),
            models.Index(fields=["clinic", "-at", "-id"], name="merge_newest"),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["clinic", "absorbed"], condition=Q(undone_at__isnull=True), name="merge_absorbed_once"
            ),
            SameClinic("kept", name="merge_kept_same_clinic"),
            SameClinic("absorbed", name="merge_absorbed_same_clinic"),
            models.CheckConstraint(condition=~Q(kept=F("absorbed")), name="merge_of_two"),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False, undo_reason__isnull=False),
                name="merge_undone_whole",
            ),
        ]

    class Privacy:
        clinical = ("reason", "undo_reason")
        operational = (
            "clinic", "public_id", "kept", "absorbed", "inquiries", "carried", "at", "by", "undone_at", "undone_by",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Merge {self.public_id}"

    @classmethod
    def reach_condition(cls, reach: Reach, user: Any) -> Q | None:
        return client_reach(reach, user, "kept_id")


class NotTheSame(ClinicOwned):
    """Somebody looked at two records that are alike and found two people. They are not shown as a match again."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    first = owned_fk("clients.Client", related_name="different_from_later")
    second = owned_fk("clients.Client", related_name="different_from_earlier")
    at = models.DateTimeField(db_default=Now(), editable=False)
    by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta(ClinicOwned.Meta):
        indexes: ClassVar[list[Any]] = [models.Index(fields=["clinic", "second"], name="not_the_same_second")]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "first", "second"], name="not_the_same_once"),
            SameClinic("first", name="not_the_same_first_same_clinic"),
            SameClinic("second", name="not_the_same_second_same_clinic"),
            # One order, so that a pair is one row.
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="not_the_same_in_order"),
        ]

    class Privacy:
        operational = ("clinic", "public_id", "first", "second", "at", "by")

    def __str__(self) -> str:
        return f"Two people {self.public_id}"

    @classmethod
    def reach_condition(cls, reach: Reach, user: Any) -> Q | None:
        return client_reach(reach, user, "first_id")

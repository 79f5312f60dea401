"""Keeping a change through hard days: the plan for return to use, cravings, returns to use and what they taught."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from clients.models.access import OfClient
from clinics.fields import EncryptedTextField
from clinics.tenancy import ClinicOwned, SameClinic, owned_fk


class RelapsePlan(OfClient):
    """
    What makes it hard, what helps, and what is done first if it happens. Each writing is a whole new revision.

    parts      JSON, its shape: `clients.rules.relapse`
    complete   three triggers with something that helps, two people, and what to do first
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client", related_name="relapse_plans")
    revision = models.PositiveSmallIntegerField()
    parts = EncryptedTextField()
    complete = models.BooleanField()
    copy_given = models.BooleanField(default=False)
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    made_by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta(OfClient.Meta):
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "client", "revision"], name="relapse_plan_revision"),
            SameClinic("client", name="relapse_plan_client_same_clinic"),
        ]

    class Privacy:
        clinical = ("parts",)
        operational = ("clinic", "public_id", "client", "revision", "complete", "copy_given", "made_at", "made_by")

    def __str__(self) -> str:
        return f"Relapse plan {self.public_id}"


class Craving(OfClient):
    """
    One craving: when, how strong, how long, and what was tried. Final; an entry made in error is taken back.

    intensity, helped   0 to 10
    coping              what was tried, one thing a line
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client", related_name="cravings")
    felt_at = models.DateTimeField()
    intensity = models.PositiveSmallIntegerField()
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    situation = EncryptedTextField(null=True)
    used = models.BooleanField()
    coping = EncryptedTextField(null=True)
    helped = models.PositiveSmallIntegerField(null=True, blank=True)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    recorded_by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    undone_at = models.DateTimeField(null=True, editable=False)
    undone_by = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    undo_reason = EncryptedTextField(null=True)

    class Meta(OfClient.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "client", "-felt_at", "-id"], name="craving_client")
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            SameClinic("client", name="craving_client_same_clinic"),
            models.CheckConstraint(
                condition=Q(intensity__lte=10) & (Q(helped__isnull=True) | Q(helped__lte=10)),
                name="craving_zero_to_ten",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True, undo_reason__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False, undo_reason__isnull=False),
                name="craving_undone_whole",
            ),
        ]

    class Privacy:
        clinical = ("situation", "coping", "undo_reason")
        identifying = ("felt_at",)
        operational = (
            "clinic", "public_id", "client", "intensity", "minutes", "used", "helped", "recorded_at", "recorded_by",
            "undone_at", "undone_by",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Craving {self.public_id}"


class Lapse(OfClient):
    """
    A return to use, without blame: what happened, then, within seven days, what it taught. It never ends a stay.

    plan_changed   the plan for return to use was written anew after it
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client", related_name="lapses")
    target = owned_fk("clients.ChangeTarget", null=True, blank=True)
    happened_on = models.DateField()
    substance = models.CharField(max_length=24, blank=True)
    amount = EncryptedTextField(null=True)
    situation = EncryptedTextField(null=True)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    recorded_by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    review_due_on = models.DateField()
    reviewed_at = models.DateTimeField(null=True, editable=False)
    reviewed_by = models.ForeignKey(
        "clinics.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    learning = EncryptedTextField(null=True)
    plan_changed = models.BooleanField(null=True)
    undone_at = models.DateTimeField(null=True, editable=False)
    undone_by = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    undo_reason = EncryptedTextField(null=True)

    class Meta(OfClient.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "client", "-happened_on", "-id"], name="lapse_client"),
            models.Index(
                fields=["clinic", "review_due_on"],
                name="lapse_due",
                condition=Q(reviewed_at__isnull=True, undone_at__isnull=True),
            ),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            SameClinic("client", name="lapse_client_same_clinic"),
            SameClinic("target", name="lapse_target_same_clinic"),
            models.CheckConstraint(
                condition=Q(
                    reviewed_at__isnull=True, reviewed_by__isnull=True, learning__isnull=True, plan_changed__isnull=True
                )
                | Q(
                    reviewed_at__isnull=False,
                    reviewed_by__isnull=False,
                    learning__isnull=False,
                    plan_changed__isnull=False,
                ),
                name="lapse_reviewed_whole",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True, undo_reason__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False, undo_reason__isnull=False),
                name="lapse_undone_whole",
            ),
        ]

    class Privacy:
        clinical = ("amount", "situation", "learning", "undo_reason")
        identifying = ("happened_on", "review_due_on")
        operational = (
            "clinic", "public_id", "client", "target", "substance", "recorded_at", "recorded_by", "reviewed_at",
            "reviewed_by", "plan_changed", "undone_at", "undone_by",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Lapse {self.public_id}"

"""What is worked out with a person about change: exercises as written together, reasons, and what they have going."""

import uuid
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from clients.models.access import OfClient
from clients.rules import stages, strength_words
from clinics.fields import EncryptedTextField
from clinics.tenancy import ClinicOwned, SameClinic, owned_fk


class Exercise(OfClient):
    """
    One exercise as it was written together. Each writing is a whole new revision; none is changed.

    content     JSON, its shape by kind: `clients.rules.exercises`
    purpose     of weighing both sides: left open on purpose, or to make a decision firm
    suggested   what the intensity rule suggested when it was opened; empty without a goal
    is_private  the person keeps it off what is printed
    signed_on   the person signed their plan for change on that day
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client", related_name="exercises")
    target = owned_fk("clients.ChangeTarget", null=True, blank=True, related_name="exercises")
    kind = models.CharField(max_length=12, choices=strength_words.EXERCISES)
    revision = models.PositiveSmallIntegerField()
    content = EncryptedTextField()
    purpose = models.CharField(max_length=16, choices=strength_words.PURPOSES, blank=True, default="")
    suggested = models.CharField(max_length=20, choices=stages.INTENSITIES, blank=True, default="")
    is_private = models.BooleanField(default=False)
    signed_on = models.DateField(null=True, blank=True)
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    made_by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta(OfClient.Meta):
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["clinic", "client", "kind", "target", "revision"],
                name="exercise_revision",
                nulls_distinct=False,
            ),
            SameClinic("client", name="exercise_client_same_clinic"),
            SameClinic("target", name="exercise_target_same_clinic"),
            # Values are the person's whatever they change; both other exercises are about one change.
            models.CheckConstraint(
                condition=Q(kind="values", target__isnull=True) | ~Q(kind="values") & Q(target__isnull=False),
                name="exercise_is_about_a_change",
            ),
            models.CheckConstraint(
                condition=Q(kind="balance") & ~Q(purpose="") | ~Q(kind="balance") & Q(purpose=""),
                name="exercise_balance_has_purpose",
            ),
            models.CheckConstraint(
                condition=Q(signed_on__isnull=True) | Q(kind="change_plan"), name="exercise_plan_is_signed"
            ),
        ]

    class Privacy:
        clinical = ("content",)
        identifying = ("signed_on",)
        operational = (
            "clinic", "public_id", "client", "target", "kind", "revision", "purpose", "suggested", "is_private",
            "made_at", "made_by",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Exercise {self.public_id}"


class ChangeReason(OfClient):
    """
    Why the person wants a change, in their words: their own reason, or one that others hold out to them.

    is_own       the reason is the person's own, whoever said it first
    strength     0 to 10, as the person rates it
    restated_on  days on which they said it again
    on_card      stands on the person's own card
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client", related_name="reasons")
    target = owned_fk("clients.ChangeTarget", null=True, blank=True, related_name="reasons")
    text = EncryptedTextField()
    source = models.CharField(max_length=8, choices=strength_words.REASON_SOURCES)
    is_own = models.BooleanField()
    strength = models.PositiveSmallIntegerField(null=True, blank=True)
    first_said_on = models.DateField()
    restated_on = ArrayField(models.DateField(), default=list, blank=True)
    on_card = models.BooleanField(default=True)
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    made_by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(OfClient.Meta):
        indexes: ClassVar[list[Any]] = [models.Index(fields=["clinic", "client"], name="change_reason_client")]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            SameClinic("client", name="change_reason_client_same_clinic"),
            SameClinic("target", name="change_reason_target_same_clinic"),
            models.CheckConstraint(
                condition=Q(strength__isnull=True) | Q(strength__lte=10), name="change_reason_zero_to_ten"
            ),
        ]

    class Privacy:
        clinical = ("text",)
        identifying = ("first_said_on", "restated_on")
        operational = (
            "clinic", "public_id", "client", "target", "source", "is_own", "strength", "on_card", "made_at", "made_by",
            "ended_at", "version",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Reason {self.public_id}"


class Strength(OfClient):
    """
    What somebody has going for them: a strength, a past success, an affirmation as it was said, or a milestone.

    evidence     what shows the strength, or how the success was done
    helped       of a success: what helped
    transfer_to  of a success: where it is used again
    on_card      stands on the person's own card
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client", related_name="strengths")
    kind = models.CharField(max_length=12, choices=strength_words.STRENGTHS)
    domain = models.CharField(max_length=10, choices=strength_words.DOMAINS, blank=True, default="")
    named_by = models.CharField(max_length=10, choices=strength_words.NAMED_BY)
    text = EncryptedTextField()
    evidence = EncryptedTextField(null=True)
    helped = EncryptedTextField(null=True)
    transfer_to = models.CharField(max_length=12, choices=strength_words.TRANSFERS, blank=True, default="")
    appointment = owned_fk("clients.Appointment", null=True, blank=True)
    happened_on = models.DateField(null=True, blank=True)
    on_card = models.BooleanField(default=True)
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    made_by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(OfClient.Meta):
        indexes: ClassVar[list[Any]] = [models.Index(fields=["clinic", "client", "kind"], name="strength_client")]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            SameClinic("client", name="strength_client_same_clinic"),
            SameClinic("appointment", name="strength_appointment_same_clinic"),
            models.CheckConstraint(
                condition=Q(kind="strength") & ~Q(domain="") | ~Q(kind="strength") & Q(domain=""),
                name="strength_has_domain",
            ),
            models.CheckConstraint(
                condition=Q(kind="success") | Q(helped__isnull=True, transfer_to=""), name="strength_success_helped"
            ),
            models.CheckConstraint(
                condition=~Q(kind="milestone") | Q(happened_on__isnull=False), name="strength_milestone_has_day"
            ),
            models.CheckConstraint(
                condition=Q(appointment__isnull=True) | Q(kind="affirmation"), name="strength_affirmed_in_session"
            ),
        ]

    class Privacy:
        clinical = ("text", "evidence", "helped")
        identifying = ("happened_on",)
        operational = (
            "clinic", "public_id", "client", "kind", "domain", "named_by", "transfer_to", "appointment", "on_card",
            "made_at", "made_by", "ended_at", "version",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Strength {self.public_id}"

"""What happens to a version of a plan: who signed it, which hints were set aside, and each look back at it."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from clients.models.access import OfClient, client_reach
from clients.rules import plan_words as words
from clinics.fields import EncryptedTextField
from clinics.roles import Reach
from clinics.tenancy import ClinicOwned, SameClinic, owned_fk


class PlanSignature(ClinicOwned):
    """Who put their name under a version, in which capacity, over which content; or that they would not. Final."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    plan_version = owned_fk("clients.PlanVersion", related_name="signatures")
    capacity = models.CharField(max_length=12, choices=words.CAPACITIES)
    user = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    printed_name = models.CharField(max_length=200)
    method = models.CharField(max_length=12, choices=words.METHODS)
    refused = models.BooleanField(default=False)
    refusal_reason = EncryptedTextField(null=True)
    content_hash = models.CharField(max_length=64)
    signed_at = models.DateTimeField(db_default=Now(), editable=False)
    recorded_by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta(ClinicOwned.Meta):
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["clinic", "plan_version", "capacity", "content_hash"], name="plan_signature_once"
            ),
            SameClinic("plan_version", name="plan_signature_plan_version_same_clinic"),
            models.CheckConstraint(
                condition=Q(refused=False, refusal_reason__isnull=True)
                | Q(refused=True, refusal_reason__isnull=False, capacity__in=["client", "guardian"]),
                name="plan_signature_refusal_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(capacity__in=["author", "supervisor"]) | Q(user__isnull=False, method="signed_in"),
                name="plan_signature_of_staff_is_signed_in",
            ),
        ]

    class Privacy:
        clinical = ("refusal_reason",)
        identifying = ("printed_name",)
        operational = (
            "clinic", "public_id", "plan_version", "capacity", "user", "method", "refused", "content_hash",
            "signed_at", "recorded_by",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Plan signature {self.public_id}"

    @classmethod
    def reach_condition(cls, reach: Reach, user: Any) -> Q | None:
        return client_reach(reach, user, "plan_version__client_id")


class LintDismissal(ClinicOwned):
    """That the author saw a hint about a draft and keeps it as it is, with the reason. Final."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    plan_version = owned_fk("clients.PlanVersion", related_name="dismissals")
    code = models.SlugField(max_length=40)
    lineage = models.UUIDField(null=True, editable=False)
    reason = EncryptedTextField()
    dismissed_at = models.DateTimeField(db_default=Now(), editable=False)
    dismissed_by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta(ClinicOwned.Meta):
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["clinic", "plan_version", "code", "lineage"], name="lint_dismissal_once", nulls_distinct=False
            ),
            SameClinic("plan_version", name="lint_dismissal_plan_version_same_clinic"),
        ]

    class Privacy:
        clinical = ("reason",)
        operational = ("clinic", "public_id", "plan_version", "code", "lineage", "dismissed_at", "dismissed_by")

    def __str__(self) -> str:
        return f"Dismissed hint {self.public_id}"

    @classmethod
    def reach_condition(cls, reach: Reach, user: Any) -> Q | None:
        return client_reach(reach, user, "plan_version__client_id")


class PlanReview(OfClient):
    """A look at the plan with the person: due, then held, with what was decided. Held, it is final."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client")
    plan = owned_fk("clients.TreatmentPlan", related_name="reviews")
    due_on = models.DateField()
    held_on = models.DateField(null=True, editable=False)
    held_by = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    decision = models.CharField(max_length=10, choices=words.REVIEW_DECISIONS, blank=True)
    note = EncryptedTextField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta(OfClient.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "client"], name="plan_review_client"),
            models.Index(fields=["clinic", "due_on"], name="plan_review_due", condition=Q(held_on__isnull=True)),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["clinic", "plan"], condition=Q(held_on__isnull=True), name="plan_review_one_open"
            ),
            SameClinic("client", name="plan_review_client_same_clinic"),
            SameClinic("plan", name="plan_review_plan_same_clinic"),
            models.CheckConstraint(
                condition=Q(held_on__isnull=True, held_by__isnull=True, decision="")
                | Q(held_on__isnull=False, held_by__isnull=False) & ~Q(decision=""),
                name="plan_review_held_whole",
            ),
        ]

    class Privacy:
        clinical = ("note",)
        identifying = ("due_on", "held_on")
        operational = ("clinic", "public_id", "client", "plan", "held_by", "decision", "created_at")

    def __str__(self) -> str:
        return f"Plan review {self.public_id}"


class GoalReview(ClinicOwned):
    """How far one goal had come at a review, from 0 to 100, in a word and in words. Final."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    review = owned_fk("clients.PlanReview", related_name="goals")
    goal = owned_fk("clients.Goal", related_name="reviewed")
    progress = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=10, choices=words.GOAL_STATUSES)
    comment = EncryptedTextField(null=True)

    class Meta(ClinicOwned.Meta):
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "review", "goal"], name="goal_review_once"),
            SameClinic("review", name="goal_review_review_same_clinic"),
            SameClinic("goal", name="goal_review_goal_same_clinic"),
            models.CheckConstraint(condition=Q(progress__lte=100), name="goal_review_percent"),
        ]

    class Privacy:
        clinical = ("comment",)
        operational = ("clinic", "public_id", "review", "goal", "progress", "status")

    def __str__(self) -> str:
        return f"Goal review {self.public_id}"

    @classmethod
    def reach_condition(cls, reach: Reach, user: Any) -> Q | None:
        return client_reach(reach, user, "review__client_id")


class BlockDecision(OfClient):
    """
    What was decided at the end of a block of MI sessions: some more, once; going on with other work; or referring.

    lineage    of the intervention whose block it is
    sessions   how many more, 1 to 6; none for the other decisions
    """

    class Decision(models.TextChoices):
        EXTEND = "extend", "Some more sessions"
        MOVE_ON = "move_on", "Go on with other work"
        REFER = "refer", "Refer"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client")
    plan = owned_fk("clients.TreatmentPlan", related_name="block_decisions")
    lineage = models.UUIDField(editable=False)
    decision = models.CharField(max_length=8, choices=Decision)
    sessions = models.PositiveSmallIntegerField(null=True, blank=True)
    reason = EncryptedTextField(null=True)
    decided_at = models.DateTimeField(db_default=Now(), editable=False)
    decided_by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta(OfClient.Meta):
        indexes: ClassVar[list[Any]] = [models.Index(fields=["clinic", "client"], name="block_decision_client")]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["clinic", "plan", "lineage"], condition=Q(decision="extend"), name="block_extended_once"
            ),
            SameClinic("client", name="block_decision_client_same_clinic"),
            SameClinic("plan", name="block_decision_plan_same_clinic"),
            models.CheckConstraint(
                condition=Q(decision="extend", sessions__gte=1, sessions__lte=6)
                | ~Q(decision="extend") & Q(sessions__isnull=True),
                name="block_extended_by_sessions",
            ),
        ]

    class Privacy:
        clinical = ("reason",)
        operational = (
            "clinic", "public_id", "client", "plan", "lineage", "decision", "sessions", "decided_at", "decided_by",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Block decision {self.public_id}"

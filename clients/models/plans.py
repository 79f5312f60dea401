"""
The treatment plan and its thread: problem, goal, objective, intervention, review; versions, and who signed them.

A version that was signed is never changed: what changes is a new version, its parts joined to the old ones by lineage.
"""

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


class TreatmentPlan(OfClient):
    """The plan of one episode; what it says is in its versions."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client", related_name="plans")
    episode = owned_fk("clients.Episode")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta(OfClient.Meta):
        indexes: ClassVar[list[Any]] = [models.Index(fields=["clinic", "client"], name="plan_client")]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "episode"], name="plan_one_per_episode"),
            SameClinic("client", name="plan_client_same_clinic"),
            SameClinic("episode", name="plan_episode_same_clinic"),
        ]

    class Privacy:
        operational = ("clinic", "public_id", "client", "episode", "created_at", "created_by")

    def __str__(self) -> str:
        return f"Plan {self.public_id}"


class PlanVersion(OfClient):
    """
    One version of a plan. Its parts change while it is a draft; signing hashes them, and then nothing changes them.

    needs_cosign   the author's work is co-signed by a supervisor
    content_hash   SHA-256 of the canonical content that is signed; empty in a draft
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client")
    plan = owned_fk("clients.TreatmentPlan", related_name="versions")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=words.STATES, default="draft")
    author = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    needs_cosign = models.BooleanField(default=False)
    starts_on = models.DateField(null=True, blank=True)
    content_hash = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    submitted_at = models.DateTimeField(null=True, editable=False)
    activated_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    end_reason = EncryptedTextField(null=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(OfClient.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "client", "state"], name="plan_version_client"),
            models.Index(
                fields=["clinic", "author"], name="plan_version_open", condition=Q(state__in=["draft", "in_review"])
            ),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "plan", "number"], name="plan_version_number"),
            models.UniqueConstraint(
                fields=["clinic", "plan"], condition=Q(state="active"), name="plan_version_one_active"
            ),
            models.UniqueConstraint(
                fields=["clinic", "plan"], condition=Q(state__in=["draft", "in_review"]), name="plan_version_one_open"
            ),
            SameClinic("client", name="plan_version_client_same_clinic"),
            SameClinic("plan", name="plan_version_plan_same_clinic"),
            models.CheckConstraint(
                condition=Q(state="draft", content_hash="", submitted_at__isnull=True)
                | Q(state__in=["in_review", "active", "superseded"], submitted_at__isnull=False) & ~Q(content_hash="")
                | Q(state="closed"),
                name="plan_version_signed_has_hash",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "in_review"], activated_at__isnull=True, ended_at__isnull=True)
                | Q(state="active", activated_at__isnull=False, ended_at__isnull=True)
                | Q(state="superseded", activated_at__isnull=False, ended_at__isnull=False)
                | Q(state="closed", ended_at__isnull=False),
                name="plan_version_state_has_dates",
            ),
        ]

    class Privacy:
        clinical = ("end_reason",)
        identifying = ("starts_on",)
        operational = (
            "clinic", "public_id", "client", "plan", "number", "state", "author", "needs_cosign", "content_hash",
            "created_at", "submitted_at", "activated_at", "ended_at", "version",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Plan version {self.public_id}"


class PlanPart(ClinicOwned):
    """
    A part of one version of a plan.

    lineage    the same for a part and what later versions made of it
    position   order among its brothers, from 1
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    plan_version = owned_fk("clients.PlanVersion", related_name="%(class)ss")
    lineage = models.UUIDField(default=uuid.uuid4, editable=False)
    position = models.PositiveSmallIntegerField(default=1)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(ClinicOwned.Meta):
        abstract = True

    @classmethod
    def reach_condition(cls, reach: Reach, user: Any) -> Q | None:
        return client_reach(reach, user, "plan_version__client_id")


class Problem(PlanPart):
    """What makes life hard, and what shows it: an assessment, a measure, or the person's own statement."""

    text = EncryptedTextField()
    client_words = EncryptedTextField(null=True)
    diagnosis = models.CharField(max_length=10, blank=True)
    priority = models.PositiveSmallIntegerField(default=2, choices=((1, "First"), (2, "Next"), (3, "Later")))
    evidence = models.CharField(max_length=12, choices=words.EVIDENCE)
    assessment = owned_fk("clients.Assessment", null=True, blank=True)
    response = owned_fk("clients.MeasureResponse", null=True, blank=True)

    class Meta(PlanPart.Meta):
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "plan_version", "lineage"], name="problem_lineage"),
            SameClinic("plan_version", name="problem_plan_version_same_clinic"),
            SameClinic("assessment", name="problem_assessment_same_clinic"),
            SameClinic("response", name="problem_response_same_clinic"),
            models.CheckConstraint(
                condition=Q(evidence="assessment", assessment__isnull=False, response__isnull=True)
                | Q(evidence="measure", response__isnull=False, assessment__isnull=True)
                | Q(evidence="statement", client_words__isnull=False, assessment__isnull=True, response__isnull=True),
                name="problem_has_evidence",
            ),
        ]

    class Privacy:
        clinical = ("text", "client_words")
        operational = (
            "clinic", "public_id", "plan_version", "lineage", "position", "version", "diagnosis", "priority",
            "evidence", "assessment", "response",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Problem {self.public_id}"


class Goal(PlanPart):
    """What the person wants instead, for one problem, and how firm they are about it."""

    problem = owned_fk("clients.Problem", related_name="goals")
    target = owned_fk("clients.ChangeTarget", null=True, blank=True)
    text = EncryptedTextField()
    client_words = EncryptedTextField(null=True)
    value_link = EncryptedTextField(null=True)
    phase = models.CharField(max_length=24, choices=words.PHASES, default="explore_motivation")
    commitment = EncryptedTextField(null=True)
    gate_reason = EncryptedTextField(null=True)
    proposed_by = models.CharField(max_length=12, choices=words.PROPOSERS)
    target_on = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=words.GOAL_STATUSES, default="active")

    class Meta(PlanPart.Meta):
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "plan_version", "lineage"], name="goal_lineage"),
            SameClinic("plan_version", name="goal_plan_version_same_clinic"),
            SameClinic("problem", name="goal_problem_same_clinic"),
            SameClinic("target", name="goal_target_same_clinic"),
            # Firm means said: a commitment in the person's words, or a clinician's reason for going on without.
            models.CheckConstraint(
                condition=~Q(phase="consolidate_commitment")
                | Q(commitment__isnull=False)
                | Q(gate_reason__isnull=False),
                name="goal_firm_has_words",
            ),
        ]

    class Privacy:
        clinical = ("text", "client_words", "value_link", "commitment", "gate_reason")
        identifying = ("target_on",)
        operational = (
            "clinic", "public_id", "plan_version", "lineage", "position", "version", "problem", "target", "phase",
            "proposed_by", "status",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Goal {self.public_id}"


class Objective(PlanPart):
    """A step towards a goal that can be seen: what is counted, from where to where, by when."""

    goal = owned_fk("clients.Goal", related_name="objectives")
    text = EncryptedTextField()
    metric = EncryptedTextField()
    baseline = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    target_value = models.DecimalField(max_digits=9, decimal_places=2)
    unit = models.CharField(max_length=40)
    by_on = models.DateField()
    achievable = models.BooleanField(default=False)
    relevance = EncryptedTextField(null=True)

    class Meta(PlanPart.Meta):
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "plan_version", "lineage"], name="objective_lineage"),
            SameClinic("plan_version", name="objective_plan_version_same_clinic"),
            SameClinic("goal", name="objective_goal_same_clinic"),
        ]

    class Privacy:
        clinical = ("text", "metric", "relevance")
        identifying = ("by_on",)
        operational = (
            "clinic", "public_id", "plan_version", "lineage", "position", "version", "goal", "baseline",
            "target_value", "unit", "achievable",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Objective {self.public_id}"


class Intervention(PlanPart):
    """
    What the clinic does for an objective: how it works, who does it, how often, from when to when.

    times, per, minutes   so often a week or month, for so many minutes: the planned minutes
    block_sessions        MI comes in blocks of so many sessions, with a look back at the end of each
    """

    objective = owned_fk("clients.Objective", related_name="interventions")
    modality = models.CharField(max_length=20, choices=words.MODALITIES)
    does = models.CharField(max_length=10, choices=words.DOES)
    text = EncryptedTextField(null=True)
    who = models.ForeignKey(
        "clinics.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    session_format = models.CharField(
        max_length=12,
        choices=words.FORMATS,
        default="individual",
    )
    times = models.PositiveSmallIntegerField()
    per = models.CharField(max_length=6, choices=words.PERIODS)
    minutes = models.PositiveSmallIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    block_sessions = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta(PlanPart.Meta):
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "plan_version", "lineage"], name="intervention_lineage"),
            SameClinic("plan_version", name="intervention_plan_version_same_clinic"),
            SameClinic("objective", name="intervention_objective_same_clinic"),
            models.CheckConstraint(
                condition=Q(times__gte=1, times__lte=31, minutes__gte=1, minutes__lte=600), name="intervention_amount"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")),
                name="intervention_days_in_order",
            ),
            models.CheckConstraint(
                condition=Q(block_sessions__isnull=True)
                | Q(modality="mi", block_sessions__gte=1, block_sessions__lte=6),
                name="intervention_block_of_mi",
            ),
        ]

    class Privacy:
        clinical = ("text",)
        identifying = ("starts_on", "ends_on")
        operational = (
            "clinic", "public_id", "plan_version", "lineage", "position", "version", "objective", "modality", "does",
            "who", "session_format", "times", "per", "minutes", "block_sessions",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Intervention {self.public_id}"

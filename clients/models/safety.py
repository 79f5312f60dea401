"""What must be done for somebody's safety, and by when; and every other thing that somebody owes by a time."""

import uuid
from typing import Any, ClassVar, Final

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from clients.models.access import OfClient, client_reach
from clients.rules import safety
from clinics.fields import EncryptedTextField
from clinics.models.people import supervisees_of
from clinics.roles import Reach, Role
from clinics.tenancy import ClinicOwned, SameClinic, owned_fk

# Who reviews a concern, and may be handed one.
CLINICIANS: Final = (Role.THERAPIST, Role.SUPERVISOR)
# Who is told when a task is late: the role after its own, then the next (domain: callback clocks). Whoever was told
# before still sees it.
CHAIN: Final = (Role.COORDINATOR, Role.SUPERVISOR, Role.ADMINISTRATOR)


class SafetyConcern(ClinicOwned):
    """
    A sign that somebody may be in danger, raised by a rule on save, and what a clinician found.

    While a concern of level 2 or 3 is open it holds its inquiry: no move but to emergency care.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client", null=True, blank=True)
    inquiry = owned_fk("clients.Inquiry", null=True, blank=True)
    response = owned_fk("clients.MeasureResponse", null=True, blank=True)
    level = models.CharField(max_length=2, choices=[(level.value, level.value) for level in safety.Level])
    code = models.CharField(max_length=40)
    raised_at = models.DateTimeField(db_default=Now(), editable=False)
    raised_by = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    handed_to = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    handed_at = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+")
    rationale = EncryptedTextField(null=True)
    next_check_on = models.DateField(null=True)
    naloxone = models.CharField(max_length=12, choices=safety.NALOXONE, blank=True, default="", db_default="")

    class Meta(ClinicOwned.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "due_at"], name="safety_open", condition=Q(reviewed_at__isnull=True)),
            models.Index(fields=["clinic", "inquiry"], name="safety_inquiry"),
            models.Index(fields=["clinic", "client"], name="safety_client"),
            models.Index(fields=["clinic", "handed_to"], name="safety_handed"),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            SameClinic("client", name="safety_client_same_clinic"),
            SameClinic("inquiry", name="safety_inquiry_same_clinic"),
            SameClinic("response", name="safety_response_same_clinic"),
            models.CheckConstraint(
                condition=Q(client__isnull=False) | Q(inquiry__isnull=False), name="safety_about_somebody"
            ),
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True, reviewed_by__isnull=True, rationale__isnull=True)
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False, rationale__isnull=False),
                name="safety_reviewed_whole",
            ),
            models.CheckConstraint(
                condition=Q(naloxone="") | Q(reviewed_at__isnull=False), name="safety_naloxone_of_review"
            ),
            # Level 2 and 3 end with a day on which somebody looks again.
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True) | Q(level="S1") | Q(next_check_on__isnull=False),
                name="safety_next_check",
            ),
        ]

    class Privacy:
        clinical = ("rationale",)
        operational = (
            "clinic", "public_id", "client", "inquiry", "response", "level", "code", "raised_at", "raised_by", "due_at",
            "handed_to", "handed_at", "reviewed_at", "reviewed_by", "next_check_on", "naloxone",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Safety concern {self.public_id}"

    @classmethod
    def reach_condition(cls, reach: Reach, user: Any) -> Q | None:
        condition = client_reach(reach, user)
        if reach is Reach.CASELOAD:
            return Q(handed_to=user) | (condition or Q())
        if reach is Reach.SUPERVISEES:
            return Q(handed_to=user) | Q(handed_to_id__in=supervisees_of(user)) | (condition or Q())
        return condition


class SafetyPlan(OfClient):
    """
    What a person does when it gets dangerous, written with them. Each change is a whole new revision; none is changed.

    parts   JSON: part of `clients.rules.safety_plan` to its lines
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client", related_name="safety_plans")
    revision = models.PositiveSmallIntegerField()
    parts = EncryptedTextField()
    copy_given = models.BooleanField(default=False)
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    made_by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta(OfClient.Meta):
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "client", "revision"], name="safety_plan_revision"),
            SameClinic("client", name="safety_plan_client_same_clinic"),
        ]

    class Privacy:
        clinical = ("parts",)
        operational = ("clinic", "public_id", "client", "revision", "copy_given", "made_at", "made_by")

    def __str__(self) -> str:
        return f"Safety plan {self.public_id}"


class Task(ClinicOwned):
    """Something owed by a time: a call back, a safety review, a missed clock. One person's, or a role's."""

    class Kind(models.TextChoices):
        SAFETY = "safety", "Safety review"
        MEDICAL_TRIAGE = "medical_triage", "Medical triage"
        CALL_BACK = "call_back", "Call back"
        CALL_NOW = "call_now", "Nobody has called yet"
        REACH_NOW = "reach_now", "Not reached yet"
        FOLLOW_UP = "follow_up", "Follow up"
        EVALUATION = "evaluation", "Assessment overdue"
        DECISION = "decision", "Decision overdue"
        WAITING_CHECK = "waiting_check", "Check in with somebody who waits"
        AUTHORISATION = "authorisation", "An authorization needs renewing"
        MANDATE_REPORT = "mandate_report", "A report on a mandate is due"
        MEASURE = "measure", "A measure is due"
        PLAN = "plan", "A treatment plan is due"
        PLAN_REVIEW = "plan_review", "A plan review is due"
        LAPSE = "lapse", "Look back on a return to use"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=20, choices=Kind)
    key = models.CharField(max_length=80, editable=False)
    client = owned_fk("clients.Client", null=True, blank=True)
    inquiry = owned_fk("clients.Inquiry", null=True, blank=True)
    concern = owned_fk("clients.SafetyConcern", null=True, blank=True)
    owner = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    role = models.CharField(max_length=20, choices=[(role.value, role.value) for role in Role])
    due_at = models.DateTimeField()
    escalated = models.PositiveSmallIntegerField(default=0)
    snoozed_until = models.DateTimeField(null=True)
    snooze_reason = EncryptedTextField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(ClinicOwned.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "due_at", "id"], name="task_open", condition=Q(done_at__isnull=True)),
            models.Index(fields=["clinic", "owner", "due_at"], name="task_owner", condition=Q(done_at__isnull=True)),
            models.Index(fields=["clinic", "inquiry"], name="task_inquiry"),
            models.Index(fields=["clinic", "client"], name="task_client"),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            SameClinic("client", name="task_client_same_clinic"),
            SameClinic("inquiry", name="task_inquiry_same_clinic"),
            SameClinic("concern", name="task_concern_same_clinic"),
            # The same rule fires again and again; the task it makes is one.
            models.UniqueConstraint(fields=["clinic", "key"], condition=Q(done_at__isnull=True), name="task_open_once"),
            models.CheckConstraint(
                condition=Q(snoozed_until__isnull=True) | Q(snooze_reason__isnull=False), name="task_snooze_has_reason"
            ),
        ]

    class Privacy:
        clinical = ("snooze_reason",)
        operational = (
            "clinic", "public_id", "kind", "key", "client", "inquiry", "concern", "owner", "role", "due_at",
            "escalated", "snoozed_until", "created_at", "created_by", "done_at", "done_by", "version",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Task {self.public_id}"

    @classmethod
    def reach_condition(cls, reach: Reach, user: Any) -> Q | None:
        condition = client_reach(reach, user)
        if reach is Reach.CASELOAD:
            return Q(owner=user) | (condition or Q())
        if reach is Reach.SUPERVISEES:
            return Q(owner=user) | Q(owner_id__in=supervisees_of(user)) | (condition or Q())
        return condition

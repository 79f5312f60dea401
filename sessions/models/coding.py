"""
One coder's coding of one segment, its codes line by line, its ratings, and the scores computed when it was locked.

A locked coding never changes: database triggers hold that for every table here. A correction is a new coding that
supersedes the old one.
"""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from clinics.models.people import supervisees_of
from clinics.roles import Reach
from clinics.tenancy import ClinicOwned, SameClinic, owned_fk


class Coding(ClinicOwned):
    """One coder, one segment, one instrument version."""

    class CoderRole(models.TextChoices):
        SELF = "self", "Self"
        CODER = "coder", "Coder"
        SUPERVISOR = "supervisor", "Supervisor"
        CONSENSUS = "consensus", "Consensus"

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SUBMITTED = "submitted", "Submitted for a second look"
        LOCKED = "locked", "Locked"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    segment = owned_fk("clinical_sessions.Segment", on_delete=models.CASCADE)
    transcript = owned_fk("clinical_sessions.Transcript", on_delete=models.CASCADE)
    instrument = owned_fk("clinics.InstrumentVersion")
    coder = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    external_coder = models.CharField(max_length=60, blank=True, help_text="The source's own id of the coder")
    coder_role = models.CharField(max_length=12, choices=CoderRole)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    change_target = owned_fk("clients.ChangeTarget", null=True)
    supersedes = owned_fk("clinical_sessions.Coding", null=True)
    therapist = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    practice_set = owned_fk("clinical_sessions.PracticeSet", null=True)
    service_on = models.DateField(null=True, help_text="Date of the session, for rollups; null in the practice room")
    locked_at = models.DateTimeField(null=True)
    locked_by = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(ClinicOwned.Meta):
        ordering = ("-id",)
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "transcript"], name="coding_transcript"),
            models.Index(fields=["clinic", "segment"], name="coding_segment"),
            models.Index(fields=["clinic", "state", "therapist", "service_on"], name="coding_rollup"),
            models.Index(fields=["clinic", "practice_set"], name="coding_practice_set"),
            models.Index(fields=["clinic", "coder", "state"], name="coding_coder"),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            SameClinic("segment", name="coding_segment_same_clinic"),
            SameClinic("transcript", name="coding_transcript_same_clinic"),
            SameClinic("instrument", name="coding_instrument_same_clinic"),
            SameClinic("change_target", name="coding_change_target_same_clinic"),
            SameClinic("supersedes", name="coding_supersedes_same_clinic"),
            SameClinic("practice_set", name="coding_practice_set_same_clinic"),
            models.CheckConstraint(
                condition=Q(coder__isnull=False, external_coder="") | Q(coder__isnull=True) & ~Q(external_coder=""),
                name="coding_one_coder",
            ),
            models.CheckConstraint(
                condition=Q(state="locked", locked_at__isnull=False) | ~Q(state="locked") & Q(locked_at__isnull=True),
                name="coding_locked_has_time",
            ),
            models.CheckConstraint(
                condition=Q(practice_set__isnull=False, therapist__isnull=True, service_on__isnull=True)
                | Q(practice_set__isnull=True, therapist__isnull=False, service_on__isnull=False),
                name="coding_clinical_or_practice",
            ),
            models.UniqueConstraint(
                fields=["clinic", "segment", "instrument", "external_coder"],
                condition=~Q(external_coder=""),
                name="coding_external_coder_once",
            ),
        ]

    class Privacy:
        operational = (
            "clinic", "public_id", "segment", "transcript", "instrument", "coder", "external_coder", "coder_role",
            "state", "change_target", "supersedes", "therapist", "practice_set", "service_on", "locked_at",
            "locked_by", "created_at", "version",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Coding {self.public_id}"

    @classmethod
    def right_condition(cls, perm: str) -> Q:
        # The right to the practice room reaches the whole clinic, and never a session.
        return Q(practice_set__isnull=False) if perm == "clinics.view_practice" else Q()

    @classmethod
    def reach_condition(cls, reach: Reach, user: Any) -> Q | None:
        if reach is Reach.OWN:
            return Q(therapist=user)
        if reach is Reach.SUPERVISEES:
            return Q(therapist_id__in=supervisees_of(user))
        if reach is Reach.ASSIGNED:
            return Q(coder=user)
        return None


class CodedLine(ClinicOwned):
    """A line as one coder sees it: whether it ends the volley before it. Null means the rule decides."""

    pk = models.CompositePrimaryKey("clinic_id", "coding_id", "utterance_id")
    coding = owned_fk("clinical_sessions.Coding", on_delete=models.CASCADE)
    utterance = owned_fk("clinical_sessions.Utterance", on_delete=models.CASCADE)
    breaks_volley = models.BooleanField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            SameClinic("coding", name="coded_line_coding_same_clinic"),
            SameClinic("utterance", name="coded_line_utterance_same_clinic"),
        ]

    class Privacy:
        operational = ("clinic", "coding", "utterance", "breaks_volley")

    def __str__(self) -> str:
        return f"Line {self.utterance_id} in coding {self.coding_id}"


class UtteranceCode(ClinicOwned):
    """One code on one line. A line may carry several, in different slots; no row means not coded yet."""

    pk = models.CompositePrimaryKey("clinic_id", "coding_id", "utterance_id", "slot", "item_key")
    coding = owned_fk("clinical_sessions.Coding", on_delete=models.CASCADE)
    utterance = owned_fk("clinical_sessions.Utterance", on_delete=models.CASCADE)
    slot = models.CharField(max_length=40)
    item_key = models.CharField(max_length=40)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            SameClinic("coding", name="utterance_code_coding_same_clinic"),
            SameClinic("utterance", name="utterance_code_utterance_same_clinic"),
        ]

    class Privacy:
        operational = ("clinic", "coding", "utterance", "slot", "item_key")

    def __str__(self) -> str:
        return f"{self.item_key} on {self.utterance_id}"


class Rating(ClinicOwned):
    """A global rating or a typed tally of one coding."""

    coding = owned_fk("clinical_sessions.Coding", on_delete=models.CASCADE)
    item_key = models.CharField(max_length=40)
    value = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    na_reason = models.CharField(max_length=40, blank=True)

    class Meta(ClinicOwned.Meta):
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "coding", "item_key"], name="rating_item_once"),
            SameClinic("coding", name="rating_coding_same_clinic"),
        ]

    class Privacy:
        operational = ("clinic", "coding", "item_key", "value", "na_reason")

    def __str__(self) -> str:
        return f"{self.item_key} in coding {self.coding_id}"


class ScoreResult(ClinicOwned):
    """A score of a locked coding: exact numerator and denominator, value, band, or the reason why undefined."""

    coding = owned_fk("clinical_sessions.Coding", on_delete=models.CASCADE)
    score_key = models.CharField(max_length=40)
    numerator = models.BigIntegerField(null=True)
    denominator = models.BigIntegerField(null=True)
    value = models.DecimalField(max_digits=30, decimal_places=15, null=True)
    band = models.CharField(max_length=16)
    reason = models.CharField(max_length=24, blank=True)
    threshold_set = owned_fk("clinics.ThresholdSet", null=True)
    engine_version = models.CharField(max_length=12)
    computed_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta(ClinicOwned.Meta):
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "coding", "score_key"], name="score_result_once"),
            SameClinic("coding", name="score_result_coding_same_clinic"),
            SameClinic("threshold_set", name="score_result_threshold_set_same_clinic"),
            models.CheckConstraint(
                condition=Q(value__isnull=True) & ~Q(reason="") | Q(value__isnull=False, reason=""),
                name="score_result_value_or_reason",
            ),
        ]

    class Privacy:
        operational = (
            "clinic", "coding", "score_key", "numerator", "denominator", "value", "band", "reason", "threshold_set",
            "engine_version", "computed_at",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.score_key} of coding {self.coding_id}"

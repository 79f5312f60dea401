"""What a person answered to a measure, what that scores, when it is due again, and a link to answer it alone."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from clients.models.access import OfClient, client_reach
from clinics.fields import EncryptedTextField
from clinics.roles import Reach
from clinics.tenancy import ClinicOwned, SameClinic, owned_fk


class MeasureLink(OfClient):
    """
    A way to answer one measure once, alone, without signing in and without a name on the page.

    digest   SHA-256 of the secret in the address; the secret itself is kept nowhere
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client")
    instrument = owned_fk("clinics.InstrumentVersion")
    digest = models.BinaryField(max_length=32, editable=False)
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    made_by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta(OfClient.Meta):
        indexes: ClassVar[list[Any]] = [models.Index(fields=["clinic", "client"], name="measure_link_client")]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "digest"], name="measure_link_digest"),
            SameClinic("client", name="measure_link_client_same_clinic"),
            SameClinic("instrument", name="measure_link_instrument_same_clinic"),
        ]

    class Privacy:
        operational = (
            "clinic", "public_id", "client", "instrument", "digest", "made_at", "made_by", "expires_at", "used_at",
            "revoked_at",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Measure link {self.public_id}"


class MeasureResponse(OfClient):
    """
    One set of answers to a measure. Final; what was entered in error is taken back once, with a reason, and stays.

    answers    item key to the value chosen, in the smallest unit of the item's scale; an item not answered is absent
    complete   no item that is scored was left out
    """

    class Source(models.TextChoices):
        CLINICIAN = "clinician", "Asked by a clinician"
        DEVICE = "device", "Answered on the clinic's device"
        LINK = "link", "Answered by link"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client", related_name="measure_responses")
    instrument = owned_fk("clinics.InstrumentVersion")
    appointment = owned_fk("clients.Appointment", null=True, blank=True)
    link = owned_fk("clients.MeasureLink", null=True, blank=True)
    source = models.CharField(max_length=10, choices=Source)
    taken_on = models.DateField()
    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    answers = models.JSONField()
    complete = models.BooleanField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    undone_at = models.DateTimeField(null=True, editable=False)
    undone_by = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    undo_reason = EncryptedTextField(null=True)

    class Meta(OfClient.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "client", "instrument", "taken_on", "id"], name="measure_response_client"),
            models.Index(fields=["clinic", "-taken_at", "-id"], name="measure_response_newest"),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["clinic", "link"], condition=Q(link__isnull=False), name="measure_response_link_once"
            ),
            SameClinic("client", name="measure_response_client_same_clinic"),
            SameClinic("instrument", name="measure_response_instrument_same_clinic"),
            SameClinic("appointment", name="measure_response_appointment_same_clinic"),
            SameClinic("link", name="measure_response_link_same_clinic"),
            models.CheckConstraint(
                condition=Q(source="link", link__isnull=False, taken_by__isnull=True)
                | ~Q(source="link") & Q(link__isnull=True, taken_by__isnull=False),
                name="measure_response_has_source",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True, undo_reason__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False, undo_reason__isnull=False),
                name="measure_response_undone_whole",
            ),
        ]

    class Privacy:
        clinical = ("undo_reason",)
        operational = (
            "clinic", "public_id", "client", "instrument", "appointment", "link", "source", "taken_on", "taken_at",
            "taken_by", "answers", "complete", "recorded_at", "undone_at", "undone_by",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Answers {self.public_id}"

    @classmethod
    def reach_condition(cls, reach: Reach, user: Any) -> Q | None:
        # Who asked the questions of a screening may see what was answered.
        return Q(taken_by=user) if reach is Reach.OWN else client_reach(reach, user)


class MeasureScore(ClinicOwned):
    """
    One score of a set of answers, computed when they were saved. Final.

    value    exact to six places; null where undefined, with the reason
    band     the definition's word for where the value lies; empty where it has none
    """

    response = owned_fk("clients.MeasureResponse", related_name="scores")
    score_key = models.SlugField(max_length=60)
    value = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    band = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=24, blank=True)
    engine_version = models.CharField(max_length=8)

    class Meta(ClinicOwned.Meta):
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "response", "score_key"], name="measure_score_once"),
            SameClinic("response", name="measure_score_response_same_clinic"),
            models.CheckConstraint(
                condition=Q(value__isnull=True) & ~Q(reason="") | Q(value__isnull=False, reason=""),
                name="measure_score_value_or_reason",
            ),
        ]

    class Privacy:
        operational = ("clinic", "response", "score_key", "value", "band", "reason", "engine_version")

    def __str__(self) -> str:
        return f"Score {self.pk}"

    @classmethod
    def reach_condition(cls, reach: Reach, user: Any) -> Q | None:
        return client_reach(reach, user, "response__client_id")


class MeasureSchedule(OfClient):
    """How often a person answers a measure, and when next. One runs per person and measure."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client", related_name="measure_schedules")
    key = models.SlugField(max_length=60)
    every_days = models.PositiveSmallIntegerField()
    next_due_on = models.DateField()
    started_at = models.DateTimeField(db_default=Now(), editable=False)
    started_by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(OfClient.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["clinic", "next_due_on"], name="measure_schedule_due", condition=Q(ended_at__isnull=True)
            ),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["clinic", "client", "key"], condition=Q(ended_at__isnull=True), name="measure_schedule_once"
            ),
            SameClinic("client", name="measure_schedule_client_same_clinic"),
            models.CheckConstraint(condition=Q(every_days__gte=1, every_days__lte=366), name="measure_schedule_days"),
        ]

    class Privacy:
        operational = (
            "clinic", "public_id", "client", "key", "every_days", "next_due_on", "started_at", "started_by", "ended_at",
            "version",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Measure schedule {self.public_id}"

"""What is booked with a person, whether it took place, and the rulers asked then."""

import uuid
from typing import Any, ClassVar, Final

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from clients.models.access import client_reach
from clinics.fields import EncryptedTextField
from clinics.roles import Reach
from clinics.tenancy import ClinicOwned, SameClinic, owned_fk


class Attendance(models.TextChoices):
    """The eight attendance codes (domain: engagement metrics, attendance codes)."""

    ATTENDED = "attended", "Attended"
    ATTENDED_LATE = "attended_late", "Attended, late"
    LEFT_EARLY = "left_early", "Left early"
    NO_SHOW = "no_show", "Did not attend"
    LATE_CANCEL = "late_cancel", "Canceled within 24 hours"
    CLIENT_CANCEL = "client_cancel", "Person canceled"
    CLINIC_CANCEL = "clinic_cancel", "Clinic canceled"
    RESCHEDULED = "rescheduled", "Rescheduled"


TOOK_PLACE = frozenset({Attendance.ATTENDED, Attendance.ATTENDED_LATE, Attendance.LEFT_EARLY})


class Appointment(ClinicOwned):
    """A booked time of one person with one member of staff: in an episode, or an assessment before one."""

    class Kind(models.TextChoices):
        ASSESSMENT = "assessment", "Assessment"
        TREATMENT = "treatment", "Treatment session"
        CHECK_IN = "check_in", "Check-in"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client")
    episode = owned_fk("clients.Episode", null=True, blank=True)
    inquiry = owned_fk("clients.Inquiry", null=True, blank=True, related_name="appointments")
    therapist = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.TREATMENT)
    starts_at = models.DateTimeField()
    service_on = models.DateField(editable=False, help_text="Civil date at the clinic, stored when written")
    duration_min = models.PositiveSmallIntegerField(default=50)
    attendance = models.CharField(max_length=20, choices=Attendance, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(ClinicOwned.Meta):
        ordering = ("starts_at", "id")
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "therapist", "starts_at", "id"], name="appointment_therapist"),
            models.Index(fields=["clinic", "starts_at", "id"], name="appointment_start"),
            models.Index(fields=["clinic", "client", "starts_at"], name="appointment_client"),
            models.Index(fields=["clinic", "inquiry"], name="appointment_inquiry", condition=Q(inquiry__isnull=False)),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            SameClinic("client", name="appointment_client_same_clinic"),
            SameClinic("episode", name="appointment_episode_same_clinic"),
            SameClinic("inquiry", name="appointment_inquiry_same_clinic"),
            models.CheckConstraint(
                condition=Q(episode__isnull=False) | Q(kind="assessment", inquiry__isnull=False),
                name="appointment_in_care_or_before",
            ),
            models.CheckConstraint(
                condition=Q(duration_min__gte=5, duration_min__lte=600), name="appointment_minutes_in_range"
            ),
        ]

    class Privacy:
        identifying = ("starts_at", "service_on")
        operational = (
            "clinic", "public_id", "client", "episode", "inquiry", "therapist", "kind", "duration_min", "attendance",
            "created_at", "version",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Appointment {self.public_id}"

    @classmethod
    def reach_condition(cls, reach: Reach, user: Any) -> Q | None:
        if reach is Reach.OWN:
            # Booked with them, also for who stands in and does not have the person on the caseload.
            return Q(therapist=user)
        return client_reach(reach, user)


class RulerReading(ClinicOwned):
    """
    A number from 0 to 10 that a person gave for importance, confidence, readiness or hope; or the discord in a session.

    target       the change it is about; none where it was asked for before there was one
    appointment  the session it was asked in; none in between
    """

    class Ruler(models.TextChoices):
        IMPORTANCE = "importance", "Importance"
        CONFIDENCE = "confidence", "Confidence"
        READINESS = "readiness", "Readiness"
        HOPE = "hope", "Hope"
        # As the therapist felt it: strain between the two, not a trait of the person.
        DISCORD = "discord", "Discord"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client")
    target = owned_fk("clients.ChangeTarget", null=True, blank=True)
    appointment = owned_fk("clients.Appointment", null=True, blank=True)
    ruler = models.CharField(max_length=12, choices=Ruler)
    value = models.PositiveSmallIntegerField()
    taken_on = models.DateField()
    taken_by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    why_not_lower = EncryptedTextField(null=True)
    what_would_raise = EncryptedTextField(null=True)

    class Meta(ClinicOwned.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "client", "ruler", "taken_on"], name="ruler_client"),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["clinic", "appointment", "target", "ruler"],
                condition=Q(appointment__isnull=False),
                name="ruler_once_per_appointment",
                nulls_distinct=False,
            ),
            SameClinic("client", name="ruler_client_same_clinic"),
            SameClinic("target", name="ruler_target_same_clinic"),
            SameClinic("appointment", name="ruler_appointment_same_clinic"),
            models.CheckConstraint(condition=Q(value__lte=10), name="ruler_zero_to_ten"),
        ]

    class Privacy:
        clinical = ("why_not_lower", "what_would_raise")
        operational = (
            "clinic",
            "public_id",
            "client",
            "target",
            "appointment",
            "ruler",
            "value",
            "taken_on",
            "taken_by",
        )

    def __str__(self) -> str:
        return f"{self.ruler} {self.public_id}"

    @classmethod
    def reach_condition(cls, reach: Reach, user: Any) -> Q | None:
        return client_reach(reach, user)


# What every session asks; hope and discord are noted where they are met.
ASKED_RULERS: Final = (RulerReading.Ruler.IMPORTANCE, RulerReading.Ruler.CONFIDENCE, RulerReading.Ruler.READINESS)

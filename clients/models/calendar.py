"""When staff work: the hours that can be booked, and who is on call."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from clinics.models.people import supervisees_of
from clinics.roles import Reach
from clinics.tenancy import ClinicOwned


class WorkingHours(ClinicOwned):
    """A span of a weekday in which a therapist can be booked, by the clinic's clock, from one day to another."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    weekday = models.PositiveSmallIntegerField(help_text="0 is Monday")
    starts = models.TimeField()
    ends = models.TimeField()
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True, help_text="The last day it holds")

    class Meta(ClinicOwned.Meta):
        indexes: ClassVar[list[Any]] = [models.Index(fields=["clinic", "user", "weekday"], name="hours_user")]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.CheckConstraint(condition=Q(weekday__lte=6), name="hours_weekday"),
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="hours_end_after_start"),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gte=F("from_on")), name="hours_days_in_order"
            ),
        ]

    class Privacy:
        operational = ("clinic", "public_id", "user", "weekday", "starts", "ends", "from_on", "until_on")

    def __str__(self) -> str:
        return f"Hours {self.public_id}"

    @classmethod
    def reach_condition(cls, reach: Reach, user: Any) -> Q | None:
        if reach is Reach.SUPERVISEES:
            return Q(user=user) | Q(user_id__in=supervisees_of(user))
        if reach in (Reach.CASELOAD, Reach.OWN):
            return Q(user=user)
        return None


class Shift(ClinicOwned):
    """Who is on call as a clinician, from when to when. More than one may be: the second stands in."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta(ClinicOwned.Meta):
        indexes: ClassVar[list[Any]] = [models.Index(fields=["clinic", "ends_at"], name="shift_end")]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="shift_end_after_start"),
            models.UniqueConstraint(fields=["clinic", "user", "starts_at"], name="shift_once"),
        ]

    class Privacy:
        operational = ("clinic", "public_id", "user", "starts_at", "ends_at", "created_at", "created_by")

    def __str__(self) -> str:
        return f"Shift {self.public_id}"

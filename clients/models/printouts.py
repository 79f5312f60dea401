"""Printed pages as PDF, on their way to whoever asked for one."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from clients.models.access import OfClient
from clinics.fields import EncryptedTextField
from clinics.tenancy import ClinicOwned, SameClinic, owned_fk


class Printout(OfClient):
    """
    A printed page as PDF: promised, then ready for the one who asked for it, and gone after a day.

    of      public id of what is printed, a row of the table that `kind` names
    pages   how many there are
    body    the file in base64
    """

    class Kind(models.TextChoices):
        PLAN = "plan", "Treatment plan"
        EXERCISE = "exercise", "Exercise"
        RELAPSE_PLAN = "relapse_plan", "Plan for return to use"
        SAFETY_PLAN = "safety_plan", "Safety plan"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client")
    kind = models.CharField(max_length=20, choices=Kind)
    of = models.UUIDField(editable=False)
    job = owned_fk("clinics.Job")
    asked_by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    ready_at = models.DateTimeField(null=True, editable=False)
    pages = models.PositiveSmallIntegerField(null=True, editable=False)
    body = EncryptedTextField(null=True)

    class Meta(OfClient.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "asked_by", "of"], name="printout_asked"),
            models.Index(fields=["clinic", "asked_at"], name="printout_kept"),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            SameClinic("client", name="printout_client_same_clinic"),
            SameClinic("job", name="printout_job_same_clinic"),
            models.CheckConstraint(
                condition=Q(ready_at__isnull=True, pages__isnull=True, body__isnull=True)
                | Q(ready_at__isnull=False, pages__isnull=False, body__isnull=False),
                name="printout_ready_has_body",
            ),
        ]

    class Privacy:
        clinical = ("body",)
        operational = (
            "clinic", "public_id", "client", "kind", "of", "job", "asked_by", "asked_at", "ready_at", "pages",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Printout {self.public_id}"

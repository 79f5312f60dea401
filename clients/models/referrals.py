"""Who sends people here: the clinic's list of organisations."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from clients.rules import intake
from clinics.tenancy import ClinicOwned


class ReferralOrganisation(ClinicOwned):
    """An organisation that refers people, or that people are referred to."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=160)
    source = models.CharField(max_length=2, choices=intake.SOURCES)
    source_detail = models.CharField(max_length=2, blank=True, choices=intake.JUSTICE_DETAILS)
    phone = models.CharField(max_length=16, blank=True)
    phone_extension = models.CharField(max_length=8, blank=True, default="", db_default="")
    email = models.CharField(max_length=254, blank=True)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(ClinicOwned.Meta):
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint("clinic", Lower("name"), name="referral_organisation_name"),
            models.CheckConstraint(
                condition=Q(source_detail="") | Q(source="7"), name="referral_organisation_detail_of_justice"
            ),
        ]

    class Privacy:
        operational = (
            "clinic", "public_id", "name", "source", "source_detail", "phone", "phone_extension", "email", "is_active",
            "version",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Organization {self.public_id}"

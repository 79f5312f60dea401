"""Instruments that a clinic has adopted: definitions as data, immutable once published, and their thresholds."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Now

from clinics.tenancy import ClinicOwned, SameClinic, owned_fk


class InstrumentVersion(ClinicOwned):
    """One version of an instrument or measure at one clinic."""

    class Kind:
        """What it is for: a person answers a measure, a coder codes with the other."""

        MEASURE = "measure"
        FIDELITY = "fidelity"

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        RETIRED = "retired", "Retired"

    class Origin(models.TextChoices):
        SHIPPED = "shipped", "Shipped with Evoke"
        CLINIC = "clinic", "This clinic's own"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.SlugField(max_length=60)
    instrument_version = models.CharField(max_length=20)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, default="fidelity")
    origin = models.CharField(max_length=10, choices=Origin)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    definition = models.JSONField()
    definition_hash = models.CharField(max_length=64)
    licence_class = models.CharField(max_length=20)
    comparability_group = models.CharField(max_length=60)
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta(ClinicOwned.Meta):
        ordering = ("key", "instrument_version")
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "key", "instrument_version"], name="instrument_version_once"),
            models.CheckConstraint(
                condition=models.Q(status="draft", published_at__isnull=True)
                | models.Q(status__in=["published", "retired"], published_at__isnull=False),
                name="instrument_published_has_date",
            ),
        ]

    class Privacy:
        operational = (
            "clinic", "public_id", "key", "instrument_version", "name", "kind", "origin", "status", "definition",
            "definition_hash", "licence_class", "comparability_group", "published_at", "published_by", "retired_at",
            "created_at",
        )  # fmt: skip

    def __str__(self) -> str:
        named = self.instrument_version in self.name.split()
        return self.name if named else f"{self.name} {self.instrument_version}"


class ThresholdSet(ClinicOwned):
    """The cut-offs that band an instrument's scores. One set is in force per instrument version."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    instrument = owned_fk("clinics.InstrumentVersion", related_name="threshold_sets")
    key = models.SlugField(max_length=60)
    label = models.CharField(max_length=120)
    source = models.CharField(max_length=200)
    is_official = models.BooleanField(default=False)
    thresholds = models.JSONField(help_text='{"r_to_q": {"fair": "1", "good": "2"}}')
    in_force = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta(ClinicOwned.Meta):
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "instrument", "key"], name="threshold_set_key"),
            models.UniqueConstraint(
                fields=["clinic", "instrument"],
                condition=models.Q(in_force=True),
                name="threshold_set_one_in_force",
            ),
            SameClinic("instrument", name="threshold_set_instrument_same_clinic"),
        ]

    class Privacy:
        operational = (
            "clinic", "public_id", "instrument", "key", "label", "source", "is_official", "thresholds", "in_force",
            "created_at",
        )  # fmt: skip

    def __str__(self) -> str:
        return self.label


class InstrumentAttestation(ClinicOwned):
    """
    That this clinic may use an instrument whose questions are somebody's property: who says so, and on what ground.

    wording   item key to the clinic's licensed wording; an item without it is shown by its number
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.SlugField(max_length=60)
    statement = models.CharField(max_length=400)
    wording = models.JSONField(default=dict, blank=True)
    attested_at = models.DateTimeField(db_default=Now(), editable=False)
    attested_by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    class Meta(ClinicOwned.Meta):
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["clinic", "key"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="instrument_attestation_once",
            ),
        ]

    class Privacy:
        operational = (
            "clinic", "public_id", "key", "statement", "wording", "attested_at", "attested_by", "withdrawn_at",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Attestation {self.key}"

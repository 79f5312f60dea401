"""Work in progress: jobs, marks for derived figures, drafts, repeated posts, tokens of the clinic's own systems."""

import uuid
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from clinics.fields import EncryptedTextField
from clinics.models.trail import ClockTimestamp
from clinics.tenancy import ClinicOwned


class Job(ClinicOwned):
    """Work that was promised: claimed by one worker at a time, tried again after a fault, never done twice."""

    class State(models.TextChoices):
        NEW = "new", "Waiting"
        DONE = "done", "Done"
        DEAD = "dead", "Stopped"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=40)
    label = models.CharField(max_length=120)
    args = models.JSONField(default=dict, help_text="References only")
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(db_default=ClockTimestamp())
    claimed_at = models.DateTimeField(null=True)
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(null=True)
    last_error = models.CharField(max_length=200, blank=True)
    result = models.JSONField(default=dict)
    made_by = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True)

    class Meta(ClinicOwned.Meta):
        ordering = ("-id",)
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "not_before"], condition=models.Q(state="new"), name="job_waiting"),
            models.Index(fields=["clinic", "-id"], name="job_newest"),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(state="new", finished_at__isnull=True)
                | models.Q(state__in=["done", "dead"], finished_at__isnull=False),
                name="job_finished_has_time",
            ),
        ]

    class Privacy:
        operational = (
            "clinic", "public_id", "kind", "label", "args", "state", "attempts", "not_before", "claimed_at",
            "progress_done", "progress_total", "last_error", "result", "made_by", "created_at", "finished_at",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"


class DirtyMark(ClinicOwned):
    """A note that a derived figure must be computed again. Services insert it; beat drains it."""

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    marked_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta(ClinicOwned.Meta):
        indexes: ClassVar[list[Any]] = [models.Index(fields=["clinic", "kind", "key"], name="dirty_mark_key")]

    class Privacy:
        operational = ("clinic", "kind", "key", "marked_at")

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Slot(models.Model):
    """A tick of beat that was served. Any number of beats may run; one of them inserts."""

    name = models.CharField(max_length=60)
    slot_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["name", "slot_at"], name="slot_once")]

    class Privacy:
        operational = ("name", "slot_at")

    def __str__(self) -> str:
        return f"{self.name} {self.slot_at}"


class Draft(ClinicOwned):
    """What a person has typed into a form and not yet saved. Health data: encrypted, theirs alone, kept 30 days."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey("clinics.User", on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=120)
    body = EncryptedTextField()
    saved_at = models.DateTimeField(db_default=ClockTimestamp())

    class Meta(ClinicOwned.Meta):
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "user", "key"], name="draft_key"),
        ]

    class Privacy:
        clinical = ("body",)
        operational = ("clinic", "public_id", "user", "key", "saved_at")

    def __str__(self) -> str:
        return f"Draft {self.public_id}"


class IdempotencyKey(ClinicOwned):
    """A POST that was answered, so that the same POST again gets the same answer. Kept 24 hours."""

    user = models.ForeignKey("clinics.User", on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=100)
    route = models.CharField(max_length=200)
    body_hash = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(null=True)
    object_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta(ClinicOwned.Meta):
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "user", "key"], name="idempotency_key_once"),
        ]

    class Privacy:
        operational = ("clinic", "user", "key", "route", "body_hash", "status", "object_id", "created_at")

    def __str__(self) -> str:
        return f"{self.route} {self.pk}"


class ApiToken(ClinicOwned):
    """A token of the clinic's own system. Stored hashed: it is shown once, when it is made."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12)
    digest = models.BinaryField(max_length=32)
    scopes = ArrayField(models.CharField(max_length=60), default=list)
    created_by = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta(ClinicOwned.Meta):
        ordering = ("-id",)
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "digest"], name="api_token_digest"),
        ]

    class Privacy:
        operational = (
            "clinic", "public_id", "user", "name", "prefix", "digest", "scopes", "created_by", "created_at",
            "expires_at", "last_used_at", "revoked_at",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.prefix}…"

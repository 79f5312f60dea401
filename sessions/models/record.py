"""The record of one therapy session: what was done, the note, its signature, what was added later."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse

from clients.models.access import client_reach
from clinics.fields import EncryptedTextField
from clinics.models.people import supervisees_of
from clinics.roles import Reach
from clinics.tenancy import ClinicOwned, SameClinic, owned_fk


class TherapySession(ClinicOwned):
    """A treatment appointment that took place: minutes, format, and the mix of modalities in percent."""

    class Format(models.TextChoices):
        INDIVIDUAL = "individual", "Individual"
        FAMILY = "family", "Family"
        PHONE = "phone", "Phone"
        VIDEO = "video", "Video"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client")
    appointment = owned_fk("clients.Appointment")
    therapist = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    service_on = models.DateField()
    started_at = models.DateTimeField()
    duration_min = models.PositiveSmallIntegerField()
    session_format = models.CharField(max_length=12, choices=Format, default=Format.INDIVIDUAL)
    mi_pct = models.PositiveSmallIntegerField(default=100)
    cbt_pct = models.PositiveSmallIntegerField(default=0)
    dbt_pct = models.PositiveSmallIntegerField(default=0)
    other_pct = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(ClinicOwned.Meta):
        ordering = ("-started_at", "-id")
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "-started_at", "-id"], name="therapy_session_newest"),
            models.Index(fields=["clinic", "therapist", "-started_at", "-id"], name="therapy_session_therapist"),
            models.Index(fields=["clinic", "client", "-started_at"], name="therapy_session_client"),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "appointment"], name="therapy_session_one_per_appointment"),
            SameClinic("client", name="therapy_session_client_same_clinic"),
            SameClinic("appointment", name="therapy_session_appointment_same_clinic"),
            models.CheckConstraint(
                condition=Q(mi_pct=100 - F("cbt_pct") - F("dbt_pct") - F("other_pct")),
                name="therapy_session_mix_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(duration_min__gte=1, duration_min__lte=600),
                name="therapy_session_minutes_in_range",
            ),
        ]

    class Privacy:
        identifying = ("service_on", "started_at")
        operational = (
            "clinic", "public_id", "client", "appointment", "therapist", "duration_min", "session_format", "mi_pct",
            "cbt_pct", "dbt_pct", "other_pct", "created_at", "version",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Session {self.public_id}"

    def get_absolute_url(self) -> str:
        return reverse("session_detail", args=[self.clinic.slug, self.public_id])

    @classmethod
    def reach_condition(cls, reach: Reach, user: Any) -> Q | None:
        if reach is Reach.OWN:
            return Q(therapist=user)
        condition = client_reach(reach, user)
        if reach is Reach.SUPERVISEES and condition is not None:
            # As the note: who supervises the therapist sees the session after the person has moved to another.
            return Q(therapist_id__in=supervisees_of(user)) | condition
        return condition


class ProgressNote(ClinicOwned):
    """The progress note of a session. Signing hashes and locks it for good; a trigger holds that."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        LOCKED = "locked", "Signed"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client")
    session = owned_fk("clinical_sessions.TherapySession")
    author = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    body = EncryptedTextField()
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    content_hash = models.CharField(max_length=64, blank=True, editable=False)
    signed_at = models.DateTimeField(null=True, editable=False)
    late_entry = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(ClinicOwned.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "author", "state"], name="progress_note_author"),
            models.Index(fields=["clinic", "client"], name="progress_note_client"),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "session"], name="progress_note_one_per_session"),
            SameClinic("client", name="progress_note_client_same_clinic"),
            SameClinic("session", name="progress_note_session_same_clinic"),
            models.CheckConstraint(
                condition=Q(state="draft", signed_at__isnull=True, content_hash="")
                | Q(state="locked", signed_at__isnull=False) & ~Q(content_hash=""),
                name="progress_note_signed_whole",
            ),
        ]

    class Privacy:
        clinical = ("body",)
        operational = (
            "clinic", "public_id", "client", "session", "author", "state", "content_hash", "signed_at", "late_entry",
            "created_at", "version",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Note {self.public_id}"

    @classmethod
    def reach_condition(cls, reach: Reach, user: Any) -> Q | None:
        if reach is Reach.OWN:
            return Q(author=user)
        if reach is Reach.SUPERVISEES:
            return Q(author_id__in=supervisees_of(user))
        return client_reach(reach, user)


class NoteSignature(ClinicOwned):
    """Who put their name under a note, when, in which capacity, and over which content."""

    class Capacity(models.TextChoices):
        AUTHOR = "author", "Author"
        COSIGNER = "cosigner", "Co-signer"

    note = owned_fk("clinical_sessions.ProgressNote", related_name="signatures")
    signer = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    capacity = models.CharField(max_length=10, choices=Capacity)
    printed_name = models.CharField(max_length=200)
    content_hash = models.CharField(max_length=64)
    signed_at = models.DateTimeField()

    class Meta(ClinicOwned.Meta):
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "note", "capacity"], name="note_signature_capacity"),
            SameClinic("note", name="note_signature_note_same_clinic"),
        ]

    class Privacy:
        identifying = ("printed_name",)
        operational = ("clinic", "note", "signer", "capacity", "content_hash", "signed_at")

    def __str__(self) -> str:
        return f"Signature {self.pk}"


class Addendum(ClinicOwned):
    """Text added to a signed note, by its author. Final as soon as it is saved."""

    class Kind(models.TextChoices):
        LATE_ENTRY = "late_entry", "Late entry"
        CORRECTION = "correction", "Correction"
        MORE = "more", "Further information"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    note = owned_fk("clinical_sessions.ProgressNote", related_name="addenda")
    author = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=Kind)
    body = EncryptedTextField()
    content_hash = models.CharField(max_length=64)
    signed_at = models.DateTimeField()

    class Meta(ClinicOwned.Meta):
        ordering = ("id",)
        indexes: ClassVar[list[Any]] = [models.Index(fields=["clinic", "note"], name="addendum_note")]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            SameClinic("note", name="addendum_note_same_clinic"),
        ]

    class Privacy:
        clinical = ("body",)
        operational = ("clinic", "public_id", "note", "author", "kind", "content_hash", "signed_at")

    def __str__(self) -> str:
        return f"Addendum {self.public_id}"

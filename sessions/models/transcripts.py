"""The words of a session, where they came from, and the stretch of them that is coded."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse

from clinics.fields import EncryptedTextField
from clinics.models.people import supervisees_of
from clinics.roles import Reach
from clinics.tenancy import ClinicOwned, SameClinic, owned_fk


class ImportBatch(ClinicOwned):
    """One file that was imported into the practice room. It can be undone as a whole."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    source_format = models.CharField(max_length=20)
    file_name = models.CharField(max_length=120)
    file_hash = models.CharField(max_length=64)
    rows_read = models.PositiveIntegerField(default=0)
    rows_skipped = models.PositiveIntegerField(default=0)
    report = models.JSONField(
        default=dict, db_default={}, editable=False, help_text="Counts and findings; references only, no words"
    )
    imported_by = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+")
    imported_at = models.DateTimeField(db_default=Now(), editable=False)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta(ClinicOwned.Meta):
        ordering = ("-id",)

    class Privacy:
        operational = (
            "clinic", "public_id", "source_format", "file_name", "file_hash", "rows_read", "rows_skipped",
            "report", "imported_by", "imported_at", "undone_at", "undone_by",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Import {self.public_id}"


class ImportUpload(ClinicOwned):
    """A file on its way into the practice room, kept until its job has read it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    source_format = models.CharField(max_length=20)
    file_name = models.CharField(max_length=120)
    size = models.PositiveIntegerField(help_text="Bytes")
    uploaded_by = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta(ClinicOwned.Meta):
        ordering = ("-id",)

    class Privacy:
        operational = (
            "clinic", "public_id", "source_format", "file_name", "size", "uploaded_by", "uploaded_at",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Upload {self.public_id}"


class ImportUploadPart(ClinicOwned):
    """A piece of an uploaded file, as base64 text, so that no piece is large in memory."""

    encryption_row = ("upload_id", "seq")

    upload = owned_fk("clinical_sessions.ImportUpload", on_delete=models.CASCADE)
    seq = models.PositiveIntegerField()
    content = EncryptedTextField()

    class Meta(ClinicOwned.Meta):
        ordering = ("upload", "seq")
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "upload", "seq"], name="import_upload_part_seq"),
            SameClinic("upload", name="import_upload_part_upload_same_clinic"),
        ]

    class Privacy:
        clinical = ("content",)
        operational = ("clinic", "upload", "seq")

    def __str__(self) -> str:
        return f"Part {self.seq} of {self.upload_id}"


class PracticeSet(ClinicOwned):
    """A set of demonstrations in the practice room, outside every clinical figure."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)

    class Meta(ClinicOwned.Meta):
        ordering = ("name",)
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "key"], name="practice_set_key"),
        ]

    class Privacy:
        operational = ("clinic", "public_id", "key", "name")

    def __str__(self) -> str:
        return self.name


class Transcript(ClinicOwned):
    """The lines of one conversation: of a therapy session, or a demonstration in the practice room."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    session = owned_fk("clinical_sessions.TherapySession", null=True)
    practice_set = owned_fk("clinical_sessions.PracticeSet", null=True)
    import_batch = owned_fk("clinical_sessions.ImportBatch", null=True)
    therapist = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    source_key = models.CharField(max_length=60, blank=True, help_text="The source's own id of the transcript")
    title = EncryptedTextField(null=True)
    topic = EncryptedTextField(null=True)
    group_key = models.CharField(max_length=64, blank=True, help_text="Same for transcripts of one recording")
    quality = models.CharField(max_length=10, blank=True)
    timed = models.BooleanField(default=False)
    line_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta(ClinicOwned.Meta):
        ordering = ("-id",)
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "session"], name="transcript_session"),
            models.Index(fields=["clinic", "import_batch"], name="transcript_batch"),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.CheckConstraint(
                condition=Q(session__isnull=False, practice_set__isnull=True)
                | Q(session__isnull=True, practice_set__isnull=False),
                name="transcript_session_or_practice",
            ),
            models.UniqueConstraint(
                fields=["clinic", "practice_set", "source_key"],
                condition=Q(practice_set__isnull=False),
                name="transcript_source_once",
            ),
            SameClinic("session", name="transcript_session_same_clinic"),
            SameClinic("practice_set", name="transcript_practice_set_same_clinic"),
            SameClinic("import_batch", name="transcript_import_batch_same_clinic"),
        ]

    class Privacy:
        clinical = ("title", "topic")
        operational = (
            "clinic", "public_id", "session", "practice_set", "import_batch", "therapist", "source_key", "group_key",
            "quality", "timed", "line_count", "created_at",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Transcript {self.public_id}"

    def get_absolute_url(self) -> str:
        return reverse("transcript_detail", args=[self.clinic.slug, self.public_id])

    @classmethod
    def right_condition(cls, perm: str) -> Q:
        # The right to the practice room reaches the whole clinic, and never a session.
        return Q(practice_set__isnull=False) if perm == "clinics.view_practice" else Q()

    @classmethod
    def reach_condition(cls, reach: Reach, user: Any) -> Q | None:
        if reach is Reach.OWN:
            return Q(session__therapist=user)
        if reach is Reach.SUPERVISEES:
            return Q(session__therapist__in=supervisees_of(user))
        return None


class Utterance(ClinicOwned):
    """One line of a transcript."""

    class Speaker(models.TextChoices):
        THERAPIST = "therapist", "Therapist"
        CLIENT = "client", "Client"

    encryption_row = ("transcript_id", "seq")

    transcript = owned_fk("clinical_sessions.Transcript", on_delete=models.CASCADE)
    seq = models.PositiveIntegerField()
    speaker = models.CharField(max_length=10, choices=Speaker)
    start_ms = models.PositiveIntegerField(null=True)
    end_ms = models.PositiveIntegerField(null=True)
    text = EncryptedTextField()

    class Meta(ClinicOwned.Meta):
        ordering = ("transcript", "seq")
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "transcript", "seq"], name="utterance_seq"),
            SameClinic("transcript", name="utterance_transcript_same_clinic"),
        ]

    class Privacy:
        clinical = ("text",)
        operational = ("clinic", "transcript", "seq", "speaker", "start_ms", "end_ms")

    def __str__(self) -> str:
        return f"Line {self.seq} of {self.transcript_id}"


class Segment(ClinicOwned):
    """The stretch of a transcript that is coded."""

    class Selection(models.TextChoices):
        RANDOM = "random", "Drawn at random"
        WHOLE = "whole", "Whole transcript"
        SUPERVISOR = "supervisor", "Chosen by the supervisor"
        SELF = "self", "Chosen by the therapist"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    transcript = owned_fk("clinical_sessions.Transcript", on_delete=models.CASCADE)
    first_seq = models.PositiveIntegerField()
    last_seq = models.PositiveIntegerField()
    selection = models.CharField(max_length=12, choices=Selection)
    seed = models.BigIntegerField(null=True)

    class Meta(ClinicOwned.Meta):
        indexes: ClassVar[list[Any]] = [models.Index(fields=["clinic", "transcript"], name="segment_transcript")]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            SameClinic("transcript", name="segment_transcript_same_clinic"),
            models.CheckConstraint(condition=Q(last_seq__gte=models.F("first_seq")), name="segment_ends_after_start"),
        ]

    class Privacy:
        operational = ("clinic", "public_id", "transcript", "first_seq", "last_seq", "selection", "seed")

    def __str__(self) -> str:
        return f"Segment {self.public_id}"

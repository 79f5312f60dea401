"""From assessment to admission: what was found, what was decided, who waits, and who was admitted on what."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from clients.models.access import OfClient, client_reach
from clients.rules import intake
from clinics.fields import EncryptedTextField
from clinics.roles import Reach
from clinics.tenancy import ClinicOwned, SameClinic, owned_fk


class Assessment(OfClient):
    """
    What an assessor found before admission. Signed, it is final.

    sections    JSON object of section key to text (keys: clients.rules.assessment), encrypted as a whole
    substances  up to three: substance, route, frequency, age at first use, last use, as codes
    dimensions  six ratings of risk, 0 to 4, by number
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Being written"
        SIGNED = "signed", "Signed"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    inquiry = owned_fk("clients.Inquiry", related_name="assessments")
    client = owned_fk("clients.Client")
    appointment = owned_fk("clients.Appointment", null=True, blank=True)
    assessor = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    sections = EncryptedTextField(null=True)
    substances = models.JSONField(default=list, blank=True)
    dimensions = models.JSONField(default=dict, blank=True)
    level_of_care = models.CharField(max_length=24, blank=True, choices=intake.LEVELS)
    level_reason = EncryptedTextField(null=True)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    signed_at = models.DateTimeField(null=True, editable=False)
    content_hash = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(OfClient.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "client"], name="assessment_client"),
            models.Index(fields=["clinic", "assessor", "created_at"], name="assessment_assessor"),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["clinic", "inquiry"], condition=Q(state="draft"), name="assessment_one_draft"
            ),
            SameClinic("inquiry", name="assessment_inquiry_same_clinic"),
            SameClinic("client", name="assessment_client_same_clinic"),
            SameClinic("appointment", name="assessment_appointment_same_clinic"),
            models.CheckConstraint(
                condition=Q(state="draft", signed_at__isnull=True, content_hash="")
                | (Q(state="signed", signed_at__isnull=False) & ~Q(content_hash="")),
                name="assessment_signed_whole",
            ),
        ]

    class Privacy:
        clinical = ("sections", "level_reason")
        operational = (
            "clinic", "public_id", "inquiry", "client", "appointment", "assessor", "substances", "dimensions",
            "level_of_care", "state", "signed_at", "content_hash", "created_at", "version",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Assessment {self.public_id}"


class AdmissionDecision(OfClient):
    """Who decided what about admission, when, for which level of care, and why. Final."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", "Accepted"
        REFERRED_OUT = "referred_out", "Referred elsewhere"
        NOT_ELIGIBLE = "not_eligible", "Needs another service"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    inquiry = owned_fk("clients.Inquiry", related_name="decisions")
    client = owned_fk("clients.Client")
    assessment = owned_fk("clients.Assessment")
    outcome = models.CharField(max_length=16, choices=Outcome)
    level_of_care = models.CharField(max_length=24, blank=True, choices=intake.LEVELS)
    program = owned_fk("clinics.Program", null=True, blank=True)
    reason = EncryptedTextField()
    decided_at = models.DateTimeField(db_default=Now(), editable=False)
    decided_by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta(OfClient.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "inquiry", "id"], name="decision_inquiry"),
            models.Index(fields=["clinic", "client"], name="decision_client"),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            SameClinic("inquiry", name="decision_inquiry_same_clinic"),
            SameClinic("client", name="decision_client_same_clinic"),
            SameClinic("assessment", name="decision_assessment_same_clinic"),
            SameClinic("program", name="decision_program_same_clinic"),
            models.CheckConstraint(
                condition=~Q(outcome="accepted") | ~Q(level_of_care=""), name="decision_accepted_has_level"
            ),
        ]

    class Privacy:
        clinical = ("reason",)
        operational = (
            "clinic", "public_id", "inquiry", "client", "assessment", "outcome", "level_of_care", "program",
            "decided_at", "decided_by",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Decision {self.public_id}"


class WaitlistEntry(OfClient):
    """An accepted person who waits for a place. Their position is computed, never stored."""

    class Ended(models.TextChoices):
        OFFERED = "offered", "A place was offered"
        DECLINED = "declined", "Does not want the place"
        REFERRED = "referred", "Referred elsewhere"
        NOT_REACHED = "not_reached", "Could not be reached"
        OTHER = "other", "Another reason"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    inquiry = owned_fk("clients.Inquiry", related_name="waits")
    client = owned_fk("clients.Client")
    program = owned_fk("clinics.Program", null=True, blank=True)
    level_of_care = models.CharField(max_length=24, choices=intake.LEVELS)
    priority = models.PositiveSmallIntegerField()
    since = models.DateTimeField(db_default=Now(), editable=False)
    last_check_at = models.DateTimeField(null=True)
    slot_offered_at = models.DateTimeField(null=True)
    slot_offered_by = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended = models.CharField(max_length=16, choices=Ended, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(OfClient.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["clinic", "priority", "since", "id"], name="waitlist_order", condition=Q(ended_at__isnull=True)
            ),
            models.Index(fields=["clinic", "client"], name="waitlist_client"),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(
                fields=["clinic", "inquiry"], condition=Q(ended_at__isnull=True), name="waitlist_once"
            ),
            SameClinic("inquiry", name="waitlist_inquiry_same_clinic"),
            SameClinic("client", name="waitlist_client_same_clinic"),
            SameClinic("program", name="waitlist_program_same_clinic"),
            models.CheckConstraint(condition=Q(priority__gte=1, priority__lte=4), name="waitlist_priority"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended="") | (Q(ended_at__isnull=False) & ~Q(ended="")),
                name="waitlist_ended_whole",
            ),
            models.CheckConstraint(
                condition=Q(slot_offered_at__isnull=True, slot_offered_by__isnull=True)
                | Q(slot_offered_at__isnull=False, slot_offered_by__isnull=False),
                name="waitlist_offer_whole",
            ),
        ]

    class Privacy:
        operational = (
            "clinic", "public_id", "inquiry", "client", "program", "level_of_care", "priority", "since",
            "last_check_at", "slot_offered_at", "slot_offered_by", "ended_at", "ended", "version",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Waiting {self.public_id}"


class InterimOffer(ClinicOwned):
    """Help that was offered to somebody who waits, and what they said. Final."""

    class Answer(models.TextChoices):
        ACCEPTED = "accepted", "Yes"
        DECLINED = "declined", "No"
        UNDECIDED = "undecided", "Not yet"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    entry = owned_fk("clients.WaitlistEntry", related_name="offers")
    offer = models.CharField(max_length=24)
    words = EncryptedTextField(null=True)
    answer = models.CharField(max_length=10, choices=Answer)
    at = models.DateTimeField(db_default=Now(), editable=False)
    by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta(ClinicOwned.Meta):
        indexes: ClassVar[list[Any]] = [models.Index(fields=["clinic", "entry", "id"], name="interim_offer_entry")]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            SameClinic("entry", name="interim_offer_entry_same_clinic"),
        ]

    class Privacy:
        clinical = ("words",)
        operational = ("clinic", "public_id", "entry", "offer", "answer", "at", "by")

    def __str__(self) -> str:
        return f"Interim offer {self.public_id}"

    @classmethod
    def reach_condition(cls, reach: Reach, user: Any) -> Q | None:
        return client_reach(reach, user, "entry__client_id")


class Admission(OfClient):
    """
    The admission that opened an episode: on which assessment and decision, who was checked how, the minimum set.

    teds          field to code of the treatment episode data set, exact values (clients.rules.teds)
    days_waited   from the inquiry to the admission, in days of the clinic's calendar
    Only taking it back, once, changes it.
    """

    class IdentityCheck(models.TextChoices):
        PHOTO_ID = "photo_id", "Photo ID"
        TWO_IDENTIFIERS = "two_identifiers", "Two other documents"
        KNOWN_HERE = "known_here", "Known here from earlier care"
        NO_DOCUMENT = "no_document", "Has no document: name and date of birth said twice"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    inquiry = owned_fk("clients.Inquiry", related_name="admissions")
    client = owned_fk("clients.Client")
    episode = owned_fk("clients.Episode", related_name="admissions")
    assessment = owned_fk("clients.Assessment")
    decision = owned_fk("clients.AdmissionDecision")
    therapist = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    first_appointment = owned_fk("clients.Appointment")
    identity_check = models.CharField(max_length=20, choices=IdentityCheck)
    teds = models.JSONField(default=dict)
    days_waited = models.PositiveIntegerField()
    admitted_at = models.DateTimeField(db_default=Now(), editable=False)
    admitted_by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    undone_at = models.DateTimeField(null=True, editable=False)
    undone_by = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+")
    undo_reason = EncryptedTextField(null=True)

    class Meta(OfClient.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "client"], name="admission_client"),
            models.Index(fields=["clinic", "-admitted_at", "-id"], name="admission_newest"),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "episode"], name="admission_of_episode"),
            models.UniqueConstraint(
                fields=["clinic", "inquiry"], condition=Q(undone_at__isnull=True), name="admission_once"
            ),
            SameClinic("inquiry", name="admission_inquiry_same_clinic"),
            SameClinic("client", name="admission_client_same_clinic"),
            SameClinic("episode", name="admission_episode_same_clinic"),
            SameClinic("assessment", name="admission_assessment_same_clinic"),
            SameClinic("decision", name="admission_decision_same_clinic"),
            SameClinic("first_appointment", name="admission_first_appointment_same_clinic"),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True, undo_reason__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False, undo_reason__isnull=False),
                name="admission_undone_whole",
            ),
        ]

    class Privacy:
        clinical = ("undo_reason",)
        identifying = ("admitted_at",)
        operational = (
            "clinic", "public_id", "inquiry", "client", "episode", "assessment", "decision", "therapist",
            "first_appointment", "identity_check", "teds", "days_waited", "admitted_by", "undone_at", "undone_by",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Admission {self.public_id}"

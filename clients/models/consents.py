"""What a person agreed to, what they were told, what they asked to be kept back, and what left the clinic."""

import uuid
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from clients.models.access import OfClient, client_reach
from clinics.fields import EncryptedTextField
from clinics.roles import Reach
from clinics.tenancy import ClinicOwned, SameClinic, owned_fk


class Consent(OfClient):
    """
    A written consent: what may be told, by whom, to whom, for what, until when, and who signed it.

    Signed, its text never changes; only its state does, and each change of it is a ConsentEvent. That it has expired
    is not stored: it follows from `expires_at` and the moment asked for (domain: consent engine).
    """

    class Kind(models.TextChoices):
        TREATMENT = "treatment", "Treatment here"
        TPO_SINGLE = "tpo_single", "Treatment, payment and operations"
        SPECIFIC = "specific", "One recipient, one purpose"
        INTERMEDIARY = "intermediary", "Through an intermediary"
        COUNSELLING_NOTES = "counselling_notes", "Counseling notes"
        LEGAL_PROCEEDING = "legal_proceeding", "A legal proceeding"
        CRIMINAL_JUSTICE = "criminal_justice", "A criminal justice condition"
        FAMILY_CONTACT = "family_contact", "Contact with family or friends"
        EAP_REPORT = "eap_report", "A report to an employee assistance program"
        RESEARCH = "research", "Research"
        MARKETING = "marketing", "News and offers"
        FUNDRAISING = "fundraising", "Fundraising"
        RECORDING = "recording", "Recording sessions"
        SUGGESTER_TRAINING = "suggester_training", "Use of coded sessions to train suggestions"

    class State(models.TextChoices):
        DRAFT = "draft", "Not signed yet"
        ACTIVE = "active", "Active"
        ON_HOLD = "on_hold", "On hold"
        REVOKED = "revoked", "Revoked"
        INVALID = "invalid", "Not valid"

    class Signer(models.TextChoices):
        SELF = "self", "The person"
        GUARDIAN = "guardian", "Parent or guardian"
        REPRESENTATIVE = "representative", "Legal representative"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client", related_name="consents")
    kind = models.CharField(max_length=24, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)

    discloser = models.CharField(max_length=160, blank=True)
    categories = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    description = EncryptedTextField(null=True)
    recipient = models.CharField(max_length=160, blank=True)
    recipient_is_class = models.BooleanField(default=False)
    participants = models.CharField(max_length=400, blank=True)
    purpose = models.CharField(max_length=32, blank=True)
    purpose_words = EncryptedTextField(null=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    expires_never = models.BooleanField(default=False)
    expiry_event = models.CharField(max_length=160, blank=True)
    event_occurred_at = models.DateTimeField(null=True, blank=True)
    states_revocation = models.BooleanField(default=False)
    states_redisclosure = models.BooleanField(default=False)
    states_refusal = models.BooleanField(default=False)
    states_opt_out = models.BooleanField(default=False)
    revocable_from = models.DateField(null=True, blank=True)
    revocable_when = models.CharField(max_length=160, blank=True)

    text = EncryptedTextField(null=True)
    signer = models.CharField(max_length=16, choices=Signer, blank=True)
    signed_name = models.CharField(max_length=160, blank=True)
    authority = models.CharField(max_length=160, blank=True)
    on_paper = models.BooleanField(default=False)
    signed_at = models.DateTimeField(null=True, editable=False)
    witnessed_by = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+")
    content_hash = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(OfClient.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "client", "kind"], name="consent_client"),
            models.Index(
                fields=["clinic", "expires_at", "id"],
                name="consent_expiry",
                condition=Q(state__in=["active", "on_hold"]),
            ),
            models.Index(fields=["clinic", "state", "id"], name="consent_state"),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            SameClinic("client", name="consent_client_same_clinic"),
            models.CheckConstraint(
                condition=Q(state="draft", signed_at__isnull=True)
                | (Q(signed_at__isnull=False, text__isnull=False) & ~Q(state="draft") & ~Q(content_hash="")),
                name="consent_signed_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["active", "on_hold", "revoked"]) | (~Q(signed_name="") & ~Q(signer="")),
                name="consent_in_force_names_signer",
            ),
            models.CheckConstraint(
                condition=Q(expires_never=False) | Q(expires_at__isnull=True), name="consent_expires_or_never"
            ),
        ]

    class Privacy:
        clinical = ("description", "purpose_words", "text")
        identifying = ("recipient", "participants", "signed_name", "authority", "revocable_when", "expiry_event")
        operational = (
            "clinic", "public_id", "client", "kind", "state", "discloser", "categories", "recipient_is_class",
            "purpose", "expires_at", "expires_never", "event_occurred_at", "states_revocation",
            "states_redisclosure", "states_refusal", "states_opt_out", "revocable_from", "signer", "on_paper",
            "signed_at", "witnessed_by", "content_hash", "created_at", "created_by", "version",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Consent {self.public_id}"


class ConsentEvent(ClinicOwned):
    """What happened to a signed consent. Never changed, never taken back."""

    class What(models.TextChoices):
        SIGNED = "signed", "Signed"
        REVOCATION_ASKED = "revocation_asked", "Asked to revoke it"
        HELD = "held", "Put on hold"
        RESUMED = "resumed", "In force again"
        REVOKED = "revoked", "Revoked in writing"
        FOUND_INVALID = "found_invalid", "Found not to be valid"
        EVENT_OCCURRED = "event_occurred", "The event it ends with has happened"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    consent = owned_fk("clients.Consent", related_name="events")
    what = models.CharField(max_length=20, choices=What)
    in_writing = models.BooleanField(default=False)
    at = models.DateTimeField(db_default=Now(), editable=False)
    by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    note = EncryptedTextField(null=True)

    class Meta(ClinicOwned.Meta):
        indexes: ClassVar[list[Any]] = [models.Index(fields=["clinic", "consent", "id"], name="consent_event_consent")]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            SameClinic("consent", name="consent_event_consent_same_clinic"),
        ]

    class Privacy:
        clinical = ("note",)
        operational = ("clinic", "public_id", "consent", "what", "in_writing", "at", "by")

    def __str__(self) -> str:
        return f"Consent event {self.public_id}"

    @classmethod
    def reach_condition(cls, reach: Reach, user: Any) -> Q | None:
        return client_reach(reach, user, "consent__client_id")


class NoticeGiven(OfClient):
    """That a person was given the clinic's notice of confidentiality, which one, and what they said to it."""

    class Answer(models.TextChoices):
        SIGNED = "signed", "Signed that they have it"
        DECLINED = "declined", "Has it and did not want to sign"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client", related_name="notices")
    notice = models.CharField(max_length=20)
    answer = models.CharField(max_length=10, choices=Answer)
    given_at = models.DateTimeField(db_default=Now(), editable=False)
    given_by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta(OfClient.Meta):
        indexes: ClassVar[list[Any]] = [models.Index(fields=["clinic", "client"], name="notice_given_client")]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            SameClinic("client", name="notice_given_client_same_clinic"),
        ]

    class Privacy:
        operational = ("clinic", "public_id", "client", "notice", "answer", "given_at", "given_by")

    def __str__(self) -> str:
        return f"Notice {self.public_id}"


class Restriction(OfClient):
    """A person's request that something is not told to somebody, and what the clinic decided."""

    class State(models.TextChoices):
        ASKED = "asked", "Asked for"
        AGREED = "agreed", "Agreed"
        DECLINED = "declined", "Not agreed"
        ENDED = "ended", "Ended"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client", related_name="restrictions")
    recipient = models.CharField(max_length=160)
    to_payers = models.BooleanField(default=False)
    self_paid = models.BooleanField(default=False)
    categories = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    words = EncryptedTextField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    asked_by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+")
    decision_note = EncryptedTextField(null=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(OfClient.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "client"], name="restriction_client"),
            models.Index(fields=["clinic", "asked_at"], name="restriction_open", condition=Q(state="asked")),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            SameClinic("client", name="restriction_client_same_clinic"),
            models.CheckConstraint(
                condition=Q(state="asked", decided_at__isnull=True, decided_by__isnull=True)
                | (~Q(state="asked") & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="restriction_decided_whole",
            ),
        ]

    class Privacy:
        clinical = ("words", "decision_note")
        identifying = ("recipient",)
        operational = (
            "clinic", "public_id", "client", "to_payers", "self_paid", "categories", "state", "asked_at", "asked_by",
            "decided_at", "decided_by", "version",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Restriction {self.public_id}"


class Disclosure(OfClient):
    """
    One row of the accounting: what was told about a person, to whom, for what, on which basis. Final.

    categories_asked, categories_given   codes of clients.rules.disclosure
    dropped                              category to the code of why it was left out
    description                          what was told, in words; the nature of an emergency
    """

    class Basis(models.TextChoices):
        CONSENT = "consent", "Consent"
        MEDICAL_EMERGENCY = "medical_emergency", "Medical emergency"
        QSO = "qso", "Service provider under agreement"
        AUDIT_EVALUATION = "audit_evaluation", "Audit or evaluation"
        RESEARCH = "research", "Research"
        COURT_ORDER = "court_order", "Court order"
        CHILD_ABUSE_REPORT = "child_abuse_report", "Report of child abuse or neglect"
        PUBLIC_HEALTH = "public_health_deidentified", "Public health, de-identified"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client", related_name="disclosures")
    consent = owned_fk("clients.Consent", null=True, blank=True)
    basis = models.CharField(max_length=28, choices=Basis)
    purpose = models.CharField(max_length=32)
    recipient = models.CharField(max_length=160)
    affiliation = models.CharField(max_length=160, blank=True)
    categories_asked = ArrayField(models.CharField(max_length=32), default=list)
    categories_given = ArrayField(models.CharField(max_length=32), default=list)
    dropped = models.JSONField(default=dict)
    description = EncryptedTextField(null=True)
    order_reference = models.CharField(max_length=80, blank=True)
    subpoena_reference = models.CharField(max_length=80, blank=True)
    notice_form = models.CharField(max_length=8, choices=(("short", "Short"), ("long", "Long"), ("none", "None")))
    package_hash = models.CharField(max_length=64, blank=True, editable=False)
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    made_by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta(OfClient.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "client", "-made_at"], name="disclosure_client"),
            models.Index(fields=["clinic", "-made_at", "-id"], name="disclosure_newest"),
            models.Index(fields=["clinic", "consent"], name="disclosure_consent"),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            SameClinic("client", name="disclosure_client_same_clinic"),
            SameClinic("consent", name="disclosure_consent_same_clinic"),
            models.CheckConstraint(
                condition=Q(basis="consent", consent__isnull=False) | (~Q(basis="consent") & Q(consent__isnull=True)),
                name="disclosure_consent_with_basis",
            ),
            models.CheckConstraint(
                condition=~Q(basis="court_order") | (~Q(order_reference="") & ~Q(subpoena_reference="")),
                name="disclosure_court_order_whole",
            ),
            models.CheckConstraint(condition=~Q(recipient=""), name="disclosure_names_recipient"),
        ]

    class Privacy:
        clinical = ("description",)
        identifying = ("recipient", "affiliation", "order_reference", "subpoena_reference")
        operational = (
            "clinic", "public_id", "client", "consent", "basis", "purpose", "categories_asked", "categories_given",
            "dropped", "notice_form", "package_hash", "made_at", "made_by",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Disclosure {self.public_id}"


class DisclosurePackage(ClinicOwned):
    """What was put together for a recipient. Kept until it was fetched or its time is over; the accounting stays."""

    class State(models.TextChoices):
        WAITING = "waiting", "Being put together"
        READY = "ready", "Ready"
        FETCHED = "fetched", "Handed over"
        REMOVED = "removed", "Removed"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    disclosure = owned_fk("clients.Disclosure", related_name="packages")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    body = EncryptedTextField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    fetched_at = models.DateTimeField(null=True)
    fetched_by = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta(ClinicOwned.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "created_at"], name="package_kept", condition=Q(body__isnull=False))
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "disclosure"], name="package_once"),
            SameClinic("disclosure", name="package_disclosure_same_clinic"),
            models.CheckConstraint(
                condition=Q(state="ready", body__isnull=False)
                | Q(state="fetched")
                | Q(state__in=["waiting", "removed"], body__isnull=True),
                name="package_ready_has_body",
            ),
        ]

    class Privacy:
        clinical = ("body",)
        operational = ("clinic", "public_id", "disclosure", "state", "created_at", "fetched_at", "fetched_by")

    def __str__(self) -> str:
        return f"Package {self.public_id}"

    @classmethod
    def reach_condition(cls, reach: Reach, user: Any) -> Q | None:
        return client_reach(reach, user, "disclosure__client_id")

"""Asking for care, before anybody is admitted: the inquiry, each attempt to reach the caller, each move."""

import uuid
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.urls import reverse

from clients.models.access import client_reach
from clients.models.safety import SafetyConcern
from clients.rules import contact, intake, safety, stages, transitions, triage
from clinics.fields import EncryptedTextField
from clinics.models.people import supervisees_of
from clinics.roles import Reach
from clinics.tenancy import ClinicOwned, SameClinic, owned_fk

PERMISSIONS = (
    (contact.Permission.YES, "Yes"),
    (contact.Permission.NO, "No"),
    (contact.Permission.NOT_ASKED, "Not asked"),
)
STATUSES = tuple((status.value, label) for status, label in transitions.LABELS.items())


class Inquiry(ClinicOwned):
    """
    Somebody asks for care, for themselves or for another: one call, form or visit, and what came of it.

    The caller is not the person: a mother may call about her son, and her number is not his. `status` follows the
    moves; nothing else may set it. Confidential from its first row (domain: admissions, inquiry record).
    """

    class Relation(models.TextChoices):
        SELF = "self", "The person themselves"
        PARENT = "parent", "Parent"
        SPOUSE = "spouse", "Spouse or partner"
        CHILD = "child", "Child"
        OTHER_FAMILY = "other_family", "Other family"
        FRIEND = "friend", "Friend"
        EMPLOYER = "employer", "Employer"
        CLINICIAN = "clinician", "Clinician"
        LAWYER = "lawyer", "Lawyer"
        COURT_OFFICER = "court_officer", "Court officer"
        OTHER = "other", "Somebody else"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client", null=True, blank=True)
    master = owned_fk("clients.Inquiry", null=True, blank=True)
    channel = models.CharField(max_length=24, choices=intake.CHANNELS)
    received_at = models.DateTimeField()
    source = models.CharField(max_length=2, blank=True, choices=intake.SOURCES)
    source_detail = models.CharField(max_length=2, blank=True, choices=intake.JUSTICE_DETAILS)
    source_name = models.CharField(max_length=160, blank=True)
    organisation = owned_fk("clients.ReferralOrganisation", null=True, blank=True)
    eap_vendor = models.CharField(max_length=160, blank=True)
    eap_number = EncryptedTextField(null=True)
    eap_sessions = models.PositiveSmallIntegerField(null=True, blank=True)
    eap_report_to = models.CharField(max_length=160, blank=True)
    eap_sessions_used = models.PositiveSmallIntegerField(null=True, blank=True)
    referrer_consent = models.CharField(
        max_length=10, choices=intake.YES_NO, default="not_asked", db_default="not_asked"
    )
    line_called = models.CharField(max_length=16, blank=True, default="", db_default="")
    campaign = models.CharField(max_length=80, blank=True, default="", db_default="")
    taken_by = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    relation = models.CharField(max_length=16, blank=True, choices=Relation)
    caller_name = models.CharField(max_length=160, blank=True)
    phone = models.CharField(max_length=16, blank=True)
    phone_extension = models.CharField(max_length=8, blank=True)
    email = models.CharField(max_length=254, blank=True)
    ok_to_call = models.CharField(max_length=10, choices=PERMISSIONS, default=contact.Permission.NOT_ASKED)
    ok_voicemail = models.CharField(max_length=10, choices=PERMISSIONS, default=contact.Permission.NOT_ASKED)
    ok_sms = models.CharField(max_length=10, choices=PERMISSIONS, default=contact.Permission.NOT_ASKED)
    ok_email = models.CharField(max_length=10, choices=PERMISSIONS, default=contact.Permission.NOT_ASKED)
    preferred_method = models.CharField(max_length=8, choices=intake.REACHED_BY, blank=True, default="", db_default="")
    unsafe_at_home = models.CharField(max_length=10, choices=intake.YES_NO, default="not_asked", db_default="not_asked")
    safe_way = EncryptedTextField(null=True)
    discreet_name = models.CharField(max_length=80, blank=True)
    call_from = models.TimeField(null=True, blank=True)
    call_until = models.TimeField(null=True, blank=True)
    language = models.CharField(max_length=40, blank=True)
    interpreter = models.BooleanField(default=False)

    guardian_name = models.CharField(max_length=160, blank=True, default="", db_default="")
    guardian_phone = models.CharField(max_length=16, blank=True, default="", db_default="")
    custody = models.CharField(max_length=10, choices=intake.CUSTODY, blank=True, default="", db_default="")
    pregnant = models.CharField(max_length=10, choices=intake.YES_NO, default="not_asked", db_default="not_asked")
    veteran = models.CharField(max_length=10, choices=intake.YES_NO, default="not_asked", db_default="not_asked")
    homeless = models.CharField(max_length=10, choices=intake.YES_NO, default="not_asked", db_default="not_asked")

    words = EncryptedTextField(null=True)
    own_reasons = EncryptedTextField(null=True)
    outside_pressure = EncryptedTextField(null=True)
    mental_health = EncryptedTextField(null=True)
    substances = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    barriers = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    level_sought = models.CharField(max_length=24, blank=True, choices=intake.LEVELS)
    program = owned_fk("clinics.Program", null=True, blank=True)
    change_target = models.CharField(max_length=24, choices=stages.KINDS, blank=True, default="", db_default="")
    triage = models.CharField(max_length=8, choices=triage.CHOICES, blank=True, default="", db_default="")
    last_use = models.CharField(max_length=16, blank=True, choices=intake.LAST_USE)
    importance = models.PositiveSmallIntegerField(null=True, blank=True)
    confidence = models.PositiveSmallIntegerField(null=True, blank=True)
    readiness = models.PositiveSmallIntegerField(null=True, blank=True)
    safety_answer = models.CharField(max_length=20, choices=intake.SAFETY_ANSWERS, default="not_asked")
    in_danger_now = models.BooleanField(default=False)
    withdrawal_risk = models.BooleanField(default=False)
    overdose_30_days = models.BooleanField(default=False)
    gaps = models.JSONField(default=dict, blank=True)

    status = models.CharField(max_length=24, choices=STATUSES, default="new", editable=False)
    status_at = models.DateTimeField(db_default=Now(), editable=False)
    crisis_hold = models.BooleanField(default=False, editable=False)
    first_attempt_at = models.DateTimeField(null=True, editable=False)
    first_contact_at = models.DateTimeField(null=True, editable=False)
    next_action_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(ClinicOwned.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "status", "received_at"], name="inquiry_status"),
            models.Index(fields=["clinic", "-received_at", "-id"], name="inquiry_received"),
            models.Index(fields=["clinic", "client"], name="inquiry_client"),
            models.Index(
                fields=["clinic", "organisation"], name="inquiry_organisation", condition=Q(organisation__isnull=False)
            ),
            models.Index(fields=["clinic", "phone"], name="inquiry_phone", condition=~Q(phone="")),
            models.Index(fields=["clinic", "email"], name="inquiry_email", condition=~Q(email="")),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            SameClinic("client", name="inquiry_client_same_clinic"),
            SameClinic("master", name="inquiry_master_same_clinic"),
            SameClinic("organisation", name="inquiry_organisation_same_clinic"),
            SameClinic("program", name="inquiry_program_same_clinic"),
            models.CheckConstraint(condition=~Q(master=models.F("id")), name="inquiry_not_its_own_master"),
            models.CheckConstraint(condition=~Q(phone="", email=""), name="inquiry_can_be_answered"),
            models.CheckConstraint(
                condition=Q(source_detail="") | Q(source=intake.JUSTICE), name="inquiry_detail_of_justice"
            ),
            models.CheckConstraint(
                condition=Q(source=intake.EMPLOYER)
                | Q(
                    eap_vendor="",
                    eap_number__isnull=True,
                    eap_sessions__isnull=True,
                    eap_sessions_used__isnull=True,
                    eap_report_to="",
                ),
                name="inquiry_assistance_of_employer",
            ),
            *(
                models.CheckConstraint(condition=Q(**{f"{ruler}__lte": 10}), name=f"inquiry_{ruler}_zero_to_ten")
                for ruler in ("importance", "confidence", "readiness")
            ),
        ]

    class Privacy:
        clinical = ("words", "own_reasons", "outside_pressure", "eap_number", "safe_way", "mental_health")
        identifying = (
            "relation", "caller_name", "phone", "phone_extension", "email", "discreet_name", "source_name",
            "eap_vendor", "eap_report_to", "guardian_name", "guardian_phone",
        )  # fmt: skip
        operational = (
            "clinic", "public_id", "client", "master", "channel", "received_at", "source", "source_detail",
            "organisation", "eap_sessions", "taken_by", "ok_to_call", "ok_voicemail", "ok_sms", "ok_email",
            "call_from", "call_until", "language", "interpreter", "substances", "barriers", "level_sought",
            "last_use", "importance", "confidence", "readiness", "safety_answer", "in_danger_now", "withdrawal_risk",
            "overdose_30_days", "gaps", "status", "status_at", "crisis_hold", "first_attempt_at",
            "first_contact_at", "next_action_at", "version", "eap_sessions_used", "referrer_consent", "line_called",
            "campaign", "preferred_method", "unsafe_at_home", "custody", "pregnant", "veteran", "homeless", "program",
            "change_target", "triage",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Inquiry {self.public_id}"

    def get_absolute_url(self) -> str:
        return reverse("inquiry_detail", args=[self.clinic.slug, self.public_id])

    @property
    def caller_is_client(self) -> bool:
        """Tell whether the person called for themselves."""
        return self.relation == self.Relation.SELF

    def safety_answers(self) -> safety.Answers:
        """Return what is known about safety, as the rules read it."""
        return safety.Answers(
            question=safety.Answer(self.safety_answer), in_danger_now=self.in_danger_now,
            overdose_days_ago=0 if self.overdose_30_days else None, withdrawal_risk=self.withdrawal_risk,
        )  # fmt: skip

    @classmethod
    def reach_condition(cls, reach: Reach, user: Any) -> Q | None:
        condition = client_reach(reach, user)
        concerns = SafetyConcern.objects.filter(inquiry_id=OuterRef("pk"))
        if condition is not None and reach is Reach.CASELOAD:
            # A clinician who was handed the concern has to see whom it is about.
            return condition | Q(Exists(concerns.filter(handed_to=user)))
        if condition is not None and reach is Reach.SUPERVISEES:
            handed = Q(handed_to=user) | Q(handed_to_id__in=supervisees_of(user))
            return condition | Q(Exists(concerns.filter(handed)))
        return condition


class _OfInquiry(ClinicOwned):
    """A row about one inquiry: seen by whoever sees the inquiry."""

    class Meta(ClinicOwned.Meta):
        abstract = True

    @classmethod
    def reach_condition(cls, reach: Reach, user: Any) -> Q | None:
        condition = Inquiry.reach_condition(reach, user)
        if condition is None:
            return None
        return Q(Exists(Inquiry.objects.filter(condition, pk=OuterRef("inquiry_id"))))


class ContactAttempt(_OfInquiry):
    """
    One attempt to reach the caller, or by them to reach the clinic. Never changed, never taken back.

    by_safe_way   it was made the safe way that they named, where it is not safe to contact them at home
    seconds       how long a conversation lasted, where somebody counted
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    inquiry = owned_fk("clients.Inquiry", related_name="attempts")
    at = models.DateTimeField()
    by = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    direction = models.CharField(max_length=8, choices=(("outbound", "We called"), ("inbound", "They called")))
    method = models.CharField(max_length=10, choices=tuple(contact.METHODS.items()))
    outcome = models.CharField(max_length=28, choices=tuple(contact.OUTCOMES.items()))
    live = models.BooleanField(default=False, editable=False)
    by_safe_way = models.BooleanField(default=False, db_default=False, editable=False)
    seconds = models.PositiveIntegerField(null=True)
    note = EncryptedTextField(null=True)
    next_action_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta(_OfInquiry.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "inquiry", "at"], name="contact_attempt_inquiry")
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            SameClinic("inquiry", name="contact_attempt_inquiry_same_clinic"),
            models.CheckConstraint(
                condition=Q(live=False) | Q(outcome="connected"), name="contact_attempt_live_is_connected"
            ),
        ]

    class Privacy:
        clinical = ("note",)
        operational = (
            "clinic", "public_id", "inquiry", "at", "by", "direction", "method", "outcome", "live", "next_action_at",
            "recorded_at", "by_safe_way", "seconds",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Attempt {self.public_id}"


class InquiryMove(_OfInquiry):
    """A change of an inquiry's status. Writing it is what changes the status: a trigger does, and nothing else may."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    inquiry = owned_fk("clients.Inquiry", related_name="moves")
    origin = models.CharField(max_length=24, choices=STATUSES)
    to = models.CharField(max_length=24, choices=STATUSES)
    at = models.DateTimeField(db_default=Now(), editable=False)
    by = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(max_length=40, blank=True)
    note = EncryptedTextField(null=True)

    class Meta(_OfInquiry.Meta):
        indexes: ClassVar[list[Any]] = [models.Index(fields=["clinic", "inquiry", "id"], name="inquiry_move_inquiry")]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            SameClinic("inquiry", name="inquiry_move_inquiry_same_clinic"),
        ]

    class Privacy:
        clinical = ("note",)
        operational = ("clinic", "public_id", "inquiry", "origin", "to", "at", "by", "reason")

    def __str__(self) -> str:
        return f"Move {self.public_id}"

"""Care that somebody else asked for, and what they were told about it."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from clients.models.access import OfClient
from clients.rules import intake, mandates
from clinics.fields import EncryptedTextField
from clinics.tenancy import ClinicOwned, SameClinic, owned_fk


class Mandate(OfClient):
    """
    A court, an employer or a family wants somebody in care. What the person makes of it stands beside it.

    discord   0 to 10: how far the person is from wanting what the mandate wants, as they put it
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client", related_name="mandates")
    inquiry = owned_fk("clients.Inquiry", null=True, blank=True)
    kind = models.CharField(max_length=20, choices=mandates.KINDS)
    body = models.CharField(max_length=160, blank=True)
    officer = models.CharField(max_length=160, blank=True)
    docket = EncryptedTextField(null=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    end_condition = models.CharField(max_length=200, blank=True)
    required_level = models.CharField(max_length=24, blank=True, choices=intake.LEVELS)
    required_sessions = models.PositiveSmallIntegerField(null=True, blank=True)
    reporting = models.CharField(max_length=12, choices=mandates.FREQUENCIES, default="none")
    next_report_on = models.DateField(null=True, blank=True)
    consent = owned_fk("clients.Consent", null=True, blank=True)
    client_view = EncryptedTextField(null=True)
    discord = models.PositiveSmallIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(OfClient.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "client"], name="mandate_client"),
            models.Index(fields=["clinic", "inquiry"], name="mandate_inquiry", condition=Q(inquiry__isnull=False)),
            models.Index(
                fields=["clinic", "next_report_on"],
                name="mandate_report_due",
                condition=Q(next_report_on__isnull=False, ended_at__isnull=True),
            ),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            SameClinic("client", name="mandate_client_same_clinic"),
            SameClinic("inquiry", name="mandate_inquiry_same_clinic"),
            SameClinic("consent", name="mandate_consent_same_clinic"),
            models.CheckConstraint(condition=Q(discord__lte=10), name="mandate_discord_zero_to_ten"),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="mandate_days_in_order",
            ),
            models.CheckConstraint(condition=Q(kind=mandates.FAMILY) | ~Q(body=""), name="mandate_names_body"),
            # A family's wish is no legal mandate: there is nobody to report to.
            models.CheckConstraint(
                condition=~Q(kind=mandates.FAMILY)
                | Q(consent__isnull=True, docket__isnull=True, reporting="none", next_report_on__isnull=True),
                name="mandate_family_is_not_reported_to",
            ),
        ]

    class Privacy:
        clinical = ("docket", "client_view")
        identifying = ("body", "officer", "end_condition")
        operational = (
            "clinic", "public_id", "client", "inquiry", "kind", "starts_on", "ends_on", "required_level",
            "required_sessions", "reporting", "next_report_on", "consent", "discord", "created_at", "created_by",
            "ended_at", "version",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Mandate {self.public_id}"


class MandateReport(OfClient):
    """What was told to who mandated care: attendance, participation, completion. Final; sent by its disclosure."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client")
    mandate = owned_fk("clients.Mandate", related_name="reports")
    disclosure = owned_fk("clients.Disclosure", related_name="mandate_reports")
    from_on = models.DateField()
    until_on = models.DateField()
    kept = models.PositiveSmallIntegerField()
    missed = models.PositiveSmallIntegerField()
    participating = models.BooleanField()
    completed = models.BooleanField()
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    made_by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta(OfClient.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "mandate", "-id"], name="mandate_report_mandate"),
            models.Index(fields=["clinic", "client"], name="mandate_report_client"),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "disclosure"], name="mandate_report_disclosed_once"),
            SameClinic("client", name="mandate_report_client_same_clinic"),
            SameClinic("mandate", name="mandate_report_mandate_same_clinic"),
            SameClinic("disclosure", name="mandate_report_disclosure_same_clinic"),
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="mandate_report_days_in_order"),
        ]

    class Privacy:
        operational = (
            "clinic", "public_id", "client", "mandate", "disclosure", "from_on", "until_on", "kept", "missed",
            "participating", "completed", "made_at", "made_by",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Mandate report {self.public_id}"

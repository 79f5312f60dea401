"""Who pays for care: cover, what a payer said about it, and what it authorized."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from clients.models.access import OfClient
from clients.rules import payers
from clinics.fields import EncryptedTextField
from clinics.tenancy import ClinicOwned, SameClinic, owned_fk


class Coverage(OfClient):
    """
    One way in which care is paid for: a plan with its member, or the person's own money.

    rank           1 is asked first
    member_index   blind index of the member ID, by which an equal one is found without opening any
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client", related_name="coverages")
    rank = models.PositiveSmallIntegerField(default=1)
    plan_type = models.CharField(max_length=2, choices=payers.PLAN_TYPES)
    payment = models.CharField(max_length=2, choices=payers.PAYMENTS)
    payer = models.CharField(max_length=160, blank=True)
    payer_number = models.CharField(max_length=40, blank=True)
    member_id = EncryptedTextField(null=True)
    member_index = models.CharField(max_length=64, blank=True, editable=False)
    group_number = models.CharField(max_length=40, blank=True)
    subscriber_relation = models.CharField(max_length=8, blank=True, choices=payers.RELATIONS)
    subscriber_name = models.CharField(max_length=160, blank=True)
    subscriber_born_on = models.DateField(null=True, blank=True)
    effective_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    network = models.CharField(max_length=8, choices=payers.NETWORKS, default="unknown")
    estimate_given_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(OfClient.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "client", "rank"], name="coverage_client"),
            models.Index(fields=["clinic", "member_index"], name="coverage_member", condition=~Q(member_index="")),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            SameClinic("client", name="coverage_client_same_clinic"),
            models.CheckConstraint(condition=Q(rank__gte=1, rank__lte=3), name="coverage_rank"),
            models.CheckConstraint(
                condition=Q(effective_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gte=F("effective_on")),
                name="coverage_days_in_order",
            ),
            models.CheckConstraint(
                condition=Q(member_id__isnull=True, member_index="")
                | (Q(member_id__isnull=False) & ~Q(member_index="")),
                name="coverage_member_indexed",
            ),
            models.CheckConstraint(condition=Q(plan_type=payers.NO_PLAN) | ~Q(payer=""), name="coverage_names_payer"),
        ]

    class Privacy:
        clinical = ("member_id",)
        identifying = (
            "payer", "payer_number", "member_index", "group_number", "subscriber_relation", "subscriber_name",
            "subscriber_born_on",
        )  # fmt: skip
        operational = (
            "clinic", "public_id", "client", "rank", "plan_type", "payment", "effective_on", "ends_on", "network",
            "estimate_given_on", "created_at", "created_by", "removed_at", "version",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Coverage {self.public_id}"


class BenefitCheck(OfClient):
    """
    What a payer answered about a cover. Final. Asking told the payer of the person: `disclosure` accounts for it.

    Money in the clinic's currency, two decimals; `coinsurance` is the person's share in percent.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client")
    coverage = owned_fk("clients.Coverage", related_name="checks")
    disclosure = owned_fk("clients.Disclosure")
    requested_at = models.DateTimeField()
    method = models.CharField(max_length=12, choices=payers.METHODS)
    reference = models.CharField(max_length=80, blank=True)
    result = models.CharField(max_length=16, choices=payers.RESULTS)
    deductible = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    deductible_met = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    copay = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    coinsurance = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    out_of_pocket_max = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    authorisation_required = models.BooleanField(null=True)
    visit_limit = models.PositiveSmallIntegerField(null=True, blank=True)
    notes = EncryptedTextField(null=True)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    recorded_by = models.ForeignKey("clinics.User", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta(OfClient.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "coverage", "-id"], name="benefit_check_coverage"),
            models.Index(fields=["clinic", "client"], name="benefit_check_client"),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            SameClinic("client", name="benefit_check_client_same_clinic"),
            SameClinic("coverage", name="benefit_check_coverage_same_clinic"),
            SameClinic("disclosure", name="benefit_check_disclosure_same_clinic"),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{amount}__gte": 0}), name=f"benefit_check_{amount}_not_negative"
                )
                for amount in ("deductible", "deductible_met", "copay", "coinsurance", "out_of_pocket_max")
            ),
            models.CheckConstraint(condition=Q(coinsurance__lte=100), name="benefit_check_coinsurance_percent"),
        ]

    class Privacy:
        clinical = ("notes",)
        identifying = ("reference",)
        operational = (
            "clinic", "public_id", "client", "coverage", "disclosure", "requested_at", "method", "result",
            "deductible", "deductible_met", "copay", "coinsurance", "out_of_pocket_max", "authorisation_required",
            "visit_limit", "recorded_at", "recorded_by",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Benefit check {self.public_id}"


class Authorisation(OfClient):
    """What a payer agreed to pay for: so many units between two days."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = owned_fk("clients.Client")
    coverage = owned_fk("clients.Coverage", related_name="authorisations")
    number = EncryptedTextField(null=True)
    from_on = models.DateField()
    until_on = models.DateField()
    units = models.PositiveSmallIntegerField()
    units_used = models.PositiveSmallIntegerField(default=0)
    next_review_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta(OfClient.Meta):
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "coverage", "-until_on"], name="authorisation_coverage"),
            models.Index(fields=["clinic", "client"], name="authorisation_client"),
            models.Index(fields=["clinic", "until_on"], name="authorisation_until"),
            models.Index(
                fields=["clinic", "next_review_on"],
                name="authorisation_review",
                condition=Q(next_review_on__isnull=False),
            ),
        ]
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            SameClinic("client", name="authorisation_client_same_clinic"),
            SameClinic("coverage", name="authorisation_coverage_same_clinic"),
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="authorisation_days_in_order"),
            models.CheckConstraint(condition=Q(units__gte=1), name="authorisation_of_something"),
        ]

    class Privacy:
        clinical = ("number",)
        operational = (
            "clinic", "public_id", "client", "coverage", "from_on", "until_on", "units", "units_used",
            "next_review_on", "created_at", "created_by", "version",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Authorization {self.public_id}"

"""Figures rolled up from locked codings, how far a fill has come, and what verification found."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from clinics.models.people import supervisees_of
from clinics.roles import Reach
from clinics.tenancy import ClinicOwned, SameClinic, owned_fk


class FidelityCell(ClinicOwned):
    """
    One score of one therapist in one month, or of one practice set: sums only, so that cells add up exactly.

    n_defined, sum_value     codings with a value, and the sum of their values (for means)
    sum_numerator, sum_denominator    over all codings, those without a value included (for pooled ratios)
    """

    therapist = models.ForeignKey("clinics.User", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    month = models.DateField(null=True, help_text="First day of the month of the session, clinic civil date")
    practice_set = owned_fk("clinical_sessions.PracticeSet", null=True)
    comparability_group = models.CharField(max_length=60)
    score_key = models.CharField(max_length=40)
    n_codings = models.PositiveIntegerField()
    n_defined = models.PositiveIntegerField()
    sum_value = models.DecimalField(max_digits=36, decimal_places=15)
    sum_numerator = models.BigIntegerField()
    sum_denominator = models.BigIntegerField()
    computed_at = models.DateTimeField(db_default=Now())

    class Meta(ClinicOwned.Meta):
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.CheckConstraint(
                condition=Q(therapist__isnull=False, month__isnull=False, practice_set__isnull=True)
                | Q(therapist__isnull=True, month__isnull=True, practice_set__isnull=False),
                name="fidelity_cell_clinical_or_practice",
            ),
            models.UniqueConstraint(
                fields=["clinic", "comparability_group", "score_key", "therapist", "month", "practice_set"],
                nulls_distinct=False,
                name="fidelity_cell_once",
            ),
            SameClinic("practice_set", name="fidelity_cell_practice_set_same_clinic"),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["clinic", "comparability_group", "month"], name="fidelity_cell_month"),
        ]

    class Privacy:
        operational = (
            "clinic", "therapist", "month", "practice_set", "comparability_group", "score_key", "n_codings",
            "n_defined", "sum_value", "sum_numerator", "sum_denominator", "computed_at",
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Cell {self.pk}"

    @classmethod
    def reach_condition(cls, reach: Reach, user: Any) -> Q | None:
        if reach is Reach.OWN:
            return Q(therapist=user)
        if reach is Reach.SUPERVISEES:
            return Q(therapist_id__in=supervisees_of(user))
        return None


class FillState(ClinicOwned):
    """How far the backfill of one metric has come at a clinic, so that it resumes where it was cut."""

    metric = models.CharField(max_length=40)
    up_to_id = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta(ClinicOwned.Meta):
        constraints: ClassVar[list[Any]] = [
            *ClinicOwned.Meta.constraints,
            models.UniqueConstraint(fields=["clinic", "metric"], name="fill_state_metric"),
        ]

    class Privacy:
        operational = ("clinic", "metric", "up_to_id", "finished_at")

    def __str__(self) -> str:
        return f"{self.metric} to {self.up_to_id}"


class Verification(ClinicOwned):
    """A nightly recomputation of a metric from the rows behind it, and how many cells differed."""

    metric = models.CharField(max_length=40)
    cells = models.PositiveIntegerField()
    differing = models.PositiveIntegerField()
    detail = models.JSONField(default=list, help_text="The first differing cells, by key")
    verified_at = models.DateTimeField(db_default=Now())

    class Meta(ClinicOwned.Meta):
        ordering = ("-id",)

    class Privacy:
        operational = ("clinic", "metric", "cells", "differing", "detail", "verified_at")

    def __str__(self) -> str:
        return f"{self.metric} {self.pk}"

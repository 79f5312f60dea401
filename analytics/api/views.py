"""Endpoints for dashboard figures."""

from datetime import date
from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from analytics.selectors import fidelity as selectors
from clinics.api.views import ClinicAPIView

MONTH = "%Y-%m"
MAX_MONTHS = 60


class FigureSerializer(serializers.Serializer[Any]):
    """One score of one month, pooled over the clinic's therapists."""

    month = serializers.DateField()
    score = serializers.CharField()
    value = serializers.CharField(allow_null=True, help_text="Decimal; shares from 0 to 1. Null with a reason")
    reason = serializers.CharField(allow_null=True)
    numerator = serializers.IntegerField()
    denominator = serializers.IntegerField()
    samples = serializers.IntegerField()


class FiguresSerializer(serializers.Serializer[Any]):
    """The clinic's fidelity figures."""

    comparability_group = serializers.CharField()
    results = FigureSerializer(many=True)


class MonthRange(serializers.Serializer[Any]):
    """Which figures are asked for."""

    group = serializers.SlugField(default="miti-4")
    first = serializers.RegexField(r"^\d{4}-(0[1-9]|1[0-2])$", help_text="YYYY-MM")
    last = serializers.RegexField(r"^\d{4}-(0[1-9]|1[0-2])$", help_text="YYYY-MM")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Turn months into days and refuse a range that runs backwards or too far."""
        try:
            first, last = (date.fromisoformat(f"{attrs[name]}-01") for name in ("first", "last"))
        except ValueError:
            raise serializers.ValidationError({"first": ["Write months as YYYY-MM, such as 2026-06."]}) from None
        months = (last.year - first.year) * 12 + last.month - first.month
        if not 0 <= months < MAX_MONTHS:
            raise serializers.ValidationError({"last": [f"Ask for 1 to {MAX_MONTHS} months, the first one first."]})
        return {**attrs, "first": first, "last": last}


class FidelityFigures(ClinicAPIView):
    """The clinic's fidelity by month, without names."""

    rights: ClassVar[Any] = {"GET": "clinics.view_clinic_fidelity"}

    @extend_schema(
        parameters=[
            OpenApiParameter("group", str, description="Comparability group, such as miti-4"),
            OpenApiParameter("first", str, required=True, description="First month, YYYY-MM"),
            OpenApiParameter("last", str, required=True, description="Last month, YYYY-MM"),
        ],
        responses=FiguresSerializer,
        operation_id="figures_fidelity",
    )
    def get(self, request: Request, clinic_slug: str) -> HttpResponse:
        """Read pooled scores by month."""
        asked = MonthRange(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        group, first, last = (asked.validated_data[name] for name in ("group", "first", "last"))
        return HttpResponse(
            self.encoded({"comparability_group": group, "results": selectors.monthly_figures(group, first, last)}),
            content_type="application/json",
        )

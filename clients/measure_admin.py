"""The operational face of measures and stages: dates and staff. What was answered, or where somebody stands, is not."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from clients.models import MeasureLink, MeasureSchedule, StageRating
from clients.rules import stages
from clinics.admin_lists import choice_filter, column
from clinics.admin_rows import ClinicRows
from clinics.admin_site import clinic_site

RIGHT = "view_inquiry"
LEAD = _("Dates and staff. Names, answers and words stand on the pages of those who work with the person.")


class MeasureScheduleRows(ClinicRows):
    """Measures that are asked again in time: how often, when next, who began it."""

    address, section, heading, right, lead = "measure-plans", "care", _("Measures asked again"), RIGHT, LEAD
    list_display = (
        column("started_at", _("Begun")),
        column("key", _("Measure")),
        column("every_days", _("Every so many days")),
        column("next_due_on", _("Next")),
        column("started_by", _("Begun by")),
        column("ended_at", _("Ended")),
    )
    ordering = ("-id",)
    related = ("started_by",)


class MeasureLinkRows(ClinicRows):
    """Links by which a measure is answered once: who made them, until when they work, whether they were used."""

    address, section, heading, right, lead = "measure-links", "care", _("Links to measures"), RIGHT, LEAD
    list_display = (
        column("made_at", _("Made")),
        "measure",
        column("made_by", _("Made by")),
        column("expires_at", _("Works until")),
        column("used_at", _("Used")),
        column("revoked_at", _("Withdrawn")),
    )
    ordering = ("-id",)
    related = ("made_by", "instrument")

    def get_queryset(self, request: Any) -> Any:
        # What the link's secret is checked by stays where it is checked.
        return super().get_queryset(request).defer("digest", "instrument__definition")

    @admin.display(description=_("Measure"))
    def measure(self, obj: Any) -> str:
        """Return the measure's name."""
        return str(obj.instrument.name)


class StageRatingRows(ClinicRows):
    """Ratings of a stage of change: when, by whom and on which basis. Which stage it was is not here."""

    address, section, heading, right, lead = "stages", "care", _("Stages of change, rated"), RIGHT, LEAD
    list_display = (
        column("rated_on", _("Rated for")),
        column("rated_at", _("Written down")),
        column("basis", _("Basis")),
        column("rated_by", _("Rated by")),
    )
    list_filter = (choice_filter("basis", _("basis"), stages.BASES),)
    ordering = ("-id",)
    related = ("rated_by",)


clinic_site.register(MeasureSchedule, MeasureScheduleRows)
clinic_site.register(MeasureLink, MeasureLinkRows)
clinic_site.register(StageRating, StageRatingRows)

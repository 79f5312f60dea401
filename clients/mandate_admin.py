"""The operational face of mandates, reports and safety plans: dates, kinds and staff. What they say is not here."""

from django.utils.translation import gettext_lazy as _

from clients.models import Mandate, MandateReport, SafetyPlan
from clients.rules import mandates
from clinics.admin_lists import choice_filter, column
from clinics.admin_rows import ClinicRows
from clinics.admin_site import clinic_site

RIGHT = "view_inquiry"
LEAD = _("Dates, kinds and staff. Names and words stand on the pages of those who work with the person.")


class MandateRows(ClinicRows):
    """Mandates: of what kind, how often a report is wanted, when the next is due."""

    address, section, heading, right, lead = "mandates", "care", _("Mandates"), RIGHT, LEAD
    list_display = (
        column("created_at", _("Written down")),
        column("kind", _("Kind")),
        column("reporting", _("Reports")),
        column("next_report_on", _("Next report")),
        column("ended_at", _("Ended")),
    )
    list_filter = (choice_filter("kind", _("kind"), mandates.KINDS),)
    ordering = ("-id",)


class MandateReportRows(ClinicRows):
    """Reports on mandates: for which days, by whom. What was told is in the accounting."""

    address, section, heading, right, lead = "mandate-reports", "care", _("Reports on mandates"), RIGHT, LEAD
    list_display = (
        column("made_at", _("Made")),
        column("from_on", _("From")),
        column("until_on", _("Until")),
        column("made_by", _("Made by")),
    )
    ordering = ("-id",)
    related = ("made_by",)


class SafetyPlanRows(ClinicRows):
    """Plans for safety: when and with whom they were written, and whether the person has a copy."""

    address, section, heading, right, lead = "safety-plans", "care", _("Safety plans"), RIGHT, LEAD
    list_display = (
        column("made_at", _("Written")),
        column("revision", _("Revision")),
        column("copy_given", _("Copy given"), boolean=True),
        column("made_by", _("Written with")),
    )
    ordering = ("-id",)
    related = ("made_by",)


clinic_site.register(Mandate, MandateRows)
clinic_site.register(MandateReport, MandateReportRows)
clinic_site.register(SafetyPlan, SafetyPlanRows)

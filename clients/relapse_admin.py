"""The operational face of keeping a change: dates and staff. What somebody felt, took or learned is not here."""

from django.utils.translation import gettext_lazy as _

from clients.models import Craving, Lapse, RelapsePlan
from clinics.admin_lists import column
from clinics.admin_rows import ClinicRows
from clinics.admin_site import clinic_site

RIGHT = "view_inquiry"
LEAD = _("Dates and staff. Names and words stand on the pages of those who work with the person.")


class RelapsePlanRows(ClinicRows):
    """Revisions of plans for return to use: when and by whom they were written, and whether they are complete."""

    address, section, heading, right, lead = "return-plans", "care", _("Plans for return to use"), RIGHT, LEAD
    list_display = (
        column("made_at", _("Written")),
        column("revision", _("Revision")),
        column("complete", _("Complete"), boolean=True),
        column("made_by", _("Written by")),
    )
    ordering = ("-id",)
    related = ("made_by",)


class CravingRows(ClinicRows):
    """Cravings: when and by whom they were written down, and whether they were taken back."""

    address, section, heading, right, lead = "cravings", "care", _("Cravings"), RIGHT, LEAD
    list_display = (
        column("recorded_at", _("Written down")),
        column("recorded_by", _("Written down by")),
        column("undone_at", _("Taken back")),
    )
    ordering = ("-id",)
    related = ("recorded_by",)


class LapseRows(ClinicRows):
    """Returns to use: when and by whom they were written down and looked back on. By when stands with the tasks."""

    address, section, heading, right, lead = "returns", "care", _("Looks back on returns to use"), RIGHT, LEAD
    list_display = (
        column("recorded_at", _("Written down")),
        column("recorded_by", _("Written down by")),
        column("reviewed_at", _("Looked back")),
        column("reviewed_by", _("Looked back with")),
        column("undone_at", _("Taken back")),
    )
    ordering = ("-id",)
    related = ("recorded_by", "reviewed_by")


clinic_site.register(RelapsePlan, RelapsePlanRows)
clinic_site.register(Craving, CravingRows)
clinic_site.register(Lapse, LapseRows)

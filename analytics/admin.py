"""Whether the rolled-up figures are whole: how far fills have come, and what the nightly recomputation found."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from analytics.models import FillState, Verification
from clinics.admin_lists import column
from clinics.admin_rows import ClinicRows
from clinics.admin_site import clinic_site


@admin.register(FillState, site=clinic_site)
class FillRows(ClinicRows):
    """How far the fill of each metric has come."""

    address, section, heading, right = "fills", "work", _("Fills of figures"), "view_job"
    list_display = ("metric", column("up_to_id", _("Up to")), column("finished_at", _("Finished")))
    ordering = ("metric",)


@admin.register(Verification, site=clinic_site)
class VerificationRows(ClinicRows):
    """Nightly recomputations."""

    address, section, heading, right = "verifications", "work", _("Nightly checks of figures"), "view_job"
    lead = _("Each night the figures are computed again from the rows behind them. No cell should differ.")
    list_display = ("metric", "cells", "differing", column("verified_at", _("Checked")))
    ordering = ("-id",)

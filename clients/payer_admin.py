"""The operational face of who pays: kinds, days and units. Payers, member IDs and what was said are not here."""

from django.utils.translation import gettext_lazy as _

from clients.models import Authorisation, BenefitCheck, Coverage
from clients.rules import payers
from clinics.admin_lists import choice_filter, column
from clinics.admin_rows import ClinicRows
from clinics.admin_site import clinic_site

RIGHT = "view_inquiry"
LEAD = _("Kinds, days and staff. Names and numbers stand on the pages of those who work with the person.")


class CoverageRows(ClinicRows):
    """Ways of paying: which plan, who pays, whether it stands."""

    address, section, heading, right, lead = "coverages", "care", _("Who pays"), RIGHT, LEAD
    list_display = (
        column("created_at", _("Written down")),
        column("rank", _("Place")),
        column("plan_type", _("Plan")),
        column("payment", _("Paid by")),
        column("network", _("Network")),
        column("ends_on", _("Last day")),
        column("removed_at", _("Taken out")),
    )
    list_filter = (
        choice_filter("plan_type", _("plan"), payers.PLAN_TYPES),
        choice_filter("payment", _("payment"), payers.PAYMENTS),
    )
    ordering = ("-id",)


class BenefitCheckRows(ClinicRows):
    """Questions to payers: when, how, what came of it. What was told is in the accounting."""

    address, section, heading, right, lead = "benefit-checks", "care", _("Questions to payers"), RIGHT, LEAD
    list_display = (
        column("requested_at", _("Asked")),
        column("method", _("How")),
        column("result", _("Answer")),
        column("authorisation_required", _("Authorization needed"), boolean=True),
        column("recorded_by", _("Asked by")),
    )
    list_filter = (choice_filter("result", _("answer"), payers.RESULTS),)
    ordering = ("-id",)
    related = ("recorded_by",)


class AuthorisationRows(ClinicRows):
    """Authorizations: from when to when, how many units, when the payer looks again."""

    address, section, heading, right, lead = "authorizations", "care", _("Authorizations"), RIGHT, LEAD
    list_display = (
        column("from_on", _("From")),
        column("until_on", _("Last day")),
        column("units", _("Units")),
        column("units_used", _("Used")),
        column("next_review_on", _("Next review")),
    )
    ordering = ("-until_on", "-id")


clinic_site.register(Coverage, CoverageRows)
clinic_site.register(BenefitCheck, BenefitCheckRows)
clinic_site.register(Authorisation, AuthorisationRows)

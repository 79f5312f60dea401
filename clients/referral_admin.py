"""The operational face of who refers people: the clinic's list of organisations. Whom they sent is not here."""

from django.utils.translation import gettext_lazy as _

from clients.models import ReferralOrganisation
from clients.rules import intake
from clinics.admin_lists import choice_filter, column
from clinics.admin_rows import ClinicRows
from clinics.admin_site import clinic_site


class OrganisationRows(ClinicRows):
    """Organisations: what each is, how it is reached, whether it is offered."""

    address, section, heading, right = "organisations", "care", _("Organizations"), "view_inquiry"
    lead = _("The coordinator keeps the list.")
    list_display = (
        column("name", _("Name")),
        column("source", _("Source")),
        column("phone", _("Telephone")),
        column("phone_extension", _("Extension")),
        column("email", _("E-mail")),
        column("is_active", _("In use"), boolean=True),
    )
    list_filter = (choice_filter("source", _("source"), intake.SOURCES),)
    search_fields = ("^name",)
    search_help_text = _("The beginning of a name.")
    ordering = ("name", "id")


clinic_site.register(ReferralOrganisation, OrganisationRows)

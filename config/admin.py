"""
The platform site at /platform/: what an operator of the installation sees to, and nothing of a clinic's rows.

Being an operator opens no clinic. Support enters one as a member whom its administrator added, for a time.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics import account_events
from clinics.admin_lists import column
from clinics.admin_rows import Rows, verb
from clinics.admin_site import ServiceSite
from clinics.models import Clinic, User
from clinics.services import accounts, opening


class PlatformSite(ServiceSite):
    """The admin of the installation."""

    index_title = _("Installation")
    sections = (("platform", _("Installation")),)

    def has_permission(self, request: Any) -> bool:
        """Tell whether the person is an operator."""
        return bool(request.user.is_active and request.user.is_superuser)


platform_site = PlatformSite("platform")


class PlatformRows(Rows):
    """One kind of row of the installation, without any clinic entered."""

    section = "platform"
    asks_again = True

    def may(self, request: Any) -> bool:
        """Tell whether the person is an operator."""
        return self.admin_site.has_permission(request)

    def saw_list(self, request: Any, rows: list[Any]) -> None:
        """Record an account event: no clinic is entered that could keep it."""
        account_events.record(
            f"platform.{self.opts.model_name}_listed", request=request, user=request.user, detail={"rows": len(rows)}
        )


class ClinicForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new clinic, and who administers it first."""

    class Meta:
        model = Clinic
        fields = ("name", "slug", "initials", "reference_prefix", "colour", "time_zone", "person_word")
        labels = {
            "slug": _("Address"),
            "reference_prefix": _("Letters before record numbers"),
            "person_word": _("Word for a person in care"),
        }
        help_texts = {
            "slug": _("Small letters, digits and hyphens, such as riverbend; it stands in every address and stays."),
            "initials": _("Up to three, for the badge."),
            "reference_prefix": _("Two to four capital letters, such as RB for RB-2001."),
            "time_zone": _("Such as America/Chicago."),
        }

    administrator_name = forms.CharField(max_length=120, label=_("First administrator's name"))
    administrator_email = forms.EmailField(label=_("First administrator's e-mail address"))


@admin.register(Clinic, site=platform_site)
class PlatformClinicRows(PlatformRows):
    """Clinics of the installation."""

    address, heading = "clinics", _("Clinics")
    lead = _("Opening a clinic invites its first administrator. Operators do not see into it.")
    list_display = (
        "name",
        column("slug", _("Address")),
        "time_zone",
        column("is_active", _("Open"), boolean=True),
        column("created_at", _("Opened")),
    )
    search_fields = ("name", "slug")
    ordering = ("name",)
    add_form, add_label = ClinicForm, _("Open a clinic")
    added = _("The clinic is open. The invitation is on its way.")

    def add(self, request: Any, **values: Any) -> Clinic:
        return opening.open_clinic(
            by=request.user, now=timezone.now(), administrator_name=values.pop("administrator_name"),
            administrator_email=values.pop("administrator_email"), **values,
        )  # fmt: skip


@admin.register(User, site=platform_site)
class PlatformPersonRows(PlatformRows):
    """Accounts of the installation."""

    address, heading = "people", _("Accounts")
    lead = _("A deactivated account is refused at its next request. Its name stays on what it signed.")
    list_display = (
        "name",
        column("email", _("E-mail address")),
        column("is_active", _("Open"), boolean=True),
        column("is_superuser", _("Operator"), boolean=True),
        column("date_joined", _("Since")),
    )
    search_fields = ("name", "email")
    ordering = ("name", "email")
    verbs = ("deactivate", "reactivate")
    refusals = (accounts.NotYourself,)

    def name_of(self, row: Any) -> str:
        return f"{row.name} ({row.email})"

    @verb(_("Deactivate the account"), again=True)
    def deactivate(self, request: Any, row: User) -> None:
        """Shut an account."""
        accounts.deactivate(user=row, by=request.user)

    @verb(_("Reactivate the account"), again=True)
    def reactivate(self, request: Any, row: User) -> None:
        """Open an account again."""
        accounts.reactivate(user=row, by=request.user)

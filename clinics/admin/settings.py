"""Programs, instruments and their thresholds, tokens of the clinic's own systems."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.admin_lists import choice_filter, column
from clinics.admin_rows import ClinicRows, verb
from clinics.admin_site import clinic_site
from clinics.models import ApiToken, InstrumentAttestation, InstrumentVersion, Program, ThresholdSet
from clinics.repeat import OnceForm
from clinics.services import instruments, programs, tokens


class ProgramForm(OnceForm):
    """The name of a new program."""

    name = forms.CharField(max_length=80, label=_("Name"))


class ProgramChangeForm(forms.Form):
    """The name of a program, and whether people are admitted to it."""

    name = forms.CharField(max_length=80, label=_("Name"))
    is_active = forms.BooleanField(
        required=False, label=_("People are admitted to it"), help_text=_("Who is in it stays in it either way.")
    )


@admin.register(Program, site=clinic_site)
class ProgramRows(ClinicRows):
    """Programs of care."""

    address, section, heading, right = "programs", "settings", _("Programs"), "manage_programs"
    list_display = ("name", column("is_active", _("People are admitted"), boolean=True))
    list_filter = (choice_filter("is_active", _("admission"), (("True", _("Open")), ("False", _("Closed")))),)
    ordering = ("name",)
    add_form, add_label, added = ProgramForm, _("Add a program"), _("The program is added.")
    change_form, changed = ProgramChangeForm, _("The program is changed.")
    refusals = (programs.NameTaken,)

    def name_of(self, row: Any) -> str:
        return str(row.name)

    def initial(self, row: Any) -> dict[str, Any]:
        return {"name": row.name, "is_active": row.is_active}

    def add(self, request: Any, **values: Any) -> Program:
        return programs.add_program(clinic=request.clinic, by=request.user, **values)

    def change(self, request: Any, row: Program, **values: Any) -> None:
        programs.change_program(program=row, by=request.user, **values)


@admin.register(InstrumentVersion, site=clinic_site)
class InstrumentRows(ClinicRows):
    """Instruments by version."""

    address, section, heading, right = "instruments", "settings", _("Instruments"), "manage_instruments"
    links = ((_("Read and publish"), "instrument_list"), (_("Upload a definition"), "instrument_upload"))
    lead = _("A published version never changes. One that is retired begins no new coding; what was coded stays.")
    list_display = (
        "name",
        column("instrument_version", _("Version")),
        "kind",
        "origin",
        "status",
        column("published_at", _("Published")),
        column("retired_at", _("Retired")),
    )
    list_filter = (
        choice_filter("status", _("status"), InstrumentVersion.Status.choices),
        choice_filter("origin", _("origin"), InstrumentVersion.Origin.choices),
    )
    search_fields = ("name", "key")
    ordering = ("name", "-published_at")
    verbs = ("retire",)
    refusals = (instruments.NotPublished,)

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).defer("definition")

    @verb(_("Retire the version"))
    def retire(self, request: Any, row: InstrumentVersion) -> None:
        """Retire a version."""
        instruments.retire(instrument=row, by=request.user, now=timezone.now())


@admin.register(InstrumentAttestation, site=clinic_site)
class AttestationRows(ClinicRows):
    """Instruments of other owners that the clinic said it may use: who said so, from when to when."""

    address, section, heading, right = "attestations", "settings", _("Leave to use instruments"), "manage_instruments"
    links = ((_("Instruments"), "instrument_list"),)
    lead = _("Given and withdrawn on the page of the instrument, where its ground and the clinic's wording stand.")
    list_display = (
        column("key", _("Instrument")),
        column("attested_at", _("Since")),
        column("attested_by", _("Said by")),
        column("withdrawn_at", _("Withdrawn")),
    )
    ordering = ("key", "-id")
    related = ("attested_by",)

    def get_queryset(self, request: Any) -> Any:
        # Somebody else's wording is not read where it is not shown.
        return super().get_queryset(request).defer("statement", "wording")


@admin.register(ThresholdSet, site=clinic_site)
class ThresholdRows(ClinicRows):
    """Sets of thresholds; one is in force for each version of an instrument."""

    address, section, heading, right = "thresholds", "settings", _("Thresholds"), "manage_instruments"
    links = ((_("Add thresholds to an instrument"), "instrument_list"),)
    lead = _("The set in force bands the codings that are locked from now on. Bands stored before stay as they were.")
    list_display = (
        column("label", _("Set")),
        "instrument",
        "source",
        column("is_official", _("Official"), boolean=True),
        column("in_force", _("In force"), boolean=True),
    )
    search_fields = ("label", "instrument__name")
    ordering = ("instrument__name", "instrument__instrument_version", "label")
    related = ("instrument",)
    verbs = ("put_in_force",)

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).defer("instrument__definition")

    @verb(_("Put in force"))
    def put_in_force(self, request: Any, row: ThresholdSet) -> None:
        """Put a set in force in place of the one that is."""
        instruments.put_in_force(threshold_set=row, by=request.user, now=timezone.now())


@admin.register(ApiToken, site=clinic_site)
class TokenRows(ClinicRows):
    """Tokens of the clinic's own systems."""

    address, section, heading, right = "tokens", "settings", _("API tokens"), "manage_tokens"
    lead = _("A token is made on its own page, where its text is shown once.")
    links = ((_("Make a token"), "token_list"),)
    list_display = (
        "name",
        column("prefix", _("Begins with")),
        column("user", _("Stands for")),
        "may_do",
        column("created_at", _("Made")),
        column("expires_at", _("Works until")),
        column("last_used_at", _("Last used")),
        column("revoked_at", _("Revoked")),
    )
    search_fields = ("name", "prefix", "user__name")
    ordering = ("-created_at",)
    related = ("user",)
    verbs = ("revoke",)

    @admin.display(description=_("Scopes"))
    def may_do(self, obj: Any) -> str:
        """Return the scopes, as roles.py names them."""
        return ", ".join(obj.scopes)

    def name_of(self, row: Any) -> str:
        return str(row.name)

    @verb(_("Revoke the token"), again=True)
    def revoke(self, request: Any, row: ApiToken) -> None:
        """Revoke a token."""
        tokens.revoke_token(token=row, by=request.user, now=timezone.now())

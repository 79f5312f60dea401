"""Forms about who refers people: the clinic's list of organisations, and the questions of an intake."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.forms.asked import NOT_ASKED, one_of, yes_no
from clients.forms.fields import NO_NUL, OFF, ByPublicId, text_field
from clients.models import Inquiry, ReferralOrganisation
from clients.rules import intake, phones
from clients.selectors import referrals as selectors
from clients.services.referrals import Entry, Referral
from clinics.repeat import OnceForm
from clinics.versions import VersionedForm

NAME_CHARS: Final = 160
NUMBER_CHARS: Final = 80
MOST_SESSIONS: Final = 365
CAMPAIGN_CHARS: Final = 80
REFERRAL_FIELDS: Final = (
    "organisation", "source", "source_name", "referrer_consent", "source_detail", "eap_vendor", "eap_number",
    "eap_sessions", "eap_sessions_used", "eap_report_to",
)  # fmt: skip
# How the call came about: asked last, if at all.
ORIGIN_FIELDS: Final = ("campaign", "line_called")


def _sessions(label: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=0, max_value=MOST_SESSIONS,
        widget=forms.NumberInput(attrs={**OFF, "class": "w-4", "inputmode": "numeric"}),
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), _("Enter how many sessions, as a number up to 365.")
        ),
    )  # fmt: skip


class _WithSource(forms.Select):
    """A list of organisations; each says as what it is listed, by which the page opens what is asked next."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the code of the organisation's source."""
        option = super().create_option(name, value, *args, **kwargs)
        if isinstance(row := getattr(value, "instance", None), ReferralOrganisation):
            option["attrs"]["data-source"] = row.source
        return option


class OrganisationChoice(ByPublicId):
    """A choice of an organisation of the clinic's list."""

    widget = _WithSource

    def __init__(self) -> None:
        super().__init__(
            ReferralOrganisation.objects.none(), label=_("Organization that referred them"), required=False,
            missing=_("Choose an organization of the list, or none."), empty_label=_("None of the list"),
            help_text=_("It says by itself who referred them. The list is under Organizations."),
        )  # fmt: skip

    def label_from_instance(self, obj: Any) -> str:
        """Return the organisation's name."""
        return str(obj.name)


class ReferralFields(forms.Form):
    """What an intake asks about who referred them."""

    organisation = OrganisationChoice()
    source = one_of(_("Who referred them?"), intake.SOURCES, _("Not asked yet"))
    source_name = text_field(_("Name of who referred them"), NAME_CHARS)
    referrer_consent = yes_no(
        _("Did they agree in writing that who referred them hears back?"),
        help_text=_("Until a consent is on file, nobody is told that they called."),
    )
    source_detail = one_of(_("Which part of the justice system?"), intake.JUSTICE_DETAILS, _("Not asked yet"))
    eap_vendor = text_field(_("Who runs the employee assistance?"), NAME_CHARS)
    eap_number = text_field(_("Its authorization number"), NUMBER_CHARS)
    eap_sessions = _sessions(_("Sessions it pays for"))
    eap_sessions_used = _sessions(_("Of these used already"))
    eap_report_to = text_field(
        _("Who hears whether they come?"), NAME_CHARS,
        help_text=_("Nobody, unless they agree to it in writing. An employer never reads what is said."),
    )  # fmt: skip

    campaign = text_field(_("What brought them here?"), CAMPAIGN_CHARS, help_text=_("A poster, a talk, a search."))
    line_called = text_field(_("Which of our numbers did they call?"), phones.TYPED_CHARS)

    def __init__(self, *args: Any, listed: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = selectors.choosable(listed)  # type: ignore[attr-defined]

    @property
    def assistance_mends(self) -> bool:
        """Tell whether an answer about employee assistance is to be mended, so that the questions may not hide."""
        return any(name in self.errors for name in REFERRAL_FIELDS if name.startswith("eap_"))

    def clean_line_called(self) -> str:
        """Return the number as it is shown, so that what was typed compares with what is stored."""
        try:
            number = phones.without_extension(self.cleaned_data["line_called"])
        except phones.BadNumber as error:
            raise forms.ValidationError(str(error), code="invalid") from None
        return phones.shown(phones.Phone(number)) if number else ""

    def clean(self) -> dict[str, Any]:
        """Fill what was not asked."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        data["referrer_consent"] = data.get("referrer_consent") or NOT_ASKED
        return data

    def referral(self) -> Referral:
        """Return who referred them."""
        return Referral(**{name: self.cleaned_data[name] for name in (*REFERRAL_FIELDS, *ORIGIN_FIELDS)})

    @staticmethod
    def stored_referral(inquiry: Inquiry) -> dict[str, Any]:
        """Return the stored answers, as the form starts with them."""
        as_kept = (
            "source", "source_name", "source_detail", "eap_vendor", "eap_sessions", "eap_sessions_used",
            "eap_report_to", "referrer_consent", "campaign",
        )  # fmt: skip
        return {
            **{name: getattr(inquiry, name) for name in as_kept},
            "eap_number": inquiry.eap_number or "",
            "line_called": phones.shown(phones.Phone(inquiry.line_called)) if inquiry.line_called else "",
            "organisation": inquiry.organisation.public_id if inquiry.organisation is not None else None,
        }


# --- the list of organisations ------------------------------------------------------------------------------------


class OrganisationFields(forms.Form):
    """An organisation: its name, as what it refers people, and how it is reached."""

    use_required_attribute = False

    name = text_field(_("Name"), NAME_CHARS, wide=True, missing=_("Enter the name of the organization."))
    source = forms.ChoiceField(
        label=_("What is it?"), choices=(("", _("Choose")), *intake.SOURCES[1:]), widget=forms.Select(attrs=OFF),
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose what kind of organization it is.")),
    )  # fmt: skip
    source_detail = one_of(
        _("Which part of the justice system?"), intake.JUSTICE_DETAILS, _("Differs from person to person"),
        help_text=_("Of a court or the justice system alone."),
    )  # fmt: skip
    phone = text_field(_("Telephone"), phones.TYPED_CHARS)
    email = forms.EmailField(
        label=_("E-mail"), max_length=254, required=False, widget=forms.EmailInput(attrs=OFF),
        error_messages={
            **NO_NUL, "invalid": _("Enter an e-mail address, such as name@mail.example."),
            "max_length": _("Write at most %(limit_value)d characters; this has %(show_value)d."),
        },
    )  # fmt: skip

    def entry(self) -> Entry:
        """Return what the list is to say."""
        return Entry(**{name: self.cleaned_data[name] for name in OrganisationFields.base_fields})


class OrganisationForm(OrganisationFields, OnceForm):
    """A new organisation. Sent twice, it is added once."""


class OrganisationEditForm(OrganisationFields, VersionedForm):
    """A correction of an organisation's entry."""

    @staticmethod
    def stored(row: ReferralOrganisation) -> dict[str, Any]:
        """Return the stored values, as the form starts with them."""
        kept = {name: getattr(row, name) for name in ("name", "source", "source_detail", "email", "version")}
        number = phones.Phone(row.phone, row.phone_extension)
        return {**kept, "phone": phones.shown(number) if row.phone else ""}

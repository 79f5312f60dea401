"""What an intake asks about a person's circumstances: reaching them safely, who stands beside them, who comes first."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.forms.asked import NOT_ASKED, long_text, one_of, yes_no
from clients.forms.fields import text_field
from clients.models import Inquiry
from clients.rules import intake, phones, places
from clients.services.guardians import Guardian
from clinics.widgets import SegmentedChoice

NAME_CHARS: Final = 160
SAFE_WAY_CHARS: Final = 500
REACH_FIELDS: Final = ("preferred_method", "unsafe_at_home", "safe_way")
GUARDIAN_FIELDS: Final = ("guardian_name", "guardian_phone", "custody")
ABOUT_FIELDS: Final = ("gender", "state", "pregnant", "veteran", "homeless", "mental_health")
YES_NO_FIELDS: Final = ("unsafe_at_home", "pregnant", "veteran", "homeless")


def gender_field() -> forms.ChoiceField:
    """Return the question about gender."""
    return one_of(_("Gender"), intake.GENDERS, _("Not asked yet"))


def state_field() -> forms.ChoiceField:
    """Return the question about the state they live in."""
    return one_of(_("State they live in"), places.STATES, _("Not asked yet"))


class CircumstanceFields(forms.Form):
    """What is asked about how somebody lives."""

    preferred_method = forms.ChoiceField(
        label=_("What suits them best?"), choices=(("", _("No matter")), *intake.REACHED_BY), required=False,
        widget=SegmentedChoice, error_messages={"invalid_choice": _("Choose one of the list.")},
    )  # fmt: skip
    unsafe_at_home = yes_no(
        _("Could it be dangerous for them if somebody at home heard of this?"),
        help_text=_("Yes means: no text, no e-mail, no message, whatever is ticked above. Only the safe way."),
    )
    safe_way = text_field(
        _("The safe way to reach them"), SAFE_WAY_CHARS, wide=True,
        help_text=_("In their words: which number, when, and what to say first."),
    )  # fmt: skip
    guardian_name = text_field(_("Parent or guardian"), NAME_CHARS)
    guardian_phone = text_field(_("Number of the parent or guardian"), phones.TYPED_CHARS)
    custody = one_of(_("Who has custody?"), intake.CUSTODY, _("Not asked yet"))
    gender = gender_field()
    state = state_field()
    pregnant = yes_no(_("Are they pregnant?"), help_text=_("Who is pregnant comes first on the waiting list."))
    veteran = yes_no(_("Have they served in the military?"))
    homeless = yes_no(_("Are they without a home?"))
    mental_health = long_text(
        _("Mental health"), help_text=_("What troubles them beside use, in their words; what is treated already.")
    )

    @property
    def safe_way_mends(self) -> bool:
        """Tell whether the safe way is to be mended, so that its question may not hide."""
        return "safe_way" in self.errors

    @property
    def guardian_open(self) -> bool:
        """Tell whether something about a parent or guardian stands there, or is to be mended."""
        return any(self.errors.get(name) or self[name].value() for name in GUARDIAN_FIELDS)

    def clean_guardian_phone(self) -> str:
        """Return the number as it is shown, so that what was typed compares with what is stored."""
        try:
            return shown_plain(phones.without_extension(self.cleaned_data["guardian_phone"]))
        except phones.BadNumber as error:
            raise forms.ValidationError(str(error), code="invalid") from None

    def clean(self) -> dict[str, Any]:
        """Fill what was not asked."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for name in YES_NO_FIELDS:
            data[name] = data.get(name) or NOT_ASKED
        return data

    def guardian(self) -> Guardian:
        """Return who stands beside them."""
        data = self.cleaned_data
        return Guardian(name=data["guardian_name"], phone=data["guardian_phone"], custody=data["custody"])

    @staticmethod
    def stored_circumstances(inquiry: Inquiry) -> dict[str, Any]:
        """Return the stored answers, as the form starts with them."""
        kept = ("preferred_method", *YES_NO_FIELDS, "guardian_name", "custody")
        return {
            **{name: getattr(inquiry, name) for name in kept},
            "safe_way": inquiry.safe_way or "",
            "mental_health": inquiry.mental_health or "",
            "guardian_phone": shown_plain(inquiry.guardian_phone),
        }


def shown_plain(number: str) -> str:
    """Return a number without an extension for the eye; "" for none."""
    return phones.shown(phones.Phone(number)) if number else ""

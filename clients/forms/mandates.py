"""Forms about mandates and the reports on them: only the fields that a kind has. They check shape; the rules decide."""

from typing import Any, Final

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clients.forms.consents import optional_words
from clients.forms.fields import OFF, day_field, text_field
from clients.models import Consent, Mandate
from clients.rules import intake
from clients.rules import mandates as rules
from clients.rules.consent_terms import LABELS, Kind
from clients.selectors.consents import DAY, document_of, last_day, recipients_in_words
from clients.services.mandates import Telling, Terms
from clinics.repeat import OnceForm
from clinics.versions import VersionedForm
from clinics.widgets import RulerField, RulerWidget, SegmentedChoice

VIEW_CHARS: Final = 4_000
BODY_HINTS: Final[dict[str, Any]] = {
    "court": _("For example, County drug court"),
    "probation": _("For example, County probation department"),
    "parole": _("For example, State board of parole"),
    "diversion": _("The program, or the office that runs it"),
    "child_welfare": _("The agency"),
    "employer": _("The company"),
    "professional_board": _("For example, State board of nursing"),
}


class DiscordWidget(RulerWidget):
    """The ruler of how far somebody is from what a mandate wants, with the question that fits that direction."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Put the question of this ruler in place of the one for readiness."""
        context = super().get_context(name, value, attrs)
        chosen = str(value) if value is not None else ""
        number = int(chosen) if chosen.isdecimal() and int(chosen) <= 10 else None
        context["widget"]["follow_up"] = {"moved": "", "ask": rules.asked_after(number)}
        return context

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Give each number its own question."""
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"] |= {"data-moved": "", "data-ask": rules.asked_after(int(value))}
        return option


def consent_label(consent: Consent) -> str:
    """Return the kind of a consent, whom it names, and its last day."""
    document = document_of(consent)
    parts = [LABELS[Kind(consent.kind)], document.named_body or recipients_in_words(document)]
    if consent.expires_at is not None:
        day = date_format(last_day(consent.expires_at, consent), DAY)
        parts.append(gettext("until %(day)s") % {"day": day})
    return " · ".join(parts)


class MandateForm(forms.Form):
    """What somebody wants and what the person makes of it; of a family's wish only the latter."""

    def __init__(self, *args: Any, kind: str, consents: list[Consent], is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.legal = kind, rules.is_legal(kind)
        if self.legal:
            self.fields.update(self._wanted(is_new=is_new))
            self.fields.update(self._reports(consents))
        else:
            self.fields["body"] = text_field(
                _("Who in the family?"), 160, help_text=_("For example, mother and brother. Names are not needed."),
                wide=True,
            )  # fmt: skip
        self.fields["client_view"] = optional_words(
            _("What do they make of it?"), VIEW_CHARS, 3,
            help_text=_("In their words, also where they see it differently."),
        )  # fmt: skip
        self.fields["discord"] = RulerField(
            label=_("How far is it from what they want themselves?"),
            question=_("0: they want the same. 10: they want none of it."),
            widget=DiscordWidget,
            error_messages={"invalid_choice": _("Choose a number from 0 to 10.")},
        )

    def _wanted(self, *, is_new: bool) -> dict[str, forms.Field]:
        found: dict[str, forms.Field] = {}
        if not is_new:
            found["kind"] = forms.ChoiceField(
                label=_("Kind"), choices=rules.LEGAL,
                error_messages={name: _("Choose who asks for it.") for name in ("required", "invalid_choice")},
            )  # fmt: skip
        return found | {
            "body": text_field(
                _("Who asks for it?"), 160, missing=_("Write who asks for it, such as the court."), wide=True,
                help_text=BODY_HINTS.get(self.kind, ""),
            ),
            "officer": text_field(_("Person there"), 160, wide=True, help_text=_("For example, the probation officer")),
            "docket": text_field(_("Docket or case number"), 80),
            "starts_on": _day(_("Begins on")),
            "ends_on": _day(_("Ends on")),
            "end_condition": text_field(
                _("Or ends when"), 200, wide=True, help_text=_("For example, after 24 sessions")
            ),
            "required_level": forms.ChoiceField(
                label=_("Level of care they ask for"), required=False,
                choices=[("", _("Not said")), *intake.LEVELS],
                error_messages={"invalid_choice": _("Choose a level of the list.")},
            ),
            "required_sessions": forms.IntegerField(
                label=_("Sessions they ask for"), required=False, min_value=1, max_value=rules.MAX_SESSIONS,
                widget=forms.NumberInput(attrs={**OFF, "class": "w-4", "inputmode": "numeric"}),
                error_messages={
                    "invalid": _("Enter a number of sessions, such as 24."),
                    "min_value": _("Enter a number of sessions, such as 24."),
                    "max_value": _("This is too many to be meant. Check the number."),
                },
            ),
        }  # fmt: skip

    def _reports(self, consents: list[Consent]) -> dict[str, forms.Field]:
        self.consents = {str(one.public_id): one for one in consents}
        choices = [("", _("None yet")), *((key, consent_label(one)) for key, one in self.consents.items())]
        consent = forms.ChoiceField(
            label=_("Consent for the reports"), required=False, choices=choices,
            help_text=_("Without one nothing is reported. Only consents in force that may carry a report are offered."),
            error_messages={"invalid_choice": _("Choose a consent of the list. It is in force and made for reports.")},
        )  # fmt: skip
        return {
            "reporting": forms.ChoiceField(
                label=_("How often do they want a report?"), choices=rules.FREQUENCIES, initial=rules.NO_REPORTS,
                widget=SegmentedChoice,
                error_messages={name: _("Choose how often.") for name in ("required", "invalid_choice")},
            ),
            "next_report_on": _day(_("Next report on"), help_text=_("Left empty, it is one period from now.")),
            "consent": consent,
        }  # fmt: skip

    @property
    def theirs(self) -> list[Any]:
        """Return the fields of what the person makes of it, for the page."""
        return [self["client_view"], self["discord"]]

    @property
    def wanted(self) -> list[Any]:
        """Return the fields of what somebody wants, for the page."""
        names = ("kind", "body", "officer", "docket", "starts_on", "ends_on", "end_condition", "required_level",
                 "required_sessions")  # fmt: skip
        return [self[name] for name in names if name in self.fields]

    @property
    def reports(self) -> list[Any]:
        """Return the fields of the reports, for the page; none of a family's wish."""
        return [self[name] for name in ("reporting", "next_report_on", "consent") if name in self.fields]

    def terms(self) -> Terms:
        """Return what was entered; call after the form is valid."""
        data = {name: value for name, value in self.cleaned_data.items() if name in Terms.__dataclass_fields__}
        consent = self.consents.get(data.pop("consent", "")) if self.legal else None
        return Terms(**{"kind": self.kind, **data}, consent=consent)

    @staticmethod
    def stored(mandate: Mandate) -> dict[str, Any]:
        """Return the stored values, as the form starts with them."""
        plain = ("kind", "body", "officer", "starts_on", "ends_on", "end_condition", "required_level",
                 "required_sessions", "reporting", "next_report_on", "discord", "version")  # fmt: skip
        return {
            **{name: getattr(mandate, name) for name in plain},
            "docket": mandate.docket or "",
            "client_view": mandate.client_view or "",
            "consent": str(mandate.consent.public_id) if mandate.consent is not None else "",
        }


def _day(label: Any, **options: Any) -> forms.DateField:
    return day_field(label, missing="", required=False, **options)


class NewMandateForm(OnceForm, MandateForm):
    """A mandate that is written down."""


class MandateEditForm(VersionedForm, MandateForm):
    """A mandate that is corrected."""


class MandateReportForm(OnceForm):
    """
    What a report says of itself; the appointments are counted.

    `seen` carries the numbers that the review showed; they must still be the same when it is sent.
    """

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    from_on = day_field(_("From"), missing=_("Enter the first day of the report."))
    until_on = day_field(_("Until"), missing=_("Enter the last day of the report."))
    participating = forms.ChoiceField(
        label=_("Do they take part in care?"), choices=(("yes", _("Yes")), ("no", _("No"))), widget=SegmentedChoice,
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Say whether they take part.")),
    )  # fmt: skip
    completed = forms.ChoiceField(
        label=_("Have they completed what was asked for?"), choices=(("yes", _("Yes")), ("no", _("No"))),
        widget=SegmentedChoice,
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Say whether they have completed it.")),
    )  # fmt: skip

    def __init__(self, *args: Any, recipients: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.recipients = recipients
        if len(recipients) > 1:
            self.fields["recipient"] = forms.ChoiceField(
                label=_("To whom?"), choices=[(name, name) for name in recipients], initial=recipients[0],
                widget=SegmentedChoice,
                error_messages={name: _("Choose whom the consent names.") for name in ("required", "invalid_choice")},
            )  # fmt: skip

    def telling(self) -> Telling:
        """Return what the report says of itself."""
        data = self.cleaned_data
        return Telling(
            data["from_on"], data["until_on"], participating=data["participating"] == "yes",
            completed=data["completed"] == "yes", recipient=data.get("recipient") or next(iter(self.recipients), ""),
        )  # fmt: skip

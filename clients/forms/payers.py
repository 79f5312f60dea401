"""Forms about who pays: a way of paying, what a payer answered and authorized. They check shape; rules check truth."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.forms.fields import OFF, day_field, long_text_field, text_field
from clients.models import Coverage
from clients.rules import payers as rules
from clients.rules.payers import Agreed, Answer, Cover, Problem
from clients.selectors.payers import COVER_COLUMNS, cover_of
from clients.services.authorisations import Terms
from clinics.repeat import OnceForm
from clinics.versions import VersionedForm
from clinics.widgets import DatePartsField, SegmentedChoice

NOTES_CHARS: Final = 1_000
PLACES: Final = (("1", _("First")), ("2", _("Second")), ("3", _("Third")))
YES_NO: Final = (("yes", _("Yes")), ("no", _("No")), ("", _("Not said")))


def _choice(label: Any, choices: Any, missing: Any, **options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=choices, widget=SegmentedChoice,
        error_messages={"required": missing, "invalid_choice": missing}, **options,
    )  # fmt: skip


def _list(label: Any, choices: Any, missing: Any, **options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=(("", _("Choose")), *choices), widget=forms.Select(attrs=OFF),
        error_messages={"required": missing, "invalid_choice": missing}, **options,
    )  # fmt: skip


def _day(label: Any, **options: Any) -> forms.DateField:
    return day_field(label, missing="", required=False, **options)


def _amount(label: Any, *, percent: bool = False) -> forms.DecimalField:
    most = rules.PERCENT if percent else rules.MOST_MONEY
    words = _("Enter a share from 0 to 100 percent, such as 20 or 12.50.")
    if not percent:
        words = _("Enter an amount in dollars and cents, such as 20 or 12.50.")
    names = ("invalid", "min_value", "max_value", "max_digits", "max_decimal_places", "max_whole_digits")
    return forms.DecimalField(
        label=label, required=False, min_value=Decimal(0), max_value=most, max_digits=9, decimal_places=2,
        widget=forms.TextInput(attrs={**OFF, "inputmode": "decimal", "class": "w-10"}),
        error_messages=dict.fromkeys(names, words),
    )  # fmt: skip


def _count(label: Any, missing: Any, *, least: int = 0, required: bool = True, **options: Any) -> forms.IntegerField:
    names = ("required", "invalid", "min_value", "max_value")
    return forms.IntegerField(
        label=label, required=required, min_value=least, max_value=rules.MOST_UNITS,
        widget=forms.TextInput(attrs={**OFF, "inputmode": "numeric", "class": "w-4"}),
        error_messages=dict.fromkeys(names, missing), **options,
    )  # fmt: skip


class _Mended(forms.Form):
    """A form that says beside each field what the rules find."""

    def mend(self, problems: Iterable[Problem]) -> None:
        """Put each problem beside its field."""
        for problem in problems:
            self.add_error(problem.field if problem.field in self.fields else None, problem.sentence)


class _CoverFields(_Mended):
    rank = _choice(_("Who is asked first?"), PLACES, _("Choose a place."), initial="1")
    plan_type = _list(_("Plan"), rules.PLAN_TYPES, _("Choose the plan, or none."))
    payment = _list(_("How is care paid for?"), rules.PAYMENTS, _("Choose how care is paid for."))
    payer = text_field(_("Payer"), 160, wide=True, help_text=_("As on the card. Leave empty when nobody else pays."))
    payer_number = text_field(_("Payer ID"), 40, help_text=_("For electronic inquiries"))
    member_id = text_field(_("Member ID"), 80, help_text=_("As on the card"))
    group_number = text_field(_("Group number"), 40)
    subscriber_relation = _list(
        _("Who is the subscriber?"), rules.RELATIONS, _("Choose one of the list."), required=False
    )
    subscriber_name = text_field(_("Name of the subscriber"), 160, wide=True)
    subscriber_born_on = DatePartsField(label=_("Subscriber born"), required=False)
    effective_on = _day(_("In force from"))
    ends_on = _day(_("Last day"))
    network = _choice(_("Network"), rules.NETWORKS, _("Choose one of the list."), initial="unknown")
    estimate_given_on = _day(
        _("Estimate given on"), help_text=_("For somebody who pays themselves: when they were told what it will cost")
    )

    def cover(self) -> Cover:
        """Return what stands in a valid form."""
        data: dict[str, Any] = {name: self.cleaned_data[name] for name in COVER_COLUMNS}
        return Cover(**{**data, "rank": int(data["rank"])})

    @staticmethod
    def stored(coverage: Coverage) -> dict[str, Any]:
        """Return a stored way of paying as the form's initial values."""
        cover = cover_of(coverage)
        found = {name: getattr(cover, name) for name in COVER_COLUMNS}
        return {**found, "rank": str(cover.rank), "version": coverage.version}


class CoverageForm(OnceForm, _CoverFields):
    """A way of paying that is written down."""


class CoverageEditForm(VersionedForm, _CoverFields):
    """A way of paying that is corrected."""


class BenefitCheckForm(OnceForm, _Mended):
    """What a payer answered. Empty means that it did not say."""

    method = _choice(_("How did you ask?"), rules.METHODS, _("Choose how you asked."), initial="phone")
    result = _choice(_("What did they say?"), rules.RESULTS, _("Choose what the payer said."))
    reference = text_field(_("Reference of the call"), 80)
    deductible = _amount(_("Deductible, $"))
    deductible_met = _amount(_("Of that met, $"))
    copay = _amount(_("Copay, $"))
    coinsurance = _amount(_("Coinsurance, %"), percent=True)
    out_of_pocket_max = _amount(_("Most out of pocket, $"))
    visit_limit = _count(_("Visits they pay for"), _("Enter a number of visits, such as 20."), required=False)
    authorisation_required = forms.ChoiceField(
        label=_("Is an authorization needed?"), choices=YES_NO, required=False, initial="", widget=SegmentedChoice,
        error_messages={"invalid_choice": _("Choose yes, no or not said.")},
    )  # fmt: skip
    notes = long_text_field(
        _("Anything else they said"), NOTES_CHARS, missing="", rows=2, required=False,
        help_text=_("About the plan. Nothing about the person’s care."),
    )  # fmt: skip

    def answer(self) -> Answer:
        """Return what stands in a valid form."""
        data = {name: self.cleaned_data[name] for name in Answer.__dataclass_fields__}
        data["authorisation_required"] = {"yes": True, "no": False}.get(data["authorisation_required"])
        return Answer(**data)


class _AgreedFields(_Mended):
    number = text_field(_("Authorization number"), 80)
    from_on = day_field(_("From"), missing=_("Enter the first day."))
    until_on = day_field(_("Last day"), missing=_("Enter the last day."))
    units = _count(_("Units authorized"), _("Enter how many units were authorized."), least=1)
    units_used = _count(_("Units used"), _("Enter how many units are used, 0 if none."), initial=0)
    next_review_on = _day(_("The payer looks again on"))

    def terms(self) -> Terms:
        """Return what stands in a valid form."""
        data = self.cleaned_data
        return Terms(Agreed(*(data[name] for name in Agreed.__slots__)), data["number"])


class AuthorisationForm(OnceForm, _AgreedFields):
    """What a payer authorized."""


class AuthorisationEditForm(VersionedForm, _AgreedFields):
    """An authorization that is corrected, or used up."""

    @staticmethod
    def stored(row: Any) -> dict[str, Any]:
        """Return a stored authorization as the form's initial values."""
        found = {name: getattr(row, name) for name in Agreed.__slots__}
        return {**found, "number": row.number or "", "version": row.version}

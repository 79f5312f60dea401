"""The fields that an intake is made of: each may stay open, and its error says what to do."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.forms.fields import NO_NUL, OFF
from clients.rules import intake
from clinics.widgets import DatePartsField, RulerField, SegmentedChoice

WORDS_CHARS: Final = 4_000
TOO_LONG: Final = _("Write at most %(limit_value)d characters; this has %(show_value)d.")
ONE_OF_LIST: Final = _("Choose one of the list.")
NOT_ASKED: Final = "not_asked"


class MayWait:
    """A field that a call may end without. It is still asked: no word beside it says that it is optional."""

    empty_values: Any

    def validate(self, value: Any) -> None:
        """Refuse what is wrong, never what is missing."""
        if value not in self.empty_values:
            super().validate(value)  # type: ignore[misc]


class AskedText(MayWait, forms.CharField):
    """A text that is asked for."""


class AskedDate(MayWait, DatePartsField):
    """A date that is asked for."""


class AskedChoice(MayWait, forms.ChoiceField):
    """A choice that is asked for."""


def asked_text(label: Any, max_length: int, *, lines: int = 0, wide: bool = False, **options: Any) -> AskedText:
    """Return a text that is asked for, of one line or of several."""
    plain = OFF if wide else {**OFF, "class": "w-10"}
    widget = forms.Textarea(attrs={**OFF, "rows": lines}) if lines else forms.TextInput(attrs=plain)
    errors = {**NO_NUL, "max_length": TOO_LONG}
    return AskedText(label=label, max_length=max_length, widget=widget, error_messages=errors, **options)


def long_text(label: Any, **options: Any) -> forms.CharField:
    """Return a text of several lines that may stay empty."""
    return forms.CharField(
        label=label, max_length=WORDS_CHARS, required=False, widget=forms.Textarea(attrs={**OFF, "rows": 2}),
        error_messages={**NO_NUL, "max_length": TOO_LONG}, **options,
    )  # fmt: skip


def one_of(label: Any, choices: Any, empty: Any, **options: Any) -> forms.ChoiceField:
    """Return a choice of one of a list, which may stay open."""
    return forms.ChoiceField(
        label=label, required=False, choices=(("", empty), *choices), widget=forms.Select(attrs=OFF),
        error_messages={"invalid_choice": ONE_OF_LIST}, **options,
    )  # fmt: skip


def yes_no(label: Any, **options: Any) -> AskedChoice:
    """Return a question that is answered with yes or no, or not asked."""
    return AskedChoice(
        label=label, choices=intake.YES_NO, widget=SegmentedChoice, initial=NOT_ASKED,
        error_messages={"invalid_choice": _("Choose yes, no or not asked.")}, **options,
    )  # fmt: skip


def clock_time(label: Any) -> forms.TimeField:
    """Return a time of day that may stay open."""
    return forms.TimeField(
        label=label, required=False, widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", **OFF}),
        error_messages={"invalid": _("Enter a time, such as 09:30 or 14:00.")},
    )  # fmt: skip


def several_of(label: Any, choices: Any, **options: Any) -> forms.MultipleChoiceField:
    """Return a list of which any may be ticked."""
    return forms.MultipleChoiceField(
        label=label, required=False, choices=choices, widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Choose from the list.")}, **options,
    )  # fmt: skip


def ruler(label: Any, question: Any) -> RulerField:
    """Return a ruler from 0 to 10."""
    return RulerField(
        label=label, question=question, error_messages={"invalid_choice": _("Choose a number from 0 to 10.")}
    )

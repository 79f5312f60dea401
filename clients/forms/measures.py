"""The forms of measures: one field a question, drawn from its definition; the day, and when it is asked again."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clients.forms.fields import OFF, day_field, long_text_field
from clients.models import MeasureResponse
from clients.rules import measures as rules
from clients.selectors.measures import Offered
from clinics.instruments.definition import Item, LicenceClass, Scale
from clinics.repeat import OnceForm
from clinics.versions import VersionedForm
from clinics.widgets import SegmentedChoice

# A scale with more values than this is typed, not chosen.
MOST_CHOICES: Final = 12
REASON_CHARS: Final = 1_000
SOURCES: Final = (
    (MeasureResponse.Source.CLINICIAN.value, _("I asked the questions")),
    (MeasureResponse.Source.DEVICE.value, _("They answered on this device, or on paper")),
)


class Question(forms.TypedChoiceField):
    """One question with its answers; it may stay open, which the page says once for all of them."""

    is_question = True


class AnswerChoice(SegmentedChoice):
    """The answers of one question as radio buttons; a digit chooses the answer of that value."""

    option_template_name = "forms/widgets/answer.html"


class TypedAnswer(forms.CharField):
    """A number that is typed, kept as a whole number of the smallest unit of its scale."""

    is_question = True

    def __init__(self, *, scale: Scale, **options: Any) -> None:
        mode = "decimal" if scale.decimals else "numeric"
        super().__init__(
            required=False,
            max_length=12,
            widget=forms.TextInput(attrs={**OFF, "inputmode": mode, "class": "w-4"}),
            error_messages={"max_length": _("Write a number.")},
            **options,
        )
        self.scale = scale

    def clean(self, value: Any) -> int | None:
        """Return the number in the smallest unit, None where nothing was typed."""
        typed = super().clean(value)
        if not typed.strip():
            return None
        number = rules.in_units(typed, self.scale.decimals)
        if number is None or number not in self.scale:
            words = {
                "low": rules.from_units(self.scale.min, self.scale.decimals),
                "high": rules.from_units(self.scale.max, self.scale.decimals),
            }
            raise forms.ValidationError(gettext("Write a number from %(low)s to %(high)s.") % words)
        return number


def answer_field(offered: Offered, item: Item, number: int) -> forms.Field:
    """Return the field of one question; every question may stay open."""
    scale = item.scale
    assert scale is not None, "a rated item has a scale"
    question = offered.question(item)
    label = f"{number}. {question}" if len(offered.definition.items) > 1 else question
    shows_help = offered.definition.licence_class in (LicenceClass.TOTAL_ONLY, LicenceClass.RESULT_ONLY)
    help_text = item.definition if shows_help else ""
    values = range(scale.min, scale.max + 1, scale.step)
    if len(values) > MOST_CHOICES:
        return TypedAnswer(scale=scale, label=label, help_text=help_text)
    words = {anchor.value: anchor.text for anchor in item.anchors}
    return Question(
        label=label,
        help_text=help_text,
        choices=[(value, words.get(value) or rules.from_units(value, scale.decimals)) for value in values],
        coerce=int,
        empty_value=None,
        required=False,
        widget=AnswerChoice,
        error_messages={"invalid_choice": _("Choose one of these answers.")},
    )


class AnswersForm(forms.Form):
    """The questions of a measure. Its fields are named for the items."""

    def __init__(self, *args: Any, offered: Offered, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = list(offered.definition.items.values())
        for number, item in enumerate(self.items, 1):
            self.fields[item.key] = answer_field(offered, item, number)

    @property
    def questions(self) -> list[Any]:
        """Return the questions as fields of the page."""
        return [self[item.key] for item in self.items]

    def answers(self) -> dict[str, int]:
        """Return what was answered; call after the form is valid."""
        found = {item.key: self.cleaned_data.get(item.key) for item in self.items}
        return {key: value for key, value in found.items() if value is not None}


class MeasureForm(OnceForm, AnswersForm):
    """A measure as staff enter it: when it was answered, how, and every question."""

    taken_on = day_field(_("Answered on"), missing=_("Enter the day on which they answered."))
    source = forms.ChoiceField(
        label=_("How"),
        choices=SOURCES,
        initial=SOURCES[0][0],
        widget=SegmentedChoice,
        error_messages={"required": _("Choose how they answered."), "invalid_choice": _("Choose from the list.")},
    )


class TakeBackForm(OnceForm):
    """Why answers are taken back."""

    reason = long_text_field(
        _("Why are they taken back?"), REASON_CHARS, missing=_("Write why these answers are taken back."), rows=3
    )


class PlanForm(VersionedForm):
    """How often a measure is asked, and when next. `version` is 1 where nothing runs yet."""

    every_days = forms.IntegerField(
        label=_("Ask again after so many days"),
        min_value=1,
        max_value=366,
        widget=forms.NumberInput(attrs={**OFF, "class": "w-4"}),
        error_messages={
            "required": _("Enter a number of days."),
            "invalid": _("Enter a number of days."),
            "min_value": _("Enter 1 to 366 days."),
            "max_value": _("Enter 1 to 366 days."),
        },
    )
    next_due_on = day_field(_("Next on"), missing=_("Enter the day on which it is asked next."))

"""The forms of cravings and returns to use. They check shape; services check truth."""

from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.forms.consents import optional_words
from clients.forms.fields import ByPublicId, day_field, long_text_field, text_field
from clients.forms.inquiries import instant_of, time_field
from clients.models import ChangeTarget
from clients.rules import returns as rules
from clients.services.returns import Felt, Happened
from clinics.models import Clinic
from clinics.repeat import OnceForm
from clinics.widgets import SegmentedChoice

SITUATION_CHARS = 1_000
COPING_CHARS = 500
AMOUNT_CHARS = 200
LEARNING_CHARS = 2_000
REASON_CHARS = 500
TEN = [(str(number), str(number)) for number in range(11)]
YES_NO = (("yes", _("Yes")), ("no", _("No")))


class CravingForm(OnceForm):
    """One craving: when, how strong, how long, and what was tried."""

    # What the short form beside the list asks.
    SHORT: ClassVar = ("repeat_key", "intensity", "used")

    felt_on = day_field(_("Day"), missing=_("Enter the day on which it was felt."))
    felt_at = time_field(_("Time"), missing=_("Enter the time at which it was felt."))
    intensity = forms.TypedChoiceField(
        label=_("How strong was it?"),
        choices=TEN,
        coerce=int,
        widget=SegmentedChoice,
        help_text=_("0 is not there, 10 is as strong as it gets."),
        error_messages={key: _("Choose how strong it was, from 0 to 10.") for key in ("required", "invalid_choice")},
    )
    minutes = forms.IntegerField(
        label=_("How many minutes did it last?"),
        min_value=1,
        max_value=rules.MOST_MINUTES,
        required=False,
        widget=forms.NumberInput(attrs={"class": "w-4", "inputmode": "numeric"}),
        error_messages={
            key: _("Enter how many minutes it lasted, from 1 to 1440.") for key in ("invalid", "min_value", "max_value")
        },
    )
    situation = optional_words(_("What was going on?"), SITUATION_CHARS, 2)
    coping = optional_words(_("What did they try?"), COPING_CHARS, 2, help_text=_("One thing on a line."))
    helped = forms.TypedChoiceField(
        label=_("How much did it help?"),
        choices=TEN,
        coerce=int,
        empty_value=None,
        required=False,
        widget=SegmentedChoice,
        error_messages={"invalid_choice": _("Choose how much it helped, from 0 to 10.")},
    )
    used = forms.ChoiceField(
        label=_("Did they use?"),
        choices=YES_NO,
        widget=SegmentedChoice,
        error_messages={key: _("Choose whether they used.") for key in ("required", "invalid_choice")},
    )

    def __init__(self, *args: Any, clinic: Clinic, beside_a_list: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(clinic.time_zone)
        if not beside_a_list:
            self.fields["intensity"].widget.attrs |= {"autofocus": True}

    def clean(self) -> dict[str, Any]:
        """Join day and time."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        data["instant"] = instant_of(self, "felt_on", "felt_at", self.zone)
        return data

    @property
    def felt(self) -> Felt:
        """Return the craving as it was typed (of a valid form)."""
        data = self.cleaned_data
        return Felt(
            data["instant"], data["intensity"], data["used"] == "yes", data["minutes"], data["situation"],
            data["coping"], data["helped"],
        )  # fmt: skip


class GoalChoice(ByPublicId):
    """A choice of one of a person's goals."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the goal in a few words."""
        goal = str(obj.goal)
        return goal if len(goal) <= 80 else f"{goal[:79]}…"


class LapseForm(OnceForm):
    """A return to use: when, what, and what was going on."""

    happened_on = day_field(_("When was it?"), missing=_("Enter the day on which it happened."))
    target = GoalChoice(
        ChangeTarget.objects.none(), label=_("Which goal is it about?"), missing=_("Choose one of their goals."),
        required=False, empty_label=_("No one goal"),
    )  # fmt: skip
    substance = forms.ChoiceField(
        label=_("What was it?"),
        choices=[("", _("Not said")), *rules.SUBSTANCES],
        required=False,
        error_messages={"invalid_choice": _("Choose what it was.")},
    )
    amount = text_field(_("How much?"), AMOUNT_CHARS, wide=True, help_text=_("In their words."))
    situation = optional_words(_("What was going on?"), SITUATION_CHARS, 3)
    rate_stage = forms.BooleanField(
        label=_("Rate the stage of this goal as “Returned to use, starting again”"),
        required=False,
        help_text=_("Only if you see it so. One return to use need not be a new beginning."),
    )

    def __init__(self, *args: Any, goals: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["target"]
        field.queryset = goals

    @property
    def happened(self) -> Happened:
        """Return what was typed (of a valid form)."""
        data = self.cleaned_data
        return Happened(data["happened_on"], data["target"], data["substance"], data["amount"], data["situation"])


class LookBackForm(OnceForm):
    """What a return to use taught."""

    learning = long_text_field(
        _("What did it teach?"), LEARNING_CHARS, rows=5,
        missing=_("Write what it taught, in their words where you can."),
        help_text=_("What came before it, what they tried, what they would do earlier next time."),
    )  # fmt: skip
    plan_changed = forms.ChoiceField(
        label=_("Was the plan for return to use written anew?"),
        choices=YES_NO,
        widget=SegmentedChoice,
        error_messages={key: _("Choose whether the plan was written anew.") for key in ("required", "invalid_choice")},
    )


class TakeBackForm(OnceForm):
    """Why something is taken back."""

    reason = long_text_field(
        _("Why is it taken back?"), REASON_CHARS, missing=_("Write why this is taken back."), rows=3
    )

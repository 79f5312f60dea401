"""Forms round the signatures of a plan, setting hints aside, ending a plan, and looking back at it."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.forms.consents import optional_words
from clients.forms.fields import day_field, long_text_field, text_field
from clients.forms.plans import TEXT_CHARS, choice, number
from clients.models import Goal
from clients.rules import plan_words
from clients.services.plan_reviews import Progress
from clinics.repeat import OnceForm
from clinics.versions import VersionedForm

LOST: Final = _("This form has lost its place. Open the page again.")


def words(label: Any, missing: Any, **options: Any) -> forms.CharField:
    """Return a field for words that must be there."""
    return long_text_field(label, TEXT_CHARS, missing=missing, rows=3, **options)


class HashForm(forms.Form):
    """A form about what a version says: it carries the hash of what was read."""

    content = forms.CharField(
        widget=forms.HiddenInput, max_length=64, error_messages={"required": LOST, "max_length": LOST}
    )


class DismissForm(forms.Form):
    """Setting a hint aside."""

    code = forms.CharField(widget=forms.HiddenInput, max_length=40, error_messages={"required": LOST})
    lineage = forms.UUIDField(widget=forms.HiddenInput, required=False, error_messages={"invalid": LOST})
    reason = text_field(_("Why it stays as it is"), 500, missing=_("Write why it stays as it is."), wide=True)


class AuthorForm(VersionedForm):
    """The author's signature."""

    starts_on = day_field(_("The plan begins on"), missing=_("Enter the day on which the plan begins."))
    needs_cosign = forms.BooleanField(label=_("A supervisor co-signs it"), required=False)

    def __init__(self, *args: Any, always: bool = False, **kwargs: Any) -> None:
        """Make the form; `always` where the clinic has the author's plans co-signed, so that there is no choice."""
        super().__init__(*args, **kwargs)
        if always:
            field = self.fields["needs_cosign"]
            field.disabled, field.initial = True, True
            self.initial["needs_cosign"] = True
            field.help_text = _("Your clinic has every plan of yours co-signed.")


class PersonForm(HashForm):
    """The person's own answer on the clinic's device: agree, or not now."""

    printed_name = text_field(_("Your name"), 200, missing=_("Write your name."), wide=True)
    reason = optional_words(_("If not now: why?"), TEXT_CHARS, 3)


class PaperForm(HashForm):
    """What the person, or who may sign for them, answered on paper."""

    answer = choice(
        _("Their answer"), (("signed", _("Signed")), ("refused", _("Not now"))), missing=_("Choose their answer."),
        segments=True,
    )  # fmt: skip
    capacity = choice(
        _("Who answered"), (("client", _("The person")), ("guardian", _("Guardian"))),
        missing=_("Choose who answered."), segments=True,
    )  # fmt: skip
    printed_name = text_field(_("Name as it stands on the paper"), 200, missing=_("Enter the name."), wide=True)
    reason = optional_words(_("If not now: why, in their words"), TEXT_CHARS, 3)


class PhysicianForm(HashForm):
    """A physician's signature, as somebody else writes it down."""

    printed_name = text_field(
        _("Name as it was signed"), 200, missing=_("Enter the name of who signs."), wide=True,
        help_text=_("With the letters after it, as the payer asks for them."),
    )  # fmt: skip
    method = choice(
        _("How it was signed"), (("paper", _("On paper")), ("device", _("On the clinic's device"))),
        missing=_("Choose how it was signed."), segments=True,
    )  # fmt: skip


class CosignForm(HashForm):
    """A supervisor's answer: co-sign, or send back with what is to change."""

    reason = optional_words(
        _("What is to change"), TEXT_CHARS, 3, help_text=_("Only when you send it back. The author reads it.")
    )


class EndForm(OnceForm):
    """Why a plan ends."""

    reason = words(_("Why it ends"), _("Write why it ends."))


class ReviewForm(OnceForm):
    """A look back: for each goal how far it has come, then what follows."""

    def __init__(self, *args: Any, goals: Sequence[Goal], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.goals = goals
        self.fields["held_on"] = day_field(_("You looked back on"), missing=_("Enter the day."))
        for goal in goals:
            name = self.prefix_of(goal)
            self.fields[f"{name}_progress"] = number(
                _("How far it has come, in percent"), missing=_("Enter a number from 0 to 100."), most=100
            )
            self.fields[f"{name}_status"] = choice(
                _("How it stands"),
                plan_words.GOAL_STATUSES,
                missing=_("Choose how the goal stands."),
                initial=goal.status,
            )
            self.fields[f"{name}_comment"] = optional_words(
                _("What shows it"), TEXT_CHARS, 2, help_text=_("A measure, or what they say.")
            )
        self.fields["decision"] = choice(
            _("What follows"), plan_words.REVIEW_DECISIONS, missing=_("Choose what follows."), segments=True
        )
        self.fields["note"] = optional_words(_("Note"), TEXT_CHARS, 3)
        self.fields["next_on"] = day_field(
            _("Look back again on"), missing="", required=False, help_text=_("In 90 days when left empty.")
        )

    @staticmethod
    def prefix_of(goal: Goal) -> str:
        """Return what the fields of a goal begin with."""
        return f"goal_{goal.position}_{goal.pk}"

    @property
    def parts(self) -> list[tuple[Goal, list[Any]]]:
        """Return each goal with its fields, for the page."""
        names = ("progress", "status", "comment")
        return [(goal, [self[f"{self.prefix_of(goal)}_{name}"] for name in names]) for goal in self.goals]

    def progress(self) -> dict[int, Progress]:
        """Return how far each goal has come, by key; call after the form is valid."""
        found = {}
        for goal in self.goals:
            name = self.prefix_of(goal)
            said = (self.cleaned_data[f"{name}_{field}"] for field in ("progress", "status", "comment"))
            found[goal.pk] = Progress(*said)
        return found

    def mend(self, goal: int, field: str, sentence: str) -> None:
        """Say beside a field of a goal what to do about it."""
        row = next(one for one in self.goals if one.pk == goal)
        self.add_error(f"{self.prefix_of(row)}_{field}", sentence)

"""Forms about what a person wants to change, and where they stand with it. They check shape; services check truth."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.forms.consents import optional_words
from clients.forms.fields import long_text_field
from clients.models import ChangeTarget
from clients.rules import stages
from clients.rules.motivation import Intensity, Ruler
from clients.services.targets import Answer, Terms
from clinics.repeat import OnceForm
from clinics.versions import VersionedForm
from clinics.widgets import RulerField, SegmentedChoice

GOAL_CHARS = 2_000
SAID_CHARS = 1_000
REASON_CHARS = 2_000
QUESTIONS = {
    Ruler.IMPORTANCE: (_("Importance"), _("How important is it to make this change?")),
    Ruler.CONFIDENCE: (_("Confidence"), _("How confident are you that you could?")),
    Ruler.READINESS: (_("Readiness"), _("How ready are you to start?")),
}


class _TargetFields(forms.Form):
    """What a person wants to change, in a few words and in their own."""

    goal = long_text_field(
        _("What do they want to change?"),
        GOAL_CHARS,
        missing=_("Write what they want to change, the way they say it."),
        rows=3,
        help_text=_("A sentence is enough. Write it the way they say it."),
    )
    own_words = optional_words(
        _("How they put it, word for word"), GOAL_CHARS, 3, help_text=_("A quote that says why it matters to them.")
    )
    kind = forms.ChoiceField(
        label=_("What it is about"),
        choices=stages.KINDS,
        initial="other",
        required=False,
        error_messages={"invalid_choice": _("Choose what it is about.")},
    )
    direction = forms.ChoiceField(
        label=_("Which way"),
        choices=stages.DIRECTIONS,
        widget=SegmentedChoice,
        required=False,
        error_messages={"invalid_choice": _("Choose which way it is to go.")},
    )

    def clean_kind(self) -> str:
        """Return what it is about; nothing chosen is something else."""
        return self.cleaned_data["kind"] or "other"

    @property
    def terms(self) -> Terms:
        """Return the goal as it was written (of a valid form)."""
        return Terms(**{name: self.cleaned_data[name] for name in ("goal", "kind", "direction", "own_words")})


class TargetForm(_TargetFields, OnceForm):
    """A goal that is written down."""


class TargetEditForm(_TargetFields, VersionedForm):
    """A goal that is put right."""

    @staticmethod
    def stored(target: ChangeTarget) -> dict[str, Any]:
        """Return the stored values, as the form starts with them."""
        return {
            "goal": target.goal, "own_words": target.own_words or "", "kind": target.kind,
            "direction": target.direction, "version": target.version,
        }  # fmt: skip


class StageForm(OnceForm):
    """The stage of change, as a clinician rates it."""

    stage = forms.ChoiceField(
        label=_("Where they stand with this change"),
        choices=stages.STAGES,
        widget=SegmentedChoice,
        error_messages={"required": _("Choose where they stand."), "invalid_choice": _("Choose where they stand.")},
    )
    basis = forms.ChoiceField(
        label=_("What it rests on"),
        choices=stages.BASES,
        widget=SegmentedChoice,
        error_messages={"required": _("Choose what it rests on."), "invalid_choice": _("Choose what it rests on.")},
    )


class RulersForm(OnceForm):
    """The three rulers for one goal, and what the person says to each number."""

    def __init__(self, *args: Any, last: dict[Ruler, int | None], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for ruler, (label, question) in QUESTIONS.items():
            field = RulerField(label=label, question=question)
            field.widget.last, field.widget.between = last.get(ruler), True  # type: ignore[attr-defined]
            self.fields[ruler.value] = field
            self.fields[f"{ruler.value}_why"] = optional_words(_("Why not lower?"), SAID_CHARS, 2)
            self.fields[f"{ruler.value}_raise"] = optional_words(_("What would raise it by one?"), SAID_CHARS, 2)

    @property
    def parts(self) -> list[tuple[Any, Any, Any]]:
        """Return each ruler with its two questions, for the page."""
        return [(self[ruler.value], self[f"{ruler.value}_why"], self[f"{ruler.value}_raise"]) for ruler in Ruler]

    def answers(self) -> dict[Ruler, Answer]:
        """Return what was answered (of a valid form)."""
        data = self.cleaned_data
        return {
            ruler: Answer(data[ruler.value], data[f"{ruler.value}_why"], data[f"{ruler.value}_raise"])
            for ruler in Ruler
        }


class IntensityForm(OnceForm):
    """That one works otherwise than the rule suggests, and why."""

    chosen = forms.ChoiceField(
        label=_("How you work with them on this"),
        choices=[(key, words) for key, words in stages.INTENSITIES if key != Intensity.UNKNOWN],
        widget=SegmentedChoice,
        error_messages={"required": _("Choose how you work."), "invalid_choice": _("Choose how you work.")},
    )
    reason = long_text_field(
        _("Why"), REASON_CHARS, missing=_("Write why. Your supervisor sees it."), rows=3,
        help_text=_("Your supervisor sees the reason. It holds nothing up."),
    )  # fmt: skip

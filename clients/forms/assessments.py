"""Forms of the assessment before admission: its appointment, what is written, the signature. They check shape."""

from collections.abc import Mapping
from datetime import time
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.forms.fields import NO_NUL, OFF, BookedTime, StaffChoice, day_field, long_text_field
from clients.forms.inquiries import choice_field, time_field
from clients.models import Assessment
from clients.rules import assessment as rules
from clients.rules import intake, teds
from clients.selectors.assessments import content_of
from clinics.models import Clinic
from clinics.repeat import OnceForm
from clinics.roles import Role
from clinics.selectors.staff import staff_now
from clinics.versions import VersionedForm

SECTION_CHARS = 8_000
REASON_CHARS = 4_000
NOT_KNOWN = _("Not known")
UNKNOWN_WORDS = frozenset({"not known", "unknown", "?", str(teds.UNKNOWN)})


class NumberOrUnknown(forms.CharField):
    """A whole number, or the words “not known”, kept as -9."""

    def __init__(self, *, label: Any, most: int, least: int = 0, missing: Any = None) -> None:
        self.least, self.most = least, most
        super().__init__(
            label=label, required=missing is not None, max_length=20, help_text=_("A number, or “not known”"),
            widget=forms.TextInput(attrs={**OFF, "class": "w-10"}),
            error_messages={**NO_NUL, "required": missing or ""},
        )  # fmt: skip

    def prepare_value(self, value: Any) -> Any:
        """Show the code in words."""
        return str(NOT_KNOWN) if str(value) == str(teds.UNKNOWN) else value

    def clean(self, value: Any) -> int | None:
        """Return the number, -9, or None for nothing."""
        text = super().clean(value).strip()
        if not text:
            return None
        if text.casefold() in UNKNOWN_WORDS or text == str(NOT_KNOWN):
            return teds.UNKNOWN
        if not text.isdecimal() or not text.isascii() or not self.least <= int(text) <= self.most:
            words = _("Enter a number from %(least)d to %(most)d, or “not known”.")
            raise forms.ValidationError(words % {"least": self.least, "most": self.most}, code="invalid")
        return int(text)


class CodeChoice(forms.TypedChoiceField):
    """An answer by its code, among them “not known”."""

    def __init__(self, *, label: Any, codes: Mapping[int, str], missing: Any = None) -> None:
        super().__init__(
            label=label, required=missing is not None, coerce=int, empty_value=None,
            choices=[("", _("Choose")), *codes.items(), (teds.UNKNOWN, NOT_KNOWN)],
            error_messages={"required": missing or "", "invalid_choice": _("Choose an answer of the list.")},
        )  # fmt: skip


# Inside the group of one substance its name need not be said again.
SHORT: Final[Mapping[str, Any]] = {
    "substance": _("Substance"),
    "route": _("How it is taken"),
    "frequency": _("How often in the past month"),
    "first_use": _("Age at first use"),
}


def question_field(question: teds.Question, *, needed: bool = False) -> forms.Field:
    """Return the field for one question of the admission record; `needed` asks for an answer of the minimum set."""
    label = SHORT.get(question.key.rpartition("_")[0], question.label)
    missing = _("Answer “%(label)s”, or say that it is not known.") % {"label": question.label} if needed else None
    if question.codes is not None:
        return CodeChoice(label=label, codes=question.codes, missing=missing)
    return NumberOrUnknown(label=label, least=question.least, most=question.most, missing=missing)


class _Later:
    """What must be there before signing, and may be missing when it is saved: no label calls it optional."""

    def validate(self, value: Any) -> None:
        """Check what is there; nothing is not refused."""
        if value not in ("", None):
            super().validate(value)  # type: ignore[misc]


class LaterText(_Later, forms.CharField):
    """Text that a signature needs."""


class LaterChoice(_Later, forms.ChoiceField):
    """A choice that a signature needs."""


def later_text(label: Any, max_length: int, *, rows: int, help_text: Any = "") -> forms.CharField:
    """Return a field for several lines of text that a signature needs."""
    plain = long_text_field(label, max_length, missing="", rows=rows)
    return LaterText(
        label=label,
        max_length=max_length,
        widget=plain.widget,
        error_messages=plain.error_messages,
        help_text=help_text,
    )


def later_choice(label: Any, choices: Any, missing: Any) -> forms.ChoiceField:
    """Return a choice of few, drawn as buttons, that a signature needs."""
    plain = choice_field(label, choices, missing)
    return LaterChoice(label=label, choices=choices, widget=plain.widget, error_messages=plain.error_messages)


class BookAssessmentForm(BookedTime, OnceForm):
    """When somebody is assessed, and by whom."""

    therapist = StaffChoice(label=_("Who assesses"), missing=_("Choose the therapist who sees them."))
    start_on = day_field(_("Day"), missing=_("Enter the day of the assessment."))
    start_time = time_field(_("Time"), missing=_("Enter the time of the assessment."))
    duration_min = forms.IntegerField(
        label=_("Minutes"), min_value=5, max_value=600, initial=60,
        widget=forms.NumberInput(attrs={**OFF, "class": "w-10"}),
        error_messages={
            name: _("Enter the length in minutes, from 5 to 600.")
            for name in ("required", "invalid", "min_value", "max_value")
        },
    )  # fmt: skip

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["therapist"].queryset = staff_now(clinic.pk, Role.THERAPIST)  # type: ignore[attr-defined]

    def clean_start_time(self) -> time:
        """Return the time to the minute."""
        at: time = self.cleaned_data["start_time"]
        return at.replace(second=0, microsecond=0)


class AssessmentForm(VersionedForm):
    """
    What is written of an assessment; nothing needs to be there before it is signed.

    Fields: section_<key>, substance_<n> with its details, rating_<area> and rationale_<area>, level, level_reasons.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in rules.SECTIONS:
            given: dict[str, Any] = {"rows": 3, "help_text": one.hint}
            self.fields[f"section_{one.key}"] = (
                later_text(one.title, SECTION_CHARS, **given)
                if one.needed
                else long_text_field(one.title, SECTION_CHARS, missing="", required=False, **given)
            )
        for number in teds.SUBSTANCE_NUMBERS:
            for detail in teds.OF_SUBSTANCE:
                self.fields[f"{detail}_{number}"] = question_field(teds.BY_KEY[f"{detail}_{number}"])
            self.fields[f"last_use_{number}"] = forms.ChoiceField(
                label=_("Last use"), required=False, choices=[("", _("Choose")), *intake.LAST_USE],
                error_messages={"invalid_choice": _("Choose an answer of the list.")},
            )  # fmt: skip
        for key, label in rules.AREAS:
            self.fields[f"rating_{key}"] = later_choice(label, rules.RATINGS, _("Choose a rating."))
            self.fields[f"rationale_{key}"] = later_text(_("Why"), REASON_CHARS, rows=2)
        self.fields["level"] = later_choice(_("Level of care"), rules.LEVELS, _("Choose a level of care."))
        self.fields["level_reasons"] = later_text(_("Why this level fits"), REASON_CHARS, rows=3)

    @property
    def sections(self) -> list[Any]:
        """Return the fields of the sections, for the page."""
        return [self[f"section_{one.key}"] for one in rules.SECTIONS]

    @property
    def substances(self) -> list[list[Any]]:
        """Return the fields of each substance, for the page."""
        return [
            [self[f"{name}_{number}"] for name in (*teds.OF_SUBSTANCE, "last_use")] for number in teds.SUBSTANCE_NUMBERS
        ]

    @property
    def areas(self) -> list[tuple[Any, Any]]:
        """Return rating and reason of each area, for the page."""
        return [(self[f"rating_{key}"], self[f"rationale_{key}"]) for key, _label in rules.AREAS]

    def content(self) -> rules.Assessment:
        """Return what was written; call after the form is valid."""
        data = self.cleaned_data
        return rules.Assessment(
            sections={one.key: data[f"section_{one.key}"] for one in rules.SECTIONS},
            substances=tuple(
                rules.Substance(**{name: data[f"{name}_{number}"] for name in (*teds.OF_SUBSTANCE, "last_use")})
                for number in teds.SUBSTANCE_NUMBERS
                if data[f"substance_{number}"] is not None
            ),
            ratings={key: int(data[f"rating_{key}"]) for key, _label in rules.AREAS if data[f"rating_{key}"]},
            rationales={key: data[f"rationale_{key}"] for key, _label in rules.AREAS},
            level=data["level"],
            level_reasons=data["level_reasons"],
        )

    def clean(self) -> dict[str, Any]:
        """Refuse details of a substance that is not named, and one that is left out between two others."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        answers = {
            f"{name}_{number}": data[f"{name}_{number}"]
            for number in teds.SUBSTANCE_NUMBERS
            for name in teds.OF_SUBSTANCE
            if data.get(f"{name}_{number}") is not None
        }
        for problem in teds.problems(answers):
            if problem.key in answers and problem.key not in self.errors:
                self.add_error(problem.key, problem.sentence)
        return data

    @staticmethod
    def stored(assessment: Assessment) -> dict[str, Any]:
        """Return the stored values, as the form starts with them."""
        content = content_of(assessment)
        found: dict[str, Any] = {f"section_{key}": text for key, text in content.sections.items()}
        for number, one in enumerate(content.substances, start=1):
            found |= {f"{name}_{number}": getattr(one, name) for name in (*teds.OF_SUBSTANCE, "last_use")}
        found |= {f"rating_{key}": str(rating) for key, rating in content.ratings.items()}
        found |= {f"rationale_{key}": text for key, text in content.rationales.items()}
        return {
            **found, "level": content.level, "level_reasons": content.level_reasons, "version": assessment.version
        }  # fmt: skip


class SignAssessmentForm(VersionedForm):
    """The signature: it carries the version that was read."""

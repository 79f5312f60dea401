"""The form of an exercise, made from its shape: a list of rows for each part, more of them behind a summary."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.forms.consents import optional_words
from clients.forms.fields import day_field, long_text_field, text_field
from clients.forms.plans import number
from clients.models import Exercise
from clients.rules import exercises as rules
from clients.rules import strength_words
from clients.rules.exercises import Content, Entry, Field, Kind, Part, cell
from clients.selectors.exercises import content_of
from clinics.repeat import OnceForm
from clinics.versions import VersionedForm
from clinics.widgets import SegmentedChoice


@dataclass(frozen=True)
class Row:
    """A row of a part: its number, and its fields, each with the words above it."""

    place: int
    fields: list[tuple[str, Any]]


@dataclass(frozen=True)
class Piece:
    """A part with its rows, those that are shown at first and those behind a summary; or a field that stands alone."""

    piece: Part | Field
    rows: list[Row]
    more: list[Row]
    field: Any = None


def _made(field: Field, label: Any) -> forms.Field:
    """Return the input of one thing; of rows the rules say what must be there."""
    if field.entry is Entry.NUMBER:
        made: forms.Field = number(label, least=field.least, most=field.most)
    elif field.entry is Entry.DAY:
        made = day_field(label, missing="", required=False)
    elif field.entry is Entry.TEXT and field.required:
        made = long_text_field(label, rules.TEXT_CHARS, missing=rules.NO_CHANGE, rows=2, help_text=field.ask)
    elif field.entry is Entry.TEXT:
        made = optional_words(label, rules.TEXT_CHARS, 2, help_text=field.ask)
    else:
        made = text_field(label, rules.LINE_CHARS, wide=True)
    return made


class NeutralForm(forms.Form):
    """Before both sides are weighed with somebody who has not decided: that it is meant to stay open."""

    meant = forms.BooleanField(
        label=_("A neutral choice is intended: it is to stay open, whichever way it goes"),
        error_messages={"required": _("Confirm that a neutral choice is intended, or leave this for later.")},
    )


class ExerciseForm(OnceForm, VersionedForm):
    """
    An exercise as it is written together.

    `version` is the revision that was read, counted from 1 for none.
    """

    def __init__(self, *args: Any, kind: Kind, neutral: bool = False, **kwargs: Any) -> None:
        """Make the fields of the shape; `neutral` says that a neutral choice is to be confirmed."""
        super().__init__(*args, **kwargs)
        self.kind = kind
        for piece in rules.SHAPES[kind]:
            if isinstance(piece, Part):
                for place, column in _cells(piece):
                    made = _made(column, f"{piece.row} {place}: {column.label}")
                    made.is_question = True  # type: ignore[attr-defined]  # no "optional" beside every cell
                    self.fields[cell(piece.code, place, column.code)] = made
            else:
                self.fields[piece.code] = _made(piece, piece.label)
        if kind is Kind.BALANCE:
            self.fields["purpose"] = forms.ChoiceField(
                label=_("What weighing both sides is for"), choices=strength_words.PURPOSES, widget=SegmentedChoice,
                error_messages={"required": _("Choose what it is for."), "invalid_choice": _("Choose what it is for.")},
            )  # fmt: skip
            if neutral:
                self.fields["meant"] = forms.BooleanField(label=NeutralForm.base_fields["meant"].label, required=False)
        if kind is Kind.CHANGE_PLAN:
            self.fields["signed_on"] = day_field(_("The person signed it on"), missing="", required=False)
        else:
            self.fields["is_private"] = forms.BooleanField(
                label=_("The person keeps this off everything that is printed"), required=False
            )

    @property
    def pieces(self) -> list[Piece]:
        """Return the parts and fields of the exercise, for the page."""
        return [self._piece(piece) for piece in rules.SHAPES[self.kind]]

    def _piece(self, piece: Part | Field) -> Piece:
        if isinstance(piece, Field):
            return Piece(piece, [], [], self[piece.code])
        rows = [
            Row(place, [(column.label, self[cell(piece.code, place, column.code)]) for column in piece.columns])
            for place in range(1, piece.most + 1)
        ]
        used = [
            row.place
            for row in rows
            if any(field.value() not in (None, "") or field.errors for _l, field in row.fields)
        ]
        shown = min(max(piece.opened, max(used, default=0) + 1), piece.most)
        return Piece(piece, rows[:shown], rows[shown:])

    @property
    def others(self) -> list[Any]:
        """Return what is asked beside the exercise itself, for the page."""
        return [self[name] for name in ("purpose", "meant", "signed_on", "is_private") if name in self.fields]

    @property
    def seen(self) -> int:
        """Return the revision that was read, 0 for none; call after the form is valid."""
        return int(self.cleaned_data["version"]) - 1

    def entered(self) -> Content:
        """Return what stands in the exercise, empty rows included so that an error finds its own; when valid."""
        data = self.cleaned_data
        return {
            piece.code: [
                {one.code: data[cell(piece.code, place, one.code)] for one in piece.columns}
                for place in range(1, piece.most + 1)
            ]
            if isinstance(piece, Part)
            else data[piece.code]
            for piece in rules.SHAPES[self.kind]
        }

    def beside(self) -> dict[str, Any]:
        """Return what is kept beside the exercise itself, as the service takes it; call after the form is valid."""
        names = ("purpose", "meant", "signed_on", "is_private")
        return {name: self.cleaned_data[name] for name in names if name in self.fields}

    @staticmethod
    def stored(exercise: Exercise | None, kind: Kind) -> dict[str, Any]:
        """Return what the form starts with: the newest revision, or nothing."""
        if exercise is None:
            return {"version": 1}
        content = content_of(exercise)
        found: dict[str, Any] = {
            "version": exercise.revision + 1, "purpose": exercise.purpose, "is_private": exercise.is_private,
            "signed_on": None,
        }  # fmt: skip
        for piece in rules.SHAPES[kind]:
            if isinstance(piece, Part):
                for place, column in _cells(piece):
                    rows = content[piece.code]
                    value = rows[place - 1][column.code] if place <= len(rows) else None
                    found[cell(piece.code, place, column.code)] = "" if value is None else value
            elif piece.entry is Entry.DAY:
                found[piece.code] = date.fromisoformat(content[piece.code]) if content[piece.code] else None
            else:
                value = content[piece.code]
                found[piece.code] = "" if value is None else value
        return found


def _cells(part: Part) -> Iterator[tuple[int, Field]]:
    """Yield every place of a part with each of its columns."""
    return ((place, column) for place in range(1, part.most + 1) for column in part.columns)

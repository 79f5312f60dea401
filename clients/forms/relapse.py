"""
The form of a plan for return to use: rows of what makes it hard, of early signs, of what helps and of who helps.

Every row a plan may hold is there from the beginning, so that it is written by keyboard and without a script; those
that are still empty stand behind a fold.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clients.forms.consents import optional_words
from clients.forms.fields import day_field, text_field
from clients.models import Consent, RelapsePlan
from clients.rules import relapse as rules
from clients.rules.consent_terms import LABELS
from clients.selectors.consents import document_of, recipients_in_words
from clients.selectors.relapse import parts_of
from clinics.repeat import OnceForm
from clinics.versions import VersionedForm

OPEN_ROWS: Final = 3
PARTS: Final = {
    "triggers": (_("Trigger %(n)d"), ("text", "category", "risk", "confidence", "last_met_on")),
    "warnings": (_("Sign %(n)d"), ("text", "kind")),
    "coping": (_("What helps %(n)d"), ("text", "type", "for_trigger")),
    "supports": (_("Person %(n)d"), ("name", "relation", "phone", "consent")),
}
FIRST_HINTS: Final = {
    "first_hour": _("What comes first, step by step, so that nothing has to be decided then."),
    "who_to_call": _("Who hears of it first, and how they are reached."),
    "return_step": _("What brings them back: when they come, what they take up again."),
}


@dataclass(frozen=True)
class Row:
    """One row of the form, with its fields; `name` tells it apart from its like."""

    name: str
    fields: Sequence[Any]


@dataclass(frozen=True)
class Part:
    """The rows of one part: those that stand open, and those behind the fold."""

    open: Sequence[Row]
    folded: Sequence[Row]


def _ten(label: Any) -> forms.IntegerField:
    wrong = _("Enter a number from 0 to 10.")
    return forms.IntegerField(
        label=label,
        min_value=0,
        max_value=10,
        required=False,
        widget=forms.NumberInput(attrs={"class": "w-4", "inputmode": "numeric", "autocomplete": "off"}),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), wrong),
    )


def _kind(label: Any, choices: rules.Choices) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=[("", _("Choose")), *choices],
        required=False,
        error_messages={"invalid_choice": _("Choose what kind it is.")},
    )


class RelapsePlanForm(OnceForm, VersionedForm):
    """
    A plan as it is written together.

    `version` is the revision that was read, counted from 1 for none; `consents` are those under which somebody close
    to the person may be called now.
    """

    def __init__(self, *args: Any, consents: Sequence[Consent], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._consents = [(str(one.public_id), self._consent_label(one)) for one in consents]
        for part, (heading, names) in PARTS.items():
            for place in range(rules.MOST[part]):
                row = str(heading) % {"n": place + 1}
                for name in names:
                    field = self.fields[f"{part}_{place}_{name}"] = self._field(part, name, row)
                    # The page says once that everything may stay empty; a hundred labels need not.
                    field.is_question = True  # type: ignore[attr-defined]
        for code, label in rules.FIRST:
            self.fields[f"lapse_plan_{code}"] = optional_words(label, rules.FIRST_CHARS, 3, help_text=FIRST_HINTS[code])
        self.fields["copy_given"] = forms.BooleanField(
            label=_("The person has a copy in their hands"), required=False,
            help_text=_("Printed, or written by hand together."),
        )  # fmt: skip

    @staticmethod
    def _consent_label(consent: Consent) -> str:
        return f"{LABELS[document_of(consent).kind]}: {recipients_in_words(document_of(consent))}"

    def _field(self, part: str, name: str, row: str) -> forms.Field:
        """Return one field of a row. Its label names the row, so that an error and two texts can be told apart."""
        makes: dict[tuple[str, str], Any] = {
            ("triggers", "category"): lambda: _kind(gettext("%(row)s: kind") % {"row": row}, rules.CATEGORIES),
            ("triggers", "risk"): lambda: _ten(gettext("%(row)s: how risky, 0 to 10") % {"row": row}),
            ("triggers", "confidence"): lambda: _ten(gettext("%(row)s: how sure they are, 0 to 10") % {"row": row}),
            ("triggers", "last_met_on"): lambda: day_field(
                gettext("%(row)s: last met") % {"row": row}, missing="", required=False
            ),
            ("warnings", "kind"): lambda: _kind(gettext("%(row)s: kind") % {"row": row}, rules.SIGNS),
            ("coping", "type"): lambda: _kind(gettext("%(row)s: kind") % {"row": row}, rules.COPING),
            ("coping", "for_trigger"): lambda: forms.MultipleChoiceField(
                label=gettext("%(row)s: with triggers number") % {"row": row},
                choices=[(str(number), str(number)) for number in range(1, rules.MOST["triggers"] + 1)],
                widget=forms.CheckboxSelectMultiple,
                required=False,
                error_messages={"invalid_choice": _("Choose numbers of triggers.")},
            ),
            ("supports", "name"): lambda: text_field(gettext("%(row)s: name") % {"row": row}, rules.NAME_CHARS),
            ("supports", "relation"): lambda: text_field(
                gettext("%(row)s: who they are to them") % {"row": row}, rules.SHORT_CHARS
            ),
            ("supports", "phone"): lambda: text_field(
                gettext("%(row)s: how they are reached") % {"row": row}, rules.SHORT_CHARS
            ),
            ("supports", "consent"): lambda: forms.ChoiceField(
                label=gettext("%(row)s: may the clinic call them?") % {"row": row},
                choices=[("", _("No")), *self._consents],
                required=False,
                error_messages={"invalid_choice": _("This consent is not in force. Choose one that is, or none.")},
            ),
        }
        make = makes.get((part, name))
        if make is None:
            return text_field(row, rules.LINE_CHARS, wide=True)
        field: forms.Field = make()
        return field

    # --- for the page -------------------------------------------------------------------------------------------------

    @property
    def parts(self) -> dict[str, Part]:
        """Return the rows of each part. One empty row stands open after the last that is filled, three at least."""
        return {part: self._rows(part) for part in PARTS}

    @property
    def first(self) -> list[Any]:
        """Return the fields of what is done first."""
        return [self[f"lapse_plan_{code}"] for code, _label in rules.FIRST]

    def _rows(self, part: str) -> Part:
        heading, names = PARTS[part]
        rows = [
            Row(str(heading) % {"n": place + 1}, [self[f"{part}_{place}_{name}"] for name in names])
            for place in range(rules.MOST[part])
        ]
        filled = [place for place, row in enumerate(rows) if any(one.value() or one.errors for one in row.fields)]
        stands = max(max(filled, default=-1) + 2, OPEN_ROWS)
        return Part(rows[:stands], rows[stands:])

    # --- what was typed -----------------------------------------------------------------------------------------------

    @property
    def seen(self) -> int:
        """Return the revision that was read, 0 for none; call after the form is valid."""
        return int(self.cleaned_data["version"]) - 1

    def entered(self) -> dict[str, Any]:
        """Return what was typed, row by row, as the rules read it; call after the form is valid."""
        data = self.cleaned_data
        found: dict[str, Any] = {
            part: [{name: data[f"{part}_{place}_{name}"] for name in names} for place in range(rules.MOST[part])]
            for part, (_heading, names) in PARTS.items()
        }
        for row in found["coping"]:
            row["for_trigger"] = [int(number) for number in row["for_trigger"]]
        found["lapse_plan"] = {code: data[f"lapse_plan_{code}"] for code, _label in rules.FIRST}
        return found

    def stored(self, plan: RelapsePlan | None) -> dict[str, Any]:
        """Return what the form starts with: the newest plan, each row in its place."""
        if plan is None:
            return {"version": 1}
        parts = parts_of(plan)
        values: dict[str, Any] = {}
        for part, (_heading, names) in PARTS.items():
            rows: Sequence[Mapping[str, Any]] = parts.get(part) or ()
            for place in range(rules.MOST[part]):
                row = rows[place] if place < len(rows) else {}
                for name in names:
                    values[f"{part}_{place}_{name}"] = self._initial(name, row.get(name))
        first = parts.get("lapse_plan") or {}
        values |= {f"lapse_plan_{code}": first.get(code, "") for code, _label in rules.FIRST}
        return {**values, "version": plan.revision + 1}

    def _initial(self, name: str, value: Any) -> Any:
        if name == "for_trigger":
            return [str(number) for number in value or ()]
        if name == "consent":
            # A consent that is no longer in force permits nothing and is not taken over.
            return value if value in dict(self._consents) else ""
        return "" if value is None else value

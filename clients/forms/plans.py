"""Forms of the parts of a treatment plan, one kind at a time. They check shape; the service checks what a part says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.forms.consents import optional_words
from clients.forms.fields import OFF, day_field, long_text_field, text_field
from clients.models import Problem
from clients.models.plans import PlanPart
from clients.rules import plan_words, plans
from clients.rules.plan_content import FIELDS, Kind
from clients.selectors.plan_reading import LABELS
from clients.selectors.plans import NAMED, kind_of
from clinics.repeat import OnceForm
from clinics.versions import VersionedForm
from clinics.widgets import SegmentedChoice

TEXT_CHARS: Final = 2_000
SHORT_CHARS: Final = 200
CHOOSE: Final = _("Choose from the list.")
STATEMENT: Final = "statement"
# Words that were said before, to be taken over into a field of a goal.
TAKEN_OVER: Final = {"value_link": "value_from", "commitment": "commitment_from"}
# How the choice of what shows a problem is spelled: the evidence, then the public id of the row.
EVIDENCE_FIELD: Final = {"assessment": "assessment", "measure": "response"}


@dataclass(frozen=True)
class Offer:
    """
    A row that may be chosen.

    value   what the form posts: a public id, for evidence with its kind before it
    """

    value: str
    label: str
    row: Any


@dataclass(frozen=True)
class Offers:
    """The rows that fields offer; `under` are the parts it may stand under, `said` words to take over by field."""

    evidence: Sequence[Offer] = ()
    targets: Sequence[Offer] = ()
    staff: Sequence[Offer] = ()
    under: Sequence[Offer] = ()
    said: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rows: Mapping[str, Any] = field(default_factory=dict)


def choice(
    label: Any, choices: Any, *, missing: Any = None, empty: Any = None, segments: bool = False, **options: Any
) -> forms.ChoiceField:
    """Return a choice of one; `missing` says what to do where it must be made, `empty` names no choice."""
    shown = [*([("", empty)] if empty is not None else []), *choices]
    return forms.ChoiceField(
        label=label, choices=shown, required=missing is not None,
        widget=SegmentedChoice if segments else forms.Select(attrs=OFF),
        error_messages={"required": missing or "", "invalid_choice": missing or CHOOSE}, **options,
    )  # fmt: skip


def number(label: Any, *, missing: Any = None, most: int, least: int = 0, **options: Any) -> forms.IntegerField:
    """Return a field for a whole number."""
    wrong = _("Enter a whole number from %(least)s to %(most)s.") % {"least": least, "most": most}
    return forms.IntegerField(
        label=label, required=missing is not None, min_value=least, max_value=most,
        widget=forms.NumberInput(attrs={**OFF, "class": "w-5", "inputmode": "numeric"}),
        error_messages={"required": missing or "", "invalid": wrong, "min_value": wrong, "max_value": wrong}, **options,
    )  # fmt: skip


def amount(label: Any, *, missing: Any = None, **options: Any) -> forms.DecimalField:
    """Return a field for an amount with at most two decimals."""
    wrong = _("Enter a number with at most two decimals.")
    codes = ("invalid", "max_digits", "max_decimal_places", "max_whole_digits")
    return forms.DecimalField(
        label=label, required=missing is not None, max_digits=9, decimal_places=2,
        widget=forms.TextInput(attrs={**OFF, "class": "w-5", "inputmode": "decimal"}),
        error_messages={"required": missing or "", **dict.fromkeys(codes, wrong)}, **options,
    )  # fmt: skip


def _problem(names: Mapping[str, Any], offers: Offers) -> dict[str, forms.Field]:
    shows = [(STATEMENT, dict(plan_words.EVIDENCE)[STATEMENT]), *((one.value, one.label) for one in offers.evidence)]
    return {
        "client_words": optional_words(names["client_words"], TEXT_CHARS, 2, help_text=_("As they say it.")),
        "text": long_text_field(names["text"], TEXT_CHARS, missing=_("Write what makes life hard."), rows=2),
        "evidence": choice(names["evidence"], shows, missing=_("Choose what shows it.")),
        "priority": choice(
            names["priority"], Problem._meta.get_field("priority").choices, missing=_("Choose when."), segments=True
        ),
        "diagnosis": text_field(names["diagnosis"], 10, help_text=_("Only where the payer asks for one.")),
    }


def _goal(names: Mapping[str, Any], offers: Offers) -> dict[str, forms.Field]:
    targets = [(one.value, one.label) for one in offers.targets]
    return {
        "client_words": optional_words(
            names["client_words"], TEXT_CHARS, 2, help_text=_("What do they want instead? As they say it.")
        ),
        "text": long_text_field(names["text"], TEXT_CHARS, missing=_("Write the goal."), rows=2),
        "target": choice(names["target"], targets, empty=_("Not tied to one yet")),
        **_said(offers, "value_link", _("What matters to them and their strengths. What you write below goes first.")),
        "value_link": optional_words(names["value_link"], TEXT_CHARS, 2),
        "proposed_by": choice(
            names["proposed_by"], plan_words.PROPOSERS, missing=_("Choose who proposed it."), empty=_("Choose")
        ),
        "phase": choice(names["phase"], plan_words.PHASES, missing=_("Choose the phase."), segments=True),
        **_said(offers, "commitment", _("From their plan for change. What you write below goes first.")),
        "commitment": optional_words(
            names["commitment"], TEXT_CHARS, 2,
            help_text=_("For a firm goal, with readiness and importance of 7 or more."),
        ),
        "gate_reason": optional_words(names["gate_reason"], TEXT_CHARS, 2),
        "target_on": day_field(names["target_on"], missing="", required=False),
        "status": choice(names["status"], plan_words.GOAL_STATUSES, missing=_("Choose how it stands.")),
    }  # fmt: skip


def _said(offers: Offers, name: str, hint: Any) -> dict[str, forms.Field]:
    """Return the choice of what was said before, to be taken over into a field; none where nothing was."""
    shown = [(words, words if len(words) <= 80 else f"{words[:79]}…") for words in offers.said.get(name, ())]
    if not shown:
        return {}
    made = choice(_("Take over what was said before"), shown, empty=_("Nothing"), help_text=hint)
    return {TAKEN_OVER[name]: made}


def _objective(names: Mapping[str, Any], offers: Offers) -> dict[str, forms.Field]:
    return {
        "text": long_text_field(
            names["text"], TEXT_CHARS, missing=_("Write the step."), rows=2,
            help_text=_("What somebody else could see them do."),
        ),
        "metric": text_field(
            names["metric"], SHORT_CHARS, missing=_("Say what is counted, such as days without drinking."), wide=True
        ),
        "baseline": amount(names["baseline"]),
        "target_value": amount(names["target_value"], missing=_("Enter the number to reach.")),
        "unit": text_field(names["unit"], 40, missing=_("Enter the unit, such as days a week.")),
        "by_on": day_field(names["by_on"], missing=_("Enter the day by which.")),
        "achievable": forms.BooleanField(label=names["achievable"], required=False),
        "relevance": optional_words(names["relevance"], TEXT_CHARS, 2),
    }  # fmt: skip


def _intervention(names: Mapping[str, Any], offers: Offers) -> dict[str, forms.Field]:
    staff = [(one.value, one.label) for one in offers.staff]
    return {
        "modality": choice(
            names["modality"], plan_words.MODALITIES, missing=_("Choose the way of working."), empty=_("Choose")
        ),
        "does": choice(names["does"], plan_words.DOES, missing=_("Choose what it does."), segments=True),
        "text": optional_words(names["text"], TEXT_CHARS, 2),
        "who": choice(names["who"], staff, empty=_("Nobody named yet")),
        "session_format": choice(names["session_format"], plan_words.FORMATS, missing=_("Choose the format.")),
        "times": number(names["times"], missing=_("Enter how often."), least=1, most=31),
        "per": choice(names["per"], plan_words.PERIODS, missing=_("Choose a week or a month."), segments=True),
        "minutes": number(names["minutes"], missing=_("Enter the minutes of one time."), least=1, most=600),
        "starts_on": day_field(names["starts_on"], missing=_("Enter the first day.")),
        "ends_on": day_field(names["ends_on"], missing="", required=False),
        "block_sessions": number(
            names["block_sessions"], least=plans.BLOCK_LEAST, most=plans.BLOCK_MOST,
            help_text=_("For MI: 1 to 6, then a look back. 4 when left empty."),
        ),
    }  # fmt: skip


_FIELDS: Final = {
    Kind.PROBLEM: _problem, Kind.GOAL: _goal, Kind.OBJECTIVE: _objective, Kind.INTERVENTION: _intervention
}  # fmt: skip
STARTS: Final[Mapping[Kind, Mapping[str, Any]]] = {
    Kind.PROBLEM: {"evidence": STATEMENT, "priority": "2"},
    Kind.GOAL: {"phase": "explore_motivation", "status": "active"},
    Kind.OBJECTIVE: {},
    Kind.INTERVENTION: {"session_format": "individual", "times": 1, "per": "week", "minutes": 50},
}


class _PartForm(forms.Form):
    """A part of a draft, with the fields of its kind."""

    def __init__(self, *args: Any, kind: Kind, offers: Offers, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.offers = kind, offers
        self.fields.update(_FIELDS[kind](LABELS[kind], offers))
        if len(offers.under) > 1:
            self.fields["under"] = choice(
                _("Stands under"), [(one.value, one.label) for one in offers.under], missing=CHOOSE
            )

    def values(self) -> dict[str, Any]:
        """Return the fields of the part with rows in place of ids; call after the form is valid."""
        data = {name: value for name, value in self.cleaned_data.items() if name in FIELDS[self.kind]}
        rows = {one.value: one.row for one in (*self.offers.evidence, *self.offers.targets, *self.offers.staff)}
        for name in NAMED[self.kind]:
            data[name] = rows.get(data.get(name, ""))
        if self.kind is Kind.GOAL:
            for name, choice_of in TAKEN_OVER.items():
                data[name] = data[name] or self.cleaned_data.get(choice_of, "")
        if self.kind is Kind.PROBLEM:
            data["priority"] = int(data["priority"])
            code = data["evidence"].partition(":")[0]
            if code != STATEMENT:
                data[EVIDENCE_FIELD[code]] = rows[data["evidence"]]
            data["evidence"] = code
        return data

    def under(self) -> Any:
        """Return the part that it is to stand under, None where there is no choice; call after the form is valid."""
        asked = self.cleaned_data.get("under", "")
        return next((one.row for one in self.offers.under if one.value == asked), None)


class NewPartForm(_PartForm, OnceForm):
    """A part that is added."""


class PartForm(_PartForm, VersionedForm):
    """A part that is changed."""


def stored(row: PlanPart, under: PlanPart | None) -> dict[str, Any]:
    """Return what the form of a part starts with."""
    kind = kind_of(row)
    found: dict[str, Any] = {"version": row.version}
    for name in FIELDS[kind]:
        value = getattr(row, name)
        if name in NAMED[kind]:
            value = str(value.public_id) if value is not None else ""
        found[name] = "" if value is None else value
    if kind is Kind.PROBLEM:
        found["priority"] = str(found["priority"])
        code = found["evidence"]
        if code in EVIDENCE_FIELD:
            found["evidence"] = f"{code}:{found[EVIDENCE_FIELD[code]]}"
    if under is not None:
        found["under"] = str(under.public_id)
    return found

"""A plan in words: what a field is called, what its value says, and what changed from one version to another."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from clients.models import Problem
from clients.rules import plan_words
from clients.rules.plan_content import FIELDS, Kind, Part
from clients.rules.plan_diff import Diff
from clients.selectors.plans import NAMED, Node, Said

KIND_LABELS: Final[Mapping[Kind, Any]] = {
    Kind.PROBLEM: _("What makes life hard"), Kind.GOAL: _("Goal"), Kind.OBJECTIVE: _("Step"),
    Kind.INTERVENTION: _("What we do"),
}  # fmt: skip
LABELS: Final[Mapping[Kind, Mapping[str, Any]]] = {
    Kind.PROBLEM: {
        "text": _("What makes life hard"), "client_words": _("In their own words"), "diagnosis": _("Diagnosis code"),
        "priority": _("When"), "evidence": _("What shows it"), "assessment": _("Assessment"),
        "response": _("Measure"),
    },
    Kind.GOAL: {
        "text": _("Goal, in short"), "client_words": _("In their own words"),
        "value_link": _("A strength it builds on, or what it is worth to them"), "target": _("What it is to change"),
        "phase": _("Phase"), "commitment": _("What they say they will do"),
        "gate_reason": _("Why it is made firm all the same"), "proposed_by": _("Proposed by"),
        "target_on": _("Hoped for by"), "status": _("How it stands"),
    },
    Kind.OBJECTIVE: {
        "text": _("The step"), "metric": _("What is counted"), "baseline": _("Now"), "target_value": _("To reach"),
        "unit": _("Unit"), "by_on": _("By"), "achievable": _("They can do it from where they are"),
        "relevance": _("Why it matters for the goal"),
    },
    Kind.INTERVENTION: {
        "modality": _("Way of working"), "does": _("What it does"), "text": _("In words"), "who": _("Who"),
        "session_format": _("Format"), "times": _("How often"), "per": _("In each"), "minutes": _("Minutes"),
        "starts_on": _("From"), "ends_on": _("Until"), "block_sessions": _("Sessions in a block"),
    },
}  # fmt: skip
_CHOICES: Final[Mapping[str, Mapping[str, str]]] = {
    "phase": dict(plan_words.PHASES), "proposed_by": dict(plan_words.PROPOSERS),
    "status": dict(plan_words.GOAL_STATUSES), "evidence": dict(plan_words.EVIDENCE),
    "modality": dict(plan_words.MODALITIES), "does": dict(plan_words.DOES),
    "session_format": dict(plan_words.FORMATS), "per": dict(plan_words.PERIODS),
    "priority": {str(code): str(label) for code, label in Problem._meta.get_field("priority").choices or ()},
}  # fmt: skip
_DAYS: Final = frozenset({"target_on", "by_on", "starts_on", "ends_on"})
# What a page tells of a part beside its headline. The rest is in the headline, or says nothing to a reader.
_TOLD: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.PROBLEM: ("diagnosis", "priority", "assessment", "response"),
    Kind.GOAL: ("value_link", "target", "phase", "commitment", "gate_reason", "proposed_by", "target_on", "status"),
    Kind.OBJECTIVE: ("metric", "relevance", "by_on"),
    Kind.INTERVENTION: ("who", "session_format", "starts_on", "ends_on", "block_sessions"),
}
# What the person's own copy tells: nothing that says where it is from, and no clinician's reasons.
_OWN: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.PROBLEM: (),
    Kind.GOAL: ("value_link", "commitment", "target_on"),
    Kind.OBJECTIVE: ("relevance", "by_on"),
    Kind.INTERVENTION: ("starts_on", "ends_on"),
}
Names = Mapping[str, str]
# Which fields are told beside the headline of each kind of part.
Telling = Mapping[Kind, tuple[str, ...]]


def names_in(*said: Said) -> dict[str, str]:
    """Return the words for the other rows that parts name, by public id."""
    found: dict[str, str] = {}
    words: dict[str, Callable[[Any], str]] = {
        "target": lambda row: str(row.goal),
        "who": lambda row: str(row.name),
        "assessment": lambda row: gettext("signed %(day)s") % {"day": _day(row.signed_at)},
        "response": lambda row: f"{row.instrument.name}, {_day(row.taken_on)}",
    }
    for node in (node for one in said for node in one.nodes):
        for name in NAMED[node.kind]:
            row = getattr(node.row, name)
            if row is not None:
                found[str(row.public_id)] = words[name](row)
    return found


def _day(value: Any) -> str:
    return date_format(value, "M j, Y") if value is not None else gettext("no date")


def in_words(field: str, text: str, names: Names) -> str:
    """Return a field's text as a person reads it; empty for an empty one."""
    if not text:
        return ""
    if field in _CHOICES:
        return str(_CHOICES[field].get(text, text))
    if field in _DAYS:
        return _day(date.fromisoformat(text))
    if field == "achievable":
        return gettext("yes")
    return names.get(text, text)


# --- the thread -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShownPart:
    """
    A part as the outline shows it.

    quote   the person's own words, where they are there: shown first
    text    the clinician's words
    facts   label and value, the empty left out
    """

    node: Node
    label: Any
    quote: str
    text: str
    facts: list[tuple[Any, str]]
    below: list["ShownPart"]


def shown(said: Said, *, own_copy: bool = False, telling: Telling | None = None) -> list[ShownPart]:
    """
    Return a version as its outline shows it; as the person's own copy with less beside each part.

    telling   the fields to show beside each headline, where it is neither of the two
    """
    names = names_in(said)
    return [_shown(node, names, telling or (_OWN if own_copy else _TOLD)) for node in said.problems]


def _shown(node: Node, names: Names, telling: Telling) -> ShownPart:
    told = ((name, in_words(name, node.part.said(name), names)) for name in telling[node.kind])
    return ShownPart(
        node, KIND_LABELS[node.kind], node.part.said("client_words"), headline(node.part),
        [(LABELS[node.kind][name], value) for name, value in told if value],
        [_shown(one, names, telling) for one in node.below],
    )  # fmt: skip


def headline(part: Part) -> str:
    """Return a part in one line."""
    if part.kind is Kind.OBJECTIVE:
        reach = f"{part.said('target_value')} {part.said('unit')}".strip()
        baseline = part.said("baseline")
        how_far = gettext("from %(before)s to %(after)s") if baseline else gettext("up to %(after)s")
        return f"{part.said('text')} ({how_far % {'before': baseline, 'after': reach}})"
    if part.kind is Kind.INTERVENTION:
        times = int(part.said("times") or 0)
        often = ngettext("once %(per)s, %(minutes)s minutes", "%(n)s times %(per)s, %(minutes)s minutes", times) % {
            "n": times, "per": in_words("per", part.said("per"), {}), "minutes": part.said("minutes")
        }  # fmt: skip
        what = f"{in_words('modality', part.said('modality'), {})}: {in_words('does', part.said('does'), {}).lower()}"
        text = part.said("text")
        return f"{what}. {text} ({often})" if text else f"{what} ({often})"
    return part.said("text")


# --- what changed ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FieldTold:
    """One field that reads differently, in words."""

    label: Any
    before: str
    after: str


@dataclass(frozen=True)
class PartTold:
    """
    One part in a comparison.

    fields   those that changed; for a part that came or went, those it has
    moved    where it stood and stands, in a sentence; empty where it did not move
    """

    label: Any
    text: str
    fields: list[FieldTold]
    moved: str = ""


@dataclass(frozen=True)
class Told:
    """What changed between two versions, in words."""

    added: list[PartTold]
    removed: list[PartTold]
    changed: list[PartTold]
    moved: list[PartTold]

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing changed."""
        return not (self.added or self.removed or self.changed or self.moved)


def told(change: Diff, before: Said, after: Said) -> Told:
    """Return a difference in words."""
    names = names_in(before, after)
    texts = {part.lineage: headline(part) for said in (before, after) for part in said.parts}
    return Told(
        added=[_whole(part, names, gone=False) for part in change.added],
        removed=[_whole(part, names, gone=True) for part in change.removed],
        changed=[
            PartTold(
                KIND_LABELS[one.part.kind], headline(one.part),
                [
                    FieldTold(
                        LABELS[one.part.kind][field.field], in_words(field.field, field.before, names),
                        in_words(field.field, field.after, names),
                    )
                    for field in one.fields
                ],
            )
            for one in change.changed
        ],
        moved=[
            PartTold(
                KIND_LABELS[one.part.kind], headline(one.part), [],
                gettext("now under “%(above)s”") % {"above": texts.get(one.part.under, "")}
                if one.part.under != one.under_before
                else gettext("now at place %(place)s") % {"place": one.part.position},
            )
            for one in change.told_moves
        ],
    )  # fmt: skip


def _whole(part: Part, names: Names, *, gone: bool) -> PartTold:
    fields: Iterable[str] = (name for name in FIELDS[part.kind] if part.said(name))
    words = ((name, in_words(name, part.said(name), names)) for name in fields)
    told_fields = [
        FieldTold(LABELS[part.kind][name], value if gone else "", "" if gone else value) for name, value in words
    ]
    return PartTold(KIND_LABELS[part.kind], headline(part), told_fields)

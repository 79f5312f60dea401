"""
The plan for return to use: what makes it hard, how it shows early, what helps, who helps, and what is done first.

A return to use is a thing of its own, and no end of a change: the plan says beforehand what comes right after it.

source   shared/domain/care.md 3.6, made exact in shared/design/decisions.md 5.8; how much a plan takes, how long a
         line is and the words on the screen are ours
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from clients.rules import names

Choices = tuple[tuple[str, str], ...]
CATEGORIES: Final[Choices] = (
    ("negative_emotion", "A hard feeling"),
    ("physical_state", "How the body feels"),
    ("positive_emotion", "A good feeling"),
    ("testing_control", "Testing oneself"),
    ("urge_cue", "Something that sets off an urge"),
    ("conflict", "A conflict with somebody"),
    ("social_pressure", "Pressure from others"),
    ("social_positive", "A good time with others"),
    ("place_or_people", "A place, or people"),
    ("other", "Something else"),
)
SIGNS: Final[Choices] = (("thought", "A thought"), ("feeling", "A feeling"), ("behaviour", "Something they do"))
COPING: Final[Choices] = (
    ("avoid", "Stay away from it"),
    ("delay", "Put it off"),
    ("distract", "Do something else"),
    ("urge_surf", "Let the urge rise and pass"),
    ("call", "Call somebody"),
    ("skill_cbt", "A CBT skill"),
    ("skill_dbt", "A DBT skill"),
    ("medication", "Medication"),
    ("other", "Something else"),
)
FIRST: Final[Choices] = (
    ("first_hour", "In the first hour"),
    ("who_to_call", "Who is called"),
    ("return_step", "The step back"),
)
TRIGGERS_NEEDED: Final = 3
SUPPORTS_NEEDED: Final = 2
# How many of each a plan takes.
MOST: Final = {"triggers": 8, "warnings": 6, "coping": 10, "supports": 5}
LINE_CHARS: Final = 200
NAME_CHARS: Final = 80
SHORT_CHARS: Final = 40
FIRST_CHARS: Final = 600
LOWEST: Final = 0
HIGHEST: Final = 10


class Wrong(ValueError):
    """A plan cannot be kept as it is. `field` is a path such as "triggers.0.risk", empty for the whole plan."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class Trigger:
    """
    Something that makes it hard.

    number            its place in the plan, from 1
    risk, confidence  0 to 10: how risky, and how sure they are that they get past it; None: not said
    """

    number: int
    category: str
    text: str
    risk: int | None = None
    confidence: int | None = None
    last_met_on: date | None = None

    @property
    def priority(self) -> int | None:
        """Return how much it asks for attention, 0 to 100; None where one of both is not said."""
        if self.risk is None or self.confidence is None:
            return None
        return self.risk * (HIGHEST - self.confidence)

    @property
    def category_label(self) -> str:
        """Return the kind in words."""
        return dict(CATEGORIES).get(self.category, "")


@dataclass(frozen=True, slots=True)
class Sign:
    """How it shows early: a key of `SIGNS`, in their words."""

    kind: str
    text: str

    @property
    def kind_label(self) -> str:
        """Return the kind in words."""
        return dict(SIGNS).get(self.kind, "")


@dataclass(frozen=True, slots=True)
class Coping:
    """Something that helps, and against which triggers, by their numbers."""

    text: str
    kind: str
    helps_with: tuple[int, ...] = ()

    @property
    def kind_label(self) -> str:
        """Return the kind in words."""
        return dict(COPING).get(self.kind, "")


@dataclass(frozen=True, slots=True)
class Support:
    """Somebody who helps. `consent` is the public id of the consent under which the clinic may call them, or ""."""

    name: str
    relation: str = ""
    phone: str = ""
    consent: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as it is read. `first` holds what is done first if it happens, by the keys of `FIRST`."""

    triggers: tuple[Trigger, ...] = ()
    warnings: tuple[Sign, ...] = ()
    coping: tuple[Coping, ...] = ()
    supports: tuple[Support, ...] = ()
    first: Mapping[str, str] = field(default_factory=dict)

    def helped(self, trigger: Trigger) -> tuple[Coping, ...]:
        """Return what helps with a trigger."""
        return tuple(one for one in self.coping if trigger.number in one.helps_with)

    @property
    def uncovered(self) -> tuple[Trigger, ...]:
        """Return the triggers that nothing helps with yet."""
        return tuple(one for one in self.triggers if not self.helped(one))

    @property
    def by_priority(self) -> tuple[Trigger, ...]:
        """Return the triggers, what asks for most attention first: risk times what confidence lacks."""
        return tuple(sorted(self.triggers, key=lambda one: -1 if one.priority is None else one.priority, reverse=True))

    @property
    def missing(self) -> tuple[str, ...]:
        """Return a sentence for each thing that keeps the plan from being complete."""
        found = []
        covered = len(self.triggers) - len(self.uncovered)
        if covered < TRIGGERS_NEEDED:
            found.append(f"{covered} of {TRIGGERS_NEEDED} triggers have something that helps.")
        if len(self.supports) < SUPPORTS_NEEDED:
            found.append(f"{len(self.supports)} of {SUPPORTS_NEEDED} people who help are named.")
        empty = [label.lower() for code, label in FIRST if not self.first.get(code)]
        if empty:
            found.append(f"What is done first is not said yet: {', '.join(empty)}.")
        return tuple(found)

    @property
    def complete(self) -> bool:
        """Tell whether three triggers have something that helps, two people are named, and what is done first is."""
        return not self.missing


def read(stored: Mapping[str, Any]) -> Plan:
    """Return a plan from what is kept of it; what is not there is empty."""
    triggers = (
        Trigger(
            number, one.get("category", ""), one.get("text", ""), one.get("risk"), one.get("confidence"),
            _day(one.get("last_met_on")),
        )
        for number, one in enumerate(stored.get("triggers", ()), 1)
    )  # fmt: skip
    first = stored.get("lapse_plan") or {}
    return Plan(
        tuple(triggers),
        tuple(Sign(one.get("kind", ""), one.get("text", "")) for one in stored.get("warnings", ())),
        tuple(
            Coping(one.get("text", ""), one.get("type", ""), tuple(one.get("for_trigger", ())))
            for one in stored.get("coping", ())
        ),
        tuple(
            Support(one.get("name", ""), one.get("relation", ""), one.get("phone", ""), one.get("consent") or "")
            for one in stored.get("supports", ())
        ),
        {code: first.get(code, "") for code, _label in FIRST},
    )


def checked(parts: Mapping[str, Any], today: date) -> dict[str, Any]:
    """
    Return a plan as it is kept: every part, texts tidied, rows in which nothing stands left out.

    parts   triggers {category, text, risk, confidence, last_met_on}, warnings {kind, text}, coping {text, type,
            for_trigger: numbers of triggers from 1, as the rows stand here}, supports {name, relation, phone,
            consent}, lapse_plan {first_hour, who_to_call, return_step}; a part that is not named is empty
    :raises Wrong: an unknown part, a row that lacks something or says what cannot be, or nothing at all
    """
    unknown = sorted(set(parts) - {*MOST, "lapse_plan"})
    if unknown:
        raise Wrong(unknown[0], "A plan for return to use has no such part.")
    rows = {part: list(parts.get(part) or ()) for part in MOST}
    for part, most in MOST.items():
        if len(rows[part]) > most:
            raise Wrong(part, f"A plan takes at most {most} of these; this has {len(rows[part])}.")
    numbers: dict[int, int] = {}
    triggers = []
    for place, row in enumerate(rows["triggers"]):
        if _says(row, "text", "category", "risk", "confidence", "last_met_on"):
            triggers.append(_trigger(row, f"triggers.{place}", today))
            numbers[place + 1] = len(triggers)
    found: dict[str, Any] = {
        "triggers": triggers,
        "warnings": [
            {"kind": _choice(row, "kind", SIGNS, at), "text": _needed(row, "text", LINE_CHARS, at)}
            for at, row in _said(rows, "warnings", "text", "kind")
        ],
        "coping": [_coping(row, at, numbers) for at, row in _said(rows, "coping", "text", "type", "for_trigger")],
        "supports": [_support(row, at) for at, row in _said(rows, "supports", "name", "relation", "phone", "consent")],
        "lapse_plan": _first(parts.get("lapse_plan") or {}),
    }
    if not any(found[part] for part in MOST) and not any(found["lapse_plan"].values()):
        raise Wrong("", "Write at least one thing. A plan may grow over several talks.")
    return found


def _says(row: Mapping[str, Any], *names_of: str) -> bool:
    return any(row.get(name) not in (None, "", [], ()) for name in names_of)


def _said(rows: Mapping[str, Sequence[Any]], part: str, *names_of: str) -> list[tuple[str, Any]]:
    return [(f"{part}.{place}", row) for place, row in enumerate(rows[part]) if _says(row, *names_of)]


def _trigger(row: Mapping[str, Any], at: str, today: date) -> dict[str, Any]:
    met = _day(row.get("last_met_on"))
    if met is not None and met > today:
        raise Wrong(f"{at}.last_met_on", "This day is still to come. Enter the day on which they last met it.")
    return {
        "category": _choice(row, "category", CATEGORIES, at),
        "text": _needed(row, "text", LINE_CHARS, at),
        "risk": _ten(row, "risk", at, "Say how risky it is, from 0 to 10."),
        "confidence": _ten(row, "confidence", at, "Say how sure they are that they get past it, from 0 to 10."),
        "last_met_on": met.isoformat() if met is not None else None,
    }


def _coping(row: Mapping[str, Any], at: str, numbers: Mapping[int, int]) -> dict[str, Any]:
    against = []
    for number in row.get("for_trigger") or ():
        if number not in numbers:
            raise Wrong(f"{at}.for_trigger", f"Trigger {number} is empty. Choose one that is written down.")
        against.append(numbers[number])
    return {
        "text": _needed(row, "text", LINE_CHARS, at),
        "type": _choice(row, "type", COPING, at),
        "for_trigger": sorted(set(against)),
    }


def _support(row: Mapping[str, Any], at: str) -> dict[str, Any]:
    return {
        "name": _needed(row, "name", NAME_CHARS, at),
        "relation": _short(row, "relation", SHORT_CHARS, at),
        "phone": _short(row, "phone", SHORT_CHARS, at),
        "consent": str(row["consent"]) if row.get("consent") else None,
    }


def _first(said: Mapping[str, Any]) -> dict[str, str]:
    unknown = sorted(set(said) - {code for code, _label in FIRST})
    if unknown:
        raise Wrong(f"lapse_plan.{unknown[0]}", "A plan for return to use has no such part.")
    return {code: _short(said, code, FIRST_CHARS, "lapse_plan", many=True) for code, _label in FIRST}


def _short(row: Mapping[str, Any], name: str, most: int, at: str, *, many: bool = False) -> str:
    words = str(row.get(name) or "")
    kept = "\n".join(line for one in words.splitlines() if (line := names.tidy(one))) if many else names.tidy(words)
    if len(kept) > most:
        raise Wrong(f"{at}.{name}", f"Write at most {most} characters; this has {len(kept)}.")
    return kept


def _needed(row: Mapping[str, Any], name: str, most: int, at: str) -> str:
    kept = _short(row, name, most, at)
    if not kept:
        raise Wrong(f"{at}.{name}", "Write what it is, or clear the rest of this row.")
    return kept


def _choice(row: Mapping[str, Any], name: str, choices: Choices, at: str) -> str:
    known = dict(choices)
    # Where "something else" is a kind, nothing chosen is that.
    chosen = row.get(name) or ("other" if "other" in known else "")
    if chosen not in known:
        raise Wrong(f"{at}.{name}", "Choose what kind it is.")
    return str(chosen)


def _ten(row: Mapping[str, Any], name: str, at: str, sentence: str) -> int:
    value = row.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not LOWEST <= value <= HIGHEST:
        raise Wrong(f"{at}.{name}", sentence)
    return value


def _day(said: Any) -> date | None:
    if said is None or said == "":
        return None
    return said if isinstance(said, date) else date.fromisoformat(said)

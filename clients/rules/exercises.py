"""
Exercises that are worked out together: weighing both sides, what matters most, and a plan for change.

An exercise is data: parts with rows of columns, and fields that stand alone. One check reads all three; what follows
from the numbers, and when weighing both sides asks for care, stands below.

source   shared/domain/care.md 3.2, 3.4 and T32. How many rows there are, how long a text is and the questions are ours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

from clients.rules import names
from clients.rules.motivation import HIGHEST, LOWEST, Intensity
from clinics.instruments.figures import Figure, Reason, number, undefined

LINE_CHARS: Final = 200
TEXT_CHARS: Final = 1_000
TOP: Final = 5
SMALLER_BELOW: Final = 7
NEUTRAL: Final = "neutral_choice"
NO_CHANGE: Final = "Write the change they want, in their words."

Content = dict[str, Any]


class Kind(StrEnum):
    """Which exercise it is."""

    BALANCE = "balance"
    VALUES = "values"
    CHANGE_PLAN = "change_plan"


class Entry(StrEnum):
    """What may be entered in a field."""

    LINE = "line"
    TEXT = "text"
    NUMBER = "number"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Field:
    """
    One thing that is entered.

    said          what stands before the value where it is read, empty: nothing
    least, most   bounds of a number
    required      of a column: a row without it is no row; of a field: the exercise cannot be kept without it
    """

    code: str
    label: str
    entry: Entry = Entry.LINE
    ask: str = ""
    said: str = ""
    least: int = LOWEST
    most: int = HIGHEST
    required: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """
    A list in an exercise.

    columns   what stands in a row, the one that must be there first
    most      how many rows there may be
    opened    how many rows a page shows at first
    row       what one row is called
    """

    code: str
    label: str
    row: str
    columns: tuple[Field, ...]
    ask: str = ""
    most: int = 8
    opened: int = 3


Piece = Part | Field

_WEIGHT: Final = Field("weight", "Weight, 0 to 10", Entry.NUMBER, said="weight")


def _cell(code: str, label: str, ask: str) -> Part:
    return Part(code, label, "One thing", (Field("text", "In their words", required=True), _WEIGHT), ask)


BALANCE: Final[tuple[Piece, ...]] = (
    _cell("good_now", "What is good about how it is now", "What do you like about it? What does it do for you?"),
    _cell("less_good_now", "What is less good about how it is now", "And what do you like less?"),
    _cell("good_change", "What would be good about changing", "How would things be better?"),
    _cell("less_good_change", "What would be hard about changing", "What would you miss, or have to give up?"),
)
VALUES: Final[tuple[Piece, ...]] = (
    Part(
        "values", "What matters", "A value",
        (
            Field("name", "What matters, in a word or two", required=True),
            Field("importance", "Pile, 1 to 5", Entry.NUMBER, said="pile", least=1, most=5),
            Field("rank", "Place, 1 is first", Entry.NUMBER, said="place", least=1),
            Field("wanted", "Wanted, 0 to 10", Entry.NUMBER, said="wanted"),
            Field("living_it", "Lived now, 0 to 10", Entry.NUMBER, said="lived now"),
            Field("helps", "How the change would serve it", said="served by the change:"),
            Field("hurts", "How the change would stand in its way", said="in its way:"),
        ),
        "Sort what matters into five piles (5 is the most important), choose five to ten from the highest, put them in "
        "order. Then ask how much they want to live by each, how much they do now, and what the change does to it.",
        10, 5,
    ),
)  # fmt: skip
CHANGE_PLAN: Final[tuple[Piece, ...]] = (
    Field("change", "The change I want", Entry.TEXT, "What do you want to be different?", required=True),
    Part("reasons", "Why I want it", "A reason", (Field("text", "In their words", required=True),)),
    Part(
        "steps", "What I will do", "A step",
        (
            Field("what", "What", required=True), Field("when", "When", said="when:"),
            Field("with_whom", "With whom", said="with:"),
        ),
        "Small, soon, and such that somebody could see it.",
    ),
    Part(
        "helpers", "Who can help", "Somebody who helps",
        (Field("who", "Who", required=True), Field("how", "How", said="how:")), most=6, opened=2,
    ),
    Part(
        "obstacles", "What could get in the way", "Something in the way",
        (Field("what", "What", required=True), Field("response", "What I do then", said="then:")), most=6, opened=2,
    ),
    Field("works", "How I will know that it works", Entry.TEXT, "What will be the first sign?"),
    Field("confidence", "How confident I am, 0 to 10", Entry.NUMBER),
    Field("commitment", "What I say I will do", Entry.TEXT, "In their words, if they say it."),
    Field("starts_on", "When I begin", Entry.DAY),
)  # fmt: skip
SHAPES: Final[Mapping[Kind, tuple[Piece, ...]]] = {
    Kind.BALANCE: BALANCE, Kind.VALUES: VALUES, Kind.CHANGE_PLAN: CHANGE_PLAN
}  # fmt: skip


class Wrong(ValueError):
    """
    An exercise cannot be kept as it is; the text says what to do.

    field   code of the field; of a row "steps_2_what", rows counted from 1; empty for the whole
    """

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def parts_of(kind: Kind) -> list[Part]:
    """Return the lists of an exercise."""
    return [piece for piece in SHAPES[kind] if isinstance(piece, Part)]


def fields_of(kind: Kind) -> list[Field]:
    """Return the fields of an exercise that stand alone."""
    return [piece for piece in SHAPES[kind] if isinstance(piece, Field)]


def cell(part: str, place: int, column: str) -> str:
    """Return the name of a field in a row, the rows counted from 1."""
    return f"{part}_{place}_{column}"


def checked(kind: Kind, content: Mapping[str, Any]) -> Content:
    """
    Return an exercise as it is kept: every part and field in order, texts tidied, rows without anything left out.

    content   parts as lists of rows, fields as values; what is not named is empty; a day as `date` or ISO text
    :raises Wrong: something is unknown, missing, too long, or out of its range
    """
    unknown = sorted(set(content) - {piece.code for piece in SHAPES[kind]})
    if unknown:
        raise Wrong("", f"This exercise has no part “{unknown[0]}”.")
    kept: Content = {}
    for piece in SHAPES[kind]:
        found = content.get(piece.code)
        if isinstance(piece, Part):
            kept[piece.code] = _rows(piece, found or ())
        else:
            kept[piece.code] = _value(piece, found, piece.code)
            if piece.required and not kept[piece.code]:
                raise Wrong(piece.code, NO_CHANGE)
    if kind is not Kind.CHANGE_PLAN and not any(kept.values()):
        first = parts_of(kind)[0]
        raise Wrong(cell(first.code, 1, first.columns[0].code), "Write at least one thing.")
    if kind is Kind.VALUES:
        _require_places(content.get("values") or ())
    return kept


def _rows(part: Part, rows: Any) -> list[Content]:
    if not isinstance(rows, Sequence) or isinstance(rows, str) or not all(isinstance(row, Mapping) for row in rows):
        raise Wrong("", f"“{part.label}” is a list of rows.")
    kept = []
    for place, row in enumerate(rows, 1):
        unknown = sorted(set(row) - {column.code for column in part.columns})
        if unknown:
            raise Wrong("", f"A row of “{part.label}” has no column “{unknown[0]}”.")
        found = {one.code: _value(one, row.get(one.code), cell(part.code, place, one.code)) for one in part.columns}
        if all(value in ("", None) for value in found.values()):
            continue
        first = part.columns[0]
        if not found[first.code]:
            raise Wrong(cell(part.code, place, first.code), "Write what it is, or empty the row.")
        kept.append(found)
    if len(kept) > part.most:
        raise Wrong("", f"“{part.label}” has room for {part.most}; this has {len(kept)}.")
    return kept


def _value(field: Field, value: Any, name: str) -> Any:
    """Return one value as it is kept: text tidied, a number or None, a day as ISO text or empty."""
    if field.entry is Entry.NUMBER:
        if value is None or value == "":
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not field.least <= value <= field.most:
            raise Wrong(name, f"Enter a whole number from {field.least} to {field.most}.")
        return value
    if field.entry is Entry.DAY:
        return _day(value, name)
    if not isinstance(value, str | None):
        raise Wrong(name, "Write this in words.")
    lines = [names.tidy(line) for line in (value or "").splitlines()]
    text = " ".join(filter(None, lines)) if field.entry is Entry.LINE else "\n".join(lines).strip()
    most = LINE_CHARS if field.entry is Entry.LINE else TEXT_CHARS
    if len(text) > most:
        raise Wrong(name, f"Write at most {most} characters; this has {len(text)}.")
    return text


def _day(value: Any, name: str) -> str:
    if not value:
        return ""
    try:
        return (value if isinstance(value, date) else date.fromisoformat(value)).isoformat()
    except (TypeError, ValueError):
        raise Wrong(name, "Enter a real date: year, month and day.") from None


def _require_places(rows: Sequence[Mapping[str, Any]]) -> None:
    seen: set[int] = set()
    for place, row in enumerate(rows, 1):
        rank = row.get("rank")
        if not rank:
            continue
        if rank in seen:
            raise Wrong(cell("values", place, "rank"), f"Two values stand in place {rank}. Give each its own.")
        seen.add(rank)


# --- what follows from the numbers ----------------------------------------------------------------------------------


def ranked(content: Content) -> list[Content]:
    """Return the values of an exercise, those with a place first and in their order."""
    rows: list[Content] = content.get("values", [])
    return sorted(rows, key=lambda row: row["rank"] if row["rank"] is not None else HIGHEST + 1)


def gap(row: Mapping[str, Any]) -> int | None:
    """Return how far somebody is from living a value as they want to, 0 to 10; None where a number was not asked."""
    wanted, living = row["wanted"], row["living_it"]
    return None if wanted is None or living is None else max(0, wanted - living)


def discrepancy(content: Content) -> Figure:
    """
    Return the mean gap of the five values in the first places.

    returns  0 to 10, exact; undefined (TOO_FEW) with fewer than five in places, (MISSING_INPUT) where one of the five
             has no gap
    source   shared/domain/care.md 3.4 and T32; that five are needed is ours
    """
    first = [row for row in ranked(content) if row["rank"] is not None][:TOP]
    if len(first) < TOP:
        return undefined(Reason.TOO_FEW)
    gaps = [gap(row) for row in first]
    known = [one for one in gaps if one is not None]
    return number(Fraction(sum(known), TOP)) if len(known) == TOP else undefined(Reason.MISSING_INPUT)


def asks_for_smaller_step(content: Content) -> bool:
    """Tell whether a plan for change asks for more than the person believes they can do."""
    confidence = content.get("confidence")
    return confidence is not None and confidence < SMALLER_BELOW


# --- when weighing both sides asks for care -------------------------------------------------------------------------

HIGH: Final = frozenset({Intensity.HIGH_ENGAGE, Intensity.HIGH_EVOKE})
CAUTION: Final = (
    "Somebody who is still undecided may want the change less after weighing both sides evenly. It can make a decision "
    "firmer that somebody has already made."
)
INSTEAD: Final = (
    "Otherwise reflect their reasons to go on as now briefly, and give the time to their reasons to change. Weigh both "
    "sides only where the choice is to stay open, whichever way it goes."
)


def needs_neutral(suggested: Intensity) -> bool:
    """Tell whether weighing both sides asks first that a neutral choice is intended (the rule's answer is high)."""
    return suggested in HIGH


def refused(suggested: Intensity, purpose: str, *, meant: bool) -> Wrong | None:
    """
    Return why both sides are not weighed like this, or None.

    purpose   a key of `strength_words.PURPOSES`
    meant     somebody confirmed that a neutral choice is intended
    """
    if not needs_neutral(suggested):
        return None
    if purpose != NEUTRAL:
        return Wrong("purpose", "They have not decided yet. Choose a neutral choice, or leave this for later.")
    return None if meant else Wrong("meant", "Confirm that a neutral choice is intended, or leave this for later.")

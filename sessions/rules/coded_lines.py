"""A coded line as it is read: its chips, its bar in the ribbon, its time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from clinics.instruments.definition import ColourRole, Counting, Definition
from clinics.instruments.lines import CodedLine, Speaker
from clinics.instruments.volleys import volley_numbers

Kind = Literal["reflection-complex", "reflection-simple", "question", "change", "sustain", "other", "uncoded"]

# The first that a line has gives its bar: what carries more of the person's own reasons stands out.
RIBBON_ORDER: tuple[Kind, ...] = (
    "reflection-complex",
    "reflection-simple",
    "question",
    "change",
    "sustain",
    "other",
)


@dataclass(frozen=True, slots=True)
class Chip:
    """
    A code on a line.

    kind    the colour it wears
    hollow  it repeats in its volley, or a stronger code of its slot stands there: shown, counted once
    """

    label: str
    kind: str
    hollow: bool = False


@dataclass(frozen=True, slots=True)
class ReadLine:
    """What is shown of one line: its chips, its bar, and whether it is joined to the volley before it."""

    chips: tuple[Chip, ...]
    bar: Kind
    joined: bool


def kind_of(definition: Definition, item_key: str) -> Kind:
    """Return the colour of a code. Of two reflections in one slot the one that wins is the complex one."""
    item = definition.items[item_key]
    match item.colour:
        case ColourRole.REFLECTION:
            return "reflection-complex" if definition.rank_of.get(item_key, 0) else "reflection-simple"
        case ColourRole.QUESTION:
            return "question"
        case ColourRole.CHANGE:
            return "change"
        case ColourRole.SUSTAIN:
            return "sustain"
        case _:
            return "other"


def read_lines(definition: Definition, lines: Sequence[CodedLine]) -> list[ReadLine]:
    """Return what is shown of each line of a coding, in order."""
    counts_by_volley = definition.counting is Counting.VOLLEY
    volleys = volley_numbers(lines) if counts_by_volley else [None] * len(lines)
    counted = _counted(definition, lines, volleys) if counts_by_volley else None
    found = []
    seen: int | None = None
    for index, (line, volley) in enumerate(zip(lines, volleys, strict=True)):
        chips = tuple(
            Chip(
                definition.items[key].short_label or definition.items[key].label,
                "none" if definition.items[key].no_code else kind_of(definition, key),
                counted is not None and volley is not None and (index, key) not in counted,
            )
            for key in _in_order(definition, line.codes)
        )
        kinds = {kind_of(definition, key) for key in line.codes}
        bar: Kind = next((kind for kind in RIBBON_ORDER if kind in kinds), "uncoded")
        found.append(ReadLine(chips, bar, volley is not None and volley == seen))
        if line.speaker is Speaker.THERAPIST:
            seen = volley
    return found


def _in_order(definition: Definition, codes: Sequence[str]) -> list[str]:
    places = {key: place for place, key in enumerate(definition.items)}
    return sorted(codes, key=lambda key: places[key])


def _counted(definition: Definition, lines: Sequence[CodedLine], volleys: Sequence[int | None]) -> set[tuple[int, str]]:
    """Return the (line, code) that counts for each slot of each volley: the strongest, and of equals the first."""
    best: dict[tuple[int, str], tuple[int, str]] = {}
    for index, (line, volley) in enumerate(zip(lines, volleys, strict=True)):
        if volley is None:
            continue
        for key in line.codes:
            if definition.items[key].no_code:
                best[index, f"no code {index}"] = (index, key)
                continue
            place = (volley, definition.slot_of[key].key)
            if place not in best or definition.rank_of[key] > definition.rank_of[best[place][1]]:
                best[place] = (index, key)
    return set(best.values())


def time_text(start_ms: int | None) -> str:
    """Return the start of a line as minutes and seconds ('7:42', '1:02:03'); '' without a time."""
    if start_ms is None:
        return ""
    minutes, seconds = divmod(start_ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"

"""What a coding still lacks before it can be locked, in sentences for its coder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clinics.instruments.definition import Definition, GroupKind
from clinics.instruments.lines import CodedLine
from clinics.instruments.scoring import BadCode, check_codes

MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class Rated:
    """A rating or typed tally: its value, or why there is none."""

    value: int | None
    na_reason: str = ""


def lacking(
    definition: Definition,
    lines: Sequence[tuple[int, CodedLine]],
    ratings: Mapping[str, Rated],
    *,
    has_change_goal: bool,
) -> list[str]:
    """
    Return what keeps a coding from being locked, [] when nothing does.

    lines            (number of the line, line with its codes) of the whole segment, in order
    ratings          by item
    has_change_goal  whether the change goal is written, or the coding is of a demonstration that has none

    A line is coded when it carries a code; "no code" is one. Only lines of a speaker for whom the instrument has
    codes need one (shared/domain/fidelity.md 1.8: blank is not 0).
    """
    found = []
    if definition.requires_change_goal and not has_change_goal:
        found.append("The change goal is not written. Write it, then code.")
    coded_speakers = {item.speaker for item in definition.items.values() if item.speaker is not None}
    blank = [number for number, line in lines if line.speaker in coded_speakers and not line.codes]
    if blank:
        found.append(_blank_lines(blank))
    for number, line in lines:
        if line.codes:
            try:
                check_codes(definition, line.speaker, line.codes)
            except BadCode as error:
                found.append(f"Line {number}: {error}")
    for key, kind in definition.kinds.items():
        if kind is GroupKind.UTTERANCE_CODE:
            continue
        item, rated = definition.items[key], ratings.get(key)
        if rated is None or (rated.value is None and not rated.na_reason):
            found.append(f"{item.label} is not rated. Rate it or say why not.")
        elif rated.value is None and not item.allow_na:
            found.append(f"{item.label} needs a rating. It cannot be left out.")
    known = {key for key, kind in definition.kinds.items() if kind is not GroupKind.UTTERANCE_CODE}
    found.extend(f"{definition.name} rates no item {key}." for key in sorted(ratings.keys() - known))
    return found


def _blank_lines(numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"Line {numbers[0]} is not coded yet. Give it a code, or mark it as having none."
    named = ", ".join(str(number) for number in numbers[:MOST_NAMED])
    more = f" and {len(numbers) - MOST_NAMED} more" if len(numbers) > MOST_NAMED else ""
    return f"Lines {named}{more} are not coded yet. Give each a code, or mark it as having none."

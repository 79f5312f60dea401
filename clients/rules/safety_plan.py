"""
A plan for when it gets dangerous: six parts in order, in the person's own words, a line for each thing.

It asks for no promise: nothing in it is a contract.

source   shared/domain/care.md 2.5; how many lines a part takes, how long they are, and the questions are ours
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from clients.rules import names

MAX_LINES: Final = 10
LINE_CHARS: Final = 200
# With room for what is cut off at the ends of lines.
PART_CHARS: Final = MAX_LINES * (LINE_CHARS + 2)

Parts = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Part:
    """
    One part of a plan.

    label    as the person reads it on their own copy
    ask      what to ask together
    filled   lines that stand there at the beginning
    """

    code: str
    label: str
    ask: str
    filled: tuple[str, ...] = ()


CRISIS_LINE: Final = "988 Suicide & Crisis Lifeline: call or text 988, at any hour"
PARTS: Final = (
    Part(
        "signs", "How I notice that it is getting worse",
        "What do you think, feel or do first when it begins? What would somebody else see?",
    ),
    Part(
        "alone", "What I can do by myself",
        "What has taken the edge off before, without anybody else? What could get in the way?",
    ),
    Part(
        "company", "People and places that take my mind off it",
        "With whom, or where, do you think of something else? You need not tell them why.",
    ),
    Part(
        "help", "People I can ask for help",
        "Whom can you tell that it is bad? How do you reach them, and when?",
    ),
    Part(
        "professionals", "Professionals and crisis lines",
        "Who helps for a living, by day and by night? Write the numbers down.",
        (CRISIS_LINE,),
    ),
    Part(
        "surroundings", "Making it safer around me",
        "What should be further away for now, and who can keep it for you?",
    ),
)  # fmt: skip
CODES: Final = tuple(part.code for part in PARTS)


class Wrong(ValueError):
    """A plan cannot be kept as it is. `field` names the part, empty for the whole; the text says what to do."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def lines_of(text: str) -> tuple[str, ...]:
    """Return the lines of a text, tidied, those without anything left out."""
    return tuple(line for one in text.splitlines() if (line := names.tidy(one)))


def checked(parts: Parts) -> dict[str, list[str]]:
    """
    Return a plan as it is kept: every part, in order, its lines tidied.

    :raises Wrong: an unknown part, too many or too long lines, or nothing at all
    """
    unknown = sorted(set(parts) - set(CODES))
    if unknown:
        raise Wrong(unknown[0], "A plan has six parts, and this is none of them.")
    found = {code: [line for one in parts.get(code, ()) for line in lines_of(one)] for code in CODES}
    for code, lines in found.items():
        if len(lines) > MAX_LINES:
            raise Wrong(code, f"Write at most {MAX_LINES} lines; this has {len(lines)}.")
        longest = max(map(len, lines), default=0)
        if longest > LINE_CHARS:
            raise Wrong(code, f"Write at most {LINE_CHARS} characters on a line; one has {longest}.")
    if not any(line not in part.filled for part in PARTS for line in found[part.code]):
        raise Wrong("", "Write at least one line of the person's own.")
    return found


def missing(parts: Parts) -> list[Part]:
    """Return the parts in which nothing stands yet."""
    return [part for part in PARTS if not any(names.tidy(line) for line in parts.get(part.code, ()))]


def complete(parts: Parts) -> bool:
    """Tell whether every part has a line."""
    return not missing(parts)

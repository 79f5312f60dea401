"""A line of a coded transcript as the scoring engine sees it."""

from dataclasses import dataclass
from enum import StrEnum


class Speaker(StrEnum):
    """Who says a line."""

    THERAPIST = "therapist"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class CodedLine:
    """
    One transcript line with the codes one coder gave it.

    codes          item keys in any order; empty when nothing was coded
    breaks_volley  of a client line: whether it ends the therapist's volley; None leaves it to the rule
    text           the words, where they may be read; None where they may not
    """

    speaker: Speaker
    codes: tuple[str, ...] = ()
    breaks_volley: bool | None = None
    text: str | None = None

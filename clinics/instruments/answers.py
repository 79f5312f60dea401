"""What a measure says beyond items and scores: how it is asked, how a score is read, and what an answer calls for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from clinics.instruments.expressions import Expression


class Higher(StrEnum):
    """What a higher value of a score means for the person."""

    WORSE = "worse"
    BETTER = "better"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Asking:
    """
    How a measure is put to a person.

    window      the time it asks about, in words; None where it asks about now
    stem        the sentence that all its questions continue
    every_days  how often it is taken, where nobody says otherwise
    """

    window: str | None = None
    stem: str | None = None
    every_days: int | None = None


@dataclass(frozen=True, slots=True)
class ScoreBand:
    """A named stretch of a score, from its least value up to the next band."""

    key: str
    label: str
    at_least: Fraction


@dataclass(frozen=True, slots=True)
class Reading:
    """
    How a score is read, every number in the units of the score.

    bands            from the lowest up; () where the score is only a number
    case_cut         the least value that counts as positive
    case_cuts        sex → the cut for it, where it differs from `case_cut`
    reliable_change  the least difference that is more than chance
    alert_fall       the least fall since the time before that asks to be talked about
    alert_trend      the least fall since the first time that does, where the score goes down over sessions
    level_only       the number is but a name for its band, and is not shown
    caveat           printed beside every band
    """

    higher: Higher = Higher.NEITHER
    bands: tuple[ScoreBand, ...] = ()
    case_cut: Fraction | None = None
    case_cuts: Mapping[str, Fraction] = field(default_factory=dict)
    reliable_change: Fraction | None = None
    alert_fall: Fraction | None = None
    alert_trend: Fraction | None = None
    level_only: bool = False
    caveat: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence shown with a result when its condition holds."""

    key: str
    when: Expression
    text: str


@dataclass(frozen=True, slots=True)
class Trigger:
    """
    What makes an answer a matter of safety; it fires on incomplete answers too.

    code   names the rule of safety
    about  what the trigger is about: of several that fire about the same, the most urgent rule holds
    when   a condition on answers and scores; what is missing fires nothing
    rises  score that is higher than the time before
    """

    code: str
    about: str
    when: Expression | None = None
    rises: str | None = None

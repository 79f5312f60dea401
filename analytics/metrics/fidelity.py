"""
Fidelity figures from sums: exact pooling, and when a therapist would be helped by a supervisor's time.

Pure: no Django, no clock, no database. Sums come from the rollup; what a score is comes from its definition.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from clinics.instruments import figures
from clinics.instruments.definition import Band, Pool
from clinics.instruments.figures import Figure, Reason

PROMPT_RUN = 2  # consecutive random samples below basic on one score (domain: fidelity 7.3)
LABEL_SAMPLES = 3  # a competency label pools the last three random samples


@dataclass(frozen=True)
class Sums:
    """
    What the rollup keeps of one score.

    n            codings; n_defined: those with a value
    total        exact sum of the values
    numerator, denominator    sums over all codings, those without a value included
    """

    n: int = 0
    n_defined: int = 0
    total: Fraction = Fraction(0)
    numerator: int = 0
    denominator: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            self.n + other.n,
            self.n_defined + other.n_defined,
            self.total + other.total,
            self.numerator + other.numerator,
            self.denominator + other.denominator,
        )


def add(several: Iterable[Sums]) -> Sums:
    """Return the sums of several cells together."""
    return sum(several, Sums())


def figure_of(sums: Sums, pool: Pool) -> Figure:
    """
    Return the figure of one or more cells.

    pooled_ratio  sum of numerators / sum of denominators; ZERO_DENOMINATOR over zero
    mean          mean of the values of the codings that have one
    sum           sum of the values, undefined when a coding has none
    returns       TOO_FEW without codings, MISSING_INPUT when none has a value
    """
    if sums.n == 0:
        return figures.undefined(Reason.TOO_FEW)
    if pool is Pool.POOLED_RATIO:
        return figures.ratio(sums.numerator, sums.denominator)
    if sums.n_defined == 0 or (pool is Pool.SUM and sums.n_defined < sums.n):
        return figures.undefined(Reason.MISSING_INPUT)
    return figures.number(sums.total if pool is Pool.SUM else sums.total / sums.n_defined)


def needs_support(bands: Sequence[str]) -> bool:
    """
    Tell whether the newest samples ask for supervision: two in a row below basic on one score.

    bands   bands of one therapist's random samples, oldest first; an undefined sample breaks no run
    """
    judged = [band for band in bands if band in (Band.GOOD, Band.FAIR, Band.BELOW)]
    return len(judged) >= PROMPT_RUN and all(band == Band.BELOW for band in judged[-PROMPT_RUN:])


def crossed_at(values: Sequence[Fraction | None], threshold: Fraction) -> int | None:
    """
    Return the index from which every later value reaches the threshold, when earlier ones did not.

    returns  None when the first known value already reaches it, or the last does not
    """
    known = [(index, value) for index, value in enumerate(values) if value is not None]
    if not known or known[0][1] >= threshold or known[-1][1] < threshold:
        return None
    last_below = max(position for position, (_index, value) in enumerate(known) if value < threshold)
    return known[last_below + 1][0]

"""Figures in words and digits for the eye, as their score says."""

from clinics.instruments.definition import Score
from clinics.instruments.figures import Figure, Reason, display_text

REASON_WORDS = {
    Reason.ZERO_DENOMINATOR: "nothing to count",
    Reason.MISSING_INPUT: "not rated",
    Reason.TOO_FEW: "too few",
    Reason.NO_VARIANCE: "no variation",
    Reason.ZERO_CELL: "an empty cell",
    Reason.NO_TIMES: "no times recorded",
    Reason.NOT_APPLICABLE: "does not apply",
    Reason.SUPPRESSED: "hidden, too few people",
}


def shown(score: Score, figure: Figure) -> str:
    """Return the figure as displayed ('2.00:1', '39.6%'), or in words why there is none."""
    if figure.value is not None:
        display = score.display
        return display_text(figure.value, places=display.dp, factor=display.factor, suffix=display.suffix)
    return undefined_words(score, figure)


def undefined_words(score: Score, figure: Figure) -> str:
    """Return in words why an undefined figure has no value: 'no questions (10 reflections)', 'not rated'."""
    counted = score.counted
    if figure.reason is Reason.ZERO_DENOMINATOR and counted is not None:
        if not figure.numerator:
            return counted.nothing
        what = counted.numerator_one if figure.numerator == 1 else None
        return f"no {counted.denominator} ({figure.numerator} {what or counted.numerator})"
    return REASON_WORDS[figure.reason or Reason.MISSING_INPUT]

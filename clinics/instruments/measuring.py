"""Answers to a measure read with its definition: complete or not, bands, notes, and what they call for."""

from collections.abc import Mapping
from fractions import Fraction

from clinics.instruments.answers import Note, Reading, Trigger
from clinics.instruments.definition import Definition, GroupKind, Score
from clinics.instruments.expressions import Expression, Inputs, evaluate
from clinics.instruments.figures import Figure

Answers = Mapping[str, int | None]
# Bands of a score that has a cut and no bands of its own.
POSITIVE, NEGATIVE = "positive", "negative"


def is_measure(definition: Definition) -> bool:
    """Tell whether a person answers it; otherwise a coder codes it."""
    return any(group.kind is GroupKind.ANSWER for group in definition.groups)


def needed(definition: Definition) -> tuple[str, ...]:
    """Return the items without which the answers are not complete: all that are scored."""
    return tuple(key for key in definition.rated_items if not definition.items[key].unscored)


def unanswered(definition: Definition, answers: Answers) -> tuple[str, ...]:
    """Return the items that are scored and were left out, in order."""
    return tuple(key for key in needed(definition) if answers.get(key) is None)


def cut_for(reading: Reading, sex: str) -> Fraction | None:
    """Return the case cut for a sex; '' is not known."""
    return reading.case_cuts.get(sex, reading.case_cut)


def level(score: Score, figure: Figure, sex: str = "") -> str:
    """
    Return the key of the band in which a figure lies, by its exact value; '' where there is none.

    sex  'male', 'female', or '' where it is not known
    """
    reading = score.read
    if reading is None or figure.value is None:
        return ""
    if reading.bands:
        reached = [band.key for band in reading.bands if figure.value >= band.at_least]
        return reached[-1] if reached else ""
    cut = cut_for(reading, sex)
    if cut is None:
        return ""
    return POSITIVE if figure.value >= cut else NEGATIVE


def notes(definition: Definition, answers: Answers, figures: Mapping[str, Figure]) -> tuple[Note, ...]:
    """Return the notes to show with a result, in the order of the definition."""
    return tuple(one for one in definition.notes if _holds(definition, one.when, answers, figures))


def fired(
    definition: Definition, answers: Answers, figures: Mapping[str, Figure], earlier: Mapping[str, Fraction]
) -> tuple[Trigger, ...]:
    """
    Return the triggers that fire, in the order of the definition.

    earlier   values of the scores the time before; empty the first time
    """
    return tuple(one for one in definition.triggers if _fires(definition, one, answers, figures, earlier))


def _fires(
    definition: Definition,
    trigger: Trigger,
    answers: Answers,
    figures: Mapping[str, Figure],
    earlier: Mapping[str, Fraction],
) -> bool:
    if trigger.when is not None and not _holds(definition, trigger.when, answers, figures):
        return False
    if trigger.rises is None:
        return trigger.when is not None
    now, before = figures[trigger.rises].value, earlier.get(trigger.rises)
    return now is not None and before is not None and now > before


def _holds(definition: Definition, when: Expression, answers: Answers, figures: Mapping[str, Figure]) -> bool:
    items = {key: answers.get(key) for key in definition.items}
    value = evaluate(when, Inputs(items, definition.tagged, figures, False)).value
    return value is not None and value != 0

"""
The scoring engine: coded lines to tallies, tallies and ratings to exact figures, figures to bands and pools.

One engine serves every instrument. Source: shared/domain/fidelity.md 1.3-1.8 and 8.2.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from clinics.instruments import figures
from clinics.instruments.definition import Band, Counting, Definition, Missing, Pool, ThresholdSet
from clinics.instruments.expressions import Expression, Inputs, ScoreValue, evaluate, walk
from clinics.instruments.figures import Figure, Reason
from clinics.instruments.lines import CodedLine, Speaker
from clinics.instruments.volleys import volley_numbers

# Stored beside every result; raise it with any change that can change a figure.
ENGINE_VERSION = "1"


class BadCode(ValueError):
    """Codes that may not stand on a line."""


class BadRating(ValueError):
    """A tally or rating outside what its item allows."""


def check_codes(definition: Definition, speaker: Speaker, codes: Sequence[str]) -> None:
    """
    Do nothing when the codes may stand together on one line of this speaker.

    :raises BadCode: with a sentence that says what to change
    """
    seen_slots: dict[str, str] = {}
    for key in codes:
        slot = definition.slot_of.get(key)
        if slot is None:
            raise BadCode(f"{definition.name} has no code {key}. Choose one of its codes.")
        item = definition.items[key]
        if item.speaker is not speaker:
            raise BadCode(f"{item.label} is a code for {item.speaker} lines. Choose a code for the {speaker}.")
        if item.no_code and len(codes) > 1:
            raise BadCode(f"{item.label} stands alone. Remove it or the other codes of the line.")
        if slot.key in seen_slots:
            other = definition.items[seen_slots[slot.key]].label
            raise BadCode(f"{item.label} and {other} share one place ({slot.label}). Keep one of them.")
        seen_slots[slot.key] = key
        if slot.follows is not None and slot.follows not in codes:
            first = definition.items[slot.follows].label
            raise BadCode(f"{item.label} needs {first} on the same line. Add it or remove {item.label}.")


def tally(definition: Definition, lines: Sequence[CodedLine]) -> dict[str, int]:
    """
    Return how often each code counts after slot resolution, 0 for codes that do not occur.

    Each slot holds one code in a volley (`counting` volley) or on a line: the one latest in the slot. Codes
    of client lines always count by line, there being no client volleys.

    :raises BadCode: for a code the instrument does not have, or has for the other speaker
    """
    counts = dict.fromkeys(definition.tallied_items, 0)
    for winner in _winners(definition, lines):
        if winner in counts:
            counts[winner] += 1
    return counts


def _winners(definition: Definition, lines: Sequence[CodedLine]) -> Iterable[str]:
    by_volley = definition.counting is Counting.VOLLEY
    units: Iterable[int | None] = volley_numbers(lines) if by_volley else [None] * len(lines)
    best: dict[tuple[bool, int, str], str] = {}
    for index, (line, volley) in enumerate(zip(lines, units, strict=True)):
        for key in line.codes:
            slot = definition.slot_of.get(key)
            if slot is None or definition.items[key].speaker is not line.speaker:
                raise BadCode(f"{definition.name} has no code {key} for {line.speaker} lines.")
            place = (volley is not None, index if volley is None else volley, slot.key)
            if place not in best or definition.rank_of[key] > definition.rank_of[best[place]]:
                best[place] = key
    return best.values()


def score(
    definition: Definition, counts: Mapping[str, int | None], ratings: Mapping[str, int | None]
) -> dict[str, Figure]:
    """
    Return the exact figure of every score of the definition, in its order.

    counts   tally per item; an item not given is 0, one given as None is missing
    ratings  value per rated item; an item not given or None is missing

    :raises BadRating: for an unknown item, a negative tally, or a value that is not on the item's scale
    """
    _check_inputs(definition, counts, ratings)
    items: dict[str, int | None] = {key: counts.get(key, 0) for key in definition.tallied_items}
    items |= {key: ratings.get(key) for key in definition.rated_items}
    done: dict[str, Figure] = {}
    for key in evaluation_order(definition):
        one = definition.score_by_key[key]
        prorate = one.missing is Missing.PRORATE
        done[key] = evaluate(one.expr, Inputs(items, definition.tagged, done, prorate))
    return {key: done[key] for key in definition.score_by_key}


def _check_inputs(definition: Definition, counts: Mapping[str, int | None], ratings: Mapping[str, int | None]) -> None:
    for key, count in counts.items():
        if key not in definition.tallied_items:
            raise BadRating(f"{definition.name} counts no item {key}.")
        if count is not None and count < 0:
            raise BadRating(f"The tally of {key} is {count}. A tally is 0 or more.")
    for key, value in ratings.items():
        scale = definition.items[key].scale if key in definition.rated_items else None
        if scale is None:
            raise BadRating(f"{definition.name} rates no item {key}.")
        if value is not None and value not in scale:
            raise BadRating(f"{key} cannot be {value}. Its scale runs from {scale.min} to {scale.max} by {scale.step}.")


def score_references(expression: Expression) -> tuple[str, ...]:
    """Return the keys of the scores an expression refers to."""
    return tuple(node.key for node in walk(expression) if isinstance(node, ScoreValue))


def evaluation_order(definition: Definition) -> list[str]:
    """Return the score keys so that each comes after those it refers to; the definition has no cycle."""
    order: dict[str, None] = {}

    def visit(key: str) -> None:
        if key not in order:
            for needed in score_references(definition.score_by_key[key].expr):
                visit(needed)
            order[key] = None

    for key in definition.score_by_key:
        visit(key)
    return list(order)


def band(threshold_set: ThresholdSet | None, score_key: str, figure: Figure) -> Band:
    """
    Return where a figure stands: the exact, unrounded value is compared with "at least".

    NONE when the set has no threshold for this score; NOT_EVALUABLE when the figure is undefined.
    """
    thresholds = threshold_set.thresholds if threshold_set is not None else ()
    threshold = next((one for one in thresholds if one.score == score_key), None)
    if threshold is None:
        return Band.NONE
    if figure.value is None:
        return Band.NOT_EVALUABLE
    if threshold.good is not None and figure.value >= threshold.good:
        return Band.GOOD
    if threshold.fair is not None and figure.value >= threshold.fair:
        return Band.FAIR
    return Band.BELOW


def pool(definition: Definition, score_key: str, several: Sequence[Figure]) -> Figure:
    """
    Return one figure for several segments, as the score's `pool` says.

    pooled_ratio  sum of numerators / sum of denominators, segments with a zero denominator included
    mean          mean of the exact values
    sum           sum of the exact values, undefined when one of them is

    Means and pooled ratios leave out segments whose inputs are missing. Undefined (TOO_FEW) without segments;
    when none can be used, undefined for the first one's reason.
    """
    if not several:
        return figures.undefined(Reason.TOO_FEW)
    how = definition.score_by_key[score_key].pool
    if how is Pool.POOLED_RATIO:
        pairs = [
            (one.numerator, one.denominator)
            for one in several
            if one.numerator is not None and one.denominator is not None
        ]
        if pairs:
            return figures.ratio(sum(top for top, _ in pairs), sum(bottom for _, bottom in pairs))
        return figures.undefined(several[0].reason or Reason.MISSING_INPUT)
    values = [one.value for one in several if one.value is not None]
    first_reason = next((one.reason for one in several if one.reason is not None), None)
    if not values or (how is Pool.SUM and first_reason is not None):
        return figures.undefined(first_reason or Reason.MISSING_INPUT)
    total = sum(values, Fraction(0))
    return figures.number(total if how is Pool.SUM else total / len(values))

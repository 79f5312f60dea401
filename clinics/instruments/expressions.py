"""
The expression language of scores: a small tree, interpreted with exact arithmetic.

Undefined propagates: an expression over an undefined operand is undefined for the same reason. Conditions
(`cmp`, `all`, `any`) are 1 or 0. Source: shared/domain/fidelity.md 8.2. Reading the tree from a file is
`expression_reading`.
"""

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from clinics.instruments import figures
from clinics.instruments.figures import Figure, Reason

# A tally or a rating is far below 2**32; the bound keeps hostile definitions from growing giant numbers.
ITEM_BITS = 32


class Comparison(StrEnum):
    """How two numbers are compared."""

    AT_LEAST = ">="
    ABOVE = ">"
    AT_MOST = "<="
    BELOW = "<"
    EQUAL = "=="
    DIFFERENT = "!="

    def holds(self, left: Fraction, right: Fraction) -> bool:
        """Tell whether left stands to right as this comparison says."""
        return _COMPARE[self](left, right)


_COMPARE: Mapping[Comparison, Callable[[Fraction, Fraction], bool]] = {
    Comparison.AT_LEAST: operator.ge,
    Comparison.ABOVE: operator.gt,
    Comparison.AT_MOST: operator.le,
    Comparison.BELOW: operator.lt,
    Comparison.EQUAL: operator.eq,
    Comparison.DIFFERENT: operator.ne,
}


class Fold(StrEnum):
    """An operation over a list of terms."""

    SUM = "sum"
    MEAN = "mean"
    MUL = "mul"
    MIN = "min"
    MAX = "max"
    ALL = "all"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Number:
    """A literal number."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class ItemValue:
    """The tally or rating of one item."""

    key: str


@dataclass(frozen=True, slots=True)
class TagSum:
    """The sum over all items that carry a tag."""

    tag: str


@dataclass(frozen=True, slots=True)
class ScoreValue:
    """The value of another score of the same definition."""

    key: str


@dataclass(frozen=True, slots=True)
class FoldOf:
    """Sum, mean, product, minimum, maximum, all-of or any-of at least one term."""

    fold: Fold
    terms: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Left minus right."""

    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Ratio:
    """Numerator over denominator; undefined over zero."""

    numerator: "Expression"
    denominator: "Expression"


@dataclass(frozen=True, slots=True)
class CountIf:
    """How many of the items compare so with a number."""

    items: tuple[str, ...]
    comparison: Comparison
    value: Fraction


@dataclass(frozen=True, slots=True)
class Compared:
    """1 when the comparison holds, else 0."""

    left: "Expression"
    comparison: Comparison
    right: "Expression"


Expression = Number | ItemValue | TagSum | ScoreValue | FoldOf | Difference | Ratio | CountIf | Compared


@dataclass(frozen=True, slots=True)
class Inputs:
    """
    What an expression may look up.

    items    tally or rating of each item, None when missing
    tagged   items of each tag
    scores   figures of the scores evaluated before
    prorate  when at least half of the terms of a sum or mean are known, let the known ones stand for all
    """

    items: Mapping[str, int | None]
    tagged: Mapping[str, Sequence[str]] = field(default_factory=dict)
    scores: Mapping[str, Figure] = field(default_factory=dict)
    prorate: bool = False


def evaluate(expression: Expression, inputs: Inputs) -> Figure:
    """
    Return the exact figure of an expression.

    A ratio of whole numbers keeps its numerator and denominator as counted, a zero denominator included.
    """
    if isinstance(expression, Ratio):
        return _ratio_figure(expression, inputs)
    value = _value(expression, inputs)
    return figures.undefined(value) if isinstance(value, Reason) else Figure(value)


def _ratio_figure(expression: Ratio, inputs: Inputs) -> Figure:
    numerator = _value(expression.numerator, inputs)
    denominator = _value(expression.denominator, inputs)
    if isinstance(numerator, Reason):
        return figures.undefined(numerator)
    if isinstance(denominator, Reason):
        return figures.undefined(denominator)
    if numerator.denominator == 1 and denominator.denominator == 1:
        return figures.ratio(numerator.numerator, denominator.numerator)
    if denominator == 0:
        return figures.undefined(Reason.ZERO_DENOMINATOR)
    return Figure(numerator / denominator)


def _value(expression: Expression, inputs: Inputs) -> Fraction | Reason:
    match expression:
        case Number(value):
            return value
        case ItemValue(key):
            return _item(key, inputs)
        case ScoreValue(key):
            figure = inputs.scores[key]
            return figure.value if figure.value is not None else figure.reason or Reason.MISSING_INPUT
        case TagSum(tag):
            return _fold(Fold.SUM, [_item(key, inputs) for key in inputs.tagged[tag]], inputs.prorate)
        case FoldOf(fold, terms):
            return _fold(fold, [_value(term, inputs) for term in terms], inputs.prorate)
        case CountIf(items, comparison, wanted):
            values = [_item(key, inputs) for key in items]
            hits = [v if isinstance(v, Reason) else _truth(comparison.holds(v, wanted)) for v in values]
            return _fold(Fold.SUM, hits, inputs.prorate)
        case Difference(left, right):
            return _pair(left, right, inputs, operator.sub)
        case Compared(left, comparison, right):
            return _pair(left, right, inputs, lambda a, b: _truth(comparison.holds(a, b)))
        case Ratio():
            figure = _ratio_figure(expression, inputs)
            return figure.value if figure.value is not None else figure.reason or Reason.ZERO_DENOMINATOR


def _item(key: str, inputs: Inputs) -> Fraction | Reason:
    value = inputs.items[key]
    return Reason.MISSING_INPUT if value is None else Fraction(value)


def _truth(condition: bool) -> Fraction:
    return Fraction(int(condition))


def _pair(
    left: Expression, right: Expression, inputs: Inputs, combine: Callable[[Fraction, Fraction], Fraction]
) -> Fraction | Reason:
    first, second = _value(left, inputs), _value(right, inputs)
    if isinstance(first, Reason):
        return first
    return second if isinstance(second, Reason) else combine(first, second)


def _fold(fold: Fold, values: Sequence[Fraction | Reason], prorate: bool) -> Fraction | Reason:
    known = [value for value in values if isinstance(value, Fraction)]
    unknown = [value for value in values if isinstance(value, Reason)]
    if unknown:
        may_stand_in = prorate and fold in (Fold.SUM, Fold.MEAN) and 2 * len(known) >= len(values)
        if not may_stand_in:
            return unknown[0]
    match fold:
        case Fold.SUM:
            # The same as the plain sum when nothing is missing.
            return sum(known, Fraction(0)) * Fraction(len(values), len(known))
        case Fold.MEAN:
            return sum(known, Fraction(0)) / len(known)
        case Fold.MUL:
            product = Fraction(1)
            for value in known:
                product *= value
            return product
        case Fold.MIN:
            return min(known)
        case Fold.MAX:
            return max(known)
        case Fold.ALL:
            return _truth(all(known))
        case Fold.ANY:
            return _truth(any(known))


def parts(expression: Expression) -> tuple[Expression, ...]:
    """Return the expressions directly inside an expression."""
    match expression:
        case FoldOf(_, terms):
            return terms
        case Difference(left, right) | Compared(left, _, right):
            return (left, right)
        case Ratio(numerator, denominator):
            return (numerator, denominator)
        case _:
            return ()


def walk(expression: Expression) -> Iterator[Expression]:
    """Yield an expression and everything inside it."""
    yield expression
    for part in parts(expression):
        yield from walk(part)


def items_looked_up(node: Expression) -> tuple[str, ...]:
    """Return the items that one node names itself, those of its parts and of its tag aside."""
    match node:
        case ItemValue(key):
            return (key,)
        case CountIf(items, _, _):
            return items
        case _:
            return ()


def is_whole(expression: Expression, whole_scores: Mapping[str, bool]) -> bool:
    """Tell whether an expression over whole tallies and ratings can only give whole numbers."""
    match expression:
        case Number(value):
            return value.denominator == 1
        case ScoreValue(key):
            return whole_scores.get(key, False)
        case Ratio() | FoldOf(Fold.MEAN, _):
            return False
        case _:
            return all(is_whole(part, whole_scores) for part in parts(expression))


def size_in_bits(expression: Expression, score_bits: Mapping[str, int], tag_sizes: Mapping[str, int]) -> int:
    """
    Return an upper bound for the bits of numerator plus denominator of an expression's value.

    score_bits  the bound of each score it may refer to
    tag_sizes   number of items of each tag
    """
    inside = [size_in_bits(part, score_bits, tag_sizes) for part in parts(expression)]
    match expression:
        case Number(value):
            return value.numerator.bit_length() + value.denominator.bit_length()
        case ItemValue():
            return ITEM_BITS
        case TagSum(tag):
            return ITEM_BITS + tag_sizes.get(tag, 0).bit_length()
        case ScoreValue(key):
            return score_bits.get(key, 0)
        case FoldOf(Fold.MIN | Fold.MAX, _):
            return max(inside)
        case FoldOf(Fold.ALL | Fold.ANY, _) | Compared():
            return 1
        case CountIf(items, _, _):
            return len(items).bit_length()
        case _:
            return sum(inside) + len(inside).bit_length()

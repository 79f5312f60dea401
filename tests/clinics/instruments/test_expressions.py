"""The expression engine: exact, undefined propagates, round trip through its tree."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinics.instruments.expression_reading import DEEPEST, expression_tree, read_expression
from clinics.instruments.expressions import (
    Compared,
    Comparison,
    CountIf,
    Difference,
    Fold,
    FoldOf,
    Inputs,
    ItemValue,
    Number,
    Ratio,
    ScoreValue,
    TagSum,
    evaluate,
    parts,
    size_in_bits,
)
from clinics.instruments.figures import Figure, Reason, number, undefined
from clinics.instruments.problems import ProblemList

ITEMS = {"a": 3, "b": 4, "zero": 0, "unknown": None}
TAGGED = {"both": ("a", "b"), "gap": ("a", "b", "unknown")}
SCORES = {"half": number(Fraction(1, 2)), "none": undefined(Reason.ZERO_DENOMINATOR, numerator=7)}
INPUTS = Inputs(ITEMS, TAGGED, SCORES)


def read(tree):
    problems = ProblemList("test.toml")
    expression = read_expression(tree, "expr", problems)
    problems.raise_if_any()
    return expression


def figure_of(tree, inputs=INPUTS):
    return evaluate(read(tree), inputs)


@pytest.mark.parametrize(
    ("tree", "value"),
    [
        (3, 3),
        ("0.1", Fraction(1, 10)),
        ("2/3", Fraction(2, 3)),
        ({"item": "a"}, 3),
        ({"tag_sum": "both"}, 7),
        ({"score": "half"}, Fraction(1, 2)),
        ({"sum": [{"item": "a"}, "0.1", "0.2"]}, Fraction(33, 10)),
        ({"mean": [{"item": "a"}, {"item": "b"}]}, Fraction(7, 2)),
        ({"mul": [{"item": "a"}, {"score": "half"}]}, Fraction(3, 2)),
        ({"sub": [{"item": "a"}, {"item": "b"}]}, -1),
        ({"ratio": [{"item": "a"}, {"item": "b"}]}, Fraction(3, 4)),
        ({"min": [{"item": "a"}, {"item": "b"}]}, 3),
        ({"max": [{"item": "a"}, {"item": "b"}]}, 4),
        ({"count_if": {"items": ["a", "b", "zero"], "op": ">=", "value": 3}}, 2),
        ({"cmp": [{"item": "a"}, "<", {"item": "b"}]}, 1),
        ({"cmp": [{"item": "a"}, "==", {"item": "b"}]}, 0),
        ({"cmp": [{"item": "a"}, "!=", {"item": "b"}]}, 1),
        ({"cmp": [{"item": "a"}, ">", 3]}, 0),
        ({"cmp": [{"item": "a"}, "<=", 3]}, 1),
        ({"all": [{"cmp": [{"item": "a"}, ">=", 3]}, {"item": "zero"}]}, 0),
        ({"any": [{"cmp": [{"item": "a"}, ">=", 3]}, {"item": "zero"}]}, 1),
    ],
)
def test_each_operation_gives_its_exact_value(tree, value):
    assert figure_of(tree).value == Fraction(value)


def test_a_top_ratio_keeps_its_counts_unreduced():
    assert figure_of({"ratio": [{"sum": [{"item": "a"}, 3]}, {"mul": [{"item": "b"}, 2]}]}) == Figure(
        Fraction(3, 4), 6, 8, None
    )


def test_a_ratio_of_parts_that_are_not_whole_has_no_counts():
    assert figure_of({"ratio": [{"score": "half"}, {"item": "b"}]}) == Figure(Fraction(1, 8))
    assert figure_of({"ratio": [{"score": "half"}, {"item": "zero"}]}) == undefined(Reason.ZERO_DENOMINATOR)


@pytest.mark.parametrize(
    ("tree", "reason"),
    [
        ({"ratio": [{"item": "a"}, {"item": "zero"}]}, Reason.ZERO_DENOMINATOR),
        ({"mul": [0, {"ratio": [{"item": "a"}, {"item": "zero"}]}]}, Reason.ZERO_DENOMINATOR),
        ({"sum": [{"item": "a"}, {"item": "unknown"}]}, Reason.MISSING_INPUT),
        ({"tag_sum": "gap"}, Reason.MISSING_INPUT),
        ({"mean": [{"item": "unknown"}, {"item": "a"}]}, Reason.MISSING_INPUT),
        ({"sub": [{"item": "a"}, {"item": "unknown"}]}, Reason.MISSING_INPUT),
        ({"sub": [{"item": "unknown"}, {"item": "a"}]}, Reason.MISSING_INPUT),
        ({"cmp": [{"item": "unknown"}, ">=", 0]}, Reason.MISSING_INPUT),
        ({"any": [1, {"item": "unknown"}]}, Reason.MISSING_INPUT),
        ({"count_if": {"items": ["a", "unknown"], "op": ">=", "value": 3}}, Reason.MISSING_INPUT),
        ({"sum": [{"score": "none"}, 1]}, Reason.ZERO_DENOMINATOR),
        ({"ratio": [{"item": "unknown"}, {"item": "zero"}]}, Reason.MISSING_INPUT),
    ],
)
def test_undefined_propagates_with_the_reason_of_the_first_operand(tree, reason):
    figure = figure_of(tree)
    assert figure.value is None
    assert figure.reason is reason


def test_prorating_lets_at_least_half_the_terms_stand_for_all():
    inputs = Inputs({"a": 3, "b": None, "c": 5, "d": None, "e": None}, prorate=True)
    four = [{"item": key} for key in "abcd"]
    assert figure_of({"sum": four}, inputs).value == 16
    assert figure_of({"mean": four}, inputs).value == 4
    assert figure_of({"sum": [*four, {"item": "e"}]}, inputs).reason is Reason.MISSING_INPUT
    assert figure_of({"max": four}, inputs).reason is Reason.MISSING_INPUT


numbers = st.builds(Number, st.fractions(min_value=-50, max_value=50, max_denominator=12))
leaves = (
    numbers
    | st.sampled_from(["a", "b", "zero", "unknown"]).map(ItemValue)
    | st.sampled_from(["both", "gap"]).map(TagSum)
    | st.sampled_from(["half", "none"]).map(ScoreValue)
    | st.builds(
        CountIf,
        st.lists(st.sampled_from(["a", "b", "zero", "unknown"]), min_size=1, max_size=4).map(tuple),
        st.sampled_from(Comparison),
        st.fractions(min_value=-5, max_value=5, max_denominator=4),
    )
)
expressions = st.recursive(
    leaves,
    lambda inner: (
        st.builds(FoldOf, st.sampled_from(Fold), st.lists(inner, min_size=1, max_size=4).map(tuple))
        | st.builds(Difference, inner, inner)
        | st.builds(Ratio, inner, inner)
        | st.builds(Compared, inner, st.sampled_from(Comparison), inner)
    ),
    max_leaves=20,
)


def depth_of(expression):
    return 1 + max((depth_of(part) for part in parts(expression)), default=0)


@given(expressions)
def test_every_expression_survives_its_tree(expression):
    if depth_of(expression) <= DEEPEST:
        assert read(expression_tree(expression)) == expression


@given(expressions)
def test_every_expression_gives_a_figure_within_its_size_bound(expression):
    figure = evaluate(expression, INPUTS)
    bound = size_in_bits(expression, {"half": 3, "none": 3}, {"both": 2, "gap": 3})
    if figure.value is not None:
        bits = figure.value.numerator.bit_length() + figure.value.denominator.bit_length()
        assert bits <= bound + 2
        if figure.denominator is not None:
            assert figure.value * figure.denominator == figure.numerator


@given(expressions)
def test_one_more_missing_term_makes_any_strict_fold_undefined(expression):
    for fold in Fold:
        assert evaluate(FoldOf(fold, (ItemValue("unknown"), expression)), INPUTS).reason is Reason.MISSING_INPUT


@given(st.lists(st.integers(0, 40), min_size=1, max_size=12))
def test_sums_means_and_ratios_are_exact(values):
    inputs = Inputs({f"i{n}": value for n, value in enumerate(values)})
    terms = tuple(ItemValue(key) for key in inputs.items)
    assert evaluate(FoldOf(Fold.SUM, terms), inputs).value == sum(values)
    assert evaluate(FoldOf(Fold.MEAN, terms), inputs).value == Fraction(sum(values), len(values))
    ratio = evaluate(Ratio(terms[0], FoldOf(Fold.SUM, terms)), inputs)
    if sum(values) == 0:
        assert ratio == undefined(Reason.ZERO_DENOMINATOR, numerator=values[0], denominator=0)
    else:
        assert ratio.value == Fraction(values[0], sum(values))

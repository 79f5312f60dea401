"""
Expressions between their tree in a file and their nodes.

    3 | "0.5" | {item = "Q"} | {tag_sum = "mia"} | {score = "total"}
    {sum = […]} {mean = […]} {mul = […]} {min = […]} {max = […]} {all = […]} {any = […]}
    {sub = [a, b]} | {ratio = [numerator, denominator]} | {cmp = [a, ">=", b]}
    {count_if = {items = […], op = ">=", value = 2}}
"""

from fractions import Fraction

from clinics.instruments.document import KEY_PATTERN, Json, Table, exact_number, shown
from clinics.instruments.expressions import (
    Compared,
    Comparison,
    CountIf,
    Difference,
    Expression,
    Fold,
    FoldOf,
    ItemValue,
    Number,
    Ratio,
    ScoreValue,
    TagSum,
)
from clinics.instruments.problems import ProblemList

DEEPEST = 16
LONGEST = 200
OPERATORS = ("item", "tag_sum", "score", *Fold, "sub", "ratio", "cmp", "count_if")
_NOTHING = Number(Fraction(0))
_LOOK_UPS: dict[str, type[ItemValue] | type[TagSum] | type[ScoreValue]] = {
    "item": ItemValue,
    "tag_sum": TagSum,
    "score": ScoreValue,
}


def read_expression(tree: object, path: str, problems: ProblemList, *, depth: int = 1) -> Expression:
    """Return the expression of a tree, the number 0 in place of any part that has a problem."""
    if depth > DEEPEST:
        problems.add(
            path,
            f"The expression is nested more than {DEEPEST} deep.",
            "Move its inner part into a score of its own and refer to it with {score = …}.",
        )
        return _NOTHING
    if not isinstance(tree, dict):
        return _number(tree, path, problems)
    if len(tree) != 1 or next(iter(tree)) not in OPERATORS:
        problems.add(
            path,
            "This is not an operation." if tree else "The operation is empty.",
            f"Write a table with one of: {', '.join(OPERATORS)}.",
        )
        return _NOTHING
    operation, operand = next(iter(tree.items()))
    inside = f"{path}.{operation}"
    if operation in _LOOK_UPS:
        return _look_up(operation, operand, inside, problems)
    if operation == "count_if":
        return _count_if(operand, inside, problems)
    if operation == "cmp":
        return _compared(operand, inside, problems, depth)
    terms = _terms(operand, inside, problems, depth, pair=operation in ("sub", "ratio"))
    if not terms:
        return _NOTHING
    if operation == "sub":
        return Difference(*terms)
    if operation == "ratio":
        return Ratio(*terms)
    return FoldOf(Fold(operation), terms)


def _number(tree: object, path: str, problems: ProblemList) -> Expression:
    value = exact_number(tree)
    if value is None:
        problems.add(
            path,
            f"Here stands {shown(tree)}.",
            'Write a number, a decimal as text ("0.5"), or a table with one operation.',
        )
        return _NOTHING
    return Number(value)


def _look_up(operation: str, operand: object, path: str, problems: ProblemList) -> Expression:
    if not isinstance(operand, str) or not KEY_PATTERN.fullmatch(operand):
        what = {"item": "an item", "tag_sum": "a tag", "score": "a score"}[operation]
        problems.add(path, f"Here stands {shown(operand)}.", f"Write the key of {what} as text.")
        return _NOTHING
    return _LOOK_UPS[operation](operand)


def _terms(operand: object, path: str, problems: ProblemList, depth: int, *, pair: bool) -> tuple[Expression, ...]:
    if not isinstance(operand, list) or not (len(operand) == 2 if pair else 1 <= len(operand) <= LONGEST):
        wanted = "a list of exactly two terms" if pair else f"a list of 1 to {LONGEST} terms"
        problems.add(path, "The terms are not as they should be.", f"Write {wanted}.")
        return ()
    return tuple(read_expression(term, f"{path}[{i}]", problems, depth=depth + 1) for i, term in enumerate(operand))


def _compared(operand: object, path: str, problems: ProblemList, depth: int) -> Expression:
    signs = [str(comparison) for comparison in Comparison]
    if not isinstance(operand, list) or len(operand) != 3 or operand[1] not in signs:
        problems.add(
            path,
            "The comparison is not as it should be.",
            f"Write [a, sign, b], sign one of: {' '.join(signs)}.",
        )
        return _NOTHING
    left = read_expression(operand[0], f"{path}[0]", problems, depth=depth + 1)
    right = read_expression(operand[2], f"{path}[2]", problems, depth=depth + 1)
    return Compared(left, Comparison(operand[1]), right)


def _count_if(operand: object, path: str, problems: ProblemList) -> Expression:
    table = Table(operand, path, problems)
    if not isinstance(operand, dict):
        return _NOTHING
    items = table.keys("items", at_least=1)
    comparison = table.choice("op", Comparison)
    value = table.exact("value")
    table.close()
    return CountIf(items, comparison, value) if items and comparison else _NOTHING


def expression_tree(expression: Expression) -> Json:
    """Return the plain tree of an expression, as it is kept in JSON; `read_expression` reads it back."""
    match expression:
        case Number(value):
            return number_tree(value)
        case ItemValue(key):
            return {"item": key}
        case TagSum(tag):
            return {"tag_sum": tag}
        case ScoreValue(key):
            return {"score": key}
        case FoldOf(fold, terms):
            return {str(fold): [expression_tree(term) for term in terms]}
        case Difference(left, right):
            return {"sub": [expression_tree(left), expression_tree(right)]}
        case Ratio(numerator, denominator):
            return {"ratio": [expression_tree(numerator), expression_tree(denominator)]}
        case Compared(left, comparison, right):
            return {"cmp": [expression_tree(left), str(comparison), expression_tree(right)]}
        case CountIf(items, comparison, value):
            return {"count_if": {"items": list(items), "op": str(comparison), "value": number_tree(value)}}


def number_tree(value: Fraction) -> int | str:
    """Return an exact number as JSON keeps it: a whole number, else a fraction as text."""
    return value.numerator if value.denominator == 1 else f"{value.numerator}/{value.denominator}"

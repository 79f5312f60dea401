"""
What of a table may leave the clinic: no count of 1 to 10 is shown, and none follows from what is shown.

A table with its totals is a circulation: each cell flows from its row to its column, each total closes the circle. A
hidden cell follows from the shown ones exactly when it lies on no circle of hidden cells along which the counts could
be shifted by one. Cells are hidden until every hidden one lies on such a circle. A zero may be shown, and whoever
reads the table knows it would be: so a hidden cell is known to be at least 1.

source   shared/domain/care.md 5.4; the promise, not the algorithm, holds: shared/design/decisions.md 5.9
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from clinics.instruments.figures import Figure, Reason, ratio, undefined

SMALL: Final = range(1, 11)


def is_small(count: int) -> bool:
    """Tell whether a count is one that may not be shown: 1 to 10."""
    return count in SMALL


def hidden() -> Figure:
    """Return the figure that is not shown."""
    return undefined(Reason.SUPPRESSED)


def share(numerator: int, denominator: int) -> Figure:
    """
    Return a share for use outside the clinic.

    returns   undefined (SUPPRESSED) when the numerator, the rest or the denominator is 1 to 10; (ZERO_DENOMINATOR)
              over zero
    """
    if any(is_small(count) for count in (numerator, denominator - numerator, denominator)):
        return hidden()
    return ratio(numerator, denominator)


@dataclass(frozen=True, slots=True)
class Table:
    """
    Counts as they may be shown: None stands for a hidden one.

    cells      row by row
    rows       total of each row
    columns    total of each column
    total      of all cells
    """

    cells: tuple[tuple[int | None, ...], ...]
    rows: tuple[int | None, ...]
    columns: tuple[int | None, ...]
    total: int | None


@dataclass(frozen=True, slots=True)
class _Cell:
    """A count as an edge of the circulation. `weight` puts totals after cells when one more has to be hidden."""

    key: Hashable
    tail: Hashable
    head: Hashable
    count: int
    weight: int


def line(counts: Sequence[int]) -> tuple[tuple[int | None, ...], int | None]:
    """
    Return one line of counts and its total as they may be shown.

    :raises ValueError: a count is negative
    """
    cells = [_Cell(index, "line", "total", count, 0) for index, count in enumerate(counts)]
    hidden = _hide([*cells, _Cell("sum", "total", "line", sum(counts), 1)])
    shown = tuple(None if index in hidden else count for index, count in enumerate(counts))
    return shown, None if "sum" in hidden else sum(counts)


def table(counts: Sequence[Sequence[int]]) -> Table:
    """
    Return a table of counts with its totals as it may be shown.

    counts   row by row, all of one length
    :raises ValueError: a count is negative, or the rows have different lengths
    """
    width = len(counts[0]) if counts else 0
    if any(len(row) != width for row in counts):
        raise ValueError("The rows of a table have one length.")
    sums = [sum(row) for row in counts]
    down = [sum(row[index] for row in counts) for index in range(width)]
    edges = [
        _Cell((at, index), f"row {at}", f"column {index}", count, 0)
        for at, row in enumerate(counts)
        for index, count in enumerate(row)
    ]
    edges += [_Cell(("row", at), "all rows", f"row {at}", count, 1) for at, count in enumerate(sums)]
    edges += [_Cell(("column", at), f"column {at}", "all columns", count, 1) for at, count in enumerate(down)]
    edges.append(_Cell("total", "all columns", "all rows", sum(sums), 2))
    hidden = _hide(edges)
    return Table(
        tuple(
            tuple(None if (at, index) in hidden else count for index, count in enumerate(row))
            for at, row in enumerate(counts)
        ),
        tuple(None if ("row", at) in hidden else count for at, count in enumerate(sums)),
        tuple(None if ("column", at) in hidden else count for at, count in enumerate(down)),
        None if "total" in hidden else sum(sums),
    )


def _hide(edges: Sequence[_Cell]) -> set[Hashable]:
    """Return the keys of the counts to hide: the small ones, and others until none of them follows."""
    if any(edge.count < 0 for edge in edges):
        raise ValueError("A count is never negative.")
    by_key = {edge.key: edge for edge in edges}
    hidden = {edge.key for edge in edges if is_small(edge.count)}
    while determined := [key for key in by_key if key in hidden and not _can_shift(by_key[key], hidden, by_key)]:
        hidden.add(_next_to_hide(by_key[determined[0]], hidden, edges).key)
    return hidden


def _next_to_hide(edge: _Cell, hidden: set[Hashable], edges: Sequence[_Cell]) -> _Cell:
    """Return the smallest shown count, zeros aside, in a line with one that follows; else the smallest anywhere."""
    shown = [other for other in edges if other.key not in hidden and other.count > 0]
    near = [other for other in shown if {other.tail, other.head} & {edge.tail, edge.head}]
    return min(near or shown, key=lambda other: (other.weight, other.count))


def _can_shift(edge: _Cell, hidden: set[Hashable], by_key: Mapping[Hashable, _Cell]) -> bool:
    """Tell whether a hidden count could be one more or one less without any shown count changing."""
    more = _reaches(edge.head, edge.tail, edge.key, hidden, by_key)
    return more or (edge.count > 1 and _reaches(edge.tail, edge.head, edge.key, hidden, by_key))


def _reaches(
    start: Hashable, goal: Hashable, besides: Hashable, hidden: set[Hashable], by_key: Mapping[Hashable, _Cell]
) -> bool:
    """Tell whether a path of other hidden counts leads from one node to another: up along, down against them."""
    seen, ahead = {start}, [start]
    while ahead:
        node = ahead.pop()
        if node == goal:
            return True
        for after in _steps(node, besides, hidden, by_key):
            if after not in seen:
                seen.add(after)
                ahead.append(after)
    return False


def _steps(
    node: Hashable, besides: Hashable, hidden: set[Hashable], by_key: Mapping[Hashable, _Cell]
) -> Iterator[Hashable]:
    for key in hidden - {besides}:
        edge = by_key[key]
        if edge.tail == node:
            yield edge.head
        if edge.head == node and edge.count > 1:
            yield edge.tail

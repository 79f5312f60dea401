"""No small count is shown, and none can be worked out: asked by solving for the hidden cells."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.metrics.suppression import Table, line, share, table
from clinics.instruments.figures import Reason


def test_one_hidden_cell_of_a_line_takes_another_with_it() -> None:
    """T25: a table by source of referral."""
    assert line([40, 12, 7, 0]) == ((40, None, None, 0), 59)


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [(52, 60, None), (3, 4, None), (0, 40, Fraction(0)), (20, 40, Fraction(1, 2)), (11, 22, Fraction(1, 2))],
)
def test_a_share_with_a_small_part_is_not_shown(numerator: int, denominator: int, expected: Fraction | None) -> None:
    """T26: 8 of 60 are left over, 3 of 4, none of 40, half of 40."""
    found = share(numerator, denominator)
    assert found.value == expected
    assert found.reason == (None if expected is not None else Reason.SUPPRESSED)


def test_a_share_of_nobody_has_no_value() -> None:
    assert share(0, 0).reason is Reason.ZERO_DENOMINATOR


def test_nothing_small_nothing_hidden() -> None:
    assert line([11, 0, 30]) == ((11, 0, 30), 41)
    assert table([[11, 20], [0, 12]]) == Table(((11, 20), (0, 12)), (31, 12), (11, 32), 43)


@pytest.mark.parametrize("counts", [[1, 1], [1], [2, 1], [1, 1, 30], [10, 0], [5, 0, 0]])
def test_ones_and_lonely_cells_do_not_follow(counts: list[int]) -> None:
    """Two hidden cells that sum to two would both be one: the total goes too."""
    shown, total = line(counts)
    assert not set(shown) & set(range(1, 11))
    assert len(solutions_of_line(shown, total)) > 1


def test_the_table_whose_totals_gave_a_cell_away() -> None:
    """Decisions 5.9: the first row's 10 followed from the totals once each line had two hidden cells."""
    counts = [[1, 1, 0, 10], [12, 12, 11, 0], [0, 12, 10, 1], [78, 12, 10, 10]]
    assert_nothing_follows(counts)


def test_a_negative_count_and_ragged_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="never negative"):
        line([-1, 5])
    with pytest.raises(ValueError, match="one length"):
        table([[1, 2], [3]])


# --- solving for the hidden cells -------------------------------------------------------------------------------


def solutions_of_line(shown: Sequence[int | None], total: int | None) -> list[tuple[int, ...]]:
    """Return ways, two at the most of each, to fill the hidden cells of a line; a hidden count is at least 1."""
    gaps = shown.count(None)
    known = sum(cell for cell in shown if cell is not None)
    if total is None:
        return [(1,) * gaps, (2,) * gaps]
    rest = total - known
    return [one for one in product(range(1, rest + 1), repeat=gaps) if sum(one) == rest] if gaps < 4 else [(), ()]


def could_be_another(shown: Table, counts: Sequence[Sequence[int]]) -> set[tuple[int, int]]:
    """
    Return the places of hidden cells that have another value in some other table with the same shown counts.

    Tried by brute force: every hidden cell one less, the same, or one more; a hidden count is at least 1.
    """
    width = len(counts[0])
    found: set[tuple[int, int]] = set()

    def shifts(at: int) -> list[tuple[int, ...]]:
        choices = [
            (0,) if cell is not None else tuple(step for step in (-1, 0, 1) if counts[at][index] + step >= 1)
            for index, cell in enumerate(shown.cells[at])
        ]
        total = sum(counts[at])
        return [
            one for one in product(*choices) if (sum(one) == 0 if shown.rows[at] is not None else total + sum(one) >= 1)
        ]

    def go_on(at: int, down: tuple[int, ...], taken: list[tuple[int, ...]]) -> None:
        if at == len(counts):
            for index in range(width):
                total = sum(row[index] for row in counts)
                if down[index] and (shown.columns[index] is not None or total + down[index] < 1):
                    return
            if sum(down) and (shown.total is not None or sum(map(sum, counts)) + sum(down) < 1):
                return
            found.update((row, index) for row, steps in enumerate(taken) for index, step in enumerate(steps) if step)
            return
        for steps in shifts(at):
            go_on(at + 1, tuple(sum(two) for two in zip(down, steps, strict=True)), [*taken, steps])

    go_on(0, (0,) * width, [])
    return found


def assert_nothing_follows(counts: Sequence[Sequence[int]]) -> None:
    shown = table(counts)
    for value in (*(cell for row in shown.cells for cell in row), *shown.rows, *shown.columns, shown.total):
        assert value is None or value not in range(1, 11)
    for row, (told, true) in enumerate(zip(shown.cells, counts, strict=True)):
        assert all(cell in (None, count) for cell, count in zip(told, true, strict=True)), row
    hidden = {(at, index) for at, row in enumerate(shown.cells) for index, cell in enumerate(row) if cell is None}
    assert hidden <= could_be_another(shown, counts)


@settings(max_examples=150, deadline=None)
@given(
    st.integers(1, 3).flatmap(
        lambda width: st.lists(
            st.lists(
                st.one_of(st.integers(0, 14), st.sampled_from([0, 1, 10, 11, 78])), min_size=width, max_size=width
            ),
            min_size=1,
            max_size=3,
        )
    )
)
def test_no_hidden_count_follows_from_the_shown_ones(counts: list[list[int]]) -> None:
    assert_nothing_follows(counts)

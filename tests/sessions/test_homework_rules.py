"""How much of what was agreed was done (T34)."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinics.instruments.figures import Reason
from sessions.rules.homework import Done, completion

FULL, PARTIAL, NONE, NOT_DUE = Done


def test_t34_what_was_done_in_part_counts_half_and_what_was_not_due_not_at_all() -> None:
    found = completion([FULL, FULL, FULL, PARTIAL, PARTIAL, NONE, NOT_DUE])
    assert found.value == Fraction(4, 6)
    assert (found.numerator, found.denominator) == (8, 12)


@pytest.mark.parametrize("marks", [[], [NOT_DUE], [NOT_DUE, NOT_DUE]])
def test_where_nothing_was_due_there_is_no_share(marks: list[Done]) -> None:
    assert completion(marks).reason is Reason.ZERO_DENOMINATOR


@given(st.lists(st.sampled_from(Done)))
def test_the_share_lies_between_nothing_and_all_in_any_order(marks: list[Done]) -> None:
    found = completion(marks)
    assert completion(sorted(marks)) == found
    assert completion([*marks, NOT_DUE]) == found
    if found.value is not None:
        assert 0 <= found.value <= 1
        assert (found.value == 1) is all(mark in (FULL, NOT_DUE) for mark in marks)

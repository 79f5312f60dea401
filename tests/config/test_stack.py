"""A call with room on the stack asks the kernel for memory once, and not wherever a chunk of frames ends."""

import resource
from collections.abc import Callable

import pytest

from config.stack import with_room

DEPTHS = range(60, 260)
CALLS = 500


def step(a: int) -> int:
    """Return what was given, in a frame of many words: at some depth, a chunk ends just before it."""
    b = c = d = e = f = g = h = i = j = k = m = n = o = p = q = r = s = t = u = v = w = x = y = z = a
    return b + c - d + e - f + g - h + i - j + k - m + n - o + p - q + r - s + t - u + v - w + x - y + z - a


def deep(depth: int) -> int:
    """Return how many new pages were touched by `CALLS` calls at a depth."""
    if depth:
        return deep(depth - 1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for number in range(CALLS):
        step(number)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def most(call: Callable[[int], int]) -> int:
    """Return the most new pages at any depth."""
    return max(call(depth) for depth in DEPTHS)


def test_no_depth_asks_the_kernel_for_each_call() -> None:
    assert most(lambda depth: with_room(deep, depth)) < CALLS // 5


def test_it_gives_what_the_function_gives() -> None:
    assert with_room(divmod, 7, 2) == (3, 1)
    assert with_room(sorted, [2, 1], reverse=True) == [2, 1]
    with pytest.raises(ZeroDivisionError):
        with_room(divmod, 7, 0)

"""
Room on Python's stack for a deep call.

CPython (3.11 and later) keeps the frames of a thread in chunks of 16 KiB. It asks the kernel for each, and gives it
back with the last frame in it. Calls that go up and down just where a chunk ends pay for that each time, up to sixty
times what the call itself takes. A request is several chunks deep in middleware, views and templates inside templates,
so some place always is such an end: nearly two hundred times in a page, which took a sixth more processor time.

A frame that is larger than a chunk is given one of its own size, and what it calls lies in what is left of that.
"""

from collections.abc import Callable
from typing import Any, Final, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

# In words of 8 bytes: a little more than half of the chunk of 512 KiB that Python then takes, of which only those
# pages become memory that are written to.
SLOTS: Final = 33_000


def with_room(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a function, with 240 KiB for the frames of all that it calls."""
    return function(*args, **kwargs)


_code: Any = with_room.__code__
with_room.__code__ = _code.replace(co_stacksize=SLOTS)

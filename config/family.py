"""
Parents and children among processes: nobody outlives the one who answers for them.

Linux has the calls for it; elsewhere an orderly stop still works, and only a parent that is killed hard
can leave something behind.
"""

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Collection
from typing import Final

import psutil  # type: ignore[import-untyped]

PR_SET_PDEATHSIG: Final = 1
PR_SET_CHILD_SUBREAPER: Final = 36


def die_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """Return what a child calls to end when its parent is killed hard; None where there is no such call."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None, use_errno=True)  # before the fork: nothing may be loaded after it

    def ask_kernel() -> None:
        library.prctl(PR_SET_PDEATHSIG, int(stop_signal), 0, 0, 0)

    return ask_kernel


def stop_with_parent() -> None:
    """Ask the kernel to send this process SIGTERM when its parent dies (make, killed hard)."""
    ask_kernel = die_with_parent(signal.SIGTERM)
    if ask_kernel is not None:
        ask_kernel()


def adopt_orphans() -> None:
    """Become the parent of grandchildren whose own parent dies, so that none of them can be lost sight of."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap_adopted(known: Collection[int]) -> None:
    """
    Let go of adopted processes that have ended; nobody else will.

    known  pids of children whose exit code somebody still wants to read
    """
    for child in psutil.Process().children():
        if child.pid not in known:
            with contextlib.suppress(ChildProcessError, psutil.NoSuchProcess):
                if child.status() == psutil.STATUS_ZOMBIE:
                    os.waitpid(child.pid, os.WNOHANG)


def end_descendants(grace_s: float = 5.0) -> None:
    """End every process below this one that still runs: first asked, then made to."""
    below = psutil.Process().children(recursive=True)
    for ask in (psutil.Process.terminate, psutil.Process.kill):
        for process in below:
            with contextlib.suppress(psutil.NoSuchProcess):
                ask(process)
        _, below = psutil.wait_procs(below, timeout=grace_s)

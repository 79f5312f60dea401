"""How alternatives are timed side by side."""

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

WARM_UP = 12
INNER = 3


@dataclass(frozen=True)
class Timed:
    """
    What was measured of one goal.

    median_ms, fast_ms   by alternative: the median, and the fastest tenth, of one call in milliseconds
    ratio, fast_ratio    subject over limit: the median of the rounds' ratios, and the ratio of the fastest tenths
    p95_ratio            the ratio of the 95th percentiles: how it feels on a bad moment; noisy on a busy machine
    """

    median_ms: Mapping[str, float]
    fast_ms: Mapping[str, float]
    ratio: float
    fast_ratio: float
    p95_ratio: float

    def fails(self, goal: float) -> bool:
        """Tell whether both ratios are above the goal."""
        return self.ratio > goal and self.fast_ratio > goal


def fastest_tenth(times: list[float]) -> float:
    """Return the 10th percentile."""
    return sorted(times)[max(0, len(times) // 10 - 1)]


def p95(times: list[float]) -> float:
    """Return the 95th percentile."""
    return sorted(times)[min(len(times) - 1, len(times) * 95 // 100)]


def compare(subject: Callable[[], object], limit: Callable[[], object], rounds: int) -> Timed:
    """Return the timing of two alternatives, interleaved: subject limit, limit subject, …"""
    alternatives = {"limit": limit, "subject": subject}
    for _ in range(WARM_UP):
        for call in alternatives.values():
            call()
    times: dict[str, list[float]] = {name: [] for name in alternatives}
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        for number in range(rounds):
            names = list(alternatives) if number % 2 else list(reversed(alternatives))
            for name in names:
                call = alternatives[name]
                start = time.perf_counter()
                for _ in range(INNER):
                    call()
                times[name].append((time.perf_counter() - start) / INNER * 1000)
    finally:
        gc.enable()
        gc.unfreeze()
    ratios = [s / b for s, b in zip(times["subject"], times["limit"], strict=True)]
    fast = {name: fastest_tenth(values) for name, values in times.items()}
    return Timed(
        median_ms={name: statistics.median(values) for name, values in times.items()},
        fast_ms=fast,
        ratio=statistics.median(ratios),
        fast_ratio=fast["subject"] / fast["limit"],
        p95_ratio=p95(times["subject"]) / p95(times["limit"]),
    )

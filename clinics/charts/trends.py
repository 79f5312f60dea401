"""
Scores over time: one line over bands, and small multiples on one scale.

Bands are named on the chart and carried by place and word before colour. The last value is printed.
Small multiples are drawn in the order given; callers never sort them by score.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from clinics.charts.drawing import Anchor, Number, Sheet, as_ratio, join_sentences, runs, spread

ENOUGH = 3  # a month with fewer samples is drawn hollow and without its value (ux.md 9)

Band = Literal["good", "fair", "below"]


@dataclass(frozen=True)
class Point:
    """One month or one sample: its label, its pooled value (None: undefined or missing) and its n."""

    label: str
    value: Number | None
    n: int


@dataclass(frozen=True)
class Bands:
    """Two thresholds of a score: from `fair` on it is basic, from `good` on proficient; with their names."""

    fair: Number
    good: Number
    fair_label: str
    good_label: str


def band_of(value: Number, bands: Bands) -> Band:
    """Return the band a value lies in; a value on a threshold has reached it."""
    if value >= bands.good:
        return "good"
    return "fair" if value >= bands.fair else "below"


def _top(points: Sequence[Point], bands: Bands | None) -> float:
    """Return the upper end of the scale: room above the highest band and the highest value."""
    highest = max((float(point.value) for point in points if point.value is not None), default=0.0)
    return max(highest * 1.15, float(bands.good) * 1.3 if bands else 0.0) or 1.0


def _places(points: Sequence[Point]) -> list[float]:
    """Return where the points stand across: evenly, a single one in the middle."""
    if len(points) == 1:
        return [0.5]
    return [index / (len(points) - 1) for index in range(len(points))]


def _draw_bands(sheet: Sheet, bands: Bands, top: float, height: float) -> dict[str, float]:
    """Paint the three bands from 0 up and return how far down each threshold lies."""
    good, fair = (height * (1 - float(edge) / top) for edge in (bands.good, bands.fair))
    sheet.rect(0, 0, 1, good, "good")
    sheet.rect(0, good, 1, fair - good, "fair")
    sheet.rect(0, fair, 1, height - fair, "below")
    sheet.line((0, good), (1, good), "threshold")
    sheet.line((0, fair), (1, fair), "threshold")
    return {"good": good, "fair": fair}


def trend_sentence(points: Sequence[Point], show: Callable[[Number], str]) -> str:
    """Return the trend in words: the first and the last value, and how many there are."""
    known = [(point.label, point.value) for point in points if point.value is not None]
    if not known:
        return gettext("No values yet.")
    (start, first), (end, last) = known[0], known[-1]
    if len(known) == 1:
        return gettext("One value: %(value)s in %(when)s.") % {"value": show(first), "when": start}
    return gettext("From %(first)s in %(start)s to %(last)s in %(end)s, %(count)d values.") % {
        "first": show(first),
        "start": start,
        "last": show(last),
        "end": end,
        "count": len(known),
    }


def line_over_bands(
    points: Sequence[Point],
    *,
    label: str,
    bands: Bands | None = None,
    show: Callable[[Number], str] = as_ratio,
    height: int = 170,
    width: int | None = None,
) -> SafeString:
    """
    Draw a pooled score by month over its bands, from 0.

    points  in time order; a missing value breaks the line, a month with n < 3 is hollow and unlabelled
    label   what is drawn, in words; the trend is added as a sentence
    width   px for a PDF; in a page the drawing takes any width
    """
    sheet = Sheet("chart-axis", height + 26, width)
    top = _top(points, bands)
    edges = _draw_bands(sheet, bands, top, height) if bands else {}
    sheet.line((0, height), (1, height), "axis")
    sheet.text(0, height + 4, show(0), "end", dx="-8")
    if bands:
        for edge, name, value in (
            ("good", bands.good_label, bands.good),
            ("fair", bands.fair_label, bands.fair),
        ):
            sheet.text(0, edges[edge] + 4, show(value), "end", dx="-8")
            sheet.text(0, edges[edge] - 5, name, "start", dx="6")
    places = _places(points)
    downs = [height * (1 - float(point.value) / top) if point.value is not None else 0 for point in points]
    for run in runs([point.value for point in points]):
        for left, right in pairwise(run):
            thin = min(points[left].n, points[right].n) < ENOUGH
            ends = [(places[left], downs[left]), (places[right], downs[right])]
            sheet.path(ends, "trend trend-thin" if thin else "trend")
    for point, across, down in zip(points, places, downs, strict=True):
        if point.value is None:
            continue
        tip = gettext("%(when)s: %(value)s, n = %(n)d") % {
            "when": point.label,
            "value": show(point.value),
            "n": point.n,
        }
        sheet.dot(across, down, 4, "dot" if point.n >= ENOUGH else "dot-open", tip)
    _print_last(sheet, points, places, downs, show)
    printed = spread(len(points), 12)
    for index, (point, across) in enumerate(zip(points, places, strict=True)):
        if index in printed:
            # Every second label, counted from the last, goes where the drawing is narrow (app.css).
            spare = {"css": "spare"} if len(printed) > 6 and (len(points) - 1 - index) % 2 else {}
            sheet.text(across, height + 21, point.label, _anchor(index, len(points)), **spare)
    return sheet.finish(join_sentences([f"{label}.", trend_sentence(points, show)]))


def _anchor(index: int, count: int) -> Anchor:
    """Return the side a label hangs on, so that the outer ones stay inside the plot."""
    if count > 1 and index == 0:
        return "start"
    return "end" if count > 1 and index == count - 1 else "middle"


def _print_last(
    sheet: Sheet,
    points: Sequence[Point],
    places: Sequence[float],
    downs: Sequence[float],
    show: Callable[[Number], str],
) -> None:
    """Print the value of the last month that rests on enough samples, above its point."""
    for index in reversed(range(len(points))):
        value = points[index].value
        if value is not None and points[index].n >= ENOUGH:
            anchor: Anchor = "end" if places[index] > 0.9 else "middle"
            sheet.text(places[index], max(downs[index] - 12, 14), show(value), anchor, css="strong")
            return


def small_multiple(
    points: Sequence[Point],
    *,
    label: str,
    bands: Bands,
    top: Number | None = None,
    typical: tuple[Number, Number] | None = None,
    show: Callable[[Number], str] = as_ratio,
    height: int = 58,
    width: int | None = None,
) -> SafeString:
    """
    Draw one therapist's samples, to stand beside others on the same scale.

    points   single samples in time order; a filled circle is proficient, an open one basic, a diamond below
    top      upper end of the scale, the same for all drawings beside each other
    typical  lower and upper quartile of the team; give it only with five therapists or more
    """
    sheet = Sheet("chart-full", height, width)
    scale = float(top) if top is not None else _top(points, bands)
    _draw_bands(sheet, bands, scale, height)
    if typical is not None:
        low, high = (height * (1 - float(edge) / scale) for edge in typical)
        sheet.rect(0, high, 1, low - high, "typical")
    places = _places(points)
    downs = [height * (1 - min(float(point.value) / scale, 1)) if point.value is not None else 0 for point in points]
    for run in runs([point.value for point in points]):
        sheet.path([(places[index], downs[index]) for index in run], "trend")
    for index, (point, across, down) in enumerate(zip(points, places, downs, strict=True)):
        if point.value is None:
            continue
        radius = 5.5 if index == len(points) - 1 else 4
        band = band_of(point.value, bands)
        tip = f"{point.label}: {show(point.value)}"
        if band == "below":
            sheet.diamond(across, down, radius, "dot-open", tip)
        else:
            sheet.dot(across, down, radius, "dot" if band == "good" else "dot-open", tip)
    return sheet.finish(join_sentences([f"{label}.", trend_sentence(points, show)]))

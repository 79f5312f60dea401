"""
The sheet that charts draw on, and how numbers are written.

A `Sheet` knows one thing: whether a horizontal place is a percentage (in a page, any width) or pixels
(in a PDF, fixed width). Lines go through `path`, which stretches them without stretching their stroke.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import floor
from typing import Literal

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

Number = int | float | Fraction
Anchor = Literal["start", "middle", "end"]

# Room for tick labels at the left and for the last point at the right of a fixed-width drawing, in px.
# In a page the classes chart-axis, chart-full and chart-plain of app.css leave the same room.
MARGINS = {"chart-axis": (28, 16), "chart-full": (5, 5), "chart-plain": (0, 0)}

# The light tokens of app.css, for drawings outside a page. A test compares them with the stylesheet.
PRINT_COLOURS = {
    "surface": "#fffefb",
    "ink": "#19211e",
    "ink-2": "#4a5550",
    "edge": "#767f79",
    "line": "#dad6ca",
    "brand": "#0d5c55",
    "left": "#f0dccd",
    "change": "#1b6a97",
    "sustain": "#b4601a",
    "reflection-complex": "#0d5c55",
    "reflection-simple": "#578f88",
    "question": "#7b6f8c",
    "other": "#767f79",
    "band-good": "#d4e7dc",
    "band-fair": "#ebf1e8",
    "band-below": "#faefe6",
    "threshold": "#5f7269",
}


def _print_style() -> str:
    ink, surface, threshold = (PRINT_COLOURS[name] for name in ("ink", "surface", "threshold"))
    fills = {
        "good": "band-good",
        "fair": "band-fair",
        "below": "band-below",
        "reached": "brand",
        "uncoded": "line",
        "bar": "ink",
        **{
            name: name
            for name in (
                "left",
                "change",
                "sustain",
                "reflection-complex",
                "reflection-simple",
                "question",
                "other",
            )
        },
    }
    rules = [f".{name}{{fill:{PRINT_COLOURS[colour]}}}" for name, colour in fills.items()]
    return "".join(
        [
            "text{font:400 13px 'Atkinson Hyperlegible Next',sans-serif;",
            f"fill:{PRINT_COLOURS['ink-2']}}}",
            f".strong{{font-size:16px;font-weight:640;fill:{ink}}}",
            f".threshold{{stroke:{threshold};stroke-dasharray:3 3}}",
            f".note-line{{stroke:{threshold};stroke-dasharray:2 3}}",
            f".typical{{fill:{threshold};opacity:.18}}",
            f".axis{{stroke:{PRINT_COLOURS['edge']}}}",
            f".trend{{fill:none;stroke:{ink};stroke-width:2;stroke-linejoin:round}}",
            ".trend-thin{stroke-dasharray:4 4}",
            ".trend-dotted{stroke-dasharray:1 4;stroke-linecap:round}",
            f".visit{{stroke:{ink};stroke-width:2}}",
            ".visit-missed{stroke-dasharray:2 2}",
            f".visit-off{{stroke:{PRINT_COLOURS['edge']}}}",
            f".dot{{fill:{ink};stroke:{ink};stroke-width:1.75}}",
            f".dot-open{{fill:{surface};stroke:{ink};stroke-width:1.75}}",
            *rules,
        ]
    )


def short(value: float) -> str:
    """Write a coordinate with at most two decimals and no trailing zeros, so that output is stable."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def as_ratio(value: Number) -> str:
    """Write a ratio (0 or more) with one decimal, halves rounded up."""
    tenths = floor(Fraction(value) * 10 + Fraction(1, 2))
    return f"{tenths // 10}.{tenths % 10}"


def as_percent(value: Number) -> str:
    """Write a share (0 to 1) as a whole percentage, halves rounded up."""
    return f"{floor(Fraction(value) * 100 + Fraction(1, 2))}%"


def runs(values: Sequence[Number | None]) -> list[range]:
    """Return the stretches of indexes whose values are given, so that a missing month breaks the line."""
    found: list[range] = []
    start: int | None = None
    for index, value in enumerate([*values, None]):
        if value is not None and start is None:
            start = index
        elif value is None and start is not None:
            found.append(range(start, index))
            start = None
    return found


class Sheet:
    """
    A drawing of one height, in a page (percent across) or in a PDF (`width` in px).

    `across` everywhere is 0 at the left of the plot and 1 at its right; `down` is px from the top.
    """

    def __init__(self, kind: str, height: int, width: int | None = None) -> None:
        self.kind = kind
        self.height = height
        self.width = width
        self.left, self.right = MARGINS[kind]
        self.parts: list[str] = []

    def x(self, across: float) -> str:
        """Return a horizontal place in the drawing's own unit."""
        if self.width is None:
            return f"{short(across * 100)}%"
        return short(across * (self.width - self.left - self.right))

    def rect(self, across: float, down: float, wide: float, high: float, css: str, **extra: str) -> None:
        """Draw a box; nothing when it has no height or width."""
        if wide <= 0 or high <= 0:
            return
        attributes = "".join(f' {name.replace("_", "-")}="{escape(value)}"' for name, value in extra.items())
        self.parts.append(
            f'<rect class="{css}" x="{self.x(across)}" y="{short(down)}" '
            f'width="{self.x(wide)}" height="{short(high)}"{attributes}/>'
        )

    def line(self, start: tuple[float, float], end: tuple[float, float], css: str) -> None:
        """Draw a straight line between two places (across, down)."""
        self.parts.append(
            f'<line class="{css}" x1="{self.x(start[0])}" y1="{short(start[1])}" '
            f'x2="{self.x(end[0])}" y2="{short(end[1])}"/>'
        )

    def text(self, across: float, down: float, words: str, anchor: Anchor = "start", **extra: str) -> None:
        """Write a text; `dx` moves it by px and `css` gives it a class."""
        css = f' class="{extra["css"]}"' if "css" in extra else ""
        dx = f' dx="{extra["dx"]}"' if "dx" in extra else ""
        self.parts.append(
            f'<text{css} x="{self.x(across)}" y="{short(down)}"{dx} text-anchor="{anchor}">{escape(words)}</text>'
        )

    def path(self, places: Sequence[tuple[float, float]], css: str) -> None:
        """Draw a line through places (across, down) whose stroke keeps its width at any size."""
        if len(places) < 2:
            return
        steps = " ".join(f"{short(across * self._scale)} {short(down)}" for across, down in places)
        self._stretch(f"M{steps}", css)

    def strokes(self, places: Sequence[float], top: float, bottom: float, css: str) -> None:
        """Draw an upright stroke at each of many places (across) at once: years of them stay small."""
        if places:
            self._stretch(
                "".join(f"M{short(one * self._scale)} {short(top)}v{short(bottom - top)}" for one in places), css
            )

    @property
    def _scale(self) -> int:
        return 100 if self.width is None else self.width - self.left - self.right

    def _stretch(self, steps: str, css: str) -> None:
        drawn = f'<path class="{css}" d="{steps}" vector-effect="non-scaling-stroke"/>'
        if self.width is None:
            drawn = (
                f'<svg width="100%" height="{self.height}" viewBox="0 0 100 {self.height}" '
                f'preserveAspectRatio="none" overflow="visible">{drawn}</svg>'
            )
        self.parts.append(drawn)

    def dot(self, across: float, down: float, radius: float, css: str, tip: str = "") -> None:
        """Draw a point; `tip` shows when the pointer rests on it."""
        title = f"<title>{escape(tip)}</title>" if tip else ""
        place = f'cx="{self.x(across)}" cy="{short(down)}" r="{short(radius)}"'
        self.parts.append(f'<circle class="{css}" {place}>{title}</circle>')

    def diamond(self, across: float, down: float, radius: float, css: str, tip: str = "") -> None:
        """Draw a point that stands on its corner."""
        title = f"<title>{escape(tip)}</title>" if tip else ""
        r = short(radius)
        shape = f'<path class="{css}" d="M0-{r} {r} 0 0 {r}-{r} 0z">{title}</path>'
        if self.width is None:
            self.parts.append(f'<svg x="{self.x(across)}" y="{short(down)}" overflow="visible">{shape}</svg>')
        else:
            self.parts.append(f'<g transform="translate({self.x(across)} {short(down)})">{shape}</g>')

    def finish(self, label: str) -> SafeString:
        """Return the drawing as one picture whose name is the given sentence."""
        inside = "".join(self.parts)
        name = f'role="img" aria-label="{escape(label)}"'
        if self.width is None:
            svg = f'<svg class="chart {self.kind}" height="{self.height}" {name}>{inside}</svg>'
        else:
            # Room above and below, so that labels at the edges are not cut in a PDF.
            svg = (
                f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{self.height}" '
                f'viewBox="0 0 {self.width} {self.height}" {name}><style>{_print_style()}</style>'
                f'<g transform="translate({self.left} 0)">{inside}</g></svg>'
            )
        return mark_safe(svg)  # noqa: S308  # nosec B308 B703 - every text went through escape above


def spread(count: int, most: int) -> set[int]:
    """Return which of `count` labels to print so that at most `most` are, first and last among them."""
    if count <= most:
        return set(range(count))
    return {round(step * (count - 1) / (most - 1)) for step in range(most)}


def join_sentences(parts: Iterable[str]) -> str:
    """Join the given sentences that are not empty with one space."""
    return " ".join(part for part in parts if part)

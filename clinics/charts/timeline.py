"""
Several things about one person over the same time: a lane for each, the visits below, events across all of them.

Every lane keeps its own scale and says its ends. A line breaks where nothing was asked for a long while. What may not
be read is an empty lane that says so, never a zero. A lane of many values is a line alone; few carry their points.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from clinics.charts.drawing import Number, Sheet, join_sentences, spread

GAP_DAYS = 120  # a longer silence breaks the line
MANY = 40  # so many points and more are drawn as a line alone
HEAD, PLOT, SPACE = 20, 44, 14
LINES = ("trend", "trend trend-thin", "trend trend-dotted")
# Of a visit: whether they came, how far its stroke reaches up and down, and its class.
STROKES = ((True, 8, 0, "visit"), (False, 0, 8, "visit visit-missed"), (None, 2, 2, "visit visit-off"))


@dataclass(frozen=True)
class Series:
    """One line of a lane: what it is about ("" where the lane says it all), and its values in order of time."""

    about: str
    points: Sequence[tuple[date, Number]]


@dataclass(frozen=True)
class Lane:
    """
    One thing over time.

    low, high   ends of its scale
    usual       a band within which a difference may be chance; None without one
    closed      why its values are not drawn, in words; "" where they are
    """

    label: str
    series: Sequence[Series]
    low: Number
    high: Number
    show: Callable[[Number], str]
    usual: tuple[Number, Number] | None = None
    closed: str = ""


@dataclass(frozen=True)
class Visit:
    """A day somebody was expected: they came (True), did not (False), or it was called off (None)."""

    on: date
    kept: bool | None


@dataclass(frozen=True)
class Event:
    """Something that happened, in words."""

    on: date
    words: str


class _Days:
    """Turns days into places across."""

    def __init__(self, days: Sequence[date]) -> None:
        self.first, self.last = min(days), max(days)
        self.span = (self.last - self.first).days

    def across(self, day: date) -> float:
        return (day - self.first).days / self.span if self.span else 0.5


def time_line(
    lanes: Sequence[Lane],
    *,
    label: str,
    visits: Sequence[Visit] | None = (),
    events: Sequence[Event] = (),
    width: int | None = None,
) -> SafeString:
    """
    Draw lanes over one time, oldest left.

    visits  None where they may not be read: then there is no lane of visits
    label   what is drawn, in words; how each lane went is added as a sentence
    width   px for a PDF; in a page the drawing takes any width
    """
    days = [day for lane in lanes for one in lane.series for day, _value in one.points]
    days += [visit.on for visit in visits or ()] + [event.on for event in events]
    extra = 1 if visits is not None else 0
    bottom = len(lanes) * (HEAD + PLOT + SPACE) + extra * (HEAD + SPACE + 12)
    sheet = Sheet("chart-axis", bottom + 22, width)
    if not days:
        sheet.text(0, HEAD, gettext("Nothing yet."))
        return sheet.finish(join_sentences([f"{label}.", gettext("Nothing yet.")]))
    scale = _Days(days)
    for event in events:
        sheet.line((scale.across(event.on), 0), (scale.across(event.on), bottom), "note-line")
    for place, lane in enumerate(lanes):
        _draw_lane(sheet, lane, scale, place * (HEAD + PLOT + SPACE))
    if visits is not None:
        _draw_visits(sheet, visits, scale, len(lanes) * (HEAD + PLOT + SPACE))
    _draw_days(sheet, scale, bottom)
    return sheet.finish(join_sentences([f"{label}.", *(lane_sentence(lane) for lane in lanes), *_came(visits)]))


def lane_sentence(lane: Lane) -> str:
    """Return how one lane went, in words."""
    if lane.closed:
        return f"{lane.label}: {lane.closed}"
    said = []
    for one in lane.series:
        if not one.points:
            continue
        name = f"{lane.label}, {one.about}" if one.about else lane.label
        (start, first), (end, last) = one.points[0], one.points[-1]
        words = {"name": name, "first": lane.show(first), "last": lane.show(last), "start": _day(start),
                 "end": _day(end), "count": len(one.points)}  # fmt: skip
        said.append(
            gettext("%(name)s: one value, %(first)s on %(start)s.") % words
            if len(one.points) == 1
            else gettext("%(name)s: from %(first)s on %(start)s to %(last)s on %(end)s, %(count)d values.") % words
        )
    return " ".join(said) or gettext("%(name)s: no values yet.") % {"name": lane.label}


def _came(visits: Sequence[Visit] | None) -> list[str]:
    if not visits:
        return []
    kept = sum(visit.kept is True for visit in visits)
    missed = sum(visit.kept is False for visit in visits)
    return [gettext("Came %(kept)d times, did not come %(missed)d times.") % {"kept": kept, "missed": missed}]


def _day(day: date) -> str:
    return str(date_format(day, "M j, Y"))


def _draw_lane(sheet: Sheet, lane: Lane, scale: _Days, top: float) -> None:
    floor, roof = top + HEAD + PLOT, top + HEAD
    sheet.text(0, top + 12, lane.label)
    if lane.closed:
        sheet.text(0, roof + PLOT / 2, lane.closed, css="closed")
        return
    span = float(lane.high) - float(lane.low) or 1.0

    def down(value: Number) -> float:
        return floor - PLOT * (float(value) - float(lane.low)) / span

    if lane.usual is not None:
        low, high = (min(max(float(edge), float(lane.low)), float(lane.high)) for edge in lane.usual)
        sheet.rect(0, down(high), 1, down(low) - down(high), "typical")
    sheet.line((0, floor), (1, floor), "axis")
    sheet.text(0, roof + 4, lane.show(lane.high), "end", dx="-8")
    sheet.text(0, floor + 4, lane.show(lane.low), "end", dx="-8")
    for number, one in enumerate(lane.series):
        css = LINES[min(number, len(LINES) - 1)]
        places = [(day, scale.across(day), down(value)) for day, value in one.points]
        runs = unbroken(places)
        for run in runs:
            sheet.path([(across, height) for _day, across, height in run], css)
        dotted = len(places) < MANY
        for run in runs:
            for index, (_on, across, height) in enumerate(run):
                # The last value always stands out, and one that no line reaches would be lost.
                if dotted or len(run) == 1 or (run is runs[-1] and index == len(run) - 1):
                    sheet.dot(across, height, 3, "dot" if number == 0 else "dot-open")


def unbroken(places: Sequence[tuple[date, float, float]]) -> list[list[tuple[date, float, float]]]:
    """Return places in runs without a silence of more than 120 days."""
    runs: list[list[tuple[date, float, float]]] = []
    for place in places:
        if runs and (place[0] - runs[-1][-1][0]).days <= GAP_DAYS:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs


def _draw_visits(sheet: Sheet, visits: Sequence[Visit], scale: _Days, top: float) -> None:
    """Draw who came above the line and who did not below it; what was called off is a short stroke on it."""
    middle = top + HEAD + 8
    sheet.text(0, top + 12, gettext("Visits"))
    sheet.line((0, middle), (1, middle), "axis")
    for kept, up, down, css in STROKES:
        sheet.strokes([scale.across(one.on) for one in visits if one.kept is kept], middle - up, middle + down, css)


def _draw_days(sheet: Sheet, scale: _Days, bottom: float) -> None:
    """Write the first and the last day, and the years between where they are far enough from both."""
    sheet.text(0 if scale.span else 0.5, bottom + 18, _day(scale.first), "start" if scale.span else "middle")
    if not scale.span:
        return
    sheet.text(1, bottom + 18, _day(scale.last), "end")
    years = [date(year, 1, 1) for year in range(scale.first.year + 1, scale.last.year + 1)]
    inside = [year for year in years if 0.25 < scale.across(year) < 0.75]
    for index in sorted(spread(len(inside), 4)):
        sheet.text(scale.across(inside[index]), bottom + 18, str(inside[index].year), "middle", css="spare")

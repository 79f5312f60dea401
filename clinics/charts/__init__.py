"""
Charts as SVG text, drawn in Python: one code path for page, print and PDF.

Pure functions of numbers: no query, no clock, no request. Horizontal places are percentages of the plot
and vertical ones pixels, so the browser computes nothing; with `width=` everything is in pixels and the
drawing carries its own style, because a document's stylesheet does not reach inline SVG in a PDF.
Colours are classes of app.css. What a chart may and may not say is in each function.
"""

from clinics.charts.drawing import Number, as_percent, as_ratio
from clinics.charts.figure import ChartFigure
from clinics.charts.scores import bullet, step_bar
from clinics.charts.talk import Kind, RibbonLine, TalkBin, ribbon, talk_bars
from clinics.charts.timeline import Event, Lane, Series, Visit, time_line
from clinics.charts.trends import Bands, Point, band_of, line_over_bands, small_multiple

__all__ = [
    "Bands",
    "ChartFigure",
    "Event",
    "Kind",
    "Lane",
    "Number",
    "Point",
    "RibbonLine",
    "Series",
    "TalkBin",
    "Visit",
    "as_percent",
    "as_ratio",
    "band_of",
    "bullet",
    "line_over_bands",
    "ribbon",
    "small_multiple",
    "step_bar",
    "talk_bars",
    "time_line",
]

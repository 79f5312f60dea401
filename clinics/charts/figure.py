"""What a page shows of one question: the question, the finding, the drawing and the numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString


@dataclass(frozen=True)
class ChartFigure:
    """
    A chart with everything that stands round it (components/_figure.html).

    question  what the reader wants to know
    finding   the computed answer, or a neutral title where the rule behind it does not hold
    svg       the drawing, from this package
    columns   headings of the table of numbers
    rows      the numbers as shown, the first cell of each row being its heading
    note      small print: who counts, over which time
    """

    question: str
    finding: str
    svg: SafeString
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""

"""
The client's own talk: when it turned, and the shape of a session.

Change talk is drawn up and sustain talk down, always both, with the running balance on the same scale.
Blue and ochre are not good and bad; a fall is never red.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from clinics.charts.drawing import Anchor, Sheet, join_sentences, spread

Speaker = Literal["therapist", "client"]
Kind = Literal["reflection-complex", "reflection-simple", "question", "change", "sustain", "other", "uncoded"]

# Height of a line in the ribbon in px: what carries more of the client's own reasons stands higher.
RIBBON_HEIGHTS: dict[str, int] = {
    "reflection-complex": 20,
    "reflection-simple": 14,
    "question": 9,
    "change": 19,
    "sustain": 19,
    "other": 5,
    "uncoded": 3,
}


@dataclass(frozen=True)
class TalkBin:
    """A stretch of a segment: where it starts, lines of change and of sustain talk, an event or ""."""

    label: str
    change: int
    sustain: int
    note: str = ""


@dataclass(frozen=True)
class RibbonLine:
    """One line of a transcript: who spoke, what it was coded as, and the id of its place in the page."""

    speaker: Speaker
    kind: Kind
    line_id: str = ""


def talk_bars(bins: Sequence[TalkBin], *, label: str, height: int = 190, width: int | None = None) -> SafeString:
    """
    Draw change talk up and sustain talk down for each bin, with the running balance.

    bins   in order of the talk; counts are lines, >= 0
    label  what is drawn, in words; the last balance is added as a sentence
    width  px for a PDF
    """
    head = 40 if any(one.note for one in bins) else 18
    sheet = Sheet("chart-axis", head + height + 26, width)
    balance = list(accumulate(one.change - one.sustain for one in bins))
    highest = max([*(one.change for one in bins), *balance, 1])
    lowest = min([*(-one.sustain for one in bins), *balance, -1])
    unit = height / (highest - lowest)
    zero = head + highest * unit
    _draw_notes(sheet, bins, head + height)
    for index, one in enumerate(bins):
        left, wide = (index + 0.13) / len(bins), 0.74 / len(bins)
        sheet.rect(left, zero - one.change * unit, wide, one.change * unit, "change")
        sheet.rect(left, zero, wide, one.sustain * unit, "sustain")
    sheet.line((0, zero), (1, zero), "axis")
    centres = [((index + 0.5) / len(bins), zero - value * unit) for index, value in enumerate(balance)]
    sheet.path(centres, "trend")
    if centres:
        across, down = centres[-1]
        sheet.dot(across, down, 4.5, "dot")
        sheet.text(across, down - 11, f"{balance[-1]:+d}", "end", css="strong", dx="4")
    for index in sorted(spread(len(bins), 5)):
        anchor: Anchor = "middle"
        if len(bins) > 1 and index in (0, len(bins) - 1):
            anchor = "start" if index == 0 else "end"
        sheet.text((index + 0.5) / len(bins), head + height + 21, bins[index].label, anchor)
    return sheet.finish(join_sentences([f"{label}.", _balance_sentence(bins, balance)]))


def _draw_notes(sheet: Sheet, bins: Sequence[TalkBin], bottom: float) -> None:
    """Mark the bins that carry an event; every second label stands lower so that neighbours stay apart."""
    for position, index in enumerate(index for index, one in enumerate(bins) if one.note):
        across = (index + 0.5) / len(bins)
        down = 12 if position % 2 == 0 else 28
        anchor: Anchor = "start" if across < 0.25 else "end" if across > 0.75 else "middle"
        sheet.text(across, down, bins[index].note, anchor)
        sheet.line((across, down + 6), (across, bottom), "note-line")


def _balance_sentence(bins: Sequence[TalkBin], balance: Sequence[int]) -> str:
    """Return both totals and the last balance in words."""
    if not bins:
        return gettext("No coded lines yet.")
    return gettext("%(change)d lines of change talk, %(sustain)d of sustain talk, balance %(balance)+d.") % {
        "change": sum(one.change for one in bins),
        "sustain": sum(one.sustain for one in bins),
        "balance": balance[-1],
    }


def ribbon(lines: Sequence[RibbonLine], *, label: str, width: int | None = None) -> SafeString:
    """
    Draw the shape of a session: therapist above the line, client below, one bar a line of talk.

    A click on a bar goes to the line (app.js, by `line_id`); the transcript itself is the text twin.
    """
    middle, height = 22, 44
    sheet = Sheet("chart-plain", height, width)
    for index, line in enumerate(lines):
        high = RIBBON_HEIGHTS[line.kind]
        down = middle - high if line.speaker == "therapist" else middle
        extra = {"data_line": line.line_id} if line.line_id else {}
        sheet.rect((index + 0.15) / len(lines), down, 0.7 / len(lines), high, line.kind, **extra)
    sheet.line((0, middle), (1, middle), "axis")
    coded = sum(line.kind != "uncoded" for line in lines)
    counted = gettext("%(coded)d of %(lines)d lines coded.") % {"coded": coded, "lines": len(lines)}
    return sheet.finish(join_sentences([f"{label}.", counted]))

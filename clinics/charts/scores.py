"""One score now, and one step of a way through care: small bars that stand beside their number."""

from collections.abc import Callable

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from clinics.charts.drawing import Anchor, Number, Sheet, as_ratio, join_sentences
from clinics.charts.trends import Bands

NEAR = 0.14  # ticks closer than this share of the width push their labels apart


def bullet(
    value: Number | None,
    *,
    label: str,
    bands: Bands,
    top: Number,
    show: Callable[[Number], str] = as_ratio,
    width: int | None = None,
) -> SafeString:
    """
    Draw one score on its scale with two ticks; the value in words stands beside it.

    value  None when undefined: the scale is drawn without a bar
    top    upper end of the scale; a higher value stretches it
    """
    high = float(top)
    if value is not None:
        high = max(high, float(value) * 1.1)
    sheet = Sheet("chart-plain", 32, width)
    good, fair = float(bands.good) / high, float(bands.fair) / high
    sheet.rect(0, 4, fair, 8, "below")
    sheet.rect(fair, 4, good - fair, 8, "fair")
    sheet.rect(good, 4, 1 - good, 8, "good")
    for edge in (fair, good):
        sheet.line((edge, 0), (edge, 17), "threshold")
    near = good - fair < NEAR
    sides: tuple[Anchor, Anchor] = ("end", "start") if near else ("middle", "middle")
    shifts = ("8", "-8") if near else ("0", "0")
    sheet.text(fair, 29, show(bands.fair).removesuffix(".0"), sides[0], dx=shifts[0])
    sheet.text(good, 29, show(bands.good).removesuffix(".0"), sides[1], dx=shifts[1])
    if value is None:
        return sheet.finish(join_sentences([f"{label}.", gettext("No value.")]))
    place = float(value) / high
    sheet.rect(0, 6, place, 4, "bar")
    sheet.dot(place, 8, 4.5, "dot")
    words = gettext("%(value)s; basic from %(fair)s, proficient from %(good)s.") % {
        "value": show(value),
        "fair": show(bands.fair),
        "good": show(bands.good),
    }
    return sheet.finish(join_sentences([f"{label}.", words]))


def step_bar(reached: int, before: int, first: int, *, label: str, width: int | None = None) -> SafeString:
    """
    Draw how many reached a step, and in a pale part how many left since the step before.

    reached  people at this step, <= before
    before   people at the step before (the same number at the first step)
    first    people at the first step; the full width. Nothing is drawn when it is 0

    :raises ValueError: when the counts are not falling
    """
    if not 0 <= reached <= before <= first:
        raise ValueError("Counts of steps may only fall: 0 <= reached <= before <= first.")
    sheet = Sheet("chart-plain", 26, width)
    if first:
        sheet.rect(0, 0, reached / first, 26, "reached")
        sheet.rect(reached / first, 0, (before - reached) / first, 26, "left")
    words = gettext("%(reached)d reached this step, %(left)d left since the step before.") % {
        "reached": reached,
        "left": before - reached,
    }
    return sheet.finish(join_sentences([f"{label}.", words]))

"""The scores of a locked coding as they are read: value or words, counts, band with the caveat of its source."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinics.charts import Bands, Number, bullet
from clinics.instruments.definition import Band, Definition, Score, Threshold
from clinics.instruments.expressions import items_looked_up, walk
from clinics.instruments.figures import Figure, Reason, display_text
from clinics.instruments.wording import shown, undefined_words
from clinics.selectors.instruments import threshold_set_of
from sessions.models import Coding, ScoreResult

BAND_WORDS = {
    Band.GOOD: _("Proficient"),
    Band.FAIR: _("Basic competence"),
    Band.BELOW: _("Below basic"),
    Band.NOT_EVALUABLE: _("Not evaluable"),
}
ROOM_ABOVE_GOOD = Fraction(3, 2)


@dataclass(frozen=True)
class ShownScore:
    """
    One score of the panel.

    value   as displayed; "" when undefined: then `words` say why
    detail  the counts behind a ratio, in words
    band    good, fair or below; "" without a threshold or a value
    """

    label: str
    value: str
    words: str
    detail: str
    band: str
    band_label: str
    svg: SafeString | None


@dataclass(frozen=True)
class ScorePanel:
    """
    All scores of a coding.

    main    ratios, means and what has thresholds
    counts  plain counts, as (label, number)
    caveat  how to read the bands; "" where there are none
    source  whose thresholds they are
    """

    main: tuple[ShownScore, ...]
    counts: tuple[tuple[str, str], ...]
    caveat: str
    source: str


def figure_of(row: ScoreResult) -> Figure:
    """Return a stored result as an exact figure: from its counts where there are some."""
    if row.value is None:
        return Figure(None, row.numerator, row.denominator, Reason(row.reason))
    exact = Fraction(row.numerator, row.denominator) if row.numerator is not None and row.denominator else None
    return Figure(exact if exact is not None else Fraction(row.value), row.numerator, row.denominator)


def panel_of(coding: Coding, definition: Definition) -> ScorePanel | None:
    """Return the score panel of a coding; None while it is not locked."""
    if coding.state != Coding.State.LOCKED:
        return None
    rows = {row.score_key: row for row in ScoreResult.objects.filter(coding=coding).select_related("threshold_set")}
    set_rows = {row.threshold_set_id: row.threshold_set for row in rows.values() if row.threshold_set is not None}
    sets = [threshold_set_of(row, definition) for row in set_rows.values()]
    thresholds = {one.score: one for each in sets for one in each.thresholds}
    main, counts = [], []
    for score in definition.scores:
        row = rows.get(score.key)
        if row is None:
            continue
        figure = figure_of(row)
        if is_count(score) and score.key not in thresholds:
            counts.append((score.label, shown(score, figure)))
        else:
            main.append(_shown(definition, score, figure, row, thresholds))
    return ScorePanel(tuple(main), tuple(counts), sets[0].caveat if sets else "", sets[0].source if sets else "")


def is_count(score: Score) -> bool:
    """Tell whether a score is a plain count, shown as a number in a list."""
    return not score.is_ratio and score.display.dp == 0 and score.display.factor == 1


def _shown(
    definition: Definition, score: Score, figure: Figure, row: ScoreResult, thresholds: Mapping[str, Threshold]
) -> ShownScore:
    band = Band(row.band)
    is_banded = band in (Band.GOOD, Band.FAIR, Band.BELOW)
    return ShownScore(
        label=score.label,
        value=shown(score, figure) if figure.is_defined else "",
        words="" if figure.is_defined else undefined_words(score, figure),
        detail=counts_in_words(score, figure),
        band=band.value if is_banded else "",
        band_label=str(BAND_WORDS.get(band, "")),
        svg=_bullet(definition, score, figure, thresholds.get(score.key)),
    )


def counts_in_words(score: Score, figure: Figure) -> str:
    """Return the counts behind a ratio: '8 reflections, 13 questions', '5 of 8 reflections'; else ''."""
    if not score.is_ratio or figure.numerator is None or figure.denominator is None or not figure.is_defined:
        return ""
    counted = score.counted
    if counted is None:
        return gettext("%(n)d of %(all)d") % {"n": figure.numerator, "all": figure.denominator}
    if score.display.factor == 100:
        return f"{figure.numerator} of {figure.denominator} {counted.denominator}"
    one = counted.numerator_one if figure.numerator == 1 else None
    return f"{figure.numerator} {one or counted.numerator}, {figure.denominator} {counted.denominator}"


def _bullet(definition: Definition, score: Score, figure: Figure, threshold: Threshold | None) -> SafeString | None:
    if threshold is None or threshold.fair is None or threshold.good is None:
        return None
    write = _writer(score)
    fair, good = write(threshold.fair), write(threshold.good)
    bands = Bands(
        threshold.fair,
        threshold.good,
        gettext("Basic %(from)s+") % {"from": fair},
        gettext("Proficient %(from)s+") % {"from": good},
    )
    return bullet(figure.value, label=score.label, bands=bands, top=_top(definition, score, threshold.good), show=write)


def _top(definition: Definition, score: Score, good: Fraction) -> Fraction:
    """Return the upper end of a score's scale: 1 for a share, the scale of what is rated, else room above good."""
    if score.display.factor == 100:
        return min(Fraction(1), good * ROOM_ABOVE_GOOD)
    items = [key for node in walk(score.expr) for key in items_looked_up(node)]
    scales = [scale.max for key in items if (scale := definition.items[key].scale) is not None]
    return Fraction(max(scales)) if scales else good * ROOM_ABOVE_GOOD


def _writer(score: Score) -> Callable[[Number], str]:
    """Return the function that writes this score's values on its bullet, as short as they are exact."""

    def write(value: Number) -> str:
        text = display_text(Fraction(value), places=score.display.dp, factor=score.display.factor)
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return f"{text}{'%' if score.display.suffix == '%' else ''}"

    return write

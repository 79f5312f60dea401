"""Figures in words and drawings: from sums and samples to what a supervisor reads. Nothing here queries."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.utils.dates import MONTHS, MONTHS_3
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy, ngettext

from analytics.metrics.fidelity import LABEL_SAMPLES, Sums, add, crossed_at, figure_of, needs_support
from analytics.selectors.fidelity import Instrument, Sample
from clinics.charts import Bands, ChartFigure, Point, line_over_bands, small_multiple
from clinics.instruments import figures
from clinics.instruments.definition import Band, Score, Threshold
from clinics.instruments.figures import Figure, Reason
from clinics.models import User

BAND_WORDS = {
    Band.GOOD: gettext_lazy("Proficient"),
    Band.FAIR: gettext_lazy("Basic competence"),
    Band.BELOW: gettext_lazy("Below basic"),
}
QUESTIONS = {
    "r_to_q": gettext_lazy("Are we listening more than we ask?"),
    "pct_cr": gettext_lazy("Do our reflections go deeper?"),
    "technical": gettext_lazy("Do we draw out the person's own reasons?"),
    "relational": gettext_lazy("Do we work as partners?"),
    "pct_ct": gettext_lazy("How much of the talk is about change?"),
}


def shown(score: Score, figure: Figure) -> str:
    """Return a figure for the eye: its value, or in words why there is none."""
    if figure.value is not None:
        display = score.display
        return figures.display_text(figure.value, places=display.dp, factor=display.factor, suffix=display.suffix)
    if figure.reason is Reason.ZERO_DENOMINATOR and score.counted is not None:
        if not figure.numerator:
            return score.counted.nothing
        return gettext("no %(denominator)s, %(n)d %(numerator)s") % {
            "denominator": score.counted.denominator, "n": figure.numerator, "numerator": score.counted.numerator,
        }  # fmt: skip
    words = {
        Reason.TOO_FEW: gettext("no samples"),
        Reason.MISSING_INPUT: gettext("not rated"),
        Reason.ZERO_DENOMINATOR: gettext("nothing to count"),
    }
    return words.get(figure.reason, gettext("not defined")) if figure.reason else ""


def writer(score: Score) -> Callable[[int | float | Fraction], str]:
    """Return the function that writes this score's values on a chart."""
    display = score.display
    return lambda value: figures.display_text(
        Fraction(value), places=display.dp, factor=display.factor, suffix=display.suffix.replace(":1", "")
    )


def bands_of(score: Score, threshold: Threshold | None) -> Bands | None:
    """Return the bands of a score, or None when it has no two thresholds."""
    if threshold is None or threshold.fair is None or threshold.good is None:
        return None
    write = writer(score)
    return Bands(
        threshold.fair, threshold.good,
        gettext("Basic %(from)s+") % {"from": write(threshold.fair).removesuffix(".00")},
        gettext("Proficient %(from)s+") % {"from": write(threshold.good).removesuffix(".00")},
    )  # fmt: skip


def month_label(month: date) -> str:
    """Return the short name of a month, with its year in January."""
    return f"{MONTHS_3[month.month].title()} {month.year}" if month.month == 1 else str(MONTHS_3[month.month].title())


def trend(
    score: Score, threshold: Threshold | None, months: Sequence[date], sums: Mapping[date, Sums], note: str
) -> ChartFigure:
    """Return the clinic's trend of one score by month: pooled, with n in the table."""
    parts = [sums.get(month, Sums()) for month in months]
    pooled = [figure_of(part, score.pool) for part in parts]
    points = [
        Point(month_label(month), one.value, part.n) for month, one, part in zip(months, pooled, parts, strict=True)
    ]
    bands = bands_of(score, threshold)
    rows = [
        [f"{MONTHS[month.month]} {month.year}", shown(score, one), str(part.n)]
        + ([str(part.numerator), str(part.denominator)] if score.is_ratio else [])
        for month, one, part in zip(months, pooled, parts, strict=True)
    ]
    columns = [gettext("Month"), score.label, gettext("Samples")]
    if score.is_ratio:
        counted = score.counted
        columns += [
            (counted.numerator if counted else gettext("Numerator")).capitalize(),
            (counted.denominator if counted else gettext("Denominator")).capitalize(),
        ]
    return ChartFigure(
        question=str(QUESTIONS.get(score.key, score.label)),
        finding=_finding(score, threshold, months, [one.value for one in pooled]),
        svg=line_over_bands(points, label=score.label, bands=bands, show=writer(score)),
        columns=columns,
        rows=rows,
        note=note,
    )


def _finding(
    score: Score, threshold: Threshold | None, months: Sequence[date], values: Sequence[Fraction | None]
) -> str:
    """Return what the trend shows, where its rule holds; else a neutral title."""
    neutral = gettext("%(score)s by month") % {"score": score.label}
    for level, word in (("good", gettext("proficiency")), ("fair", gettext("basic competence"))):
        cut = getattr(threshold, level, None) if threshold else None
        at = crossed_at(values, cut) if cut is not None else None
        if at is not None:
            return gettext("%(score)s passed %(level)s in %(month)s and stayed above it") % {
                "score": score.label, "level": word, "month": MONTHS[months[at].month],
            }  # fmt: skip
    return neutral


@dataclass(frozen=True)
class TherapistCard:
    """One therapist among the small multiples: drawing, pooled label, and whether support is asked for."""

    user: User
    value: str
    svg: SafeString
    band: str
    band_label: str
    moved: str
    prompts: bool
    newest: Sample


def therapist_cards(
    score: Score,
    threshold: Threshold | None,
    therapists: Sequence[User],
    samples: Mapping[int, Sequence[Sample]],
) -> list[TherapistCard]:
    """
    Return a card for each therapist with samples: prompts first, then A to Z, never by score.

    The label pools the last three samples; with fewer it says so and shows no band.
    """
    bands = bands_of(score, threshold)
    if bands is None:
        return []
    tops = [
        float(sample.scores[score.key].value or 0)
        for one in therapists for sample in samples.get(one.pk, ()) if score.key in sample.scores
    ]  # fmt: skip
    scale = max([float(bands.good) * 1.3, *tops])
    cards = []
    for one in therapists:
        mine = [sample for sample in samples.get(one.pk, ()) if score.key in sample.scores]
        if not mine:
            continue
        values = [sample.scores[score.key] for sample in mine]
        last = add(value.sums for value in values[-LABEL_SAMPLES:])
        pooled = figure_of(last, score.pool)
        enough = last.n_defined >= LABEL_SAMPLES and pooled.value is not None
        band = _band(pooled.value, threshold) if enough else None
        points = [Point(f"{s.service_on:%b %-d}", v.value, 1) for s, v in zip(mine, values, strict=True)]
        cards.append(
            TherapistCard(
                user=one,
                value=shown(score, pooled),
                svg=small_multiple(
                    points, label=f"{one.name}, {score.label}", bands=bands, top=scale, show=writer(score)
                ),
                band=band or "",
                band_label=str(BAND_WORDS[band]) if band else gettext("Under 3 samples: no label yet"),
                moved=_moved(score, [value.value for value in values]),
                prompts=needs_support([value.band for value in values]),
                newest=mine[-1],
            )
        )
    return sorted(cards, key=lambda card: (not card.prompts, card.user.name.casefold(), card.user.pk))


def _band(value: Fraction | None, threshold: Threshold | None) -> Band | None:
    if value is None or threshold is None or threshold.fair is None or threshold.good is None:
        return None
    return Band.GOOD if value >= threshold.good else Band.FAIR if value >= threshold.fair else Band.BELOW


def _moved(score: Score, values: Sequence[Fraction | None]) -> str:
    """Return how far the last sample lies from the first, in the score's own unit."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return gettext("one sample")
    step = known[-1] - known[0]
    size = figures.display_text(abs(step), places=0 if score.display.factor == 100 else score.display.dp,
                                factor=score.display.factor)  # fmt: skip
    unit = gettext(" points") if score.display.factor == 100 else ""
    if step == 0:
        return gettext("same as the first sample")
    return (gettext("up %(n)s%(unit)s") if step > 0 else gettext("down %(n)s%(unit)s")) % {
        "n": size,
        "unit": unit,
    }


def cards_finding(score: Score, cards: Sequence[TherapistCard]) -> str:
    """Return who asks for support on this score, in a sentence, or that nobody does."""
    names = [card.user.name.split()[0] for card in cards if card.prompts]
    if not names:
        return gettext("Nobody had two samples in a row below basic on %(score)s") % {"score": score.label.lower()}
    listed = names[0] if len(names) == 1 else gettext("%(most)s and %(last)s") % {
        "most": ", ".join(names[:-1]), "last": names[-1],
    }  # fmt: skip
    return ngettext(
        "%(names)s was below basic on %(score)s in the last two samples",
        "%(names)s were below basic on %(score)s in their last two samples",
        len(names),
    ) % {"names": listed, "score": score.label.lower()}


@dataclass(frozen=True)
class Prompt:
    """A line of 'Where your time helps most': whom, on which scores, and the newest sample."""

    user: User
    scores: str
    sample: Sample


def support_prompts(
    inst: Instrument, therapists: Sequence[User], samples: Mapping[int, Sequence[Sample]]
) -> list[Prompt]:
    """Return who has two random samples in a row below basic on some score, A to Z."""
    found = []
    for one in therapists:
        mine = samples.get(one.pk, ())
        low = [
            score.label
            for score in inst.definition.scores
            if score.key in inst.thresholds
            and needs_support([s.scores[score.key].band for s in mine if score.key in s.scores])
        ]
        if low:
            found.append(Prompt(one, ", ".join(low), mine[-1]))
    return found


@dataclass(frozen=True)
class PooledRow:
    """One score of a practice set: pooled value in words, and the counts behind it."""

    label: str
    value: str
    counts: str
    n: int


def pooled_rows(inst: Instrument, sums: Mapping[str, Sums]) -> list[PooledRow]:
    """Return the pooled scores of a practice set, in the order of the definition."""
    rows = []
    for score in inst.definition.scores:
        part = sums.get(score.key)
        if part is None:
            continue
        counted = score.counted
        counts = (
            f"{part.numerator} {counted.numerator}, {part.denominator} {counted.denominator}"
            if score.is_ratio and counted
            else ""
        )
        rows.append(PooledRow(score.label, shown(score, figure_of(part, score.pool)), counts, part.n))
    return rows

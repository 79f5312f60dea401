"""The charts as text: snapshots with fixed numbers, and the cases where a chart has little to show."""

import re
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import pytest

from clinics.charts import (
    Bands,
    Point,
    RibbonLine,
    TalkBin,
    as_percent,
    as_ratio,
    band_of,
    bullet,
    line_over_bands,
    ribbon,
    small_multiple,
    step_bar,
    talk_bars,
)
from clinics.charts.drawing import PRINT_COLOURS, runs, spread

ROOT = Path(__file__).parents[2]
SNAPSHOTS = Path(__file__).parent / "charts"
RATIO = Bands(1, 2, "Basic 1+", "Proficient 2+")
SHARE = Bands(Fraction(2, 5), Fraction(1, 2), "Basic 40%", "Proficient 50%")
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May"]
VALUES = [Fraction(4, 5), Fraction(9, 10), None, Fraction(6, 5), Fraction(9, 5)]
COUNTS = [5, 2, 0, 4, 7]
POINTS = [Point(*one) for one in zip(MONTHS, VALUES, COUNTS, strict=True)]
TALK = [TalkBin("0 min", 0, 2), TalkBin("5 min", 1, 1, "Asked what matters"), TalkBin("10 min", 4, 0)]
LINES = [
    RibbonLine("therapist", "question", "line-1"),
    RibbonLine("client", "sustain", "line-2"),
    RibbonLine("therapist", "reflection-complex"),
    RibbonLine("client", "uncoded"),
]

CHARTS = {
    "line_over_bands": line_over_bands(POINTS, bands=RATIO, label="Reflections per question"),
    "line_over_bands_print": line_over_bands(POINTS, bands=RATIO, label="Ratio", width=520),
    "small_multiple": small_multiple(
        [Point(str(n), Fraction(n, 10), 1) for n in (3, 4, 5)],
        label="Complex reflections",
        bands=SHARE,
        top=Fraction(7, 10),
        typical=(Fraction(42, 100), Fraction(54, 100)),
        show=as_percent,
    ),
    "talk_bars": talk_bars(TALK, label="Client language"),
    "bullet": bullet(Fraction(5, 8), label="Complex", bands=SHARE, top=Fraction(4, 5), show=as_percent),
    "ribbon": ribbon(LINES, label="Shape of the session"),
    "step_bar": step_bar(117, 158, 212, label="First session attended"),
}  # fmt: skip


def parts(svg: str, css: str) -> list[ElementTree.Element]:
    """Return the elements of a drawing that carry a class, whatever namespace."""
    return [node for node in ElementTree.fromstring(svg).iter() if css in node.get("class", "").split()]


@pytest.mark.parametrize("name", sorted(CHARTS))
def test_each_chart_is_drawn_as_recorded(name: str) -> None:
    recorded = (SNAPSHOTS / f"{name}.svg").read_text()
    drawn = re.sub(r"(?<=>)(?=<)", "\n", CHARTS[name]) + "\n"
    assert drawn == recorded, "If the change is meant, look at the chart, then record it (see charts/README.md)."


@pytest.mark.parametrize("name", sorted(CHARTS))
def test_each_chart_is_a_named_picture_without_style_attributes(name: str) -> None:
    root = ElementTree.fromstring(CHARTS[name])
    assert root.get("role") == "img"
    assert root.get("aria-label", "").endswith(".")
    assert not [node for node in root.iter() if node.get("style")]


def test_a_missing_month_breaks_the_line() -> None:
    assert runs(VALUES) == [range(0, 2), range(3, 5)]
    assert len(parts(CHARTS["line_over_bands"], "trend")) == 2


def test_a_month_with_fewer_than_three_samples_is_hollow_and_its_line_is_thin() -> None:
    assert len(parts(CHARTS["line_over_bands"], "dot")) == 3
    assert len(parts(CHARTS["line_over_bands"], "dot-open")) == 1
    assert len(parts(CHARTS["line_over_bands"], "trend-thin")) == 1


def test_the_printed_value_is_the_last_that_rests_on_enough_samples() -> None:
    thin_end = [*POINTS[:4], Point("May", Fraction(9, 5), 2)]
    (printed,) = parts(line_over_bands(thin_end, bands=RATIO, label="Ratio"), "strong")
    assert printed.text == "1.2"


def test_no_months_draw_the_bands_and_say_so() -> None:
    svg = line_over_bands([], bands=RATIO, label="Ratio")
    assert len(parts(svg, "good")) == 1
    assert 'aria-label="Ratio. No values yet."' in svg


def test_one_month_stands_in_the_middle() -> None:
    svg = line_over_bands([Point("Jan", 1, 4)], bands=RATIO, label="Ratio")
    (dot,) = parts(svg, "dot")
    assert dot.get("cx") == "50%"
    assert "One value: 1.0 in Jan." in svg


@pytest.mark.parametrize("value", [0, 1, Fraction(3, 2)])
def test_equal_months_lie_on_one_height(value: Fraction) -> None:
    svg = line_over_bands([Point(month, value, 4) for month in MONTHS], bands=RATIO, label="Ratio")
    assert len({dot.get("cy") for dot in parts(svg, "dot")}) == 1


def test_a_score_without_bands_has_none() -> None:
    svg = line_over_bands([Point("Jan", 0, 4), Point("Feb", 0, 4)], label="Share")
    assert not parts(svg, "good")
    assert not parts(svg, "threshold")


@pytest.mark.parametrize(
    ("value", "band"), [(2, "good"), (Fraction(199, 100), "fair"), (1, "fair"), (Fraction(99, 100), "below")]
)
def test_a_threshold_is_reached_by_its_own_value(value: Fraction, band: str) -> None:
    assert band_of(value, RATIO) == band


def test_shapes_tell_the_band_of_each_sample() -> None:
    svg = CHARTS["small_multiple"]
    assert [node.tag for node in parts(svg, "dot")] == ["circle"]
    assert sorted(node.tag for node in parts(svg, "dot-open")) == ["circle", "path"]


def test_small_multiples_share_the_scale_they_are_given() -> None:
    low = small_multiple([Point("1", Fraction(1, 10), 1)], label="a", bands=SHARE, top=1)
    high = small_multiple([Point("1", Fraction(9, 10), 1)], label="b", bands=SHARE, top=1)
    assert [line.get("y1") for line in parts(low, "threshold")] == [line.get("y1") for line in parts(high, "threshold")]


def test_no_samples_draw_an_empty_scale() -> None:
    assert not parts(small_multiple([], label="a", bands=SHARE), "dot")


def test_talk_bars_and_balance_are_on_one_scale() -> None:
    svg = talk_bars([TalkBin("0", 2, 0), TalkBin("1", 3, 0)], label="Talk", height=100)
    bars = [float(bar.get("height", "")) for bar in parts(svg, "change")]
    assert bars[0] / 2 == pytest.approx(bars[1] / 3, abs=0.01)
    (zero,) = parts(svg, "axis")
    (dot,) = parts(svg, "dot")
    fall = float(zero.get("y1", "")) - float(dot.get("cy", ""))
    assert fall == pytest.approx(bars[0] / 2 * 5, abs=0.02)


def test_a_falling_balance_has_no_other_look() -> None:
    down = talk_bars([TalkBin("0", 0, 2), TalkBin("1", 0, 1)], label="Talk")
    assert {node.get("class") for node in parts(down, "trend")} == {"trend"}
    assert "balance -3." in down


def test_talk_bars_of_no_bins_and_one_bin() -> None:
    assert "No coded lines yet." in talk_bars([], label="Talk")
    one = talk_bars([TalkBin("0 min", 1, 0)], label="Talk")
    assert len(parts(one, "dot")) == 1
    assert not parts(one, "trend")


def test_a_bullet_without_a_value_shows_only_its_scale() -> None:
    svg = bullet(None, label="Ratio", bands=RATIO, top=3)
    assert not parts(svg, "bar")
    assert len(parts(svg, "threshold")) == 2
    assert "No value." in svg


def test_a_value_beyond_the_scale_stays_inside() -> None:
    (dot,) = parts(bullet(9, label="Ratio", bands=RATIO, top=3), "dot")
    assert float(dot.get("cx", "").rstrip("%")) < 100


def test_the_ribbon_has_the_therapist_above_and_the_client_below() -> None:
    svg = CHARTS["ribbon"]
    (question,) = parts(svg, "question")
    (sustain,) = parts(svg, "sustain")
    assert float(question.get("y", "")) < 22 == float(sustain.get("y", ""))
    assert question.get("data-line") == "line-1"
    assert "3 of 4 lines coded." in svg
    assert "0 of 0 lines coded." in ribbon([], label="Shape")


@pytest.mark.parametrize(("reached", "before", "first"), [(5, 4, 9), (-1, 3, 3), (2, 3, 2)])
def test_steps_may_only_fall(reached: int, before: int, first: int) -> None:
    with pytest.raises(ValueError, match="may only fall"):
        step_bar(reached, before, first, label="Step")


def test_a_step_of_nobody_draws_nothing() -> None:
    assert not parts(step_bar(0, 0, 0, label="Step"), "reached")


def test_texts_of_people_are_escaped() -> None:
    hostile = '"><script>alert(1)</script>'
    drawings = [
        line_over_bands([Point(hostile, 1, 4)], label=hostile, bands=Bands(1, 2, hostile, hostile)),
        talk_bars([TalkBin(hostile, 1, 0, hostile)], label=hostile),
        ribbon([RibbonLine("client", "change", hostile)], label=hostile),
    ]
    for svg in drawings:
        assert "<script" not in svg
        ElementTree.fromstring(svg)


def test_labels_are_thinned_but_keep_first_and_last() -> None:
    kept = spread(36, 12)
    assert len(kept) == 12
    assert {0, 35} <= kept


@pytest.mark.parametrize(("share", "text"), [(Fraction(1, 3), "33%"), (Fraction(1, 200), "1%"), (1, "100%")])
def test_shares_are_written_as_whole_percentages(share: Fraction, text: str) -> None:
    assert as_percent(share) == text


@pytest.mark.parametrize(("ratio", "text"), [(Fraction(5, 4), "1.3"), (0, "0.0"), (Fraction(99, 100), "1.0")])
def test_ratios_are_written_with_one_decimal(ratio: Fraction, text: str) -> None:
    assert as_ratio(ratio) == text


def test_a_printed_chart_carries_the_light_colours_of_the_stylesheet() -> None:
    css = (ROOT / "clinics/static/clinics/tokens.css").read_text()
    light = dict(re.findall(r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}),", css))
    assert {name: light.get(name) for name in PRINT_COLOURS} == PRINT_COLOURS
    assert "<style>" in CHARTS["line_over_bands_print"]
    assert "%" not in re.sub(r"<style>.*?</style>", "", CHARTS["line_over_bands_print"])

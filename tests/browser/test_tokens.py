"""
The colours of the running page: every text and mark of the palette is told from its ground, in both themes.

The page is served with hashed, compressed files, as in production, so this also proves that they can be made.
"""

from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from playwright.sync_api import Page

from clinics.shell import CLINIC_COLOURS

pytestmark = pytest.mark.browser

TEXT, MARK = 4.5, 3.0
GROUNDS = ("paper", "surface", "sunk")
# (foreground, its grounds, the least contrast): texts at 4.5, borders and marks that carry meaning at 3.
PAIRS = (
    ("ink", (*GROUNDS, "brand-soft", "band-good", "band-fair", "band-below", "tag-below"), TEXT),
    ("ink", ("danger-soft", "warn-soft", "ok-soft", "info-soft"), TEXT),
    ("ink-2", (*GROUNDS, "brand-soft", "band-good", "band-fair", "band-below"), TEXT),
    ("ink-2", ("danger-soft", "warn-soft", "ok-soft", "info-soft"), TEXT),
    ("brand", ("paper", "surface"), TEXT),
    ("brand-strong", ("surface", "brand-soft"), TEXT),
    ("on-brand", ("brand", "brand-strong"), TEXT),
    ("on-danger", ("danger", "danger-strong"), TEXT),
    ("danger", ("surface", "danger-soft"), TEXT),
    ("warn", ("surface", "warn-soft"), TEXT),
    ("ok", ("surface", "paper", "ok-soft"), TEXT),
    ("info", ("surface", "info-soft"), TEXT),
    ("on-mark", ("mark",), TEXT),
    ("edge", ("surface", "paper"), MARK),
    ("threshold", ("band-good", "band-fair", "band-below"), MARK),
    ("change", ("surface",), MARK),
    ("sustain", ("surface",), MARK),
    ("reflection-complex", ("surface",), MARK),
    ("reflection-simple", ("surface",), MARK),
    ("question", ("surface",), MARK),
    ("other", ("surface",), MARK),
    ("brand", ("left",), MARK),
)  # fmt: skip
RAIL_PAIRS = (
    ("rail-ink", ("rail", "rail-2"), TEXT),
    ("rail-ink-2", ("rail", "rail-2"), TEXT),
    ("rail-edge", ("rail",), MARK),
    ("mark", ("rail", "rail-2"), MARK),
    ("focus-light", ("rail",), MARK),
)


def luminance(colour: list[int]) -> float:
    """Return the relative luminance of an sRGB colour (WCAG 2.2)."""
    linear = [
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in (value / 255 for value in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: list[int], other: list[int]) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def colours(page: Page, names: set[str]) -> dict[str, list[int]]:
    """Return tokens as the browser resolves and paints them: name to red, green, blue."""
    found: dict[str, list[int]] = page.evaluate(
        """names => {
          const pen = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
          const probe = document.body.appendChild(document.createElement("i"));
          const painted = Object.fromEntries(names.map(name => {
            probe.style.color = "rgb(1 2 3)";
            probe.style.color = `var(--${name})`;
            pen.fillStyle = getComputedStyle(probe).color;
            pen.fillRect(0, 0, 1, 1);
            return [name, [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)]];
          }));
          probe.remove();
          return painted;
        }""",
        sorted(names),
    )
    return found


def faint(page: Page, pairs: tuple[tuple[str, tuple[str, ...], float], ...]) -> list[str]:
    """Return one sentence for each pair below its least contrast."""
    names = {name for front, grounds, _ in pairs for name in (front, *grounds)}
    painted = colours(page, names)
    measured = [
        (front, ground, contrast(painted[front], painted[ground]), least)
        for front, grounds, least in pairs
        for ground in grounds
    ]
    return [
        f"{front} on {ground}: {ratio:.2f}, needs {least}" for front, ground, ratio, least in measured if ratio < least
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_token_is_told_from_its_ground(page: Page, address: str, theme: str) -> None:
    page.goto(f"{address}/styleguide/?theme={theme}")
    assert page.get_attribute("html", "data-theme") == theme
    assert faint(page, PAIRS) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("colour", CLINIC_COLOURS)
def test_every_clinic_colour_carries_its_text(page: Page, address: str, theme: str, colour: str) -> None:
    page.goto(f"{address}/styleguide/?theme={theme}&colour={colour}")
    assert page.get_attribute("html", "data-colour") == colour
    assert faint(page, RAIL_PAIRS) == []


def test_each_clinic_has_its_own_colour(page: Page, address: str) -> None:
    rails = set()
    for colour in CLINIC_COLOURS:
        page.goto(f"{address}/styleguide/?theme=light&colour={colour}")
        rails.add(tuple(colours(page, {"rail"})["rail"]))
    assert len(rails) == len(CLINIC_COLOURS)


def test_a_mark_keeps_its_colour_inside_another_clinic(page: Page, address: str) -> None:
    page.goto(f"{address}/styleguide/?theme=light&colour=plum")
    page.click(".clinic-button")
    ground = page.locator('#clinic-menu .mark[data-colour="pine"]').evaluate("e => getComputedStyle(e).backgroundColor")
    assert ground == "rgb(18, 64, 59)"


OF_ONE_PAGE = {"answers.js", "intake.js"}


def test_the_files_are_hashed_and_our_modules_find_each_other(page: Page, address: str) -> None:
    asked: list[str] = []
    refused: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("response", lambda response: refused.append(response.url) if response.status >= 400 else None)
    page.goto(f"{address}/styleguide/")
    page.wait_for_load_state("networkidle")
    assert refused == []
    modules = [url.rsplit("/", 1)[1] for url in asked if "/clinics/js/" in url]
    ours = {path.name for path in (Path(settings.BASE_DIR) / "clinics/static/clinics/js").glob("*.js")}
    assert len(modules) == len(ours - OF_ONE_PAGE)
    assert ours >= OF_ONE_PAGE
    assert all(len(name.split(".")) == 3 for name in modules), "a module was asked for without its hash"
    assert staticfiles_storage.stored_name("clinics/app.css") != "clinics/app.css"


def test_the_first_load_stays_inside_its_budget(page: Page, address: str) -> None:
    sizes: list[int] = []
    page.on("response", lambda response: sizes.append(int(response.headers.get("content-length") or 0)))
    page.goto(f"{address}/styleguide/")
    page.wait_for_load_state("networkidle")
    assets = sum(sizes[1:])
    assert 40_000 < assets <= 120_000

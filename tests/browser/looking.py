"""What is looked at on every page: axe, console, policy of contents, headings, targets, width. And its pictures."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import axe_playwright_python
from playwright.sync_api import Page

AXE: Final = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NARROW: Final = 320
SMALLEST: Final = 24


class Look(NamedTuple):
    """A window and a theme that a page is looked at in."""

    width: int
    theme: str

    def __str__(self) -> str:
        return f"{self.width} {self.theme}"


USUAL: Final = (Look(1440, "light"), Look(390, "dark"))
OTHER: Final = (Look(1440, "dark"), Look(390, "light"))

# A violation of the policy is an event of the document; what stands in the console is read beside it.
COUNT_REPORTS: Final = """
  window.cspReports = [];
  addEventListener("securitypolicyviolation", event =>
    window.cspReports.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""

# Targets that somebody could touch and that are under 24 x 24 px. WCAG 2.2, 2.5.8 excepts a link in a sentence; a
# box or a ruler's number is touched by its label. What is hidden until it has the focus (a skip link) is measured
# by nobody.
SMALL_TARGETS: Final = """smallest => {
  const small = [];
  const shown = node => node.checkVisibility({checkVisibilityCSS: true, checkOpacity: true});
  for (const node of document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=option], [tabindex='0']"
  )) {
    if (!shown(node) || node.disabled) continue;
    let box = node.getBoundingClientRect();
    const label = node.labels && node.labels[0];
    if (label && shown(label)) {
      const other = label.getBoundingClientRect();
      box = {width: Math.max(box.width, other.width), height: Math.max(box.height, other.height),
             right: Math.max(box.right, other.right), bottom: Math.max(box.bottom, other.bottom)};
    }
    if (box.right <= 0 || box.bottom <= 0 || box.width <= 1 || box.height <= 1) continue;
    if (box.width >= smallest && box.height >= smallest) continue;
    const around = node.parentElement.textContent.trim();
    const inSentence = node.matches("a, button") && getComputedStyle(node).display.startsWith("inline") &&
      around.length > node.textContent.trim().length;
    if (!inSentence) {
      small.push(`${node.outerHTML.slice(0, 90)} is ${Math.round(box.width)} x ${Math.round(box.height)}`);
    }
  }
  return small;
}"""

SETTLED: Final = "() => Promise.allSettled(document.getAnimations().map(moving => moving.finished))"

WIDEST: Final = """width => [...document.querySelectorAll("body *")]
  .filter(node => node.getBoundingClientRect().right > width + 1 && node.checkVisibility({checkVisibilityCSS: true}))
  .slice(0, 3).map(node => node.outerHTML.slice(0, 90))"""


# Pages whose title may not tell who looks over a shoulder what kind of place this is.
DISCREET = {
    "contact_form", "measure_answer", "plan_print", "exercise_print", "client_card_print", "relapse_plan_print",
    "safety_plan_print",
}  # fmt: skip


@dataclass
class Eyes:
    """Looks at pages in the given ways and keeps what is wrong and where it has been."""

    looks: tuple[Look, ...]
    place: str
    wrong: list[str] = field(default_factory=list)
    seen: int = 0
    _said: list[str] = field(default_factory=list)

    def open(self, page: Page) -> None:
        """Listen to what a page says from now on."""
        page.add_init_script(COUNT_REPORTS)
        page.on(
            "console",
            lambda message: self._said.append(message.text) if message.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda error: self._said.append(str(error)))

    def forget(self) -> None:
        """Forget what was said at an address that shows no page."""
        self._said.clear()

    def hear(self, page: Page, name: str, *, status: int = 200) -> None:
        """Keep what the browser said of the page that is open: its console, and reports of the policy."""
        where = f"{self.place} {name} ({page.url})"
        self.wrong += [f"{where}: policy {report}" for report in page.evaluate("window.cspReports")]
        expected = f"the server responded with a status of {status}"
        self.wrong += [f"{where}: says {text}" for text in self._said if status == 200 or expected not in text]
        self._said.clear()

    def look(self, page: Page, name: str, *, status: int = 200) -> None:
        """
        Look at the page that is open, and keep what is wrong with it.

        status   of its answer; the console may name it when it is an error that was asked for
        """
        page.wait_for_load_state("networkidle")
        for look in self.looks:
            where = f"{self.place} {name} at {look} ({page.url})"
            page.set_viewport_size({"width": look.width, "height": 900})
            page.emulate_media(color_scheme="dark" if look.theme == "dark" else "light", reduced_motion="reduce")
            page.evaluate(SETTLED)  # a colour that is on its way to another has no contrast
            if not page.evaluate("'axe' in window"):
                page.evaluate(AXE)
            found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
            for one in found["violations"]:
                nodes = [f"{node['target'][-1]} {node['html'][:80]}" for node in one["nodes"]]
                self.wrong.append(f"{where}: {one['id']} ({len(nodes)}) {nodes[:2]}")
            self.wrong += [f"{where}: target {small}" for small in page.evaluate(SMALL_TARGETS, SMALLEST)[:3]]
            self.seen += 1
            photograph(page, self.place, name, look)
        where = f"{self.place} {name} ({page.url})"
        page.set_viewport_size({"width": NARROW, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth") > NARROW:
            self.wrong.append(f"{where}: scrolls sideways at {NARROW} px by {page.evaluate(WIDEST, NARROW)}")
        if (headings := page.locator("h1:visible").count()) != 1:
            self.wrong.append(f"{where}: has {headings} h1")
        if page.title().endswith("Evoke") == (name in DISCREET):
            self.wrong.append(f"{where}: has the title {page.title()!r}")
        self.hear(page, name, status=status)
        page.set_viewport_size({"width": self.looks[0].width, "height": 900})


def photograph(page: Page, place: str, name: str, look: Look) -> None:
    """Write a picture of the page into the folder named by EVOKE_SHOTS, if it is set."""
    folder = os.environ.get("EVOKE_SHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        file = re.sub(r"[^\w.-]+", "-", f"{name}--{place}--{look.width}-{look.theme}") + ".png"
        page.screenshot(path=Path(folder) / file, full_page=True)


def contact_sheet(page: Page) -> None:
    """Write one picture of all pictures in the folder named by EVOKE_SHOTS, if it is set."""
    folder = os.environ.get("EVOKE_SHOTS")
    if not folder:
        return
    files = sorted(file.name for file in Path(folder).glob("*.png") if file.name != "contact-sheet.png")
    cells = "".join(f'<figure><img src="{file}"><figcaption>{file[:-4]}</figcaption></figure>' for file in files)
    sheet = Path(folder) / "contact-sheet.html"
    sheet.write_text(
        "<style>body{display:flex;flex-wrap:wrap;gap:8px;font:11px sans-serif}figure{margin:0;width:240px}"
        f"img{{width:240px;height:300px;object-fit:cover;object-position:top;border:1px solid}}</style>{cells}"
    )
    page.set_viewport_size({"width": 2000, "height": 1000})
    page.goto(sheet.as_uri())
    page.screenshot(path=Path(folder) / "contact-sheet.png", full_page=True)

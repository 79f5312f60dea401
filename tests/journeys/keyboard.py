"""Steps of a person who has no mouse: every step is a key, and after every key one can see where one is."""

from playwright.sync_api import Page

MOST_TABS = 160
# The focus is on something, it is in sight, and it is drawn: an outline, a shadow, or one round what holds it.
SEEN = """() => {
  const node = document.activeElement;
  if (!node || node === document.body) return "nothing has the focus";
  if (!node.checkVisibility({checkVisibilityCSS: true})) return "what has the focus is hidden";
  const drawn = one => {
    const style = getComputedStyle(one);
    return (style.outlineStyle !== "none" && style.outlineWidth !== "0px") || style.boxShadow !== "none";
  };
  const near = [node, node.parentElement, node.nextElementSibling, ...(node.labels ?? [])].filter(Boolean);
  return near.some(drawn) ? "" : `the focus does not show on ${node.outerHTML.slice(0, 120)}`;
}"""


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until an element that matches has the focus; the focus is visible on the way."""
    for _press in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            continue  # the end of the page, on the way to the browser's own bar
        assert not (lost := page.evaluate(SEEN)), f"{lost} at {page.url}"
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"No Tab of {MOST_TABS} came to {selector} at {page.url}.")


def follow(page: Page, selector: str) -> None:
    """Go to a link or a button with Tab, press Enter, and wait for the next page."""
    tab_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def write(page: Page, selector: str, text: str) -> None:
    """Go to a field with Tab and type."""
    tab_to(page, selector)
    page.keyboard.type(text)

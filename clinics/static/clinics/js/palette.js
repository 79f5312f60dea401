// *Find or do*: a dialog with an ARIA combobox. The server answers each question with rows.

const dialog = document.getElementById("palette");
const input = dialog?.querySelector('[role="combobox"]');
const list = dialog?.querySelector('[role="listbox"]');
const status = dialog?.querySelector("[data-palette-status]");
let timer = 0;
let asking = null;

const rows = () => [...list.querySelectorAll('[role="option"]')];

const choose = (row) => {
  for (const other of rows()) other.setAttribute("aria-selected", String(other === row));
  if (row) {
    input.setAttribute("aria-activedescendant", row.id);
    row.scrollIntoView({ block: "nearest" });
  } else {
    input.removeAttribute("aria-activedescendant");
  }
};

const ask = async () => {
  asking?.abort();
  asking = new AbortController();
  const url = new URL(list.dataset.url, window.location.href);
  url.searchParams.set("q", input.value);
  try {
    const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal: asking.signal });
    if (!answer.ok) throw new Error(String(answer.status));
    list.innerHTML = await answer.text();
    const found = rows();
    input.setAttribute("aria-expanded", String(found.length > 0));
    choose(found[0]);
    status.textContent = found.length > 0 ? "" : input.value ? status.dataset.none : status.dataset.hint;
    status.hidden = found.length > 0;
  } catch (error) {
    if (error.name === "AbortError") return;
    status.textContent = status.dataset.failed;
    status.hidden = false;
  }
};

export function openPalette() {
  if (!dialog) return false;
  if (!dialog.open) {
    for (const popover of document.querySelectorAll("[popover]:popover-open")) popover.hidePopover();
    dialog.showModal();
    input.value = "";
    input.focus();
    ask();
  }
  return true;
}

export function startPalette() {
  if (!dialog) return;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 120);
  });
  input.addEventListener("keydown", (event) => {
    const found = rows();
    const at = found.findIndex((row) => row.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (found.length === 0) return;
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(found[(at + step + found.length) % found.length]);
    } else if (event.key === "Enter" && found[at]) {
      event.preventDefault();
      found[at].click();
    }
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-palette-close]")) dialog.close();
  });
}

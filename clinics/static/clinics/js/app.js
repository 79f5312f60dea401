// The frame of every page: CSRF for htmx, waiting and failing, appearance, shortcuts, palette.
// Everything here makes a page better that already works without it.

import { openPalette, startPalette } from "./palette.js";
import { startForms } from "./forms.js";
import { startRulers } from "./rulers.js";

const root = document.documentElement;
const csrfToken = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

// --- htmx ---------------------------------------------------------------------------------------------

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = csrfToken();
});

// A request that takes longer than 400 ms says so; the old content stays where it is.
const waiting = new Map();
document.addEventListener("htmx:beforeRequest", (event) => {
  const target = event.detail.target;
  const timer = setTimeout(() => {
    target?.setAttribute("aria-busy", "true");
    if (!document.querySelector(".busy-bar")) {
      const bar = document.createElement("div");
      bar.className = "busy-bar";
      document.body.append(bar);
    }
  }, 400);
  waiting.set(event.detail.xhr, { timer, target });
});
document.addEventListener("htmx:afterRequest", (event) => {
  const entry = waiting.get(event.detail.xhr);
  if (!entry) return;
  clearTimeout(entry.timer);
  entry.target?.removeAttribute("aria-busy");
  waiting.delete(event.detail.xhr);
  if (waiting.size === 0) document.querySelector(".busy-bar")?.remove();
});

const notice = document.getElementById("notice");
const sayFailed = () => {
  if (!notice) return;
  notice.textContent = notice.dataset.failed;
  notice.hidden = false;
};
for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(name, sayFailed);
}
document.addEventListener("htmx:afterRequest", (event) => {
  if (notice && event.detail.successful) notice.hidden = true;
});

// --- appearance ---------------------------------------------------------------------------------------

for (const form of document.querySelectorAll("form[data-preferences]")) {
  form.querySelector("[data-preferences-save]")?.setAttribute("hidden", "");
  form.addEventListener("change", async () => {
    const values = new FormData(form);
    root.dataset.theme = values.get("theme") ?? "auto";
    root.toggleAttribute("data-single-keys", values.has("single_keys"));
    try {
      const answer = await fetch(form.action, { method: "POST", body: values, redirect: "manual" });
      if (answer.status >= 400) sayFailed();
    } catch {
      sayFailed();
    }
  });
}

// --- shortcuts ----------------------------------------------------------------------------------------

const isTyping = (node) =>
  node instanceof HTMLElement &&
  (node.isContentEditable || node.matches("input:not([type=radio], [type=checkbox], [type=button], [type=submit]), textarea, select"));

const inDialog = () => document.querySelector("dialog[open]") !== null;
let goPressedAt = 0;

const showKeys = () => document.getElementById("keys")?.showModal();

const moveRow = (step) => {
  const rows = [...document.querySelectorAll("[data-rows] a[data-row]")];
  if (rows.length === 0) return false;
  const at = rows.indexOf(document.activeElement);
  rows[at === -1 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1)].focus();
  return true;
};

// Alt and a letter write nothing where the key itself stays the letter; where they do write (macOS, AltGr), only what
// is pressed outside of a text is a shortcut.
const altLetter = (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.getModifierState("AltGraph")) return "";
  if (/^[a-z]$/i.test(event.key)) return event.key.toLowerCase();
  return isTyping(event.target) || !event.code.startsWith("Key") ? "" : event.code.slice(3).toLowerCase();
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  const letter = inDialog() ? "" : altLetter(event);
  const page = letter && document.querySelector(`[data-alt="${CSS.escape(letter)}"]`);
  if (page) {
    event.preventDefault();
    page.click();
    return;
  }
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
    if (openPalette()) event.preventDefault();
    return;
  }
  // Single keys: never while typing, in a dialog, with a modifier, or when switched off (WCAG 2.1.4).
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || inDialog()) return;
  if (!root.hasAttribute("data-single-keys")) return;
  // A grid or ruler that has the focus owns its letters and digits.
  if (event.target instanceof Element && event.target.closest('[role="grid"]')) return;
  if (event.key === "?") {
    event.preventDefault();
    showKeys();
    return;
  }
  const now = Date.now();
  if (goPressedAt && now - goPressedAt < 1500) {
    goPressedAt = 0;
    const link = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
    if (link) {
      event.preventDefault();
      link.click();
    }
    return;
  }
  if (event.key === "g") goPressedAt = now;
  else if (event.key === "j" || event.key === "k") {
    if (moveRow(event.key === "j" ? 1 : -1)) event.preventDefault();
  } else {
    // The row one is on comes before the page.
    const key = `[data-key="${CSS.escape(event.key)}"]`;
    const target = document.activeElement?.closest("[data-part]")?.querySelector(key) ?? document.querySelector(key);
    if (target) {
      event.preventDefault();
      target.click();
    }
  }
});

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (!target) return;
  if (target.closest("[data-palette-open]")) {
    if (openPalette()) event.preventDefault();
  } else if (target.closest("[data-keys-open]")) {
    document.getElementById("person-menu")?.hidePopover();
    showKeys();
  } else if (target.closest("[data-print]")) {
    window.print();
  } else if (target.closest("[data-dialog-open]")) {
    document.getElementById(target.closest("[data-dialog-open]").dataset.dialogOpen)?.showModal();
  } else if (target.closest(".chart [data-line]")) {
    const line = document.getElementById(target.closest("[data-line]").dataset.line);
    if (!line) return;
    document.querySelector(".line.is-pointed")?.classList.remove("is-pointed");
    line.classList.add("is-pointed");
    line.scrollIntoView({ block: "center" });
  }
});

// --- a screen that was left -----------------------------------------------------------------------------

// When the sign-in has ended, a record must not stay on the screen. Asking does not count as use; a page with text
// that is not saved asks before it leaves.
const stillSignedIn = document.querySelector('meta[name="still-signed-in"]')?.content;
const askStillSignedIn = async () => {
  try {
    const answer = await fetch(stillSignedIn, {
      headers: { "HX-Request": "true", "HX-Current-URL": window.location.href, "X-Passive": "1" },
    });
    const away = answer.headers.get("HX-Redirect");
    if (answer.status === 401 && away) window.location.assign(away);
  } catch {
    // No connection: asked again in a minute, and whatever the person sends says that it failed.
  }
};
if (stillSignedIn) {
  setInterval(askStillSignedIn, 60000);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) askStillSignedIn();
  });
}

startPalette();
startForms(document, csrfToken);
startRulers(document);
document.addEventListener("htmx:load", (event) => {
  startForms(event.detail.elt, csrfToken);
  startRulers(event.detail.elt);
});

// Forms: drafts saved to the server, what is saved and what is not, one submit, the page not left by accident.

const DRAFT_DELAY_MS = 700;
const unsaved = new Set();

const statusOf = (form) =>
  document.getElementById(form.dataset.draftStatus ?? "") ?? document.querySelector("[data-save-status]");

const showState = (form, state, when) => {
  const status = statusOf(form);
  if (!status) return;
  status.dataset.state = state;
  if (when) for (const slot of status.querySelectorAll("[data-save-time]")) slot.textContent = when;
};

const clock = () => new Date().toLocaleTimeString(document.documentElement.lang, { timeStyle: "medium" });

function startDraft(form, csrfToken) {
  let timer = 0;
  let running = null;
  const save = async () => {
    running?.abort();
    running = new AbortController();
    const values = new FormData(form);
    showState(form, "saving");
    try {
      const answer = await fetch(form.dataset.draftUrl, {
        method: "POST",
        body: values,
        headers: { "X-CSRFToken": csrfToken(), "HX-Request": "true" },
        signal: running.signal,
      });
      if (!answer.ok) throw new Error(String(answer.status));
      unsaved.delete(form);
      showState(form, "saved", answer.headers.get("X-Saved-At") ?? clock());
    } catch (error) {
      if (error.name === "AbortError") return;
      showState(form, "failed");
    }
  };
  const changed = () => {
    unsaved.add(form);
    clearTimeout(timer);
    timer = setTimeout(save, DRAFT_DELAY_MS);
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    running?.abort();
  });
}

function startSubmitOnce(form) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "true";
    unsaved.delete(form);
    event.submitter?.setAttribute("aria-busy", "true");
  });
}

export function startForms(root, csrfToken) {
  for (const form of root.querySelectorAll("form[method=post]")) {
    if (form.dataset.started) continue;
    form.dataset.started = "true";
    if (form.dataset.draftUrl) startDraft(form, csrfToken);
    if (form.dataset.guard !== undefined) form.addEventListener("input", () => unsaved.add(form));
    if (!form.hasAttribute("hx-post") && form.dataset.preferences === undefined) startSubmitOnce(form);
  }
}

// The browser asks before leaving only while something is not on the server.
window.addEventListener("beforeunload", (event) => {
  if (unsaved.size > 0) event.preventDefault();
});

// Coming back with the Back button shows the same page again: its forms may be sent once more.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
});

// Ctrl Enter sends the form one is typing in, by its own first button.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target instanceof Element ? event.target.closest("form") : null;
  if (form && form.dataset.ctrlEnter !== undefined) {
    event.preventDefault();
    form.requestSubmit(form.querySelector("button:not([type=button])"));
  }
});

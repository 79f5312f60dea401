// The intake form: what is left to ask, who is known here already, and the way between its sections by key.
// Everything here makes a page better that already works without it.

const form = document.getElementById("intake");
const matches = document.getElementById("matches");
const MATCH_DELAY_MS = 400;
const MATCHED_BY = ["who", "legal_name", "goes_by", "born_on_month", "born_on_day", "born_on_year", "postal_code", "phone", "email", "known", "somebody_else"];
const WAYS = ["ok_to_call", "ok_voicemail", "ok_sms", "ok_email"];

// --- what is left to ask ------------------------------------------------------------------------------

const filled = (values, name) => (values.get(name) ?? "").trim() !== "";

const answered = {
  words: (values) => filled(values, "words"),
  phone: (values) => filled(values, "phone") || filled(values, "email"),
  legal_name: (values) => filled(values, "known") || filled(values, "legal_name"),
  born_on: (values) =>
    filled(values, "known") || ["month", "day", "year"].every((part) => filled(values, `born_on_${part}`)),
  safety_answer: (values) => filled(values, "safety_answer"),
  ok: (values) => WAYS.some((way) => !["", "not_asked"].includes(values.get(way) ?? "")),
};

function showLeft() {
  const values = new FormData(form);
  const list = document.getElementById("checklist");
  for (const row of list.querySelectorAll("[data-answer]")) {
    // A record that is linked already has its name and date of birth on its own page.
    if (["legal_name", "born_on"].includes(row.dataset.answer) && !matches) continue;
    const done = answered[row.dataset.answer](values);
    row.classList.toggle("done", done);
    row.querySelector("[data-state]").textContent = done ? list.dataset.done : list.dataset.open;
  }
  const open = list.querySelectorAll("li:not(.done)").length;
  const left = document.getElementById("left");
  left.textContent = open === 0 ? left.dataset.none : left.dataset.some.replace("{n}", open);
}

// --- who is known here already ------------------------------------------------------------------------

let timer = 0;
let running = null;

async function look(pressed) {
  clearTimeout(timer);
  running?.abort();
  const asking = new AbortController();
  running = asking;
  const all = new FormData(form);
  const sent = new FormData();
  for (const name of MATCHED_BY) if (all.has(name)) sent.set(name, all.get(name));
  if (pressed) sent.set(pressed.name, pressed.value);
  try {
    const answer = await fetch(form.dataset.matchesUrl, {
      method: "POST",
      body: sent,
      headers: { "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content, "HX-Request": "true" },
      signal: asking.signal,
    });
    if (!answer.ok) throw new Error(String(answer.status));
    const text = await answer.text();
    const at = matches.contains(document.activeElement) || pressed;
    matches.innerHTML = text;
    if (at) (matches.querySelector("button") ?? document.getElementById("known-here")).focus();
    showLeft();
    if (pressed) matches.dispatchEvent(new Event("change", { bubbles: true }));
  } catch (error) {
    if (error.name === "AbortError") return;
    const say = matches.querySelector("[role=status]");
    if (say) say.textContent = matches.dataset.failed;
  }
}

function startMatches() {
  document.querySelector("[data-look]").hidden = true;
  form.addEventListener("input", (event) => {
    if (!MATCHED_BY.includes(event.target.name) || matches.contains(event.target)) return;
    clearTimeout(timer);
    timer = setTimeout(look, MATCH_DELAY_MS);
  });
  matches.addEventListener("click", (event) => {
    const button = event.target.closest("button[name]");
    if (!button) return;
    event.preventDefault();
    look(button);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    running?.abort();
  });
}

// --- somebody under age ---------------------------------------------------------------------------------

const ADULT_AT = 18;

// Shown while one types; the server reads the date by itself.
function isMinor() {
  const [year, month, day] = ["year", "month", "day"].map((part) => Number(form.elements[`born_on_${part}`]?.value));
  const today = new Date();
  if (year < 1900 || !month || !day) return false;
  const before = today.getMonth() + 1 < month || (today.getMonth() + 1 === month && today.getDate() < day);
  return today.getFullYear() - year - (before ? 1 : 0) < ADULT_AT;
}

function showGuardian() {
  const known = form.elements.born_on_year === undefined;
  const was = "minor" in form.dataset;
  const is = known ? was : isMinor();
  form.toggleAttribute("data-minor", is);
  const parent = form.elements.relation?.value === "parent";
  if ((is && !was) || parent) form.querySelector("[data-guardian]").open = true;
}

// --- from section to section --------------------------------------------------------------------------

const seen = (node) => node.checkVisibility({ checkVisibilityCSS: true });

function goTo(section) {
  const first = [...section.querySelectorAll("summary, input:not([type=hidden]), select, textarea, a[href]")].find(seen);
  const group = first?.type === "radio" ? section.querySelector(`input[name="${CSS.escape(first.name)}"]:checked`) : null;
  (group ?? first)?.focus();
}

document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
  // There the same keys open the list or the clock.
  if (event.target instanceof Element && event.target.closest("select, input[type=time], dialog")) return;
  const sections = [...form.querySelectorAll("[data-section]")];
  const at = sections.findIndex((section) => section.contains(document.activeElement));
  const next = sections[at === -1 ? (step > 0 ? 0 : sections.length - 1) : at + step];
  if (!next) return;
  event.preventDefault();
  goTo(next);
});

form.addEventListener("input", showLeft);
form.addEventListener("change", (event) => {
  if (/^(born_on_|relation$)/.test(event.target.name)) showGuardian();
});
form.addEventListener("change", showLeft);
showLeft();
if (matches) startMatches();
// A new call begins with the first question, unless there is something to mend.
if (form.querySelector("[name=repeat_key]") && !document.querySelector(".error-summary") && document.activeElement === document.body) {
  goTo(form.querySelector("[data-section]"));
}

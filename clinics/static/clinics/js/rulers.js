// Rulers: a digit answers the one that has the focus (1 then 0 is ten); the follow-up question is shown.
// The sentence comes with each button from the server, so the rule is written in one place.

const TEN_MS = 600;

const say = (ruler, button) => {
  for (const part of ["moved", "ask"]) {
    const place = ruler.querySelector(`[data-ruler-${part}]`);
    if (place) place.textContent = button.dataset[part] ?? "";
  }
};

function startRuler(ruler) {
  let oneAt = 0;
  ruler.addEventListener("change", (event) => say(ruler, event.target));
  ruler.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !/^[0-9]$/.test(event.key)) return;
    const now = Date.now();
    const value = event.key === "0" && oneAt && now - oneAt < TEN_MS ? "10" : event.key;
    oneAt = event.key === "1" ? now : 0;
    const button = ruler.querySelector(`input[type=radio][value="${value}"]`);
    if (!button || button.disabled) return;
    event.preventDefault();
    button.checked = true;
    button.focus();
    button.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

export function startRulers(root) {
  for (const ruler of root.querySelectorAll("[data-ruler]")) {
    if (ruler.dataset.started) continue;
    ruler.dataset.started = "true";
    startRuler(ruler);
  }
}

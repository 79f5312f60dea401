// Questions with answers as radio buttons: a digit gives the answer of that value and moves on to the next question.
// Only while a question has the focus, so no key is taken from anything else on the page.

const controls = (question) => [...question.querySelectorAll("input[type=radio], input[type=text]")];

const goTo = (question) => {
  const found = controls(question);
  const target = found.find((one) => one.checked) ?? found[0];
  target?.focus();
  question.scrollIntoView({ block: "nearest" });
};

export function startAnswers(form) {
  form.dataset.digits = "";
  const questions = [...form.querySelectorAll("[data-question]")];
  form.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !/^[0-9]$/.test(event.key)) return;
    if (!(event.target instanceof HTMLInputElement) || event.target.type !== "radio") return;
    const question = event.target.closest("[data-question]");
    const wanted = question?.querySelector(`input[type=radio][value="${event.key}"]`);
    if (!wanted || wanted.disabled) return;
    event.preventDefault();
    wanted.checked = true;
    wanted.dispatchEvent(new Event("change", { bubbles: true }));
    const next = questions[questions.indexOf(question) + 1];
    if (next) goTo(next);
    else wanted.focus();
  });
  // What was refused has the focus already; else the first question is ready for its digit.
  if (questions.length && (document.activeElement === null || document.activeElement === document.body)) {
    controls(questions[0])[0]?.focus({ preventScroll: true });
  }
}

for (const form of document.querySelectorAll("form[data-questions]")) startAnswers(form);

/* The front door's guess. Without this the answer stands folded below the
   question. What was committed is kept, with the answer it was given to:
   when the record says something else, it is dropped. */
document.addEventListener("DOMContentLoaded", () => {
  const box = document.querySelector(".nl-front-guess");
  if (!box) return;
  const KEY = "nl-front-guess";
  const truth = Number(box.dataset.truth);
  const form = box.querySelector("form");
  const status = box.querySelector("[role=status]");
  const folded = box.querySelector("details");
  const answer = box.querySelector(".nl-answer");
  const missing = box.querySelector(".nl-missing");
  form.hidden = false;
  folded.hidden = true;

  function keep(value) {
    try { localStorage.setItem(KEY, JSON.stringify(value)); }
    catch { /* a private window keeps nothing, and that is all */ }
  }
  function kept() {
    try { return JSON.parse(localStorage.getItem(KEY)); }
    catch { return null; }
  }

  function tell(guess) {
    const right = guess === truth;
    const words = form.querySelector(`input[value="${guess}"]`)
      .parentElement.textContent.trim();
    const line = document.createElement("p");
    line.className = "nl-said-so";
    line.dataset.right = right;
    line.textContent = `You said ${words}. ` +
      (right ? "★ Right." : "☆ Not so.");
    status.replaceChildren(line, ...answer.cloneNode(true).childNodes);
    form.querySelector("button").textContent = "Commit again";
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = form.querySelector("input:checked");
    missing.textContent = chosen ? "" : "Choose one first.";
    if (!chosen) return;
    const guess = Number(chosen.value);
    keep({ guess, truth });
    tell(guess);
  });

  const before = kept();
  const input = before && before.truth === truth &&
    form.querySelector(`input[value="${before.guess}"]`);
  if (input) {
    input.checked = true;
    tell(before.guess);
  }
});

/* What a reader is told after a guess. */
window.nlReport = (() => {
  "use strict";
  const MARKS = { right: "✓", near: "≈", wrong: "✗" };
  const SAID = { right: "Right", near: "Near", wrong: "Off" };

  const make = (tag, className, text) => {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text) node.textContent = text;
    return node;
  };
  const press = (text, action) => {
    const button = make("button", "", text);
    button.type = "button";
    button.addEventListener("click", action);
    return button;
  };

  function stamp(grade) {
    const node = make("p", "nl-guess-grade");
    node.dataset.grade = grade;
    const mark = make("span", "nl-guess-mark", MARKS[grade]);
    mark.setAttribute("aria-hidden", "true");
    node.append(mark, ` ${SAID[grade]}`);
    return node;
  }

  /* One field: a mark, what was said, what was measured. */
  function line(guess, field, i) {
    const item = make("li");
    const grade = window.nlJudge.grade(field, guess.kept.said[i]);
    if (guess.fields.length > 1) {
      const mark = make("span", "nl-guess-small-mark", `${MARKS[grade]} `);
      mark.setAttribute("aria-hidden", "true");
      item.append(mark, make("span", "nl-guess-spoken", `${SAID[grade]}, `));
    }
    if (field.label) item.append(make("b", "", `${field.label}: `));
    const said = window.nlJudge.words(field, guess.kept.said[i]);
    const word = field.kind === "number" ? "measured" : "the evidence says";
    item.append(`${field.label ? "you" : "You"} said ${said} · ${word} `,
      make("strong", "", shown(field)));
    return item;
  }

  function shown(field) {
    return field.unit ? `${field.shown} ${field.unit}` : field.shown;
  }

  /* Words cannot be compared: the reader does it. */
  function own(guess) {
    const { kept } = guess;
    const told = make("p", "", `You wrote: “${kept.said[0].trim()}”`);
    if (kept.own) return [stamp(kept.own), told];
    const ask = make("p", "nl-guess-buttons");
    ask.append(
      make("span", "", "Compare with the answer below: "),
      press("I had it", () => guess.keep({ ...kept, own: "right" })), " ",
      press("I did not", () => guess.keep({ ...kept, own: "wrong" })),
    );
    return [told, ask];
  }

  /* What the evidence says, for those who did not guess. */
  function skipped(guess) {
    const told = [make("p", "nl-guess-grade",
      "Skipped. The evidence is open below.")];
    if (guess.fields[0].kind === "self") return told;
    const list = make("ul", "nl-guess-said");
    for (const field of guess.fields) {
      const item = make("li", "", field.label ? `${field.label}: ` : "It says ");
      item.append(make("strong", "", shown(field)));
      list.append(item);
    }
    return [...told, list, ...card(guess)];
  }

  /* Where a claim's record is the truth, its headline has the number. */
  function card(guess) {
    const told = [...new Set(guess.fields.map((f) => f.card).filter(Boolean))];
    return told.map((text) => make("p", "nl-guess-small", `The card: ${text}`));
  }

  function report(guess) {
    if (guess.kept.skipped) return skipped(guess);
    if (guess.fields[0].kind === "self") return own(guess);
    const list = make("ul", "nl-guess-said");
    guess.fields.forEach((field, i) => list.append(line(guess, field, i)));
    const within = guess.fields.map(window.nlJudge.tolerance).find(Boolean);
    const small = make("p", "nl-guess-small", within);
    return [stamp(guess.grade()), list, ...card(guess), ...(within ? [small] : [])];
  }

  return { make, press, report, shown, MARKS, SAID };
})();

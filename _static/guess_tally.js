/* The end of a page: "3 of 4 guesses right", and what surprised. */
window.nlTally = (place, guesses) => {
  "use strict";
  const { make, shown, MARKS } = window.nlReport;
  const WORDS = { right: "Right", near: "Near", wrong: "Surprise" };

  function item(guess) {
    const grade = guess.grade();
    const skipped = guess.kept && guess.kept.skipped;
    const state = WORDS[grade] || (!guess.kept ? "Still open"
      : skipped ? "Skipped" : "Not judged yet");
    const li = make("li");
    li.dataset.grade = grade || "";
    const mark = make("span", "nl-guess-mark", MARKS[grade] || "·");
    mark.setAttribute("aria-hidden", "true");
    const link = make("a", "", guess.question);
    link.href = `#${guess.box.id}`;
    const told = make("span", "", `${state}: `);
    told.append(link);
    if (grade === "wrong") told.append(surprise(guess));
    li.append(mark, told);
    return li;
  }

  /* What was measured where the guess was off. */
  function surprise(guess) {
    const grades = guess.grades();
    const off = guess.fields
      .filter((field, i) => grades[i] === "wrong")
      .map((f) => (f.label ? `${f.label}: ` : "") + shown(f));
    return off.length ? ` (${off.join("; ")})` : "";
  }

  const count = (grade) =>
    guesses.filter((guess) => guess.grade() === grade).length;
  const many = guesses.length === 1 ? "guess" : "guesses";
  const made = guesses.some((guess) => guess.grade());
  const wrong = count("wrong");
  const head = made
    ? `${count("right")} of ${guesses.length} ${many} right` +
      (wrong ? `, and ${wrong} surprised you.` : ", and no surprise.")
    : `${guesses.length} ${many} on this page, none made yet.`;
  const list = make("ul");
  list.append(...guesses.map(item));
  place.replaceChildren(make("p", "nl-tally-head", head), list);
  place.hidden = false;
};

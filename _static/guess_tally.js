/* The end of a page: "3 of 4 guesses right", and what surprised. */
window.nlTally = (place, guesses, { make, MARKS, SAID }) => {
  "use strict";
  const link = (guess) => {
    const a = make("a", "", guess.question);
    a.href = `#${guess.box.id}`;
    return a;
  };
  const state = (guess) => guess.grade()
    || (!guess.kept ? "open" : guess.kept.skipped ? "skipped" : "not judged");

  const right = guesses.filter((g) => g.grade() === "right").length;
  const made = guesses.filter((g) => g.grade()).length;
  const wrong = guesses.filter((g) => g.grade() === "wrong");
  const many = guesses.length === 1 ? "guess" : "guesses";
  const head = made
    ? `${right} of ${guesses.length} ${many} right.`
    : `You have made none of the ${guesses.length} ${many} on this page.`;
  const list = make("ul");
  guesses.forEach((guess) => {
    const item = make("li");
    const now = state(guess);
    item.dataset.grade = now;
    const mark = make("span", "nl-guess-mark", MARKS[now] || "·");
    mark.setAttribute("aria-hidden", "true");
    item.append(mark, ` ${SAID[now] || now}: `, link(guess));
    list.append(item);
  });
  const parts = [make("p", "nl-tally-head", head), list];
  if (made) {
    const text = wrong.length ? "What surprised you: " : made === right
      ? "Nothing here surprised you." : "Near enough: no surprise.";
    const told = make("p", "nl-tally-surprise", text);
    wrong.forEach((guess, i) => {
      const off = guess.fields.filter(
        (_, j) => guess.grades()[j] === "wrong"
      );
      const shown = off.map((f) => [
        f.label, `${f.shown}${f.unit ? ` ${f.unit}` : ""}`,
      ].filter(Boolean).join(" "));
      if (i) told.append("; ");
      told.append(link(guess));
      if (shown.length) told.append(` (${shown.join(", ")})`);
      if (i === wrong.length - 1) told.append(".");
    });
    parts.push(told);
  }
  place.replaceChildren(...parts);
  place.hidden = false;
};

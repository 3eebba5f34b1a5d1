/* Guesses: commit or skip, and the evidence unfolds. What was guessed is
   kept in this browser, under the page, the cell and the edition of the
   question. The HTML comes from _ext/guess_form.py. */
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const judge = window.nlJudge;
  const { make, press, report } = window.nlReport;

  /* A browser may refuse storage; then a guess lasts as long as its page. */
  const store = {
    get(key) {
      try { return JSON.parse(localStorage.getItem(key)); }
      catch { return null; }
    },
    set(key, value) {
      try { localStorage.setItem(key, JSON.stringify(value)); } catch {}
    },
    drop(key) { try { localStorage.removeItem(key); } catch {} },
    keys() { try { return Object.keys(localStorage); } catch { return []; } },
  };

  class Guess {
    constructor(box) {
      this.box = box;
      this.id = box.dataset.guess;
      this.fields = JSON.parse(box.dataset.fields);
      this.form = box.querySelector("form");
      this.error = box.querySelector(".nl-guess-error");
      this.result = box.querySelector(".nl-guess-result");
      this.question = box.querySelector(".nl-guess-question").textContent;
      this.folds = [...document.querySelectorAll(
        `details.nl-evidence[data-guess="${this.id}"]`
      )];
      const place = `nl-guess/${box.dataset.page}#${this.id}/`;
      this.key = place + box.dataset.edition;
      // An older edition asked something else, or measured otherwise.
      store.keys()
        .filter((k) => k.startsWith(place) && k !== this.key)
        .forEach(store.drop);
      this.form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.commit();
      });
      this.form.querySelector("[data-skip]").addEventListener(
        "click", () => this.keep({ skipped: true })
      );
      this.ask();
      const kept = store.get(this.key);
      if (kept && (kept.skipped || kept.said)) this.tell(kept);
    }

    inputs(i) {
      return [...this.form.querySelectorAll(`[name="${this.id}-${i}"]`)];
    }

    /* Show the form, and fold the evidence. */
    ask() {
      this.kept = null;
      this.form.hidden = false;
      this.result.replaceChildren();
      this.result.hidden = true;
      this.star?.remove();
      this.folds.forEach((fold) => {
        fold.open = false;
        fold.classList.remove("nl-told");
        fold.firstElementChild.textContent =
          "Folded until you guess · show it";
      });
    }

    /* Return what stands in a field, or complain and return null. */
    read(field, i) {
      const inputs = this.inputs(i);
      if (field.kind === "choice" || field.kind === "several") {
        const ticked = inputs.filter((x) => x.checked).map((x) => +x.value);
        if (field.kind === "several") return ticked;
        return ticked.length ? ticked[0]
          : this.complain(inputs, "Choose one, or skip.", field);
      }
      const text = inputs[0].value;
      if (!text.trim()) {
        return this.complain(inputs, "Write your answer, or skip.", field);
      }
      if (field.kind === "number" && !Number.isFinite(judge.number(text))) {
        return this.complain(inputs, `“${text}” is not a number. Numbers ` +
          "look like −3, 12.5 or 1e-5.", field);
      }
      return text;
    }

    complain(inputs, text, field) {
      this.error.textContent = field.label
        ? `${field.label}: ${text}` : text;
      inputs.forEach((x) => {
        x.setAttribute("aria-invalid", "true");
        x.setAttribute("aria-describedby", this.error.id);
      });
      inputs[0].focus();
      return null;
    }

    commit() {
      this.error.textContent = "";
      this.form.querySelectorAll("[aria-invalid]").forEach((x) => {
        x.removeAttribute("aria-invalid");
        x.removeAttribute("aria-describedby");
      });
      const said = [];
      for (const [i, field] of this.fields.entries()) {
        const found = this.read(field, i);
        if (found === null) return;
        said.push(found);
      }
      this.keep({ said });
    }

    keep(kept) {
      store.set(this.key, kept);
      this.tell(kept);
      this.result.focus();
    }

    again() {
      store.drop(this.key);
      this.form.reset();
      this.ask();
      this.form.querySelector("input, textarea").focus();
      tally();
    }

    /* Say what was guessed and what was measured; unfold the evidence. */
    tell(kept) {
      this.kept = kept;
      this.form.hidden = true;
      this.result.hidden = false;
      this.folds.forEach((fold) => {
        fold.open = true;
        fold.classList.add("nl-told");
      });
      this.result.replaceChildren(...report(this));
      const again = kept.skipped ? "Guess now" : "Guess again";
      this.result.append(press(again, () => this.again()));
      if (kept.said && this.fields[0].kind !== "self") this.mark();
      tally();
    }

    grades() {
      if (!this.kept || !this.kept.said) return [];
      return this.fields.map((f, i) => judge.grade(f, this.kept.said[i]));
    }

    /* "right", "near", "wrong"; null for a skip or words not yet judged. */
    grade() {
      return this.kept?.own || judge.worst(this.grades());
    }

    /* A star beside the first figure of the evidence. */
    mark() {
      const told = this.fields.map((field, i) => {
        const said = judge.words(field, this.kept.said[i]);
        return field.label ? `${field.label} ${said}` : said;
      });
      this.star?.remove();
      this.star = make("p", "nl-guess-star");
      const sign = make("span", "", "★ ");
      sign.setAttribute("aria-hidden", "true");
      this.star.append(sign, `your guess: ${told.join(" · ")}`);
      const find = (what) => this.folds
        .map((fold) => fold.querySelector(what)).find(Boolean);
      const place = find("figure, .cell_output img") || find(".cell_output");
      if (place) place.before(this.star);
      else this.folds[0].lastElementChild.prepend(this.star);
    }
  }

  let guesses = [];

  /* At the end of the page: how many were right, and what surprised. */
  function tally() {
    const place = document.querySelector(".nl-tally");
    if (!place || !guesses.length) return;
    window.nlTally(place, guesses);
    // What sums the page up answers its guesses.
    const open = guesses.filter((guess) => !guess.kept).length;
    for (const fold of document.querySelectorAll("details.nl-short")) {
      if (!open) fold.open = true;
      else if (fold.classList.contains("nl-told")) fold.open = false;
      fold.classList.toggle("nl-told", !open);
      fold.firstElementChild.textContent =
        `Folded until the ${guesses.length === 1 ? "guess is" : "guesses are"} made · show it`;
    }
  }

  /* A link may lead into what is folded. */
  function follow() {
    const name = decodeURIComponent(location.hash.slice(1));
    const target = name && document.getElementById(name);
    const fold = target && target.closest("details.nl-evidence");
    if (fold && !fold.open) {
      fold.open = true;
      target.scrollIntoView();
    }
  }

  const boxes = [...document.querySelectorAll(".nl-guess")];
  guesses = boxes.map((box) => new Guess(box));
  tally();
  follow();
  window.addEventListener("hashchange", follow);
});

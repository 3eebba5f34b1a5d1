/* Filters of the ledger. The page is whole without them: they are built
   from the rows, and their state lives in the address, as
   ?verdict=holds&verdict=open&kind=exact&words=batch */
document.addEventListener("DOMContentLoaded", () => {
  const ledger = document.querySelector(".nl-ledger");
  if (!ledger) return;
  const rows = [...ledger.querySelectorAll(".nl-claims > li")];
  const text = new Map(rows.map((r) => [r, r.textContent.toLowerCase()]));
  const GROUPS = ["verdict", "kind", "chapter"];
  const chips = [];

  const make = (tag, attributes = {}, ...inside) => {
    const node = Object.assign(document.createElement(tag), attributes);
    node.append(...inside);
    return node;
  };
  const count = (group, value) =>
    rows.filter((row) => row.dataset[group] === value).length;

  function chip(group, value, ...label) {
    const button = make("button", { type: "button", className: "nl-chip" },
      ...label, " ", make("b", {}, `${count(group, value)}`));
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      const now = read();
      now[group] = now[group].includes(value)
        ? now[group].filter((v) => v !== value)
        : [...now[group], value];
      write(now);
    });
    chips.push({ group, value, button });
    return button;
  }

  const set = (name, buttons) =>
    make("fieldset", {}, make("legend", {}, name), ...buttons);

  const verdicts = [...ledger.querySelectorAll(".nl-legend .nl-mark")]
    .map((mark) => [mark.dataset.verdict, mark.cloneNode(true)])
    .filter(([value]) => count("verdict", value))
    .map(([value, mark]) =>
      chip("verdict", value, mark, " " + value.replaceAll("-", " ")));
  const kinds = [...new Set(rows.map((row) => row.dataset.kind))]
    .map((value) => chip("kind", value, value));
  const chapters = [...ledger.querySelectorAll("section")]
    .map((one) => chip("chapter", one.dataset.chapter,
      one.querySelector("h2").textContent));

  /* On a phone two of the three stand folded. */
  const more = make("details", { className: "nl-more" },
    make("summary", {}, "Kind and section of the guide"),
    set("Kind", kinds), set("Section of the guide", chapters));
  const wide = matchMedia("(min-width: 700.02px)");
  more.open = wide.matches;
  wide.addEventListener("change", () => { more.open = wide.matches; });

  const words = make("input", { type: "search", id: "nl-words" });
  words.setAttribute("autocomplete", "off");
  const said = make("p", { className: "nl-count" });
  said.setAttribute("role", "status");
  const clear = make("button", { type: "button", className: "nl-clear" },
    "Show all");
  clear.addEventListener("click", () => { write(empty()); words.focus(); });
  const form = make("form", { className: "nl-filter" },
    set("Verdict", verdicts), more,
    make("p", { className: "nl-words" },
      make("label", { htmlFor: "nl-words" }, "Words"), words),
    make("div", { className: "nl-state" }, said, clear,
      ledger.querySelector(".nl-downloads")));
  form.setAttribute("aria-label", "Filter the claims");
  form.addEventListener("submit", (event) => event.preventDefault());

  const empty = () => ({ verdict: [], kind: [], chapter: [], words: "" });

  function read() {
    const query = new URLSearchParams(location.search);
    const state = empty();
    for (const { group, value } of chips)
      if (query.getAll(group).includes(value)) state[group].push(value);
    state.words = query.get("words") || "";
    return state;
  }

  /* Letters typed one after the other are one step of Back. */
  function write(state, { step = true } = {}) {
    const query = new URLSearchParams(location.search);
    for (const group of GROUPS) {
      query.delete(group);
      for (const value of state[group]) query.append(group, value);
    }
    query.delete("words");
    if (state.words.trim()) query.set("words", state.words);
    const address = location.pathname + (`${query}` && `?${query}`);
    history[step ? "pushState" : "replaceState"](null, "", address);
    show(state);
  }

  function show(state) {
    const wanted = state.words.toLowerCase().split(/\s+/).filter(Boolean);
    const active = wanted.length > 0 || GROUPS.some((g) => state[g].length);
    for (const row of rows)
      row.hidden = !(
        GROUPS.every((group) =>
          !state[group].length || state[group].includes(row.dataset[group]))
        && wanted.every((word) => text.get(row).includes(word)));
    const left = (node) =>
      [...node.querySelectorAll(".nl-claims > li:not([hidden])")].length;
    for (const folded of ledger.querySelectorAll(".nl-untried")) {
      const n = left(folded);
      folded.hidden = !n;
      folded.open = active && n > 0;
      folded.querySelector("summary b").textContent = n;
    }
    for (const section of ledger.querySelectorAll("section"))
      section.hidden = !left(section);
    for (const { group, value, button } of chips)
      button.setAttribute("aria-pressed", state[group].includes(value));
    if (state.kind.length || state.chapter.length) more.open = true;
    if (words.value !== state.words) words.value = state.words;
    clear.hidden = !active;
    const n = left(ledger);
    said.textContent = active
      ? `${n} of ${rows.length} claims${n ? "" : ": nothing has all of this"}`
      : `${rows.length} claims`;
  }

  /* A link to a row finds it, folded or filtered away. */
  function reveal() {
    const row = document.getElementById(location.hash.slice(1));
    if (!rows.includes(row)) return;
    if (row.hidden) {
      history.replaceState(null, "", location.pathname + location.hash);
      show(empty());
    }
    const folded = row.closest(".nl-untried");
    if (folded) folded.open = true;
    row.scrollIntoView({ block: "start" });
  }

  let typing = false;
  words.addEventListener("input", () => {
    write({ ...read(), words: words.value }, { step: !typing });
    typing = true;
  });
  words.addEventListener("change", () => { typing = false; });
  addEventListener("popstate", () => { typing = false; show(read()); reveal(); });
  addEventListener("hashchange", reveal);

  for (const row of rows) {
    const name = row.querySelector(".nl-name");
    const link = make("a", { href: `#${row.id}`, className: "nl-here" }, "#");
    link.setAttribute("aria-label",
      `Link to ${name.querySelector("code").textContent} in the ledger`);
    name.append(" ", link);
  }
  ledger.querySelector(".nl-sum").hidden = true;
  ledger.querySelector(".nl-legend").replaceWith(form);
  show(read());
  reveal();
});

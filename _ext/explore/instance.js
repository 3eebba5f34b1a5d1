/* Instance norm: give a photograph other means and deviations. */
Explore.start("instance", ({ data, stage, controls, below }) => {
  const { el, svg, number } = Explore;
  const [mean, spread] = data.own; // of the photograph, a channel each
  const now = { mean: [...mean], spread: [...spread] };
  const MOST = { mean: 1, spread: 0.6 };
  const LETTERS = { mean: "μ′", spread: "σ′" };

  const sliders = {};
  for (const key of ["mean", "spread"]) {
    sliders[key] = data.channels.map((channel, c) => Explore.slider(controls, {
      name: `${key}-${channel}`, label: `${LETTERS[key]} of ${channel}`,
      min: 0, max: MOST[key], step: 0.01, value: now[key][c],
      show: (v) => number(v, 2),
      change: (v) => { now[key][c] = v; update(); },
    }));
  }
  const buttons = el("div", { class: "nl-buttons" });
  controls.append(buttons);
  const preset = (name, label, means, spreads) => {
    const button = el("button", { type: "button", "data-control": name }, label);
    button.addEventListener("click", () => {
      now.mean = [...means];
      now.spread = [...spreads];
      for (const key of ["mean", "spread"]) now[key].forEach((v, c) => sliders[key][c].set(v));
      update();
    });
    buttons.append(button);
  };
  const same = (v) => data.channels.map(() => v);
  preset("own", "as it was", mean, spread);
  preset("flower", "as the flower", ...data.flower);
  preset("equal", "all channels alike", same(0.5), same(0.25));

  /* y = slope · x + shift, a channel each. */
  const slope = (c) => now.spread[c] / spread[c];
  const shift = (c) => now.mean[c] - slope(c) * mean[c];
  const parts = data.channels.map((_, c) => svg(`feFunc${"RGB"[c]}`, { type: "linear" }));
  const filter = svg("filter", { id: "nl-restyled", "color-interpolation-filters": "sRGB" },
    svg("feComponentTransfer", {}, ...parts));
  const cells = {};
  const table = el("table", { class: "nl-sum" },
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "y = γ′ x + β′"),
      ...data.channels.map((name) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, ...[["slope", "γ′ = σ′/σ"], ["shift", "β′ = μ′ − γ′ μ"]].map(([key, label]) => {
      cells[key] = data.channels.map((name) => el("td", { "data-read": `${key}-${name}` }));
      return el("tr", {}, el("th", { scope: "row" }, label), ...cells[key]);
    })));
  below.append(table);
  const tell = Explore.teller(below);

  function inWords() {
    const is = ([m, s]) => data.channels.every((_, c) => Math.abs(now.mean[c] - m[c]) < 0.005 && Math.abs(now.spread[c] - s[c]) < 0.005);
    if (is(data.own)) return "As it was taken.";
    if (is(data.flower)) return "The six numbers are the flower's, and so is the light. Every edge is the pavilion's.";
    const flat = data.channels.filter((_, c) => now.spread[c] === 0);
    if (flat.length === 3) return "No channel has any contrast: one colour is left, β.";
    const times = data.channels.map((name, c) => `${name} ${number(slope(c), 1)} times`);
    return `Contrast: ${times.join(", ")}. The x̂ of every channel is what it was.`;
  }

  function update() {
    data.channels.forEach((_, c) => {
      parts[c].setAttribute("slope", slope(c));
      parts[c].setAttribute("intercept", shift(c));
      cells.slope[c].textContent = number(slope(c), 2);
      cells.shift[c].textContent = number(shift(c), 2);
    });
    tell(inWords());
  }

  function draw(width) {
    const wide = Math.min(width, 2.4 * data.size[0]);
    const high = (wide * data.size[1]) / data.size[0];
    stage.replaceChildren(svg("svg", { width: wide, height: high, viewBox: `0 0 ${wide} ${high}`, role: "img", "aria-label": "The pavilion, with the chosen numbers" },
      svg("defs", {}, filter),
      svg("image", { href: data.picture, width: wide, height: high, filter: "url(#nl-restyled)" })));
    update();
  }
  return draw;
});

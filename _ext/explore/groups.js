/* Groups: make a channel louder, and see which channels notice. */
Explore.start("groups", ({ figure, data, stage, controls, below }) => {
  const { svg, number, colour } = Explore;
  const now = { ...data.start };
  const C = data.x.length;
  const every = [...Array(C).keys()];
  const MOVED = 0.005; // what two digits would show
  let width = 0;

  const again = (key) => (value) => { now[key] = value; draw(width); };
  Explore.choice(controls, {
    name: "who", label: "Change", value: now.who,
    options: [{ value: "one", label: "one channel" }, { value: "all", label: "all channels alike" }],
    change: again("who"),
  });
  Explore.slider(controls, {
    name: "G", label: "groups, G", min: 0, max: data.divisors.length - 1,
    value: data.divisors.indexOf(now.G), show: (k) => `${data.divisors[k]}`,
    change: (k) => { now.G = data.divisors[k]; draw(width); },
  });
  const channels = Explore.slider(controls, {
    name: "channel", label: "channel", min: 1, max: C, value: now.channel + 1,
    change: (c) => { now.channel = c - 1; draw(width); },
  });
  Explore.slider(controls, {
    name: "factor", label: "contrast", min: 0, max: data.factors.length - 1,
    value: data.factors.indexOf(now.factor), show: (k) => `× ${data.factors[k]}`,
    change: (k) => { now.factor = data.factors[k]; draw(width); },
  });
  Explore.slider(controls, {
    name: "shift", label: "brightness", min: -8, max: 8, value: now.shift,
    show: (v) => (v > 0 ? `+ ${v}` : number(v, 0)), change: again("shift"),
  });
  const read = Explore.facts(below, { m: "m", mu: "μ", sigma: "σ", largest: "largest |x̂| of the group", moved: "channels that moved" });
  const tell = Explore.teller(below);

  const group = (c) => Math.floor((c * now.G) / C);
  const mates = (c) => every.filter((d) => group(d) === group(c));
  const touched = (c) => now.who === "all" || c === now.channel;
  const input = () => data.x.map((row, c) => row.map((v) => (touched(c) ? now.factor * v + now.shift : v)));
  function moments(x, c) {
    const set = mates(c).flatMap((d) => x[d]);
    const mu = set.reduce((a, b) => a + b, 0) / set.length;
    const power = set.reduce((a, b) => a + (b - mu) ** 2, 0) / set.length;
    return { m: set.length, mu, sigma: Math.sqrt(power + data.eps) };
  }
  const norm = (x) => x.map((row, c) => {
    const { mu, sigma } = moments(x, c);
    return row.map((v) => (v - mu) / sigma);
  });

  /* "channels 1 to 4", "channel 3", "channels 1, 2 and 5" */
  function list(found) {
    const names = found.map((c) => c + 1);
    const last = names.length - 1;
    if (!last) return `channel ${names[0]}`;
    if (names[last] - names[0] === last) return `channels ${names[0]} to ${names[last]}`;
    return `channels ${names.slice(0, last).join(", ")} and ${names[last]}`;
  }

  function inWords(moved) {
    const size = C / now.G;
    const sets = now.G === 1 ? "One group" : size === 1 ? "Eight groups of one channel" : `${now.G} groups of ${size} channels`;
    const still = now.factor === 1 && now.shift === 0;
    if (still) return `${sets}. Nothing is changed.`;
    const what = now.who === "all" ? "all channels alike" : list([now.channel]);
    if (!moved.length) return `${sets}. You changed ${what}, and nothing moves: a group forgets what happens to all of it.`;
    const others = moved.filter((c) => !touched(c));
    const mean = others.length ? " It shares its mean and deviation with the others." : "";
    return `${sets}. You changed ${what}, and ${list(moved)} moved.${mean}`;
  }

  function draw(w) {
    width = w;
    channels.input.disabled = now.who === "all";
    const x = input();
    const [before, after] = [norm(data.x), norm(x)];
    const moved = every.filter((c) => after[c].some((v, p) => Math.abs(v - before[c][p]) > MOVED));
    const here = moments(x, now.channel);
    read({
      m: here.m, mu: number(here.mu, 2), sigma: number(here.sigma, 2),
      largest: number(Math.max(...mates(now.channel).flatMap((c) => after[c].map(Math.abs))), 2),
      moved: moved.length,
    });

    const [left, gap, tall] = [6, 12, 150];
    const column = (width - 2 * left - (now.G - 1) * gap) / C;
    const across = (c) => left + c * column + group(c) * gap;
    const dot = (c, p) => across(c) + column * (0.2 + (0.6 * p) / (data.x[0].length - 1));
    const flat = [...x, ...data.x].flat();
    const ranges = {
      in: [Math.min(...flat) - 1, Math.max(...flat) + 1],
      out: [-4, 4].map((v) => Math.sign(v) * Math.max(4, ...[...after, ...before].flat().map(Math.abs))),
    };
    const top = { in: 28, out: 28 + tall + 46 };
    const at = (panel, v) => {
      const [low, high] = ranges[panel];
      return top[panel] + ((high - v) / (high - low)) * tall;
    };
    const height = top.out + tall + 24;
    const drawing = svg("svg", {
      width, height, viewBox: `0 0 ${width} ${height}`, role: "img",
      "aria-label": `The values of eight channels before and behind the norm. ${inWords(moved)}`,
    });
    drawing.append(
      svg("text", { x: 0, y: 14 }, "in: x, and μ ± σ of each group"),
      svg("text", { x: 0, y: top.out - 14 }, "out: x̂, rings before the change"));
    for (const panel of ["in", "out"]) {
      for (let k = 0; k < now.G; k++) {
        const own = every.filter((c) => group(c) === k);
        const { mu, sigma } = panel === "in" ? moments(x, own[0]) : { mu: 0, sigma: 1 };
        const lit = k === group(now.channel) && now.who === "one";
        const from = across(own[0]);
        const long = own.length * column;
        drawing.append(
          svg("rect", { x: from, width: long, y: at(panel, mu + sigma), height: at(panel, mu - sigma) - at(panel, mu + sigma), fill: lit ? colour("group") : "var(--nl-line)", opacity: lit ? 0.3 : 0.45, "data-band": `${panel}-${k}` }),
          svg("line", { x1: from, x2: from + long, y1: at(panel, mu), y2: at(panel, mu), stroke: "var(--nl-muted)", "stroke-dasharray": "4 3" }));
      }
    }
    for (const c of every) {
      if (touched(c)) {
        drawing.append(svg("rect", { x: across(c) + 1, width: column - 2, y: top.in - 2, height: tall + 4, rx: 4, fill: "none", stroke: "var(--nl-text)", "stroke-width": 1.6 }));
      }
      const went = moved.includes(c);
      drawing.append(svg("text", { x: across(c) + column / 2, y: height - 4, "text-anchor": "middle", class: went ? "nl-strong" : "nl-muted" }, `${c + 1}${went ? " ≠" : ""}`));
      for (const p of data.x[c].keys()) {
        drawing.append(
          svg("circle", { cx: dot(c, p), cy: at("in", x[c][p]), r: 3.5, fill: "var(--nl-text)" }),
          svg("circle", { cx: dot(c, p), cy: at("out", before[c][p]), r: 5, class: "nl-circle" }),
          svg("circle", { cx: dot(c, p), cy: at("out", after[c][p]), r: 3.5, fill: "var(--nl-text)", "data-out": `${c},${p}` }));
      }
    }
    drawing.addEventListener("pointerdown", (event) => {
      const [px] = Explore.at(drawing, event);
      const middle = (c) => Math.abs(across(c) + column / 2 - px);
      now.channel = every.reduce((a, b) => (middle(b) < middle(a) ? b : a));
      channels.set(now.channel + 1);
      draw(width);
    });
    stage.replaceChildren(drawing);
    tell(inWords(moved));
  }
  return draw;
});

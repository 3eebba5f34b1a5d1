/* One operator: choose a norm and a shape, point at a value, see its set. */
Explore.start("one_operator", ({ figure, data, stage, controls, below }) => {
  const { svg, number } = Explore;
  const own = { n: 0, c: 0, h: 0, w: 0 }; // the value that is asked about
  const now = { norm: "batch", ...data.start };
  let width = 0;
  let cells = [];

  Explore.choice(controls, {
    name: "norm", label: "Norm", value: now.norm,
    options: Object.keys(data.norms).map((value) => ({
      value, label: data.techniques[value].name, marker: data.techniques[value].marker,
    })),
    change: (norm) => { now.norm = norm; draw(width); },
  });
  const size = (key, label, max) => Explore.slider(controls, {
    name: key, label, min: 1, max, value: now[key],
    change: (value) => { now[key] = value; draw(width); },
  });
  size("N", "N, samples", data.x.length);
  const channels = Explore.slider(controls, {
    name: "C", label: "C, channels", min: 1, max: data.x[0].length, value: now.C,
    change: (value) => { now.C = value; regroup(); draw(width); },
  });
  Explore.slider(controls, {
    name: "side", label: "H × W", min: 1, max: data.x[0][0].length,
    value: now.side, show: (s) => `${s} × ${s}`,
    change: (value) => { now.side = value; draw(width); },
  });
  /* The slider of groups steps through the divisors of C. */
  const divisors = () => [...Array(now.C).keys()].map((g) => g + 1).filter((g) => now.C % g === 0);
  const groups = Explore.slider(controls, {
    name: "G", label: "groups, G", min: 0, max: divisors().length - 1,
    value: divisors().indexOf(now.G), show: (k) => `${divisors()[k]}`,
    change: (k) => { now.G = divisors()[k]; draw(width); },
  });
  function regroup() {
    const kept = divisors().filter((g) => g <= now.G).pop();
    now.G = kept;
    groups.set(divisors().indexOf(kept), { max: divisors().length - 1 });
  }

  const read = Explore.facts(below, { m: "m", sets: "sets", mu: "μ", sigma: "σ", x: "x", xhat: "x̂" });
  const tell = Explore.teller(below);

  /* In which place along each axis of the table does a value lie? */
  function places({ n, c, h, w }) {
    const size = now.C / now.G;
    return { N: n, C: c, G: Math.floor(c / size), "C/G": c % size, H: h, W: w };
  }
  const lengths = () => ({
    N: now.N, C: now.C, G: now.G, "C/G": now.C / now.G, H: now.side, W: now.side,
  });
  /* A set: same place along every axis that it does not span. */
  function together(a, b) {
    const { axes, over } = data.norms[now.norm];
    const [p, q] = [places(a), places(b)];
    const spans = over.split(" ");
    return axes.split(" ").every((axis) => spans.includes(axis) || p[axis] === q[axis]);
  }
  const value = ({ n, c, h, w }) => data.x[n][c][h][w];

  function standardize() {
    const set = cells.filter((cell) => together(cell, own)).map(value);
    const mean = set.reduce((a, b) => a + b, 0) / set.length;
    const mu = data.norms[now.norm].centred ? mean : 0;
    const power = set.reduce((a, b) => a + (b - mu) ** 2, 0) / set.length;
    const sigma = Math.sqrt(power + data.eps);
    return { set, mu, sigma, xhat: (value(own) - mu) / sigma };
  }

  function inWords({ set }) {
    const { over, centred } = data.norms[now.norm];
    const long = lengths();
    const factors = over.split(" ");
    const size = long["C/G"];
    const first = Math.floor(own.c / size) * size + 1;
    const band = size === 1 ? `channel ${first}` : `channels ${first} to ${first + size - 1}`;
    const members = {
      batch: `all values of channel ${own.c + 1}, in every sample,`,
      layer: `all values of sample ${own.n + 1}`,
      rms: `all values of sample ${own.n + 1}`,
      instance: `the positions of channel ${own.c + 1} in sample ${own.n + 1}`,
      group: `${band} of sample ${own.n + 1}`,
    }[now.norm];
    const count = factors.map((f) => (f === "C/G" ? "(C/G)" : f)).join("·");
    const product = factors.map((f) => long[f]).join(" · ");
    const shared = centred ? "share this mean and σ" : "share this σ; no mean is taken out";
    let text = `${data.techniques[now.norm].name}: ${members} ${shared}. m = ${count} = ${product} = ${set.length}.`;
    if (set.length === 1 && centred) {
      text += " One value is its own mean: x̂ = 0, whatever came in.";
    } else if (set.length === 2 && centred) {
      text += " Two different values always come out as +1 and −1.";
    }
    return text;
  }

  function select(cell, focus = false) {
    Object.assign(own, { n: cell.n, c: cell.c, h: cell.h, w: cell.w });
    light();
    if (focus) cells.find((c) => c.rect.tabIndex === 0).rect.focus();
  }

  function light() {
    for (const cell of cells) {
      const mine = ["n", "c", "h", "w"].every((k) => cell[k] === own[k]);
      const lit = together(cell, own);
      cell.rect.setAttribute("class", `nl-cell${lit ? " nl-lit" : ""}${mine ? " nl-own" : ""}`);
      cell.rect.setAttribute("aria-pressed", String(lit));
      cell.rect.tabIndex = mine ? 0 : -1;
    }
    const found = standardize();
    read({
      m: found.set.length, sets: cells.length / found.set.length,
      mu: data.norms[now.norm].centred ? number(found.mu, 3) : "–",
      sigma: number(found.sigma, 3), x: number(value(own), 0), xhat: number(found.xhat, 3),
    });
    line(found);
    tell(inWords(found));
  }

  /* The values of the set on a line, with μ and the band μ ± σ. */
  let strip = null;
  function line({ set, mu, sigma }) {
    const all = data.x.flat(3);
    const [low, high] = [Math.min(...all) - 1, Math.max(...all) + 1];
    const x = (v) => 12 + ((v - low) / (high - low)) * (width - 24);
    const [base, heap] = [84, {}];
    const left = Math.max(x(mu - sigma), 0);
    const right = Math.min(x(mu + sigma), width);
    const tallest = Math.max(...set.map((v) => set.filter((u) => u === v).length));
    const rise = Math.min(9, 54 / tallest);
    strip.replaceChildren(
      svg("rect", { x: left, y: 20, width: right - left, height: base - 20, fill: "var(--nl-ink)", opacity: 0.16 }),
      svg("line", { x1: x(mu), x2: x(mu), y1: 20, y2: base, stroke: "var(--nl-text)", "stroke-dasharray": "4 3" }),
      svg("text", { x: Math.min(Math.max(x(mu), 34), width - 34), y: 14, "text-anchor": "middle" },
        data.norms[now.norm].centred ? "μ ± σ" : "0 ± σ"),
      svg("line", { x1: 0, x2: width, y1: base, y2: base, stroke: "var(--nl-line)" }),
      ...[low + 1, 0, high - 1].map((v) => svg("text", { x: x(v), y: base + 16, "text-anchor": "middle", class: "nl-muted" }, number(v, 0))),
      ...set.map((v) => {
        heap[v] = (heap[v] || 0) + 1;
        return svg("circle", { cx: x(v), cy: base + rise / 2 - rise * heap[v], r: 4, fill: "var(--nl-ink)" });
      }),
      svg("circle", { cx: x(value(own)), cy: base - rise / 2, r: 6, fill: "none", stroke: "var(--nl-text)", "stroke-width": 2.5 }));
  }

  function draw(w) {
    width = w;
    own.n = Math.min(own.n, now.N - 1);
    own.c = Math.min(own.c, now.C - 1);
    own.h = Math.min(own.h, now.side - 1);
    own.w = Math.min(own.w, now.side - 1);
    groups.input.disabled = now.norm !== "group";
    figure.style.setProperty("--nl-ink", Explore.colour(now.norm));
    const [left, top, gap] = [28, 24, 6];
    const apart = now.norm === "group" ? 10 : 0; // between two groups
    const room = width - left - (now.C - 1) * gap - (now.G - 1) * apart;
    const step = Math.min(36, Math.floor(room / (now.C * now.side)), 300 / (now.N * now.side));
    const tile = now.side * step + gap;
    const across = (c) => left + c * tile + apart * Math.floor((c * now.G) / now.C);
    const height = top + now.N * tile;
    const grid = svg("svg", {
      width, height, viewBox: `0 0 ${width} ${height}`, role: "group",
      "aria-label": "The values of x, by sample and channel. Arrow keys move.",
    });
    for (let c = 0; c < now.C; c++) {
      grid.append(svg("text", { x: across(c) + (tile - gap) / 2, y: 16, "text-anchor": "middle", class: "nl-muted" }, c ? `${c + 1}` : "c 1"));
    }
    cells = [];
    for (let n = 0; n < now.N; n++) {
      grid.append(svg("text", { x: 0, y: top + n * tile + (tile - gap) / 2 + 5, class: "nl-muted" }, n ? `${n + 1}` : "n 1"));
      for (let c = 0; c < now.C; c++) {
        for (let h = 0; h < now.side; h++) {
          for (let w2 = 0; w2 < now.side; w2++) {
            const rect = svg("rect", {
              x: across(c) + w2 * step, y: top + n * tile + h * step,
              width: step - 1, height: step - 1, role: "button",
              "aria-label": `sample ${n + 1}, channel ${c + 1}, position ${h + 1}, ${w2 + 1}`,
              "data-at": `${n},${c},${h},${w2}`,
            });
            cells.push({ n, c, h, w: w2, rect });
            grid.append(rect);
          }
        }
      }
    }
    const box = (r) => ["x", "y", "width"].map((k) => Number(r.getAttribute(k)));
    /* A finger is wider than a square: the nearest one is meant. */
    const nearest = (event) => {
      const [px, py] = Explore.at(grid, event);
      const far = ({ rect }) => {
        const [x, y, s] = box(rect);
        return (x + s / 2 - px) ** 2 + (y + s / 2 - py) ** 2;
      };
      return cells.reduce((a, b) => (far(b) < far(a) ? b : a));
    };
    for (const kind of ["pointerdown", "pointermove"]) {
      grid.addEventListener(kind, (event) => select(nearest(event)));
    }
    const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    grid.addEventListener("keydown", (event) => {
      if (!(event.key in steps)) return;
      event.preventDefault();
      const [down, right] = steps[event.key];
      const row = own.n * now.side + own.h + down;
      const column = own.c * now.side + own.w + right;
      if (row < 0 || row >= now.N * now.side || column < 0 || column >= now.C * now.side) return;
      const s = now.side;
      select({ n: Math.floor(row / s), h: row % s, c: Math.floor(column / s), w: column % s }, true);
    });
    strip = svg("svg", { width, height: 104, viewBox: `0 0 ${width} 104`, role: "img", "aria-label": "The values of the set on a line, with their mean and deviation" });
    stage.replaceChildren(grid, strip);
    light();
  }
  return draw;
});

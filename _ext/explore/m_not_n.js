/* m, not N: what m values let through, and the error against each count. */
Explore.start("m_not_n", ({ data, stage, controls, below }) => {
  const { svg, number } = Explore;
  const COUNTS = {
    N: "N, images in a set", m: "m = N·H·W, values in a set",
    effective: "effective m, what they are worth",
  };
  const TICKS = [2, 4, 8, 16, 32, 128, 512];
  const STYLES = [ // a shape and a dash for each net; all are BatchNorm
    ["o", "", true], ["o", "6 4", false], ["s", "", true], ["s", "6 4", false], ["^", "2 3", true],
  ];
  const now = { m: data.start, count: "N", way: 1, from: "N", own: 0 };
  let width = 0;
  let place = null;
  let marks = [];

  Explore.slider(controls, {
    name: "m", label: "m, values that share a mean", min: 2, max: data.largest, value: now.m,
    change: (value) => { now.m = value; draw(width); tell(inWords()); },
  });
  const read = Explore.facts(below, { left: "directions left", share: "of m", ceiling: "ceiling of |x̂|" });
  const row = svg("svg", { role: "img", "aria-label": "The m directions of a set, two of them struck out, and the range of x̂" });
  const host = document.createElement("div");
  const tell = Explore.teller(below);
  Explore.choice(below, {
    name: "count", label: "Count along the axis", value: now.count,
    options: [["N", "images, N"], ["m", "values, m"], ["effective", "effective m"]].map(([value, label]) => ({ value, label })),
    change: (count) => {
      now.from = now.count;
      now.count = count;
      compared(spread());
      Explore.glide(900, (t) => { now.way = t; place(); });
    },
  });
  below.append(host);
  const compared = Explore.teller(below);
  const detail = Explore.facts(below, { net: "measured net", N: "N", values: "m", points: "points of error" });

  function inWords() {
    const { m } = now;
    const ceiling = number(Math.sqrt(m - 1), 2);
    const passes = m === 2
      ? "m = 2: no direction of the gradient is left, and x̂ is +1 or −1."
      : `m = ${m}: ${m - 2} of ${m} directions of the gradient are left, and no |x̂| exceeds ${ceiling}.`;
    const same = data.points.filter((p) => p.m === m);
    const measured = same.map((p) => `${p.net} with N = ${p.N}, ${number(p.mean, 1)}`).join("; ");
    return same.length ? `${passes} Measured there, in points of error: ${measured}.` : passes;
  }

  /* How far apart do nets lie that agree in the count? */
  function spread() {
    const range = (points) => {
      const all = points.map((p) => p.mean);
      return `from ${number(Math.min(...all), 1)} to ${number(Math.max(...all), 1)} points`;
    };
    const few = data.points.filter((p) => p.N === 2);
    if (now.count === "N") return `Five sets of N = 2 images: ${range(few)}. N does not tell them apart.`;
    if (now.count === "m") {
      const same = data.points.filter((p) => p.m === 32);
      const N = [...new Set(same.map((p) => p.N))].join(" or ");
      return `${same.length} sets of m = 32 values, from N = ${N} images: ${range(same)}.`;
    }
    const alike = few.find((p) => p.net === "CNN, offsets");
    return `Values that go together are worth fewer. With offsets the ${alike.m} values of the CNN’s N = 2 are worth ${number(alike.effective, 1)}.`;
  }

  /* One square a direction: two struck out. Below, the range of x̂. */
  function directions() {
    const { m } = now;
    const perRow = Math.floor(width / 18);
    const lines = Math.ceil(data.largest / perRow);
    const height = lines * 18 + 82;
    const squares = [...Array(m).keys()].map((i) => {
      const [x, y] = [(i % perRow) * 18, 80 + Math.floor(i / perRow) * 18];
      const struck = i < 2;
      return svg("g", { class: struck ? "nl-struck" : "nl-left" },
        svg("rect", { x: x + 1, y: y + 1, width: 14, height: 14 }),
        struck ? svg("path", { d: `M${x + 1},${y + 15}l14,-14` }) : null);
    });
    const most = Math.ceil(Math.sqrt(data.largest - 1));
    const x = (v) => 14 + ((v + most) / (2 * most)) * (width - 28);
    const base = 28;
    const high = Math.sqrt(m - 1);
    row.setAttribute("width", width);
    row.setAttribute("height", height);
    row.setAttribute("viewBox", `0 0 ${width} ${height}`);
    row.replaceChildren(...squares,
      svg("line", { x1: x(-most), x2: x(most), y1: base, y2: base, stroke: "var(--nl-line)" }),
      svg("line", { x1: x(-high), x2: x(high), y1: base, y2: base, class: "nl-range" }),
      svg("text", { x: 0, y: 12 }, "so far x̂ can go"),
      svg("text", { x: 0, y: 70 }, "directions left, without 1 and x̂"),
      ...[-most, 0, most].map((v) => svg("text", { x: x(v), y: base + 18, "text-anchor": "middle", class: "nl-muted" }, number(v, 0))));
    read({ left: `${m - 2}`, share: `${number((100 * (m - 2)) / m, 0)} %`, ceiling: number(high, 2) });
  }

  const bent = (v) => {
    const size = Math.abs(v) / data.hurt;
    return Math.sign(v) * (size < 1 ? 0.6 * size : 0.6 + Math.log10(size));
  };

  function measurements() {
    const [left, right, top, bottom] = [34, 10, 26, 40];
    const height = 330;
    const span = Math.log2(Math.max(...data.points.map((p) => p.effective))) - 1;
    const x = (v) => left + ((Math.log2(v) - 1) / span) * (width - left - right);
    const [low, high] = [bent(-1.2), bent(100)];
    const y = (v) => top + ((high - bent(v)) / (high - low)) * (height - top - bottom);
    const drawing = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": "Measured points of error. Arrow keys move from one to the next." });
    for (const v of [0, data.hurt, 10, 50]) {
      drawing.append(
        svg("line", { x1: left, x2: width - right, y1: y(v), y2: y(v), stroke: v ? "var(--nl-faint)" : "var(--nl-line)" }),
        svg("text", { x: left - 6, y: y(v) + 5, "text-anchor": "end", class: "nl-muted" }, `${v}`));
    }
    drawing.append(svg("text", { x: 0, y: 14, class: "nl-muted" }, "excess error (points)"));
    for (const v of TICKS) {
      drawing.append(svg("text", { x: x(v), y: height - 22, "text-anchor": "middle", class: "nl-muted" }, `${v}`));
    }
    const title = svg("text", { x: width / 2, y: height - 3, "text-anchor": "middle" });
    const here = svg("line", { y1: top, y2: height - bottom, class: "nl-radius" });
    drawing.append(title, here);
    const lines = data.nets.map((_, k) => svg("polyline", { class: "nl-series", "stroke-dasharray": STYLES[k][1] }));
    drawing.append(...lines);
    marks = data.points.map((p, i) => {
      const [shape, , full] = STYLES[data.nets.indexOf(p.net)];
      const node = svg("g", {
        role: "button", class: "nl-mark", "data-net": p.net, "data-n": p.N,
        "aria-label": `${p.net}, N = ${p.N}, m = ${p.m}: ${number(p.mean, 1)} points, ${number(p.low, 1)} to ${number(p.high, 1)}`,
      },
      svg("circle", { r: 12, class: "nl-grip" }),
      svg("line", { x1: 0, x2: 0, y1: y(p.low) - y(p.mean), y2: y(p.high) - y(p.mean), class: "nl-bar" }),
      Explore.marker(shape, { class: `nl-point${full ? "" : " nl-open"}` }, 5));
      node.addEventListener("focus", () => pick(i));
      return node;
    });
    drawing.append(...marks);
    /* Marks overlap: the one whose middle is nearest is meant. */
    const spot = (p) => x(p[now.from]) + now.way * (x(p[now.count]) - x(p[now.from]));
    for (const kind of ["pointerdown", "pointermove"]) {
      drawing.addEventListener(kind, (event) => {
        const [px, py] = Explore.at(drawing, event);
        const far = data.points.map((p) => Math.hypot(spot(p) - px, y(p.mean) - py));
        const near = far.indexOf(Math.min(...far));
        if (far[near] < 40) pick(near);
      });
    }
    drawing.addEventListener("keydown", (event) => {
      const per = data.points.length / data.nets.length;
      const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -per, ArrowDown: per }[event.key];
      if (!by) return;
      event.preventDefault();
      const next = now.own + by;
      if (next >= 0 && next < marks.length) marks[next].focus();
    });
    place = () => {
      data.points.forEach((p, i) => marks[i].setAttribute("transform", `translate(${spot(p).toFixed(2)} ${y(p.mean).toFixed(2)})`));
      data.nets.forEach((net, k) => lines[k].setAttribute("points",
        data.points.filter((p) => p.net === net).map((p) => `${spot(p)},${y(p.mean)}`).join(" ")));
      title.textContent = COUNTS[now.count];
      here.setAttribute("x1", x(now.m));
      here.setAttribute("x2", x(now.m));
      here.setAttribute("visibility", now.count === "N" ? "hidden" : "visible");
    };
    host.replaceChildren(drawing, key());
    compared(spread());
    place();
    pick(now.own);
  }

  function pick(i) {
    now.own = i;
    const p = data.points[i];
    marks.forEach((node, k) => {
      node.setAttribute("tabindex", k === i ? 0 : -1);
      node.classList.toggle("nl-picked", k === i);
    });
    data.nets.forEach((net, k) => host.querySelectorAll("svg > .nl-series")[k].classList.toggle("nl-on", net === p.net));
    detail({ net: p.net, N: `${p.N}`, values: `${p.m}`, points: `${number(p.mean, 1)} [${number(p.low, 1)}, ${number(p.high, 1)}]` });
  }

  const key = () => Explore.el("ul", { class: "nl-key" }, ...data.nets.map((net, k) => {
    const [shape, dash, full] = STYLES[k];
    return Explore.el("li", {}, svg("svg", { width: 34, height: 14, viewBox: "-17 -7 34 14", "aria-hidden": "true" },
      svg("line", { x1: -17, x2: 17, y1: 0, y2: 0, class: "nl-series", "stroke-dasharray": dash }),
      Explore.marker(shape, { class: `nl-point${full ? "" : " nl-open"}` }, 5)), net);
  }));

  function draw(w) {
    if (w !== width) {
      width = w;
      measurements();
    }
    stage.replaceChildren(row);
    directions();
    place();
    tell(inWords());
  }
  return draw;
});

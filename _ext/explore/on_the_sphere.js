/* On the sphere: three numbers, and where two norms put them. */
Explore.start("on_the_sphere", ({ data, stage, controls, below }) => {
  const { svg, number, colour } = Explore;
  const now = { x: [...data.x], turn: data.turn };
  let width = 0;

  data.x.forEach((value, i) => Explore.slider(controls, {
    name: `x${i}`, label: `x${"₁₂₃"[i]}`, min: data.least, max: data.most, value,
    show: (v) => number(v, 0),
    change: (v) => { now.x[i] = v; draw(width); },
  }));
  Explore.slider(controls, {
    name: "turn", label: "turn the view (degrees)", min: 0, max: 360, step: 5, value: now.turn,
    change: (v) => { now.turn = v; draw(width); },
  });
  const read = Explore.facts(below, {
    rms: "RMSNorm", layer: "LayerNorm", ratio: "mean / deviation", cos: "cosine between them",
  });
  const tell = Explore.teller(below);

  const dot = (a, b) => a.reduce((sum, v, i) => sum + v * b[i], 0);
  const scale = (a, s) => a.map((v) => v * s);
  const add = (a, b) => a.map((v, i) => v + b[i]);
  const unit = (a) => scale(a, 1 / Math.hypot(...a));
  const onto = (a) => {
    const size = Math.hypot(...a);
    return size < 1e-9 ? null : scale(a, Math.sqrt(3) / size);
  };

  function norms() {
    const mu = dot(now.x, [1, 1, 1]) / 3;
    const d = now.x.map((v) => v - mu);
    const sigma = Math.hypot(...d) / Math.sqrt(3);
    const [rms, layer] = [onto(now.x), onto(d)];
    return { mu, sigma, rms, layer, cos: rms && layer ? dot(rms, layer) / 3 : NaN };
  }

  /* Axes of the view: right, up, and towards the reader. */
  function view() {
    const one = unit([1, 1, 1]);
    const [a, b] = data.plane.map(unit);
    const t = (now.turn * Math.PI) / 180;
    const tilt = (data.tilt * Math.PI) / 180;
    const right = add(scale(a, Math.cos(t)), scale(b, Math.sin(t)));
    const back = add(scale(a, -Math.sin(t)), scale(b, Math.cos(t)));
    return [right, add(scale(one, Math.cos(tilt)), scale(back, Math.sin(tilt))),
      add(scale(one, Math.sin(tilt)), scale(back, -Math.cos(tilt)))];
  }

  function inWords({ mu, sigma, rms, layer, cos }) {
    if (!rms) return "A row of zeros has no direction. Without ε both norms divide 0 by 0.";
    if (!layer) return "Three equal numbers: RMSNorm gives ±1 each, and LayerNorm, without ε, divides 0 by 0.";
    const ratio = number(Math.abs(mu) / sigma, 2);
    if (Math.abs(mu) < 1e-9) return "The mean is 0: both norms give the same.";
    const angle = number((Math.acos(Math.min(1, cos)) * 180) / Math.PI, 0);
    return `The mean is ${ratio} deviations from 0: the two outputs are ${angle} degrees apart, with cosine ${number(cos, 2)} = 1/√(1 + ${ratio}²).`;
  }

  function sphere(found) {
    const height = 340;
    const size = Math.min(width / 2 - 10, 150) / (Math.sqrt(3) * 2.1);
    const axes = view();
    const middle = [width / 2, height / 2 + 10];
    const at = (p) => [middle[0] + size * dot(axes[0], p), middle[1] - size * dot(axes[1], p)];
    const front = (p) => dot(axes[2], p) >= 0;
    const path = (points) => points.map((p) => at(p).map((v) => v.toFixed(1)).join(",")).join(" ");
    const [a, b] = data.plane.map(unit);
    const ring = [...Array(121).keys()].map((i) => {
      const t = (i * Math.PI) / 60;
      return scale(add(scale(a, Math.cos(t)), scale(b, Math.sin(t))), Math.sqrt(3));
    });
    /* The front half is drawn through, the half behind is dashed. */
    const halves = [true, false].flatMap((seen) => {
      const runs = [[]];
      for (const p of ring) {
        if (front(p) === seen) runs[runs.length - 1].push(p);
        else if (runs[runs.length - 1].length) runs.push([]);
      }
      return runs.filter((run) => run.length).map((run) => svg("polyline", {
        points: path(run), class: seen ? "nl-circle" : "nl-radius", fill: "none" }));
    });
    const line = (from, to, attributes) => {
      const [[x1, y1], [x2, y2]] = [at(from), at(to)];
      return svg("line", { x1, y1, x2, y2, ...attributes });
    };
    const mark = (key, p) => {
      const ink = colour(key);
      const [x, y] = at(p);
      return svg("g", {},
        Explore.marker(data.techniques[key].marker, { "data-point": key, transform: `translate(${x.toFixed(2)} ${y.toFixed(2)})`, style: `fill:${ink};stroke:var(--nl-page)`, "stroke-width": 1.5 }, 7),
        svg("text", { x: x + 11, y: y + 5 }, data.techniques[key].name));
    };
    const nought = [0, 0, 0];
    const [ux, uy] = at([1.9, 1.9, 1.9]);
    const [px, py] = at(now.x);
    return svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "The sphere of radius root three, its equator, x, and where both norms put it" },
      svg("circle", { cx: middle[0], cy: middle[1], r: size * Math.sqrt(3), class: "nl-circle" }),
      ...halves,
      line(nought, [1.9, 1.9, 1.9], { class: "nl-radius" }),
      svg("text", { x: ux + 6, y: uy + 4, class: "nl-strong" }, "1"),
      line(nought, now.x, { class: "nl-copy", style: `stroke:${colour("rms")}` }),
      found.layer ? line(nought, found.layer, { class: "nl-copy", style: `stroke:${colour("layer")}` }) : null,
      svg("circle", { cx: px, cy: py, r: 4, style: "fill:var(--nl-text)", "data-point": "x" }),
      svg("text", { x: px + 8, y: py - 4 }, "x"),
      found.layer ? mark("layer", found.layer) : null,
      found.rms ? mark("rms", found.rms) : null);
  }

  function draw(w) {
    width = w;
    const found = norms();
    const list = (v) => (v ? v.map((u) => number(u, 2)).join(", ") : "0/0");
    read({
      rms: list(found.rms), layer: list(found.layer),
      ratio: number(found.mu / found.sigma, 2), cos: number(found.cos, 3),
    });
    tell(inWords(found));
    stage.replaceChildren(sphere(found));
  }
  return draw;
});

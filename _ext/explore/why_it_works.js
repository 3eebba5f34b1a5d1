/* Why it works: the lead against the shift, as the noise is turned up. */
Explore.start("why_it_works", ({ data, stage, controls, below }) => {
  const { svg, number, colour } = Explore;
  const now = { ...data.start };
  let width = 0;
  let shown = null; // where the points stand while they move

  const doses = () => data.arms.find((a) => a.init === now.init && a.kind === now.kind).doses;
  const dose = () => doses().find((d) => d.noise === now.noise);
  const norm = () => data.kinds[now.kind][0];
  const times = (decades, digits = 2) => {
    const value = 10 ** decades;
    return number(value, value < 10 ? digits : Math.max(digits - 1, 0));
  };
  const range = ([mean, low, high], write) =>
    low === null ? `at most ${write(high)}` : `${write(mean)} [${write(low)}, ${write(high)}]`;

  const radio = (key, label, options) => Explore.choice(controls, {
    name: key, label, value: now[key], options,
    change: (value) => { now[key] = value; limits(); move(); },
  });
  radio("init", "Start", Object.entries(data.inits).map(([value, label]) => ({ value, label })));
  radio("kind", "Who is shaken", Object.entries(data.kinds).map(([value, [, label]]) => ({ value, label })));
  const slider = Explore.slider(controls, {
    name: "noise", label: "noise, in deviations of a channel", min: 0, max: doses().length - 1,
    value: doses().findIndex((d) => d.noise === now.noise), show: (i) => `${doses()[i].noise}`,
    change: (i) => { now.noise = doses()[i].noise; move(); },
  });
  slider.box.style.gridColumn = "1 / -1";

  const read = Explore.facts(below, { shift: "times the plain net’s shift", quick: "times as quick", left: "of the lead is left", rate: "quickest rate" });
  const tell = Explore.teller(below);

  /* Not every noise was measured for every net. */
  function limits() {
    const all = doses().map((d) => d.noise);
    if (!all.includes(now.noise)) now.noise = all[all.length - 1];
    slider.set(all.indexOf(now.noise), { max: all.length - 1 });
  }

  function inWords() {
    const d = dose();
    const [shift, quick] = [10 ** d.shift[0], 10 ** d.quick[0]];
    const who = norm() === "batch" ? "BatchNorm" : "The plain net";
    if (norm() === "none" && !now.noise) return "The plain net itself: it is what all others are measured by.";
    const how = now.noise ? `under noise of ${now.noise}` : "without noise";
    const speed = quick >= 1 ? `${times(d.quick[0], 1)} times as quick as the plain net` : `${number(1 / quick, 1)} times as slow as the plain net`;
    const said = `${who} ${how}: ${times(d.shift[0], 1)} times the plain net’s shift, and ${speed}.`;
    if (norm() === "none") return `${said} Noise costs a net without a norm something too.`;
    if (d.left[0] < 50) return `${said} The lead is gone: so much noise ruins any net.`;
    const lead = `${said} ${number(d.left[0], 0)} % of the lead is left`;
    return shift > 1 ? `${lead}, and the shift is back.` : `${lead}.`;
  }

  function ticks(low, high) {
    return [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100].filter((v) => Math.log10(v) >= low && Math.log10(v) <= high);
  }

  function plane() {
    const [l, r, top, bottom, height] = [40, 14, 26, 42, 360];
    const all = data.arms.flatMap((a) => a.doses.flatMap((d) => d.points));
    const span = (k) => [Math.min(...all.map((p) => p[k])) - 0.12, Math.max(...all.map((p) => p[k])) + 0.12];
    const [[x0, x1], [y0, y1]] = [span(0), span(1)];
    const x = (v) => l + ((v - x0) / (x1 - x0)) * (width - l - r);
    const y = (v) => top + ((y1 - v) / (y1 - y0)) * (height - top - bottom);
    const ink = colour(norm());
    const { marker } = data.techniques[norm()];
    const d = dose();
    const half = Math.max(...data.arms.find((a) => a.init === now.init && a.kind === "channel").doses.filter((e) => !e.noise).map((e) => e.quick[0])) / 2;
    const way = doses().map((e) => `${x(e.shift[0])},${y(e.quick[0])}`).join(" ");
    const finite = (v, other) => (v === null ? other : v);
    const text = (at, up, words, more = {}) => svg("text", { x: at, y: up, class: "nl-muted", ...more }, words);
    return svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Times as quick as the plain net, against times its shift" },
      svg("rect", { x: x(0), y: top, width: width - r - x(0), height: y(half) - top, fill: "var(--nl-faint)" }),
      text(width - r - 6, top + 16, width < 480 ? "yet ahead" : "more shift, and the lead is there", { "text-anchor": "end" }),
      text(0, 14, "times as quick as the plain net"),
      ...ticks(y0, y1).map((v) => text(l - 6, y(Math.log10(v)) + 5, `${v}`, { "text-anchor": "end" })),
      ...ticks(x0, x1).map((v) => text(x(Math.log10(v)), height - 24, `${v}`, { "text-anchor": "middle" })),
      text((l + width - r) / 2, height - 4, "times the plain net’s shift", { "text-anchor": "middle", class: "" }),
      svg("line", { x1: x(0), x2: x(0), y1: top, y2: height - bottom, stroke: "var(--nl-line)" }),
      svg("line", { x1: l, x2: width - r, y1: y(0), y2: y(0), stroke: "var(--nl-line)" }),
      svg("line", { x1: l, x2: width - r, y1: y(half), y2: y(half), class: "nl-radius" }),
      text(l + 4, y(half) + 15, "half the lead"),
      svg("polyline", { points: way, class: "nl-way", style: `stroke:${ink}`, opacity: 0.45 }),
      ...doses().map((e) => svg("circle", { cx: x(e.shift[0]), cy: y(e.quick[0]), r: 3, style: `fill:${ink}` })),
      ...shown.map(([u, v, never]) => Explore.marker(never ? "v" : "o", { "data-net": "", transform: `translate(${x(u).toFixed(2)} ${y(v).toFixed(2)})`, style: `fill:none;stroke:${ink}`, "stroke-width": 1.4 }, 4)),
      svg("line", { x1: x(d.shift[1]), x2: x(d.shift[2]), y1: y(d.quick[0]), y2: y(d.quick[0]), style: `stroke:${ink}`, "stroke-width": 3 }),
      svg("line", { x1: x(d.shift[0]), x2: x(d.shift[0]), y1: y(finite(d.quick[1], y0)), y2: y(finite(d.quick[2], y1)), style: `stroke:${ink}`, "stroke-width": 3 }),
      Explore.marker(marker, { "data-mean": "", transform: `translate(${x(d.shift[0]).toFixed(2)} ${y(d.quick[0]).toFixed(2)})`, style: `fill:${ink};stroke:var(--nl-page)`, "stroke-width": marker === "x" ? 0 : 2 }, 8));
  }

  function move() {
    const from = shown;
    const to = dose().points;
    write();
    Explore.glide(500, (t) => {
      shown = to.map((p, i) => [from[i][0] + t * (p[0] - from[i][0]), from[i][1] + t * (p[1] - from[i][1]), p[2]]);
      stage.replaceChildren(plane());
    });
  }

  function write() {
    const d = dose();
    read({
      shift: range(d.shift, (v) => times(v)), quick: range(d.quick, (v) => times(v)),
      left: d.left ? `${range(d.left, (v) => number(v, 0))} %` : "–",
      rate: `${d.rate}`,
    });
    tell(inWords());
  }

  function draw(w) {
    width = w;
    shown = dose().points;
    write();
    stage.replaceChildren(plane());
  }
  return draw;
});

/* Running statistics: one number for momentum, in two meanings. */
Explore.start("running_statistics", ({ data, stage, controls, below }) => {
  const { el, svg, number } = Explore;
  const READERS = { torch: "PyTorch", keras: "Keras, Flax" };
  const now = {
    reader: "torch",
    momentum: data.start.momentum,
    steps: data.start.steps,
  };
  let width = 0;

  /* What the reader moves by: PyTorch's momentum, or what Keras keeps. */
  const pace = (reader) => (reader === "torch" ? now.momentum : 1 - now.momentum);
  const left = (a, k) => (1 - a) ** k;

  Explore.choice(controls, {
    name: "reader", label: "Who reads the number", value: now.reader,
    options: Object.entries(READERS).map(([value, label]) => ({ value, label })),
    change: (reader) => { now.reader = reader; draw(width); },
  });
  Explore.slider(controls, {
    name: "momentum", label: "momentum", min: 0, max: data.momenta.length - 1,
    value: data.momenta.indexOf(now.momentum), show: (i) => `${data.momenta[i]}`,
    change: (i) => { now.momentum = data.momenta[i]; draw(width); },
  });
  Explore.slider(controls, {
    name: "steps", label: "steps, k", min: 0, max: data.steps.length - 1,
    value: data.steps.indexOf(now.steps), show: (i) => `${data.steps[i]}`,
    change: (i) => { now.steps = data.steps[i]; draw(width); },
  });
  const read = Explore.facts(below, {
    left: "left of the start", a: "a", until: "steps to 1 %",
    mean: "running mean", var: "running variance", xhat: "x̂ of 6 in evaluation",
  });
  const tell = Explore.teller(below);

  const percent = (share) => {
    if (share > 0 && share < 0.00005) return "<\u00a00.01\u00a0%";
    return `${number(100 * share, share > 0.0995 ? 1 : 2)}\u00a0%`;
  };
  /* The first step after which at most a hundredth is left. */
  const until = (a) => Math.max(1, Math.ceil(Math.log(0.01) / Math.log(1 - a) - 1e-9));

  function inWords(a, share) {
    const { momentum, steps } = now;
    const other = now.reader === "torch" ? "keras" : "torch";
    const theirs = left(pace(other), steps);
    const [who, whose] = [now.reader, other].map((r) => READERS[r].split(",")[0]);
    let text = `momentum = ${momentum} in ${who}: each step moves ${percent(a)} of the way. After ${steps === 1 ? "1 step" : `${steps} steps`} ${percent(share)} of the start is left; in ${whose} the same number would leave ${percent(theirs)}.`;
    if (a > 0.85) text += " It remembers the last batch and little else.";
    return text;
  }

  function curves(a) {
    const [l, r, top, bottom, height] = [46, 12, 14, 40, 250];
    const last = data.steps[data.steps.length - 1];
    const x = (k) => l + (Math.log(k) / Math.log(last)) * (width - l - r);
    const y = (share) => height - bottom - share * (height - top - bottom);
    const path = (b) => [...Array(181).keys()].map((i) => {
      const k = Math.exp((i / 180) * Math.log(last));
      return `${x(k).toFixed(1)},${y(left(b, k)).toFixed(1)}`;
    }).join(" ");
    const other = now.reader === "torch" ? "keras" : "torch";
    const dot = { cx: x(now.steps), cy: y(left(a, now.steps)), r: 6, class: "nl-dot" };
    const stays = left(pace(other), now.steps);
    return svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "The share of the start against steps, for both meanings of the number" },
      ...[0, 0.5, 1].flatMap((v) => [
        svg("line", { x1: l, x2: width - r, y1: y(v), y2: y(v), stroke: v ? "var(--nl-faint)" : "var(--nl-line)" }),
        svg("text", { x: l - 6, y: y(v) + 5, "text-anchor": "end", class: "nl-muted" }, `${100 * v} %`)]),
      ...[1, 10, 100, 1000].map((k) => svg("text", { x: x(k), y: height - 22, "text-anchor": "middle", class: "nl-muted" }, `${k}`)),
      svg("text", { x: (l + width - r) / 2, y: height - 4, "text-anchor": "middle" }, "steps"),
      svg("line", { x1: x(now.steps), x2: x(now.steps), y1: y(0), y2: y(1), class: "nl-radius" }),
      svg("polyline", { points: path(pace(other)), class: "nl-curve nl-other" }),
      svg("polyline", { points: path(a), class: "nl-curve" }),
      svg("circle", { cx: x(now.steps), cy: y(stays), r: 4, class: "nl-dot nl-hollow" }),
      svg("circle", dot));
  }

  const key = () => el("ul", { class: "nl-key" }, ...Object.keys(READERS).map((reader) => {
    const look = reader === now.reader ? "nl-curve" : "nl-curve nl-other";
    const line = svg("line", { x1: 0, x2: 34, y1: 7, y2: 7, class: look });
    return el("li", {}, svg("svg", { width: 34, height: 14, viewBox: "0 0 34 14", "aria-hidden": "true" }, line), `${READERS[reader]}: a = ${Number(pace(reader).toFixed(3))}`);
  }));

  function draw(w) {
    width = w;
    const a = pace(now.reader);
    const share = left(a, now.steps);
    const mean = data.mean * (1 - share); // from 0
    const variance = data.kept + (1 - data.kept) * share; // from 1
    read({
      left: percent(share), a: `${Number(a.toFixed(3))}`, until: `${until(a)}`,
      mean: number(mean, 3), var: number(variance, 3),
      xhat: number((data.x - mean) / Math.sqrt(variance + data.eps), 3),
    });
    stage.replaceChildren(curves(a), key());
    tell(inWords(a, share));
  }
  return draw;
});

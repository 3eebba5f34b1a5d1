/* What is a norm for? Curves that are predicted, points that are measured. */
Explore.start("what_for", ({ data, stage, controls, below }) => {
  const { el, svg, number, colour } = Explore;
  const now = { ...data.start, back: data.back[data.back.length - 1] };
  let width = 0;
  const name = (norm) => data.techniques[norm].name;
  const arm = (norm) => data.arms.find((a) => a.norm === norm && a.act === now.act && a.init === now.init);

  const radio = (key, label, options) => Explore.choice(controls, {
    name: key, label, value: now[key], options,
    change: (value) => { now[key] = value; draw(width); },
  });
  radio("act", "Activation", Object.entries(data.acts).map(([value, label]) => ({ value, label })));
  radio("init", "Initialization", [["default", "PyTorch’s default"], ["scaled", "scaled (He’s for ReLU)"]].map(([value, label]) => ({ value, label })));
  radio("norm", "Norm", data.norms.map((value) => ({ value, label: name(value), marker: data.techniques[value].marker })));
  const slider = Explore.slider(controls, {
    name: "back", label: "layers back from the last", min: 0, max: data.back.length - 1,
    value: data.back.length - 1, show: (i) => `${data.back[i]}`,
    change: (i) => { now.back = data.back[i]; draw(width); },
  });
  slider.box.style.gridColumn = "1 / -1";

  const cells = {};
  below.append(el("table", { class: "nl-sum" },
    el("thead", {}, el("tr", {}, ...["decades", "theory", "measured"].map((t) => el("th", { scope: "col" }, t)))),
    el("tbody", {}, ...data.norms.map((norm) => {
      cells[norm] = ["predicted", "measured"].map((kind) => el("td", { "data-read": `${kind}-${norm}` }));
      return el("tr", {}, el("th", { scope: "row" },
        svg("svg", { width: 18, height: 14, viewBox: "-9 -7 18 14", "aria-hidden": "true" }, mark(norm)), name(norm)), ...cells[norm]);
    }))));
  const tell = Explore.teller(below);

  function mark(norm, more = {}) {
    const shape = data.techniques[norm].marker;
    return Explore.marker(shape, { fill: shape === "x" ? "none" : colour(norm), stroke: colour(norm), "stroke-width": shape === "x" ? 2.5 : 0, ...more });
  }

  function inWords() {
    const found = arm(now.norm);
    const value = found.predicted[now.back];
    const [seen] = found.measured[now.back];
    const limit = data.healthy;
    const fate = value < -limit ? "vanishes" : value > limit ? "explodes" : "survives";
    return `${data.acts[now.act]}, ${now.init === "default" ? "PyTorch’s weights" : "scaled weights"}, ${name(now.norm)}: ${now.back} layers back the gradient ${fate}. Its size has changed by ${number(value, 1)} powers of ten as predicted, and by ${number(seen, 1)} as measured.`;
  }

  function ticks(low, high) {
    const step = [1, 2, 5, 10].find((s) => (high - low) / s <= 6) || 10;
    const first = Math.ceil(low / step);
    return [...Array(Math.floor(high / step) - first + 1).keys()].map((i) => (first + i) * step);
  }

  function curves() {
    const [l, r, top, bottom, height] = [40, 12, 24, 40, 320];
    const arms = data.norms.map(arm);
    const all = arms.flatMap((a) => [...a.predicted, ...Object.values(a.measured).flat()]);
    const limit = data.healthy;
    const low = Math.min(...all, -limit) - 0.7;
    const high = Math.max(...all, limit) + 0.7;
    const last = arms[0].predicted.length - 1;
    const x = (d) => l + (d / last) * (width - l - r);
    const y = (v) => top + ((high - v) / (high - low)) * (height - top - bottom);
    /* The chosen norm comes last, over the others. */
    const order = [...arms].sort((a, b) => (a.norm === now.norm) - (b.norm === now.norm));
    return svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "The change of the gradient against the layers that it has gone back" },
      svg("rect", { x: l, y: y(limit), width: width - l - r, height: y(-limit) - y(limit), fill: "var(--nl-faint)" }),
      svg("text", { x: 0, y: 14, class: "nl-muted" }, "change of the gradient (decades)"),
      ...ticks(low, high).flatMap((v) => [
        svg("line", { x1: l, x2: width - r, y1: y(v), y2: y(v), stroke: v ? "var(--nl-faint)" : "var(--nl-line)" }),
        svg("text", { x: l - 6, y: y(v) + 5, "text-anchor": "end", class: "nl-muted" }, number(v, 0))]),
      ...[0, ...data.back].map((d) => svg("text", { x: x(d), y: height - 22, "text-anchor": "middle", class: "nl-muted" }, `${d}`)),
      svg("text", { x: (l + width - r) / 2, y: height - 4, "text-anchor": "middle" }, "layers back from the last"),
      svg("line", { x1: x(now.back), x2: x(now.back), y1: top, y2: height - bottom, class: "nl-radius" }),
      ...order.flatMap((a) => {
        const chosen = a.norm === now.norm;
        const points = a.predicted.map((v, d) => `${x(d).toFixed(2)},${y(v).toFixed(2)}`).join(" ");
        return [
          svg("polyline", { points, class: "nl-way", "data-way": a.norm, style: `stroke:${colour(a.norm)}`, "stroke-dasharray": data.techniques[a.norm].dash, "stroke-width": chosen ? 3.5 : 1.8, opacity: chosen ? 1 : 0.8 }),
          ...Object.entries(a.measured).flatMap(([d, [mean, from, to]]) => [
            svg("line", { x1: x(d), x2: x(d), y1: y(from), y2: y(to), style: `stroke:${colour(a.norm)}`, "stroke-width": 1.6 }),
            mark(a.norm, { "data-point": a.norm, "data-back": d, transform: `translate(${x(d).toFixed(2)} ${y(mean).toFixed(2)})${chosen ? "" : " scale(0.8)"}` })]),
        ];
      }));
  }

  function draw(w) {
    width = w;
    for (const norm of data.norms) {
      const found = arm(norm);
      const [mean, low, high] = found.measured[now.back];
      cells[norm][0].textContent = number(found.predicted[now.back], 2);
      cells[norm][1].replaceChildren(`${number(mean, 2)} `, el("span", {}, `[${number(low, 2)}, ${number(high, 2)}]`));
    }
    stage.replaceChildren(curves());
    tell(inWords());
  }
  return draw;
});

/* Placement: the gradient along the stream, predicted and measured. */
Explore.start("placement", ({ data, stage, controls, below }) => {
  const { svg, number, colour } = Explore;
  const now = { ...data.start };
  let width = 0;
  const arm = () => data.arms.find((a) => a.net === now.net && a.depth === now.depth);
  const ink = () => (now.net.startsWith("no norm") ? "none" : "layer");
  const all = data.arms.flatMap((a) => [...a.way, ...Object.values(a.measured).flat()]);
  const [low, high] = [Math.min(...all) - 0.2, Math.max(...all) + 0.2];

  Explore.choice(controls, {
    name: "net", label: "Norm", value: now.net,
    options: Object.entries(data.nets).map(([value, label]) => ({ value, label })),
    change: (value) => { now.net = value; draw(width); },
  }).box.style.gridColumn = "1 / -1";
  Explore.slider(controls, {
    name: "depth", label: "blocks", min: 0, max: data.depths.length - 1,
    value: data.depths.indexOf(now.depth), show: (i) => `${data.depths[i]}`,
    change: (i) => { now.depth = data.depths[i]; draw(width); },
  }).box.style.gridColumn = "1 / -1";
  const read = Explore.facts(below, {
    predicted: "first over last, predicted (decades)", measured: "measured",
    stream: "variance behind the last, predicted", seen: "measured",
  });
  const tell = Explore.teller(below);

  const times = (decades) => {
    const size = 10 ** Math.abs(decades);
    const said = number(size, size < 10 ? 1 : 0);
    if (size < 1.05) return "as large as";
    return `${said} times as ${decades < 0 ? "small" : "large"} as`;
  };

  function inWords() {
    const found = arm();
    const [mean] = found.measured[0];
    const far = Math.abs(mean - found.way[0]) > 0.5;
    return `${data.nets[now.net]}, ${now.depth} blocks: in front of the first sublayer the gradient is ${times(mean)} behind the last${far ? ", far from what the product predicts" : ""}.`;
  }

  function plane() {
    const [l, r, top, bottom, height] = [44, 14, 24, 42, 330];
    const found = arm();
    const last = found.way.length - 1;
    const x = (k) => l + (k / last) * (width - l - r);
    const y = (v) => top + ((high - v) / (high - low)) * (height - top - bottom);
    const points = found.way.map((v, k) => `${x(k).toFixed(2)},${y(v).toFixed(2)}`).join(" ");
    const { marker } = data.techniques[ink()];
    const cross = marker === "x";
    const grid = [...Array(Math.floor(high) - Math.ceil(low) + 1).keys()].map((i) => Math.ceil(low) + i);
    return svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Size of the gradient against the sublayers that the stream has passed" },
      svg("text", { x: 0, y: 14, class: "nl-muted" }, "gradient over that at the end (decades)"),
      ...grid.flatMap((v) => [
        svg("line", { x1: l, x2: width - r, y1: y(v), y2: y(v), stroke: v ? "var(--nl-faint)" : "var(--nl-line)" }),
        svg("text", { x: l - 6, y: y(v) + 5, "text-anchor": "end", class: "nl-muted" }, number(v, 0))]),
      ...[0, last / 2, last].map((k) => svg("text", { x: x(k), y: height - 24, "text-anchor": "middle", class: "nl-muted" }, `${k}`)),
      svg("text", { x: (l + width - r) / 2, y: height - 4, "text-anchor": "middle" }, "sublayers that the stream has passed"),
      svg("polyline", { points, class: "nl-way", "data-way": "", style: `stroke:${colour(ink())}`, "stroke-width": 2.5 }),
      ...Object.entries(found.measured).flatMap(([k, [mean, from, to]]) => [
        svg("line", { x1: x(k), x2: x(k), y1: y(from), y2: y(to), style: `stroke:${colour(ink())}`, "stroke-width": 2 }),
        Explore.marker(marker, { "data-point": k, transform: `translate(${x(k).toFixed(2)} ${y(mean).toFixed(2)})`, style: `fill:${cross ? "none" : colour(ink())};stroke:${colour(ink())}`, "stroke-width": cross ? 2.5 : 0 }, 5.5)]));
  }

  function draw(w) {
    width = w;
    const found = arm();
    const [mean, from, to] = found.measured[0];
    read({
      predicted: number(found.way[0]), measured: `${number(mean)} [${number(from)}, ${number(to)}]`,
      stream: number(found.variance[0], 1), seen: number(found.variance[1], 1),
    });
    stage.replaceChildren(plane());
    tell(inWords());
  }
  return draw;
});

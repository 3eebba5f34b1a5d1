/* One backward: move g and x̂, see what P = I − 11ᵀ/m − x̂x̂ᵀ/m leaves. */
Explore.start("one_backward", ({ data, stage, controls, below }) => {
  const { el, svg, number } = Explore;
  const M = 3;
  const LIMIT = 1; // |g_i| at most
  const LONG = data.long; // gradients are drawn so many times as long
  const [E1, E2] = data.plane;
  const now = { angle: data.angle, sigma: data.sigma, g: [...data.g] };
  const dot = (a, b) => a.reduce((sum, v, i) => sum + v * b[i], 0);
  const flat = (v) => [dot(E1, v), dot(E2, v)];
  const lift = ([a, b]) => E1.map((v, i) => a * v + b * E2[i]);

  function compute() {
    const turn = (now.angle * Math.PI) / 180;
    const xhat = lift([Math.cos(turn) * Math.sqrt(M), Math.sin(turn) * Math.sqrt(M)]);
    const mean = now.g.reduce((a, b) => a + b, 0) / M;
    const along = dot(now.g, xhat) / M;
    const ones = now.g.map(() => mean);
    const radial = xhat.map((v) => v * along);
    const passed = now.g.map((v, i) => v - ones[i] - radial[i]);
    return { xhat, mean, ones, radial, passed, dx: passed.map((v) => v / now.sigma) };
  }

  const sliders = now.g.map((value, i) => Explore.slider(controls, {
    name: `g${i + 1}`, label: `g${"₁₂₃"[i]}`, min: -LIMIT, max: LIMIT, step: 0.1, value,
    show: (v) => number(v, 1),
    change: (v) => { now.g[i] = v; update(); },
  }));
  const turning = Explore.slider(controls, {
    name: "angle", label: "angle of x̂", min: 0, max: 359, value: now.angle,
    show: (v) => `${number(v, 0)}°`,
    change: (v) => { now.angle = v; update(); },
  });
  const spread = Explore.slider(controls, {
    name: "sigma", label: "σ of the set", min: 0.5, max: 4, step: 0.1, value: now.sigma,
    show: (v) => number(v, 1),
    change: (v) => { now.sigma = v; update(); },
  });
  const buttons = el("div", { class: "nl-buttons" });
  controls.append(buttons);
  const preset = (name, label, change) => {
    const button = el("button", { type: "button", "data-control": name }, label);
    button.addEventListener("click", () => { change(); settle(); });
    buttons.append(button);
  };
  preset("example", "the example by hand", () => {
    Object.assign(now, { angle: data.angle, sigma: data.sigma, g: [...data.g] });
  });
  preset("shift", "g asks for a shift", () => { now.g = [0.6, 0.6, 0.6]; });
  preset("stretch", "g asks for a stretch", () => { now.g = compute().xhat.map((v) => 0.6 * v); });

  /* A table that adds up: g − its mean − its part along x̂ = P g. */
  const ROWS = {
    xhat: ["x̂", ""], g: ["g", "nl-g"], ones: ["− its mean", "nl-taken"],
    radial: ["− along x̂", "nl-taken"], passed: ["= P g", "nl-passes"],
    dx: ["÷ σ = dx", ""],
  };
  const cells = {};
  const table = el("table", { class: "nl-sum" },
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "value"),
      ...[1, 2, 3].map((i) => el("th", { scope: "col" }, `${i}`)))),
    el("tbody", {}, ...Object.entries(ROWS).map(([key, [label, look]]) => {
      const swatch = look ? svg("svg", { width: 22, height: 8, viewBox: "0 0 22 8", "aria-hidden": "true" }, svg("line", { x1: 1, x2: 21, y1: 4, y2: 4, class: look })) : null;
      cells[key] = [0, 1, 2].map((i) => el("td", { "data-read": `${key}${i + 1}` }));
      return el("tr", {}, el("th", { scope: "row" }, swatch, label), ...cells[key]);
    })));
  const bar = el("div", { class: "nl-shares", "aria-hidden": "true" });
  below.append(bar, table);
  const tell = Explore.teller(below);

  /* After a jump the sliders follow; while one is moved it leads. */
  function settle() {
    now.g.forEach((v, i) => sliders[i].set(v));
    turning.set(Math.round(now.angle) % 360);
    spread.set(now.sigma);
    update();
  }

  let scene = null;
  function update() {
    const found = compute();
    for (const key of Object.keys(ROWS)) {
      const values = key === "g" ? now.g : found[key];
      values.forEach((v, i) => { cells[key][i].textContent = number(v, 3); });
    }
    const whole = dot(now.g, now.g);
    const share = (v) => (whole ? (100 * dot(v, v)) / whole : 0);
    const parts = [["ones", "1:"], ["radial", "x̂:"], ["passed", "passes"]];
    bar.replaceChildren(...parts.map(([key, label]) => el("span", {
      class: `nl-share nl-share-${key}`, style: `flex-grow:${share(found[key])}`,
    }, share(found[key]) > 14 ? `${label} ${number(share(found[key]), 0)} %` : "")));
    tell(inWords(found, share));
    if (scene) scene(found);
  }

  function inWords(found, share) {
    const [mean, radial, passes] = [found.ones, found.radial, found.passed].map(share);
    if (!dot(now.g, now.g)) return "g is 0: there is nothing to pass.";
    const of = `Of the squared length of g, ${number(mean, 0)} % goes with the mean and ${number(radial, 0)} % with x̂; ${number(passes, 0)} % passes.`;
    if (passes < 0.5) return `${of} This g asks for nothing but what the norm undoes, and dx is 0.`;
    return `${of} Divided by σ = ${number(now.sigma, 2)} it is dx, whose sum and whose product with x̂ are 0.`;
  }

  function draw(width) {
    const gauge = 58;
    const height = Math.min(width - gauge, 420);
    const unit = height / 2 / 2.8;
    const [ox, oy] = [(width - gauge) / 2, height / 2];
    const to = ([a, b]) => [ox + unit * a, oy - unit * b];
    const drawing = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": "The plane of three values with mean 0" });
    const arrow = (look) => {
      const put = Explore.arrow(drawing, look);
      return (a, b) => put(to(a), to(b));
    };
    const thin = (look) => {
      const line = svg("line", { class: look });
      drawing.append(line);
      return (a, b) => {
        const [[x1, y1], [x2, y2]] = [to(a), to(b)];
        for (const [k, v] of Object.entries({ x1, y1, x2, y2 })) line.setAttribute(k, v);
      };
    };
    drawing.append(svg("circle", { cx: ox, cy: oy, r: unit * Math.sqrt(M), class: "nl-circle" }));
    const [radius, left] = [thin("nl-radius"), thin("nl-copy")];
    const [taken, arrives, passes] = [arrow("nl-taken"), arrow("nl-g"), arrow("nl-passes")];
    /* The gauge: the part along 1, its length √m times the mean. */
    const gx = width - gauge / 2;
    const ones = svg("line", { class: "nl-taken", x1: gx, x2: gx, y1: oy });
    drawing.append(
      svg("line", { class: "nl-radius", x1: gx, x2: gx, y1: oy - unit * 2.4, y2: oy + unit * 2.6 }),
      svg("line", { class: "nl-circle", x1: gx - 9, x2: gx + 9, y1: oy, y2: oy }), ones,
      svg("text", { x: gx, y: oy - unit * 2.4 - 8, "text-anchor": "middle" }, "along 1"));
    const names = ["x̂", "g", "P g"].map((name) => svg("text", { "text-anchor": "middle", class: "nl-strong" }, name));
    drawing.append(...names);

    const handle = (name, label, limits, keys, move) => Explore.handle(drawing, {
      name, label, limits, keys, then: settle,
      move: (px, py) => move([(px - ox) / unit, (oy - py) / unit]),
    });
    const spin = (by) => () => { now.angle = (Math.round(now.angle) + by + 360) % 360; };
    const round = (v) => Math.min(LIMIT, Math.max(-LIMIT, Math.round(v * 100) / 100));
    const nudge = (a, b) => () => { now.g = lift([a, b]).map((v, i) => round(v + now.g[i])); };
    const tip = handle("g", "Tip of g in the plane", { "aria-valuemin": 0, "aria-valuemax": 2 },
      { ArrowLeft: nudge(-0.1, 0), ArrowRight: nudge(0.1, 0), ArrowUp: nudge(0, 0.1), ArrowDown: nudge(0, -0.1) },
      (point) => {
        const { mean } = compute();
        now.g = lift(point.map((v) => v / LONG)).map((v) => round(v + mean));
      });
    const hat = handle("xhat", "Direction of x̂, in degrees", { "aria-valuemin": 0, "aria-valuemax": 359 },
      { ArrowLeft: spin(5), ArrowUp: spin(5), ArrowRight: spin(-5), ArrowDown: spin(-5) },
      (point) => { now.angle = (Math.round((Math.atan2(point[1], point[0]) * 180) / Math.PI) + 360) % 360; });

    /* At the middle g and its part along x̂; at x̂ itself, on the circle,
       what is left: it runs along the circle. */
    scene = ({ xhat, mean, radial, passed }) => {
      const at = flat(xhat);
      const [g, gone, kept] = [now.g, radial, passed].map((v) => flat(v).map((u) => LONG * u));
      const add = (a, b) => [a[0] + b[0], a[1] + b[1]];
      radius([0, 0], at);
      arrives([0, 0], g);
      taken([0, 0], gone);
      left(gone, g);
      passes(at, add(at, kept));
      const place = (node, [x, y]) => node.setAttribute("transform", `translate(${x} ${y})`);
      place(hat, to(at));
      place(tip, to(g));
      const aside = (p, [dx, dy], by) => {
        const far = Math.hypot(dx, dy) || 1;
        const [x, y] = to(p);
        return [x + (by * dx) / far, y - (by * dy) / far + 5];
      };
      place(names[0], aside(at, at, 24));
      place(names[1], aside(g, g[0] || g[1] ? g : [0, 1], 24));
      place(names[2], aside(add(at, kept), kept, 20));
      names[2].setAttribute("visibility", Math.hypot(...kept) < 0.25 ? "hidden" : "visible");
      ones.setAttribute("y2", oy - unit * LONG * Math.sqrt(M) * mean);
      const list = (v) => `(${v.map((u) => number(u, 2)).join(", ")})`;
      hat.setAttribute("aria-valuenow", Math.round(now.angle) % 360);
      hat.setAttribute("aria-valuetext", `${Math.round(now.angle) % 360} degrees, x̂ = ${list(xhat)}`);
      tip.setAttribute("aria-valuenow", number(Math.hypot(...flat(now.g)), 2));
      tip.setAttribute("aria-valuetext", `g = ${list(now.g)}`);
    };
    stage.replaceChildren(drawing);
    update();
  }
  return draw;
});

/* Weight norm on a plane: v, its step at a right angle, and w. */
Explore.start("length_and_direction", ({ data, stage, controls, below }) => {
  const { el, svg, number } = Explore;
  const LEAST = 1.5, MOST = 3.5; // of ‖v‖
  const start = { length: data.length, angle: data.angle, g: data.g, turn: data.turn, rate: data.rate };
  const now = { ...start };
  const dot = (a, b) => a[0] * b[0] + a[1] * b[1];
  const add = (a, b, s = 1) => [a[0] + s * b[0], a[1] + s * b[1]];
  const times = (a, s) => [a[0] * s, a[1] * s];
  const away = (degrees) => [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const degrees = ([x, y]) => ((Math.atan2(y, x) * 180) / Math.PI + 360) % 360;

  function compute() {
    const hat = away(now.angle);
    const v = times(hat, now.length);
    const dw = times(away(now.turn), data.long);
    const dg = dot(dw, hat);
    const dv = times(add(dw, hat, -dg), now.g / now.length);
    const after = add(v, dv, -now.rate);
    const long = Math.hypot(...after);
    const gafter = now.g - now.rate * dg;
    return {
      hat, v, w: times(hat, now.g), dw, dg, dv, after, long, gafter,
      wafter: times(after, gafter / long),
      pull: add(v, dw, (-now.rate * now.g) / now.length),
      angle: (Math.atan2(now.rate * Math.hypot(...dv), now.length) * 180) / Math.PI,
    };
  }

  const sliders = {
    length: ["length of v", LEAST, MOST, 0.1, (v) => number(v, 1)],
    angle: ["angle of v", 0, 359, 1, (v) => `${number(v, 0)}°`],
    g: ["g", 0.5, 1.5, 0.1, (v) => number(v, 1)],
    turn: ["angle of ∇w", 0, 359, 1, (v) => `${number(v, 0)}°`],
    rate: ["rate η", 0, 1, 0.1, (v) => number(v, 1)],
  };
  for (const [name, [label, min, max, step, show]] of Object.entries(sliders)) {
    sliders[name] = Explore.slider(controls, {
      name, label, min, max, step, value: now[name], show,
      change: (v) => { now[name] = v; update(); },
    });
  }
  const settle = () => {
    for (const name of Object.keys(sliders)) sliders[name].set(now[name]);
    update();
  };
  const buttons = el("div", { class: "nl-buttons" });
  controls.append(buttons);
  const button = (name, label, change) => {
    const made = el("button", { type: "button", "data-control": name }, label);
    made.addEventListener("click", () => { change(compute()); settle(); });
    buttons.append(made);
    return made;
  };
  const go = button("step", "take the step of v", ({ after, long }) => {
    if (long <= MOST) Object.assign(now, { length: long, angle: degrees(after) });
  });
  button("again", "from the start", () => Object.assign(now, start));

  const read = Explore.facts(below, {
    before: "‖v‖", long: "‖v‖ after the step", right: "v · ∇v",
    angle: "v turns by", gafter: "g after the step",
  });
  const ROWS = {
    v: ["v", "nl-g"], dw: ["∇w", "nl-taken"], dv: ["∇v", "nl-step"],
    after: ["v after", "nl-after"], w: ["w", ""], wafter: ["w after", ""],
  };
  const cells = {};
  below.append(el("table", { class: "nl-sum" },
    el("thead", {}, el("tr", {}, ...["vector", "across", "up"].map((name) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, ...Object.entries(ROWS).map(([key, [label, look]]) => {
      cells[key] = [1, 2].map((i) => el("td", { "data-read": `${key}${i}` }));
      const mark = look ? svg("svg", { width: 22, height: 8, "aria-hidden": "true" },
        svg("line", { class: look, x1: 0, x2: 22, y1: 4, y2: 4 })) : null;
      return el("tr", {}, el("th", { scope: "row" }, mark, label), ...cells[key]);
    }))));
  const tell = Explore.teller(below);

  function inWords({ dv, dg, long, gafter, angle }) {
    const g = `The gradient's part along v goes to g, which becomes ${number(gafter, 2)}.`;
    if (!now.rate) return "At rate 0 nothing moves.";
    if (Math.hypot(...dv) < 5e-3) return `${g} Nothing is left for v: the gradient lies along it.`;
    if (Math.abs(dg) < 5e-3) return `The gradient is at a right angle to v, and g stays. v turns by ${number(angle, 1)}° and is ${number(long - now.length, 2)} longer.`;
    return `${g} What is left turns v by ${number(angle, 1)}° and makes it ${number(long - now.length, 2)} longer.`;
  }

  let scene = null;
  function update() {
    const found = compute();
    for (const key of Object.keys(ROWS)) {
      found[key].forEach((v, i) => { cells[key][i].textContent = number(v, 3); });
    }
    read({
      before: number(now.length, 3), long: number(found.long, 3),
      right: number(dot(found.v, found.dv), 3), angle: `${number(found.angle, 1)}°`,
      gafter: number(found.gafter, 3),
    });
    go.disabled = found.long > MOST;
    tell(inWords(found));
    if (scene) scene(found);
  }

  function draw(width) {
    const height = Math.min(width, 480);
    const unit = height / 2 / 4.8;
    const [ox, oy] = [width / 2, height / 2];
    const to = ([a, b]) => [ox + unit * a, oy - unit * b];
    const drawing = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": "The plane of the two weights" });
    const ring = (look) => {
      const circle = svg("circle", { cx: ox, cy: oy, class: look });
      drawing.append(circle);
      return (r) => circle.setAttribute("r", unit * r);
    };
    const arrow = (look) => {
      const put = Explore.arrow(drawing, look);
      return (a, b) => put(to(a), to(b));
    };
    const [circle, rim] = [ring("nl-circle"), ring("nl-rim")];
    const side = svg("line", { class: "nl-radius" });
    drawing.append(side);
    const [own, pulls, after, step] = ["nl-g", "nl-taken", "nl-after", "nl-step"].map(arrow);
    const dots = ["nl-old", "nl-new"].map((look) => svg("circle", { r: 6, class: look }));
    const names = ["v", "v after", "w"].map((name) => svg("text", { "text-anchor": "middle", class: "nl-strong" }, name));
    drawing.append(...dots, ...names);

    const handle = (name, label, keys, move) => Explore.handle(drawing, {
      name, label, keys, r: 5, then: settle,
      move: (px, py) => move([(px - ox) / unit, (oy - py) / unit]),
    });
    const kept = (v) => Math.min(MOST, Math.max(LEAST, Math.round(v * 10) / 10));
    const spin = (name, by) => () => { now[name] = (Math.round(now[name]) + by + 360) % 360; };
    const stretch = (by) => () => { now.length = kept(now.length + by); };
    const whole = (v) => Math.round(degrees(v)) % 360;
    const grad = handle("gradient", "Angle of the gradient of w",
      { ArrowLeft: spin("turn", 5), ArrowUp: spin("turn", 5), ArrowRight: spin("turn", -5), ArrowDown: spin("turn", -5) },
      (point) => { now.turn = whole(add(compute().v, point, -1)); });
    const tip = handle("v", "Tip of v: left and right turn it, up and down stretch it",
      { ArrowLeft: spin("angle", 5), ArrowRight: spin("angle", -5), ArrowUp: stretch(0.1), ArrowDown: stretch(-0.1) },
      (point) => { Object.assign(now, { length: kept(Math.hypot(...point)), angle: whole(point) }); });

    scene = (found) => {
      circle(now.length);
      rim(now.g);
      own([0, 0], found.v);
      pulls(found.v, found.pull);
      after([0, 0], found.after);
      step(found.v, found.after);
      const [[x1, y1], [x2, y2]] = [to(found.pull), to(found.after)];
      for (const [k, v] of Object.entries({ x1, y1, x2, y2 })) side.setAttribute(k, v);
      const place = (node, [x, y]) => node.setAttribute("transform", `translate(${x} ${y})`);
      place(dots[0], to(found.w));
      place(dots[1], to(found.wafter));
      place(tip, to(found.v));
      place(grad, to(found.pull));
      const beside = (p, by, turn) => {
        const far = Math.hypot(...p) || 1;
        const [x, y] = to(p);
        const [a, b] = [p[0] / far, p[1] / far];
        return [x + by * (a - turn * b), y - by * (b + turn * a) + 5];
      };
      /* The names stand on the far side of the step. */
      const aside = dot(add(found.after, found.v, -1), [-found.hat[1], found.hat[0]]) > 0 ? -1 : 1;
      place(names[0], beside(found.v, 14, aside));
      place(names[1], beside(found.after, 20, -aside));
      place(names[2], beside(found.w, 12, 1.4 * aside));
      names[1].setAttribute("visibility", Math.hypot(...add(found.after, found.v, -1)) < 0.15 ? "hidden" : "visible");
      const set = (node, limits) => Object.entries(limits).forEach(([k, v]) => node.setAttribute(k, v));
      set(tip, { "aria-valuemin": LEAST, "aria-valuemax": MOST, "aria-valuenow": number(now.length, 2),
        "aria-valuetext": `v is ${number(now.length, 2)} long, at ${number(now.angle, 0)} degrees` });
      set(grad, { "aria-valuemin": 0, "aria-valuemax": 359, "aria-valuenow": Math.round(now.turn) % 360,
        "aria-valuetext": `${Math.round(now.turn) % 360} degrees` });
    };
    stage.replaceChildren(drawing);
    update();
  }
  return draw;
});

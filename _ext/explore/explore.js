/* The library of the explorables: controls, SVG, numbers, words. */
const Explore = (() => {
  const NS = "http://www.w3.org/2000/svg";
  let count = 0;

  function fill(node, attributes, children) {
    for (const [key, value] of Object.entries(attributes || {})) {
      if (value !== undefined && value !== null) node.setAttribute(key, value);
    }
    node.append(...children.filter((c) => c !== null));
    return node;
  }
  const el = (tag, attributes, ...children) =>
    fill(document.createElement(tag), attributes, children);
  const svg = (tag, attributes, ...children) =>
    fill(document.createElementNS(NS, tag), attributes, children);

  /* A number as the book prints it: a true minus, and no minus zero. */
  function number(value, digits = 2) {
    if (!Number.isFinite(value)) return "–";
    const text = value.toFixed(digits);
    return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
  }

  /* matplotlib's marker of a technique, as a path around (0, 0). */
  const MARKS = {
    o: (r) => `M${r},0A${r},${r} 0 1 1 ${-r},0A${r},${r} 0 1 1 ${r},0Z`,
    s: (r) => `M${-r},${-r}H${r}V${r}H${-r}Z`,
    "^": (r) => `M0,${-r}L${r},${r}H${-r}Z`,
    v: (r) => `M0,${r}L${r},${-r}H${-r}Z`,
    D: (r) => `M0,${-1.3 * r}L${1.3 * r},0L0,${1.3 * r}L${-1.3 * r},0Z`,
    P: (r) => `M${-r / 2.5},${-r}h${r / 1.25}v${r * 0.6}h${r * 0.6}v${r / 1.25}h${-r * 0.6}v${r * 0.6}h${-r / 1.25}v${-r * 0.6}h${-r * 0.6}v${-r / 1.25}h${r * 0.6}Z`,
    x: (r) => `M${-r},${-r}L${r},${r}M${r},${-r}L${-r},${r}`,
  };
  function marker(shape, attributes, r = 5) {
    const line = shape === "x" ? { fill: "none" } : {};
    return svg("path", { d: MARKS[shape](r), ...line, ...attributes });
  }
  const colour = (technique) => `var(--nl-ink-${technique})`;

  /* A range with its label and its value; `show` writes the value. */
  function slider(host, about) {
    const id = `nl-range-${++count}`;
    const show = about.show || String;
    const input = el("input", {
      type: "range", id, min: about.min, max: about.max,
      step: about.step || 1, value: about.value, "data-control": about.name,
    });
    const output = el("output", { for: id });
    const box = el("div", { class: "nl-control" },
      el("label", { for: id }, about.label), output, input);
    function write() {
      output.textContent = show(Number(input.value));
      input.setAttribute("aria-valuetext", show(Number(input.value)));
    }
    input.addEventListener("input", () => {
      write();
      about.change(Number(input.value));
    });
    write();
    host.append(box);
    return {
      input, box,
      set(value, limits = {}) {
        fill(input, limits, []);
        input.value = value;
        write();
      },
    };
  }

  /* Radio buttons; an option may be a technique, with its marker. */
  function choice(host, about) {
    const group = `nl-choice-${++count}`;
    const inputs = about.options.map((option) => {
      const input = el("input", {
        type: "radio", name: group, value: option.value,
        "data-control": about.name,
      });
      input.checked = option.value === about.value;
      input.addEventListener("change", () => about.change(option.value));
      return [option, input];
    });
    const box = el("fieldset", { class: "nl-choice" },
      el("legend", {}, about.label),
      ...inputs.map(([option, input]) => el("label", {}, input,
        option.marker
          ? svg("svg", { width: 16, height: 16, viewBox: "-8 -8 16 16", "aria-hidden": "true" },
            marker(option.marker, { fill: colour(option.value), stroke: colour(option.value), "stroke-width": option.marker === "x" ? 2 : 0 }))
          : null,
        option.label)));
    host.append(box);
    return {
      box,
      set(value) {
        for (const [option, input] of inputs) input.checked = option.value === value;
      },
    };
  }

  /* Numbers to read, each with its letter. `set({m: 3})` writes them. */
  function facts(host, letters) {
    const cells = {};
    const list = el("dl", { class: "nl-read" }, ...Object.entries(letters).map(
      ([key, label]) => el("div", {}, el("dt", {}, label),
        (cells[key] = el("dd", { "data-read": key })))));
    host.append(list);
    return (values) => {
      for (const [key, value] of Object.entries(values)) cells[key].textContent = value;
    };
  }

  /* One line that says what is seen. Those who listen hear it once the
     hand rests, and not at every step; nobody hears the first. */
  function teller(host) {
    const seen = el("p", { class: "nl-told", "data-read": "told" });
    const heard = el("p", { class: "nl-heard", role: "status", "aria-live": "polite" });
    host.append(seen, heard);
    let timer = null;
    return (text) => {
      const first = seen.textContent === "";
      seen.textContent = text;
      clearTimeout(timer);
      if (!first) timer = setTimeout(() => { heard.textContent = text; }, 500);
    };
  }

  /* Where the pointer is on the drawing, in its own units. */
  function at(drawing, event) {
    const box = drawing.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  /* A handle that follows a mouse, a finger or a pen. */
  function drag(handle, drawing, move) {
    handle.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      handle.focus();
      handle.setPointerCapture(event.pointerId);
    });
    handle.addEventListener("pointermove", (event) => {
      if (handle.hasPointerCapture(event.pointerId)) move(...at(drawing, event));
    });
  }

  /* An arrow on the drawing; what it returns puts it from a to b. */
  function arrow(drawing, look) {
    const shaft = svg("line", { class: look });
    const head = svg("path", { class: `${look} nl-head` });
    drawing.append(shaft, head);
    return ([x1, y1], [x2, y2]) => {
      const far = Math.hypot(x2 - x1, y2 - y1);
      const [ux, uy] = far > 1 ? [(x2 - x1) / far, (y2 - y1) / far] : [0, 0];
      const size = Math.min(9, far / 2);
      fill(shaft, { x1, y1, x2: x2 - ux * size, y2: y2 - uy * size }, []);
      head.setAttribute("d", `M${x2},${y2}l${-size * (1.4 * ux - 0.6 * uy)},${-size * (1.4 * uy + 0.6 * ux)}l${-size * 1.2 * uy},${size * 1.2 * ux}Z`);
    };
  }

  /* A handle with its keys; `move` gets the pointer in the drawing's
     units, and `then` is called after either. */
  function handle(drawing, about) {
    const node = svg("g", { role: "slider", tabindex: 0, class: "nl-handle", "aria-label": about.label, "data-handle": about.name, ...about.limits },
      svg("circle", { r: 18, class: "nl-grip" }), svg("circle", { r: about.r || 7 }));
    node.addEventListener("keydown", (event) => {
      if (!(event.key in about.keys)) return;
      event.preventDefault();
      about.keys[event.key]();
      about.then();
    });
    drag(node, drawing, (x, y) => {
      about.move(x, y);
      about.then();
    });
    drawing.append(node);
    return node;
  }

  const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

  /* Go from 0 to 1 within the time, or at once for who wants no motion. */
  function glide(milliseconds, step) {
    if (calm()) return step(1);
    const begun = performance.now();
    const frame = (now) => {
      const t = Math.min(1, Math.max(0, (now - begun) / milliseconds));
      step(t * t * (3 - 2 * t));
      if (t < 1) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  /* Run `build` on each figure of that name. It gets the parts to fill
     and returns `draw(width)`, which is called again when that changes. */
  function start(name, build) {
    for (const figure of document.querySelectorAll(`.nl-explore[data-explore="${name}"]`)) {
      const data = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
      const stage = figure.querySelector(".nl-stage");
      const controls = el("div", { class: "nl-controls" });
      const below = el("div", { class: "nl-below" });
      stage.before(controls);
      stage.after(below);
      stage.replaceChildren();
      let width = 0;
      const draw = build({ figure, data, stage, controls, below });
      const fit = () => {
        const now = Math.floor(stage.clientWidth);
        if (now && now !== width) draw((width = now));
      };
      new ResizeObserver(fit).observe(stage);
      fit();
      figure.dataset.ready = "";
    }
  }

  return { el, svg, number, marker, colour, slider, choice, facts, teller, at, arrow, handle, drag, glide, calm, start };
})();

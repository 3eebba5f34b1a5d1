/* What a guess is worth. No page in here: text and numbers only. */
window.nlJudge = (() => {
  "use strict";

  /* Read what a person writes: "-3", "−3", "12,5", "1e-5", "1/100", "40 %",
     "10^-3". NaN where it is no number. */
  function number(text) {
    let t = text.replace(/[−–]/g, "-").replace(/\s+/g, "");
    t = t.replace(/^[×x]/, "").replace(/[%×x]$/, "");
    if (/^[-+]?\d+,\d+$/.test(t)) t = t.replace(",", ".");
    const power = t.match(/^10\^([-+]?\d+(?:\.\d+)?)$/);
    if (power) return 10 ** Number(power[1]);
    const parts = t.match(/^([-+]?[\d.]+)\/([\d.]+)$/);
    if (parts) return Number(parts[1]) / Number(parts[2]);
    return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(t)
      ? Number(t) : NaN;
  }

  /* Asked for a power of ten, "10^-3" and "1e-3" both mean −3. */
  function value(field, said) {
    const power = field.unit === "powers of ten" && /^10\^|\de/i.test(said.trim());
    return power ? Math.log10(number(said)) : number(said);
  }

  function distance(field, said) {
    if (field.scale !== "factor") return Math.abs(said - field.truth);
    const ratio = said / field.truth;
    return ratio > 0 ? Math.max(ratio, 1 / ratio) : Infinity;
  }

  /* Say "right", "near" or "wrong" of one field; null where nothing is
     asked or the evidence does not tell. */
  function grade(field, said) {
    if (field.kind === "self") return null;
    if (field.kind === "choice") {
      return field.right[Number(said)] ? "right" : "wrong";
    }
    if (field.kind === "several") {
      const off = field.right.filter(
        (right, i) => right !== null && right !== said.includes(i)
      ).length;
      const told = field.right.filter((right) => right !== null).length;
      return !off ? "right" : off === 1 && told > 2 ? "near" : "wrong";
    }
    const meant = value(field, said);
    if (field.low !== null && field.low <= meant && meant <= field.high) {
      return "right";
    }
    const off = distance(field, meant) - 1e-9;
    const [right, near] = field.within;
    return off <= right ? "right" : off <= near ? "near" : "wrong";
  }

  /* A guess is as good as its worst field. */
  function worst(grades) {
    const order = ["wrong", "near", "right"];
    return order.find((g) => grades.includes(g)) || null;
  }

  /* Put the tolerance into words. */
  function tolerance(field) {
    if (field.kind !== "number") return "";
    const [right, near] = field.within;
    const unit = field.unit && field.scale !== "factor"
      ? ` ${field.unit}` : "";
    const how = field.scale === "factor" ? "within a factor of" : "within";
    const first = right === 0 ? "Right: exactly" : `Right: ${how} ${right}`;
    return `${first}; near: ${how} ${near}${unit}.`;
  }

  /* Say what was answered, in words. */
  function words(field, said) {
    if (field.kind === "choice") return field.options[Number(said)];
    if (field.kind === "several") {
      return said.map((i) => field.options[i]).join(", ") || "none of them";
    }
    return said.trim();
  }

  return { number, grade, worst, tolerance, words };
})();

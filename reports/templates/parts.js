"use strict";
// Parts of a sequence diagram, for the report and for the viewer of traces. Everything shown came from a server
// or goes to one: it is only ever set as text, never as markup.
const parts = (() => {
  const SVG = "http://www.w3.org/2000/svg";

  const make = (tag, classes = "", ...children) => {
    const element = document.createElement(tag);
    if (classes) element.className = classes;
    element.append(...children);
    return element;
  };
  const svg = (tag, attributes, ...children) => {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const seconds = (t) => (t === null ? "" : t < 10 ? t.toFixed(3) : t.toFixed(1));

  const arrow = (side) => {
    const wire = svg("svg", { class: "wire", "aria-hidden": "true", focusable: "false" });
    if (side === "h") {
      wire.append(svg("line", { x1: "0", x2: "100%", y1: "5", y2: "5", "stroke-dasharray": "2 4" }));
      return wire;
    }
    wire.append(svg("line", { x1: "0", x2: "100%", y1: "5", y2: "5" }));
    const tip = svg("svg", { x: side === "c" ? "100%" : "0", y: "5", overflow: "visible" });
    tip.append(svg("path", { d: side === "c" ? "M-8 -4L0 0L-8 4z" : "M8 -4L0 0L8 4z", stroke: "none" }));
    wire.append(tip);
    return wire;
  };

  // `response.output[0].id` as steps; a key may hold dots, so the longest that fits is taken.
  const steps = (path, value) => {
    const found = [];
    let rest = path;
    let at = value;
    while (rest) {
      const index = /^\[(\d+)\]\.?/.exec(rest);
      if (index) {
        found.push(Number(index[1]));
        at = Array.isArray(at) ? at[Number(index[1])] : undefined;
        rest = rest.slice(index[0].length);
        continue;
      }
      const keys = at && typeof at === "object" ? Object.keys(at).sort((a, b) => b.length - a.length) : [];
      const key = keys.find((k) => rest === k || rest.startsWith(`${k}.`) || rest.startsWith(`${k}[`)) ?? /^[^.[]+/.exec(rest)?.[0];
      if (key === undefined || key === "") break;
      found.push(key);
      at = at && typeof at === "object" ? at[key] : undefined;
      rest = rest.slice(key.length).replace(/^\./, "");
    }
    return found;
  };

  // `hit` is the way from here to the offending value, null off that way; `tail` follows the value.
  const json = (value, hit, expected, depth, marked, tail = "") => {
    if (value === null || typeof value !== "object") return make("span", "v", JSON.stringify(value) + tail);
    const list = Array.isArray(value);
    const pairs = list ? value.map((v, i) => [i, v]) : Object.entries(value);
    const [open, shut] = list ? ["[", "]"] : ["{", "}"];
    const missing = hit?.length === 1 && !list && !Object.hasOwn(value, hit[0]);
    if (!pairs.length && !missing) return make("span", "v", open + shut + tail);
    const inside = pairs.map(([key, inner], i) => {
      const on = hit && hit[0] === key ? hit.slice(1) : null;
      const line = make("div");
      const label = list ? [] : [make("span", "k", JSON.stringify(key)), ": "];
      const shown = json(inner, on, expected, depth + 1, marked, i < pairs.length - 1 ? "," : "");
      const here = on && on.length === 0;
      if (here && shown.matches("details")) line.append(make("mark", "hit", ...label), ...why(expected), " ", shown);
      else if (here) line.append(make("mark", "hit", ...label, shown), ...why(expected));
      else line.append(...label, shown);
      return line;
    });
    if (missing) inside.push(make("div", "", make("mark", "hit", `${JSON.stringify(hit[0])} is missing`), ...why(expected)));
    const block = make("details", "", make("summary", "", open, make("span", "folded soft", ` ${pairs.length} … ${shut}${tail}`)), ...inside, shut + tail);
    block.open = Boolean(hit) || depth < (marked ? 1 : 2);
    return block;
  };
  const why = (expected) => (expected ? [make("span", "why", `✗ expected: ${expected}`)] : []);

  const said = (kind, d) => {
    const detail = d && typeof d === "object" ? d : {};
    switch (kind) {
      case "open": return "connection opened";
      case "refusal": return `refused: HTTP ${detail.status ?? ""}`;
      case "binary": return `binary frame, ${detail.size ?? "?"} bytes`;
      case "close": return `connection closed: ${detail.code ?? "no code"} ${detail.reason ?? ""}`;
      case "deadline": return `waited ${detail.waited_s ?? "?"} s for ${detail.awaited ?? "an answer"}`;
      default: return kind;
    }
  };

  return { make, svg, seconds, arrow, steps, json, said };
})();

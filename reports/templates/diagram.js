"use strict";
// The conversation around a finding, as a sequence diagram.
const diagram = (() => {
  const { make, seconds, arrow, steps, json, said } = parts;
  const PAUSE_S = 0.25;
  let evidence = null;
  const load = () => (evidence ??= JSON.parse(document.getElementById("evidence").textContent));

  const tag = (text) => make("span", "tag", text);

  const row = (seq, place, trace, types, expected) => {
    const entry = trace.entries[seq];
    if (!entry) return null;
    const [t, side, kind, type, payload] = entry;
    const bad = place.bad.includes(seq);
    const because = place.because.includes(seq);
    const name = kind === "text" ? types[type] || "not an event" : said(kind, payload);
    const label = make("span", "lab", make("bdi", kind === "text" ? "type" : "", name), make("span", "seqno", `#${seq}`));
    if (bad) label.append(tag("✗ here"));
    if (because) label.append(tag("● because of this"));
    const who = { c: "client sends ", s: "server sends ", h: "" }[side];
    label.prepend(make("span", "unseen", who));
    const lane = make("span", "lane", label, arrow(side));
    const time = make("span", "t", seconds(t));
    const item = make("li", `ev ${side}${bad ? " bad" : because ? " because" : ""}`);
    const details = make("details", "", make("summary", "", time, lane));
    const marked = Boolean(bad && place.path && kind === "text");
    const fill = () => {
      if (details.children.length > 1) return;
      const tree = payload === null || payload === undefined ? make("span", "soft", "not kept here: see the trace")
        : json(payload, marked ? steps(place.path, payload) : null, expected, 0, marked);
      const box = make("div", "json", make("div", "", tree));
      box.tabIndex = 0;
      box.setAttribute("role", "region");
      box.setAttribute("aria-label", `Payload of #${seq}`);
      details.append(box);
    };
    details.addEventListener("toggle", fill);
    if (marked) { fill(); details.open = true; }
    item.append(details);
    return item;
  };

  const fold = ([, , count, numbers], types) => {
    const names = numbers.map((n) => types[n]).join(", ");
    return make("li", "fold", make("span", "t", "⋮"), make("span", "lane", `${count} more: `, make("bdi", "type", names)));
  };

  return (spot) => {
    const { types, traces, places } = load();
    const place = places[spot.dataset.place];
    if (!place) return;
    const trace = traces[place.trace];
    const list = make("ol", "seq");
    list.setAttribute("aria-label", `The conversation in ${place.trace} around #${place.bad.join(", #")}`);
    const timed = place.rows.some((seq) => (trace.entries[seq]?.[0] ?? null) !== null);
    const lanes = make("li", "lanes", make("span", "", timed ? "seconds" : ""), make("span", "", make("span", "", "client"), make("span", "", "server")));
    lanes.setAttribute("aria-hidden", "true");
    list.append(lanes);
    let before = null;
    for (const each of place.rows) {
      if (Array.isArray(each)) { list.append(fold(each, types)); before = null; continue; }
      const t = trace.entries[each]?.[0] ?? null;
      if (t !== null && before !== null && t - before >= PAUSE_S) {
        list.append(make("li", "pause", make("span", "t", "⋮"), make("span", "lane", `${(t - before).toFixed(2)} s pass`)));
      }
      const made = row(each, place, trace, types, spot.dataset.expected);
      if (made) list.append(made);
      before = t;
    }
    spot.append(list);
  };
})();

"use strict";
// One conversation at a time as a sequence diagram, of which only what can be seen is drawn. Which conversation
// and which event stands in the URL's hash: `#trace=NAME&seq=12`.
(() => {
  const { make, seconds, arrow, json, said } = parts;
  const { index, load, search } = conversations;
  const $ = (id) => document.getElementById(id);
  const ROW = 34; // pixels, as in the style
  const SPARE = 12; // rows drawn beyond what is seen
  const HITS = 200;
  const scroll = $("scroll");
  const space = $("space");
  let at = -1; // which conversation
  let shown = { entries: [], types: [] };
  let marked = new Map();
  let chosen = -1;
  let drawn = [0, 0];
  let asked = 0;

  const name = ([, , , kind, type, payload], types = shown.types) => (kind === "text" ? types[type] || "not an event" : said(kind, payload));

  const row = (number) => {
    const entry = shown.entries[number];
    const [seq, t, side, kind] = entry;
    const verdicts = marked.get(seq);
    const label = make("span", "lab", make("span", "unseen", { c: "client sends ", s: "server sends ", h: "" }[side]),
      make("bdi", kind === "text" ? "type" : "", name(entry)), make("span", "seqno", `#${seq}`));
    if (verdicts) label.append(make("span", "tag", verdicts));
    const wrong = verdicts && verdicts !== "deadline" ? " bad" : "";
    const made = make("div", `row ev ${side}${wrong}`, make("span", "t", seconds(t)), make("span", "lane", label, arrow(side)));
    made.id = `event-${number}`;
    made.setAttribute("role", "option");
    made.setAttribute("aria-setsize", shown.entries.length);
    made.setAttribute("aria-posinset", number + 1);
    made.setAttribute("aria-selected", String(number === chosen));
    made.style.transform = `translateY(${number * ROW}px)`;
    made.addEventListener("click", () => choose(number));
    return made;
  };

  const draw = (anew = false) => {
    const first = Math.max(0, Math.floor(scroll.scrollTop / ROW) - SPARE);
    const last = Math.min(shown.entries.length, Math.ceil((scroll.scrollTop + scroll.clientHeight) / ROW) + SPARE);
    if (!anew && first === drawn[0] && last === drawn[1]) return;
    drawn = [first, last];
    space.replaceChildren(...Array.from({ length: last - first }, (_, i) => row(first + i)));
  };

  const payload = () => {
    const box = $("payload");
    const entry = shown.entries[chosen];
    if (!entry) { box.replaceChildren(); return; }
    const [seq, t, side, , , value] = entry;
    const who = { c: "from the client", s: "from the server", h: "of the capture" }[side];
    const head = make("h3", "", make("bdi", "mono", name(entry)), ` #${seq} ${who}${t === null ? "" : `, ${seconds(t)} s`}`);
    const notes = index[at].findings.filter(([of]) => of === seq).map(([, verdict, text, place]) => {
      const link = make("a", verdict, make("bdi", "", text));
      link.href = `report.html#${encodeURIComponent(place)}`;
      return make("p", "found", link);
    });
    const tree = make("div", "json", make("div", "", value === null ? make("span", "soft", "nothing") : json(value, null, "", 0, false)));
    tree.tabIndex = 0;
    tree.setAttribute("role", "region");
    tree.setAttribute("aria-label", `Payload of #${seq}`);
    box.replaceChildren(head, ...notes, tree);
  };

  const choose = (number, { keep = true } = {}) => {
    chosen = Math.max(0, Math.min(number, shown.entries.length - 1));
    const top = chosen * ROW;
    if (top < scroll.scrollTop || top + ROW > scroll.scrollTop + scroll.clientHeight) scroll.scrollTop = top - scroll.clientHeight / 3;
    draw(true);
    scroll.setAttribute("aria-activedescendant", `event-${chosen}`);
    const seq = String(shown.entries[chosen]?.[0]);
    $("jump").value = [...$("jump").options].some((option) => option.value === seq) ? seq : "";
    payload();
    if (keep) history.replaceState(null, "", hash(index[at].key, shown.entries[chosen]?.[0]));
  };

  const hash = (key, seq) => `#trace=${encodeURIComponent(key)}${seq === undefined ? "" : `&seq=${seq}`}`;
  const jump = (seq) => { choose(shown.entries.findIndex(([each]) => each === seq)); scroll.focus(); };

  const targets = () => [
    ...index[at].findings.map(([seq, verdict, text]) => [seq, `${verdict}: ${text}`]),
    ...index[at].deadlines.map(([seq, text]) => [seq, `deadline: ${text}`]),
  ].sort((a, b) => a[0] - b[0]);

  const about = (each) => {
    $("name").textContent = each.name;
    const parts_ = [`${each.entries.toLocaleString("en")} entries`, each.outcome && `scenario ${each.outcome}`,
      each.findings.length ? `${each.findings.length} findings` : "nothing found", each.deadlines.length && `${each.deadlines.length} deadlines`];
    $("about").textContent = parts_.filter(Boolean).join(" · ");
    $("file").hidden = !each.file;
    if (each.file) $("file").href = each.file;
    const to = targets();
    const options = to.map(([seq, text]) => new Option(`#${seq} ${text}`.slice(0, 160), seq));
    $("jump").replaceChildren(new Option(options.length ? "a finding or a deadline" : "no finding, no deadline", ""), ...options);
    for (const id of ["jump", "before", "after"]) $(id).disabled = !to.length;
    $("sounds").hidden = !each.sounds.length;
    $("sounds").firstElementChild.textContent = `What the server spoke: ${each.sounds.length} ${each.sounds.length === 1 ? "item" : "items"}`;
    sounds.show($("sounds").lastElementChild, each.sounds, jump);
    for (const [n, link] of [...document.querySelectorAll("#conversations a")].entries()) {
      if (n === at) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };

  const open = async (number, seq) => {
    const asking = ++asked;
    if (number !== at) {
      const found = await load(number);
      if (asking !== asked) return; // another one was wanted meanwhile
      at = number;
      shown = found;
      marked = new Map(index[at].deadlines.map(([of]) => [of, "deadline"]));
      for (const [of, verdict] of index[at].findings) marked.set(of, marked.get(of) === "fail" ? "fail" : verdict);
      chosen = -1;
      $("conversation").hidden = false;
      about(index[at]);
      $("unit").textContent = shown.entries.some(([, t]) => t !== null) ? "seconds" : "";
      space.style.height = `${shown.entries.length * ROW}px`;
      scroll.scrollTop = 0;
    }
    const place = shown.entries.findIndex(([each]) => each === seq);
    choose(Math.max(0, place), { keep: false });
    document.title = `${index[at].name} · conversations`;
  };

  const go = () => {
    const given = new URLSearchParams(location.hash.slice(1).replaceAll("+", "%2B"));
    const wanted = index.findIndex((each) => each.key === given.get("trace") && each.block);
    const number = wanted >= 0 ? wanted : index.findIndex((each) => each.block);
    if (number >= 0) open(number, given.has("seq") ? Number(given.get("seq")) : undefined);
  };

  // --- search -----------------------------------------------------------------------------------------------

  let searching = 0;
  const look = async () => {
    const mine = ++searching;
    const words = $("q").value.toLowerCase().split(/\s+/).filter(Boolean);
    const list = $("hits");
    list.replaceChildren();
    list.hidden = !words.length;
    $("list").hidden = words.length > 0;
    $("said").textContent = words.length ? "searching …" : "";
    if (!words.length) return;
    let number = 0;
    let inside = 0;
    for await (const [where, found] of search(words)) {
      if (mine !== searching) return;
      inside += 1;
      for (const [entry, type] of found) {
        number += 1;
        if (number > HITS) continue;
        const what = entry[3] === "text" ? type : said(entry[3], entry[5]);
        const link = make("a", "", make("bdi", "mono", what), make("span", "small soft", ` #${entry[0]} in ${index[where].name}`));
        link.href = hash(index[where].key, entry[0]);
        list.append(make("li", "", link));
      }
    }
    if (mine !== searching) return;
    const most = number > HITS ? `, the first ${HITS} are listed` : "";
    $("said").textContent = `${number} ${number === 1 ? "event" : "events"} in ${inside} ${inside === 1 ? "conversation" : "conversations"}${most}`;
  };

  const MOVES = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15, Home: -Infinity, End: Infinity };
  scroll.addEventListener("keydown", (event) => {
    if (!(event.key in MOVES) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const to = chosen + MOVES[event.key];
    choose(Math.max(0, Math.min(shown.entries.length - 1, to)));
  });
  scroll.addEventListener("scroll", () => draw(), { passive: true });
  addEventListener("resize", () => draw(true));
  $("jump").addEventListener("change", (event) => { if (event.target.value) jump(Number(event.target.value)); });
  for (const [n, link] of [...document.querySelectorAll("#conversations a")].entries()) {
    const number = index[n].findings.length;
    if (number) link.after(make("span", "small fail", ` ${number} ${number === 1 ? "finding" : "findings"}`));
  }
  const step = (way) => {
    const now = shown.entries[chosen]?.[0] ?? 0;
    const all = targets().map(([seq]) => seq).filter((seq) => way * (seq - now) > 0);
    if (!all.length) return;
    const to = way > 0 ? Math.min(...all) : Math.max(...all);
    jump(to);
  };
  // A page that was opened from a disk may not save a file beside it: what is shown is saved instead.
  $("download").addEventListener("click", () => {
    const sides = { c: "client", s: "server", h: "harness" };
    const lines = shown.entries.map(([, t, side, kind, type, value]) => {
      const held = kind !== "text" ? { kind, detail: value } : { event: shown.types[type] || !value?.raw ? value : value.raw };
      return JSON.stringify({ ...(t === null ? {} : { t }), dir: sides[side], ...held });
    });
    const link = make("a");
    link.href = URL.createObjectURL(new Blob([`${lines.join("\n")}\n`], { type: "application/jsonl" }));
    link.download = `${index[at].name.replaceAll(/[^\w.-]+/g, "-")}.jsonl`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  });
  $("before").addEventListener("click", () => step(-1));
  $("after").addEventListener("click", () => step(1));
  $("q").addEventListener("input", look);
  $("search").addEventListener("submit", (event) => event.preventDefault());
  if (matchMedia("(max-width: 60rem)").matches) $("list").open = false;
  addEventListener("hashchange", go);
  go();
})();

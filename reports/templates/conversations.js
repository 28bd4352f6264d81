"use strict";
// The conversations of a report: unpacked when they are wanted, and searched all.
const conversations = (() => {
  const index = JSON.parse(document.getElementById("index").textContent);
  const KEPT = 40_000_000; // characters of unpacked text that are kept
  const texts = new Map();
  let kept = 0;

  const bytes = (id) => Uint8Array.from(atob(document.getElementById(id).textContent), (c) => c.charCodeAt(0));

  const text = async (at) => {
    if (texts.has(at)) return texts.get(at);
    const stream = new Blob([bytes(index[at].block)]).stream().pipeThrough(new DecompressionStream("deflate"));
    const found = await new Response(stream).text();
    if (kept + found.length <= KEPT) { texts.set(at, found); kept += found.length; }
    return found;
  };

  const load = async (at) => JSON.parse(await text(at));

  // Yields [conversation, entries that have all words]; a word stands in a type, an id or a payload.
  async function* search(words) {
    const escaped = words.map((word) => JSON.stringify(word).slice(1, -1));
    for (const at of index.keys()) {
      if (!index[at].block) continue;
      const whole = await text(at);
      const low = whole.toLowerCase();
      if (!escaped.every((word) => low.includes(word))) continue;
      const { entries, types } = JSON.parse(whole);
      const found = entries.filter(([, , , , type, payload]) => {
        const said = `${types[type]} ${JSON.stringify(payload)}`.toLowerCase();
        return escaped.every((word) => said.includes(word));
      });
      if (found.length) yield [at, found.map((entry) => [entry, types[entry[4]]])];
    }
  }

  return { index, load, search, bytes };
})();

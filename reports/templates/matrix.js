"use strict";
// Search, filters and order of the matrix; all of it stands in the URL's hash.
(() => {
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
  const form = $("#filters");
  const body = $(".matrix tbody");
  const rows = $$("tr", body);
  const heads = $$(".matrix thead th");
  const text = new Map(rows.map((row) => [row, $("th", row).textContent.toLowerCase()]));

  const state = () => {
    const given = new URLSearchParams(location.hash.slice(1));
    const value = (name) => given.get(name) ?? "";
    return { q: value("q"), area: value("area"), verdict: value("verdict"), order: value("order"), differs: given.has("differs"), sort: value("sort") };
  };

  const hash = (s) => {
    const given = new URLSearchParams();
    for (const name of ["q", "area", "verdict", "order", "sort"]) if (s[name]) given.set(name, s[name]);
    if (s.differs) given.set("differs", "1");
    return `#${given}`;
  };

  // Stable sorts: within an area, or what differs, the registry's order stays.
  const laid = {
    area: (a, b) => (a.dataset.area < b.dataset.area ? -1 : Number(a.dataset.area > b.dataset.area)),
    differs: (a, b) => Number(Boolean(b.dataset.differs)) - Number(Boolean(a.dataset.differs)),
  };

  const order = (sort, by) => {
    const [column, way] = [Number.parseInt(sort, 10), sort.endsWith("d") ? -1 : 1];
    const known = sort !== "" && column >= -1 && column < heads.length - 1;
    for (const head of heads) {
      if (known && head.dataset.column === String(column)) head.setAttribute("aria-sort", way > 0 ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    }
    const sorted = Object.hasOwn(laid, by) ? [...rows].sort(laid[by]) : [...rows];
    if (known && column === -1) sorted.sort((a, b) => way * (text.get(a) < text.get(b) ? -1 : 1));
    else if (known) {
      const rank = (row) => Number(row.children[column + 1].dataset.rank);
      sorted.sort((a, b) => way * (rank(a) - rank(b)));
    }
    body.append(...sorted);
  };

  const apply = (s) => {
    for (const name of ["q", "area", "verdict", "order"]) if (form.elements[name].value !== s[name]) form.elements[name].value = s[name];
    form.elements.differs.checked = s.differs;
    const words = s.q.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const d = row.dataset;
      const fits = (!s.area || d.area === s.area) && (!s.differs || d.differs)
        && (!s.verdict || d.verdicts.split(" ").includes(s.verdict)) && words.every((word) => text.get(row).includes(word));
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    $("#shown").textContent = `${shown} of ${rows.length} shown`;
    $("#nothing").hidden = shown > 0;
    order(s.sort, s.order);
  };

  const given = () => ({
    q: form.elements.q.value.trim(), area: form.elements.area.value, verdict: form.elements.verdict.value,
    order: form.elements.order.value, differs: form.elements.differs.checked, sort: state().sort,
  });
  const keep = (s) => {
    history.replaceState(null, "", hash(s));
    apply({ ...s, q: form.elements.q.value });
  };

  for (const head of heads) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const column = head.dataset.column;
      const s = given();
      keep({ ...s, sort: s.sort === column ? `${column}d` : s.sort === `${column}d` ? "" : column });
    });
  }
  // Small tables are sorted where they stand: nobody links to that.
  for (const table of $$(".sortable")) {
    const lines = $$("tbody tr", table);
    $$("thead th", table).forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const way = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        for (const other of $$("thead th", table)) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", way > 0 ? "ascending" : "descending");
        const key = (line) => (column ? Number(line.children[column].dataset.rank) : line.children[0].textContent);
        $("tbody", table).append(...[...lines].sort((a, b) => way * (key(a) < key(b) ? -1 : Number(key(a) > key(b)))));
      });
    });
  }
  form.addEventListener("input", () => keep(given()));
  form.addEventListener("submit", (event) => event.preventDefault());
  // A link of the page, or the way back: what is changed here itself replaces the hash without a word.
  addEventListener("hashchange", () => {
    if (!location.hash.includes("=") && location.hash) return;
    apply(state());
    if (location.hash) $("#matrix").scrollIntoView();
  });
  apply(state());
})();

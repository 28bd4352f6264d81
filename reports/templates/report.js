"use strict";
// Views, search and filters. What is shown stands in the URL's hash: `#view=requirements&verdict=fail&q=audio`
// is a state, `#response/lifecycle/done-is-last` a place.
(() => {
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
  const sections = $$("main > section");
  const links = $$(".nav a");
  const form = $("#filters");
  const places = $$(".req");
  const fields = ["q", "level", "area", "dialect"];
  let text = null;

  const state = () => {
    const found = { view: "verdict", verdict: [], q: "", level: "", area: "", dialect: "" };
    const raw = location.hash.slice(1);
    if (!raw.includes("=")) return found;
    const given = new URLSearchParams(raw);
    for (const name of ["view", ...fields]) if (given.get(name)) found[name] = given.get(name);
    found.verdict = (given.get("verdict") ?? "").split(/[ +]/).filter(Boolean);
    return found;
  };

  const hash = (s) => {
    const pairs = [`view=${encodeURIComponent(s.view)}`];
    if (s.verdict.length) pairs.push(`verdict=${s.verdict.map(encodeURIComponent).join("+")}`);
    for (const name of fields) if (s[name]) pairs.push(`${name}=${encodeURIComponent(s[name])}`);
    return `#${pairs.join("&")}`;
  };

  const show = (view) => {
    const known = sections.some((s) => s.id === view) ? view : "verdict";
    for (const section of sections) section.classList.toggle("away", section.id !== known);
    for (const link of links) {
      if (link.getAttribute("href") === `#${known}`) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    return known;
  };

  const filter = (s) => {
    for (const name of fields) {
      const control = form.elements[name];
      if (control.value !== s[name]) control.value = s[name];
    }
    for (const box of $$("[name=verdict]", form)) box.checked = s.verdict.includes(box.value);
    const words = s.q.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length && text === null) {
      text = new Map(places.map((p) => [p, [$("summary", p), ...$$(".told, .pair", p)].map((e) => e.textContent).join(" ").toLowerCase()]));
    }
    let shown = 0;
    for (const place of places) {
      const d = place.dataset;
      const fits = (!s.verdict.length || s.verdict.includes(d.verdict)) && (!s.level || s.level === d.level)
        && (!s.area || s.area === d.area) && (!s.dialect || s.dialect === d.dialect)
        && words.every((word) => text.get(place).includes(word));
      place.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    for (const group of $$(".group")) group.hidden = !$(".req:not([hidden])", group);
    $("#nothing").hidden = shown > 0;
    $("#shown").textContent = `${shown} of ${places.length} shown`;
    const any = s.verdict.length || fields.some((name) => s[name]);
    $("#clear").hidden = !any;
  };

  const go = () => {
    const raw = location.hash.slice(1);
    if (raw && !raw.includes("=")) {
      let id = raw;
      try { id = decodeURIComponent(raw); } catch { /* as it stands */ }
      const place = document.getElementById(id);
      const section = place?.closest("main > section");
      if (section) {
        show(section.id);
        filter(state());
        if (place === section) { scrollTo(0, 0); return; }
        // Opened and drawn before it is scrolled to: what grows above it would push it away.
        const around = place.closest(".req");
        for (const each of new Set([around, place])) if (each?.matches("details")) each.open = true;
        if (around) draw(around);
        place.scrollIntoView({ block: "start" });
        (place.matches(".finding:not(details)") ? place : $("summary", place) ?? place).focus({ preventScroll: true });
        return;
      }
      if (place) return;
    }
    const s = state();
    show(s.view);
    filter(s);
  };

  const given = () => {
    const s = { view: "requirements", verdict: $$("[name=verdict]:checked", form).map((b) => b.value) };
    for (const name of fields) s[name] = form.elements[name].value.trim();
    return s;
  };

  const changed = () => {
    const s = given();
    // Replaced, not pushed: going back leaves the search rather than taking it apart letter by letter.
    history.replaceState(null, "", hash(s));
    filter({ ...s, q: form.elements.q.value });
  };

  // A diagram is drawn when it comes to be seen: the first of a requirement with it, others when they are opened.
  const draw = (within) => {
    for (const spot of $$("[data-place]:empty", within)) if (!spot.closest("details:not([open])")) diagram(spot);
    for (const spot of $$(".copies:empty", within)) copying(spot);
  };

  form.addEventListener("input", changed);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    for (const name of fields) form.elements[name].value = "";
    for (const box of $$("[name=verdict]", form)) box.checked = false;
    changed();
    form.elements.q.focus();
  });
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.(".req, .finding") && event.target.open) draw(event.target);
  }, true);
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.(".copy");
    if (!button) return;
    const code = $("code", button.parentElement);
    getSelection().selectAllChildren(code);
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Selected";
    }
    // The label would hide from a screen reader what came of it.
    const label = button.getAttribute("aria-label");
    button.removeAttribute("aria-label");
    setTimeout(() => { button.textContent = "Copy"; button.setAttribute("aria-label", label); }, 1500);
  });
  document.addEventListener("keydown", (event) => {
    // With a modifier: a single character is typed by accident, and by those who dictate (WCAG 2.1.4).
    if (event.code !== "Slash" || !event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if ($("#requirements").classList.contains("away")) { location.hash = "#view=requirements"; go(); }
    form.elements.q.focus();
  });
  // On paper: the verdict, what failed, and the evidence; whatever the filters hide.
  addEventListener("beforeprint", () => {
    for (const place of $$(".req:is([data-verdict=fail], [data-verdict=harness-error])")) {
      place.hidden = place.closest(".group").hidden = false;
      place.open = true;
      draw(place);
    }
  });
  addEventListener("afterprint", go);
  addEventListener("hashchange", go);
  go();
  // Once loaded, a browser moves the focus away from where it was put before.
  if (location.hash.length > 1 && !location.hash.includes("=")) addEventListener("load", () => setTimeout(go));
})();

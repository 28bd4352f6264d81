// First thing on the page, so that it never shows in the wrong colours.
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const key = "realtime-conformance-theme";
  const read = () => { try { return localStorage.getItem(key); } catch { return null; } };
  const keep = (value) => { try { localStorage.setItem(key, value); } catch { /* a file without storage */ } };
  const themes = ["system", "light", "dark"];
  let theme = read();
  if (!themes.includes(theme)) theme = "system";
  const apply = () => {
    if (theme === "system") root.removeAttribute("data-theme");
    else root.setAttribute("data-theme", theme);
    const button = document.getElementById("theme");
    if (button) button.lastChild.textContent = theme;
  };
  apply();
  document.addEventListener("DOMContentLoaded", () => {
    apply();
    document.getElementById("theme")?.addEventListener("click", () => {
      theme = themes[(themes.indexOf(theme) + 1) % themes.length];
      keep(theme);
      apply();
    });
  });
})();

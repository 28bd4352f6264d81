"use strict";
// A finding to take away: as an issue, for websocat, as a Python script. What is copied is shown, too: not every
// browser lets a page that was opened from a disk write to the clipboard.
const copying = (() => {
  const { make } = parts;
  let copies = null;
  const load = () => (copies ??= JSON.parse(document.getElementById("copies").textContent));

  const texts = ({ of, replay }) => {
    const { python, issues, steps, websocat } = load();
    return [
      ["issue", issues[of]],
      ["websocat", websocat[replay]],
      ["Python script", steps[replay] && python[0] + steps[replay] + python[1]],
    ].filter(([, text]) => text);
  };

  return (spot) => {
    const shown = make("textarea");
    shown.readOnly = true;
    shown.hidden = true;
    for (const [name, text] of texts(spot.dataset)) {
      const button = make("button", "", `Copy as ${name}`);
      button.type = "button";
      button.addEventListener("click", async () => {
        shown.hidden = false;
        shown.value = text;
        shown.setAttribute("aria-label", `The finding as ${name}`);
        shown.select();
        let came = "Copied";
        try { await navigator.clipboard.writeText(text); } catch { came = "Selected below"; }
        button.textContent = came;
        setTimeout(() => { button.textContent = `Copy as ${name}`; }, 1500);
      });
      spot.append(button);
    }
    if (spot.children.length) spot.append(shown);
    else spot.remove();
  };
})();

// Opens the page with the conversations and searches it; returns how long each took, in milliseconds.

export async function play(opened, { page, times, words }) {
  const found = [];
  for (let n = 0; n < times; n += 1) {
    const { context, tab } = await opened(page, "");
    await tab.waitForFunction(() => document.querySelector("#payload h3"));
    const shown = await tab.evaluate(() => performance.now());
    const searched = await tab.evaluate((text) => new Promise((done) => {
      const began = performance.now();
      const said = document.getElementById("said");
      new MutationObserver(() => { if (/ in \d+ /.test(said.textContent)) done(performance.now() - began); }).observe(said, { childList: true });
      document.getElementById("q").value = text;
      document.getElementById("q").dispatchEvent(new Event("input", { bubbles: true }));
    }), words);
    found.push({ opened: shown, searched });
    await context.close();
  }
  return found;
}

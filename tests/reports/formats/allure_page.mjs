// Opens Allure's single-file report in Chromium with the network cut off, and prints what it saw as JSON.
//
// Read from standard input: {chromium, playwright, page, results}. `results` are ids of test results; each is
// opened and read.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const asked = JSON.parse(readFileSync(0, "utf8"));
const { chromium } = await import(pathToFileURL(asked.playwright));
const browser = await chromium.launch({
  executablePath: asked.chromium,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--host-resolver-rules=MAP * ~NOTFOUND"],
});
const refused = [];
const errors = [];

const context = await browser.newContext({ viewport: { width: 1400, height: 1000 } });
await context.route(/^(?!file:|data:|blob:)/, (route) => { refused.push(route.request().url()); return route.abort(); });
const tab = await context.newPage();
tab.on("pageerror", (e) => errors.push(e.message));
tab.on("dialog", (d) => { errors.push(`dialog: ${d.message()}`); d.dismiss(); });

// Allure 3.18.0 races with itself: now and then its page looks for its data as files before it has unpacked those
// it holds, and says "Failed to fetch" or nothing. A reader loads it again then.
async function read(hash, wanted) {
  for (let load = 1; ; load++) {
    await tab.goto("about:blank");
    await tab.goto(pathToFileURL(asked.page).href + hash);
    const there = tab.waitForFunction((text) => document.body.innerText.includes(text), wanted, { timeout: 10_000 });
    if (await there.then(() => true, () => load === 20)) break;
  }
  return { text: await tab.evaluate(() => document.body.innerText), links: await tab.$$eval("a", (all) => all.map((a) => a.href)) };
}

const first = await read("", "Total");
const pages = {};
for (const [name, id] of Object.entries(asked.results)) pages[name] = await read(`#${id}`, name);
console.log(JSON.stringify({ first, pages, refused, errors }));
await browser.close();

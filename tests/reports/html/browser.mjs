// Opens pages in Chromium with the network cut off, and prints what it saw as JSON.
//
// Read from standard input: {chromium, playwright, axe, looks: [{page, states, widths, schemes}],
// steps: {report, requirement, matrix}, loads: {page, times, requirement}, plays: {module: what it asks}}. `looks`
// are measured in every combination, `steps` are played once, `loads` are timed, `plays` are modules beside this one.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const asked = JSON.parse(readFileSync(0, "utf8"));
const { chromium } = await import(pathToFileURL(asked.playwright));
const axeSource = readFileSync(asked.axe, "utf8");
const browser = await chromium.launch({
  executablePath: asked.chromium,
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
  ],
});

const troubles = [];

async function opened(page, hash, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const tab = await context.newPage();
  const where = `${page.split("/").pop()}#${hash}`;
  tab.on("console", (m) => { if (["error", "warning"].includes(m.type())) troubles.push(`${where}: console: ${m.text()}`); });
  tab.on("pageerror", (e) => troubles.push(`${where}: ${e.message}`));
  tab.on("dialog", (d) => { troubles.push(`${where}: dialog: ${d.message()}`); d.dismiss(); });
  tab.on("request", (r) => { if (!/^(file|data|blob):/.test(r.url())) troubles.push(`${where}: request: ${r.url()}`); });
  await tab.addInitScript(() => {
    addEventListener("securitypolicyviolation", (e) => console.error(`policy: ${e.violatedDirective} ${e.blockedURI} ${e.sample}`));
  });
  await tab.goto(pathToFileURL(page).href + (hash ? `#${hash}` : ""));
  return { context, tab };
}

// --- looks ------------------------------------------------------------------------------------------------

const looks = [];
const turned = async (tab, state) => {
  await tab.evaluate((hash) => { location.hash = hash; }, state);
  await tab.waitForFunction((view) => document.querySelector("main > section:not(.away)")?.id === view || !view, /view=(\w+)/.exec(state)?.[1] ?? "");
};
const overflow = () => {
  const wide = document.documentElement.clientWidth;
  const own = (e) => e.matches(".scroll, .nav, .json") || !e.closest(".scroll, .nav, .json, .unseen, .skip, svg");
  const out = [...document.querySelectorAll("body *")].filter((e) => {
    const box = e.getBoundingClientRect();
    return box.width > 0 && (box.right > wide + 1 || box.left < -1) && own(e);
  });
  return { page: document.documentElement.scrollWidth - wide, out: out.slice(0, 3).map((e) => e.outerHTML.slice(0, 160)) };
};
const said = (node) => `${node.html.slice(0, 140)} ${node.any?.[0]?.message ?? ""}`;
for (const { page, states, widths, schemes } of asked.looks ?? []) {
  for (const width of widths) {
    const { context, tab } = await opened(page, "", { viewport: { width, height: 900 } });
    for (const state of states) {
      await turned(tab, state);
      looks.push({ page, state, width, overflow: await tab.evaluate(overflow) });
    }
    await context.close();
  }
  const { context, tab } = await opened(page, "");
  await tab.evaluate(axeSource);
  for (const state of states) {
    await turned(tab, state);
    await tab.evaluate(() => { for (const d of document.querySelectorAll("section:not(.away) > .scroll details")) d.open = true; });
    for (const colorScheme of schemes) {
      await tab.emulateMedia({ colorScheme });
      // Only colours change with the scheme.
      const rules = colorScheme === schemes[0] ? {} : { runOnly: ["color-contrast"] };
      const found = await tab.evaluate((given) => axe.run(document, { resultTypes: ["violations"], ...given }), rules);
      looks.push({ page, state, colorScheme, rules: found.passes.length, violations: found.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map(said).join(" | ")}`) });
    }
  }
  await context.close();
}

// --- steps ------------------------------------------------------------------------------------------------

const steps = {};
const ids = (tab) => tab.$$eval(".req:not([hidden])", (all) => all.map((e) => e.id));
const verdicts = (tab) => tab.$$eval(".req:not([hidden])", (all) => [...new Set(all.map((e) => e.dataset.verdict))]);
const hashOf = (tab) => tab.evaluate(() => location.hash);

if (asked.steps?.report) {
  const { context, tab } = await opened(asked.steps.report, "");
  steps.first = await tab.$eval("main > section:not(.away)", (e) => e.id);
  await tab.click(".layers a");
  await tab.waitForFunction(() => location.hash.includes("dialect="));
  steps.layered = await tab.$$eval(".req:not([hidden])", (all) => [...new Set(all.map((e) => e.dataset.dialect))]);
  await tab.goBack();
  await tab.waitForFunction(() => document.getElementById("requirements").classList.contains("away"));
  await tab.click(".counts a[href*='verdict=fail']");
  await tab.waitForFunction(() => !document.getElementById("requirements").classList.contains("away"));
  steps.counted = { view: await tab.$eval("main > section:not(.away)", (e) => e.id), verdicts: await verdicts(tab), ids: await ids(tab) };
  await tab.evaluate(() => document.activeElement?.blur());
  await tab.keyboard.press("Alt+Slash");
  await tab.keyboard.type("same-id session");
  steps.searched = { ids: await ids(tab), hash: await hashOf(tab), said: await tab.textContent("#shown") };
  await tab.reload();
  steps.reloaded = { ids: await ids(tab), q: await tab.inputValue("#q"), hash: await hashOf(tab) };
  await tab.click("#clear");
  steps.cleared = { number: (await ids(tab)).length, hash: await hashOf(tab) };
  await tab.selectOption("#level", "SHOULD");
  await tab.selectOption("#dialect", "openai");
  await tab.selectOption("#area", "response");
  steps.selected = {
    hash: await hashOf(tab),
    fits: await tab.$$eval(".req:not([hidden])", (all) => all.every((e) => e.dataset.level === "SHOULD" && e.dataset.area === "response" && e.dataset.dialect === "openai")),
    number: (await ids(tab)).length,
  };
  await tab.click("#clear");
  await tab.fill("#q", "nothing has this in it");
  steps.none = { number: (await ids(tab)).length, said: await tab.isVisible("#nothing") };
  await context.close();

  const place = await opened(asked.steps.report, asked.steps.requirement);
  const req = place.tab.locator(`[id="${asked.steps.requirement}"]`);
  const drawn = req.locator(".seq").first();
  await place.tab.waitForFunction(() => document.activeElement.closest(".req"), null, { timeout: 10_000 }).catch(() => {});
  steps.place = {
    open: await req.evaluate((e) => e.open), focused: await place.tab.evaluate(() => document.activeElement.closest(".req")?.id ?? ""),
    visible: await drawn.isVisible(), label: await drawn.getAttribute("aria-label"),
    bad: await drawn.locator(".bad .type").allTextContents(), because: await drawn.locator(".because .type").allTextContents(),
    hit: await drawn.locator(".hit").first().textContent(), why: await drawn.locator(".why").first().textContent(),
    arrows: await drawn.locator("svg.wire line").count(), folds: await drawn.locator(".fold").count(),
    times: (await drawn.locator(".ev .t").allTextContents()).filter(Boolean).length,
  };
  const folded = drawn.locator(".ev:not(.bad) > details > summary").first();
  await folded.focus();
  await place.tab.keyboard.press("Enter");
  await drawn.locator(".ev:not(.bad) > details[open] .json").first().waitFor({ timeout: 10_000 }).catch(() => {});
  steps.unfolded = await drawn.locator(".ev:not(.bad) > details[open] .json").count();
  const before = await place.tab.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await place.tab.click("#theme");
  await place.tab.click("#theme");
  steps.theme = { before, after: await place.tab.evaluate(() => getComputedStyle(document.documentElement).backgroundColor), label: await place.tab.textContent("#theme") };
  await place.context.close();

  const bare = await opened(asked.steps.report, "", { javaScriptEnabled: false });
  steps.bare = {
    sections: await bare.tab.$$eval("main > section", (all) => all.filter((e) => e.getBoundingClientRect().height > 0).length).catch(() => -1),
    total: await bare.tab.locator("main > section").count(),
    controls: await bare.tab.locator("#filters").isVisible(),
  };
  await bare.tab.locator(`[id="${asked.steps.requirement}"] > summary`).click();
  steps.bare.message = await bare.tab.locator(`[id="${asked.steps.requirement}"] .told`).first().isVisible();
  await bare.context.close();

  const paper = await opened(asked.steps.report, "");
  await paper.tab.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await paper.tab.emulateMedia({ media: "print" });
  steps.printed = {
    sections: await paper.tab.$$eval("main > section", (all) => all.filter((e) => e.getBoundingClientRect().height > 0).length),
    drawn: await paper.tab.locator(".seq:visible").count(), controls: await paper.tab.locator("#filters").isVisible(),
    requirements: await paper.tab.$$eval(".req", (all) => all.filter((e) => e.getBoundingClientRect().height > 0).map((e) => e.dataset.verdict)),
    texts: await paper.tab.$$eval(".req[data-verdict=fail] .told", (all) => all.filter((e) => e.checkVisibility()).length),
  };
  await paper.context.close();
}

if (asked.steps?.matrix) {
  const { context, tab } = await opened(asked.steps.matrix, "");
  const rows = () => tab.$$eval(".matrix tbody tr:not([hidden])", (all) => all.map((r) => ({ differs: Boolean(r.dataset.differs), rank: Number(r.children[2].dataset.rank) })));
  const all = await rows();
  await tab.check("#differs");
  const differing = await rows();
  await tab.click(".matrix thead th:nth-child(3) button");
  const sorted = await rows();
  const hash = await hashOf(tab);
  await tab.reload();
  const reloaded = await rows();
  // The reports' names stay in sight however far one scrolls.
  await tab.evaluate(() => { location.hash = "#sort=1"; });
  await tab.evaluate(() => scrollTo(0, document.body.scrollHeight / 2));
  const head = await tab.$eval(".matrix thead th:nth-child(2)", (e) => Math.round(e.getBoundingClientRect().top));
  await tab.setViewportSize({ width: 360, height: 800 });
  const stacked = await tab.$$eval(".matrix tbody tr:not([hidden])", (all) => all.every((row) => {
    const [name, ...cells] = [...row.children].map((e) => e.getBoundingClientRect());
    return cells.every((box) => box.top >= name.bottom - 1 && box.right <= innerWidth);
  }));
  const labelled = await tab.$eval(".matrix tbody td", (e) => getComputedStyle(e, "::before").content);
  await tab.setViewportSize({ width: 1280, height: 900 });
  await tab.evaluate(() => { location.hash = "#sort="; });
  await tab.selectOption("#order", "area");
  const byArea = await tab.$$eval(".matrix tbody tr", (all) => all.map((r) => r.dataset.area));
  const orderHash = await hashOf(tab);
  await tab.selectOption("#order", "differs");
  const differsFirst = await tab.$$eval(".matrix tbody tr", (all) => all.map((r) => Boolean(r.dataset.differs)));
  await tab.selectOption("#order", "");
  const best = await tab.$$eval(".figures td .best", (all) => all.length);
  const link = await tab.$eval(".matrix tbody tr:not([hidden]) td:nth-child(3) a", (a) => a.href);
  await tab.goto(link);
  await tab.waitForFunction(() => document.activeElement.closest(".req"), null, { timeout: 10_000 }).catch(() => {});
  steps.matrix = {
    all: all.length, differing: differing.length, only: differing.every((r) => r.differs), sorted: sorted.map((r) => r.rank), hash,
    reloaded: reloaded.map((r) => r.rank), head, stacked, labelled, byArea, orderHash, differsFirst, best, landed: await tab.evaluate(() => document.activeElement.closest(".req")?.open ?? false),
  };
  await context.close();
}

if (asked.steps?.areas) {
  const paper = await opened(asked.steps.areas, "");
  await paper.tab.emulateMedia({ media: "print" });
  steps.paper = { controls: await paper.tab.locator("#filters").isVisible(), rows: await paper.tab.locator(".matrix tbody tr:visible").count() };
  await paper.context.close();
  const { context, tab } = await opened(asked.steps.areas, "");
  const ranks = () => tab.$$eval(".byarea tbody tr", (all) => all.map((r) => Number(r.children[2].dataset.rank)));
  await tab.click(".byarea thead th:nth-child(3) button");
  const rising = await ranks();
  await tab.click(".byarea thead th:nth-child(3) button");
  const falling = await ranks();
  await tab.click(".byarea a");
  await tab.waitForFunction(() => location.hash.includes("area="));
  const chosen = decodeURIComponent((await hashOf(tab)).split("=")[1]);
  steps.areas = {
    chosen, rising, falling, only: await tab.$$eval(".matrix tbody tr:not([hidden])", (all, area) => all.length > 0 && all.every((r) => r.dataset.area === area), chosen),
    top: await tab.$eval("#matrix", (e) => Math.round(e.getBoundingClientRect().top)),
  };
  await context.close();
}

if (asked.steps?.site) {
  const { context, tab } = await opened(asked.steps.site, "");
  const names = await tab.$$eval(".targets h2", (all) => all.map((e) => e.textContent.trim()));
  await tab.click(".targets h2 a");
  await tab.waitForSelector("main > section");
  const report = new URL(tab.url()).pathname;
  await tab.goBack();
  await tab.click(".targets li:nth-child(2) p.small a");
  await tab.waitForSelector(".history");
  const place = await tab.evaluate(() => [location.hash, Math.round(document.querySelector(location.hash).getBoundingClientRect().top)]);
  const lines = await tab.$$eval(".history:first-of-type .chart polyline", (all) => all.map((e) => e.getBoundingClientRect().width > 100));
  const run = await tab.$eval(".history .figures a", (a) => a.href);
  await tab.goto(run);
  await tab.waitForSelector("main > section");
  const older = new URL(tab.url()).pathname;
  await tab.goto(pathToFileURL(asked.steps.site).href);
  await tab.click(".pages a");
  await tab.waitForSelector("table.matrix");
  const matrix = await tab.$$eval(".matrix thead th", (all) => all.length);
  await tab.click(".pages a");
  await tab.waitForSelector(".targets");
  steps.site = { names, report, place, lines, older, matrix };
  await context.close();
}

// --- loads ------------------------------------------------------------------------------------------------

const loads = [];
for (let n = 0; n < (asked.loads?.times ?? 0); n += 1) {
  const { context, tab } = await opened(asked.loads.page, "");
  // Loaded: parsed, scripts run, and painted once.
  const loaded = await tab.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now())))));
  const drawn = await tab.evaluate((id) => new Promise((done) => {
    const began = performance.now();
    addEventListener("hashchange", () => requestAnimationFrame(() => setTimeout(() => done(performance.now() - began))), { once: true });
    location.hash = id;
  }), asked.loads.requirement);
  const searched = await tab.evaluate(() => {
    const began = performance.now();
    const field = document.getElementById("q");
    field.value = "finding 3 streamed";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    document.body.getBoundingClientRect();
    return performance.now() - began;
  });
  loads.push({ loaded, drawn, searched });
  await context.close();
}

// --- plays ------------------------------------------------------------------------------------------------

const plays = {};
for (const [module, given] of Object.entries(asked.plays ?? {})) {
  plays[module] = await (await import(`./${module}.mjs`)).play(opened, given);
}

await browser.close();
process.stdout.write(JSON.stringify({ looks, steps, loads, plays, troubles }));

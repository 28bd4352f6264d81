// Looks at conversations on their page, searches them, jumps, downloads, and listens to what is played.
//
// Asked: {page, report, long, spoken: [conversations with audio], words, widths}.

import { readFileSync } from "node:fs";

const ready = (tab, name) => tab.waitForFunction((wanted) => document.getElementById("name")?.textContent === wanted
  && document.querySelector("#payload h3"), name);
const chosen = (tab) => tab.evaluate(() => ({
  name: document.getElementById("name").textContent, payload: document.getElementById("payload").textContent,
  hash: location.hash, seen: (() => {
    const row = document.querySelector('[aria-selected="true"]')?.getBoundingClientRect();
    const box = document.getElementById("scroll").getBoundingClientRect();
    return Boolean(row) && row.top >= box.top - 1 && row.bottom <= box.bottom + 1;
  })(),
}));

// What the player was given, decoded by the browser: how long, how loud, and how often the tone swings a second.
const decoded = (tab) => tab.evaluate(async () => {
  const found = [];
  for (const audio of document.querySelectorAll("#sounds audio")) {
    const blob = window.given.get(audio.src);
    const bytes = await blob.arrayBuffer();
    const rate = new DataView(bytes).getUint32(24, true);
    const sound = await new OfflineAudioContext(1, 1, rate).decodeAudioData(bytes);
    const samples = sound.getChannelData(0);
    let crossings = 0;
    for (let i = 1; i < samples.length; i += 1) crossings += samples[i - 1] < 0 && samples[i] >= 0 ? 1 : 0;
    audio.muted = true;
    await audio.play();
    await new Promise((done) => { audio.addEventListener("ended", done, { once: true }); });
    found.push({
      rate, seconds: sound.duration, hertz: crossings / sound.duration, loudest: samples.reduce((most, x) => Math.max(most, Math.abs(x)), 0),
      heard: audio.currentTime, bars: audio.closest("li").querySelectorAll(".waveform rect").length, words: audio.closest("li").querySelector(".words").textContent,
    });
  }
  return found;
});

export async function play(opened, asked) {
  const found = {};
  const { context, tab } = await opened(asked.page, `trace=${asked.long}`, { acceptDownloads: true });
  await ready(tab, asked.long);
  const rows = () => tab.locator("#space .row").count();
  found.rows = { drawn: await rows(), all: await tab.getAttribute("#space .row >> nth=0", "aria-setsize") };
  await tab.focus("#scroll");
  await tab.keyboard.press("End");
  found.end = { ...await chosen(tab), drawn: await rows() };
  await tab.keyboard.press("Home");
  await tab.keyboard.press("ArrowDown");
  found.second = await chosen(tab);
  await tab.mouse.move(700, 500);
  await tab.locator("#scroll").evaluate((box) => { box.scrollTop = box.scrollHeight / 2; });
  await tab.waitForFunction(() => Number(document.querySelector("#space .row").getAttribute("aria-posinset")) > 20);
  found.scrolled = await rows();

  found.jumps = await tab.$$eval("#jump option", (all) => all.filter((option) => option.value).map((option) => option.textContent));
  await tab.keyboard.press("Home");
  found.jumped = [];
  for (let n = 0; n < found.jumps.length; n += 1) {
    await tab.selectOption("#jump", { index: n + 1 });
    found.jumped.push(await chosen(tab));
  }
  await tab.focus("#scroll");
  await tab.keyboard.press("Home");
  await tab.click("#after");
  found.after = await chosen(tab);

  found.searched = {};
  for (const words of asked.words) {
    await tab.fill("#q", words);
    await tab.waitForFunction(() => / in \d+ conversation/.test(document.getElementById("said").textContent));
    const said = await tab.textContent("#said");
    const hits = await tab.$$eval("#hits a", (all) => all.map((a) => a.textContent));
    let opened_ = null;
    if (hits.length) {
      await tab.locator("#hits a").last().click();
      await tab.waitForFunction((hit) => document.querySelector("#name").textContent === hit.split(" in ").pop(), hits.at(-1));
      opened_ = await chosen(tab);
    }
    found.searched[words] = { said, hits, opened: opened_ };
    await tab.fill("#q", "");
    await tab.waitForFunction(() => document.getElementById("hits").hidden);
  }

  found.file = await tab.evaluate(() => ({ href: document.getElementById("file").getAttribute("href"), download: document.getElementById("file").hasAttribute("download") }));
  const [download] = await Promise.all([tab.waitForEvent("download", { timeout: 10_000 }).catch(() => null), tab.click("#download")]);
  found.downloaded = download ? { name: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8") } : null;
  await context.close();

  found.links = [];
  const report = await opened(asked.report, "");
  const links = await report.tab.$$eval("a[href^='traces']", (all) => all.map((a) => a.href));
  for (const link of [links[0], links.find((each) => !each.includes("seq="))]) {
    await report.tab.goto(link);
    const name = new URLSearchParams(new URL(link).hash.slice(1)).get("trace");
    // A second link into the same page is no new document: what the first one opened stands there for a moment.
    await ready(report.tab, name);
    found.links.push({ link: decodeURIComponent(link.split("/").pop()), ...await chosen(report.tab) });
  }
  await report.context.close();

  found.heard = {};
  for (const name of asked.spoken) {
    const listening = await opened(asked.page, "");
    await listening.tab.addInitScript(() => {
      window.given = new Map();
      const make = URL.createObjectURL.bind(URL);
      URL.createObjectURL = (blob) => { const url = make(blob); window.given.set(url, blob); return url; };
    });
    await listening.tab.goto(`${listening.tab.url().split("#")[0]}?#trace=${name}`);
    await ready(listening.tab, name);
    await listening.tab.click("h2");
    found.heard[name] = await decoded(listening.tab);
    await listening.context.close();
  }

  found.beside = null;
  if (asked.beside) {
    const far = await opened(asked.beside, "");
    await far.tab.waitForFunction(() => document.querySelector("#sounds audio"));
    await far.tab.click("h2");
    found.beside = await far.tab.$$eval("#sounds audio", (all) => Promise.all(all.map(async (audio) => {
      audio.muted = true;
      await audio.play();
      await new Promise((done) => { audio.addEventListener("ended", done, { once: true }); });
      return { src: audio.getAttribute("src"), seconds: audio.duration, heard: audio.currentTime };
    })));
    await far.context.close();
  }
  return found;
}

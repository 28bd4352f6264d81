// Goes to every finding of a report, in each way there is, at each width, and says where it came to stand.
//
// Asked: {report, matrix, widths}. Returned: one {width, way, place, found, top, least, room, open} for each
// landing; `least` is where a sticky navigation ends, `top` where the finding begins, `room` how far the page
// can still be scrolled down.

const stands = (tab, id) => tab.evaluate(async (place) => {
  await new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); });
  const spot = document.getElementById(place);
  const nav = document.querySelector(".nav");
  const box = nav?.getBoundingClientRect();
  const sticky = box && box.width > innerWidth / 2 ? Math.max(0, box.bottom) : 0;
  return {
    found: Boolean(spot),
    top: spot ? Math.round(spot.getBoundingClientRect().top) : null,
    height: innerHeight,
    least: Math.round(sticky),
    room: Math.round(document.documentElement.scrollHeight - innerHeight - scrollY),
    open: Boolean(spot) && spot.checkVisibility() && !spot.closest("details:not([open])"),
  };
}, id);

const settled = (tab) => tab.waitForFunction(() => document.activeElement?.closest(".req"), null, { timeout: 10_000 }).catch(() => {});

const anew = async (tab, address) => {
  await tab.goto("about:blank");
  await tab.goto(address);
  await settled(tab);
};

export async function play(opened, { report, matrix, widths }) {
  const landings = [];
  for (const width of widths) {
    const options = { viewport: { width, height: 900 } };
    const first = await opened(report, "", options);
    const places = await first.tab.$$eval(".finding[id]", (all) => all.map((e) => e.id));
    const clicked = await first.tab.$$eval(".wrongs .where a", (all) => all.map((a) => decodeURIComponent(a.hash.slice(1))));
    for (const [n, place] of clicked.entries()) {
      await first.tab.evaluate(() => { location.hash = "#verdict"; });
      const link = first.tab.locator(".wrongs .where a").nth(n);
      await link.click();
      await settled(first.tab);
      landings.push({ width, way: "click", place, ...await stands(first.tab, place) });
    }
    for (const place of places) {
      await first.tab.evaluate((hash) => { location.hash = hash; }, encodeURIComponent(place));
      await settled(first.tab);
      landings.push({ width, way: "hash", place, ...await stands(first.tab, place) });
    }
    const page = first.tab.url().split("#")[0];
    for (const place of places) {
      await anew(first.tab, `${page}#${encodeURIComponent(place)}`);
      landings.push({ width, way: "load", place, ...await stands(first.tab, place) });
    }
    const compared = await opened(matrix, "differs=1", options);
    const links = await compared.tab.$$eval(".matrix tbody tr:not([hidden]) td a:has(.fail, .warn)", (all, to) => all.map((a) => a.href).filter((h) => h.includes(to)), "/bad/");
    await compared.context.close();
    for (const link of links) {
      await anew(first.tab, link);
      const place = decodeURIComponent(new URL(link).hash.slice(1));
      landings.push({ width, way: "cell", place, ...await stands(first.tab, place) });
    }
    await first.context.close();
  }
  return landings;
}

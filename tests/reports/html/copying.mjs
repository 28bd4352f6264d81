// Copies a finding in each way there is; returns what was copied, by the name of the button.

export async function play(opened, { report, place }) {
  const { context, tab } = await opened(report, encodeURIComponent(place), { permissions: ["clipboard-read", "clipboard-write"] });
  const spot = tab.locator(`[id="${place}"] .copies`);
  await spot.locator("button").first().waitFor();
  const found = {};
  for (const name of await spot.locator("button").allTextContents()) {
    await spot.locator("button", { hasText: name }).click();
    found[name] = { shown: await spot.locator("textarea").inputValue(), copied: await tab.evaluate(() => navigator.clipboard.readText()) };
  }
  const without = await tab.locator(".copies button").evaluateAll((all) => new Set(all.map((b) => b.closest(".copies").dataset.of)).size);
  await context.close();
  return { found, without };
}

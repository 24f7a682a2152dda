/** The page of a sweep of one's own: whatever the sweep, no word of the homework, and no link that leads nowhere. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath, launch, openPage, violations } from "./browser.js";
import { fiveAxes, fixtureData, hostileData } from "./fixture.js";
import { copyPage, type PageCopy } from "./page-copy.js";
import { randomSweep } from "./random-sweep.js";

const SEEDS = 6;
const FOREIGN = /EE-411|homework|bonus|\bpart (?:1|2|one|two)\b|\bsections? 2\.|^2\.\d /im;

describe.skipIf(!chromiumPath)("the neutral frame", () => {
  let browser: Browser;
  let copy: PageCopy;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    browser = await launch();
    copy = await copyPage(null);
    ({ page, problems } = await openPage(browser, { width: 1280 }));
  });
  afterAll(async () => {
    await browser?.close();
    copy?.remove();
  });

  const neutral = { sweep: "rates", frame: "neutral" as const };
  const sweeps = Array.from({ length: SEEDS }, (_, seed) => {
    const { homework, bonus, places: named, counts } = randomSweep(seed);
    // Labels are the spec's own words.
    const places = Object.fromEntries(
      Object.entries(named).map(([id, place]) => [
        id,
        { ...place, label: place.label?.replace("the homework's", "a plain") },
      ]),
    );
    return fixtureData([...homework, ...bonus], { ...neutral, places, counts });
  });

  it("speaks of the sweep alone, and each link leads to a place", async () => {
    const all = [...sweeps, hostileData(), fixtureData(fiveAxes(), neutral), fixtureData([], neutral)];
    for (const data of all) {
      copy.writeData({ ...data, ...neutral });
      await page.goto(copy.url);
      await page.waitForSelector("main section");
      const text = await page.evaluate<string>("document.title + '\\n' + document.body.textContent");
      const found = FOREIGN.exec(text);
      expect(found && text.slice(found.index - 80, found.index + 40)).toBeNull();
      expect(text.match(/\{\{\w+\}\}|undefined/)).toBeNull();
      expect(await page.locator("#title").innerText()).toMatch(/^rates: /);
      const lost = await page.evaluate<string[]>(`[...document.querySelectorAll('a[href^="#"]')]
        .map((link) => link.getAttribute("href").slice(1)).filter((id) => !document.getElementById(id))`);
      expect(lost).toEqual([]);
    }
    expect(problems).toEqual([]);
  });

  it("has no violation of accessibility, and the latest run's page names the run and the others", async () => {
    const latest = {
      folder: "runs/rates",
      link: "../runs/rates/index.html",
      others: [{ folder: "runs/a", link: "a.html" }],
    };
    copy.writeData({ ...fixtureData(fiveAxes(), neutral), latest });
    await page.goto(copy.url);
    await page.waitForSelector("main section");
    expect(await violations(page)).toEqual([]);
    expect(await page.locator(".notices").innerText()).toContain(
      "Shows the sweep rates in runs/rates, the latest; its own page is runs/rates/index.html. Other runs: runs/a.",
    );
  });
});

/** The page whose data or reference results are cut short, missing or something else: it says so, and never stays blank. */
import fs from "node:fs";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RandomStream } from "../../src/core/numeric/random.js";
import { chromiumPath, launch, openPage } from "./browser.js";
import { fixtureData, homeworkCells } from "./fixture.js";
import { copyPage, dataScript, root, type PageCopy } from "./page-copy.js";

const REFERENCE = path.join(root, "web/report/reference/homework.json");
const whole = dataScript(fixtureData(homeworkCells()));
const random = new RandomStream("shuffle", 20);

/** Contents of a script that should set data, and does not; undefined: there is no file. */
const BROKEN: [string, string | undefined][] = [
  ["missing", undefined],
  ["empty", ""],
  ["an HTML page", "<!doctype html><p>404</p>"],
  ["zeros", "\0".repeat(4096)],
  ...[5, true, "text", [], {}, { cells: 5 }, { cells: [{}] }, { sweep: "homework" }, { cells: [] }].map(
    (value): [string, string] => [JSON.stringify(value), `window.HANDGRAD_DATA = ${JSON.stringify(value)};\n`],
  ),
  ...Array.from({ length: 3 }, (): [string, string] => {
    // All but its last two characters are needed.
    const length = random.below(whole.length - 3);
    return [`cut at ${length}`, whole.slice(0, length)];
  }),
  ["cut by a character that is needed", whole.slice(0, -3)],
];

describe.skipIf(!chromiumPath)("a page whose data cannot be read", () => {
  let browser: Browser;
  let withReference: PageCopy;
  let withoutReference: PageCopy;

  beforeAll(async () => {
    browser = await launch();
    withReference = await copyPage(null, REFERENCE);
    withoutReference = await copyPage(null);
  });
  afterAll(async () => {
    await browser?.close();
    withReference?.remove();
    withoutReference?.remove();
  });

  function put(file: string, content: string | undefined): void {
    fs.rmSync(file, { force: true });
    if (content !== undefined) fs.writeFileSync(file, content);
  }

  /** Collects what the page's own script throws. A data file that cannot be parsed is the browser's to complain of. */
  function exceptionsOf(page: Page): string[] {
    const exceptions: string[] = [];
    page.on("pageerror", ({ stack = "" }) => void (stack.includes("report.js") && exceptions.push(stack)));
    return exceptions;
  }

  async function visit(page: Page, copy: PageCopy): Promise<void> {
    await page.goto(copy.url);
    await page.waitForSelector("main section, main.not-built");
  }

  it.each(BROKEN)("data.js %s: says so, and shows reference results as such", async (_name, content) => {
    const { page } = await openPage(browser);
    const exceptions = exceptionsOf(page);
    put(withReference.data, content);
    await visit(page, withReference);
    const banner = await page.locator(".notices").innerText();
    expect(banner).toMatch(/cannot be read[\s\S]*npm run report[\s\S]*not your own but reference results/);
    expect(banner).not.toContain("No sweep was run");
    expect(await page.locator(".cells tbody tr").count()).toBe(12);
    expect(exceptions).toEqual([]);
    await page.context().close();
  });

  it("says what went wrong and what may help where there are no reference results either", async () => {
    const { page } = await openPage(browser);
    const exceptions = exceptionsOf(page);
    for (const [name, content] of BROKEN.filter((_, i) => i % 5 === 0)) {
      put(withoutReference.data, content);
      await visit(page, withoutReference);
      expect(await page.locator("main").innerText(), name).toMatch(/could not be drawn[\s\S]+npm run report/);
    }
    expect(exceptions).toEqual([]);
    await page.context().close();
  });

  it("shows the data once they are written anew and the reader comes back", async () => {
    const { page } = await openPage(browser);
    const exceptions = exceptionsOf(page);
    put(withReference.data, whole.slice(0, 1000));
    await visit(page, withReference);
    put(withReference.data, whole);
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await expect.poll(() => page.locator(".notices").innerText()).toBe("");
    expect(exceptions).toEqual([]);
    await page.context().close();
  });

  it("reference.js damaged in any way: a sweep's own data are shown all the same, and without them a notice", async () => {
    const file = path.join(path.dirname(withReference.data), "reference.js");
    const good = fs.readFileSync(file, "utf8");
    const { page } = await openPage(browser);
    const exceptions = exceptionsOf(page);
    for (const content of [
      undefined,
      "",
      "<p>",
      good.slice(0, 5000),
      "window.HANDGRAD_REFERENCE = window.HANDGRAD_BONUS = 5;",
    ]) {
      put(file, content);
      put(withReference.data, whole);
      await visit(page, withReference);
      expect(await page.locator(".notices").innerText()).toBe("");
      expect(await page.locator(".cells tbody tr").count()).toBe(12);
      put(withReference.data, "window.HANDGRAD_DATA = null;\n");
      await visit(page, withReference);
      const text = await page.locator("main").innerText();
      expect(text).toMatch(/npm run sweep[\s\S]+reference results [^.]* could not be read[\s\S]+npm run build/);
    }
    fs.writeFileSync(file, good);
    expect(exceptions).toEqual([]);
    await page.context().close();
  });

  it("keeps its figures where a refresh cannot be read, and tries again", async () => {
    const cells = homeworkCells();
    const data = (done: number) => {
      const [heartbeat, running] = [Date.now(), []];
      const live = { startedAt: 0, heartbeat, nextHeartbeat: heartbeat, running, done, total: 12, etaSeconds: 60 };
      return fixtureData(cells.slice(0, done), { live });
    };
    withReference.writeData(data(4));
    const { page } = await openPage(browser);
    const exceptions = exceptionsOf(page);
    await visit(page, withReference);
    let looks = 0;
    page.on("request", (request) => void (looks += Number(request.url().includes("data.js?"))));
    for (const [, content] of [BROKEN[0], BROKEN[1], ["", "window.HANDGRAD_DATA = 5"], ["", whole.slice(0, 999)]]) {
      put(withReference.data, content);
      const before = looks;
      await expect.poll(() => looks, { timeout: 10_000 }).toBeGreaterThan(before);
      await page.waitForTimeout(200);
      expect(await page.locator(".cells tbody tr").count()).toBe(4);
      expect(await page.locator(".live").innerText()).toContain("4 of 12 cells");
    }
    withReference.writeData(data(6));
    await expect.poll(() => page.locator(".cells tbody tr").count(), { timeout: 10_000 }).toBe(6);
    withReference.writeData({ ...data(6), cells: [{}] });
    const before = looks;
    await expect.poll(() => looks, { timeout: 10_000 }).toBeGreaterThan(before);
    withReference.writeData(fixtureData(cells));
    await expect.poll(() => page.locator(".cells tbody tr").count(), { timeout: 10_000 }).toBe(12);
    expect(await page.locator(".live").count()).toBe(0);
    expect(exceptions).toEqual([]);
    await page.context().close();
  });
});

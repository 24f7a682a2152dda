/** The page whose data or reference results are cut short, missing or something else: it says so, and never stays blank. */
import fs from "node:fs";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RandomStream } from "../../src/core/numeric/random.js";
import { chromiumPath, launch, openPage } from "./browser.js";
import type { ReportData } from "../../src/sweeps/page/report-data.js";
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

  describe("says so, and shows reference results as such", () => {
    let page: Page;
    let exceptions: string[];
    beforeAll(async () => {
      ({ page } = await openPage(browser));
      exceptions = exceptionsOf(page);
    });
    afterAll(() => page.context().close());

    it.each(BROKEN)("data.js %s", async (_name, content) => {
      put(withReference.data, content);
      await visit(page, withReference);
      const banner = await page.locator(".notices").innerText();
      expect(banner).toMatch(/cannot be read[\s\S]*npm run report[\s\S]*not your own but reference results/);
      expect(banner).not.toContain("No sweep was run");
      expect(await page.locator(".cells tbody tr").count()).toBe(12);
      expect(exceptions.splice(0)).toEqual([]);
    });
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
    put(withoutReference.data, "window.HANDGRAD_DATA = null;\n");
    await visit(page, withoutReference);
    expect(await page.locator("main").innerText()).not.toContain("could not be read");
    expect(exceptions).toEqual([]);
    await page.context().close();
  });

  /** A running sweep's data as of now, by the page's clock, with this many of the twelve cells ended. */
  async function liveData(page: Page, done: number): Promise<ReportData> {
    const heartbeat = Number(await page.evaluate("Date.now()"));
    const live = { startedAt: 0, heartbeat, nextHeartbeat: heartbeat, running: [], done, total: 12, etaSeconds: 60 };
    return fixtureData(homeworkCells().slice(0, done), { live });
  }

  it("keeps its figures where a refresh cannot be read, and goes on looking without end", async () => {
    const { page } = await openPage(browser);
    const exceptions = exceptionsOf(page);
    await page.clock.install({ time: Date.now() });
    const first = await liveData(page, 4);
    withReference.writeData(first);
    await visit(page, withReference);
    let looks = 0;
    page.on("requestfinished", (request) => void (looks += Number(request.url().includes("data.js?"))));
    page.on("requestfailed", (request) => void (looks += Number(request.url().includes("data.js?"))));
    const look = async () => {
      const before = looks;
      await page.clock.fastForward(15_000);
      await expect.poll(() => looks).toBeGreaterThan(before);
      await page.waitForTimeout(100);
    };
    const shown = async () => [
      await page.locator(".cells tbody tr").count(),
      (await page.locator(".live strong").allInnerTexts()).join(),
    ];
    await expect.poll(shown).toEqual([4, "Sweep running"]);

    const { live, ...ended } = first;
    const set = (value: unknown) => dataScript(value);
    const unread = [
      undefined,
      "",
      whole.slice(0, 999),
      set(5),
      set(null),
      set({ cells: [] }),
      set({ ...ended, cells: [{}] }),
    ];
    for (const content of [...unread, set({ ...ended, live: 5 }), set({ ...ended, live: {} })]) {
      put(withReference.data, content);
      await look();
      expect((await shown())[0]).toBe(4);
    }
    await expect.poll(async () => (await shown())[1]).toBe("The sweep seems to be no longer running.");
    const since = new Date(live!.heartbeat).toLocaleString("sv").slice(0, 16);
    expect(await page.locator(".live").innerText()).toContain(`no sign since ${since}`);

    withReference.writeData(await liveData(page, 6));
    await look();
    await expect.poll(shown).toEqual([6, "Sweep running"]);
    // What a report, or a second sweep that has ended, leaves while the first goes on.
    withReference.writeData(fixtureData(homeworkCells()));
    await look();
    await expect.poll(shown).toEqual([12, ""]);
    await look();
    withReference.writeData(await liveData(page, 8));
    await look();
    await expect.poll(shown).toEqual([8, "Sweep running"]);
    expect(exceptions).toEqual([]);
    await page.context().close();
  });
});

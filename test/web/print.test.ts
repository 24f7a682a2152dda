/** The page on paper, in a real Chromium: few pages, nothing that only a screen can use, nothing cut, charts sharp. */
import fs from "node:fs";
import path from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { printReport } from "../../src/sweeps/page/pdf.js";
import { temporaryFolder } from "../sweeps/fixtures.js";
import { handgrad, startHandgrad } from "../sweeps/handgrad.js";
import { build } from "../workers/built.js";
import { chromiumPath, launch, openPage } from "./browser.js";
import { fixtureData, homeworkCells } from "./fixture.js";
import { copyPage, type PageCopy } from "./page-copy.js";

describe.skipIf(!chromiumPath)("the page on paper", () => {
  let browser: Browser;
  let copy: PageCopy;
  const data = fixtureData(homeworkCells());

  beforeAll(async () => {
    browser = await launch();
    copy = await copyPage(data);
  });
  afterAll(async () => {
    await browser?.close();
    copy?.remove();
  });

  it.each([
    ["letter", /\/MediaBox \[0 0 612 792\]/],
    ["a4", /\/MediaBox \[0 0 59[45]\.\d+ 841\.\d+\]/],
  ] as const)("takes at most 12 pages of %s, with the bonus", async (paper, size) => {
    const pdf = Buffer.from(await printReport(data, paper, chromiumPath!)).toString("latin1");
    expect(pdf).toMatch(size);
    const pages = pdf.match(/\/Type \/Page\b(?!s)/g)?.length ?? 0;
    expect(pages).toBeGreaterThan(3);
    expect(pages).toBeLessThanOrEqual(12);
  });

  it("is printed to the same bytes each time, on A4 where nothing else is asked for", async () => {
    const folder = temporaryFolder();
    await build();
    const small = ["--train-limit", "64", "--test-limit", "32", "--epochs", "1"];
    expect((await handgrad(folder, "sweep", "smoke", ...small)).code).toBe(0);
    const printed = async () => {
      const { code, stdout } = await handgrad(folder, "report", "--pdf", "report.pdf");
      expect([code, stdout]).toEqual([0, expect.stringContaining("written to report.pdf\n")]);
      return fs.readFileSync(path.join(folder, "report.pdf"), "latin1");
    };
    const first = await printed();
    expect(first).toMatch(/\/MediaBox \[0 0 59[45]\.\d+ 841\.\d+\]/);
    expect((await printed()) === first).toBe(true);

    // Interrupted while the browser runs, it leaves neither that nor its folder.
    const temporary = temporaryFolder();
    const printing = startHandgrad(folder, ["report", "--pdf", "late.pdf"], undefined, { TMPDIR: temporary });
    const profiles = () =>
      fs
        .readdirSync(temporary)
        .flatMap((name) => fs.readdirSync(path.join(temporary, name)).filter((file) => file === "profile"));
    await expect.poll(profiles, { timeout: 30_000, interval: 20 }).not.toEqual([]);
    printing.signal("SIGINT");
    expect((await printing.finished).code).toBe(130);
    expect(fs.readdirSync(temporary)).toEqual([]);
    expect(fs.existsSync(path.join(folder, "late.pdf"))).toBe(false);
  });

  it("has no control, no navigation, nothing wider than the paper, and charts of three pixels to one", async () => {
    const { page, problems } = await openPage(browser, { width: 1280, dark: true });
    await page.goto(copy.url);
    await page.emulateMedia({ media: "print" });
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    await page.setViewportSize({ width: 688, height: 1000 });
    const found = await page.evaluate<{
      controls: string[];
      cut: string[];
      blurred: string[];
      charts: number;
    }>(`(() => {
      const seen = (element) => element.checkVisibility() && element.getBoundingClientRect().width > 0;
      const all = (selector) => [...document.querySelectorAll(selector)].filter(seen);
      const canvases = all('.plot canvas');
      return {
        controls: all('nav, input, select, summary, dialog, .figure-tools, button:not(table *, figure *), .quiet, .copy').map((e) => e.outerHTML.slice(0, 120)),
        cut: all('main *').filter((e) => !e.closest('.visually-hidden, svg, math') &&
          (e.getBoundingClientRect().right > innerWidth + 1 || (getComputedStyle(e).overflowX !== 'visible' && e.scrollWidth > e.clientWidth + 1))).map((e) => e.outerHTML.slice(0, 120)),
        blurred: canvases.filter((c) => c.width < 2.9 * c.getBoundingClientRect().width).map((c) => c.closest('.plot').id),
        charts: canvases.length,
      };
    })()`);
    expect(found).toEqual({ controls: [], cut: [], blurred: [], charts: expect.any(Number) });
    // Losses over the logit; two each for both models, their parameters, and permuted pixels.
    expect(found.charts).toBe(9);
    expect(await page.evaluate("document.documentElement.dataset.theme")).toBe("light");
    expect(problems).toEqual([]);
    await page.context().close();
  });
});

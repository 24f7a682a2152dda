/** The sections of fixed words, as a browser draws them: part one, the data, the code. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pixelPermutation } from "../../src/core/data/permutation.js";
import { chromiumPath, launch, openPage } from "./browser.js";
import { fixtureData, homeworkCells } from "./fixture.js";
import { copyPage, type PageCopy } from "./page-copy.js";

const SIDE = 28;

describe.skipIf(!chromiumPath)("the written sections", () => {
  const data = fixtureData(homeworkCells());
  let browser: Browser;
  let copy: PageCopy;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    browser = await launch();
    // As the reference results are: images that stand in, and no permutations.
    copy = await copyPage({ ...data, images: { ...data.images, drawn: true }, permutations: {} });
    ({ page, problems } = await openPage(browser, { width: 1280, dark: true }));
    await page.goto(copy.url);
    await page.waitForSelector("main section");
  });
  afterAll(async () => {
    expect(problems).toEqual([]);
    await browser?.close();
    copy?.remove();
  });

  it("leave no place of the words unfilled", async () => {
    expect(await page.locator("[data-slot]").evaluateAll((places) => places.map(String))).toEqual([]);
    const prose = await page.locator("main :is(p, li, h3, figcaption, td)").allInnerTexts();
    expect(prose.filter((text) => /undefined|NaN images|\{\{/.test(text))).toEqual([]);
  });

  it.each([1280, 700, 390])("cut no line of code at %i pixels, and centre every formula", async (width) => {
    await page.setViewportSize({ width, height: 900 });
    await page.evaluate("document.querySelectorAll('details.code').forEach((folded) => (folded.open = true))");
    const cut = await page.evaluate(`[...document.querySelectorAll(".code pre")].filter(
      (pre) => pre.clientWidth > 0 && (pre.scrollWidth > pre.clientWidth || pre.getBoundingClientRect().right > innerWidth)).length`);
    expect(cut).toBe(0);
    expect(await page.locator(".code pre").count()).toBeGreaterThan(4);
    const off = await page.evaluate<number[]>(`[...document.querySelectorAll(".formula")].map((formula) => {
      const [outer, parts] = [formula.getBoundingClientRect(), [...formula.querySelectorAll("math > *")].map((part) => part.getBoundingClientRect())];
      const [left, right] = [Math.min(...parts.map((part) => part.left)), Math.max(...parts.map((part) => part.right))];
      return (left + right - outer.left - outer.right) / 2;
    })`);
    expect(off.length).toBeGreaterThan(7);
    for (const distance of off) expect(Math.abs(distance)).toBeLessThan(2);
  });

  it("align the equations of a derivation at their equals signs", async () => {
    const columns = await page.evaluate<number[][]>(`[...document.querySelectorAll(".formula mtable")].map((table) =>
      [...table.querySelectorAll("mtr")].map((row) => {
        const right = row.children[0].lastElementChild?.getBoundingClientRect();
        return right && right.width > 0 ? [right.right - row.children[0].getBoundingClientRect().right] : [];
      }).flat())`);
    expect(columns.length).toBeGreaterThan(3);
    // Every left-hand side ends where its cell does.
    for (const gaps of columns) for (const gap of gaps) expect(Math.abs(gap)).toBeLessThan(2);
  });

  it("fold all but the largest errors of the gradient away", async () => {
    await page.locator("#gradient .play").scrollIntoViewIfNeeded();
    await page.waitForSelector("#gradient .table-scroll");
    const tables = page.locator("#gradient .table-scroll table");
    const errors = (await tables.nth(0).locator("tbody td:last-child").allInnerTexts()).map((text) =>
      Number(text.replace(/ × 10⁻/, "e-").replace(/[⁰¹²³⁴-⁹]/g, (c) => String("⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(c)))),
    );
    expect(errors).toHaveLength(5);
    expect(errors).toEqual([...errors].sort((a, b) => b - a));
    expect(await tables.nth(1).isVisible()).toBe(false);
    await page.getByText("All weights", { exact: true }).click();
    expect(await tables.nth(1).locator("tbody tr").count()).toBe(36);
  });

  it("show images inverted, in dark appearance too, say where they are from, and permute them as the cells do", async () => {
    for (const caption of ["#data figcaption", "#permuted figure:has(.gallery) figcaption"]) {
      const text = await page.locator(caption).innerText();
      expect(text).toContain("Shown inverted: 0, the background, is white.");
      expect(text).toContain(
        "Drawn by the synthetic set, which stands in for FashionMNIST until a sweep has loaded it.",
      );
    }
    const grey = (section: string): Promise<number[]> =>
      page
        .locator(`${section} .gallery canvas`)
        .first()
        .evaluate((canvas: { getContext(kind: "2d"): { getImageData(...box: number[]): { data: Uint8Array } } }) =>
          [...canvas.getContext("2d").getImageData(0, 0, 28, 28).data].filter((_, i) => i % 4 === 1),
        );
    const bytes = Buffer.from(data.images!.samples[0].pixels, "base64");
    expect(await grey("#data")).toEqual([...bytes].map((byte) => 255 - byte));
    const moved = pixelPermutation(1, SIDE * SIDE);
    expect(await grey("#permuted")).toEqual([...moved].map((from) => 255 - bytes[from]));
  });
});

/** The bonus on the page in a real browser: a sweep's own cells, the committed results, and the homework's sections beside them. */
import fs from "node:fs";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { summariseCell } from "../../src/sweeps/commands/summary.js";
import { chromiumPath, launch, openPage, violations, type View } from "./browser.js";
import { bonusData, fixtureData, homeworkCells } from "./fixture.js";
import { copyPage, type PageCopy } from "./page-copy.js";

const bonus = bonusData();
const homework = homeworkCells();
/** As committed: the object of `cells --json` with curve and confusion matrix a cell. */
const committed = {
  sweep: "bonus",
  dataset: "fashion-mnist",
  dataDigest: "0",
  engineVersion: 1,
  wallSeconds: 600,
  cells: bonus.cells.map((cell) => ({
    ...summariseCell(cell, bonus.places?.[cell.id]),
    curve: cell.curve,
    confusion: cell.confusion,
  })),
};
const final = bonus.cells.filter(({ id }) => bonus.places?.[id].role === "final");

describe.skipIf(!chromiumPath)("the bonus section", () => {
  let browser: Browser;
  /** A sweep that holds both; and a homework sweep on a page with committed bonus results. */
  let both: PageCopy;
  let beside: PageCopy;

  beforeAll(async () => {
    browser = await launch();
    both = await copyPage(fixtureData([...homework, ...bonus.cells], { places: bonus.places }));
    const file = path.join(both.folder, "bonus.json");
    fs.writeFileSync(file, JSON.stringify(committed));
    beside = await copyPage(fixtureData(homework), undefined, file);
  });
  afterAll(async () => {
    await browser?.close();
    both?.remove();
    beside?.remove();
  });

  async function open(copy: PageCopy, view: View = {}, hash = ""): Promise<{ page: Page; problems: string[] }> {
    const opened = await openPage(browser, view);
    await opened.page.goto(copy.url + hash);
    await opened.page.waitForSelector("#bonus");
    return opened;
  }
  const rungs = (page: Page) => page.locator("#bonus .ladder tbody tr");

  it("shows the ladder from the homework's CNN to the recipe, with the words the records give", async () => {
    const { page, problems } = await open(both);
    const labels = await rungs(page).locator("th button").allInnerTexts();
    expect(labels).toHaveLength(bonus.cells.length - final.length);
    expect(labels.slice(0, 3)).toEqual(["the recipe, shorter", "the homework's CNN", "no batch normalisation"]);
    expect(await rungs(page).filter({ hasText: "no batch normalisation" }).innerText()).toContain("diverged");
    const groups = await page.locator("#bonus .ladder-group").allInnerTexts();
    expect(groups.slice(0, 3)).toEqual(["Nothing changed", "All taken back", "One decision taken back"]);
    // In full it has other images and another budget: no mark on this scale.
    expect(await page.locator("#bonus").innerText()).toMatch(
      /Not on this scale: the recipe in full, trained for \d+ epochs/,
    );
    const looks = await rungs(page).evaluateAll(
      (rows: { innerText: string; querySelector(q: string): { getAttribute(name: string): string } | null }[]) =>
        rows.map((row) => [row.innerText, row.querySelector(".ladder-picture")?.getAttribute("class")] as const),
    );
    for (const [row, look] of looks) {
      const [, sign, size, half] = /([+−]?)(\d+\.\d) ± (\d+\.\d)/.exec(row) ?? [];
      if (size === undefined || size === half) continue;
      expect(look, row).toContain(
        Number(size) < Number(half) ? "ladder-chance" : sign === "+" ? "ladder-gain" : "ladder-loss",
      );
    }
    const text = await page.locator("#bonus").innerText();
    expect(text).toContain("Recipes are compared by the last 5,000 training images");
    expect(text).toContain("decisions help beyond chance");
    expect(text).toContain("no random erasing (+");
    expect(text).not.toContain("Reference results");
    await page.locator("#bonus-accuracy").scrollIntoViewIfNeeded();
    await page.waitForSelector("#bonus-accuracy canvas");
    expect(await page.locator("#bonus-accuracy").innerText()).toContain("validation");
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it("leaves the homework's sections to the homework's cells", async () => {
    const [mixed, alone] = [await open(both), await open(beside)];
    const sections = ["mlp", "cnn", "parameters", "permuted"].map((id) => `#${id}`);
    for (const selector of sections)
      expect(await mixed.page.locator(selector).innerText(), selector).toBe(
        await alone.page.locator(selector).innerText(),
      );
    expect(await mixed.page.locator("#other-models").count()).toBe(0);
    // The first figure has a row more: the recipe.
    const [rows, others] = await Promise.all(
      [mixed, alone].map(({ page }) => page.locator(".dot-row").allInnerTexts()),
    );
    // Validation images judge the recipe: it is not ranked with those that the test set judges.
    expect(rows.slice(0, -1)).toEqual(others);
    expect(rows.at(-1)).toContain("the recipe");
    expect([
      await mixed.page.locator(".cells tbody tr").count(),
      await alone.page.locator(".cells tbody tr").count(),
    ]).toEqual([homework.length + bonus.cells.length, homework.length]);
    expect(await mixed.page.locator(".found").innerText()).toContain("For the bonus, a recipe");
    for (const { page } of [mixed, alone]) await page.context().close();
  });

  it("shows the committed results where the sweep has no bonus cells, says so, and opens their cells", async () => {
    const { page, problems } = await open(beside);
    expect(await page.locator("#bonus").innerText()).toContain("Reference results, committed with the project");
    expect(await page.locator(".found").innerText()).not.toContain("bonus");
    await page
      .locator("#bonus")
      .getByRole("button", { name: `Details of ${final[0].id}` })
      .click();
    const dialog = page.locator("dialog[open]");
    expect(await dialog.innerText()).toMatch(/validation accuracy\s+9\d\.\d\d/);
    expect(await dialog.innerText()).toMatch(/test accuracy, read once\s+9\d\.\d\d/);
    expect(await dialog.locator("#detail-accuracy").innerText()).toContain("validation");
    const again = await open(beside, {}, page.url().slice(page.url().indexOf("#")));
    expect(await again.page.locator("dialog[open] h3").innerText()).toBe(final[0].id);
    expect([...problems, ...again.problems]).toEqual([]);
    for (const opened of [page, again.page]) await opened.context().close();
  });

  it("calls held-out figures by their name in the explorer, with the label in place of the settings", async () => {
    const { page } = await open(both);
    const headers = (await page.locator(".cells thead th").allInnerTexts()).map((text) =>
      text.replace(/[▲▼]/, "").trim(),
    );
    expect(headers.slice(1)).toEqual([
      "model",
      "optimizer",
      "role",
      "label",
      "seed",
      "epochs",
      "status",
      "test acc.",
      "best",
      "validation",
      "parameters",
      "time",
      "rerun command and cell",
    ]);
    expect(await page.locator("#explorer-curves-title").innerText()).toBe("Selected cells: held-out accuracy by epoch");
    await page.locator("#find").fill("no residual");
    expect(await page.locator(".cells tbody tr").count()).toBe(1);
    await expect
      .poll(() => page.locator("#explorer-curves-title").innerText())
      .toBe("Selected cells: validation accuracy by epoch");
    await page.context().close();
  });

  it.each([{ width: 1280 }, { width: 390, dark: true }])(
    "fits the window and has no accessibility violation: %o",
    async (view) => {
      const { page, problems } = await open(both, view);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(view.width);
      for (const summary of await page.locator("#bonus summary").all()) await summary.evaluate("(s) => s.click()");
      expect(problems).toEqual([]);
      expect(await violations(page)).toEqual([]);
      await page.context().close();
    },
  );
});

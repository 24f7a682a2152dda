/** The first screen: every recipe's accuracy in one figure; contents, figure numbers, references and citation; the page before it is drawn. */
import fs from "node:fs";
import path from "node:path";
import fc from "fast-check";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CellRecord } from "../../src/sweeps/store/record.js";
import { viewCells } from "../../web/report/src/data/cells.js";
import { bibtex } from "../../web/report/src/data/citation.js";
import { cellsOf, resultRows, troubleOf } from "../../web/report/src/data/result-rows.js";
import { chromiumPath, launch, openPage, violations, type View } from "./browser.js";
import { bonusData, fixtureData, fixtureRecord, homeworkCells, hostileData, manyCells } from "./fixture.js";
import { copyPage, root, type PageCopy } from "./page-copy.js";

describe("the rows of the first figure", () => {
  const cell = fc.record({
    kind: fc.constantFrom("mlp" as const, "cnn" as const),
    optimizer: fc.constantFrom("sgd" as const, "adam" as const),
    permutation: fc.nat(2),
    seed: fc.nat(3),
    accuracy: fc.oneof(
      fc.constant(NaN),
      fc.integer({ min: 0, max: 1000 }).map((n) => n / 1000),
    ),
    ending: fc.constantFrom("done" as const, "diverged" as const, "failed" as const),
  });
  const base = fixtureRecord({ model: { kind: "mlp" }, optimizer: { kind: "sgd" }, epochs: 1 });
  const key = ({ kind, optimizer, permutation, seed }: typeof cell extends fc.Arbitrary<infer T> ? T : never) =>
    [kind, optimizer, permutation, seed].join();

  it("hold every cell once, under the mean of their figures, best first", () =>
    fc.assert(
      fc.property(fc.uniqueArray(cell, { selector: key }), (made) => {
        const records = made.map(({ kind, optimizer, permutation, seed, accuracy, ending }, i): CellRecord => {
          const { config } = fixtureRecord({
            model: { kind },
            optimizer: { kind: optimizer },
            permutation,
            seed,
            epochs: 1,
          });
          const curve = ending === "failed" ? [] : [{ ...base.curve[0], testAccuracy: accuracy }];
          return { ...base, id: String(i), config, status: ending, curve };
        });
        const rows = resultRows(viewCells(records));
        expect(
          rows
            .flatMap(cellsOf)
            .map(({ id }) => Number(id))
            .sort((a, b) => a - b),
        ).toEqual(made.map((_, i) => i));
        const means = rows.map((row) => {
          const sides = [row.original, row.permuted].map(({ cells, test }, permuted) => {
            const of = cells.map(({ id }) => made[Number(id)]);
            for (const { permutation } of of) expect(permutation > 0).toBe(permuted === 1);
            const finite = of.filter(({ ending, accuracy }) => ending !== "failed" && !Number.isNaN(accuracy));
            const mean = finite.reduce((sum, { accuracy }) => sum + accuracy, 0) / finite.length;
            expect(test.n).toBe(finite.length);
            if (finite.length > 0) expect(test.mean).toBeCloseTo(mean, 12);
            return mean;
          });
          const kinds = new Set(cellsOf(row).map(({ id }) => `${made[Number(id)].kind} ${made[Number(id)].optimizer}`));
          expect(kinds.size).toBe(1);
          for (const ending of ["diverged", "failed"])
            expect(troubleOf(row).includes(ending)).toBe(
              cellsOf(row).some(({ id }) => made[Number(id)].ending === ending),
            );
          return Number.isNaN(sides[0]) ? sides[1] : sides[0];
        });
        const numbers = means.map((mean) => (Number.isNaN(mean) ? -1 : mean));
        expect(numbers).toEqual([...numbers].sort((a, b) => b - a));
      }),
    ));

  it("say how many of their cells are not simply done", () => {
    const sgd = (seed: number, ending: "done" | "chance" | "failed") =>
      fixtureRecord({ model: { kind: "mlp" }, optimizer: { kind: "sgd" }, seed }, { ending });
    const trouble = (...records: CellRecord[]) => troubleOf(resultRows(viewCells(records))[0]);
    expect(trouble(sgd(0, "done"))).toBe("");
    expect(trouble(sgd(0, "chance"), sgd(1, "chance"))).toBe("collapsed");
    expect(trouble(sgd(0, "chance"), sgd(1, "failed"), sgd(2, "done"))).toBe(
      "1 of 3 cells collapsed, 1 of 3 cells failed",
    );
  });
});

it("a citation holds title, version, engine and data, and no name can break out of it", () => {
  const data = { ...fixtureData([]), sweep: "a}_%{\\b", dataDigest: "0123456789abcdef0123", engineVersion: 7 };
  const entry = bibtex(data, "Nesterov takes the CNN to 90 %", "1.2.3");
  expect(entry).toMatch(/^@misc\{handgrad,\n[\s\S]*\n\}$/);
  expect(entry).toContain("{{Nesterov takes the CNN to 90 \\%}}");
  expect(entry).toContain("Handgrad 1.2.3, sweep a\\_\\%b");
  expect(entry).toMatch(/Engine version 7; [^\n]*sha256 0123456789abcdef\}/);
  expect(entry.replaceAll(/[^{}]/g, "")).toMatch(/^\{(\{\}|\{\{\}\})+\}$/);
});

describe.skipIf(!chromiumPath)("in a browser", () => {
  let browser: Browser;
  const copies: PageCopy[] = [];

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    for (const copy of copies) copy.remove();
  });

  async function open(data: unknown, view: View = {}): Promise<{ page: Page; problems: string[]; copy: PageCopy }> {
    const copy = await copyPage(data);
    copies.push(copy);
    const opened = await openPage(browser, view);
    await opened.page.goto(copy.url);
    await opened.page.waitForSelector(".opening");
    return { ...opened, copy };
  }
  const focused = (page: Page, what: string) => page.evaluate<string | null>(`document.activeElement.${what}`);

  it("goes through the recipes by keyboard, reads them out, and opens the cell that was chosen", async () => {
    const { page, problems } = await open(fixtureData(homeworkCells([0, 1])));
    expect(await page.title()).toBe(`${await page.locator("main h1").innerText()} · Handgrad`);
    const rows = page.locator(".dot-row");
    expect(await rows.count()).toBe(6);
    expect(await page.locator(".dot-row[tabindex='0']").count()).toBe(1);
    await rows.first().focus();
    const hasFocus = (name: RegExp) =>
      page
        .getByRole("button", { name })
        .evaluate(
          (row: unknown) =>
            row === (globalThis as never as { document: { activeElement: unknown } }).document.activeElement,
        );
    const words = /^CNN, Nesterov 9\d\.\d\d\s% ± \d\.\d\d original, 8\d\.\d\d\s% ± \d\.\d\d permuted$/;
    expect(await hasFocus(words)).toBe(true);
    await page.keyboard.press("End");
    expect(await hasFocus(/^CNN, Adam collapsed 10\.00.* original, 10\.00/)).toBe(true);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowUp");
    expect(await hasFocus(/^MLP, Adam /)).toBe(true);
    await page.keyboard.press("Home");
    for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowRight");
    expect(await page.locator(".dot-plot [aria-live]").innerText()).toMatch(/^permutation 1, seed 0: 8\d\.\d\d/);
    await page.keyboard.press("Enter");
    expect(await page.locator("dialog[open] h3").innerText()).toMatch(/^cnn-nesterov-perm1-seed0-/);
    await page.keyboard.press("Escape");
    await rows.nth(1).locator("circle[data-cell*='seed1']").first().dispatchEvent("click");
    expect(await page.locator("dialog[open] h3").innerText()).toMatch(/^mlp-nesterov-perm\d-seed1-/);
    await page.keyboard.press("Escape");
    await page.locator(".results summary").click();
    await expect.poll(() => page.locator(".results .data-table tbody tr").count()).toBe(6);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it.each([
    { name: "no cell", data: fixtureData([]), rows: 0 },
    {
      name: "one failed cell",
      data: fixtureData([fixtureRecord({ model: { kind: "cnn" }, optimizer: { kind: "sgd" } }, { ending: "failed" })]),
      rows: 1,
    },
    { name: "1,000 cells", data: fixtureData(manyCells()), rows: 12 },
    { name: "a bonus sweep", data: bonusData(), rows: 1 },
    { name: "hostile names", data: hostileData(), rows: 7 },
  ])("shows what there is and fits a phone: $name", async ({ data, rows }) => {
    const { page, problems } = await open(data, { width: 390 });
    expect(await page.locator(".dot-row").count()).toBe(rows);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    const more = (await page.locator(".results figcaption").allInnerTexts()).join().includes("12 best of");
    expect(more).toBe(rows === 12);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it("leads to every section by real addresses, marks the one in view, and goes back", async () => {
    const { page, problems } = await open(fixtureData(homeworkCells()));
    const links = page.locator("#contents-list a");
    const targets = await links.evaluateAll((all: { hash: string }[]) => all.map(({ hash }) => hash));
    const sections = await page
      .locator("main .part[id]")
      .evaluateAll((all: { id: string }[]) => all.map(({ id }) => `#${id}`));
    expect(targets).toEqual(expect.arrayContaining([...sections, "#title", "#part-1", "#explorer", "#provenance"]));
    const current = () => page.locator("#contents-list [aria-current]").allInnerTexts();
    await expect.poll(current).toEqual(["Overview"]);
    const start = page.url();
    await page.locator("#contents-list a[href='#cnn']").click();
    await expect.poll(current).toEqual(["2.3 Convolutional network"]);
    expect(page.url()).toBe(`${start}#cnn`);
    await expect.poll(() => focused(page, "id")).toBe("cnn-heading");
    await page.locator("#contents-list a[href='#part-1']").click();
    await expect.poll(() => focused(page, "textContent")).toContain("Backpropagation");
    await page.goBack();
    expect(page.url()).toBe(`${start}#cnn`);
    await expect.poll(current).toEqual(["2.3 Convolutional network"]);

    // Every link within the page leads somewhere, and figures are numbered as they follow each other.
    const lost =
      "[...document.querySelectorAll('a[href^=\"#\"]')].map((a) => a.hash.slice(1)).filter((id) => !document.getElementById(id))";
    expect(await page.evaluate(lost)).toEqual([]);
    // Works are listed as they are first cited, each citation with its number.
    const cited = await page
      .locator("main a[href^='#ref-']")
      .evaluateAll((all: { hash: string; textContent: string }[]) =>
        all.map(({ hash, textContent }) => [hash.slice(1), Number(/\u00a0\[(\d+)\]$/.exec(textContent)?.[1])] as const),
      );
    const listed = await page
      .locator(".references li")
      .evaluateAll((all: { id: string; textContent: string }[]) => all.map(({ id, textContent }) => [id, textContent]));
    expect(listed.map(([id]) => id)).toEqual([...new Set(cited.map(([id]) => id))]);
    for (const [id, number] of cited) expect(listed[number - 1]?.[0]).toBe(id);
    for (const [id, text] of listed) expect([id, text]).toEqual([id, expect.stringMatching(/\. .*\b(19|20)\d\d\b/)]);
    expect(listed.map(([id]) => id)).toEqual(expect.arrayContaining(["ref-fashion-mnist", "ref-adam", "ref-nesterov"]));
    expect(listed.map(([id]) => id)).not.toContain("ref-muon");
    const { version } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")) as { version: string };
    expect(await page.locator("#cite pre").innerText()).toContain(`Handgrad ${version}, sweep homework`);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it("numbers every figure of the article that has a caption, no matrix, no code, and none of a cell's details", async () => {
    const { page } = await open(fixtureData(homeworkCells()));
    const numbered = (within: string) =>
      page.evaluate<number>(
        `[...document.querySelectorAll("${within} figcaption")].filter((c) => getComputedStyle(c, "::before").content.startsWith('"Figure "')).length`,
      );
    expect(await numbered("main figure")).toBe(
      await page.locator("main figure:not(.matrix, .code) > figcaption").count(),
    );
    await page.locator(".dot-row").first().click();
    await page.waitForSelector("dialog[open] figcaption", { state: "attached" });
    expect(await numbered("dialog")).toBe(0);
    await page.context().close();
  });

  it("has all sections in a menu on a phone", async () => {
    const { page } = await open(fixtureData(homeworkCells()), { width: 390 });
    const list = page.locator("#contents-list");
    expect(await list.isVisible()).toBe(false);
    const toggle = page.getByRole("button", { name: "Contents" });
    await toggle.click();
    expect(await list.locator("a").last().innerText()).toBe("Cite this page");
    expect(await violations(page)).toEqual([]);
    await list.locator("a").first().press("Escape");
    expect(await list.isVisible()).toBe(false);
    await toggle.press("Enter");
    await list.getByText("2.5 Permuted pixels").click();
    expect(await list.isVisible()).toBe(false);
    expect(page.url()).toMatch(/#permuted$/);
    await page.context().close();
  });

  it("keeps to the reader's colours and contrast, on canvas too", async () => {
    const { page, problems } = await open(fixtureData(homeworkCells()));
    const ink = () => page.evaluate<string>("getComputedStyle(document.querySelector('.dot-track')).color");
    const usual = await ink();
    await page.locator("#mlp-0-accuracy").scrollIntoViewIfNeeded();
    await page.waitForSelector("#mlp-0-accuracy canvas");
    await page.emulateMedia({ forcedColors: "active" });
    const system = await page.evaluate<string[]>(`(() => {
      const probe = document.body.appendChild(document.createElement("span"));
      probe.style.forcedColorAdjust = "none";
      const colours = ["CanvasText", "LinkText", "GrayText"].map((name) => ((probe.style.color = name), getComputedStyle(probe).color));
      probe.remove();
      return colours.map((colour) => colour.match(/\\d+/g).slice(0, 3).join());
    })()`);
    // The three optimizers' lines.
    const drawn = () =>
      page.evaluate<string[]>(`(() => {
      const canvas = document.querySelector("#mlp-0-accuracy canvas");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      const found = new Set();
      for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255) found.add([data[i], data[i + 1], data[i + 2]].join());
      return [...found];
    })()`);
    await expect.poll(drawn).toEqual(expect.arrayContaining(system));
    expect(problems).toEqual([]);
    await page.emulateMedia({ forcedColors: null, contrast: "more" });
    expect(await ink()).not.toBe(usual);
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });

  it("says what to run where nothing drew the page, and nothing of it while the page is read", async () => {
    const { page, copy } = await open(fixtureData(homeworkCells()));
    const notice = page.getByText("The page is not built yet");
    expect(await notice.isVisible()).toBe(false);
    const html = fs.readFileSync(path.join(copy.folder, "index.html"), "utf8");
    expect(html.indexOf("not built")).toBeGreaterThan(html.lastIndexOf("<script"));
    fs.rmSync(path.join(copy.folder, "build/report.js"));
    await page.goto(copy.url);
    expect(await notice.isVisible()).toBe(true);
    expect(await violations(page)).toEqual([]);
    fs.rmSync(path.join(copy.folder, "build"), { recursive: true });
    await page.goto(copy.url);
    expect(await page.locator("body").innerText()).toContain("npm ci");
    const without = await browser.newContext({ javaScriptEnabled: false });
    const still = await without.newPage();
    await still.goto(copy.url);
    expect(await still.getByText("needs JavaScript").isVisible()).toBe(true);
    for (const context of [page.context(), without]) await context.close();
  });
});

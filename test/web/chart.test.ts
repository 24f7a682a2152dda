/** Charts in a real browser, with values that are hard to draw: uPlot's own code runs here, and must come to an end. */
import { build } from "esbuild";
import fc from "fast-check";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CellRecord } from "../../src/sweeps/store/record.js";
import { chromiumPath, launch, openPage } from "./browser.js";
import { fixtureData, fixtureRecord, homeworkCells } from "./fixture.js";
import { copyPage, root } from "./page-copy.js";

/** Milliseconds in which a chart must be drawn; one takes a few. */
const PATIENCE = 40_000;

function within<T>(work: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout;
  return Promise.race([
    work,
    new Promise<never>(
      (_, reject) => (timer = setTimeout(() => reject(new Error(`no end in sight: ${what}`)), PATIENCE)),
    ),
  ]).finally(() => clearTimeout(timer));
}

describe.skipIf(!chromiumPath)("a chart", () => {
  let browser: Browser;
  beforeAll(async () => void (browser = await launch()));
  afterAll(() => browser?.close());

  describe("alone", () => {
    let page: Page;
    let problems: string[];
    beforeAll(async () => {
      const { outputFiles } = await build({
        entryPoints: [path.join(root, "web/report/src/draw/chart.ts")],
        bundle: true,
        format: "iife",
        globalName: "charts",
        write: false,
      });
      ({ page, problems } = await openPage(browser));
      await page.setContent("<!doctype html><div id=host></div>");
      await page.addScriptTag({ content: outputFiles[0].text });
      await page.addScriptTag({
        content: `
          /** Draws values as one line, zooms twice, and gives the number of y's ticks drawn since, the last ones, and the count of coloured pixels. */
          function draw({ values, log, zoom, scatter, first = 1, view = null }) {
            document.documentElement.style.setProperty("--series-0", "rgb(255, 0, 0)");
            let labels = [];
            const x = values.map((_, i) => i + first);
            const spec = { x, xLabel: "x", yLabel: "y", formatX: String, formatY: String, formatTick: String, log, logX: Boolean(scatter) && log, wholeX: true, zoom,
              series: [{ label: "a", values, colour: 0, shape: null, dashed: false, scatter }] };
            spec.formatTick = (y) => (labels.push(y), String(y));
            const chart = charts.drawChart(document.getElementById("host"), spec, { width: 600, height: 300 }, { cursor() {}, click() {}, zoom() {} });
            labels = [];
            chart.zoomTo([1.2, 1.7]);
            chart.zoomTo(view);
            chart.redraw();
            return new Promise((done) => setTimeout(() => {
              const canvas = chart.canvas();
              const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
              let red = 0;
              for (let i = 0; i < data.length; i += 4) if (data[i] > 200 && data[i + 1] < 90 && data[i + 3] > 150) red++;
              chart.destroy();
              done({ labels: labels.length, ticks: [...new Set(labels)], red });
            }));
          }`,
      });
    });

    interface Drawn {
      values: (number | null)[];
      log: boolean;
      zoom?: [number, number];
      scatter?: boolean;
      first?: number;
      view?: [number, number];
    }
    const draw = (spec: Drawn) =>
      within(
        page.evaluate<{ labels: number; ticks: number[]; red: number }>(
          `draw(JSON.parse(${JSON.stringify(JSON.stringify(spec))}))`,
        ),
        JSON.stringify(spec),
      );

    it("comes to an end and has few ticks, whatever the values, the scale and the zoom", async () => {
      const decade = fc.integer({ min: -40, max: 40 });
      const digits = fc.oneof(
        fc.double({ min: 1, max: 9.999, noNaN: true }),
        fc.double({ min: 9.3, max: 9.999, noNaN: true }),
      );
      const sane = fc.tuple(digits, decade).map(([d, e]) => Number(`${d}e${e}`));
      const loss = fc.tuple(digits, fc.integer({ min: -3, max: 1 })).map(([d, e]) => Number(`${d}e${e}`));
      const neighbours = fc.tuple(sane, fc.integer({ min: 0, max: 4 })).map(([a, n]) => a * (1 + n * Number.EPSILON));
      const any = fc.oneof(
        sane,
        loss,
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.constantFrom(0, null, 5e-324, 1e308, -1e308, 1e16, 1e16 + 2),
      );
      const values = fc.oneof(
        fc.array(loss, { minLength: 2, maxLength: 4 }),
        fc.array(any, { minLength: 1, maxLength: 5 }),
        fc.array(neighbours, { minLength: 2, maxLength: 2 }),
        fc.tuple(sane, fc.integer({ min: 0, max: 3 })).map(([a, n]) => [a, a * (1 + n * Number.EPSILON)]),
      );
      const zoom = fc.option(
        fc
          .tuple(
            fc.double({ noNaN: true, noDefaultInfinity: true }),
            fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
          )
          .map(([from, by]): [number, number] => [from, from + by]),
        { nil: undefined },
      );
      await fc.assert(
        fc.asyncProperty(fc.record({ values, log: fc.boolean(), zoom, scatter: fc.boolean() }), async (spec) => {
          const { labels } = await draw(spec);
          // Zoomed in and out again, each at most three times until the axes' sizes have settled.
          expect(labels).toBeLessThan(100);
        }),
        { numRuns: 400, endOnFailure: true },
      );
      expect(problems).toEqual([]);
    });

    it("fits y to the values in view, on either side of 0 and in a part of x", async () => {
      const line = { values: [9, 8, 0.5, 0, 1, 2], log: false, first: -3 };
      const all = await draw(line);
      expect([Math.min(...all.ticks), Math.max(...all.ticks)]).toEqual([0, 8]);
      const part = await draw({ ...line, view: [-1, 2] });
      expect([Math.min(...part.ticks), Math.max(...part.ticks)]).toEqual([0, 2]);
    });

    it.each([
      [[0.11, 6], true],
      [[0.112, 6], true],
      [[1e16, 1e16 + 2], false],
      [[1e40, 3e40], true],
      [[1e-40, 2], true],
    ])("draws a line and ticks for %j, logarithmic: %s", async (values, log) => {
      const { labels, red } = await draw({ values, log });
      expect(labels).toBeGreaterThan(3);
      expect(red).toBeGreaterThan(300);
    });

    it.each([
      ["between gaps", [null, null, 0.5, null, 0.7, null], false],
      ["at the ends", [0.5, null, null, 0.7], false],
      ["alone", [0.5], false],
      ["between values that a logarithmic axis cannot hold", [0, 0.5, 0, -1, 0.7], true],
    ])("draws points %s", async (_, values, log) => {
      expect((await draw({ values, log })).red).toBeGreaterThan(5);
    });
  });

  describe("in the page", () => {
    /** Opens the page with these cells, does something, and gives what went wrong. */
    async function visit(cells: CellRecord[], act: (page: Page) => Promise<void>, hash = ""): Promise<string[]> {
      const copy = await copyPage(fixtureData(cells));
      const { page, problems } = await openPage(browser);
      await within(
        page.goto(copy.url + hash).then(() => page.waitForSelector("main section")),
        "opening the page",
      );
      await within(act(page), "looking at the page");
      await page.context().close();
      copy.remove();
      return problems;
    }
    const drawn = (page: Page, id: string) =>
      page
        .locator(`#${id}`)
        .scrollIntoViewIfNeeded()
        .then(() => page.waitForSelector(`#${id} canvas`));
    const losses = (cell: CellRecord, loss: (epoch: number) => number): CellRecord => ({
      ...cell,
      curve: cell.curve.map((row) => ({ ...row, trainLoss: loss(row.epoch), testLoss: loss(row.epoch) })),
    });

    it("takes a logarithmic axis of its own accord, or on a click, whatever the lowest loss", async () => {
      for (const lowest of [0.11, 0.112]) {
        const cells = homeworkCells().map((cell) => losses(cell, (epoch) => (epoch === 1 ? 6 : lowest)));
        const problems = await visit(cells, async (page) => {
          const plot = page.locator("#mlp-0-loss-plot");
          await drawn(page, "mlp-0-loss");
          const logarithmic = async () => (await plot.getAttribute("aria-label"))?.endsWith(", logarithmic") ?? false;
          if (!(await logarithmic()))
            await page.locator("#mlp-0-loss").getByRole("button", { name: "Log scale" }).click();
          expect(await logarithmic()).toBe(true);
          expect(await page.locator("#mlp-0-loss canvas").count()).toBe(1);
        });
        expect(problems).toEqual([]);
      }
    });

    it("stays alive when a part of a logarithmic axis is drawn out, and parts of that", async () => {
      const loss = (epoch: number): number => 7 * 0.6 ** epoch;
      const problems = await visit(
        homeworkCells().map((cell) => losses(cell, loss)),
        async (page) => {
          await drawn(page, "mlp-0-loss");
          const box = await page.locator("#mlp-0-loss .u-over").boundingBox();
          if (!box) throw new Error("no plot");
          const select = async (from: number, to: number): Promise<void> => {
            await page.mouse.move(box.x + box.width / 2, box.y + from * box.height);
            await page.mouse.down();
            await page.mouse.move(box.x + box.width / 2 + 2, box.y + to * box.height, { steps: 2 });
            await page.mouse.up();
          };
          // The axis reaches 15 % beyond the losses.
          const [high, low] = [1.15 * loss(1), loss(10) / 1.15].map(Math.log);
          const at = (value: number): number => (high - Math.log(value)) / (high - low);
          await select(at(1), at(0.0975));
          for (let i = 0; i < 8; i++) await select(0.6, 0.9);
          expect(await page.locator("#mlp-0-loss canvas").count()).toBe(1);
        },
      );
      expect(problems).toEqual([]);
    });

    it("shows 22,000 epochs, and every part of the page with them", async () => {
      const cells = (
        [
          ["sgd", 0],
          ["nesterov", 0],
          ["sgd", 1],
        ] as const
      ).map(([kind, permutation]) =>
        fixtureRecord({ model: { kind: "mlp" }, optimizer: { kind }, permutation, epochs: 22_000 }),
      );
      const steps = Array.from({ length: 150_000 }, (_, i) => 0.2 + 2 / (1 + i / 100));
      const problems = await visit(
        cells.map((cell) => ({ ...cell, steps: { every: 1, loss: steps } })),
        async (page) => {
          for (const id of ["mlp-0-accuracy", "mlp-0-loss", "permuted-0", "explorer-curves"]) await drawn(page, id);
          await page.locator(".cells .cell-link").first().click();
          await page.waitForSelector("dialog[open]");
          for (const id of ["detail-loss", "detail-steps"]) await drawn(page, id);
        },
      );
      expect(problems).toEqual([]);
    });
  });
});

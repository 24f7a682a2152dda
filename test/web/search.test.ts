/** What the page says of a search: recounted on random sweeps that a simulation of the rule halved, and drawn in a browser. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RandomStream } from "../../src/core/numeric/random.js";
import type { ReportData } from "../../src/sweeps/page/report-data.js";
import type { CellRecord } from "../../src/sweeps/store/record.js";
import { findings, headline } from "../../web/report/src/comments/findings.js";
import { expectedBest, halvingComments, replayComments, sampleComments } from "../../web/report/src/comments/search.js";
import { bracketOf } from "../../web/report/src/data/bracket.js";
import { percent } from "../../web/report/src/data/format.js";
import { readPageData } from "../../web/report/src/data/page-data.js";
import { resultRows } from "../../web/report/src/data/result-rows.js";
import { sweepCells } from "../../web/report/src/data/sweep-cells.js";
import { chromiumPath, launch, openPage, violations } from "./browser.js";
import { fixtureData, fixtureRecord } from "./fixture.js";
import { copyPage, type PageCopy } from "./page-copy.js";

/** Cells trained whole, on few different accuracies, so that some are equal. */
function wholeCells(count: number, epochs: number, stream: RandomStream): CellRecord[] {
  return Array.from({ length: count }, (_, i) => {
    const ending = (["done", "done", "done", "done", "done", "done", "diverged", "failed"] as const)[stream.below(8)];
    const config = { model: { kind: "mlp" as const }, optimizer: { kind: "sgd" as const, lr: (i + 1) / 1000 } };
    const record = fixtureRecord(
      { ...config, epochs, validation: 1000 },
      { ending: ending === "failed" ? ending : "done" },
    );
    const rows = record.curve.map((row) => ({ ...row, validationAccuracy: 0.5 + stream.below(12) / 25 }));
    const curve = ending === "diverged" ? rows.slice(0, 1 + stream.below(epochs)) : rows;
    return { ...record, curve, status: ending };
  }).sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** What the rule leaves of them: at each rung the best go on, the others stop there. */
function halved(cells: CellRecord[], rungs: number[], keep: number) {
  const places = new Map<string, number[]>(cells.map(({ id }) => [id, []]));
  const left = new Map(cells.map((cell) => [cell.id, cell]));
  let reached = cells;
  for (const epoch of rungs) {
    const figure = ({ status, curve }: CellRecord): number =>
      status === "failed" || (status === "diverged" && curve.length <= epoch)
        ? -1
        : curve[epoch - 1].validationAccuracy!;
    const order = [...reached].sort((a, b) => figure(b) - figure(a) || (a.id < b.id ? -1 : 1));
    order.forEach(({ id }, place) => places.get(id)!.push(place));
    if (epoch === rungs.at(-1)) break;
    const goOn = order.slice(0, Math.max(1, Math.ceil(order.length * keep - 1e-9))).filter((cell) => figure(cell) >= 0);
    for (const cell of order)
      if (!goOn.includes(cell) && cell.status !== "failed" && cell.curve.length > epoch)
        left.set(cell.id, { ...cell, status: "stopped", curve: cell.curve.slice(0, epoch) });
      else if (!goOn.includes(cell) && cell.status === "done" && cell.curve.length === epoch)
        left.set(cell.id, { ...cell, status: "stopped" });
    reached = goOn;
  }
  return { cells: cells.map(({ id }) => left.get(id)!), places };
}

const sweepOf = (cells: CellRecord[], change: Partial<ReportData>) =>
  sweepCells(readPageData({ ...fixtureData(cells, { sweep: "rates", frame: "neutral" }), ...change }), null);

const draws = Array.from({ length: 60 }, (_, seed) => {
  const stream = new RandomStream("init", 1000 + seed);
  const rungs = [[1, 3, 9], [2, 4], [1, 2, 4, 8], [3]][stream.below(4)];
  const keep = [1 / 3, 0.5, 0.07][stream.below(3)];
  const whole = wholeCells(1 + stream.below(30), rungs.at(-1)!, stream);
  return { seed, stream, rungs, keep, whole, ...halved(whole, rungs, keep) };
});

describe("the words on a search", () => {
  it.each(draws)("count a halving's epochs and places: draw $seed", ({ cells, rungs, keep, places, whole }) => {
    const sweep = sweepOf(cells, { search: { halving: { rungs, keep } } });
    const bracket = bracketOf(sweep)!;
    const text = halvingComments(bracket).join(" ");
    for (const [i, epoch] of rungs.slice(0, -1).entries()) {
      const [came, went] = [i, i + 1].map((rung) => [...places.values()].filter((of) => of.length > rung).length);
      if (came > 0) expect(text).toContain(`${went} of ${came} after epoch ${epoch}`);
    }
    const epochs = rungs.at(-1)!;
    const trained = cells.reduce((sum, { curve }) => sum + curve.length, 0);
    expect(text).toContain(
      `The records hold ${trained} of the ${epochs * cells.length} epochs that training every cell to epoch ${epochs} takes: ${percent(trained / (epochs * cells.length))}.`,
    );
    const last = [...places]
      .filter(([, of]) => of.length === rungs.length)
      .sort(([, a], [, b]) => a.at(-1)! - b.at(-1)!);
    const winner = whole.find(({ id }) => id === last[0]?.[0]);
    if (winner?.status === "done") {
      const figure = percent(winner.curve.at(-1)!.validationAccuracy!);
      expect(text).toContain(`is best, with a validation accuracy of ${figure}`);
      const sizes = rungs.map((_, i) => [...places.values()].filter((of) => of.length > i).length);
      for (const [i, place] of places.get(winner.id)!.slice(0, -1).entries())
        expect(text).toContain(`${place + 1} of ${sizes[i]} after epoch ${rungs[i]}`);
    } else expect(text).toContain(last.length > 0 ? "No cell has a sound result at the last rung." : "No cell");
    expect(bracket.lines.map(({ id, places: of }) => [id, of]).sort()).toEqual([...places].sort());

    // A stopped cell is in no ranking, and nothing is said of it as if it had been trained to the end.
    const stopped = new Set(cells.filter(({ status }) => status === "stopped").map(({ id }) => id));
    const ranked = resultRows(sweep.cells).flatMap(({ original }) => original.cells);
    expect(ranked.filter(({ id }) => stopped.has(id))).toEqual([]);
    const said = [headline(sweep.cells), ...findings(sweep.cells)].join(" ");
    expect(said).not.toMatch(/undefined|NaN/);
    if (stopped.size > 0) expect(said).toMatch(/(?:was|were) stopped before the last epoch/);
    else expect(said).not.toContain("stopped");
    if (stopped.size > 0) expect(said).not.toContain("the only recipe");
  });

  it.each(draws.filter(({ whole }) => whole.length > 1))(
    "say which rung is open: draw $seed",
    ({ cells, rungs, keep, places, stream }) => {
      const missing = cells[stream.below(cells.length)].id;
      const sweep = sweepOf(
        cells.filter(({ id }) => id !== missing),
        { search: { halving: { rungs, keep } }, planned: cells.map(({ id }) => id) },
      );
      const bracket = bracketOf(sweep)!;
      expect(bracket.rungs).toEqual([]);
      const text = halvingComments(bracket).join(" ");
      expect(text).toContain(
        `The rung after epoch ${rungs[0]} is open: not all of its ${places.size} cells have come there.`,
      );
      expect(text).not.toMatch(/is best|ranked \d/);
    },
  );

  it.each(draws)("replay halving on a grid: draw $seed", ({ whole }) => {
    const epochs = whole[0].config.epochs;
    const [text] = replayComments(sweepOf(whole, {}));
    const sound = whole.filter(({ status }) => status === "done");
    if (whole.length < 8 || epochs < 3 || sound.length === 0) return expect(text).toBeUndefined();
    const rungs = [...new Set([Math.ceil(epochs / 9), Math.ceil(epochs / 3), epochs])];
    const { places } = halved(whole, rungs, 1 / 3);
    const spent = whole.reduce(
      (sum, { id, curve }) => sum + Math.min(curve.length, rungs[places.get(id)!.length - 1]),
      0,
    );
    const all = whole.reduce((sum, { curve }) => sum + curve.length, 0);
    const best = Math.max(...sound.map(({ curve }) => curve.at(-1)!.validationAccuracy!));
    const last = [...places].find(([, of]) => of.length === rungs.length && of.at(-1) === 0)?.[0];
    const found = sound.find(({ id }) => id === last)?.curve.at(-1)?.validationAccuracy;
    if (found === undefined) return expect(text).toContain("without a sound result");
    expect(text).toContain(`with ${percent(spent / all)} of the epochs trained.`);
    expect(text).toContain(
      found === best
        ? `as good as the best one (${percent(best)})`
        : `${percent(found)} instead of the best ${percent(best)}`,
    );
    // Cells that are still missing might have been better.
    return expect(replayComments(sweepOf(whole.slice(1), { planned: whole.map(({ id }) => id) }))).toEqual([]);
  });

  it("know what the best of a few is on average", () => {
    const results = [3, 1, 4, 1, 5];
    const pairs = results.flatMap((a, i) => results.slice(i + 1).map((b) => Math.max(a, b)));
    expect(expectedBest(results, 2)).toBeCloseTo(pairs.reduce((sum, x) => sum + x, 0) / pairs.length, 12);
    expect([expectedBest(results, 1), expectedBest(results, 5)].map((x) => Number(x.toFixed(9)))).toEqual([2.8, 5]);
    const axes = [{ path: "optimizer.lr", draw: { logUniform: [0.001, 1] as [number, number] } }];
    const cells = wholeCells(6, 3, new RandomStream("init", 5)).map((cell): CellRecord => ({
      ...cell,
      status: "done",
    }));
    const kept = cells.filter(({ curve }) => curve.length === 3);
    const texts = sampleComments(sweepOf(kept, { search: { samples: { count: kept.length, seed: 4, axes } } }));
    const last = kept.map(({ curve }) => curve[2].validationAccuracy!);
    expect(texts[0]).toBe(`${kept.length} samples of optimizer.lr were drawn with seed 4.`);
    expect(texts[1]).toContain(`The best of ${kept.length} has a validation accuracy of ${percent(Math.max(...last))}`);
  });
});

describe.skipIf(!chromiumPath)("the section on a search", () => {
  const { cells, rungs, keep, places } = (() => {
    const stream = new RandomStream("init", 77);
    const whole = wholeCells(27, 9, stream);
    return { rungs: [1, 3, 9], keep: 1 / 3, ...halved(whole, [1, 3, 9], 1 / 3) };
  })();
  const axes = [{ path: "optimizer.lr", draw: { logUniform: [0.001, 0.027] as [number, number] } }];
  const search = { halving: { rungs, keep }, samples: { count: 27, seed: 0, axes } };
  let browser: Browser;
  let copy: PageCopy;

  beforeAll(async () => {
    browser = await launch();
    copy = await copyPage(fixtureData(cells, { sweep: "rates", frame: "neutral", search }));
  });
  afterAll(async () => {
    await browser?.close();
    copy?.remove();
  });

  it("draws a line a cell, tells of each by keyboard, opens it, and fits a phone", async () => {
    const { page, problems } = await openPage(browser, { width: 375 });
    await page.goto(copy.url);
    await page.waitForSelector("#search .bracket");
    expect(
      await page.evaluate(
        "[...document.querySelectorAll('[id]')].map(({ id }) => id).filter((id, i, all) => all.indexOf(id) < i)",
      ),
    ).toEqual([]);
    const ids = await page.evaluate<string[]>(
      "[...document.querySelectorAll('.bracket-line')].map((line) => line.dataset.cell)",
    );
    expect(ids.sort()).toEqual(cells.map(({ id }) => id));
    const finalists = [...places.values()].filter((of) => of.length === 3).length;
    expect(await page.locator(".bracket-line.winner").count()).toBe(1);
    expect(await page.locator(".bracket-line:is(.winner, .survivor)").count()).toBe(finalists);
    expect(await page.locator(".bracket-heads").innerText()).toMatch(
      /epoch 1\s+27 cells\s+epoch 3\s+9 cells\s+epoch 9\s+3 cells/,
    );
    expect(await page.locator("#search .slice").count()).toBe(1);
    await page.locator(".bracket-plot").focus();
    await page.keyboard.press("ArrowDown");
    expect(await page.locator(".bracket-told").innerText()).toMatch(
      /, \d+ of 9 after epoch 3 .* and 1 of 3 after epoch 9 .*the last rung\.$/,
    );
    expect(await page.locator(".bracket-line.lit.winner").count()).toBe(1);
    await page.keyboard.press("End");
    expect(await page.locator(".bracket-told").innerText()).toMatch(/27 of 27 after epoch 1.*ends there/);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(375);
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    await page.waitForSelector("dialog[open]");
    expect(problems).toEqual([]);
    await page.keyboard.press("Escape");
    expect(await violations(page, "#search")).toEqual([]);
    await page.context().close();
  });
});

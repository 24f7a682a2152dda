/** The page in Firefox: what is most apt to differ from Chromium. */
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Firefox, firefoxPath } from "./firefox.js";
import { fixtureData, homeworkCells } from "./fixture.js";
import { copyPage, root, type PageCopy } from "./page-copy.js";

/** Canvases of charts that hold more than one colour, of all. */
const DRAWN = `(async () => {
  const drawn = [];
  for (const plot of document.querySelectorAll("main > :not(.explorer) .plot")) {
    plot.scrollIntoView({ behavior: "instant" });
    for (let i = 0; i < 50 && !plot.querySelector("canvas"); i++) await new Promise((done) => setTimeout(done, 20));
    await new Promise(requestAnimationFrame);
    const canvas = plot.querySelector("canvas");
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    drawn.push(new Set(new Uint32Array(pixels.buffer)).size > 10);
  }
  return drawn;
})()`;

describe.skipIf(!firefoxPath)("the page in Firefox", () => {
  let firefox: Firefox;
  let reference: PageCopy;
  let swept: PageCopy;
  beforeAll(async () => {
    [firefox, reference, swept] = await Promise.all([
      Firefox.launch(),
      copyPage(undefined, path.join(root, "web/report/reference/homework.json")),
      copyPage(fixtureData(homeworkCells([0, 1, 2], 3))),
    ]);
  });
  afterAll(async () => {
    await firefox?.close();
    reference?.remove();
    swept?.remove();
  });
  const text = (selector: string) =>
    firefox.evaluate<string>(`document.querySelector(${JSON.stringify(selector)}).innerText`);

  it("draws the reference results, without a problem and without network, with its formulas in the middle", async () => {
    await firefox.open(reference.url, 1280);
    expect(await firefox.evaluate("document.title")).toContain("Handgrad");
    expect((await text("h1")).length).toBeGreaterThan(5);
    expect(await text(".notices")).toContain("Reference results");
    const drawn = await firefox.evaluate<boolean[]>(DRAWN);
    expect(drawn.length).toBeGreaterThan(5);
    expect(drawn).not.toContain(false);
    const off = await firefox.evaluate<number[]>(`[...document.querySelectorAll("math[display=block]")].map((math) => {
      const middle = ({ left, right }) => (left + right) / 2;
      return Math.abs(middle(math.getBoundingClientRect()) - middle(math.parentElement.getBoundingClientRect()));
    })`);
    expect(off.length).toBeGreaterThan(5);
    for (const pixels of off) expect(pixels).toBeLessThan(3);
    expect(firefox.problems).toEqual([]);
  });

  it("computes part one for what is typed, and for the table's logits", async () => {
    await firefox.open(reference.url, 390);
    await firefox.evaluate("document.querySelector('#stable-loss .play').scrollIntoView({ behavior: 'instant' })");
    const facts = "[...document.querySelectorAll('#stable-loss .facts dd')].map((value) => value.innerText)";
    await expect.poll(() => firefox.evaluate(facts)).toEqual(["1", "∞", "40", "1"]);
    await firefox.click("#stable-loss tbody tr:nth-child(2) button");
    expect(await firefox.evaluate(facts)).toEqual(["0", "NaN", "0", "0"]);
    await firefox.evaluate(`(() => {
      const field = document.querySelector("#loss-z-0");
      field.value = "0";
      field.dispatchEvent(new Event("input", { bubbles: true }));
    })()`);
    expect(await firefox.evaluate(facts)).toEqual(["0.5", "0.6931471805599453", "0.6931471805599453", "0.5"]);
    expect(firefox.problems).toEqual([]);
  });

  it("opens a cell by a click, whose address is real, and Back closes it", async () => {
    await firefox.open(reference.url, 1280);
    await firefox.click(".cells .cell-link");
    const open = "document.querySelector('dialog').open";
    await expect.poll(() => firefox.evaluate(open)).toBe(true);
    expect(await firefox.evaluate("document.querySelectorAll('dialog .confusion tbody tr').length")).toBe(10);
    expect(await firefox.evaluate("document.querySelectorAll('dialog .filters-grid canvas').length")).toBeGreaterThan(
      7,
    );
    await expect.poll(() => firefox.evaluate("location.hash")).toContain("cell=");
    const address = await firefox.evaluate<string>("location.href");
    await firefox.back();
    await expect.poll(() => firefox.evaluate(open)).toBe(false);
    expect(await firefox.evaluate("location.hash")).toBe("");
    // By its button, too, the address returns to what it was, with what has changed since.
    await firefox.click(".cells .cell-link");
    await expect.poll(() => firefox.evaluate(open)).toBe(true);
    await firefox.click("dialog .details-head button");
    await expect.poll(() => firefox.evaluate("location.hash")).toBe("");
    expect(await firefox.evaluate(open)).toBe(false);
    await firefox.open("about:blank", 1280);
    await firefox.open(address, 1280);
    await expect.poll(() => firefox.evaluate(open)).toBe(true);
    expect(firefox.problems).toEqual([]);
  });

  it("filters a sweep's cells, turns dark, and fits a telephone", async () => {
    await firefox.open(swept.url, 390);
    const wider = "document.documentElement.scrollWidth - innerWidth";
    expect(await firefox.evaluate(wider)).toBeLessThanOrEqual(0);
    const rows = "document.querySelectorAll('.cells tbody tr').length";
    expect(await firefox.evaluate(rows)).toBe(36);
    await firefox.evaluate(`(() => {
      const search = document.querySelector("#find");
      search.value = "nesterov";
      search.dispatchEvent(new Event("input", { bubbles: true }));
    })()`);
    await expect.poll(() => firefox.evaluate(rows)).toBe(12);
    await firefox.click(".theme-toggle");
    expect(await firefox.evaluate("document.documentElement.dataset.theme")).toBe("dark");
    expect(await firefox.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(20, 23, 28)");
    expect(await firefox.evaluate(wider)).toBeLessThanOrEqual(0);
    expect(firefox.problems).toEqual([]);
  });
});

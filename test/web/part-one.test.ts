/** Part one on the page: what the reader types, against the same computed here by Math alone. */
import fc from "fast-check";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lossVerdict } from "../../web/report/src/comments/part-one.js";
import { batchResults, lossCurve, reportBatch, sampleLosses } from "../../web/report/src/data/part-one.js";
import { readNumber } from "../../web/report/src/data/format.js";
import { chromiumPath, launch, openPage, violations } from "./browser.js";
import { fixtureData, homeworkCells } from "./fixture.js";
import { copyPage, type PageCopy } from "./page-copy.js";

const SEED = 411;
/** Numbers in [−size, size] with a few decimals. */
const sample = (size: number, count: number): number[] =>
  fc.sample(
    fc.noBias(fc.integer({ min: -1000, max: 1000 })).map((n) => (n * size) / 1000),
    { seed: SEED, numRuns: count },
  );

/** The number that the page writes as −2.5 × 10¹⁰, ∞ or NaN. */
function shown(text: string): number {
  const plain = text
    .replaceAll("−", "-")
    .replace("∞", "Infinity")
    .replace(
      /(?:(.*) × |^(-?))10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)$/u,
      (_, mantissa: string | undefined, sign: string, raised: string) => {
        const exponent = [...raised].map((c) => (c === "⁻" ? "-" : "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(c))).join("");
        return `${mantissa ?? `${sign}1`}e${exponent}`;
      },
    );
  return Number(plain);
}

const sigmoid = (z: number): number => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)));
const written = (y: number, p: number): number => -(y * Math.log(p) + (1 - y) * Math.log(1 - p));
const softplus = (z: number): number => Math.max(0, z) + Math.log1p(Math.exp(-Math.abs(z)));

/** Equal but for a few roundings; what is not finite is the same. */
function expectNear(got: number, expected: number, room = 1e-12): void {
  if (!Number.isFinite(expected)) return expect(got).toBe(expected);
  const apart = Math.abs(got - expected);
  expect(!(apart <= room * Math.max(Math.abs(expected), 1e-300)), `got ${got}, expected ${expected}`).toBe(false);
}

const EXTREME = [-1e10, -800, -745, -740, -40, 0, 14, 36.7, 40, 800, 1e10, 1.7e308, -1e300];

describe("the verdict on the losses", () => {
  it("names what went wrong", () => {
    const of = (y: number, z: number) => lossVerdict(sampleLosses(y, z));
    expect(of(0, 0)).toBe("For y = 0 and z⁽²⁾ = 0 both losses are right: they are equal to the last bit.");
    expect(of(0, 40)).toMatch(/the stable loss is right\. ŷ is rounded to exactly 1, .* −log\(1 − ŷ\) = −log 0 = ∞/);
    expect(of(1, -800)).toMatch(/the stable loss is right\. ŷ underflows to 0, .* −log ŷ = −log 0 = ∞. 800 is/);
    expect(of(0, -1e10)).toMatch(/y log ŷ is 0 · log 0 = 0 · \(−∞\), which is NaN\. The exact value .* rounds to 0/);
    expect(of(1, 40)).toMatch(/\(1 − y\) log\(1 − ŷ\) is 0 · log 0 .* NaN\. The exact value, 4\.25 × 10⁻¹⁸, is lost/);
    expect(of(0, 800)).toContain("E^z would overflow to ∞, but is never computed: 800 is");
    expect(of(0, -40)).toMatch(/stable loss is right\. As written, 1 − ŷ is rounded .* relative error of 1\./);
    expect(of(1, -744)).toMatch(/stable loss is right\. As written, ŷ lies below .* fewer digits/);
    expect(of(1, 30)).toMatch(/both losses are right but for rounding\. The exact value is 9\.36 × 10⁻¹⁴\./);
  });

  it("holds for every label and logit", () => {
    const logit = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.double({ min: -800, max: 800, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.constantFrom(0, 1), logit, (y, z) => {
        const losses = sampleLosses(y, z);
        const exact = softplus(y === 0 ? z : -z);
        expectNear(losses.exact, exact, 1e-12 + (exact < 1e-300 ? 1 : 0));
        const text = lossVerdict(losses);
        expect(text).not.toMatch(/undefined|both losses.*NaN|∞ is the exact|NaN is the exact/);
        if (text.includes("both losses are right:")) expectNear(losses.written, exact, 1e-8);
        // The stable loss is called right in every case: it is never off by more than z is rounded.
        expect(Math.abs(losses.stable - exact)).toBeLessThanOrEqual(4e-16 * Math.max(1, Math.abs(z)));
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });
});

it("curves reach past the chosen logit and hold it, whatever it is", () => {
  for (const z of EXTREME) {
    const at = lossCurve(0, z).map((point) => point.z);
    expect(at).toEqual([...at].sort((a, b) => a - b));
    expect(new Set(at).size).toBe(at.length);
    expect(at.includes(z)).toBe(Math.abs(z) <= 1e300);
  }
});

it("the report's batch: what the homework's functions give for it", () => {
  const { compared, y_hat } = batchResults(reportBatch());
  expect([compared.length, y_hat.length]).toEqual([36, 4]);
  for (const { error, weight } of compared) expect(!(error <= 1e-6), weight).toBe(false);
});

it.each([
  ["-0.5", -0.5],
  [" −1e10 ", -1e10],
  [".5", 0.5],
  ["5.", 5],
  ["1e-400", 0],
])("%j is read as a number", (text, number) => expect(readNumber(text)).toBe(number));
it.each(["", " ", "abc", "1e999", "0x10", "Infinity", "NaN", "1,5", "--1", "1e", "-10^10"])("%j is none", (text) =>
  expect(readNumber(text)).toBeUndefined(),
);

/** Weights and samples row by row, with the forward pass, the loss and its gradient element by element. */
function network({ X, y, w_1, w_2 }: Record<"X" | "y" | "w_1" | "w_2", number[]>) {
  const [B, D, K] = [4, 5, 6];
  const z_1 = Array.from({ length: B * K }, (_, i) =>
    Array.from({ length: D }, (_, d) => X[Math.floor(i / K) * D + d] * w_1[d * K + (i % K)]).reduce((a, b) => a + b, 0),
  );
  const hidden = z_1.map(sigmoid);
  const z_2 = y.map((_, b) => w_2.reduce((sum, w, k) => sum + w * hidden[b * K + k], 0));
  const mean = (of: (b: number) => number) => y.reduce((sum, _, b) => sum + of(b), 0) / B;
  const dz = z_2.map((z, b) => sigmoid(z) - y[b]);
  const slope = (b: number, k: number) => hidden[b * K + k] * (1 - hidden[b * K + k]);
  return {
    z_1,
    z_2,
    y_hat: z_2.map(sigmoid),
    loss: mean((b) => softplus(z_2[b]) - y[b] * z_2[b]),
    written: mean((b) => written(y[b], sigmoid(z_2[b]))),
    gradient: [
      ...w_1.map((_, i) => mean((b) => dz[b] * w_2[i % K] * slope(b, i % K) * X[b * D + Math.floor(i / K)])),
      ...w_2.map((_, k) => mean((b) => dz[b] * hidden[b * K + k])),
    ],
  };
}

describe.skipIf(!chromiumPath)("part one in the page", () => {
  let browser: Browser;
  let copy: PageCopy;
  let page: Page;
  let problems: string[];
  const [losses, batch] = ["#stable-loss .play", "#gradient .play"];

  beforeAll(async () => {
    browser = await launch();
    copy = await copyPage(fixtureData(homeworkCells()));
    ({ page, problems } = await openPage(browser, { width: 320, dark: true }));
    await page.goto(copy.url);
    await page.waitForSelector("main section");
  });
  afterAll(async () => {
    expect(problems).toEqual([]);
    await browser?.close();
    copy?.remove();
  });

  const near = async (place: string): Promise<void> => {
    await page.locator(place).scrollIntoViewIfNeeded();
    await page.waitForSelector(`${place} .facts`);
  };
  const texts = (selector: string): Promise<string[]> =>
    page.evaluate(`[...document.querySelectorAll(${JSON.stringify(selector)})].map((part) => part.textContent)`);
  const facts = async (place: string): Promise<number[]> => (await texts(`${place} .facts dd`)).map(shown);
  const expectLosses = async (y: number, z: number): Promise<void> => {
    const found = await texts(`${losses} .facts dd, #loss-over-z-title`);
    const [yHat, naive, stable, derivative] = found.map(shown);
    expectNear(yHat, sigmoid(z), Math.abs(z) > 700 ? 1 : 1e-12);
    // From the page's own ŷ: near 1, its last bit decides on log(1 − ŷ).
    expectNear(naive, written(y, yHat));
    const exact = softplus(y === 0 ? z : -z);
    expect(Math.abs(stable - exact)).toBeLessThanOrEqual(4e-16 * Math.max(1, Math.abs(z)));
    expect(derivative).toBe(yHat - y);
    expect(found[4]).toBe(`Logistic loss over the logit, y = ${y}`);
  };
  const error = async (field: Locator): Promise<string | null> =>
    page.locator(`#${await field.getAttribute("aria-describedby")}`).textContent();

  it("has no results before it comes near the view", async () => {
    expect(await page.locator(".play").count()).toBe(2);
    expect(await page.locator(".play .facts").count()).toBe(0);
  });

  it("shows both losses of any label and logit, by field, table and slider", async () => {
    await near(losses);
    await expectLosses(0, 40);
    const random = sample(60, 8);
    for (const y of [1, 0]) {
      await page.selectOption("#loss-y-0", String(y));
      for (const z of [...random, ...EXTREME]) {
        await page.fill("#loss-z-0", String(z));
        await expectLosses(y, z);
      }
    }
    await page.getByRole("button", { name: "−800: choose it, with y = 1" }).click();
    expect(await page.inputValue("#loss-z-0")).toBe("-800");
    await expectLosses(1, -800);
    await page.locator(`${losses} input[type=range]`).fill("12.3");
    expect(await page.inputValue("#loss-z-0")).toBe("12.3");
    await expectLosses(1, 12.3);
    await page.locator(losses).getByText("Back to the report’s values").click();
    await expectLosses(0, 40);
  });

  it("ends the curve of the loss as written where it is ∞", async () => {
    await page.locator("#loss-over-z").getByText("Data table").click();
    const rows = await page.locator("#loss-over-z tbody tr").allInnerTexts();
    const of = (z: number) => rows.map((row) => row.split("\t").map(shown)).find(([x]) => x === z)!;
    expectNear(of(36)[2], 36, 0.02);
    expectNear(of(37)[1], 37, 1e-3);
    expect(rows.find((row) => row.startsWith("37\t"))!.split("\t")[2]).toMatch(/^\D*$/);
  });

  it("says what is wrong with a field, keeps the last results as such, and takes the next number", async () => {
    const field = page.locator("#loss-z-0");
    const before = await facts(losses);
    const stale = page.locator(`${losses} .stale`);
    for (const bad of ["", "abc", "1e999", "-10^10"]) {
      await field.fill(bad);
      expect(await error(field)).toBe(
        bad === ""
          ? "logit z⁽²⁾ is empty; type one such as −0.5 or 1e10."
          : `logit z⁽²⁾: got “${bad}”, which is no number that Float64 can hold; type one such as −0.5 or 1e10.`,
      );
      expect(await field.getAttribute("aria-invalid")).toBe("true");
      expect(await stale.innerText()).toContain("Not current");
      expect(await facts(losses)).toEqual(before);
    }
    expect(problems).toEqual([]);
    expect(await violations(page, ".play")).toEqual([]);
    // The checker's own complaint that it cannot read style sheets of the file system.
    problems.length = 0;
    await field.fill("");
    await page.keyboard.type("−3");
    expect(await page.evaluate("document.activeElement.id")).toBe("loss-z-0");
    expect([await stale.count(), await error(field)]).toEqual([0, ""]);
    await expectLosses(0, -3);
  });

  /** All fields of a matrix at once, as a reader leaves them. */
  const fillMatrix = (name: string, values: readonly number[]) =>
    page.locator(`${batch} [id^="batch-${name}-"]:is(input, select)`).evaluateAll((fields, numbers) => {
      fields.forEach((field, i) => ((field as unknown as { value: string }).value = String(numbers[i])));
      (fields[0] as unknown as EventTarget).dispatchEvent(new Event("input", { bubbles: true }));
    }, values);
  const outputs = async (name: string): Promise<number[]> =>
    (await page.locator(`${batch} table[aria-label^="${name} ("] td`).allInnerTexts()).map(shown);
  const expectNetwork = async (values: Parameters<typeof network>[0]): Promise<void> => {
    const expected = network(values);
    for (const [name, key, digits] of [
      ["z_1", "z_1", 3],
      ["z_2", "z_2", 3],
      ["ŷ", "y_hat", 4],
    ] as const)
      expect(await outputs(name)).toEqual(expected[key].map((value): unknown => expect.closeTo(value, digits - 1)));
    const [loss, naive] = await facts(batch);
    expectNear(loss, expected.loss, 1e-11);
    expectNear(naive, expected.written, 1e-9);
    const rows = await page.locator(`${batch} details tbody tr`).allTextContents();
    expect(rows).toHaveLength(36);
    const cells = await page.locator(`${batch} details tbody td`).allTextContents();
    expected.gradient.forEach((derivative, i) => expect(shown(cells[3 * i])).toBeCloseTo(derivative, 6));
    cells.forEach((text, i) => i % 3 === 1 && expect(shown(text)).toBeCloseTo(shown(cells[i - 1]), 5));
  };

  it("computes the network on any batch, typed by keyboard too, beside finite differences", async () => {
    await near(batch);
    const first = reportBatch();
    const report = { X: [...first.X], y: [...first.y], w_1: [...first.w_1], w_2: [...first.w_2] };
    await expectNetwork(report);
    const numbers = sample(3, 56);
    const values = { X: numbers.slice(0, 20), y: [0, 1, 1, 0], w_1: numbers.slice(20, 50), w_2: numbers.slice(50) };
    for (const [name, of] of Object.entries(values)) await fillMatrix(name, of);
    await expectNetwork(values);
    // The arrow keys move within a matrix, Tab leaves it.
    await page.focus("#batch-X-0");
    await page.keyboard.press("Control+A");
    await page.keyboard.type("0.25");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.type("−1.5");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.type("2");
    [values.X[0], values.X[5], values.X[6]] = [0.25, -1.5, 2];
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.id")).toBe("batch-y-0");
    await expectNetwork(values);
    for (let i = 0; i < 3; i++) await page.getByText("Weights × 10", { exact: true }).click();
    const saturated = { ...values, w_1: values.w_1.map((w) => 1000 * w), w_2: values.w_2.map((w) => 1000 * w) };
    expect(network(saturated).written).not.toBeLessThan(Infinity);
    await expectNetwork(saturated);
    await page.fill("#batch-w_2-3", "1e999");
    expect(await error(page.locator("#batch-w_2-3"))).toContain("w_2[4, 1]: got “1e999”");
    expect(await page.locator(`${batch} .stale`).innerText()).toContain("Not current");
    await page.locator(batch).getByText("Back to the report’s values").click();
    expect(await page.locator(`${batch} .stale, ${batch} [aria-invalid]`).count()).toBe(0);
    await expectNetwork(report);
  });

  it("says where products overflow, and prints its values without controls", async () => {
    const first = reportBatch();
    await fillMatrix(
      "X",
      Array.from({ length: 20 }, (_, i) => (i % 2 ? 1e308 : -1e308)),
    );
    await fillMatrix(
      "w_1",
      Array.from({ length: 30 }, () => 10),
    );
    expect(await facts(batch)).toEqual([NaN, NaN]);
    expect(await page.locator(batch).innerText()).toContain("∞ − ∞ is NaN: there is nothing to compare");
    await page.locator(batch).getByText("Back to the report’s values").click();
    await page.emulateMedia({ media: "print" });
    expect(await page.locator(".play .play-controls:visible, .play .print-hide:visible").count()).toBe(0);
    expect(
      await page
        .locator(`${batch} .matrix td:has(:is(input, select))`)
        .evaluateAll((cells) =>
          cells.map(
            (cell) =>
              (
                globalThis as unknown as { getComputedStyle(of: unknown, part: string): { content: string } }
              ).getComputedStyle(cell, "::before").content,
          ),
        ),
    ).toEqual([...first.X, ...first.y, ...first.w_1, ...first.w_2].map((value) => `"${value}"`));
    await page.emulateMedia({ media: "screen" });
    expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
  });
});

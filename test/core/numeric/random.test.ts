/** Random streams: frozen bits, independence, uniformity. Seeds are fixed, so a passing test stays passing. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { pixelPermutation } from "../../../src/core/data/permutation.js";
import { RandomStream, type Purpose } from "../../../src/core/numeric/random.js";

const draw = (stream: RandomStream, count: number): number[] => Array.from({ length: count }, () => stream.uint32());
const identity = (n: number): Uint32Array => Uint32Array.from({ length: n }, (_, i) => i);

/** Σ (observed - expected)² / expected over bins of one expectation. */
const chiSquare = (counts: number[], expected: number): number =>
  counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
/** A value that chi-square with k degrees of freedom exceeds once in about 30,000 draws (Wilson and Hilferty, 1931). */
const criticalValue = (k: number): number => k * (1 - 2 / (9 * k) + 4 * Math.sqrt(2 / (9 * k))) ** 3;

describe("RandomStream", () => {
  it("is xoshiro128**: the published generator's first outputs from the state 1, 2, 3, 4", () => {
    const stream = new RandomStream("init");
    (stream as unknown as { state: Uint32Array }).state.set([1, 2, 3, 4]);
    expect(draw(stream, 10)).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  it.each<[Purpose, number[], number[]]>([
    ["init", [], [1365140175, 1354118341, 1031085689, 1248021460]],
    ["init", [0, 0], [3447009329, 3217292903, 2700213628, 898081207]],
    ["init", [0, 1], [2746476133, 3235399736, 1463754414, 4089974182]],
    ["init", [4294967295, 2], [2953955580, 750218447, 2097140708, 3552915210]],
    ["shuffle", [0, 1], [4140208277, 2301201058, 1083805475, 487380998]],
    ["permutation", [1, 784], [2796504622, 4218508525, 1034326219, 32929079]],
  ])("keeps its bits: %s %j", (purpose, keys, expected) => {
    expect(draw(new RandomStream(purpose, ...keys), 4)).toEqual(expected);
  });

  it("takes keys modulo 2^32", () => {
    expect(draw(new RandomStream("init", -1), 4)).toEqual(draw(new RandomStream("init", 2 ** 32 - 1), 4));
    expect(draw(new RandomStream("init", 2 ** 32), 4)).toEqual(draw(new RandomStream("init", 0), 4));
  });

  it("gives each purpose, each key, each order and each number of keys a stream of its own", () => {
    const keys = [
      [],
      [0],
      [1],
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
      [0, 0, 0],
      [2 ** 31],
      [2 ** 32 - 1],
      ...Array.from({ length: 500 }, (_, seed) => [seed + 2, 7]),
    ];
    const streams = (["init", "shuffle", "permutation"] as const).flatMap((purpose) =>
      keys.map((key) => draw(new RandomStream(purpose, ...key), 4).join()),
    );
    expect(new Set(streams).size).toBe(streams.length);
  });

  it.each<[string, (i: number) => [RandomStream, RandomStream]]>([
    ["seeds", (i) => [new RandomStream("init", i, 0), new RandomStream("init", i + 1, 0)]],
    ["layers", (i) => [new RandomStream("init", i, 0), new RandomStream("init", i, 1)]],
    ["purposes", (i) => [new RandomStream("init", i, 1), new RandomStream("shuffle", i, 1)]],
  ])("agrees in half of all bits with the stream of neighbouring %s", (_, pair) => {
    const streams = 2000;
    const words = 4;
    const agreements = new Array<number>(32 * words).fill(0);
    for (let i = 0; i < streams; i++) {
      const [a, b] = pair(i).map((stream) => draw(stream, words));
      for (let bit = 0; bit < 32 * words; bit++)
        agreements[bit] += 1 - (((a[bit >> 5] ^ b[bit >> 5]) >>> (bit & 31)) & 1);
    }
    // Each count has mean streams/2 and variance streams/4.
    const deviations = agreements.map((count) => (count - streams / 2) / Math.sqrt(streams / 4));
    expect(Math.max(...deviations.map(Math.abs))).toBeLessThan(5);
    expect(deviations.reduce((sum, z) => sum + z * z, 0)).toBeLessThan(criticalValue(32 * words));
  });

  it("uniform() lies in [0, 1) and fills it evenly", () => {
    const stream = new RandomStream("init", 11);
    const bins = new Array<number>(100).fill(0);
    for (let i = 0; i < 100_000; i++) bins[Math.floor(stream.uniform() * 100)] += 1;
    expect(bins.length).toBe(100);
    expect(chiSquare(bins, 1000)).toBeLessThan(criticalValue(99));
  });

  // A plain modulo would give the first third of [0, 3·2^30) twice the weight of the others.
  it.each([
    [2, 2],
    [7, 7],
    [10, 10],
    [1000, 1000],
    [3 * 2 ** 30, 3],
    [2 ** 32 - 1, 5],
  ])("below(%d) is unbiased", (bound, bins) => {
    const stream = new RandomStream("init", 12, bound);
    const counts = new Array<number>(bins).fill(0);
    const draws = 100 * bins + 30_000;
    for (let i = 0; i < draws; i++) counts[Math.floor((stream.below(bound) / bound) * bins)] += 1;
    expect(counts.length).toBe(bins);
    expect(chiSquare(counts, draws / bins)).toBeLessThan(criticalValue(bins - 1));
  });

  it("below(1) is 0, and below stays below", () => {
    const stream = new RandomStream("init", 13);
    for (let i = 0; i < 100; i++) {
      expect(stream.below(1)).toBe(0);
      expect(stream.below(3)).toBeLessThan(3);
    }
  });

  it("shuffles into a permutation, leaving other lengths alone", () => {
    for (const n of [0, 1, 2, 17, 60_000]) {
      const items = identity(n);
      new RandomStream("shuffle", 0, n).shuffle(items);
      expect([...items].sort((a, b) => a - b)).toEqual([...identity(n)]);
    }
  });

  it("shuffles into each order equally often", () => {
    const orders = new Map<string, number>();
    const each = 400;
    for (let seed = 0; seed < 120 * each; seed++) {
      const items = identity(5);
      new RandomStream("shuffle", seed, 1).shuffle(items);
      orders.set(items.join(), (orders.get(items.join()) ?? 0) + 1);
    }
    expect(orders.size).toBe(120);
    expect(chiSquare([...orders.values()], each)).toBeLessThan(criticalValue(119));
  });
});

describe("pixelPermutation", () => {
  const digest = (permutation: Uint32Array): string =>
    createHash("sha256").update(permutation.join()).digest("hex").slice(0, 16);

  it("0 is the original order", () => {
    expect([...pixelPermutation(0, 784)]).toEqual([...identity(784)]);
  });

  it.each([
    [1, 784, "d407c3b0ac15f6d5"],
    [2, 784, "1d1d29dee43c65a8"],
    [1_000_000, 784, "ac9247352d9df846"],
    [1, 12, "f5314a3d97895827"],
  ])("%d of %d pixels is fixed for ever", (k, size, expected) => {
    const permutation = pixelPermutation(k, size);
    expect(digest(permutation)).toBe(expected);
    expect([...permutation].sort((a, b) => a - b)).toEqual([...identity(size)]);
  });

  it("gives new storage each time", () => {
    pixelPermutation(1, 784).fill(0);
    expect(pixelPermutation(1, 784)[0] + pixelPermutation(1, 784)[1]).toBeGreaterThan(0);
  });
});

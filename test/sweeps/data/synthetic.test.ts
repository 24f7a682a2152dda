import { describe, expect, it } from "vitest";
import type { Samples } from "../../../src/core/data/dataset.js";
import { datasetDigest } from "../../../src/sweeps/data/canonical-files.js";
import { SYNTHETIC_DIGEST } from "../../../src/core/synthetic/draw.js";
import { drawSyntheticDataset } from "../../../src/sweeps/data/synthetic.js";
import { idxBytes, sha256 } from "./idx-bytes.js";

const whole = drawSyntheticDataset();
const image = (samples: Samples, i: number) => samples.images.subarray(i * 784, (i + 1) * 784);

function classCounts(labels: Uint8Array): number[] {
  const counts = new Array<number>(10).fill(0);
  for (const label of labels) counts[label]++;
  return counts;
}

describe("the synthetic set", () => {
  it("has FashionMNIST's shape", () => {
    expect([whole.name, whole.height, whole.width, whole.train.count, whole.test.count]).toEqual([
      "synthetic",
      28,
      28,
      60_000,
      10_000,
    ]);
    expect([whole.train, whole.test].map((s) => [s.images.length, s.labels.length])).toEqual([
      [60_000 * 784, 60_000],
      [10_000 * 784, 10_000],
    ]);
    expect(whole.classNames).toHaveLength(10);
  });

  it("is, to the byte, what its digest says", () => {
    const files = [whole.train, whole.test].flatMap(({ count, images, labels }) => [
      sha256(idxBytes([count, 28, 28], images)),
      sha256(idxBytes([count], labels)),
    ]);
    expect(datasetDigest(files)).toBe(SYNTHETIC_DIGEST);
    expect(whole.digest).toBe(SYNTHETIC_DIGEST);
  });

  it("lies in shared memory", () => {
    for (const { images, labels } of [whole.train, whole.test])
      for (const bytes of [images, labels]) expect(bytes.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it("has every class equally often, shuffled, in every thousand", () => {
    expect(classCounts(whole.train.labels)).toEqual(new Array(10).fill(6000));
    expect(classCounts(whole.test.labels)).toEqual(new Array(10).fill(1000));
    expect(classCounts(whole.train.labels.subarray(3000, 4000))).toEqual(new Array(10).fill(100));
    expect([...whole.train.labels.subarray(0, 1000)]).not.toEqual([...whole.train.labels.subarray(1000, 2000)]);
    // Neighbours agree as often as in a shuffled order: one time in ten.
    let equal = 0;
    for (let i = 1; i < 60_000; i++) if (whole.train.labels[i] === whole.train.labels[i - 1]) equal++;
    expect(Math.abs(equal / 60_000 - 0.1)).toBeLessThan(0.01);
  });

  it("draws the first images alike with and without the rest", () => {
    const few = drawSyntheticDataset(1234, 77);
    expect([few.train.count, few.test.count, few.digest]).toEqual([1234, 77, SYNTHETIC_DIGEST]);
    expect(Buffer.compare(few.train.images, whole.train.images.subarray(0, 1234 * 784))).toBe(0);
    expect(Buffer.compare(few.train.labels, whole.train.labels.subarray(0, 1234))).toBe(0);
    expect(Buffer.compare(few.test.images, whole.test.images.subarray(0, 77 * 784))).toBe(0);
    expect(drawSyntheticDataset(0, 70_000).test.count).toBe(10_000);
  });

  it("repeats no image, within a split or between them", () => {
    const seen = new Set<string>();
    for (const samples of [whole.train, whole.test])
      for (let i = 0; i < samples.count; i++) seen.add(Buffer.from(image(samples, i)).toString("latin1"));
    expect(seen.size).toBe(70_000);
  });

  it("is about half background, exactly 0, and uses the whole range of greys", () => {
    const histogram = new Float64Array(256);
    for (const pixel of whole.test.images) histogram[pixel]++;
    const background = histogram[0] / whole.test.images.length;
    expect(background).toBeGreaterThan(0.45);
    expect(background).toBeLessThan(0.6);
    expect(histogram.filter((count) => count > 0).length).toBeGreaterThan(240);
  });

  it("can be learnt, yet not by the nearest mean image", () => {
    const means = Array.from({ length: 10 }, () => new Float64Array(784));
    for (let i = 0; i < 20_000; i++) {
      const mean = means[whole.train.labels[i]];
      for (let p = 0; p < 784; p++) mean[p] += whole.train.images[i * 784 + p] / 2000;
    }
    let correct = 0;
    for (let i = 0; i < 2000; i++) {
      const distances = means.map((mean) =>
        mean.reduce((sum, m, p) => sum + (whole.test.images[i * 784 + p] - m) ** 2, 0),
      );
      if (distances.indexOf(Math.min(...distances)) === whole.test.labels[i]) correct++;
    }
    expect(correct / 2000).toBeGreaterThan(0.5);
    expect(correct / 2000).toBeLessThan(0.8);
  });
});

/** What augmentation makes of one image: exact moves, interpolation, erased rectangles, mixed pairs, and how often. */
import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { affineMap, augmentImage, copyMoved, warp } from "../../../src/core/augment/augment-image.js";
import { checkAugment } from "../../../src/core/augment/augmentation.js";
import { cutmix, mixup, symmetricBeta } from "../../../src/core/augment/mix.js";
import type { AugmentSpec } from "../../../src/core/config.js";
import { bytesOf, type ImageSize } from "../../../src/core/kernels/shape.js";
import { InputError } from "../../../src/core/input-error.js";
import { RandomStream } from "../../../src/core/numeric/random.js";

/** Random bytes without zeros: what moved in from outside is told from what was there. */
function image(size: ImageSize, count = 1): Uint8Array {
  const random = new RandomStream("init", 12);
  return Uint8Array.from({ length: count * bytesOf(size) }, () => 1 + random.below(255));
}

const size = fc.record({
  height: fc.integer({ min: 1, max: 12 }),
  width: fc.integer({ min: 1, max: 12 }),
  channels: fc.integer({ min: 1, max: 4 }),
});
const augmented = (spec: AugmentSpec, size: ImageSize, images: Uint8Array, key: number): Uint8Array => {
  const out = new Uint8Array(bytesOf(size));
  augmentImage(spec, size, { images, index: 0 }, { images: out, index: 0 }, new RandomStream("augment", key));
  return out;
};

describe("moves", () => {
  it("property: whole-pixel moves are exact copies, interpolated or not", () => {
    const move = fc.record({
      dx: fc.integer({ min: -13, max: 13 }),
      dy: fc.integer({ min: -13, max: 13 }),
      mirror: fc.boolean(),
    });
    fc.assert(
      fc.property(size, move, (size, move) => {
        const images = image(size, 2);
        const bytes = bytesOf(size);
        const [copied, warped] = [new Uint8Array(2 * bytes), new Uint8Array(2 * bytes)];
        copyMoved(move, size, images, bytes, copied, bytes);
        warp(affineMap(move, 0, 1, size), size, images, bytes, warped, bytes);
        expect(warped).toEqual(copied);
        const { height, width, channels } = size;
        for (let i = 0; i < bytes; i++) {
          const [c, x, y] = [i % channels, Math.floor(i / channels) % width, Math.floor(i / channels / width)];
          const [row, column] = [y - move.dy, x - move.dx];
          const inside = row >= 0 && row < height && column >= 0 && column < width;
          const from = row * width + (move.mirror ? width - 1 - column : column);
          const expected = inside ? images[bytes + from * channels + c] : 0;
          if (copied[bytes + i] !== expected)
            expect.fail(`(${x}, ${y}, ${c}): got ${copied[bytes + i]}, expected ${expected}`);
        }
        // Only the slot asked for was written.
        expect(copied.subarray(0, bytes).every((byte) => byte === 0)).toBe(true);
      }),
      { seed: 1 },
    );
  });

  it("a turn by 90° and 180° moves every pixel of a square to its place", () => {
    const square = { height: 6, width: 6, channels: 1 };
    const images = image(square);
    const still = { dx: 0, dy: 0, mirror: false };
    const turned = (angle: number): number[] => {
      const out = new Uint8Array(36);
      warp(affineMap(still, angle, 1, square), square, images, 0, out, 0);
      return [...out];
    };
    /** The image whose pixel (x, y) is the original's pixel f(x, y). */
    const at = (f: (x: number, y: number) => [number, number]): number[] =>
      Array.from({ length: 36 }, (_, i) => {
        const [x, y] = f(i % 6, Math.floor(i / 6));
        return images[y * 6 + x];
      });
    expect(turned(Math.PI)).toEqual(at((x, y) => [5 - x, 5 - y]));
    expect(turned(Math.PI / 2)).toEqual(at((x, y) => [y, 5 - x]));
    expect(turned(-Math.PI / 2)).toEqual(at((x, y) => [5 - y, x]));
  });

  it("scales about the centre: twice as large shows the middle half", () => {
    const line = { height: 1, width: 5, channels: 1 };
    const out = new Uint8Array(5);
    warp(affineMap({ dx: 0, dy: 0, mirror: false }, 0, 2, line), line, Uint8Array.of(10, 20, 40, 60, 80), 0, out, 0);
    expect([...out]).toEqual([20, 30, 40, 50, 60]);
  });

  it("interpolates between four neighbours, with zeros outside, and rounds to the nearest byte", () => {
    const square = { height: 2, width: 2, channels: 1 };
    const out = new Uint8Array(4);
    // Half a pixel to the right and down: (in(x, y) + … + in(x + 1, y + 1)) / 4.
    warp(Float64Array.of(1, 0, 0, 1, 0.5, 0.5), square, Uint8Array.of(10, 21, 30, 44), 0, out, 0);
    expect([...out]).toEqual([26, 16, 19, 11]);
  });

  it("property: whatever the map, white stays white inside and nothing comes from outside", () => {
    const wild = fc.double({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(size, fc.tuple(wild, wild, wild, wild, wild, wild), (size, map) => {
        const images = new Uint8Array(bytesOf(size)).fill(255);
        const out = new Uint8Array(images.length);
        warp(Float64Array.from(map), size, images, 0, out, 0);
        // Well inside a white image all is white: no byte wraps around. Beyond its rim all is black.
        for (let i = 0; i < out.length; i++) {
          const pixel = Math.floor(i / size.channels);
          const [x, y] = [pixel % size.width, Math.floor(pixel / size.width)];
          const [u, v] = [map[0] * x + map[2] * y + map[4], map[1] * x + map[3] * y + map[5]];
          if (u > 1e-9 && u < size.width - 1 - 1e-9 && v > 1e-9 && v < size.height - 1 - 1e-9) expect(out[i]).toBe(255);
          if (u <= -1 || v <= -1 || u >= size.width || v >= size.height) expect(out[i]).toBe(0);
        }
      }),
      { seed: 2 },
    );
  });
});

describe("draws", () => {
  const square = { height: 9, width: 9, channels: 1 };
  const images = image(square);

  it("shifts are uniform over the square, half of the images are mirrored", () => {
    const counts = new Map<string, number>();
    const rows = (out: Uint8Array): string => {
      for (const mirror of [false, true])
        for (let dy = -1; dy <= 1; dy++)
          for (let dx = -1; dx <= 1; dx++) {
            const expected = new Uint8Array(81);
            copyMoved({ dx, dy, mirror }, square, images, 0, expected, 0);
            if (expected.every((byte, i) => byte === out[i])) return `${dx},${dy},${mirror}`;
          }
      throw new Error("not a move");
    };
    const draws = 3600;
    for (let key = 0; key < draws; key++) {
      const move = rows(augmented({ shift: 1, flip: true }, square, images, key));
      counts.set(move, (counts.get(move) ?? 0) + 1);
    }
    // 18 moves, 200 each, ± 5 standard deviations.
    expect(counts.size).toBe(18);
    for (const count of counts.values()) expect(Math.abs(count - draws / 18)).toBeLessThan(5 * Math.sqrt(draws / 18));
  });

  it("erases a rectangle of noise with sides in [least, most], as often as asked, anywhere inside", () => {
    const frame = { height: 8, width: 11, channels: 1 };
    const blank = new Uint8Array(88);
    let erased = 0;
    let [noise, noiseSum] = [0, 0];
    const [sides, lefts, tops] = [new Set<number>(), new Set<number>(), new Set<number>()];
    for (let key = 0; key < 4000; key++) {
      const out = augmented({ erase: { probability: 0.3, least: 2, most: 4 } }, frame, blank, key);
      const touched = [...out.keys()].filter((i) => out[i] !== 0);
      if (touched.length === 0) continue;
      erased += 1;
      // A byte of noise may be 0 itself, so the rectangle can look smaller than it is, never larger.
      const [xs, ys] = [touched.map((i) => i % 11), touched.map((i) => Math.floor(i / 11))];
      const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
      const [width, height] = [right - left + 1, bottom - top + 1];
      expect(Math.max(width, height)).toBeLessThanOrEqual(4);
      sides.add(width).add(height);
      lefts.add(left);
      tops.add(top);
      noise += touched.length;
      noiseSum += touched.reduce((sum, i) => sum + out[i], 0);
    }
    expect(Math.abs(erased - 1200)).toBeLessThan(5 * Math.sqrt(4000 * 0.3 * 0.7));
    expect([2, 3, 4].every((side) => sides.has(side))).toBe(true);
    expect([lefts.size, tops.size]).toEqual([10, 7]);
    // Bytes 1 to 255 have mean 128 and variance (255² - 1) / 12.
    expect(Math.abs(noiseSum / noise - 128)).toBeLessThan(5 * Math.sqrt((255 ** 2 - 1) / 12 / noise));
  });

  it("erases the whole image where it may be that large, and nothing outside", () => {
    const out = new Uint8Array(3 * 16).fill(7);
    augmentImage(
      { erase: { probability: 1, least: 4, most: 4 } },
      { height: 4, width: 4, channels: 1 },
      { images: new Uint8Array(16).fill(7), index: 0 },
      { images: out, index: 1 },
      new RandomStream("augment", 1),
    );
    expect([...out.subarray(0, 16), ...out.subarray(32)]).toEqual(new Array(32).fill(7));
    expect(out.subarray(16, 32).filter((byte) => byte === 7).length).toBeLessThan(4);
  });

  it("nothing asked for is nothing done", () => {
    for (const spec of [{}, { shift: 0, flip: false, rotate: 0, scale: 0 }])
      expect(augmented(spec, square, images, 3)).toEqual(images);
  });
});

describe("images of three channels", () => {
  const size = { height: 32, width: 32, channels: 3 };
  const grey = { ...size, channels: 1 };
  const images = image(size, 2);
  /** One channel of all images. */
  const plane = (bytes: Uint8Array, channel: number): Uint8Array => bytes.filter((_, i) => i % 3 === channel);
  const seeds = Array.from({ length: 20 }, (_, key) => key);

  it.each<AugmentSpec>([
    { shift: 5, flip: true },
    { rotate: 30, scale: 0.2 },
    { shift: 3, flip: true, rotate: 10, scale: 0.1 },
  ])("%j does to every channel what it does to a grey image", (spec) => {
    for (const key of seeds) {
      const out = augmented(spec, size, images, key);
      for (const c of [0, 1, 2]) expect(plane(out, c)).toEqual(augmented(spec, grey, plane(images, c), key));
    }
  });

  it.each([
    ["mixup", mixup],
    ["cutmix", cutmix],
  ])("%s mixes every channel as it does a grey image, by one share", (_, mix) => {
    for (const key of seeds) {
      const out = images.slice();
      const share = mix(1, size, new RandomStream("augment", key), out, 0, 1);
      for (const c of [0, 1, 2]) {
        const alone = plane(images, c);
        expect(mix(1, grey, new RandomStream("augment", key), alone, 0, 1)).toBe(share);
        expect(plane(out, c)).toEqual(alone);
      }
    }
  });

  it("are erased in all channels of the same rectangle, by noise of each channel's own", () => {
    const erase = { probability: 1, least: 8, most: 12 };
    for (const key of seeds) {
      const out = augmented({ erase }, size, new Uint8Array(bytesOf(size)), key);
      const touched = [0, 1, 2].map((c) => [...plane(out, c).entries()].filter(([, byte]) => byte !== 0));
      // A byte of noise may be 0 itself: a side of the rectangle looks shorter where all of it is, once in 256⁸.
      const [box, ...others] = touched.map((places) => {
        const [xs, ys] = [places.map(([i]) => i % 32), places.map(([i]) => Math.floor(i / 32))];
        return [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
      });
      for (const other of others) expect(other).toEqual(box);
      const sides = [box[1] - box[0] + 1, box[3] - box[2] + 1];
      for (const side of sides) expect(side >= 8 && side <= 12).toBe(true);
      expect(plane(out, 0)).not.toEqual(plane(out, 1));
      expect(plane(out, 1)).not.toEqual(plane(out, 2));
    }
  });
});

describe("symmetricBeta", () => {
  // Cumulative distribution functions in closed form.
  it.each<[number, (x: number) => number]>([
    [0.5, (x) => (2 / Math.PI) * Math.asin(Math.sqrt(x))],
    [1, (x) => x],
    [2, (x) => x * x * (3 - 2 * x)],
    [3, (x) => x ** 3 * (10 - 15 * x + 6 * x * x)],
  ])("Beta(%d, %d)'s distribution, by Kolmogorov and Smirnov", (alpha, cumulative) => {
    const random = new RandomStream("augment", 8);
    const draws = Float64Array.from({ length: 20_000 }, () => symmetricBeta(alpha, random)).sort();
    let distance = 0;
    draws.forEach(
      (x, i) =>
        (distance = Math.max(
          distance,
          Math.abs(cumulative(x) - i / 20_000),
          Math.abs(cumulative(x) - (i + 1) / 20_000),
        )),
    );
    // Exceeded once in 10,000 seeds: √(-ln(5e-5) / 2) / √n.
    expect(distance).toBeLessThan(2.2253 / Math.sqrt(20_000));
  });

  it.each([1e-300, 1e-3, 0.1, 0.2, 0.4, 10])("α = %d: in [0, 1], mean 1/2, variance 1 / (8α + 4)", (alpha) => {
    const random = new RandomStream("augment", 9);
    const draws = Array.from({ length: 20_000 }, () => symmetricBeta(alpha, random) - 0.5);
    expect(draws.every((x) => x >= -0.5 && x <= 0.5)).toBe(true);
    const variance = 1 / (8 * alpha + 4);
    expect(Math.abs(draws.reduce((a, b) => a + b, 0) / 20_000)).toBeLessThan(5 * Math.sqrt(variance / 20_000));
    // (x - 1/2)² ≤ 1/4 has a variance below E(x - 1/2)⁴ ≤ variance / 4.
    expect(Math.abs(draws.reduce((a, b) => a + b * b, 0) / 20_000 - variance)).toBeLessThan(
      5 * Math.sqrt(variance / 4 / 20_000),
    );
  });
});

describe("mixing", () => {
  const frame = { height: 7, width: 10, channels: 1 };

  it("mixup weighs every pixel by the share it returns", () => {
    const images = image(frame, 3);
    const out = images.slice();
    const share = mixup(1, frame, new RandomStream("augment", 4), out, 2, 0);
    expect(share).toBe(Math.fround(symmetricBeta(1, new RandomStream("augment", 4))));
    expect(out.subarray(0, 140)).toEqual(images.subarray(0, 140));
    for (let i = 0; i < 70; i++)
      expect(Math.abs(out[140 + i] - (share * images[140 + i] + (1 - share) * images[i]))).toBeLessThanOrEqual(
        0.5 + 1e-9,
      );
  });

  it("cutmix pastes one rectangle, and returns the share of the pixels that stay exactly", () => {
    let [mean, some] = [0, 0];
    for (let key = 0; key < 1000; key++) {
      const out = new Uint8Array(140).fill(1, 70);
      const share = cutmix(1, frame, new RandomStream("augment", key), out, 0, 1);
      const pasted = [...out.subarray(0, 70).keys()].filter((i) => out[i] === 1);
      expect(share).toBe(Math.fround(1 - pasted.length / 70));
      const [xs, ys] = [new Set(pasted.map((i) => i % 10)), new Set(pasted.map((i) => Math.floor(i / 10)))];
      expect(xs.size * ys.size).toBe(pasted.length);
      if (pasted.length > 0)
        expect([Math.max(...xs) - Math.min(...xs) + 1, Math.max(...ys) - Math.min(...ys) + 1]).toEqual([
          xs.size,
          ys.size,
        ]);
      mean += share / 1000;
      if (pasted.length > 0 && pasted.length < 70) some += 1;
    }
    // λ is uniform for α = 1; what the borders cut and rounding down can only add to the share.
    expect(mean).toBeGreaterThan(0.5);
    expect(mean).toBeLessThan(0.8);
    expect(some).toBeGreaterThan(800);
  });
});

describe("checkAugment", () => {
  const frame = { height: 28, width: 20 };

  it.each<[AugmentSpec, string]>([
    [{ shift: 20 }, "augment.shift: got 20, expected less than 20, the image's shorter side; shift by fewer pixels"],
    [
      { erase: { probability: 0.5, least: 9, most: 8 } },
      "augment.erase.least: got 9, expected at most 8, augment.erase.most; swap them",
    ],
    [
      { erase: { probability: 0.5, least: 4, most: 21 } },
      "augment.erase.most: got 21, expected at most 20, the image's shorter side; erase fewer pixels",
    ],
  ])("refuses %j in one line", (spec, message) => {
    expect(() => checkAugment(spec, frame)).toThrow(new InputError(message));
  });

  it("takes what just fits", () => {
    for (const spec of [{}, { shift: 19 }, { erase: { probability: 1, least: 20, most: 20 } }])
      checkAugment(spec, frame);
  });
});

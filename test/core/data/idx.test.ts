import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../../src/core/input-error.js";
import { parseIdx, parseSamples } from "../../../src/core/data/idx.js";
import { idxBytes } from "../../sweeps/data/idx-bytes.js";

const values = (count: number) => Uint8Array.from({ length: count }, (_, i) => (i * 37) % 256);

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as InputError).message;
  }
  throw new Error("nothing was thrown");
}

describe("parseIdx", () => {
  it("reads images and labels as views, not copies", () => {
    const file = idxBytes([2, 3, 4], values(24));
    const { dims, values: pixels } = parseIdx(file, "images", 3);
    expect(dims).toEqual([2, 3, 4]);
    expect([...pixels]).toEqual([...values(24)]);
    expect(pixels.buffer).toBe(file.buffer);
    expect(parseIdx(idxBytes([5], values(5)), "labels", 1).dims).toEqual([5]);
  });

  it("reads a file that lies inside a larger buffer", () => {
    const file = idxBytes([3], values(3));
    const larger = new Uint8Array(file.length + 11);
    larger.set(file, 7);
    expect([...parseIdx(larger.subarray(7, 7 + file.length), "labels", 1).values]).toEqual([...values(3)]);
  });

  it.each([
    ["empty", new Uint8Array(0), /got 0 bytes, expected an IDX header of 16/],
    ["header cut short", idxBytes([2, 3, 4], values(24)).subarray(0, 15), /got 15 bytes/],
    ["labels for images", idxBytes([24], values(24)), /got magic number 0x00000801, expected 0x00000803/],
    ["gzip", Uint8Array.from([0x1f, 0x8b, 8, 0, ...values(20)]), /got magic number 0x1f8b0800/],
    ["floats", Uint8Array.from([0, 0, 0x0d, 3, ...values(20)]), /got magic number 0x00000d03/],
    ["one value short", idxBytes([2, 3, 4], values(23)), /got 23 values, expected 24 .*2 × 3 × 4/],
    ["one value over", idxBytes([2, 3, 4], values(25)), /got 25 values, expected 24/],
    ["no image", idxBytes([0, 28, 28], values(0)), /0 × 28 × 28, expected each to be at least 1/],
    ["huge claim", idxBytes([0xffffffff, 0xffffffff, 0xffffffff], values(8)), /got 8 values, expected 7\.9\d+e\+28/],
    ["claim of 2^32 + 24", idxBytes([8, 1, 536870915], values(24)), /got 24 values, expected 4294967320/],
  ])("rejects %s in one line that names the file", (_, bytes, pattern) => {
    const message = messageOf(() => parseIdx(bytes, "some-file", 3));
    expect(message).toMatch(pattern);
    expect(message).toMatch(/^some-file: /);
    expect(message).not.toContain("\n");
  });

  it("gives an InputError or a right answer for every mutation", () => {
    const mutation = fc.record({
      dims: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 3, maxLength: 3 }),
      cut: fc.integer({ min: -6, max: 6 }),
      pokes: fc.array(fc.record({ at: fc.nat(40), to: fc.nat(255) }), { maxLength: 3 }),
    });
    let right = 0;
    fc.assert(
      fc.property(mutation, ({ dims, cut, pokes }) => {
        const whole = idxBytes(dims, values(dims[0] * dims[1] * dims[2]));
        const file = new Uint8Array(Math.max(0, whole.length + cut));
        file.set(whole.subarray(0, file.length));
        for (const { at, to } of pokes) if (at < file.length) file[at] = to;
        try {
          const parsed = parseIdx(file, "mutated", 3);
          right++;
          expect(parsed.values.length).toBe(parsed.dims[0] * parsed.dims[1] * parsed.dims[2]);
          expect([...idxBytes(parsed.dims, parsed.values)]).toEqual([...file]);
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
        }
      }),
      { numRuns: 10_000, seed: 1 },
    );
    expect(right).toBeGreaterThan(50);
  });
});

describe("parseSamples", () => {
  const images = { name: "images", bytes: idxBytes([3, 2, 2], values(12)) };

  const square = { height: 2, width: 2, channels: 1 };

  it("takes the channels of a pixel as they lie, side by side", () => {
    const colours = { name: "colours", bytes: idxBytes([2, 1, 2, 3], values(12)) };
    const labels = { name: "labels", bytes: idxBytes([2], Uint8Array.of(1, 0)) };
    const size = { height: 1, width: 2, channels: 3 };
    expect([...parseSamples(colours, labels, size, 2).images]).toEqual([...values(12)]);
    expect(messageOf(() => parseSamples(colours, labels, { ...size, channels: 1 }, 2))).toMatch(
      /expected 0x00000803 \(IDX, images\)/,
    );
  });

  it("rejects images of another size", () => {
    const labels = { name: "labels", bytes: idxBytes([3], Uint8Array.of(0, 9, 4)) };
    const message = messageOf(() => parseSamples(images, labels, { ...square, width: 3 }, 10));
    expect(message).toBe("images: got images of 2 × 2, expected 2 × 3; fetch the file again.");
  });

  it("pairs images with labels", () => {
    const samples = parseSamples(images, { name: "labels", bytes: idxBytes([3], Uint8Array.of(0, 9, 4)) }, square, 10);
    expect(samples.count).toBe(3);
    expect([...samples.labels]).toEqual([0, 9, 4]);
  });

  it("rejects another number of labels than images", () => {
    const labels = { name: "labels", bytes: idxBytes([2], Uint8Array.of(0, 1)) };
    expect(messageOf(() => parseSamples(images, labels, square, 10))).toMatch(
      /labels: got 2 labels, expected 3, one for each image of images/,
    );
  });

  it("rejects a label out of range", () => {
    const labels = { name: "labels", bytes: idxBytes([3], Uint8Array.of(0, 10, 1)) };
    expect(messageOf(() => parseSamples(images, labels, square, 10))).toMatch(
      /got label 10 at position 1, expected 0 to 9/,
    );
  });
});

/** Random data sets written as IDX, IDX.gz, npz and PNG are read back to the same bytes, digest and class names. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { encode } from "fast-png";
import { zipSync } from "fflate";
import { afterAll, describe, expect, it } from "vitest";
import { InputError } from "../../../src/core/input-error.js";
import { RandomStream } from "../../../src/core/numeric/random.js";
import { loadDataset } from "../../../src/sweeps/data/load.js";
import type { DataOptions } from "../../../src/sweeps/spec/data-options.js";
import { temporaryFolder } from "../fixtures.js";
import { idxBytes, sha256 } from "./idx-bytes.js";

const root = temporaryFolder();
afterAll(() => rmSync(root, { recursive: true, force: true }));
const fresh = (): string => mkdtempSync(path.join(root, "digits-"));

function put(place: string, bytes: Uint8Array): void {
  mkdirSync(path.dirname(place), { recursive: true });
  writeFileSync(place, bytes);
}

const load = async (options: DataOptions) => (await loadDataset({ data: options })).dataset;

async function fault(options: DataOptions): Promise<string> {
  const error: unknown = await load(options).then(
    () => "nothing was thrown",
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(InputError);
  expect((error as InputError).message).not.toContain("\n");
  return (error as InputError).message;
}

interface Set {
  size: number[];
  images: [Uint8Array, Uint8Array];
  labels: [Uint8Array, Uint8Array];
}

/** In the order in which PNG files are read, so that all containers hold the same. */
const sets = fc
  .record({
    height: fc.integer({ min: 1, max: 40 }),
    width: fc.integer({ min: 1, max: 40 }),
    channels: fc.integer({ min: 1, max: 4 }),
    classes: fc.integer({ min: 2, max: 40 }),
    seed: fc.nat(),
  })
  .map(({ height, width, channels, classes, seed }): Set => {
    const stream = new RandomStream("init", seed);
    const size = channels === 1 ? [height, width] : [height, width, channels];
    const bytes = (n: number): Uint8Array => Uint8Array.from({ length: n }, () => stream.below(256));
    const labels = (n: number): Uint8Array => Uint8Array.from({ length: n }, (_, i) => (i * 7 + classes - 1) % classes);
    const counts = [classes + 3, classes];
    // 7 and the number of classes may share a factor: the first label is always the largest.
    const [train, test] = counts.map((n) => [bytes(n * height * width * channels), labels(n)]);
    return { size, images: [train[0], test[0]], labels: [train[1], test[1]] };
  });

const idx = ({ size, images, labels }: Set): [string, Uint8Array][] =>
  ["train", "t10k"].flatMap((split, s): [string, Uint8Array][] => [
    [`${split}-images-idx${size.length + 1}-ubyte`, idxBytes([labels[s].length, ...size], images[s])],
    [`${split}-labels-idx1-ubyte`, idxBytes([labels[s].length], labels[s])],
  ]);

function npy(descr: string, shape: number[], bytes: Uint8Array): Uint8Array {
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(", ")},), }`;
  const header = Buffer.from(`${text.padEnd(117)}\n`);
  return Buffer.concat([Buffer.from("\x93NUMPY\x01\x00", "latin1"), Buffer.from([header.length, 0]), header, bytes]);
}

const npz = ({ size, images, labels }: Set, level: 0 | 6): Uint8Array =>
  zipSync(
    Object.fromEntries(
      ["train", "test"].flatMap((split, s) => [
        [`x_${split}.npy`, npy("|u1", [labels[s].length, ...size], images[s])],
        [
          `y_${split}.npy`,
          npy("<i8", [labels[s].length, 1], new Uint8Array(BigInt64Array.from(labels[s], BigInt).buffer)),
        ],
      ]),
    ),
    { level },
  );

describe("the same images are the same data", () => {
  it("as IDX, compressed, and as npz, stored or deflated", async () => {
    await fc.assert(
      fc.asyncProperty(sets, async (set) => {
        const { size, images, labels } = set;
        const files = idx(set);
        const most = 1 + Math.max(...labels[0], ...labels[1]);
        const digest = sha256(files.map(([, bytes]) => sha256(bytes)).join(""));
        const [raw, gz, archive] = [fresh(), fresh(), fresh()];
        for (const [name, bytes] of files) put(path.join(raw, name), bytes);
        for (const [name, bytes] of files) put(path.join(gz, "MNIST", "raw", `${name}.gz`), gzipSync(bytes));
        put(path.join(archive, "my set.npz"), npz(set, 6));
        put(path.join(archive, "stored", "a.npz"), npz(set, 0));
        for (const dir of [raw, gz, path.join(archive, "my set.npz"), path.join(archive, "stored")]) {
          const found = await load({ dir });
          expect(found).toMatchObject({ digest, height: size[0], width: size[1], channels: size[2] ?? 1 });
          expect(found.classNames).toEqual(Array.from({ length: Math.max(2, most) }, (_, i) => String(i)));
          expect(Buffer.compare(found.train.images, images[0])).toBe(0);
          expect(Buffer.compare(found.test.labels, labels[1])).toBe(0);
        }
        expect((await load({ dir: gz })).name).toBe("mnist");
        expect((await load({ dir: path.join(archive, "my set.npz") })).name).toBe("my-set");
        const more = Array.from({ length: most + 2 }, (_, i) => `c${i}`);
        expect((await load({ dir: raw, classes: more })).digest).not.toBe(digest);
      }),
      { numRuns: 12 },
    );
  });

  it("as PNG files, in their fixed order", async () => {
    const dir = fresh();
    const size = [9, 7, 3];
    const stream = new RandomStream("init", 5);
    const bytes = Uint8Array.from({ length: 20 * 189 }, () => stream.below(256));
    // By class, so that the names' order is that of the images; each split has all four.
    for (const [s, split] of ["train", "test"].entries())
      for (let i = 0; i < 20; i++)
        put(
          path.join(dir, split, `c${i % 4}`, `${s}-${String(i).padStart(2, "0")}.png`),
          encode({ width: 7, height: 9, channels: 3, data: bytes.subarray(i * 189, (i + 1) * 189) }),
        );
    const found = await load({ dir, classes: ["c3", "c2", "c1", "c0"] });
    expect(found).toMatchObject({ height: size[0], width: size[1], channels: 3, classNames: ["c3", "c2", "c1", "c0"] });
    const pixels = (i: number) => Buffer.from(found.train.images.subarray(i * 189, (i + 1) * 189));
    const origin = Array.from({ length: 20 }, (_, i) => {
      const at = Array.from({ length: 20 }, (_, k) => k).find((k) =>
        pixels(i).equals(bytes.subarray(k * 189, (k + 1) * 189)),
      );
      expect(found.train.labels[i]).toBe(3 - ((at ?? 99) % 4));
      return at;
    });
    expect(new Set(origin).size).toBe(20);
    // Not by class: limits take images from the ends.
    expect([...found.train.labels.slice(0, 5)]).not.toEqual([0, 0, 0, 0, 0]);
    expect((await load({ dir, classes: ["w", "x", "y", "z"] })).classNames).toEqual(["w", "x", "y", "z"]);
  });
});

describe("the members of the MNIST family are read as they are published", () => {
  const [height, width, counts] = [5, 3, [9, 4]];
  const stream = new RandomStream("init", 11);
  const images = counts.map((n) => Uint8Array.from({ length: n * height * width }, () => stream.below(256)));
  const labels = counts.map((n) => Uint8Array.from({ length: n }, (_, i) => (i === 0 ? 8 : stream.below(9))));

  it("EMNIST: of several sets the one that is named, turned upright, letters counted from 0", async () => {
    const dir = fresh();
    const turned = (bytes: Uint8Array): Uint8Array =>
      bytes.map((_, i) => {
        const [image, x, y] = [Math.floor(i / 15), Math.floor((i % 15) / height), i % height];
        return bytes[image * 15 + y * width + x];
      });
    for (const [s, split] of ["train", "test"].entries())
      for (const set of ["emnist-letters", "emnist-digits"]) {
        put(
          path.join(dir, `${set}-${split}-images-idx3-ubyte`),
          idxBytes([counts[s], width, height], turned(images[s])),
        );
        const counted = labels[s].map((label) => label + (set === "emnist-letters" ? 1 : 0));
        put(path.join(dir, `${set}-${split}-labels-idx1-ubyte.gz`), gzipSync(idxBytes([counts[s]], counted)));
      }
    expect(await fault({ dir })).toMatch(/got several sets, emnist-digits, emnist-letters, expected one/);
    const said: string[] = [];
    const options = { dir, files: "emnist-letters" };
    const { dataset } = await loadDataset({ data: options, onProgress: (line) => said.push(line) });
    expect(dataset).toMatchObject({ name: "emnist-letters", height, width });
    expect([dataset.train, dataset.test].map(({ images: found }) => [...found])).toEqual(images.map((own) => [...own]));
    expect([...dataset.train.labels]).toEqual([...labels[0]]);
    expect(said).toEqual([expect.stringContaining("count from 1"), expect.stringContaining("turned upright")]);
    const digits = await load({ dir, files: "emnist-digits" });
    expect([digits.digest, digits.name]).toEqual([dataset.digest, "emnist-digits"]);
    expect((await load({ ...options, transposed: false })).height).toBe(width);
  });

  it("QMNIST: the first of eight columns of 32-bit labels; images of one class are none to tell apart", async () => {
    const dir = fresh();
    const columns = (of: Uint8Array): Uint8Array => {
      const bytes = Buffer.alloc(12 + 32 * of.length);
      [0x0c02, of.length, 8].forEach((word, i) => bytes.writeUInt32BE(word, 4 * i));
      of.forEach((label, i) => {
        bytes.writeInt32BE(label, 12 + 32 * i);
        for (let column = 1; column < 8; column++) bytes.writeInt32BE(-1 - i, 12 + 32 * i + 4 * column);
      });
      return bytes;
    };
    const write = (of: Uint8Array[]): void => {
      for (const [s, split] of ["train", "test"].entries()) {
        put(path.join(dir, `qmnist-${split}-images-idx3-ubyte`), idxBytes([counts[s], height, width], images[s]));
        put(path.join(dir, `qmnist-${split}-labels-idx2-int`), columns(of[s]));
      }
    };
    write(labels);
    const found = await load({ dir });
    expect([found.train.labels, found.test.labels].map((own) => [...own])).toEqual(labels.map((own) => [...own]));
    expect([found.height, found.width, found.classNames.length]).toEqual([height, width, 9]);
    write(labels.map((of) => of.fill(0)));
    expect(await fault({ dir })).toMatch(/got images of one class, expected at least two/);
  });
});

describe("each fault is one line", () => {
  const set: Set = {
    size: [3, 3],
    images: [new Uint8Array(36), new Uint8Array(18)],
    labels: [Uint8Array.of(0, 1, 0, 1), Uint8Array.of(0, 1)],
  };
  const withFile = (name: string, bytes: Uint8Array): string => {
    const dir = fresh();
    for (const [file, content] of idx(set)) put(path.join(dir, file), file === name ? bytes : content);
    return dir;
  };
  const images = idx(set)[0][1];
  const claim = idxBytes([60_000, 60_000, 60_000], new Uint8Array(4));
  it.each<[string, Uint8Array, RegExp]>([
    ["cut short", images.subarray(0, 40), /got 24 bytes of values, expected 36/],
    ["a header that lies", claim, /expected at most/],
    ["a bomb", gzipSync(Buffer.concat([images, new Uint8Array(1e7)])), /got more than the 36 bytes/],
    ["cut gzip", gzipSync(images).subarray(0, 30), /cut short or damaged/],
    ["a web page", Buffer.from("<html></html>"), /got a web page/],
    ["labels", idx(set)[1][1], /expected bytes of count/],
  ])("IDX: %s", async (_, bytes, pattern) => {
    expect(await fault({ dir: withFile("train-images-idx3-ubyte", bytes) })).toMatch(pattern);
  });

  it("npz, PNG, and folders of something else", async () => {
    const dir = fresh();
    expect(await fault({ dir })).toMatch(/got an empty folder, expected IDX files .*PNG/);
    expect(await fault({ dir: path.join(dir, "nowhere") })).toMatch(/no such file or folder/);
    put(path.join(dir, "a.npz"), npz(set, 6).subarray(0, 300));
    expect(await fault({ dir })).toMatch(/cut short or damaged/);
    put(path.join(dir, "a.npz"), zipSync({ "x_train.npy": npy("<f4", [1, 1, 1], new Uint8Array(4)) }));
    expect(await fault({ dir })).toMatch(/got no y_train, no x_test, no y_test/);
    const pictures = fresh();
    const huge = Buffer.from(encode({ width: 2, height: 2, channels: 1, data: new Uint8Array(4) }));
    huge.writeUInt32BE(1e9, 16);
    for (const name of ["a", "b"]) for (let i = 0; i < 6; i++) put(path.join(pictures, name, `${i}.png`), huge);
    expect(await fault({ dir: pictures })).toMatch(/got 1000000000×2 pixels/);
  });
});

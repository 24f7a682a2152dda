import { beforeAll, describe, expect, test } from "vitest";
import { trainConfigSchema } from "../../../src/core/config.js";
import { RandomStream } from "../../../src/core/numeric/random.js";
import type { TrainState } from "../../../src/core/training/result.js";
import { train } from "../../../src/core/training/train.js";
import { runCell } from "../../../src/sweeps/run/cell-run.js";
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from "../../../src/sweeps/store/checkpoint.js";
import { loadDataset } from "../../../src/sweeps/data/load.js";
import { cellId } from "../../../src/sweeps/spec/cell-id.js";
import { decodeRecord, encodeRecord, type CellRecord } from "../../../src/sweeps/store/record.js";
import { executorHere, sampleCheckpoint } from "../fixtures.js";

const spent = {
  startedAt: "2026-01-02T03:04:05.678Z",
  seconds: 1.5,
  trainSeconds: 1,
  testSeconds: 0.25,
  setupSeconds: 0.125,
  resumes: 2,
  retryReasons: ["no luck"],
};

test("a checkpoint read back has the same bits, those that are hardest to keep included", () => {
  const whole = sampleCheckpoint();
  const { weights, optimizer } = whole.state;
  weights.set([NaN, Infinity, -Infinity, -0, 1e-45, 3.4028234663852886e38]);
  new Uint32Array(optimizer.buffer)[0] = 0xffc12345;
  const back = decodeCheckpoint(encodeCheckpoint(whole), "c");
  expect(back).toEqual(whole);
  expect(new Uint32Array(back.state.weights.buffer)).toEqual(new Uint32Array(weights.buffer));
  expect(new Uint32Array(back.state.optimizer.buffer)).toEqual(new Uint32Array(optimizer.buffer));
});

test("running statistics, averages and what pruning saw are kept; a checkpoint without them is the bytes it always was", () => {
  const plain = sampleCheckpoint();
  const { state } = plain;
  const statistics = Float32Array.of(0.5, NaN, -0, 1e-45);
  const average = Float32Array.from({ length: state.weights.length + 4 }, (_, i) => i / 3);
  const seen = Float32Array.of(0.25, 0, 1);
  for (const more of [{ statistics }, { average }, { seen }, { statistics, average }, { statistics, average, seen }]) {
    const whole = { ...plain, state: { ...state, ...more } };
    const back = decodeCheckpoint(encodeCheckpoint(whole), "c");
    expect(back).toEqual(whole);
    expect(Object.is(back.state.statistics?.[2] ?? -0, -0)).toBe(true);
    expect(() => decodeCheckpoint(encodeCheckpoint(whole).subarray(0, -4), "c")).toThrow(
      expect.objectContaining({ name: "InputError" }),
    );
  }
  const text = new TextDecoder().decode(encodeCheckpoint(plain));
  expect(text).not.toMatch(/"(statistics|average|seen)":/);
  expect(Object.keys(decodeCheckpoint(encodeCheckpoint(plain), "c").state)).not.toContain("statistics");
});

test("a checkpoint is read from any place in memory, and keeps none of it", () => {
  const whole = sampleCheckpoint();
  const bytes = encodeCheckpoint(whole);
  const padded = Buffer.alloc(bytes.length + 7);
  padded.set(bytes, 3);
  const back = decodeCheckpoint(padded.subarray(3, 3 + bytes.length), "c");
  padded.fill(0);
  expect(back).toEqual(whole);
});

describe("the record and the checkpoint of a smoke cell", () => {
  let record: CellRecord;
  let checkpoint: Checkpoint;
  let text: Uint8Array;
  let bytes: Uint8Array;

  beforeAll(async () => {
    const { dataset } = await loadDataset({
      data: "synthetic",
      trainLimit: 300,
      testLimit: 60,
      onProgress: () => undefined,
    });
    const config = trainConfigSchema.parse({
      model: { kind: "cnn" },
      optimizer: { kind: "sgd" },
      epochs: 2,
      trainLimit: 300,
      testLimit: 60,
    });
    const id = cellId(config, dataset.digest);
    record = (await runCell({
      cell: { id, config },
      dataset,
      executor: executorHere().executor,
      onMessage: () => undefined,
    }))!.record;
    let state: TrainState | undefined;
    for (const event of train(config, dataset)) if (event.kind === "epoch") state ??= event.state();
    checkpoint = { id, config, engineVersion: 1, dataDigest: dataset.digest, state: state!, spent };
    text = new TextEncoder().encode(encodeRecord(record));
    bytes = encodeCheckpoint(checkpoint);
  });

  const refused = (decode: () => unknown): boolean => {
    try {
      decode();
      return false;
    } catch (error) {
      return (error as Error).name === "InputError";
    }
  };
  const readRecord = (part: Uint8Array): unknown => decodeRecord(new TextDecoder().decode(part), "r");

  test("cut at any length are refused", () => {
    // Without its last line break a record is still whole.
    for (let length = 0; length < text.length - 1; length++)
      expect(
        refused(() => readRecord(text.subarray(0, length))),
        `record of ${length}`,
      ).toBe(true);
    let accepted = 0;
    for (let length = 0; length < bytes.length; length++)
      if (!refused(() => decodeCheckpoint(bytes.subarray(0, length), "c"))) accepted += 1;
    expect(accepted).toBe(0);
    expect(bytes.length).toBeGreaterThan(4 * 29066);
  });

  test("with a flipped bit are refused, or mean the same", () => {
    const random = new RandomStream("shuffle", 7);
    const flip = (array: Uint8Array, bit: number): Uint8Array => {
      const copy = array.slice();
      copy[bit >> 3] ^= 1 << (bit & 7);
      return copy;
    };
    const early = Array.from({ length: 2000 }, (_, bit) => bit);
    const anywhere = (length: number): number[] =>
      Array.from({ length: 2000 }, () => Math.floor(random.uniform() * 8 * length));
    for (const bit of [...early, ...anywhere(bytes.length), 8 * bytes.length - 1])
      expect(
        refused(() => decodeCheckpoint(flip(bytes, bit), "c")),
        `bit ${bit}`,
      ).toBe(true);
    for (const bit of [...early, ...anywhere(text.length)]) {
      const damaged = flip(text, bit);
      if (!refused(() => readRecord(damaged))) expect(readRecord(damaged), `bit ${bit}`).toEqual(record);
    }
  });
});

import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import { expect, test } from "vitest";
import { train } from "../../src/core/training/train.js";
import type { TrainResult } from "../../src/core/training/result.js";
import runCell from "../../src/workers/cell-worker.js";
import type { CellMessage } from "../../src/workers/protocol.js";
import { tinyConfig, tinyDataset } from "../sweeps/fixtures.js";

const dataset = tinyDataset(1000, 40);
const config = tinyConfig({ batchSize: 8 });

function run(changes: Partial<Parameters<typeof runCell>[0]> = {}, cancel = new Int32Array(1)) {
  const { port1, port2 } = new MessageChannel();
  const outcome = runCell({
    id: "x",
    config,
    dataDigest: dataset.digest,
    dataset,
    port: port2,
    cancel,
    pulse: new Int32Array(1),
    threads: 1,
    checkpoint: true,
    ...changes,
  });
  const messages: CellMessage[] = [];
  for (let next = receiveMessageOnPort(port1); next; next = receiveMessageOnPort(port1))
    messages.push(next.message as CellMessage);
  port1.close();
  return { outcome, messages };
}

function trainWhole(): TrainResult {
  const training = train(config, dataset);
  for (;;) {
    const next = training.next();
    if (next.done) return next.value!;
  }
}

test("the result is the core's, and the messages tell how it came about", () => {
  const { outcome, messages } = run();
  expect(outcome.result).toEqual(trainWhole());
  expect(messages[0]).toEqual({ kind: "started" });
  const epochs = messages.flatMap((message) => (message.kind === "epoch" ? [message] : []));
  expect(epochs.map(({ metrics }) => metrics)).toEqual(outcome.result?.curve);
  expect(epochs.map(({ state }) => state?.epoch)).toEqual([1, 2]);
  const progress = messages.flatMap((message) => (message.kind === "progress" ? [message] : []));
  expect(progress.map(({ epoch, samples }) => [epoch, samples])).toEqual([
    [1, 400],
    [1, 800],
    [1, 1000],
    [2, 200],
    [2, 600],
    [2, 1000],
  ]);
  expect(progress.every(({ samplesPerSecond }) => samplesPerSecond > 0 && samplesPerSecond < 1e8)).toBe(true);
  expect(outcome.host).toEqual({ node: process.version, platform: expect.any(String), cpu: expect.any(String) });
  const { trainSeconds, testSeconds, setupSeconds } = outcome.timing;
  expect(trainSeconds).toBeGreaterThan(0);
  expect(testSeconds).toBeGreaterThan(0);
  expect(setupSeconds).toBeGreaterThan(0);
});

test("states are sent only when asked for", () => {
  const { messages } = run({ checkpoint: false });
  expect(messages.filter((message) => message.kind === "epoch" && message.state !== undefined)).toEqual([]);
});

test("the kernels are proved once a network and thread, before the training and without a trace in its bits", () => {
  const simd = { config: tinyConfig({ kernels: "simd" }) };
  const plain = run(simd).outcome;
  expect(plain.proof).toBeUndefined();
  const { proof, result } = run({ ...simd, checkSamples: 2 }).outcome;
  expect(proof).toEqual({ samples: 2, seconds: expect.any(Number) });
  expect(result).toEqual(plain.result);
  expect(proof?.seconds).toBeGreaterThan(0);
  expect(run({ ...simd, checkSamples: 2 }).outcome.proof).toEqual({ samples: 2, seconds: 0 });
  const pulse = new Int32Array(1);
  expect(
    run({ config: tinyConfig({ kernels: "simd", batchSize: 9 }), checkSamples: 2, pulse }, Int32Array.of(1)).outcome
      .result,
  ).toBeUndefined();
  // Received, the passes of the check, and the batch before which the flag was seen.
  expect(pulse[0]).toBeGreaterThanOrEqual(5);
});

test("the cancel flag ends the training without a result", () => {
  const { outcome, messages } = run({}, Int32Array.of(1));
  expect(outcome.result).toBeUndefined();
  expect(messages).toEqual([{ kind: "started" }]);
});

test("resumed from any epoch's state, the result has the same bits", () => {
  const states = run().messages.flatMap((message) => (message.kind === "epoch" ? [message.state] : []));
  expect(states).toHaveLength(config.epochs);
  for (const resume of states) expect(run({ resume }).outcome.result).toEqual(trainWhole());
});

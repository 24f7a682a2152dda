import { performance } from "node:perf_hooks";
import type { MessagePort } from "node:worker_threads";
import { afterEach, expect, test, vi } from "vitest";
import type { TrainState } from "../../src/core/training/result.js";
import runCell from "../../src/workers/cell-worker.js";
import type { HostFacts } from "../../src/workers/host.js";
import type { CellMessage, CellTask } from "../../src/workers/protocol.js";
import { trained } from "../core/trained.js";
import { tinyConfig, tinyDataset } from "../sweeps/fixtures.js";

const dataset = tinyDataset(1000, 40);
const config = tinyConfig({ batchSize: 8 });

afterEach(() => void vi.restoreAllMocks());

/** Every look at the clock takes this long. */
function clockOf(milliseconds: number): void {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => (now += milliseconds));
}

const host: HostFacts = { node: "v20.0.0", platform: "none-none", cpu: "abacus", simdBits: 256 };

/** What the other end makes of a message: whether it handles it, and whether it wants a state then. */
type Receive = (message: CellMessage, count: number) => { handles: boolean; wants: boolean };
const prompt: Receive = () => ({ handles: true, wants: true });

function run(changes: Partial<CellTask> = {}, receive = prompt) {
  const messages: CellMessage[] = [];
  const handled = new Int32Array(1);
  const wanted = Int32Array.of(1);
  const port = {
    postMessage(message: CellMessage, transfer: ArrayBuffer[]): void {
      messages.push(structuredClone(message, { transfer }));
      const { handles, wants } = receive(message, messages.length);
      if (handles) handled[0] = messages.length;
      if (wants) wanted[0] = 1;
    },
  };
  const outcome = runCell({
    id: "x",
    config,
    dataDigest: dataset.digest,
    dataset,
    host,
    port: port as unknown as MessagePort,
    handled,
    wanted,
    cancel: new Int32Array(1),
    pulse: new Int32Array(1),
    threads: 1,
    checkpoint: true,
    ...changes,
  });
  return { outcome, messages };
}

const epochsOf = (messages: CellMessage[]) => messages.flatMap((each) => (each.kind === "epochs" ? [each] : []));
const progressOf = (messages: CellMessage[]) => messages.flatMap((each) => (each.kind === "progress" ? [each] : []));

/** The states that the messages come to, each with its learning curve. */
function statesOf(messages: CellMessage[]): TrainState[] {
  const curve = epochsOf(messages).flatMap((message) => message.curve);
  return epochsOf(messages).flatMap(({ state }) => (state ? [{ ...state, curve: curve.slice(0, state.epoch) }] : []));
}

test("the result is the core's, and of long epochs the messages tell everything", () => {
  clockOf(150);
  const { outcome, messages } = run();
  expect(outcome.result).toEqual(trained(config, dataset).result);
  expect(messages[0]).toEqual({ kind: "started" });
  const epochs = epochsOf(messages);
  expect(epochs.map(({ curve }) => curve)).toEqual(outcome.result?.curve.map((metrics) => [metrics]));
  expect(epochs.map(({ state }) => state?.epoch)).toEqual([1, undefined]);
  const progress = progressOf(messages);
  expect(progress.map(({ epoch, samples }) => [epoch, samples])).toEqual([
    [1, 400],
    [1, 800],
    [1, 1000],
    [2, 200],
    [2, 600],
    [2, 1000],
  ]);
  expect(progress.every(({ samplesPerSecond }) => samplesPerSecond > 0 && samplesPerSecond < 1e8)).toBe(true);
  expect(outcome.host).toEqual(host);
  const { trainSeconds, testSeconds, setupSeconds } = outcome.timing;
  expect(trainSeconds).toBeGreaterThan(0);
  expect(testSeconds).toBeGreaterThan(0);
  expect(setupSeconds).toBeGreaterThan(0);
});

test("of each kind one message is under way, whatever the time, and the next carries what was held back", () => {
  clockOf(150);
  const long = tinyConfig({ trainLimit: 32, epochs: 40 });
  const busy = run({ config: long }, () => ({ handles: false, wants: false }));
  expect(busy.messages.map(({ kind }) => kind)).toEqual(["started", "progress", "epochs"]);
  expect(busy.outcome.result?.curve).toHaveLength(40);

  let epochs = 0;
  const lagging = run({ config: long }, ({ kind }) => ({ handles: kind === "epochs", wants: ++epochs % 3 === 0 }));
  const rows = epochsOf(lagging.messages).flatMap(({ curve }) => curve);
  expect(rows).toEqual(lagging.outcome.result?.curve.slice(0, rows.length));
  expect(rows.length).toBeGreaterThan(30);
  expect(lagging.outcome.result).toEqual(busy.outcome.result);
});

test("however short the epochs are, each kind of message comes ten times a second, with the speed since the last", () => {
  clockOf(0.5);
  const short = tinyConfig({ trainLimit: 10, testLimit: 1, epochs: 500 });
  const { messages, outcome } = run({ config: short }, () => ({ handles: true, wants: false }));
  const { trainSeconds, testSeconds } = outcome.timing;
  const seconds = trainSeconds + testSeconds;
  expect(seconds).toBeGreaterThan(0.5);
  for (const kind of ["progress", "epochs"]) {
    const count = messages.filter((message) => message.kind === kind).length;
    expect(count).toBeGreaterThan(4 * seconds);
    expect(count).toBeLessThanOrEqual(1 + 10 * seconds);
  }
  for (const { samplesPerSecond } of progressOf(messages).slice(1)) {
    expect(samplesPerSecond / ((500 * 10) / trainSeconds)).toBeGreaterThan(0.9);
    expect(samplesPerSecond / ((500 * 10) / trainSeconds)).toBeLessThan(1.1);
  }
});

test("states are sent when they are wanted, of any epoch but the last, and resumed from any the result has the same bits", () => {
  expect(statesOf(run({ wanted: Int32Array.of(0) }, () => ({ handles: true, wants: false })).messages)).toEqual([]);
  const cell = tinyConfig({ batchSize: 8, epochs: 4, weightAverage: 0.9, prune: {} });
  const whole = trained(cell, dataset);
  const { messages, outcome } = run({ config: cell });
  expect(outcome.result).toEqual(whole.result);
  expect(statesOf(messages)).toEqual(whole.states.slice(0, 3));
  for (const resume of statesOf(messages)) {
    const resumed = run({ config: cell, resume });
    expect(resumed.outcome.result).toEqual(whole.result);
    expect(epochsOf(resumed.messages)[0].curve[0].epoch).toBe(resume.epoch + 1);
  }
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
    run({ config: tinyConfig({ kernels: "simd", batchSize: 9 }), checkSamples: 2, pulse, cancel: Int32Array.of(1) })
      .outcome.result,
  ).toBeUndefined();
  // Received, the passes of the check, and the batch before which the flag was seen.
  expect(pulse[0]).toBeGreaterThanOrEqual(5);
});

test("the cancel flag ends the training without a result", () => {
  const { outcome, messages } = run({ cancel: Int32Array.of(1) });
  expect(outcome.result).toBeUndefined();
  expect(messages).toEqual([{ kind: "started" }]);
});

test.each([
  ["short", 5, true],
  ["long", 100, false],
])("a cell that is to stop in %s epochs: whether it ends the one under way, and keeps its state", (_, clock, ends) => {
  clockOf(clock);
  const long = { ...config, epochs: 50 };
  const cancel = new Int32Array(1);
  const { outcome, messages } = run({ config: long, cancel }, (message) => {
    // No state is wanted any more, and none would come otherwise.
    if (message.kind === "epochs" && message.curve.at(-1)!.epoch >= 2) cancel[0] = 1;
    return { handles: true, wants: message.kind === "started" };
  });
  expect(outcome.result).toBeUndefined();
  const last = statesOf(messages).at(-1)!;
  const told = epochsOf(messages).flatMap(({ curve }) => curve);
  expect(last.epoch === told.length && last.epoch > 2).toBe(ends);
  vi.restoreAllMocks();
  expect(run({ config: long, resume: last }).outcome.result).toEqual(trained(long, dataset).result);
});

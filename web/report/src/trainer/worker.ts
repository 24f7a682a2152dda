/** The trainer: a worker that trains cells and asks trained networks. It is bundled into a script of its own. */
import type { Dataset } from "../../../../src/core/data/dataset.js";
import { InputError } from "../../../../src/core/input-error.js";
import { createPredictor } from "../../../../src/core/training/predict.js";
import { train } from "../../../../src/core/training/train.js";
import { weightBytes } from "../../../../src/core/training/weight-bytes.js";
import { ENGINE_VERSION } from "../../../../src/core/version.js";
import { hexDigest, OtherData, readImages } from "./images.js";
import type { CellTask, Fault, ModelTask, Refusals, Reply, Request, TrainedHere, Value } from "./protocol.js";

/** Milliseconds between two messages of progress. */
const TELL = 100;

let dataset: Dataset | undefined;
const predictors = new Map<string, (image: Uint8Array) => Float64Array>();

const post = (reply: Reply): void => postMessage(reply);

/** Trains a cell to its end; tells of progress and epochs. */
function trainCell(id: number, { config, until, resume }: CellTask): TrainedHere {
  if (!dataset) throw new Error("no data yet");
  const training = train(config, dataset, { until, resume });
  let [trained, seconds, told, before] = [0, 0, 0, 0];
  let since = performance.now();
  const speed = (): number => (seconds > 0 ? trained / seconds : NaN);
  for (;;) {
    const next = training.next();
    const now = performance.now();
    if (next.done) {
      if (!next.value) throw new Error("the training ended without a result");
      const { weights, ...result } = next.value;
      const weightsDigest = hexDigest(weightBytes(weights));
      return { ...result, engineVersion: ENGINE_VERSION, weightsDigest, weights, samplesPerSecond: speed() };
    }
    const event = next.value;
    if (event.kind === "epoch") {
      post({ id, kind: "epoch", metrics: event.metrics, state: event.state() });
      before = 0;
    } else {
      seconds += (now - since) / 1000;
      trained += event.samples - before;
      before = event.samples;
      if (now - told > TELL) {
        const { epoch, samples, samplesPerEpoch, loss } = event;
        post({ id, kind: "progress", progress: { epoch, samples, samplesPerEpoch, loss, samplesPerSecond: speed() } });
        told = now;
      }
    }
    since = now;
  }
}

/** Keeps a network, to be asked. @param none the data without images @returns why not, where it does not */
function keep({ id, config, weights, digest }: ModelTask, none: Dataset): string | undefined {
  const found = hexDigest(weightBytes(weights));
  if (found !== digest)
    return `got weights with the digest ${found.slice(0, 8)}…, expected ${digest.slice(0, 8)}…, as its record says`;
  try {
    predictors.set(id, createPredictor(config, none, weights));
    return undefined;
  } catch (error) {
    return faultOf(error).text;
  }
}

function keepAll({ facts, models }: Extract<Request, { kind: "models" }>): Refusals {
  const none = { count: 0, images: new Uint8Array(0), labels: new Uint8Array(0) };
  const refusals: Refusals = {};
  for (const model of models) {
    const refusal = keep(model, { ...facts, train: none, test: none });
    if (refusal !== undefined) refusals[model.id] = refusal;
  }
  return refusals;
}

async function answer(id: number, request: Request): Promise<Value | undefined> {
  switch (request.kind) {
    case "digest":
      return hexDigest(
        typeof request.content === "string" ? new TextEncoder().encode(request.content) : request.content,
      );
    case "data":
      dataset = await readImages(request.facts, request.source);
      return undefined;
    case "train":
      return trainCell(id, request.task);
    case "models":
      return keepAll(request);
    case "predict":
      return Object.fromEntries([...predictors].map(([model, predict]) => [model, predict(request.image)]));
  }
}

function faultOf(error: unknown): Fault {
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof OtherData) return { reason: "data", text };
  if (error instanceof InputError) return { reason: "input", text };
  if (typeof WebAssembly === "undefined" || error instanceof WebAssembly.CompileError)
    return { reason: "simd", text: "This browser cannot run WebAssembly with SIMD, which the trainer is made of." };
  if (error instanceof RangeError)
    return { reason: "memory", text: `This browser has not the memory that this network needs (${text}).` };
  return { reason: "other", text };
}

onmessage = ({ data: { id, request } }: MessageEvent<{ id: number; request: Request }>) => {
  answer(id, request).then(
    (value) => post({ id, kind: "done", value }),
    (error: unknown) => post({ id, kind: "fault", fault: faultOf(error) }),
  );
};

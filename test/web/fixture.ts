/** Made-up records for the page's tests, from a seeded generator. No figure here was measured. */
import { trainConfigSchema, type TrainConfigInput } from "../../src/core/config.js";
import { heldOut } from "../../src/core/training/held-out.js";
import { pixelPermutation } from "../../src/core/data/permutation.js";
import { RandomStream } from "../../src/core/numeric/random.js";
import { bonusSweep } from "../../src/sweeps/spec/bonus.js";
import { expandCells } from "../../src/sweeps/spec/grid.js";
import { placeOf } from "../../src/sweeps/spec/place.js";
import type { CellRecord } from "../../src/sweeps/store/record.js";
import type { ReportData } from "../../src/sweeps/page/report-data.js";
import { fashionMnist } from "../../src/sweeps/data/fashion-mnist.js";
import { blueprint } from "../../src/core/network/blueprint.js";
import { modelName } from "../../src/core/models/table.js";

const CLASSES = [...fashionMnist.classNames];

interface Shape {
  /** Test accuracy after many epochs. */
  level: number;
  /** Epochs until most of it is reached. */
  slowness: number;
  /** Train minus test at the end. */
  gap: number;
  noise: number;
  ending: "done" | "diverged" | "failed" | "chance";
}

function shapeOf(config: CellRecord["config"]): Shape {
  const cnn = config.model.kind === "cnn";
  const cost = config.permutation > 0 ? (cnn ? 0.055 : 0.001) : 0;
  switch (config.optimizer.kind) {
    case "nesterov":
    case "muon":
      return { level: (cnn ? 0.902 : 0.879) - cost, slowness: 1.2, gap: 0.022, noise: 0.004, ending: "done" };
    case "sgd":
      return { level: (cnn ? 0.862 : 0.842) - cost, slowness: 3, gap: 0.004, noise: 0.003, ending: "done" };
    case "adam":
      return cnn
        ? { level: 0.1, slowness: 1, gap: 0, noise: 0, ending: "chance" }
        : { level: 0.45, slowness: 1, gap: -0.02, noise: 0.09, ending: "done" };
    default:
      return { level: 0.85 - cost, slowness: 2, gap: 0.01, noise: 0.004, ending: "done" };
  }
}

function digest(stream: RandomStream, length: number): string {
  return Array.from({ length }, () => stream.below(16).toString(16)).join("");
}

function heldOutFigures({ validation }: CellRecord["config"], { loss, accuracy }: { loss: number; accuracy: number }) {
  return validation === undefined
    ? { testLoss: loss, testAccuracy: accuracy }
    : { validationLoss: loss, validationAccuracy: accuracy };
}

/** A plausible record for a config. */
export function fixtureRecord(input: TrainConfigInput, change: Partial<Shape> = {}, id?: string): CellRecord {
  const config = trainConfigSchema.parse(input);
  const shape = { ...shapeOf(config), ...change };
  const key = [...JSON.stringify(config)].reduce((h, c) => (Math.imul(h, 31) + c.charCodeAt(0)) >>> 0, 7);
  const stream = new RandomStream("init", key);
  const noise = () => (stream.uniform() + stream.uniform() - 1) * shape.noise;
  const ended = shape.ending === "diverged" ? Math.min(3, config.epochs) : config.epochs;
  const curve: CellRecord["curve"] = [];
  const offset = noise();
  for (let epoch = 1; epoch <= ended; epoch++) {
    const reached = 1 - Math.exp(-epoch / shape.slowness) * 0.5;
    const test =
      shape.ending === "chance"
        ? 0.1
        : Math.round(1e4 * Math.min(0.999, shape.level * reached + noise() + offset)) / 1e4;
    const train =
      shape.ending === "chance"
        ? 0.1 + 0.002 * (stream.uniform() - 0.5)
        : test + shape.gap * (epoch / config.epochs) - 0.05 * Math.exp(-epoch);
    const lossOf = (accuracy: number) =>
      shape.ending === "chance" ? 2.31 + 0.01 * stream.uniform() : 0.08 + 2.2 * (1 - accuracy) ** 0.9;
    const heldOut = { loss: lossOf(test) * (1 + 0.02 * epoch * shape.gap), accuracy: test };
    curve.push({ epoch, trainLoss: lossOf(train), trainAccuracy: train, ...heldOutFigures(config, heldOut) });
  }
  if (shape.ending === "diverged")
    Object.assign(curve[curve.length - 1], {
      trainLoss: NaN,
      trainAccuracy: 0.12,
      ...heldOutFigures(config, { loss: NaN, accuracy: 0.1 }),
    });
  const last = heldOut(curve[curve.length - 1]);
  const { accuracy } = last;
  const confusion = CLASSES.map((_, label) => {
    if (shape.ending === "chance") return CLASSES.map((_, k) => (k === 8 ? 1000 : 0));
    const row = CLASSES.map((_, k) =>
      k === label ? 0 : Math.floor(((1 - accuracy) * 1000 * (label % 3 === k % 3 ? 3 : 0.6)) / 13),
    );
    row[label] = 1000 - row.reduce((a, b) => a + b, 0);
    return row;
  });
  const steps = Math.min(400, ended * 40);
  const failed = shape.ending === "failed";
  return {
    id:
      id ??
      `${modelName(config.model)}-${config.optimizer.kind}-perm${config.permutation}-seed${config.seed}-${digest(stream, 8)}`,
    config,
    dataset: "fashion-mnist",
    dataDigest: digest(new RandomStream("init", 1), 64),
    engineVersion: 1,
    status: shape.ending === "chance" ? "done" : shape.ending,
    ...(config.validation === undefined || failed
      ? {}
      : { test: { loss: last.loss, accuracy: last.accuracy - 0.004 } }),
    ...(failed ? { error: "worker ran out of memory" } : {}),
    curve: failed ? [] : curve,
    steps: failed
      ? { every: 1, loss: [] }
      : {
          every: Math.max(1, Math.ceil((ended * 938) / 400)),
          loss: Array.from(
            { length: steps },
            (_, i) => (shape.ending === "chance" ? 2.3 : 0.25 + 2 * Math.exp(-i / 30)) * (0.8 + 0.4 * stream.uniform()),
          ),
        },
    parameters: blueprint(config.model, fashionMnist, 10).parameters,
    confusion: failed ? [] : confusion,
    mistakes: failed
      ? []
      : Array.from({ length: 8 }, (_, i) => ({
          index: 17 * i + 3,
          label: i % 10,
          predicted: (i + 3) % 10,
          confidence: 0.999 - 0.004 * i,
        })),
    weightsDigest: failed ? "" : digest(stream, 64),
    run: {
      startedAt: "2026-01-01T00:00:00.000Z",
      seconds: 20 + 60 * stream.uniform(),
      trainSeconds: 20,
      testSeconds: 1,
      setupSeconds: 0.2,
      samplesPerSecond: config.model.kind === "cnn" ? 13_000 : 150_000,
      node: "v20.19.0",
      platform: "linux x64",
      cpu: "Example CPU",
      retries: 0,
      resumes: 0,
    },
  };
}

/** A drawn blob that differs by class, 28×28, as base64. */
function picture(label: number, stream: RandomStream): string {
  const bytes = new Uint8Array(784);
  const [a, b] = [4 + stream.below(4), 4 + (label % 5) * 1.8];
  for (let y = 0; y < 28; y++)
    for (let x = 0; x < 28; x++) {
      const inside =
        label % 2 === 0
          ? Math.abs(x - 13.5) < b + 3 && Math.abs(y - 13.5) < a + 6
          : ((x - 13.5) / (b + 4)) ** 2 + ((y - 13.5) / (a + 5)) ** 2 < 1;
      if (inside) bytes[28 * y + x] = 110 + ((x * label + 3 * y) % 5) * 22 + stream.below(30);
    }
  return Buffer.from(bytes).toString("base64");
}

export function fixtureData(cells: CellRecord[], change: Partial<ReportData> = {}): ReportData {
  const stream = new RandomStream("init", 99);
  const sorted = [...cells].sort((a, b) => (a.id < b.id ? -1 : 1));
  const permutations = Object.fromEntries(
    [...new Set(cells.map((c) => c.config.permutation))]
      .filter((k) => k > 0)
      .map((k) => [k, [...pixelPermutation(k, 784)]]),
  );
  return {
    source: "sweep",
    sweep: "homework",
    dataset: "fashion-mnist",
    datasetText: fashionMnist.text,
    imageSize: { height: 28, width: 28, channels: 1 },
    counts: fashionMnist.counts,
    dataDigest: cells[0]?.dataDigest ?? "0",
    engineVersion: 1,
    classNames: CLASSES,
    wallSeconds: 431,
    workers: 2,
    planned: sorted.map((cell) => cell.id),
    cells: sorted,
    images: {
      samples: CLASSES.flatMap((_, label) => [0, 1, 2, 3].map(() => ({ label, pixels: picture(label, stream) }))),
      test: Object.fromEntries(Array.from({ length: 8 }, (_, i) => [17 * i + 3, picture(i, stream)])),
    },
    permutations,
    ...change,
  };
}

const OPTIMIZERS: TrainConfigInput["optimizer"][] = [{ kind: "sgd" }, { kind: "nesterov" }, { kind: "adam", lr: 0.1 }];

/** The homework's twelve cells, per seed. */
export function homeworkCells(seeds = [0], epochs = 10): CellRecord[] {
  return (["mlp", "cnn"] as const).flatMap((kind) =>
    OPTIMIZERS.flatMap((optimizer) =>
      [0, 1].flatMap((permutation) =>
        seeds.map((seed) => fixtureRecord({ model: { kind }, optimizer, permutation, seed, epochs })),
      ),
    ),
  );
}

/** What taking a decision back does in the made-up ablation, by label; all others cost a little. */
const MADE_UP: Record<string, Partial<Shape>> = {
  "the homework's CNN": { level: 0.901, gap: 0.03 },
  "no batch normalisation": { ending: "diverged" },
  "no random erasing": { level: 0.951 },
  "no residual connections": { level: 0.936 },
};

/** A bonus sweep with its cells' places, as built in. */
export function bonusData(change: Partial<ReportData> = {}): ReportData {
  const cells = expandCells(bonusSweep, "bonus").map(({ config, ...place }, i) => {
    const level = place.role === "final" ? 0.957 : place.label === "the recipe, shorter" ? 0.949 : 0.948 - 0.0004 * i;
    const record = fixtureRecord(config, {
      level,
      slowness: 1.6,
      gap: -0.02,
      noise: 0.0006,
      ending: "done",
      ...MADE_UP[place.label ?? ""],
    });
    return {
      place,
      record: {
        ...record,
        run: { ...record.run, seconds: 100 * config.epochs * (config.model.kind === "cnn" ? 0.05 : 1) },
      },
    };
  });
  const places = Object.fromEntries(cells.map(({ record, place }) => [record.id, placeOf(place)]));
  return fixtureData(
    cells.map(({ record }) => record),
    { sweep: "bonus", places, ...change },
  );
}

/** 1,000 cells of 100 epochs: five axes and ten seeds. */
export function manyCells(): CellRecord[] {
  const cells: CellRecord[] = [];
  for (const kind of ["mlp", "cnn"] as const)
    for (const lr of [0.003, 0.01, 0.03, 0.1, 0.3])
      for (const batchSize of [32, 64, 128, 256, 512])
        for (const optimizer of ["sgd", "nesterov"] as const)
          for (let seed = 0; seed < 10; seed++)
            cells.push(
              fixtureRecord(
                { model: { kind }, optimizer: { kind: optimizer, lr }, batchSize, seed, epochs: 100 },
                {
                  level: 0.9 - 0.04 * Math.abs(Math.log10(lr) + 1.5) - batchSize / 9000,
                  slowness: 12,
                  ...(lr === 0.3 && seed === 3 ? { ending: "diverged" } : {}),
                },
              ),
            );
  return cells;
}

/** Names that try to be something else than names. */
export const HOSTILE = [
  "</script><script>window.pwned = 1</script>",
  '"><img src=x onerror="window.pwned = 1">',
  "' onmouseover='window.pwned=1",
  "\u202egnp.exe",
  "<!-- --> & &amp; ]]>",
  "__proto__",
  "=1+1",
];

export function hostileData(): ReportData {
  const cells = homeworkCells()
    .slice(0, HOSTILE.length)
    .map((cell, i) => ({
      ...cell,
      id: HOSTILE[i],
      config: {
        ...cell.config,
        model:
          i % 2 === 0
            ? { kind: "layers" as const, name: HOSTILE[i], layers: [{ kind: "dense" as const, units: 10 }] }
            : cell.config.model,
      },
      ...(i === 1 ? { status: "failed" as const, error: HOSTILE[0] } : {}),
      // Of a version to come.
      ...(i === 3
        ? { config: { ...cell.config, model: { kind: HOSTILE[3] } as never, optimizer: { kind: HOSTILE[0] } as never } }
        : {}),
    }));
  return fixtureData(cells, {
    sweep: HOSTILE[0],
    dataset: HOSTILE[1],
    datasetText: undefined,
    classNames: CLASSES.map((_, i) => HOSTILE[i % HOSTILE.length]),
  });
}

/** 192 cells on five axes, of which the learning rate matters most; some collapsed, some diverged. */
export function fiveAxes(): CellRecord[] {
  const cells: CellRecord[] = [];
  for (const kind of ["mlp", "cnn"] as const)
    for (const lr of [0.003, 0.01, 0.03, 0.3])
      for (const batchSize of [32, 128])
        for (const optimizer of ["sgd", "nesterov"] as const)
          for (let seed = 0; seed < 6; seed++) {
            const bad = lr === 0.3 && optimizer === "nesterov" && batchSize === 32 && seed < 3;
            const level = 0.88 - 0.05 * Math.abs(Math.log10(lr) + 1.5) - (optimizer === "sgd" ? 0.01 : 0);
            cells.push(
              fixtureRecord(
                { model: { kind }, optimizer: { kind: optimizer, lr }, batchSize, seed, epochs: 6 },
                { level, slowness: 2, noise: 0.006, ending: !bad ? "done" : seed === 0 ? "diverged" : "chance" },
              ),
            );
          }
  return cells;
}

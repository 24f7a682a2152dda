/** Small sweeps that nobody chose: cells that are done, answer one class, diverged, failed or are missing, of any number of seeds, epochs and images. */
import type { TrainConfigInput } from "../../src/core/config.js";
import { RandomStream } from "../../src/core/numeric/random.js";
import type { CellPlace } from "../../src/sweeps/spec/place.js";
import type { CellRecord } from "../../src/sweeps/store/record.js";
import { fixtureRecord } from "./fixture.js";

export interface RandomSweep {
  homework: CellRecord[];
  bonus: CellRecord[];
  places: Record<string, CellPlace>;
  counts: { train: number; test: number } | undefined;
}

type Ending = "done" | "collapsed" | "nearly" | "diverged" | "failed";

const MODELS: TrainConfigInput["model"][] = [
  { kind: "mlp" },
  { kind: "cnn" },
  { kind: "mlp", hidden: [20] },
  { kind: "cnn", channels: [4, 8] },
  { kind: "mlp", hidden: [50] },
  { kind: "mlp", hidden: [30, 30] },
];
const OPTIMIZERS: TrainConfigInput["optimizer"][] = [
  { kind: "sgd" },
  { kind: "nesterov" },
  { kind: "adam", lr: 0.1 },
  { kind: "adam", lr: 0.05 },
  { kind: "adam", lr: 0.01 },
  { kind: "sgd", lr: 0.05 },
  { kind: "nesterov", momentum: 0.8 },
];

class Dice {
  private readonly stream: RandomStream;
  constructor(seed: number) {
    this.stream = new RandomStream("init", seed);
  }
  pick<T>(items: readonly T[]): T {
    return items[this.stream.below(items.length)];
  }
  chance(p: number): boolean {
    return this.stream.uniform() < p;
  }
  around(size: number): number {
    return (this.stream.uniform() + this.stream.uniform() - 1) * size;
  }
}

/** Answers on `images` test images of ten classes. */
function confusionOf(ending: Ending, images: number): number[][] {
  return Array.from({ length: 10 }, (_, label) =>
    Array.from({ length: 10 }, (_, answer) => {
      if (ending === "done" || ending === "diverged") return answer === label ? images / 10 : 0;
      const others = ending === "nearly" && label === 0 ? images / 100 : 0;
      return answer === 8 ? images / 10 - others : answer === 3 ? others : 0;
    }),
  );
}

/** A record that ends at about the given accuracy, whatever its ending. */
function randomRecord(dice: Dice, config: TrainConfigInput, level: number, ending: Ending): CellRecord {
  const base = fixtureRecord(config);
  const images = config.testLimit ?? 10_000;
  const rounded = (x: number) => Math.round(Math.min(1, Math.max(0, x)) * images) / images;
  const slowness = dice.pick([0.5, 3]);
  const [gap, jump, turn] = [dice.pick([-0.02, 0, 0.01, 0.08]), dice.pick([0, 0, 0.1]), dice.pick([0, 0.1])];
  const epochs = ending === "diverged" ? Math.ceil(base.config.epochs / 2) : base.config.epochs;
  const curve = Array.from({ length: epochs }, (_, i) => {
    const last = i === epochs - 1;
    const accuracy = rounded(last ? level : level * (1 - 0.4 * Math.exp(-i / slowness)) + dice.around(jump));
    const figures = { loss: last && ending === "diverged" ? NaN : 0.5 - 0.2 * accuracy + turn * i, accuracy };
    return {
      epoch: i + 1,
      trainLoss: 1 / (i + 2),
      trainAccuracy: Math.min(1, Math.max(0, accuracy + gap)),
      ...(config.validation === undefined
        ? { testLoss: figures.loss, testAccuracy: figures.accuracy }
        : { validationLoss: figures.loss, validationAccuracy: figures.accuracy }),
    };
  });
  const failed = ending === "failed";
  const test =
    config.validation === undefined || failed
      ? {}
      : { test: { loss: 1, accuracy: rounded(level + dice.around(0.03)) } };
  return {
    ...base,
    id: JSON.stringify(config),
    status: failed ? "failed" : ending === "diverged" ? "diverged" : "done",
    curve: failed ? [] : curve,
    confusion: failed || (ending === "done" && dice.chance(0.1)) ? [] : confusionOf(ending, images),
    ...test,
  };
}

function homeworkOf(dice: Dice): CellRecord[] {
  const take = <T>(items: readonly T[], n: number) =>
    dice.chance(0.5) ? items.slice(0, n) : items.filter(() => dice.chance(n / items.length));
  const shared = {
    trainLimit: dice.pick([undefined, undefined, 600, 6000, 60_000]),
    testLimit: dice.pick([undefined, undefined, 10, 100, 1000]),
  };
  const splits = dice.pick([
    [undefined],
    [undefined],
    [200],
    [200],
    [200, undefined],
    [100, 200],
    [undefined, 200, 100],
  ]);
  const models = take(MODELS, dice.pick([1, 2, 2, 2, 3, 6]));
  const optimizers = take(OPTIMIZERS, dice.pick([1, 2, 3, 3, 4, 7]));
  const permutations = dice.pick([[0], [0, 1], [0, 1], [0, 1, 2], [1]]);
  const trouble = dice.pick([0, 0.1, 0.4]);
  const epochs = dice.pick([1, 2, 3, 6, 10]);
  // Few cells each, so that there can be many sweeps.
  const seeds = models.length * optimizers.length > 8 ? 1 : dice.pick([1, 1, 2, 3, 5]);
  return models.flatMap((model) =>
    optimizers.flatMap((optimizer) => {
      const level = dice.pick([0, 0.1, 0.5, 0.8, 0.88, 0.882, 0.9, 1]);
      const own = { ...shared, epochs: dice.chance(0.1) ? epochs + 1 : epochs, validation: dice.pick(splits) };
      return permutations.flatMap((permutation) => {
        const change = permutation === 0 ? 0 : dice.pick([0, 0.001, -0.05, 0.03]);
        const noise = dice.pick([0, 0.002, 0.02]);
        return Array.from({ length: seeds }, (_, seed) => seed).flatMap((seed) => {
          const ending: Ending = dice.chance(trouble)
            ? dice.pick(["collapsed", "nearly", "diverged", "failed"])
            : "done";
          const reached = ending === "collapsed" || ending === "nearly" ? 0.1 + dice.around(0.02) : level + change;
          const config = { model, optimizer, permutation, seed, ...own };
          return dice.chance(0.05) ? [] : [randomRecord(dice, config, reached + dice.around(noise), ending)];
        });
      });
    }),
  );
}

/** Decisions of an ablation, by label. */
const CHANGES: Record<string, Partial<TrainConfigInput>> = {
  "no label smoothing": { labelSmoothing: undefined },
  "no flip averaging": { evaluateFlipped: undefined },
  "smaller batches": { batchSize: 32 },
  "random flips": { augment: { flip: true } },
  longer: { epochs: 3 },
  "the homework's CNN": { model: { kind: "mlp" }, labelSmoothing: undefined },
};

function bonusOf(dice: Dice, places: Record<string, CellPlace>): CellRecord[] {
  if (dice.chance(0.5)) return [];
  const recipe: TrainConfigInput = {
    model: { kind: "cnn", channels: [8, 8] },
    optimizer: { kind: "nesterov" },
    epochs: 4,
    labelSmoothing: 0.1,
    evaluateFlipped: true,
    augment: { flip: true },
    validation: dice.chance(0.9) ? 500 : undefined,
  };
  const ending = (): Ending => (dice.chance(0.1) ? dice.pick(["collapsed", "diverged", "failed"]) : "done");
  const placed = (place: CellPlace, config: TrainConfigInput, level: number) => {
    const record = randomRecord(dice, config, level, ending());
    places[record.id] = place;
    return record;
  };
  const level = dice.pick([0.9, 0.93, 0.95]);
  const finals = Array.from({ length: dice.pick([1, 2, 3]) }, (_, seed) =>
    placed({ role: "final", label: "the recipe" }, { ...recipe, seed }, level + dice.around(0.005)),
  );
  const validation = recipe.validation && dice.pick([500, 2000]);
  const short = { ...recipe, epochs: 2, augment: undefined, validation };
  const rungs = Object.entries({ "the recipe, shorter": {}, ...CHANGES }).flatMap(([label, change]) =>
    dice.chance(0.15)
      ? []
      : [placed({ role: "ablation", label }, { ...short, ...change }, 0.9 + dice.pick([0, 0.002, -0.05, 0.04]))],
  );
  return [...finals, ...rungs];
}

/** The same sweep for the same seed. */
export function randomSweep(seed: number): RandomSweep {
  const dice = new Dice(seed);
  const places: Record<string, CellPlace> = {};
  return {
    homework: dice.chance(0.05) ? [] : homeworkOf(dice),
    bonus: bonusOf(dice, places),
    places,
    counts: dice.chance(0.8) ? { train: 60_000, test: 10_000 } : undefined,
  };
}

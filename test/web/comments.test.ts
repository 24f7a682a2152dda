/** Comments say what the records say, also where that contradicts the textbook. */
import { describe, expect, it } from "vitest";
import type { TrainConfigInput } from "../../src/core/config.js";
import { ablationTable } from "../../web/report/src/comments/ablation.js";
import { bonusComments, bonusFinding, budgetText, judgedBy } from "../../web/report/src/comments/bonus.js";
import { reasonFor } from "../../web/report/src/comments/decisions.js";
import { findings, headline } from "../../web/report/src/comments/findings.js";
import { learningComments, overfittingComment } from "../../web/report/src/comments/learning.js";
import { parameterComments } from "../../web/report/src/comments/parameters.js";
import { permutationComments, permutationEffects } from "../../web/report/src/comments/permutation.js";
import { viewCells, type CellView } from "../../web/report/src/data/cells.js";
import { ladderOf } from "../../web/report/src/data/ladder.js";
import { variantsOf } from "../../web/report/src/data/variants.js";
import type { CellRecord } from "../../src/sweeps/store/record.js";
import type { CellPlace } from "../../src/sweeps/spec/place.js";
import { bonusData, fixtureRecord } from "./fixture.js";

type Optimizer = "sgd" | "nesterov" | "adam";

/** A record whose test accuracies are given. */
function record(
  kind: "mlp" | "cnn",
  optimizer: Optimizer,
  test: number[],
  more: Partial<TrainConfigInput> & {
    train?: number[];
    testLoss?: number[];
    trainLoss?: number[];
    status?: CellRecord["status"];
    confusion?: number[][];
    lr?: number;
  } = {},
): CellRecord {
  const { train, testLoss, trainLoss, status, confusion, lr, ...config } = more;
  const base = fixtureRecord({
    model: { kind },
    optimizer: { kind: optimizer, lr: lr ?? (optimizer === "adam" ? 0.1 : 0.01) },
    epochs: test.length,
    ...config,
  });
  return {
    ...base,
    status: status ?? "done",
    confusion: confusion ?? base.confusion,
    curve: test.map((testAccuracy, i) => ({
      epoch: i + 1,
      testAccuracy,
      trainAccuracy: train?.[i] ?? testAccuracy,
      testLoss: testLoss?.[i] ?? 1 - testAccuracy,
      trainLoss: trainLoss?.[i] ?? 1 - testAccuracy,
    })),
  };
}

const comments = (...records: CellRecord[]) => learningComments(variantsOf(viewCells(records))).join("\n");
const plain = (text: string) => text.replaceAll("\u202f", " ");

const ONE_CLASS = Array.from({ length: 10 }, () => [0, 0, 0, 0, 0, 0, 0, 0, 1000, 0]);

describe("learning curves", () => {
  it("rank the optimizers with their distances", () => {
    const text = plain(
      comments(
        record("mlp", "sgd", [0.7, 0.8, 0.83]),
        record("mlp", "nesterov", [0.8, 0.86, 0.88]),
        record("mlp", "adam", [0.4, 0.5, 0.45]),
      ),
    );
    expect(text).toContain(
      "After 3 epochs, Nesterov leads with a test accuracy of 88.0 %; then SGD with 83.0 % (5.0 ± 1.0 points behind) and Adam with 45.0 % (43.0 ± 1.2 points behind). Differences are given with their 95 % interval.",
    );
    expect(text).toContain("Momentum gains 5.0 ± 1.0 points over SGD.");
    expect(text).toContain("momentum 0.9 lengthens the steps up to 10-fold");
    expect(text).toContain("It reaches SGD's last test accuracy in epoch 2.");
    expect(text).toContain("The test accuracy of SGD still rises by 3.0 points in its last epoch");
    expect(text).toContain("falls by more than 3 points with Adam (by up to 5.0 ± 1.4 points after epoch 2)");
  });

  it("contradict the textbook where the data do", () => {
    const momentum = (sgd: number, nesterov: number, more = {}) =>
      comments(record("mlp", "sgd", [0.8, sgd], more), record("mlp", "nesterov", [0.8, nesterov], more));
    expect(momentum(0.88, 0.881)).toContain(
      "Momentum does not clearly help here: Nesterov ends 0.1 ± 0.9 points ahead of SGD, which may be chance.",
    );
    expect(momentum(0.88, 0.881, { testLimit: 500, confusion: [] })).toContain(
      "which may be chance (too few images to tell)",
    );
    expect(momentum(0.9, 0.88)).toContain(
      "Against the usual expectation, momentum costs 2.0 ± 0.9 points against SGD.",
    );
    expect(comments(record("mlp", "sgd", [0.8, 0.88]), record("mlp", "adam", [0.8, 0.89]))).toContain(
      "is 100 times Adam's usual 0.001 and expected to do harm, which these records do not show: it leads.",
    );
    expect(comments(record("mlp", "sgd", [0.8, 0.88]), record("mlp", "adam", [0.8, 0.83], { lr: 0.07 }))).toContain(
      "The learning rate of Adam, 0.07, is 70 times Adam's usual 0.001",
    );
  });

  it("speak of momentum only where nothing else differs", () => {
    const text = comments(record("mlp", "sgd", [0.8, 0.83]), record("mlp", "nesterov", [0.8, 0.88], { lr: 0.05 }));
    expect(text).not.toContain("omentum");
  });

  it("tell a network that answers one class from a divergence", () => {
    const collapse = plain(
      comments(record("cnn", "adam", [0.1, 0.1], { confusion: ONE_CLASS }), record("cnn", "sgd", [0.7, 0.8])),
    );
    expect(collapse).toContain("1 of 2 cells gives every image one class: Adam. Its test accuracy is 10.0 %.");
    expect(collapse).toContain("here 0.1, whatever the size of the gradient");
    expect(collapse).not.toContain("diverged");
    const diverged = comments(
      record("mlp", "sgd", [0.5, 0.1], { status: "diverged" }),
      record("mlp", "nesterov", [0.7, 0.8]),
    );
    expect(diverged).toContain("1 of 2 cells diverged: SGD in epoch 2.");
    expect(diverged).not.toContain("one class");
    expect(comments(record("cnn", "sgd", [0.1, 0.1], { confusion: ONE_CLASS }))).toContain(
      "The records do not tell why.",
    );
  });

  it("count the seeds that collapsed, and say of a mean what it is mixed of", () => {
    const text = plain(
      comments(
        ...[0.1, 0.1, 0.6].map((a, seed) =>
          record("mlp", "adam", [0.3, a], { seed, ...(a === 0.1 ? { confusion: ONE_CLASS } : {}) }),
        ),
      ),
    );
    expect(text).toContain("2 of 3 cells give every image one class: Adam on 2 of 3 seeds.");
    expect(text).toContain(
      "a test accuracy of 26.7 ± 28.9 % (2 of 3 seeds give every image one class) (mean ± standard deviation over 3 seeds)",
    );
  });

  it("see overfitting by the test loss, not by the gap alone", () => {
    const of = (more: Parameters<typeof record>[3], test = [0.8, 0.88, 0.88]) =>
      plain(overfittingComment(variantsOf(viewCells([record("mlp", "nesterov", test, more)]))[0]));
    expect(of({ train: [0.8, 0.9, 0.93], testLoss: [0.5, 0.35, 0.4], trainLoss: [0.5, 0.3, 0.2] })).toContain(
      "Its test loss was lowest in epoch 2 and ends 14.3 % higher, while the training loss fell further: it has begun to overfit",
    );
    expect(of({ train: [0.8, 0.9, 0.93], testLoss: [0.5, 0.4, 0.36], trainLoss: [0.5, 0.3, 0.2] })).toContain(
      "ends 5.0 ± 0.8 points above its test accuracy: it fits the images that it trains on better",
    );
    expect(of({ train: [0.7, 0.85, 0.87] })).toContain(
      "1.0 ± 0.9 points below its test accuracy: no sign of overfitting",
    );
  });

  it("say nothing of cells that have not ended", () => {
    expect(learningComments([])).toEqual(["No cell of this model has ended yet."]);
  });
});

describe("permutation", () => {
  const effects = (...records: CellRecord[]) => permutationEffects(variantsOf(viewCells(records)));
  const pair = (kind: "mlp" | "cnn", original: number, permuted: number, more = {}) => [
    record(kind, "nesterov", [0.5, original], more),
    record(kind, "nesterov", [0.5, permuted], { permutation: 1, ...more }),
  ];

  it("takes each model's best recipe on original pixels", () => {
    const [effect] = effects(
      ...pair("cnn", 0.9, 0.84),
      record("cnn", "sgd", [0.5, 0.85]),
      record("cnn", "sgd", [0.5, 0.86], { permutation: 1 }),
    );
    expect([effect.original.recipe, effect.drop.toFixed(3)]).toEqual(["Nesterov", "0.060"]);
  });

  it("explains the usual outcome", () => {
    const text = plain(permutationComments(effects(...pair("mlp", 0.88, 0.879), ...pair("cnn", 0.9, 0.84))).join("\n"));
    expect(text).toContain(
      "The MLP with Nesterov goes from 88.0 % to 87.9 %: it stays where it was; 0.1 ± 0.9 points may be chance.",
    );
    expect(text).toContain("The CNN with Nesterov goes from 90.0 % to 84.0 %: it loses 6.0 ± 0.9 points.");
    expect(text).toContain("built on neighbourhood");
    expect(text).toContain("So permuting costs the CNN 5.9 ± 1.3 points more than the MLP.");
    expect(text).toContain("On permuted pixels the MLP even overtakes the CNN, by 3.9 ± 1.0 points.");
  });

  it("says where the outcome is not the usual one, and where the images are too few to tell", () => {
    const text = permutationComments(effects(...pair("mlp", 0.88, 0.84), ...pair("cnn", 0.9, 0.9))).join("\n");
    expect(text).toContain("the draw of the initial weights may explain this one");
    expect(text).toContain("these records do not show it");
    expect(
      permutationComments(effects(...pair("mlp", 0.88, 0.86, { testLimit: 500, confusion: [] }))).join(),
    ).toContain("there are too few images to tell");
  });

  it("has nothing to say without a pair", () =>
    expect(permutationComments(effects(record("mlp", "sgd", [0.5])))[0]).toContain("nothing to compare"));
});

describe("parameters", () => {
  const of = (mlp: number, cnn: number, more = {}) =>
    plain(
      parameterComments(
        variantsOf(viewCells([record("mlp", "sgd", [mlp], more), record("cnn", "sgd", [cnn], more)])),
      )[0],
    );
  it.each([
    [
      0.88,
      0.9,
      "No. The MLP has 89,610 parameters and reaches 88.0 % with SGD; the CNN has 29,066, 3.1 times fewer, and reaches 90.0 % with SGD, 2.0 ± 0.9 points more.",
    ],
    [0.9, 0.88, "That contradicts the usual finding"],
    [0.88, 0.882, "0.2 ± 0.9 points more, which may be chance."],
  ])("MLP %d, CNN %d", (mlp, cnn, expected) => expect(of(mlp, cnn)).toContain(expected));

  it("calls nothing a contradiction that was trained too short", () => {
    const text = of(0.9, 0.88, { trainLimit: 6000 });
    expect(text).toContain(
      "The run is too short to tell whether that would last: training was limited to 6,000 images.",
    );
    expect(text).not.toContain("contradicts");
  });

  it("uses the rank correlation over many models, which four cannot settle", () => {
    const records = (sizes: number[]) =>
      sizes.map((size, i) => ({
        ...record("mlp", "sgd", [0.8 + 0.02 * i]),
        ...(({ id, config, parameters }) => ({ id, config, parameters }))(
          fixtureRecord({ model: { kind: "mlp", hidden: [size] }, optimizer: { kind: "sgd" }, epochs: 1 }),
        ),
      }));
    const of = (...sizes: number[]) => parameterComments(variantsOf(viewCells(records(sizes))))[0];
    expect(of(10, 50, 100, 200)).toContain(
      "rank correlation between parameters and test accuracy is 1.00: that may be",
    );
    expect(of(10, 50, 100, 200, 300)).toContain("1.00: larger models tended to be better");
  });
});

describe("findings", () => {
  const cells = (...records: CellRecord[]): CellView[] => viewCells(records);
  const some = cells(
    record("mlp", "nesterov", [0.88]),
    record("cnn", "nesterov", [0.9]),
    record("cnn", "adam", [0.1], { confusion: ONE_CLASS }),
    record("mlp", "sgd", [0.85]),
    record("mlp", "nesterov", [0.879], { permutation: 1 }),
    record("cnn", "nesterov", [0.84], { permutation: 1 }),
  );
  it("are true of the records", () => {
    expect(findings(some).map(plain)).toEqual([
      "Nesterov reaches the highest test accuracy with every model: 90.0 % with the CNN, 80.0 ± 0.8 points ahead of Adam (Adam: it gives every image one class); 88.0 % with the MLP, 3.0 ± 0.9 points ahead of SGD. Differences are given with their 95 % interval.",
      "Permuting the pixels changes the MLP by 0.1 ± 0.9 points, which may be chance; it costs the CNN 6.0 ± 0.9 points.",
      "The only cell with Adam gives every image one class.",
    ]);
    expect(headline(some)).toBe("Nesterov wins, and shuffling the pixels costs the CNN 6.0 points");
  });
  it("can call a list of layers by its name", () => {
    const layers = [{ kind: "flatten" as const }, { kind: "dense" as const, units: 10 }];
    const wide = fixtureRecord({ model: { kind: "layers", name: "wide", layers }, optimizer: { kind: "sgd" } });
    expect(headline(cells(wide))).toContain("SGD takes the network “wide” to ");
  });
  it("name no winner by chance", () => {
    const level = cells(record("mlp", "sgd", [0.88]), record("mlp", "nesterov", [0.882]));
    expect(plain(headline(level))).toBe("Nesterov takes the MLP to 88.2 %");
    const collapsed = [0.1, 0.9].map((a, seed) =>
      record("mlp", "adam", [a], { seed, ...(a === 0.1 ? { confusion: ONE_CLASS } : {}) }),
    );
    expect(plain(headline(cells(...collapsed)))).toBe(
      "The highest test accuracy, 50.0 %, is not sound: 1 of 2 seeds gives every image one class",
    );
  });
  it("do not invent trouble", () =>
    expect(findings(cells(record("mlp", "sgd", [0.8]))).at(-1)).toBe(
      "No cell diverged, and none gives every image one class.",
    ));
  it("survive an empty sweep", () => {
    expect(findings([])).toEqual(["No cell on original pixels has ended with a finite result yet."]);
    expect(headline([])).toBe("No cell has a result yet");
  });
});

describe("ablation", () => {
  it("holds the variants one decision away, costliest first", () => {
    const table = ablationTable(
      viewCells([
        record("cnn", "nesterov", [0.9]),
        record("cnn", "nesterov", [0.88], { batchSize: 256 }),
        record("cnn", "sgd", [0.85]),
        record("mlp", "sgd", [0.8]),
        record("mlp", "nesterov", [0.89]),
      ]),
    );
    expect(table?.rows.map((row) => [row.field, row.kept, row.changed, row.cost.toFixed(2)])).toEqual([
      ["optimizer", "Nesterov", "SGD", "0.05"],
      ["batchSize", "64", "256", "0.02"],
      ["model", "CNN", "MLP", "0.01"],
    ]);
  });
});

describe("the bonus", () => {
  const RECIPE: TrainConfigInput = {
    model: { kind: "cnn", channels: [8, 8] },
    optimizer: { kind: "nesterov" },
    validation: 5000,
    epochs: 4,
    labelSmoothing: 0.1,
    evaluateFlipped: true,
  };
  type Cell = { place: CellPlace; record: CellRecord };
  /** A cell that ends at the given accuracies. */
  const cell = (
    place: CellPlace,
    changes: Partial<TrainConfigInput>,
    validation: number,
    test = validation,
    status: CellRecord["status"] = "done",
  ): Cell => {
    const made = fixtureRecord({ ...RECIPE, ...changes });
    const curve = made.curve.map((row) => ({ ...row, validationAccuracy: validation }));
    return {
      place,
      record: {
        ...made,
        id: `${made.id}-${JSON.stringify(changes)}`,
        status,
        curve,
        test: { loss: 0.2, accuracy: test },
        run: { ...made.run, seconds: 600 },
      },
    };
  };
  const final = (seed: number, validation: number, test: number) =>
    cell({ role: "final", label: "the recipe" }, { seed }, validation, test);
  const finals = [final(0, 0.951, 0.946), final(1, 0.952, 0.947), final(2, 0.95, 0.945)];
  const short = (
    label: string,
    accuracy: number,
    changes: Partial<TrainConfigInput> = {},
    status?: CellRecord["status"],
  ) => cell({ role: "ablation", label }, { epochs: 2, ...changes }, accuracy, accuracy - 0.004, status);
  const reference = short("the recipe, shorter", 0.94);
  const ladder = (...cells: Cell[]) =>
    ladderOf(
      viewCells(
        cells.map(({ record }) => record),
        Object.fromEntries(cells.map(({ record, place }) => [record.id, place])),
      ),
    );
  const text = (...cells: Cell[]) => plain(bonusComments(ladder(...cells)!, []).join("\n"));
  const unsmoothed = (accuracy: number, status?: CellRecord["status"]) =>
    short("no label smoothing", accuracy, { labelSmoothing: undefined }, status);
  const unflipped = (accuracy: number) => short("no flip averaging", accuracy, { evaluateFlipped: undefined });

  it("compares each rung with the recipe at the same budget, least accurate first", () => {
    const made = ladder(...finals, reference, unflipped(0.941), unsmoothed(0.93))!;
    expect(made.reference?.label).toBe("the recipe, shorter");
    expect(made.rungs.map(({ label, changed, difference }) => [label, changed, difference.toFixed(3)])).toEqual([
      ["no label smoothing", ["labelSmoothing"], "-0.010"],
      ["no flip averaging", ["evaluateFlipped"], "0.001"],
    ]);
    expect([made.recipe.test.n, made.recipe.test.mean.toFixed(4), made.recipe.heldOut.mean.toFixed(4)]).toEqual([
      3,
      "0.9460",
      "0.9510",
    ]);
    const { standardError, low, high, by } = made.rungs[0].uncertainty;
    expect(standardError).toBeCloseTo(Math.sqrt((0.94 * 0.06 + 0.93 * 0.07) / 5000), 12);
    expect(by).toBe("images");
    expect(low).toBeCloseTo(-0.01 - 1.96 * standardError, 12);
    expect(high).toBeCloseTo(-0.01 + 1.96 * standardError, 12);
    expect([made.rungs[0].comparable, made.recipe.comparable]).toEqual([true, false]);
  });

  it("knows the ablation's budget by what most of its cells share, whatever the field", () => {
    const small = { evaluateFlipped: undefined, augment: { shift: 1 } };
    const made = ladder(
      ...finals,
      short("the recipe, shorter", 0.94, small),
      short("no label smoothing", 0.93, { ...small, labelSmoothing: undefined }),
      short("flip averaging", 0.941, { augment: small.augment }),
    )!;
    expect([made.reference?.label, made.shortened]).toEqual([
      "the recipe, shorter",
      ["epochs", "evaluateFlipped", "augment.shift"],
    ]);
    expect(made.rungs.map(({ label, changed }) => [label, changed])).toEqual([
      ["no label smoothing", ["labelSmoothing"]],
      ["flip averaging", ["evaluateFlipped"]],
    ]);
    expect(made.rungs.map(({ kind }) => kind)).toEqual(["taken back", "added"]);
    expect(plain(bonusComments(made, []).join("\n"))).toMatch(
      /1 of 1 decision helps beyond chance[^]*that the ablation's budget leaves out, tried there, in points with their 95 % interval: flip averaging \(\+0\.1 ± 0\.9, which may be chance\)\./,
    );
    expect(budgetText(made)).toBe("epochs 2 instead of 4, no evaluateFlipped and augment.shift 1");
  });

  it("names what the ablation's budget leaves out as a whole by its one name", () => {
    const long = cell(
      { role: "final", label: "the recipe" },
      { seed: 0, augment: { shift: 2, flip: true }, prune: { easy: 0.8, skip: 0.75 } },
      0.95,
    );
    const small = { augment: { flip: true } };
    const made = ladder(
      long,
      short("the recipe, shorter", 0.94, small),
      short("no label smoothing", 0.93, { ...small, labelSmoothing: undefined }),
    )!;
    expect(budgetText(made)).toBe("epochs 2 instead of 4, no augment.shift and no prune");
  });

  it("names an optimizer of another kind by its kind alone, and takes for the recipe's what does all as it does", () => {
    const muon: Partial<TrainConfigInput> = { optimizer: { kind: "muon", lr: 0.02, others: { lr: 0.2 } } };
    const long = cell({ role: "final", label: "the recipe" }, { seed: 0, ...muon }, 0.95);
    const made = ladder(
      long,
      short("the recipe, shorter", 0.94),
      short("no label smoothing", 0.93, { labelSmoothing: undefined, optimizer: { kind: "nesterov", lr: 0.02 } }),
      unflipped(0.939),
      short("smaller batches", 0.9395, { batchSize: 32 }),
      short("Muon instead of SGD", 0.945, muon),
    )!;
    expect(budgetText(made)).toBe("optimizer nesterov instead of muon and epochs 2 instead of 4");
    expect(made.rungs.map(({ label, kind }) => [label, kind])).toEqual([
      ["no label smoothing", "taken back"],
      ["no flip averaging", "taken back"],
      ["smaller batches", "taken back"],
      ["Muon instead of SGD", "added"],
    ]);
  });

  it("takes the recipe's own cell as reference where the budgets are one, and has none without", () => {
    const own = [
      short("no flip averaging", 0.9, { epochs: 4, evaluateFlipped: undefined }),
      short("no label smoothing", 0.9, { epochs: 4, labelSmoothing: undefined }),
    ];
    expect(ladder(...finals, ...own)).toMatchObject({ reference: { seed: 0, role: "final" }, shortened: [] });
    expect(ladder(...finals, unflipped(0.9))?.reference).toBeNull();
    expect(ladder(...finals, unflipped(0.9), unsmoothed(0.9))?.reference).toBeNull();
    expect(ladder(reference)).toBeNull();
  });

  it("compares test with test, and says what the validation images are worth", () => {
    const first = short("the homework's CNN", 0.89, { model: { kind: "mlp" } });
    const made = ladder(...finals, reference, unsmoothed(0.93), first)!;
    const homework = viewCells([record("cnn", "nesterov", [0.8, 0.9]), record("mlp", "nesterov", [0.8, 0.93])]);
    const digest = finals[0].record.dataDigest;
    expect(homework[0].record.dataDigest).toBe(digest);
    expect(plain(bonusComments(made, homework)[0])).toContain(
      "Yes: test accuracy is 94.60 ± 0.10 % with the recipe (4 epochs, 10 min 00 s a cell) and 90.00 % with the homework's best CNN, Nesterov (2 epochs, ",
    );
    expect(plain(bonusComments(made, homework)[0])).toContain("4.6 ± 0.6 points more.");
    const limited = viewCells([record("cnn", "nesterov", [0.8, 0.9], { trainLimit: 6000 })]);
    expect(plain(bonusComments(made, limited)[0])).toContain(
      "88.60 % with the homework's CNN in the ablation (2 epochs, 10 min 00 s a cell), 6.0 ± 0.6 points more.",
    );
    expect(plain(bonusComments(made, [])[1])).toBe(
      "On its 5,000 validation images the recipe reaches 95.10 ± 0.10 %, 0.5 ± 0.7 points more than on the 10,000 test images, which were read once; that may be chance.",
    );
    expect(text(...[0, 1].map((seed) => final(seed, 0.96, 0.94)))).toContain(
      "recipes were compared by these images too, which flatters them",
    );
  });

  it("says so where the recipe, once chosen, holds out fewer images than it was compared by", () => {
    const fewer = [0, 1].map((seed) =>
      cell({ role: "final", label: "the recipe" }, { seed, validation: 1000 }, 0.971, 0.946),
    );
    expect(judgedBy(ladder(...finals, reference, unsmoothed(0.93))!)).toBe(
      "Recipes are compared by the last 5,000 training images, which no cell trains on. Each cell reads the test set once, after its last epoch.",
    );
    expect(judgedBy(ladder(...fewer, reference, unsmoothed(0.93))!)).toBe(
      "Recipes are compared by the last 5,000 training images; the one that was chosen holds out the last 1,000, which its curves are of, and trains on all others. Each cell reads the test set once, after its last epoch.",
    );
    expect(text(...fewer, reference, unsmoothed(0.93))).toMatch(
      /On its 1,000 validation images .*, 2\.5 ± 1\.1 points more .*: recipes were compared by these images too, which flatters/,
    );
  });

  it("names what helped and what did not, whichever it was", () => {
    const one = text(...finals, reference, unflipped(0.941), unsmoothed(0.93));
    expect(one).toContain(
      "1 of 2 decisions helps beyond chance; changing each alone does this, in points with their 95 % interval: no label smoothing (−1.0 ± 1.0). One change may do nothing: no flip averaging (+0.1 ± 0.9).",
    );
    const all = text(...finals, reference, unflipped(0.92), unsmoothed(0.1, "diverged"));
    expect(all).toMatch(
      /2 of 2 decisions help .*: no label smoothing \(diverged\) and no flip averaging \(−2\.0 ± 1\.0\)\./,
    );
    const none = text(...finals, reference, unflipped(0.94), unsmoothed(0.95));
    expect(none).toContain(
      "None of 2 decisions helps beyond chance. Better without, beyond chance: no label smoothing (+1.0",
    );
  });

  it("says no where the homework's model is not beaten", () => {
    const first = short("the homework's CNN", 0.97, { model: { kind: "mlp" } });
    expect(text(...finals, reference, first)).toMatch(/^No: test accuracy is 94\.60 .* 2\.0 ± 0\.4 points less\./);
    expect(plain(bonusFinding(ladder(...finals)!, []))).toBe(
      "For the bonus, a recipe reaches a test accuracy of 94.60 ± 0.10 % (mean ± standard deviation over 3 seeds).",
    );
  });

  it("has a reason for each decision of the built-in ablation", () => {
    const cells = bonusData();
    const built = ladderOf(viewCells(cells.cells, cells.places))!;
    for (const { label, changed } of [built.first!, ...built.rungs])
      expect([label, reasonFor(changed) !== ""]).toEqual([label, true]);
    expect(reasonFor(["augment.erase.least", "augment.erase.probability"])).toContain("rectangle");
    expect(reasonFor([])).toBe("");
  });
});

it("curves of a validation split are called by their name", () => {
  const made = fixtureRecord({ model: { kind: "mlp" }, optimizer: { kind: "sgd" }, validation: 5000, epochs: 3 });
  const curve = [0.8, 0.7, 0.85].map((validationAccuracy, i) => ({
    epoch: i + 1,
    trainLoss: 1,
    trainAccuracy: 0.8,
    validationLoss: 0.5,
    validationAccuracy,
  }));
  const text = comments({ ...made, curve: [...curve, { ...curve[1], epoch: 4 }], test: { loss: 0.4, accuracy: 0.83 } });
  expect(plain(text)).toContain(
    "ends with a validation accuracy of 70.0 %. Chosen by 5,000 validation images; test accuracy is 83.0 % with SGD.",
  );
  expect(text).toContain("the validation accuracy falls by more than 3 points with SGD (by up to 15.0");
});

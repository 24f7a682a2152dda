/** Comments say what the records say, also where that contradicts the textbook. */
import { describe, expect, it } from "vitest";
import type { TrainConfigInput } from "../../src/core/config.js";
import { ablationTable } from "../../web/report/src/comments/ablation.js";
import { bonusComments, bonusFinding, budgetText, judgedBy } from "../../web/report/src/comments/bonus.js";
import { reasonFor } from "../../web/report/src/comments/decisions.js";
import { findings } from "../../web/report/src/comments/findings.js";
import { learningComments, overfittingComment, rankingComment } from "../../web/report/src/comments/learning.js";
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
    optimizer: { kind: optimizer, ...(lr ? { lr } : {}) },
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

const comments = (...records: CellRecord[]) => learningComments(variantsOf(viewCells(records)), 10).join("\n");
const plain = (text: string) => text.replaceAll("\u202f", " ");

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
      "After 3 epochs, Nesterov leads with 88.0 % test accuracy; then SGD with 83.0 % (5.0 points behind) and Adam with 45.0 % (43.0 points behind).",
    );
    expect(text).toContain("Momentum gains 5.0 points over SGD.");
    expect(text).toContain("It passes SGD's final accuracy in epoch 2.");
    expect(text).toContain("SGD's curve is still rising");
    expect(text).toContain("The test accuracy of Adam falls by up to 5.0 points");
  });

  it("contradict the textbook where the data do", () => {
    const level = comments(record("mlp", "sgd", [0.8, 0.88]), record("mlp", "nesterov", [0.8, 0.881]));
    expect(level).toContain(
      "Against the usual expectation, momentum does not help here: Nesterov is level with plain SGD (0.10 points apart).",
    );
    expect(comments(record("mlp", "sgd", [0.8, 0.9]), record("mlp", "nesterov", [0.8, 0.88]))).toContain(
      "Nesterov is 2.0 points worse than plain SGD",
    );
    expect(comments(record("mlp", "sgd", [0.8, 0.88]), record("mlp", "adam", [0.8, 0.89]))).toContain(
      "Adam ends in front, which contradicts that.",
    );
  });

  it("tell a collapse to chance from a divergence", () => {
    const oneClass = Array.from({ length: 10 }, () => [0, 0, 0, 0, 0, 0, 0, 0, 1000, 0]);
    const collapse = plain(
      comments(record("cnn", "adam", [0.1, 0.1], { confusion: oneClass }), record("cnn", "sgd", [0.7, 0.8])),
    );
    expect(collapse).toContain(
      "Adam ends at exactly 10.00 %, which is chance with 10 classes. It gives every image the same class.",
    );
    expect(collapse).toContain("here 0.1, in each of the first steps");
    expect(collapse).not.toContain("diverged");
    const diverged = comments(
      record("mlp", "sgd", [0.5, 0.1], { status: "diverged" }),
      record("mlp", "nesterov", [0.7, 0.8]),
    );
    expect(diverged).toContain("SGD diverged in epoch 2");
    expect(diverged).not.toContain("which is chance");
  });

  it("count the seeds that collapsed", () => {
    const collapsed = Array.from({ length: 10 }, () => [0, 0, 1000, 0, 0, 0, 0, 0, 0, 0]);
    const text = comments(
      ...[0.1, 0.1, 0.6].map((a, seed) =>
        record("mlp", "adam", [0.3, a], { seed, ...(a === 0.1 ? { confusion: collapsed } : {}) }),
      ),
    );
    expect(text).toContain("on 2 of 3 seeds");
    expect(
      plain(
        rankingComment(
          variantsOf(viewCells([0.1, 0.1, 0.6].map((a, seed) => record("mlp", "adam", [0.3, a], { seed })))),
        ),
      ),
    ).toContain("26.7 ± 28.9 % test accuracy, mean ± standard deviation over 3 seeds");
  });

  it("see overfitting by the test loss, not by the gap alone", () => {
    const of = (more: Parameters<typeof record>[3], test = [0.8, 0.88, 0.88]) =>
      overfittingComment(variantsOf(viewCells([record("mlp", "nesterov", test, more)]))[0]);
    expect(of({ train: [0.8, 0.9, 0.93], testLoss: [0.5, 0.35, 0.4], trainLoss: [0.5, 0.3, 0.2] })).toContain(
      "its test loss has risen since epoch 2 while the training loss kept falling: it has begun to overfit",
    );
    expect(of({ train: [0.8, 0.9, 0.93], testLoss: [0.5, 0.4, 0.36], trainLoss: [0.5, 0.3, 0.2] })).toContain(
      "+5.0 points: it fits the training images visibly better",
    );
    expect(of({ train: [0.7, 0.85, 0.87] })).toContain("−1.0 points: no overfitting");
  });

  it("say nothing of cells that have not ended", () => {
    expect(learningComments([], 10)).toEqual(["No cell of this model has ended yet."]);
  });
});

describe("permutation", () => {
  const effects = (...records: CellRecord[]) => permutationEffects(variantsOf(viewCells(records)));
  const pair = (kind: "mlp" | "cnn", original: number, permuted: number) => [
    record(kind, "nesterov", [0.5, original]),
    record(kind, "nesterov", [0.5, permuted], { permutation: 1 }),
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
    const text = permutationComments(effects(...pair("mlp", 0.88, 0.879), ...pair("cnn", 0.9, 0.84))).join("\n");
    expect(text).toContain("The MLP with Nesterov stays where it was");
    expect(text).toContain("The CNN with Nesterov loses 6.0 points");
    expect(text).toContain("built on neighbourhood");
    expect(text).toContain("So the CNN is the more affected one");
    expect(text).toContain("On permuted pixels the MLP even overtakes it.");
  });

  it("says where the outcome is not the usual one", () => {
    const text = permutationComments(effects(...pair("mlp", 0.88, 0.84), ...pair("cnn", 0.9, 0.9))).join("\n");
    expect(text).toContain("contradicts that");
    expect(text).toContain("these records do not show it");
  });

  it("has nothing to say without a pair", () =>
    expect(permutationComments(effects(record("mlp", "sgd", [0.5])))[0]).toContain("nothing to compare"));
});

describe("parameters", () => {
  const of = (mlp: number, cnn: number) =>
    plain(parameterComments(variantsOf(viewCells([record("mlp", "sgd", [mlp]), record("cnn", "sgd", [cnn])])))[0]);
  it.each([
    [
      0.88,
      0.9,
      "No. The MLP has 89,610 parameters and reaches 88.0 %; the CNN has 29,066, 3.1 times fewer, and reaches 90.0 %, 2.0 points more.",
    ],
    [0.9, 0.88, "In this sweep, yes"],
    [0.88, 0.882, "Not visibly"],
  ])("MLP %d, CNN %d", (mlp, cnn, expected) => expect(of(mlp, cnn)).toContain(expected));

  it("uses the rank correlation over many models", () => {
    const records = [[10], [50], [100], [200]].map((hidden, i) => ({
      ...record("mlp", "sgd", [0.8 + 0.02 * i]),
      ...(({ id, config, parameters }) => ({ id, config, parameters }))(
        fixtureRecord({ model: { kind: "mlp", hidden }, optimizer: { kind: "sgd" }, epochs: 1 }),
      ),
    }));
    expect(parameterComments(variantsOf(viewCells(records)))[0]).toContain(
      "rank correlation between parameters and test accuracy is 1.00: here larger models did tend to be better",
    );
  });
});

describe("findings", () => {
  const cells = (...records: CellRecord[]): CellView[] => viewCells(records);
  it("are three sentences at most, true of the records", () => {
    const text = findings(
      cells(
        record("mlp", "nesterov", [0.88]),
        record("cnn", "nesterov", [0.9]),
        record("cnn", "adam", [0.1]),
        record("mlp", "nesterov", [0.879], { permutation: 1 }),
        record("cnn", "nesterov", [0.84], { permutation: 1 }),
      ),
    ).map(plain);
    expect(text).toEqual([
      "Nesterov is the best optimizer for every model: 90.0 % test accuracy with the CNN and 88.0 % test accuracy with the MLP.",
      "Permuting the pixels leaves the MLP where it was and costs the CNN 6.0 points.",
      "The CNN with Adam gives every image one class.",
    ]);
  });
  it("do not invent trouble", () =>
    expect(findings(cells(record("mlp", "sgd", [0.8]))).at(-1)).toBe("No cell diverged, none fell to chance."));
  it("survive an empty sweep", () => expect(findings([])[0]).toContain("No cell on original pixels has ended"));
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
  const text = (...cells: Cell[]) => plain(bonusComments(ladder(...cells)!).join("\n"));
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
    expect(made.noise).toBeCloseTo(Math.sqrt((2 * 0.94 * 0.06) / 5000), 12);
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
    expect(made.rungs.map(({ asRecipe }) => asRecipe)).toEqual([false, true]);
    expect(plain(bonusComments(made).join("\n"))).toMatch(
      /Of 1 decision, all helped\.[^]*What the recipe has and the ablation's budget leaves out, tried there too: flip averaging \(\+0\.10\), in points of accuracy with it\./,
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
    expect(made.rungs.map(({ label, asRecipe }) => [label, asRecipe])).toEqual([
      ["no label smoothing", false],
      ["no flip averaging", false],
      ["smaller batches", false],
      ["Muon instead of SGD", true],
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

  it("says what was reached, and that the validation images flatter", () => {
    const made = text(...finals, reference, unsmoothed(0.93));
    expect(made).toContain(
      "validation accuracy is 94.00 % with the recipe at the ablation's budget (epochs 2 instead of 4) and 95.10 % with the recipe in full (4 epochs, 10 min 00 s a cell).",
    );
    expect(made).toContain(
      "the recipe reaches 94.60 ± 0.10 %, 0.50 points less than on the validation images, by which recipes were compared.",
    );
    expect(text(...[0, 1].map((seed) => final(seed, 0.95, 0.95)), reference)).toContain(
      "which agrees with the validation images",
    );
  });

  it("says so where the recipe, once chosen, holds out fewer images than it was compared by", () => {
    const fewer = [0, 1].map((seed) =>
      cell({ role: "final", label: "the recipe" }, { seed, validation: 1000 }, 0.951, 0.946),
    );
    expect(judgedBy(ladder(...finals, reference, unsmoothed(0.93))!)).toBe(
      "Recipes are compared by the last 5,000 training images, which no cell trains on. Each cell reads the test set once, after its last epoch.",
    );
    expect(judgedBy(ladder(...fewer, reference, unsmoothed(0.93))!)).toBe(
      "Recipes are compared by the last 5,000 training images; the one that was chosen holds out the last 1,000, which its curves are of, and trains on all others. Each cell reads the test set once, after its last epoch.",
    );
    const first = short("the homework's CNN", 0.89, { model: { kind: "mlp" } });
    expect(text(...fewer, reference, first, unsmoothed(0.93))).toMatch(
      /the recipe reaches 94\.60 ± 0\.00 %, 0\.50 points less than on the 1,000 validation images of its own\.$/m,
    );
  });

  it("names what helped and what did not, whichever it was", () => {
    const one = text(...finals, reference, unflipped(0.941), unsmoothed(0.93));
    expect(one).toContain(
      "Of 2 decisions, 1 helped. What costs most to take back, in points: no label smoothing (−1.00).",
    );
    expect(one).toContain(
      "Tried and of no help at this budget, as the cell without it is level or better: no flip averaging (+0.10). Chance alone could explain that.",
    );
    const all = text(...finals, reference, unflipped(0.92), unsmoothed(0.1, "diverged"));
    expect(all).toContain(
      "Of 2 decisions, all helped. What costs most to take back, in points: no label smoothing (diverged) and no flip averaging (−2.00).",
    );
    expect(all).toContain("Nothing that was taken back turned out to be dispensable.");
    const none = text(...finals, reference, unflipped(0.94), unsmoothed(0.95));
    expect(none).toContain("No decision helped at the ablation's budget");
    expect(none).toContain("level or better: no label smoothing (+1.00) and no flip averaging (±0.00).");
    expect(none).not.toContain("Chance alone");
    expect(text(...finals, reference, unflipped(0.9395))).toContain(
      "all helped, none by more than chance alone could explain",
    );
  });

  it("says no where the homework's model is not beaten", () => {
    const first = short("the homework's CNN", 0.96, { model: { kind: "mlp" } });
    expect(text(...finals, reference, first)).toMatch(
      /^No, it is 0\.90 points behind: validation accuracy is 96\.00 % with the homework's CNN,/,
    );
    expect(plain(bonusFinding(ladder(...finals)!))).toBe(
      "For the bonus, a recipe compared with others on held-out training images reaches 94.60 ± 0.10 % test accuracy (mean ± standard deviation over 3 seeds).",
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
  expect(plain(text)).toContain("reaches 83.0 % test accuracy");
  expect(text).toContain("The validation accuracy of SGD falls by up to 15.0");
});

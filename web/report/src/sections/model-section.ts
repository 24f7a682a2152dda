/** One model's learning curves on original pixels, and what they show. */
import { largest, smallest } from "../../../../src/core/numeric/extremes.js";
import { learningComments } from "../comments/learning.js";
import { modelInFull, optimizerInFull } from "../data/config-fields.js";
import { count, list, percent } from "../data/format.js";
import { plural } from "../../../../src/core/numeric/words.js";
import { heldOutWord } from "../data/cells.js";
import type { Metric } from "../data/learning-curves.js";
import { sharedScale, type SharedScale } from "../data/shared-scale.js";
import { ranked, type Variant } from "../data/variants.js";
import { h, paragraph, type Child } from "../draw/dom.js";
import { SHAPES } from "../draw/marks.js";
import { written } from "../draw/written.js";
import type { Report } from "../report.js";
import { curvePair, type CurveGroup } from "./curve-figures.js";
import { partTwoCode } from "./part-two-code.js";
import { commentary, writtenSection } from "./section.js";

/** More curves than this cannot be told apart. */
const CURVES = 6;
/** Models of a kind that are shown. */
const MODELS = 2;

/** The best of the variants as lines of a chart, in the order of the recipes' marks. */
export function curveGroups(report: Report, variants: readonly Variant[]): CurveGroup[] {
  // Those that other images judge have the places that are left.
  const kept = new Set([...new Set([...ranked(variants), ...variants])].slice(0, CURVES));
  const groups = variants
    .filter((v) => kept.has(v))
    .map((v) => ({ label: v.recipe, cells: v.cells, ...report.mark(v) }))
    .sort((a, b) => a.shape - b.shape);
  // With more recipes than shapes, a recipe cannot keep its own from chart to chart.
  return groups.some((g) => g.shape >= SHAPES) ? groups.map((g, i) => ({ ...g, shape: i })) : groups;
}

/** How a chart's lines are to be read. */
export function readingHelp(groups: readonly CurveGroup[], total: number): string {
  const seeds = largest(
    groups.map((group) => group.cells.length),
    0,
  );
  const word = heldOutWord(groups.flatMap((group) => group.cells));
  return [
    `Solid: ${word}, after each epoch. Dashed: training, mean over the epoch's batches, each before its update. The area between the two is shaded.`,
    seeds > 1 ? `Lines are means over ${seeds} seeds, bands reach from the lowest to the highest.` : "",
    groups.some((g) => g.cells.some((cell) => cell.record.status === "diverged"))
      ? "A cross marks where a cell diverged."
      : "",
    total > groups.length ? `The ${groups.length} best of ${total} recipes are drawn; the explorer has all.` : "",
  ]
    .filter(Boolean)
    .join(" ");
}

interface ShownModel {
  model: string;
  variants: Variant[];
  groups: CurveGroup[];
  /** Place among the models of its kinds. */
  place: number;
}

/** The pixels that models are compared on: original ones, except in a sweep of one's own that has none. */
const pixelsOf = ({ neutral, variants }: Report): number =>
  neutral && variants.length > 0 ? smallest(variants.map(({ permutation }) => permutation)) : 0;

/** The best models of these kinds on the same pixels, and of how many. */
function modelsOf(report: Report, kinds: readonly string[]): { shown: ShownModel[]; total: number } {
  const pixels = pixelsOf(report);
  const variants = report.variants.filter((v) => kinds.includes(v.modelKind) && v.permutation === pixels);
  const models = [...new Set(variants.map((v) => v.model))];
  const all = models.map((model, place) => {
    const own = variants.filter((v) => v.model === model);
    return { model, place, variants: own, best: ranked(own)[0].judged.mean || 0 };
  });
  const shown = all
    .sort((a, b) => b.best - a.best)
    .slice(0, MODELS)
    .map(({ model, place, variants: own }) => ({ model, place, variants: own, groups: curveGroups(report, own) }));
  return { shown, total: models.length };
}

type Scales = Record<Metric, SharedScale | null>;

/** By report, since each section asks. */
const scales = new WeakMap<Report, Scales>();

/** The scales of all charts of models. */
function scalesOf(report: Report): Scales {
  const known = scales.get(report);
  if (known) return known;
  const kinds = report.neutral ? kindsOf(report).map((kind) => [kind]) : [["mlp"], ["cnn"], otherKinds(report)];
  const cells = kinds.flatMap((of) =>
    modelsOf(report, of).shown.flatMap(({ groups }) => groups.flatMap((g) => g.cells)),
  );
  const scale = (metric: Metric) => sharedScale(cells, metric, ["heldOut", "train"], report.classes);
  const made = { accuracy: scale("accuracy"), loss: scale("loss") };
  scales.set(report, made);
  return made;
}

const kindsOf = (report: Report): string[] => [...new Set(report.homework.map((cell) => cell.modelKind))];

/** The kinds of models that the homework does not ask for. */
export function otherKinds(report: Report): string[] {
  return kindsOf(report).filter((kind) => kind !== "mlp" && kind !== "cnn");
}

const HOMEWORK_MODELS = ["MLP 100-100", "CNN 16-32-64"];

/** What the network is, in full for the homework's own. */
function description({ neutral }: Report, id: string, variants: readonly Variant[]): Child {
  const first = variants[0];
  const name = modelInFull(first.cells[0].record.config.model);
  const batches = [...new Set(variants.map((v) => v.cells[0].record.config.batchSize))].sort((a, b) => a - b);
  const optimizers = [...new Set(variants.map((v) => optimizerInFull(v.cells[0].record.config.optimizer)))];
  const recipes = optimizers.length <= 4 ? list(optimizers) : plural(optimizers.length, "optimizer setting");
  const sizes = batches.length > 6 ? `${batches[0]} to ${batches[batches.length - 1]}` : list(batches.map(String));
  const facts = `It has ${count(first.parameters)} parameters and was trained in batches of ${sizes}, with ${recipes}.`;
  return !neutral && HOMEWORK_MODELS.includes(name)
    ? [written(id, {}, "network"), paragraph(facts)]
    : paragraph(`${name}. ${facts}`);
}

/** One model: what it is, its two charts, and what they show. */
function modelPart(report: Report, id: string, shown: ShownModel, scales: Scales): Child {
  const { model, variants, groups, place } = shown;
  const what = { id: `${id}-${place}`, groups, set: "optimizers", scales, told: true };
  return [
    description(report, id, variants),
    h(
      "div",
      { class: "wide" },
      curvePair(report, what, (metric) => `${model}: ${metric} by epoch`),
      h("p", { class: "note" }, readingHelp(groups, variants.length)),
    ),
    commentary(learningComments(variants)),
  ];
}

/** The best models of one kind each. */
function kindParts(report: Report, id: string, kinds: readonly string[]): Child {
  const { shown, total } = modelsOf(report, kinds);
  const models = shown.map((one) => modelPart(report, id, one, scalesOf(report)));
  if (shown.length === 0) return null;
  const rest =
    total > shown.length
      ? `The ${shown.length} best of ${total} models of this kind are shown (up to ${percent(ranked(shown[0].variants)[0].judged.mean)}); the explorer has all.`
      : "";
  return [models, rest ? h("p", { class: "note" }, rest) : null];
}

/** The learning curves of a sweep of one's own, kind by kind. */
export function ownModels(report: Report): HTMLElement {
  const parts = kindsOf(report)
    .map((kind) => kindParts(report, kind, [kind]))
    .filter((part) => part !== null);
  const models = parts.length > 0 ? parts : h("div", { class: "absent" }, written("own-models", {}, "absent"));
  const pixels = pixelsOf(report);
  const note = pixels > 0 ? h("p", { class: "note" }, `All on pixels under permutation ${pixels}.`) : null;
  return writtenSection("models", { models: [note, models] }, "own-models");
}

/** @param id of the section and its words @param kinds of the models that it shows */
export function modelSection(report: Report, id: string, kinds: readonly string[] = [id]): HTMLElement {
  return writtenSection(id, {
    models: kindParts(report, id, kinds) ?? h("div", { class: "absent" }, written(id, {}, "absent")),
    code: partTwoCode(id),
  });
}

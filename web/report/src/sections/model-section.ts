/** One model's learning curves on original pixels, and what they show. */
import { learningComments } from "../comments/learning.js";
import { drawnOf, linesHelp, modelFacts, shownOf } from "../comments/models.js";
import type { Metric } from "../data/learning-curves.js";
import { sharedScale, type SharedScale } from "../data/shared-scale.js";
import { kindsOf, modelsOf, otherKinds, pixelsOf, type CurveGroup, type ShownModel } from "../data/shown-models.js";
import type { Variant } from "../data/variants.js";
import { h, paragraph, type Child } from "../draw/dom.js";
import { written } from "../draw/written.js";
import type { Report } from "../report.js";
import { curvePair } from "./curve-figures.js";
import { sectionCode } from "./section-code.js";
import { commentary, writtenSection } from "./section.js";

/** How a chart's lines are to be read. */
export function readingHelp(groups: readonly CurveGroup[], total: number): string {
  const rest = drawnOf(groups, total);
  return [
    linesHelp(groups),
    "The area between the two is shaded.",
    groups.some((g) => g.cells.some((cell) => cell.record.status === "diverged"))
      ? "A cross marks where a cell diverged."
      : "",
    rest && `${rest}; the explorer has all.`,
  ]
    .filter(Boolean)
    .join(" ");
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

/** What the network is, in full for the homework's own. */
function description({ neutral }: Report, id: string, variants: readonly Variant[]): Child {
  const { name, known, facts } = modelFacts(variants);
  return !neutral && known ? [written(id, {}, "network"), paragraph(facts)] : paragraph(`${name}. ${facts}`);
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
  const rest = shownOf(shown, total);
  return [models, rest ? h("p", { class: "note" }, `${rest}; the explorer has all.`) : null];
}

/** The learning curves of a sweep of one's own, kind by kind. */
export function ownModels(report: Report): HTMLElement {
  const parts = kindsOf(report)
    .map((kind) => kindParts(report, kind, [kind]))
    .filter((part) => part !== null);
  const models = parts.length > 0 ? parts : h("div", { class: "absent" }, written("own-models", {}, "absent"));
  const pixels = pixelsOf(report);
  const note = pixels > 0 ? h("p", { class: "note" }, `All on pixels under permutation ${pixels}.`) : null;
  const scales = written("own-models", {}, "scales");
  return writtenSection("models", { models: [note, models], scales }, "own-models");
}

/** @param id of the section and its words @param kinds of the models that it shows */
export function modelSection(report: Report, id: string, kinds: readonly string[] = [id]): HTMLElement {
  return writtenSection(id, {
    models: kindParts(report, id, kinds) ?? h("div", { class: "absent" }, written(id, {}, "absent")),
    code: sectionCode(id),
    scales: id === "mlp" ? written(id, {}, "scales") : null,
  });
}

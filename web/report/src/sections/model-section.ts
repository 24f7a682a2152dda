/** One model's learning curves on original pixels, and what they show. */
import { largest } from "../../../../src/core/numeric/extremes.js";
import { learningComments } from "../comments/learning.js";
import { modelInFull, optimizerInFull } from "../data/config-fields.js";
import { count, list, percent } from "../data/format.js";
import { plural } from "../../../../src/core/numeric/words.js";
import { heldOutWord } from "../data/cells.js";
import { ranked, type Variant } from "../data/variants.js";
import { SERIES_COLOURS } from "../draw/theme.js";
import { h, paragraph, prose } from "../draw/dom.js";
import type { Report } from "../report.js";
import { curvePair, type CurveGroup } from "./curve-figures.js";
import { commentary, section, type SectionHead } from "./section.js";

/** More curves than this cannot be told apart. */
const CURVES = 6;

export function curveGroups(report: Report, variants: readonly Variant[]): CurveGroup[] {
  const kept = new Set(ranked(variants).slice(0, CURVES));
  const groups = variants
    .filter((v) => kept.has(v))
    .map((v) => ({ label: v.recipe, cells: v.cells, ...report.mark(v) }))
    .sort((a, b) => a.shape - b.shape);
  // With more recipes than colours, a recipe cannot keep its colour from chart to chart.
  return groups.some((g) => g.shape >= SERIES_COLOURS) ? groups.map((g, i) => ({ ...g, colour: i, shape: i })) : groups;
}

/** How a chart's lines are to be read. */
export function readingHelp(groups: readonly CurveGroup[], total: number): string {
  const seeds = largest(
    groups.map((group) => group.cells.length),
    0,
  );
  const word = heldOutWord(groups.flatMap((group) => group.cells));
  return [
    `Solid: ${word}, after each epoch. Dashed: training, mean over the epoch's batches, each before its update.`,
    seeds > 1 ? `Lines are means over ${seeds} seeds, bands reach from the lowest to the highest.` : "",
    groups.some((g) => g.cells.some((cell) => cell.record.status === "diverged"))
      ? "A cross marks where a cell diverged."
      : "",
    total > groups.length ? `The ${groups.length} best of ${total} recipes are drawn; the explorer has all.` : "",
  ]
    .filter(Boolean)
    .join(" ");
}

/** The two charts of one model: accuracy and loss, every optimizer, train and test. */
function charts(report: Report, id: string, model: string, variants: readonly Variant[]): HTMLElement {
  const groups = curveGroups(report, variants);
  return h(
    "div",
    { class: "wide" },
    curvePair(report, { id, groups, set: "optimizers" }, (metric) => `${model}: ${metric} by epoch`),
    h("p", { class: "note" }, readingHelp(groups, variants.length)),
  );
}

const DESCRIPTIONS: Record<string, string> = {
  "MLP 100-100": "Two hidden layers of 100 units with ReLU after each, and ten outputs (the logits).",
  "CNN 16-32-64":
    "Three 3×3 convolutions with 16, 32 and 64 channels (padding 1), each followed by ReLU and 2×2 max-pooling, then one dense layer.",
};

function description(variants: readonly Variant[]): string {
  const first = variants[0];
  const { model } = first.cells[0].record.config;
  const what = DESCRIPTIONS[modelInFull(model)] ?? `${modelInFull(model)}.`;
  const batches = [...new Set(variants.map((v) => v.cells[0].record.config.batchSize))].sort((a, b) => a - b);
  const optimizers = [...new Set(variants.map((v) => optimizerInFull(v.cells[0].record.config.optimizer)))];
  const recipes =
    optimizers.length <= 4
      ? ` Trained with ${list(optimizers)}.`
      : ` Trained with ${plural(optimizers.length, "optimizer setting")}.`;
  return `${what} Cross-entropy on the softmax of the logits; batches of ${batches.length > 6 ? `${batches[0]} to ${batches[batches.length - 1]}` : list(batches.map(String))}. The model has ${count(first.parameters)} parameters.${recipes}`;
}

export function modelSection(report: Report, head: SectionHead, kinds: readonly string[], note?: string): HTMLElement {
  const variants = report.variants.filter((v) => kinds.includes(v.modelKind) && v.permutation === 0);
  if (variants.length === 0)
    return section(
      head,
      h(
        "p",
        { class: "absent" },
        prose("No such cell has ended in this sweep yet. `npm run sweep` runs the homework's cells."),
      ),
    );
  const models = [...new Set(variants.map((v) => v.model))];
  const best = models
    .map((model) => variants.filter((v) => v.model === model))
    .sort((a, b) => (ranked(b)[0].test.mean || 0) - (ranked(a)[0].test.mean || 0))
    .slice(0, 2);
  return section(
    head,
    note ? paragraph(prose(note)) : null,
    best.map((group) => [
      paragraph(description(group)),
      charts(report, `${head.id}-${models.indexOf(group[0].model)}`, group[0].model, group),
      commentary(learningComments(group)),
    ]),
    models.length > best.length
      ? h(
          "p",
          { class: "note" },
          `The two best of ${models.length} models of this kind are shown (up to ${percent(ranked(variants)[0].test.mean)}); the explorer has all.`,
        )
      : null,
  );
}

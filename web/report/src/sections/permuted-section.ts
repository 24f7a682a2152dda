/** Original against permuted pixels: the images, the curves side by side, and who suffers. */
import { largest, smallest } from "../../../../src/core/numeric/extremes.js";
import { permutationComments, permutationEffects } from "../comments/permutation.js";
import { curveOf, epochAxis } from "../data/learning-curves.js";
import { percent, signedWithin } from "../data/format.js";
import { testDifference } from "../data/variants.js";
import { figure } from "../draw/figure.js";
import { bdi, h, prose } from "../draw/dom.js";
import { scrollTable } from "../draw/table.js";
import type { Report } from "../report.js";
import { curveFigure, type CurveGroup } from "./curve-figures.js";
import { permutedImages } from "./data-section.js";
import { curveGroups, readingHelp } from "./model-section.js";
import { commentary, section } from "./section.js";

function extent(groups: readonly CurveGroup[]): number[] {
  const epochs = epochAxis(groups.flatMap((g) => g.cells));
  const values = groups
    .flatMap((g) =>
      (["train", "heldOut"] as const).flatMap((split) => curveOf(g.cells, "accuracy", split, epochs).mean),
    )
    .filter((v): v is number => v !== null);
  return values.length > 0 ? [smallest(values), largest(values)] : [];
}

function sideBySide(report: Report, model: string): HTMLElement | null {
  const of = (permuted: boolean) =>
    report.variants.filter((v) => v.model === model && (permuted ? v.permutation !== 0 : v.permutation === 0));
  const permutations = [...new Set(of(true).map((v) => v.permutation))].sort((a, b) => a - b);
  if (permutations.length === 0 || of(false).length === 0) return null;
  const first = permutations[0];
  const left = curveGroups(report, of(false));
  const right = curveGroups(
    report,
    of(true).filter((v) => v.permutation === first),
  );
  const include = extent([...left, ...right]);
  const slug = `permuted-${[...new Set(report.variants.map((v) => v.model))].indexOf(model)}`;
  const make = (groups: CurveGroup[], name: string, id: string) =>
    report.keep(
      figure(
        curveFigure(report, {
          id: `${slug}-${id}`,
          title: `${model}, ${name}`,
          metric: "accuracy",
          groups,
          set: "optimizers",
          sync: slug,
          include,
        }),
      ),
    ).element;
  return h(
    "div",
    { class: "wide" },
    h(
      "div",
      { class: "columns" },
      make(left, "original pixels", "original"),
      make(right, `permuted pixels${permutations.length > 1 ? ` (permutation ${first})` : ""}`, "permuted"),
    ),
    h("p", { class: "note" }, `Both charts share their vertical scale. ${readingHelp(left, of(false).length)}`),
  );
}

export function permutedSection(report: Report): HTMLElement {
  const effects = permutationEffects(report.variants);
  const size = report.data.imageSize;
  const models = [...new Set(report.variants.map((v) => v.model))].slice(0, 4);
  return section(
    {
      id: "permuted",
      number: "2.5",
      title: "Permuted pixels",
      asked:
        "Permute the pixels of every image in one fixed random way, as the last transform. Train both models with the best parameters from before. Is one more affected than the other?",
    },
    h(
      "p",
      {},
      `Every image, in training and test alike, has its ${size ? size.height * size.width : ""} pixels rearranged by the same permutation. No information is lost, and a permutation could be undone; but to the eye nothing is left of the garment.`,
    ),
    permutedImages(report),
    models.map((model) => sideBySide(report, model)),
    effects.length > 0
      ? scrollTable(
          "Original against permuted, best recipe of each model",
          ["model", "recipe", "original", "permuted", "difference in points"],
          effects.map((e) => [
            bdi(e.model),
            bdi(e.original.recipe),
            percent(e.original.test.mean, 2),
            percent(e.permuted.test.mean, 2),
            signedWithin(testDifference(e.permuted, e.original)),
          ]),
          { numeric: [2, 3, 4] },
        )
      : h("p", { class: "absent" }, prose("This sweep has no cells on permuted pixels.")),
    commentary(permutationComments(effects)),
  );
}

/** The report as a notebook: the page's words in Markdown, and its figures as code with what it shows. */
import version from "virtual:version";
import { findings, title } from "../comments/findings.js";
import { byline } from "../comments/scope.js";
import { readPageData, type PageData } from "../data/page-data.js";
import { kindsOf, otherKinds } from "../data/shown-models.js";
import { sweepCells, type SweepCells } from "../data/sweep-cells.js";
import { escaped, markdown, notebookText, python, type Cell } from "./cells.js";
import { partOneCells } from "./part-one.js";
import { DRAWING_CODE, tablesCode, type Tables } from "./python.js";
import {
  axesCells,
  bonusCells,
  confusionCells,
  dataCells,
  modelsCells,
  parametersCells,
  permutedCells,
  recordsCells,
  resultsText,
  searchCells,
} from "./sections.js";

const homeworkCells = (sweep: SweepCells): Cell[] => [
  ...partOneCells(),
  markdown("part-2", "## Part 2: Classifying FashionMNIST"),
  ...dataCells(sweep),
  ...modelsCells(sweep, "mlp", [["mlp"]]),
  ...modelsCells(sweep, "cnn", [["cnn"]]),
  ...(otherKinds(sweep).length > 0 ? modelsCells(sweep, "other-models", [otherKinds(sweep)]) : []),
  ...parametersCells(sweep),
  ...permutedCells(sweep),
  ...bonusCells(sweep),
];

const ownCells = (sweep: SweepCells): Cell[] => [
  markdown("results", "## Results: The sweep in detail"),
  ...searchCells(sweep),
  ...axesCells(sweep),
  ...modelsCells(
    sweep,
    "models",
    kindsOf(sweep).map((kind) => [kind]),
    "own-models",
  ),
  ...dataCells(sweep),
  ...(new Set(sweep.homework.map(({ modelKey }) => modelKey)).size > 1 ? parametersCells(sweep) : []),
  ...(sweep.homework.some(({ permutation }) => permutation > 0) ? permutedCells(sweep) : []),
  ...bonusCells(sweep),
];

/**
 * The same records give the same text.
 * @param tables of the same records, as text or as the paths that they are written to
 * @param embedded whether they are given as text
 */
export function notebook(report: PageData, tables: Tables, embedded: boolean): string {
  const sweep = sweepCells(readPageData(report), null);
  const name = title(sweep);
  const found = findings(sweep.homework, sweep.neutral ? [] : sweep.ownBonus);
  const warning = sweep.data.datasetText?.warning;
  const cells = [
    markdown(
      "title",
      `# ${escaped(name)}`,
      escaped(byline(sweep)),
      warning && `**${escaped(warning.headline)}** ${escaped(warning.text)}`,
      resultsText(sweep),
    ),
    markdown("found", "## What was found", ...found.map(escaped)),
    python("tables", tablesCode(tables, embedded), { folded: true }),
    python("drawing", DRAWING_CODE, { folded: true }),
    ...(sweep.neutral ? ownCells(sweep) : homeworkCells(sweep)),
    ...confusionCells(sweep),
    markdown("provenance", "## Provenance"),
    ...recordsCells(sweep),
  ];
  return notebookText(cells, name, version);
}

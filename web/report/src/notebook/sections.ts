/** The sections of a notebook that tell of a sweep. */
import { axesTable, axisComments, axisEffects } from "../comments/axes.js";
import { bonusComments, judgedBy } from "../comments/bonus.js";
import { learningComments } from "../comments/learning.js";
import { drawnOf, linesHelp, modelFacts, shownOf } from "../comments/models.js";
import { parameterComments } from "../comments/parameters.js";
import { effectsTable, permutationComments, permutationEffects } from "../comments/permutation.js";
import { halvingComments, replayComments, sampleComments } from "../comments/search.js";
import { dataWords, datasetName } from "../comments/scope.js";
import { bracketOf, type Bracket } from "../data/bracket.js";
import { modelInFull } from "../data/config-fields.js";
import { count, list, percent, signedWithin, spreadText } from "../data/format.js";
import { judgeText } from "../data/judge.js";
import { ladderOf, type Ladder } from "../data/ladder.js";
import { layerTable } from "../data/layer-table.js";
import { endings } from "../data/outcome.js";
import { firstPermutation } from "../data/pixels.js";
import { bestCounted, resultRows, troubleOf } from "../data/result-rows.js";
import { modelsOf, pixelsOf, type ShownModel } from "../data/shown-models.js";
import type { SweepCells } from "../data/sweep-cells.js";
import { plural } from "../../../../src/core/numeric/words.js";
import { escaped, markdown, tableText, type Cell } from "./cells.js";
import { confusionFigure, curvesFigure, imagesFigure, permutedFigure } from "./figures.js";
import { sectionCells, wordsText } from "./words.js";

/** Rows of tables, and models of comparisons. */
const ROWS = 30;
const MODELS = 4;

const comments = (texts: readonly string[]): string => texts.filter(Boolean).map(escaped).join("\n\n");
/** The words of a section in the report's frame. */
const framed = ({ neutral }: SweepCells, name: string): string => (neutral ? `own-${name}` : name);

/** Every recipe's accuracy, best first. */
export function resultsText({ cells, ownBonus, neutral }: SweepCells): string {
  const rows = resultRows(neutral ? cells : cells.filter((cell) => !ownBonus.includes(cell)));
  if (rows.length === 0) return "";
  return tableText({
    columns: ["model", "recipe", "original pixels", "permuted pixels", "judged by", "ended"],
    rows: rows
      .slice(0, ROWS)
      .map((row) => [
        row.model,
        row.recipe,
        ...[row.original, row.permuted].map(({ judged }) => (judged.n > 0 ? spreadText(judged, 2) : "–")),
        judgeText(row.judge),
        troubleOf(row) || "done",
      ]),
  });
}

export function dataCells(sweep: SweepCells): Cell[] {
  const name = framed(sweep, "data");
  const { about, pixels, ...words } = dataWords(sweep);
  const figure = imagesFigure(sweep);
  const watched = sweep.homework.some((cell) => cell.heldOut === "test") && wordsText(name, "test");
  const drawn = sweep.data.images?.drawn && wordsText("data", "drawn").replace("{{dataset}}", datasetName(sweep.data));
  const note =
    figure &&
    [wordsText("data", "images"), `${figure.order}: ${escaped(list(figure.names))}.`, drawn].filter(Boolean).join(" ");
  return sectionCells(
    "data",
    {
      ...words,
      pixels,
      about: [...about.map(escaped), watched].filter(Boolean).join("\n\n"),
      images: figure ? [...figure.cells, markdown("images-note", note)] : wordsText("data", "absent"),
    },
    name,
  );
}

function modelCells({ neutral }: SweepCells, id: string, { model, variants, groups, place }: ShownModel): Cell[] {
  const { name, known, facts } = modelFacts(variants);
  const figure = `${id}-${place}`;
  const rest = drawnOf(groups, variants.length);
  return [
    markdown(
      `${figure}-model`,
      `#### ${escaped(model)}`,
      !neutral && known ? `${wordsText(id, "network").trim()}\n\n${escaped(facts)}` : escaped(`${name}. ${facts}`),
    ),
    curvesFigure(`${figure}-curves`, `${model}: accuracy and loss by epoch`, groups),
    markdown(
      `${figure}-comments`,
      escaped(linesHelp(groups)),
      rest && `${rest}; the table \`curves\` has all.`,
      comments(learningComments(variants)),
    ),
  ];
}

/** @param id of the section and its words @param kinds of the models that it shows */
export function modelsCells(sweep: SweepCells, id: string, kinds: readonly (readonly string[])[], name = id): Cell[] {
  const parts = kinds.flatMap((of, i) => {
    const { shown, total } = modelsOf(sweep, of);
    const rest = shownOf(shown, total);
    const cells = shown.flatMap((one) => modelCells(sweep, kinds.length > 1 ? `${id}-${i}` : id, one));
    return rest ? [...cells, markdown(`${id}-${i}-others`, `${rest}; the table \`cells\` has all.`)] : cells;
  });
  const pixels = sweep.neutral ? pixelsOf(sweep) : 0;
  const note = pixels > 0 ? [markdown(`${id}-pixels`, `All on pixels under permutation ${pixels}.`)] : [];
  return sectionCells(id, { models: parts.length > 0 ? [...note, ...parts] : wordsText(name, "absent") }, name);
}

const rungsTable = ({ rungs }: Bracket) => ({
  columns: ["after epoch", "cells", "went on"],
  rows: rungs.map(({ epoch, ranked, promoted }) => [epoch, ranked.length, promoted.length].map(String)),
});

/** How the sweep searched, where it is no plain grid. */
export function searchCells(sweep: SweepCells): Cell[] {
  if (!sweep.data.search) return [];
  const bracket = bracketOf(sweep);
  const rungs = bracket && tableText(rungsTable(bracket));
  return sectionCells("search", {
    comments: comments([...sampleComments(sweep), ...(bracket ? halvingComments(bracket) : [])]),
    bracket: rungs,
  });
}

export function axesCells(sweep: SweepCells): Cell[] {
  const effects = axisEffects(sweep.cells);
  if (effects.length === 0) return [];
  return sectionCells(
    "axes",
    { table: tableText(axesTable(effects)), comments: comments([...axisComments(effects), ...replayComments(sweep)]) },
    "own-axes",
  );
}

export function parametersCells(sweep: SweepCells): Cell[] {
  const { homework, variants, data, classes } = sweep;
  const models = [...new Map(homework.map((cell) => [cell.modelKey, cell.record.config.model])).values()];
  const tables = models.slice(0, MODELS).map((model) => {
    const rows = (data.imageSize && layerTable(model, data.imageSize, classes)) ?? [];
    const total = rows.reduce((sum, row) => sum + row.parameters, 0);
    return `#### ${escaped(modelInFull(model))}\n\n${tableText({
      columns: ["layer", "output", "weights and biases", "parameters"],
      rows: [
        ...rows.map((row) => [row.layer, row.output.join("×"), row.derivation || "–", count(row.parameters)]),
        ["all", "", "", count(total)],
      ],
    })}`;
  });
  const slots = { tables: tables.join("\n\n"), comments: comments(parameterComments(variants)) };
  return sectionCells("parameters", slots, framed(sweep, "parameters"));
}

export function permutedCells(sweep: SweepCells): Cell[] {
  const effects = permutationEffects(sweep.variants);
  const size = sweep.data.imageSize;
  const images = permutedFigure(sweep);
  const note = wordsText("data", "permutation").replace("{{permutation}}", String(firstPermutation(sweep)?.k));
  const curves = effects.slice(0, MODELS).map(({ model, original, permuted }, i) =>
    curvesFigure(`permuted-${i}-curves`, `${model} on original and on permuted pixels`, [
      { label: `${model}, ${original.recipe}, original pixels`, cells: original.cells },
      { label: `${model}, ${original.recipe}, permuted pixels`, cells: permuted.cells },
    ]),
  );
  return sectionCells(
    "permuted",
    {
      pixels: size ? plural(size.height * size.width, "pixel") : "pixels",
      images: images && [...images, markdown("permuted-note", note)],
      curves: curves.length > 0 ? curves : "",
      table: effects.length > 0 ? tableText(effectsTable(effects)) : wordsText("permuted", "absent"),
      comments: effects.length > 0 ? comments(permutationComments(effects)) : "",
    },
    framed(sweep, "permuted"),
  );
}

export function confusionCells({ cells, data }: SweepCells): Cell[] {
  const best = bestCounted(cells);
  if (!best) return [];
  const matrix = [confusionFigure(best, data.classNames)];
  return sectionCells("confusion", { cell: `\`${best.id}\``, matrix }, "own-confusion");
}

/** The bonus' recipe and its ablation, where the sweep trained them. */
export function bonusCells(sweep: SweepCells): Cell[] {
  const ladder = ladderOf(sweep.ownBonus);
  if (!ladder) return [];
  const { recipe } = ladder;
  const [cell] = recipe.cells;
  const head = `The recipe: **${spreadText(recipe.test, 2)}** test accuracy, with a ${escaped(modelInFull(cell.record.config.model))} of ${count(cell.metrics.parameters)} parameters.`;
  const texts = [judgedBy(ladder), ...bonusComments(ladder, sweep.neutral ? [] : sweep.homework)];
  const parts = [
    markdown("bonus-recipe", head),
    curvesFigure("bonus-curves", "The recipe: accuracy and loss by epoch", [
      { label: "the recipe", cells: recipe.cells },
    ]),
    markdown("bonus-comments", rungsText(ladder), comments(texts)),
  ];
  return sectionCells("bonus", { parts }, framed(sweep, "bonus"));
}

const rungsText = ({ rungs }: Ladder): string =>
  rungs.length === 0
    ? ""
    : tableText({
        columns: ["decision", "accuracy", "difference in points"],
        rows: rungs.map(({ label, accuracy, uncertainty }) => [
          label,
          percent(accuracy, 2),
          Number.isFinite(uncertainty.value) ? signedWithin(uncertainty) : "–",
        ]),
      });

export function recordsCells({ data, cells }: SweepCells): Cell[] {
  const ended = list(endings(cells).map(([outcome, n]) => `${n} ${outcome}`)) || "none yet";
  const rows = [
    ["sweep", data.sweep],
    ["data", datasetName(data)],
    ["data digest (sha256)", data.dataDigest],
    ["engine version", String(data.engineVersion)],
    ["cells", `${cells.length} of ${Math.max(data.planned.length, cells.length)} planned: ${ended}`],
  ];
  return sectionCells("records", {
    rerun: `\`\`\`\nnpm run cell -- ${cells[0]?.id ?? "ID"} --check\n\`\`\``,
    facts: tableText({ columns: ["what", "which"], rows }),
    stopped: cells.some((cell) => cell.outcome === "stopped") ? wordsText("records", "stopped") : "",
    validation: cells.some((cell) => cell.heldOut === "validation") ? wordsText("records", "validation") : "",
  });
}

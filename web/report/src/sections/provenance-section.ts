/** Where the numbers come from, and how to check them. */
import type { CellView } from "../data/cells.js";
import { duration, list } from "../data/format.js";
import { OUTCOMES } from "../data/outcome.js";
import { plural } from "../../../../src/core/numeric/words.js";
import { bdi, command, h, paragraph, prose, rerunCommand, type Child } from "../draw/dom.js";
import type { Report } from "../report.js";
import { datasetName } from "./opening.js";
import { factList, partHeading, section } from "./section.js";

export function provenanceSection(report: Report): Child[] {
  const { cells } = report;
  return [
    partHeading("provenance", "Appendix", "Provenance"),
    section(
      { id: "records", title: "Records and reruns" },
      paragraph(
        "A cell is one training run. Its id is made of a readable name and a hash of its configuration and of the data; its record holds everything shown here. The same cell, data and engine version give the same bits on every machine, so any figure can be checked by running its cell again:",
      ),
      cells.length > 0 ? command(`${rerunCommand(cells[0].id)} --check`) : null,
      factList("facts", facts(report)),
      paragraph(
        prose(
          "Training loss and accuracy of an epoch are means over its batches, weighted by their samples, each taken before its update; test loss and accuracy are taken after the epoch. A cell whose loss, weights or running statistics stop being finite is `diverged`: that epoch is recorded and is the last. Accuracies are of the last recorded epoch unless a column says best; since the best epoch is chosen by looking at the test set, that figure is slightly optimistic.",
        ),
      ),
      cells.some((cell) => cell.heldOut === "validation")
        ? paragraph(
            "Where a cell holds out training images for validation, its curve is of those; its test figures are of one reading of the test set, after the last epoch.",
          )
        : null,
    ),
  ];
}

function facts({ data, cells }: Report): [string, Child][] {
  /** Every value that the cells have, once. */
  const each = (value: (cell: CellView) => string | number | undefined): HTMLElement => {
    const found = new Set(cells.map((cell) => String(value(cell) ?? "")).filter(Boolean));
    return bdi(list([...found]) || "–");
  };
  const workers = data.workers > 0 ? `, ${plural(data.workers, "worker")}` : "";
  return [
    ["sweep", bdi(data.sweep)],
    [
      "source",
      data.source === "reference" ? "reference results committed with the project" : "records of a run on this machine",
    ],
    ["data", bdi(datasetName(data))],
    ["data digest (sha256)", h("code", { class: "digest" }, data.dataDigest)],
    ["engine version", data.engineVersion],
    ["cells", `${cells.length} of ${Math.max(data.planned.length, cells.length)} planned: ${endings(cells)}`],
    ["wall time", data.wallSeconds > 0 ? `${duration(data.wallSeconds)}${workers}` : "–"],
    ["kernels", each((cell) => cell.fields.get("kernels"))],
    ["Node", each((cell) => cell.record.run?.node)],
    ["processor", each((cell) => cell.record.run?.cpu)],
  ];
}

/** "11 done and 1 diverged". */
function endings(cells: readonly CellView[]): string {
  const counted = OUTCOMES.map((outcome) => {
    const n = cells.filter((cell) => cell.outcome === outcome).length;
    return n > 0 ? `${n} ${outcome}` : "";
  });
  return list(counted.filter(Boolean)) || "none yet";
}

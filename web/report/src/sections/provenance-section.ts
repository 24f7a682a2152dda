/** Where the numbers come from, and how to check them. */
import { datasetName } from "../comments/scope.js";
import type { CellView } from "../data/cells.js";
import { duration, list } from "../data/format.js";
import { endings } from "../data/outcome.js";
import { plural } from "../../../../src/core/numeric/words.js";
import { bdi, command, h, rerunCommand, type Child } from "../draw/dom.js";
import { written } from "../draw/written.js";
import type { Report } from "../report.js";
import { checkAll } from "./check-all.js";
import { factList, partHeading, writtenSection } from "./section.js";

export function provenanceSection(report: Report): Child[] {
  const { cells } = report;
  return [
    partHeading("provenance", "Appendix", "Provenance"),
    writtenSection("records", {
      rerun: command(`${rerunCommand(cells.length > 0 ? cells[0].id : "ID")} --check`),
      check: cells.length > 0 ? checkAll(report) : null,
      facts: factList("facts", facts(report)),
      stopped: cells.some((cell) => cell.outcome === "stopped") ? written("records", {}, "stopped") : null,
      validation: cells.some((cell) => cell.heldOut === "validation") ? written("records", {}, "validation") : null,
    }),
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
    ["cells", `${cells.length} of ${Math.max(data.planned.length, cells.length)} planned: ${endingsText(cells)}`],
    ["wall time", data.wallSeconds > 0 ? `${duration(data.wallSeconds)}${workers}` : "–"],
    ["kernels", each(kernelsOf)],
    ["Node", each((cell) => cell.record.run?.node)],
    ["processor", each((cell) => cell.record.run?.cpu)],
  ];
}

/** With how wide they ran, which changes no bit. */
function kernelsOf({ fields, record }: CellView): string {
  const kernels = String(fields.get("kernels"));
  return kernels === "simd" && record.run?.simdBits ? `simd, ${record.run.simdBits} bits wide` : kernels;
}

/** "11 done and 1 diverged". */
const endingsText = (cells: readonly CellView[]): string =>
  list(endings(cells).map(([outcome, n]) => `${n} ${outcome}`)) || "none yet";

/** Where the numbers come from, and how to check them. */
import { duration, list, plural } from "../data/format.js";
import { copyButton, h, prose, rerunCommand, type Child } from "../draw/dom.js";
import type { Report } from "../report.js";
import { datasetName } from "./opening.js";
import { partHeading, section } from "./section.js";

export function provenanceSection(report: Report): Child[] {
  const { data, cells } = report;
  const unique = (values: string[]) => [...new Set(values.filter(Boolean))];
  const rows: [string, Child][] = [
    ["sweep", h("bdi", {}, data.sweep)],
    [
      "source",
      data.source === "reference" ? "reference results committed with the project" : "records of a run on this machine",
    ],
    ["data", h("bdi", {}, datasetName(data))],
    ["data digest (sha256)", h("code", { class: "digest" }, data.dataDigest)],
    ["engine version", String(data.engineVersion)],
    [
      "cells",
      `${cells.length} of ${Math.max(data.planned.length, cells.length)} planned: ${
        list(
          ["done", "diverged", "failed"]
            .map((s) => [s, cells.filter((c) => c.record.status === s).length] as const)
            .filter(([, n]) => n > 0)
            .map(([s, n]) => `${n} ${s}`),
        ) || "none yet"
      }`,
    ],
    [
      "wall time",
      data.wallSeconds > 0
        ? `${duration(data.wallSeconds)}${data.workers > 0 ? `, ${plural(data.workers, "worker")}` : ""}`
        : "–",
    ],
    ["kernels", h("bdi", {}, list(unique(cells.map((c) => String(c.fields.get("kernels") ?? "")))) || "–")],
    ["Node", h("bdi", {}, list(unique(cells.map((c) => c.record.run?.node ?? ""))) || "–")],
    ["processor", h("bdi", {}, list(unique(cells.map((c) => c.record.run?.cpu ?? ""))) || "–")],
  ];
  const example = cells[0]?.id;
  return [
    partHeading("provenance", "Appendix", "Provenance"),
    section(
      { id: "records", title: "Records and reruns" },
      h(
        "p",
        {},
        "A cell is one training run. Its id is made of a readable name and a hash of its configuration and of the data; its record holds everything shown here. The same cell, data and engine version give the same bits on every machine, so any figure can be checked by running its cell again:",
      ),
      example
        ? h(
            "p",
            { class: "command" },
            h("code", {}, h("bdi", {}, `${rerunCommand(example)} --check`)),
            copyButton(`${rerunCommand(example)} --check`),
          )
        : null,
      h(
        "dl",
        { class: "facts" },
        rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
      ),
      h(
        "p",
        {},
        prose(
          "Training loss and accuracy of an epoch are means over its batches, weighted by their samples, each taken before its update; test loss and accuracy are taken after the epoch. A cell whose loss, weights or running statistics stop being finite is `diverged`: that epoch is recorded and is the last. Accuracies are of the last recorded epoch unless a column says best; since the best epoch is chosen by looking at the test set, that figure is slightly optimistic.",
        ),
      ),
      report.cells.some((cell) => cell.heldOut === "validation")
        ? h(
            "p",
            {},
            "Where a cell holds out training images for validation, its curve is of those; its test figures are of one reading of the test set, after the last epoch.",
          )
        : null,
    ),
  ];
}

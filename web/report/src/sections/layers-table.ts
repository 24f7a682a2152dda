/** A model layer by layer: output shapes, and where its parameters sit. */
import { count } from "../data/format.js";
import { layerTable } from "../data/layer-table.js";
import type { CellView } from "../data/cells.js";
import { h, type Child } from "../draw/dom.js";
import type { Report } from "../report.js";
import { scrollTable } from "../draw/table.js";

export function layersTable(report: Report, cell: CellView): Child[] {
  const { imageSize } = report.data;
  const rows = imageSize && layerTable(cell.record.config.model, imageSize, report.classes);
  if (!rows) {
    const unknown = imageSize ? "This model is" : "The size of these images is";
    return [h("p", { class: "absent" }, `${unknown} not known to this version.`)];
  }
  const total = rows.reduce((sum, row) => sum + row.parameters, 0);
  return [
    scrollTable(
      `Parameters of ${cell.model}, layer by layer`,
      ["layer", "output", "weights and biases", "parameters"],
      [
        ...rows.map((row) => [
          row.layer,
          row.output.join("×"),
          row.derivation || "–",
          row.parameters > 0 ? count(row.parameters) : "0",
        ]),
        [h("strong", {}, "all"), "", "", h("strong", {}, count(total))],
      ],
      { numeric: [3] },
    ),
  ];
}

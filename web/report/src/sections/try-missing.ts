/** Models that "Try it" cannot ask, each in a line, and what to do. */
import { plural } from "../../../../src/core/numeric/words.js";
import type { CellView } from "../data/cells.js";
import { bdi, button, h, type Child } from "../draw/dom.js";
import { written } from "../draw/written.js";

/** Lists up to this length lie open. */
const SHORT = 12;

interface Missing {
  cells: readonly CellView[];
  /** Why weights that were there were not taken, by the cell's id. */
  refused: ReadonlyMap<string, string>;
  nameOf: (cell: CellView) => string;
  openCell: (id: string) => void;
}

export function missingModels({ cells, refused, nameOf, openCell }: Missing): Child {
  if (cells.length === 0) return null;
  const line = (cell: CellView): Child =>
    h(
      "li",
      {},
      bdi(nameOf(cell)),
      ": ",
      button("cell-link", bdi(cell.id), () => openCell(cell.id)),
      refused.has(cell.id) ? h("strong", {}, ` refused: ${refused.get(cell.id)}`) : null,
    );
  return h(
    "details",
    { open: cells.length <= SHORT || cells.some(({ id }) => refused.has(id)) },
    h("summary", {}, `${plural(cells.length, "model")} without weights`),
    written("try", {}, "missing"),
    h("ul", {}, cells.map(line)),
  );
}

/** What every section of the page draws from. */
import type { CellView } from "./data/cells.js";
import type { PageData } from "./data/page-data.js";
import { sweepCells, type SweepCells } from "./data/sweep-cells.js";
import type { Checks } from "./training/checks.js";
import type { ViewStore } from "./view-store.js";

export interface Report extends SweepCells {
  /** A cell of the data or of the bonus results. */
  find(id: string): CellView | undefined;
  /** Opens a cell's details. */
  openCell(id: string): void;
  store: ViewStore;
  /** Trainings in the page. */
  checks: Checks;
  /** Keeps a chart, or what else listens, to be taken down with the page. */
  keep<T extends Kept>(thing: T): T;
}

/** What must be taken down. */
export interface Kept {
  destroy(): void;
}

export function makeReport(
  data: PageData,
  reference: PageData | null,
  store: ViewStore,
  openCell: (id: string) => void,
  checks: Checks,
  kept: Kept[],
): Report {
  const sweep = sweepCells(data, reference);
  return {
    ...sweep,
    find: (id) => [...sweep.cells, ...sweep.bonus.cells].find((cell) => cell.id === id),
    openCell,
    store,
    checks,
    keep(thing) {
      kept.push(thing);
      return thing;
    },
  };
}

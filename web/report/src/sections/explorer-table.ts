/** The explorer's table of cells: the page of it that is shown, and what its controls do. */
import type { CellView } from "../data/cells.js";
import type { ViewState } from "../data/hash-state.js";
import { cellTable, pageWithin } from "../draw/cell-table.js";
import type { Column } from "../draw/columns.js";
import { h, refillInPlace } from "../draw/dom.js";
import type { Report } from "../report.js";

export class ExplorerTable {
  readonly element = h("div");
  private page = 0;
  private cells: readonly CellView[] = [];

  constructor(
    private readonly report: Report,
    private readonly columns: readonly Column[],
  ) {}

  /** Shows other cells, or the same in another order. */
  update(cells: readonly CellView[]): void {
    this.cells = cells;
    this.draw();
  }

  /** Shows the first page from the next update on. */
  restart(): void {
    this.page = 0;
  }

  private draw(): void {
    const { store, openCell } = this.report;
    const { sort, compare } = store.state;
    this.page = pageWithin(this.page, this.cells.length);
    const table = cellTable(
      this.cells,
      this.columns,
      { sort, compare, page: this.page },
      {
        sort: (column) => {
          this.restart();
          store.change({ sort: this.nextSort(sort, column) });
        },
        compare: (id, on) => {
          const others = store.state.compare.filter((other) => other !== id);
          store.change({ compare: on ? [...others, id] : others });
        },
        open: openCell,
        page: (page) => {
          this.page = page;
          this.draw();
        },
      },
    );
    refillInPlace(this.element, table);
  }

  /** The other direction of the same column; of another column first the largest figures, or names from A to Z. */
  private nextSort(sort: ViewState["sort"], column: string): ViewState["sort"] {
    if (sort.column === column) return { column, descending: !sort.descending };
    return { column, descending: this.columns.find(({ name }) => name === column)?.numeric ?? false };
  }
}

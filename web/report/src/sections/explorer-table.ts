/** The explorer's table: a page of cells, or groups of them; what its controls do, and which row is pointed at. */
import type { CellView } from "../data/cells.js";
import type { Colouring } from "../data/colouring.js";
import type { ViewState } from "../data/hash-state.js";
import {
  bestCell,
  groupCells,
  judgedColumn,
  variantFilters,
  type Axis,
  type CellGroup,
  type Rows,
} from "../data/selection.js";
import { cellTable, groupTable, pageWithin } from "../draw/cell-table.js";
import type { Column } from "../draw/columns.js";
import { h, refillInPlace, type Child } from "../draw/dom.js";
import type { Report } from "../report.js";
import { refusal } from "../training/verdict.js";

export class ExplorerTable {
  private readonly grouped = h("div");
  private readonly singles = h("div");
  readonly element = h("div", { class: "bench-table" }, this.grouped, this.singles);
  private page = 0;
  private cells: readonly CellView[] = [];
  private groups: readonly CellGroup[] = [];
  private colouring: Colouring = { of: () => 0, entries: [] };

  /** @param point called with the cells of the row under the pointer or the keyboard, and with none when it is left */
  constructor(
    private readonly report: Report,
    private readonly axes: readonly Axis[],
    private readonly columns: readonly Column[],
    point: (ids: readonly string[]) => void,
  ) {
    const enter = ({ target }: Event) => point(this.idsOf((target as Element).closest("tbody tr")));
    for (const event of ["pointerover", "focusin"]) this.element.addEventListener(event, enter);
    for (const event of ["pointerleave", "focusout"]) this.element.addEventListener(event, () => point([]));
  }

  /**
   * Shows other cells, or the same in another order.
   * @param by what they are grouped by; "" for single cells alone
   * @param single whether single cells are shown where there are groups, too
   */
  update(cells: readonly CellView[], { by, single }: Rows, colouring: Colouring): void {
    this.cells = cells;
    this.colouring = colouring;
    this.groups = by === "" ? [] : groupCells(cells, by);
    refillInPlace(this.grouped, by === "" ? null : this.groupPart(by));
    if (single || by === "") this.drawCells();
    else refillInPlace(this.singles, null);
  }

  /** Shows the first page from the next update on. */
  restart(): void {
    this.page = 0;
  }

  /** Marks the rows of these cells. */
  light(ids: ReadonlySet<string>): void {
    for (const row of this.element.querySelectorAll("tbody tr"))
      row.classList.toggle("lit", ids.size > 0 && this.idsOf(row).some((id) => ids.has(id)));
  }

  private idsOf(row: Element | null): readonly string[] {
    if (!(row instanceof HTMLElement)) return [];
    const { id, group } = row.dataset;
    return id !== undefined ? [id] : this.groups[Number(group)].cells.map((cell) => cell.id);
  }

  private drawCells(): void {
    const { store, openCell, checks } = this.report;
    const { sort: by, compare } = store.state;
    const sort = by.column === "judged" ? { ...by, column: judgedColumn(this.cells) } : by;
    this.page = pageWithin(this.page, this.cells.length);
    const table = cellTable(
      this.cells,
      this.columns,
      { sort, compare, page: this.page, best: bestCell(this.cells)?.id, colour: (cell) => this.colouring.of(cell) },
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
        check: (cell) => {
          openCell(cell.id);
          if (!refusal(cell.record)) checks.start(cell);
        },
        page: (page) => {
          this.page = page;
          this.drawCells();
        },
      },
    );
    refillInPlace(this.singles, table);
  }

  private groupPart(by: string): Child {
    const { store } = this.report;
    const colour = (cells: readonly CellView[]) => {
      const colours = new Set(cells.map((cell) => this.colouring.of(cell)));
      return colours.size === 1 ? [...colours][0] : null;
    };
    const choose = ({ value, cells }: CellGroup) =>
      store.change({
        group: "none",
        filters: by === "variant" ? variantFilters(cells[0], this.axes) : { ...store.state.filters, [by]: [value] },
      });
    return [
      h("h4", {}, by === "variant" ? "Mean ± standard deviation over seeds" : `Grouped by ${by}`),
      groupTable(this.groups, by, colour, choose),
    ];
  }

  /** The other direction of the same column; of another column first the largest figures, or names from A to Z. */
  private nextSort(sort: ViewState["sort"], column: string): ViewState["sort"] {
    if (sort.column === column) return { column, descending: !sort.descending };
    return { column, descending: this.columns.find(({ name }) => name === column)?.numeric ?? false };
  }
}

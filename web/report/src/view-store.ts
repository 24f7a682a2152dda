/** The explorer's state, kept in the address. */
import { INITIAL_STATE, readHash, wholeId, writeHash, type ViewState } from "./data/hash-state.js";

/** The mark of a history entry that opening a cell made: Back closes the cell. */
const CELL = "cell";

/** The record with another value under a name, or with none. */
function changed<T>(record: Readonly<Record<string, T>>, name: string, value: T | null): Record<string, T> {
  const others = Object.fromEntries(Object.entries(record).filter(([other]) => other !== name));
  return value === null ? others : { ...others, [name]: value };
}

export class ViewStore {
  private current: ViewState = readHash(location.hash);
  private ids: ReadonlySet<string> = new Set();
  /** From a cell's entry in the history to the one before. */
  private returning = false;
  private readonly listeners = new Set<(state: ViewState, changed: ReadonlySet<keyof ViewState>) => void>();

  constructor() {
    addEventListener("hashchange", () => {
      if (this.returning) {
        // The entry from before the cell was opened is brought up to what has changed since.
        this.returning = false;
        return this.write();
      }
      if (!location.hash.includes("=")) {
        if (this.current.cell) this.replace({ ...this.current, cell: "" }, new Set(["cell"]));
        return;
      }
      const next = this.completed(readHash(location.hash));
      if (writeHash(next) !== writeHash(this.current)) this.replace(next);
    });
  }

  /** From now on an address may name these cells by the beginning of their ids, as links of older versions do. */
  know(ids: readonly string[]): void {
    this.ids = new Set(ids);
    this.current = this.completed(this.current);
  }

  private completed(state: ViewState): ViewState {
    const whole = (id: string): string => wholeId(id, this.ids);
    return { ...state, cell: whole(state.cell), compare: state.compare.map(whole) };
  }

  get state(): ViewState {
    return this.current;
  }

  /** Changes some of the state, writes the address and tells who listens. */
  change(patch: Partial<ViewState>): void {
    const before = this.current.cell;
    this.replace({ ...this.current, ...patch }, new Set(Object.keys(patch) as (keyof ViewState)[]));
    this.write(before);
  }

  /** Keeps the cells whose field has one of these values; null keeps all. */
  filter(field: string, values: string[] | null): void {
    this.change({ filters: changed(this.current.filters, field, values) });
  }

  /** Keeps the cells whose figure lies in this range; null keeps all. */
  range(column: string, range: [number, number] | null): void {
    this.change({ ranges: changed(this.current.ranges, column, range) });
  }

  /** Records a change that needs no redraw, such as a zoom the chart has made itself. */
  note(patch: Partial<ViewState>): void {
    this.current = { ...this.current, ...patch };
    this.write();
  }

  /** Back to the initial view; an open cell stays open. */
  reset(): void {
    this.change({ ...structuredClone(INITIAL_STATE), cell: this.current.cell });
  }

  subscribe(listener: (state: ViewState, changed: ReadonlySet<keyof ViewState>) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private replace(
    next: ViewState,
    changed: ReadonlySet<keyof ViewState> = new Set(Object.keys(next) as (keyof ViewState)[]),
  ): void {
    this.current = next;
    for (const listener of [...this.listeners]) listener(next, changed);
  }

  private write(before = this.current.cell): void {
    const { cell } = this.current;
    const text = writeHash(this.current);
    if (text === "" && !location.hash.includes("=")) return;
    const address = text ? `#${text}` : location.pathname + location.search;
    if (before && !cell && history.state === CELL) {
      this.returning = true;
      history.back();
    } else if (cell && !before) history.pushState(CELL, "", address);
    else history.replaceState(history.state, "", address);
  }
}

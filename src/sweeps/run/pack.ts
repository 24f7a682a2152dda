/** Packs cells into tasks of comparable length, which a cluster runs one by one or side by side. */
import type { PlannedCell } from "./plan.js";

/** Of a packing that is made anew wherever a task runs: the same cells, lengths and number give the same tasks. */
export interface Packing {
  cells: readonly PlannedCell[];
  /** How long each cell takes, in any unit. */
  lengths: readonly number[];
  /** At most: no task is empty. */
  tasks: number;
}

/**
 * The longest cell first, each to the task that is shortest so far (Graham, "Bounds on Multiprocessing Timing Anomalies",
 * 1969: at most a third longer than the best packing).
 * @returns ids, a list for each task, in the order in which they are best trained
 */
export function packCells({ cells, lengths, tasks }: Packing): string[][] {
  const number = Math.min(tasks, cells.length);
  const packed = Array.from({ length: number }, (_, index) => ({ ids: [] as string[], length: 0, index }));
  const heap = [...packed];
  const order = cells.map(({ id }, i) => ({ id, length: lengths[i] }));
  order.sort((a, b) => b.length - a.length || (a.id < b.id ? -1 : 1));
  for (const { id, length } of order) {
    const [shortest] = heap;
    shortest.ids.push(id);
    shortest.length += length;
    sink(heap);
  }
  return packed.map(({ ids }) => ids);
}

interface Task {
  ids: string[];
  length: number;
  index: number;
}

const isShorter = (a: Task, b: Task): boolean =>
  (a.length - b.length || a.ids.length - b.ids.length || a.index - b.index) < 0;

/** Puts the first of a binary heap in its place: none is shorter than the one at half its position. */
function sink(heap: Task[]): void {
  for (let place = 0; ;) {
    let next = 2 * place + 1;
    if (next + 1 < heap.length && isShorter(heap[next + 1], heap[next])) next += 1;
    if (next >= heap.length || !isShorter(heap[next], heap[place])) return;
    [heap[place], heap[next]] = [heap[next], heap[place]];
    place = next;
  }
}

/** Tasks of about `target` each, as many as may be. */
export function taskCount(lengths: readonly number[], target: number, most: number): number {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  return Math.max(1, Math.min(most, lengths.length, Math.round(total / target)));
}

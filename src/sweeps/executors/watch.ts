/** Trains nothing: looks at what tasks that others started have done in the run directory. */
import { count, plural } from "../../core/numeric/words.js";
import type { SweepExecutor } from "../run/executor.js";
import type { RunDirectory } from "../store/run-directory.js";

export function watchTasks(directory: RunDirectory): SweepExecutor {
  return {
    place: "run directory",
    words: "tasks that others start",
    inFlight: 1,
    async begin(cells, _dataset, note) {
      let held = 0;
      for (const { id } of cells) if (await directory.cellHolder(id)) held += 1;
      note(
        `${plural(cells.length, "cell")} not ended: ${count(held)} running, ${count(cells.length - held)} not begun, waiting or lost`,
      );
    },
    train: () => Promise.resolve(undefined),
    cancel: () => undefined,
    detach: () => undefined,
    close: () => Promise.resolve(),
  };
}

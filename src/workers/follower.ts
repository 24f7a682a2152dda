/** A further thread of a cell: it has a network of its own, and does parts of the work at hand when its leader says so. */
import { CellPasses } from "../core/training/passes.js";
import { splitSamples } from "../core/data/splits.js";
import { floatsOf } from "../core/kernels/tensor.js";
import { buildNetwork } from "../core/training/build.js";
import { FAILED, IDLE, setState, takeParts, waitWhile, type FollowerData } from "./shared-cell.js";

/** Works until the thread is ended. An error, or an exit, goes to the leader as this follower's state. */
export function follow({ config, dataset, shared, index }: FollowerData): void {
  const { states, values, statistics, reason } = shared;
  const fail = (why: string): void => {
    if (Atomics.load(states, index) === FAILED) return;
    new TextEncoder().encodeInto(why, reason.subarray(0, reason.length - 1));
    setState(states, index, FAILED);
  };
  process.on("exit", (code) => fail(`thread ${index + 2} of the cell ended with exit code ${code}`));
  try {
    const network = buildNetwork(config, dataset);
    const passes = new CellPasses(config, network, splitSamples(config, dataset), shared.seen);
    for (;;) {
      setState(states, index, IDLE);
      waitWhile(states, index, IDLE);
      floatsOf(network.parameters.values).set(values);
      floatsOf(network.statistics).set(statistics);
      network.refresh();
      takeParts(passes, shared);
    }
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
}

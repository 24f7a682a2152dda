/** npm run worker: trains cells of sweeps that go through a queue in Redis. */
import os from "node:os";
import type { Dataset } from "../../core/data/dataset.js";
import { plural } from "../../core/numeric/words.js";
import { ENGINE_VERSION } from "../../core/version.js";
import { DEFAULT_STALL_SECONDS, type CellExecutor } from "../../workers/executor.js";
import { startPool } from "../../workers/pool.js";
import { connect } from "../../workers/queue.js";
import { work, type TakenCell } from "../../workers/queue-worker.js";
import { dataChoices } from "../data/datasets.js";
import { loadDataset } from "../data/load.js";
import { redisAddress } from "../executors/bullmq.js";
import { decodeOrder, encodeTrained } from "../executors/parcel.js";
import { runCell } from "../run/cell-run.js";
import { Interrupt } from "../run/interrupt.js";
import { checkMemory } from "../run/memory.js";
import { checkCell } from "../run/plan.js";
import { fittingCheckpoint } from "../run/resume.js";
import { withExecutor } from "../run/with-executor.js";
import { decodeCheckpoint, encodeCheckpoint } from "../store/checkpoint.js";
import { failureReason } from "../store/files.js";
import { endLine } from "./progress.js";
import { oneOf, parseOptions, threadsPerCellOf, wholeNumber, workersOf, type Streams } from "./command.js";

export const help = `npm run worker -- --redis redis://HOST:PORT [options]

Trains cells of the sweeps that npm run sweep -- SPEC.json --executor bullmq puts into this Redis, until it is ended (Ctrl-C):
then its cells stop, and go on elsewhere from what they have reached. Start one on each machine that has the code and the data.
It takes cells of its own engine version and data alone.

  --redis URL         Redis 6.2 or later, or Valkey: redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], or rediss:// for TLS
                      (default: $REDIS_URL, the way for a password: npm and lists of processes show what is typed here)
  --workers N         cells trained at once (default: the number of processor cores, ${os.availableParallelism()} here)
  --threads-per-cell N  threads that share the shards of a cell's batches, for cells with a shardSize (default: 1)
  --stall-timeout N   abort an attempt after N seconds without a finished batch (default: ${DEFAULT_STALL_SECONDS})
  --data NAME         the data that it trains on: ${dataChoices.join(", ")}
  --data-dir DIR      folder with labelled images: IDX files, .npz, or PNG files in a folder for each class

Exit codes: 2 wrong usage or input, or Redis cannot be used, 130 ended by Ctrl-C (143 by SIGTERM, 129 by SIGHUP).
`;

const options = {
  redis: { type: "string" },
  workers: { type: "string" },
  "threads-per-cell": { type: "string" },
  "stall-timeout": { type: "string" },
  data: { type: "string" },
  "data-dir": { type: "string" },
} as const;

/** Cells stop at their next batch, and their checkpoints go to Redis. */
const END_MILLISECONDS = 15_000;

export async function run(args: string[], { stdout, stderr }: Streams): Promise<number> {
  const { values } = parseOptions("worker", args, options, 0);
  const threadsPerCell = threadsPerCellOf(values["threads-per-cell"]);
  const workers = workersOf(values.workers, threadsPerCell);
  const stallSeconds = wholeNumber("stall-timeout", values["stall-timeout"], 1, 1_000_000) ?? DEFAULT_STALL_SECONDS;
  const data = oneOf("data", values.data, dataChoices) ?? "auto";
  const say = (line: string): void => void stdout.write(`${new Date().toISOString()} ${line}\n`);
  const connection = await connect(redisAddress(values.redis), (line) => stderr.write(`${line}\n`));
  try {
    const loaded = await loadDataset({
      data,
      dataDir: values["data-dir"],
      onProgress: (line) => stdout.write(`${line}\n`),
    });
    if (loaded.notice) stderr.write(`${loaded.notice}\n`);
    const { dataset } = loaded;
    const start = (): Promise<CellExecutor> => startPool(workers, { threadsPerCell, stallSeconds, say });
    const interrupt = new Interrupt({ limitMilliseconds: END_MILLISECONDS });
    const serve = async (pool: CellExecutor): Promise<number> => {
      const ended = new Promise<void>((resolve) => interrupt.setStop(() => resolve()));
      const trainer: Trainer = { dataset, pool, workers, threadsPerCell, say };
      const { name: datasetName, digest: dataDigest } = dataset;
      const { announcement, close } = await work(connection, {
        ...{ engineVersion: ENGINE_VERSION, dataset: datasetName, dataDigest, workers },
        process: (taken) => trainTaken(taken, trainer),
      });
      say(
        `${announcement.name} at ${connection.shown} takes ${plural(workers, "cell")} at once, of engine version ${ENGINE_VERSION} on ${datasetName} ${dataDigest.slice(0, 8)}`,
      );
      await ended;
      await close();
      return interrupt.exitCode ?? 0;
    };
    return await withExecutor(start, serve, interrupt);
  } finally {
    connection.close();
  }
}

interface Trainer {
  dataset: Dataset;
  pool: CellExecutor;
  workers: number;
  threadsPerCell: number;
  say: (line: string) => void;
}

/** @returns the trained cell; undefined where it was stopped @throws Error where it cannot be trained here */
async function trainTaken(
  { id, data, checkpoint, signal, tell, saveCheckpoint }: TakenCell,
  { dataset, pool, workers, threadsPerCell, say }: Trainer,
): Promise<Uint8Array | undefined> {
  const note = (line: string): void => say(`${id}: ${line}`);
  const { retries, init, until, ...cell } = decodeOrder(data, id);
  checkCell(cell.config, dataset, id);
  checkMemory([cell.config], dataset, workers, id, threadsPerCell);
  const resume = checkpoint && fittingCheckpoint(found(checkpoint, id), cell, dataset, note);
  if (!resume) note(`epoch 1 of ${cell.config.epochs}`);
  const trained = await runCell({
    ...{ cell, dataset, executor: pool, retries, init, until, resume, signal },
    onMessage: tell,
    onRetry: (reason) => note(`${reason}; trying again`),
    cancelled: () => signal.aborted,
    save: (state) =>
      saveCheckpoint(encodeCheckpoint(state)).catch((error: unknown) =>
        note(`its checkpoint cannot be kept: ${failureReason(error)}; training goes on without`),
      ),
    where: { executor: "bullmq", host: os.hostname() },
  });
  say(trained ? endLine(trained.record) : `${id}: stopped`);
  return trained && encodeTrained(trained);
}

function found(bytes: Uint8Array, source: string): Parameters<typeof fittingCheckpoint>[0] {
  try {
    return { kind: "valid", checkpoint: decodeCheckpoint(bytes, `the checkpoint of ${source}`) };
  } catch (error) {
    return { kind: "damaged", reason: (error as Error).message };
  }
}

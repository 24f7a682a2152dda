/** The queue's side that trains cells: takes them one by one, and keeps nothing of a cell that was given to another worker. */
import { randomUUID } from "node:crypto";
import type { EventEmitter } from "node:events";
import os from "node:os";
import { Outbox } from "./outbox.js";
import type { CellMessage } from "./protocol.js";
import {
  MOST_STALLS,
  cellKeys,
  queueName,
  tidy,
  workerKey,
  type Announcement,
  type Job,
  type QueueConnection,
  type QueueEventsListener,
} from "./queue.js";

/** A cell that a worker has taken. */
export interface TakenCell {
  id: string;
  data: string;
  checkpoint?: Uint8Array;
  /** Stop at the next batch; what `saveCheckpoint` is given until then is kept, unless another worker has the cell by now. */
  signal: AbortSignal;
  tell: (message: CellMessage) => void;
  /** Resolves when it is kept, or need not be. */
  saveCheckpoint: (checkpoint: Uint8Array) => Promise<void>;
}

/** @returns the result, or undefined where it stopped for `signal`; rejects where the cell failed */
export type ProcessCell = (cell: TakenCell) => Promise<Uint8Array | undefined>;

export interface WorkOptions extends Pick<Announcement, "engineVersion" | "dataset" | "dataDigest" | "workers"> {
  process: ProcessCell;
  /** A worker not heard of for this long has lost its cells; LOCK_MILLISECONDS by default. */
  lockMilliseconds?: number;
}

export interface QueueWorker {
  announcement: Announcement;
  /** Cells that train stop at their next batch and go back to the queue with their checkpoints, if the server is there. */
  close: () => Promise<void>;
}

/** With the checks for lost cells, every 4 s and of two in a row, a dead worker's cells go on elsewhere within 20 s. */
const LOCK_MILLISECONDS = 10_000;
const ANNOUNCE_MILLISECONDS = 5000;

/** Sets KEYS[2] where the job's lock KEYS[1] is still ours: a worker that was frozen leaves nothing behind. */
const SET_IF_HELD = `
if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
redis.call("SET", KEYS[2], ARGV[2])
return 1`;

/** Why a cell stops. */
type Stop = "taken back" | "closing" | "lost";
interface StopListener extends QueueEventsListener {
  stop: (event: { jobId: string }, eventId: string) => void;
}

/** Takes cells from the queue of this engine version and data until it is closed. */
export async function work(connection: QueueConnection, options: WorkOptions): Promise<QueueWorker> {
  const { bullmq, redis } = connection;
  const { engineVersion, dataset, dataDigest, workers, process: processCell } = options;
  const lockDuration = options.lockMilliseconds ?? LOCK_MILLISECONDS;
  const queue = queueName(engineVersion, dataDigest);
  const host = os.hostname();
  const { pid } = process;
  const name = `${host}-${pid}-${randomUUID().slice(0, 8)}`;
  const announcement: Announcement = { name, host, pid, engineVersion, dataset, dataDigest, workers };
  const announce = (): void =>
    void redis
      .set(workerKey(name), JSON.stringify(announcement), "PX", 3 * ANNOUNCE_MILLISECONDS)
      .catch(() => undefined);

  const running = new Map<string, AbortController>();
  const stop = (id: string, reason: Stop): void => running.get(id)?.abort(reason);
  const worker = new bullmq.Worker<string, null>(
    queue,
    async (job, token) => {
      const cell = job as Job<string> & { id: string };
      const controller = new AbortController();
      running.set(cell.id, controller);
      try {
        await processJob({ connection, queue, job: cell, token: token!, controller, processCell });
      } catch (error) {
        if (!controller.signal.aborted) throw error;
      } finally {
        // This process may have taken it anew meanwhile.
        if (running.get(cell.id) === controller) running.delete(cell.id);
      }
      const reason = controller.signal.reason as Stop | undefined;
      if (reason === "closing") await job.moveToWait(token).catch(() => undefined);
      // What tells BullMQ that the job is in other hands already.
      if (reason === "closing" || reason === "lost") throw new bullmq.WaitingError();
      return null;
    },
    {
      connection: redis,
      concurrency: workers,
      name,
      lockDuration,
      stalledInterval: 0.4 * lockDuration,
      maxStalledCount: MOST_STALLS,
    },
  );
  const events = new bullmq.QueueEvents(queue, { connection: redis });
  for (const part of [worker, events] as EventEmitter[]) part.on("error", () => undefined);
  worker.on("lockRenewalFailed", (ids) => ids.forEach((id) => stop(id, "lost")));
  events.on<StopListener>("stop", ({ jobId }: { jobId: string }) => stop(jobId, "taken back"));
  await Promise.all([worker.waitUntilReady(), events.waitUntilReady()]);
  announce();
  const timer = setInterval(announce, ANNOUNCE_MILLISECONDS);

  const close = async (): Promise<void> => {
    clearInterval(timer);
    // A server that is away cannot be given the cells back: they are found missing when their locks run out.
    const there = connection.isThere();
    // First: a worker that closes takes no other cell in the place of those that stop.
    const parts = Promise.all([worker.close(!there), events.close()]);
    for (const id of running.keys()) stop(id, "closing");
    if (!there) return void parts.catch(() => undefined);
    await parts;
    await redis.del(workerKey(name));
    await tidy(connection, queue);
  };
  return { announcement, close };
}

interface RunningJob {
  connection: QueueConnection;
  queue: string;
  job: Job<string> & { id: string };
  token: string;
  controller: AbortController;
  processCell: ProcessCell;
}

/** Returns when the cell has stopped, or its result is kept. */
async function processJob({ connection, queue, job, token, controller, processCell }: RunningJob): Promise<void> {
  const { redis } = connection;
  const keys = cellKeys(queue, job.id);
  const keep = async (key: string, bytes: Uint8Array): Promise<void> => {
    const kept = await redis.eval(SET_IF_HELD, 2, keys.lock, key, token, Buffer.from(bytes));
    if (kept === 0) controller.abort("lost" satisfies Stop);
  };
  const outbox = new Outbox((text) => job.updateProgress(text));
  const result = await processCell({
    id: job.id,
    data: job.data,
    checkpoint: (await redis.getBuffer(keys.checkpoint)) ?? undefined,
    signal: controller.signal,
    tell: (message) => outbox.add(message),
    saveCheckpoint: (checkpoint) => keep(keys.checkpoint, checkpoint),
  }).finally(() => outbox.close());
  if (result) await keep(keys.result, result);
  else if (!controller.signal.aborted) throw new Error("ended without a result");
}

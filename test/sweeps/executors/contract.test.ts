/** What every executor keeps to: the same cells, stopped and gone on with, end with the same records wherever they train. */
import { comparableResult } from "../../../src/core/check/compare-results.js";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { standIn } from "../../../src/sweeps/data/datasets.js";
import { localExecutor } from "../../../src/sweeps/executors/local.js";
import type { ExecutorName } from "../../../src/sweeps/executors/table.js";
import type { SweepExecutor } from "../../../src/sweeps/run/executor.js";
import { planCells } from "../../../src/sweeps/run/plan.js";
import { recordPlan } from "../../../src/sweeps/run/plan-sweep.js";
import { runCells } from "../../../src/sweeps/run/run.js";
import { surveyCells } from "../../../src/sweeps/run/survey.js";
import { parseSpec } from "../../../src/sweeps/spec/spec.js";
import { type CellRecord } from "../../../src/sweeps/store/record.js";
import { RunDirectory } from "../../../src/sweeps/store/run-directory.js";
import type { CellMessage } from "../../../src/workers/protocol.js";
import { build, built } from "../../workers/built.js";
import { redisMissing, startRedis } from "../../workers/redis-server.js";
import { startSlurm, whyNoSlurm } from "../../workers/slurm-cluster.js";
import { executorHere, temporaryFolder } from "../fixtures.js";
import { startHandgrad } from "../handgrad.js";

const dataset = standIn.draw(600, 100);
const spec = parseSpec(
  JSON.stringify({
    name: "contract",
    base: { model: { kind: "mlp", hidden: [20] }, optimizer: "nesterov", trainLimit: 600, testLimit: 100 },
    variants: [{ set: { epochs: 3 }, axes: { seed: [0, 1] } }, { set: { epochs: 2000, testLimit: 10 } }],
  }),
  "contract.json",
);
const cells = planCells(spec, dataset, "contract.json");
const short = cells.filter(({ config }) => config.epochs === 3);
const long = cells.filter(({ config }) => config.epochs === 2000);
interface Heard {
  id: string;
  message: CellMessage;
}

interface Running {
  directory: RunDirectory;
  executor: SweepExecutor;
  chosen: typeof cells;
  heard?: (heard: Heard) => void;
  cancelled?: () => boolean;
}

async function trainAll({ directory, executor, chosen, heard, cancelled = () => false }: Running) {
  await directory.prepare();
  await recordPlan({ spec, source: "contract.json", directory }, { dataset, cells }, { workers: 0, fresh: false });
  const surveys = (await surveyCells(directory, cells, false)).filter(({ cell }) => chosen.includes(cell));
  const observer = {
    cellStarted: () => undefined,
    cellMessage: ({ id }: { id: string }, message: CellMessage) => heard?.({ id, message }),
    cellEnded: () => undefined,
    note: () => undefined,
  };
  return runCells({
    ...{ directory, surveys, dataset, executor, observer, cancelled },
    ...{ fresh: false, retries: 0, failFast: false },
  });
}

/** The short ones trained on this thread, the long one on the pool, each in one go. */
const expected = new Map<string, CellRecord>();
let table: typeof import("../../../src/sweeps/executors/table.js");
beforeAll(async () => {
  await build();
  table = await built("sweeps/executors/table.js");
  const { startPool } = await built<typeof import("../../../src/workers/pool.js")>("workers/pool.js");
  const directory = new RunDirectory(temporaryFolder());
  for (const [executor, chosen] of [
    [localExecutor(executorHere().executor, 1), short],
    [localExecutor(await startPool(1), 1), long],
  ] as const) {
    for (const [id, record] of await trainAll({ directory, executor, chosen })) expected.set(id, record);
    await executor.close();
  }
}, 300_000);

interface Rig {
  options: { redis?: string };
  stop: () => Promise<unknown>;
}

/** What an executor needs to be there. */
const rigs: Record<ExecutorName, { missing?: string; start: () => Promise<Rig> }> = {
  local: { start: () => Promise.resolve({ options: {}, stop: () => Promise.resolve() }) },
  slurm: {
    missing: whyNoSlurm(),
    async start() {
      const { env, stop } = await startSlurm();
      Object.assign(process.env, env);
      return { options: {}, stop };
    },
  },
  bullmq: {
    missing: redisMissing,
    async start() {
      const server = await startRedis();
      const args = ["worker", "--redis", server.url, "--data", "synthetic", "--workers", "2"];
      const worker = startHandgrad(temporaryFolder(), args);
      const stop = async (): Promise<void> => {
        worker.signal("SIGTERM");
        await worker.finished;
        await server.stop();
      };
      return { options: { redis: server.url }, stop };
    },
  },
};

describe.each(Object.keys(rigs) as ExecutorName[])("the executor %s", (name) => {
  const { missing, start } = rigs[name];
  const check = missing === undefined ? test : test.skip;
  let rig: Rig | undefined;
  beforeAll(async () => {
    if (missing === undefined) rig = await start();
    else console.warn(missing);
  }, 180_000);
  afterAll(() => rig?.stop());

  const executorIn = async (directory: RunDirectory): Promise<SweepExecutor> =>
    table.executors[name]({
      directory,
      output: { say: () => undefined, warn: () => undefined, show: () => Promise.reject(new Error("not shown")) },
      ...{ workers: 2, threadsPerCell: 1, stallSeconds: 60, retries: 0, fresh: false, wait: true, taskMinutes: 10 },
      ...rig?.options,
    });

  check("trains cells to the bits that they have anywhere, tells their progress, and says where", async () => {
    const directory = new RunDirectory(temporaryFolder());
    const executor = await executorIn(directory);
    const heard: Heard[] = [];
    const records = await trainAll({ directory, executor, chosen: short, heard: (one) => heard.push(one) });
    const count = heard.length;
    await executor.close();
    expect(heard).toHaveLength(count);
    for (const { id } of short) {
      const record = records.get(id) as CellRecord;
      expect(comparableResult(record)).toBe(comparableResult(expected.get(id) as CellRecord));
      expect(await directory.readRecord(id)).toEqual({ kind: "valid", record });
      expect(await directory.readWeights(record)).toHaveLength(record.parameters);
      expect(record.run.where?.executor).toBe(name === "local" ? undefined : name);
      const messages = heard.filter((one) => one.id === id).map(({ message }) => message);
      const rows = messages.flatMap((message) => (message.kind === "epochs" ? message.curve : []));
      expect(rows).toEqual(record.curve.slice(0, rows.length));
    }
    expect(heard.length).toBeGreaterThan(0);
  });

  check("fails a cell whose record has no place, says why, and trains others", async () => {
    const directory = new RunDirectory(temporaryFolder());
    const executor = await executorIn(directory);
    const [odd, other] = short;
    await directory.prepare();
    writeFileSync(path.join(directory.folder, odd.id), "in the place of its folder");
    const records = await trainAll({ directory, executor, chosen: short });
    await executor.close();
    const failed = records.get(odd.id);
    const reason = expect.stringContaining("a file stands where a folder should be") as string;
    expect([failed?.status, failed?.error]).toEqual(["failed", reason]);
    expect(records.get(other.id)?.status).toBe("done");
  });

  check("stops a cell when cancelled; another one goes on from there, to the same bits", async () => {
    const directory = new RunDirectory(path.join(temporaryFolder(), "Läufe, two words"));
    const first = await executorIn(directory);
    let cancelled = false;
    const stopped = await trainAll({
      ...{ directory, executor: first, chosen: long, cancelled: () => cancelled },
      heard: ({ message }) => {
        if (cancelled || message.kind !== "epochs") return;
        cancelled = true;
        first.cancel();
      },
    });
    await first.close();
    expect([...stopped.keys()]).toEqual([]);
    const kept = await directory.readCheckpoint(long[0].id);
    expect(kept.kind).toBe("valid");
    const second = await executorIn(directory);
    const record = (await trainAll({ directory, executor: second, chosen: long })).get(long[0].id) as CellRecord;
    await second.close();
    expect(comparableResult(record)).toBe(comparableResult(expected.get(long[0].id) as CellRecord));
    expect(record.run.resumes).toBeGreaterThanOrEqual(1);
    expect((await directory.readCheckpoint(long[0].id)).kind).toBe("none");
  });
});

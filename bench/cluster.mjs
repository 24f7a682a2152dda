#!/usr/bin/env node
// What a cell costs beside its training, by executor, and what breaks first with many machines: npm run bench:cluster
//
// Trivial cells by the local executor, by BullMQ's workers and in a Slurm task, in turns, medians of the rounds; then what
// messages, checkpoints and file operations cost, and what follows for a day of real cells (bench/cluster/model.mjs says
// what it assumes). Redis and a one-node Slurm are those of the tests, on this machine, whose cores all share: ratios count.
import { parseArgs } from "node:util";
import { bullmq, local, slurm, slurmTasks } from "./cluster/executors.mjs";
import { fileOperations } from "./cluster/file-operations.mjs";
import { ASSUMED, day, limits } from "./cluster/model.mjs";
import { fromTests } from "../scripts/from-tests.mjs";
import { traffic } from "./cluster/traffic.mjs";
import { median } from "./median.mjs";
import { temporaryFolder } from "./temporary.mjs";

const USAGE = `npm run bench:cluster [-- --json] [--cells N] [--rounds N]
Rounds (3) of N (100) trivial cells: two threads of one process, BullMQ with 1, 2 and 4 workers of one thread, and one task
of Slurm's; what messages and checkpoints cost; a day of ${ASSUMED.cells.toLocaleString("en")} cells on ${ASSUMED.machines} machines; what is used up first.
--json prints one object on standard output and nothing else there.
`;
const PROCESSES = [1, 2, 4];
const LISTENERS = 9;
const TASKS = 20;

function readOptions() {
  try {
    const string = { type: "string" };
    const { values } = parseArgs({
      options: { json: { type: "boolean" }, cells: string, rounds: string, help: { type: "boolean", short: "h" } },
    });
    const number = (name, usual, most) => {
      const value = Number(values[name] ?? usual);
      if (Number.isInteger(value) && value >= 1 && value <= most) return value;
      throw new Error(`--${name}: got "${values[name]}", expected a whole number from 1 to ${most}`);
    };
    return { ...values, cells: number("cells", 100, 10_000), rounds: number("rounds", 3, 100) };
  } catch (error) {
    const [message] = error.message.split(/\. |\n/);
    console.error(`bench:cluster: ${message}; npm run bench:cluster -- --help explains`);
    return process.exit(2);
  }
}

/** The median of each figure. */
const medians = (rounds) =>
  Object.fromEntries(Object.keys(rounds[0]).map((name) => [name, median(rounds.map((round) => round[name]))]));

/** Executors take turns, after one round that does not count. */
async function byExecutor({ cells, rounds }, started, note) {
  const { withRedis, cluster, tools } = started;
  const contenders = {
    "local, 2 threads": () => local(cells, 2),
    ...(withRedis &&
      Object.fromEntries(
        PROCESSES.map((number) => [
          `BullMQ, workers: ${number}`,
          () => withRedis((url) => bullmq(cells, number, url, tools)),
        ]),
      )),
    ...(cluster && { "Slurm, one task": () => slurm(cells, cluster) }),
  };
  const results = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++)
    for (const [name, run] of Object.entries(contenders)) {
      const figures = await run();
      note(
        `${round === 0 ? "warm-up" : `round ${round} of ${rounds}`}: ${name}: ${figures.cellsPerSecond.toFixed(1)} cells/s`,
      );
      if (round > 0) results[name].push(figures);
    }
  return Object.fromEntries(Object.entries(results).map(([name, list]) => [name, medians(list)]));
}

/** Costs of a message with and without further listeners tell what one listener costs. */
async function trafficCosts(withRedis, tools, note) {
  note("messages and checkpoints …");
  const alone = await withRedis((url) => traffic(url, 0, tools));
  const heard = await withRedis((url) => traffic(url, LISTENERS, tools));
  const perReader = (name) => Math.max(0, (heard.message[name] - alone.message[name]) / LISTENERS);
  const reader = { redisCpu: perReader("redisCpu"), bytesOut: perReader("bytesOut") };
  // The worker that speaks listens, too; the model counts it among the machines.
  const base = (name) => Math.max(0, alone.message[name] - reader[name]);
  const message = { ownCpu: alone.message.ownCpu, redisCpu: base("redisCpu"), bytesOut: base("bytesOut") };
  return { message, reader, megabyte: alone.megabyte };
}

async function ownRedis({ startRedis }, use) {
  const redis = await startRedis();
  try {
    return await use(redis.url);
  } finally {
    await redis.stop();
  }
}

async function measure(options, note) {
  const tools = await fromTests(["process", "workers/redis-server", "workers/slurm-cluster"]);
  const noRedis = tools.redisMissing;
  const noSlurm = tools.whyNoSlurm();
  for (const line of [noRedis, noSlurm]) if (line !== undefined) note(`left out: ${line}`);
  /** Each use has a server of its own. */
  const withRedis = noRedis === undefined ? (use) => ownRedis(tools, use) : undefined;
  const cluster = noSlurm === undefined ? await tools.startSlurm() : undefined;
  try {
    const executors = await byExecutor(options, { withRedis, cluster, tools }, note);
    const costs = withRedis && (await trafficCosts(withRedis, tools, note));
    if (cluster) note("tasks of Slurm's …");
    const tasks = cluster && (await slurmTasks(TASKS, cluster));
    note("file operations …");
    const files = await fileOperations();
    if (!files) note("left out: no strace, so no count of file operations");
    const measured = { executors, costs, tasks, files };
    if (!costs) return measured;
    const model = { costs, tasks, files, bullmq: executors["BullMQ, workers: 1"], slurm: executors["Slurm, one task"] };
    const followsFor = (cells) => ({ hours: day(model, cells), machines: limits(model, cells) });
    return { ...measured, assumed: ASSUMED, oneCellAMachine: followsFor(1), sixteenCellsAMachine: followsFor(16) };
  } finally {
    await cluster?.stop();
  }
}

function text({ executors, costs, tasks, files, oneCellAMachine, sixteenCellsAMachine }) {
  const lines = [
    "| executor | cells/s | beside training, ms a cell and thread | CPU of the sweep, ms a cell |",
    "|---|---|---|---|",
  ];
  for (const [name, { cellsPerSecond, overheadMilliseconds, sweepCpuMilliseconds }] of Object.entries(executors))
    lines.push(
      `| ${name} | ${cellsPerSecond.toFixed(0)} | ${overheadMilliseconds.toFixed(1)} | ${sweepCpuMilliseconds.toFixed(1)} |`,
    );
  if (tasks)
    lines.push(
      "",
      `Slurm starts ${tasks.tasksPerSecond.toFixed(1)} tasks a second here that train one trivial cell, ${tasks.emptyTasksPerSecond.toFixed(1)} that do nothing; a look at ${TASKS} takes squeue ${(1000 * tasks.squeueSeconds).toFixed(0)} ms.`,
    );
  if (files)
    lines.push(
      "",
      `On the shared file system: ${files.cell} calls a cell, ${files.checkpoint} a checkpoint, ${files.renewal} a renewal of a lock.`,
    );
  if (!costs) return `${lines.join("\n")}\n`;
  const { message, reader, megabyte } = costs;
  const micro = (seconds) => `${(1e6 * seconds).toFixed(0)} µs`;
  lines.push(
    "",
    `A message: ${micro(message.ownCpu)} CPU of the sweep; ${micro(message.redisCpu)} CPU of Redis, ${micro(reader.redisCpu)} and ${reader.bytesOut.toFixed(0)} bytes more for each process that listens.`,
    `A megabyte, kept: ${(1000 * megabyte.seconds).toFixed(1)} ms, of them ${(1000 * megabyte.redisCpu).toFixed(1)} ms CPU of Redis.`,
  );
  const { cells, machines, minutes } = ASSUMED;
  const sides = { "1 cell": oneCellAMachine, "16 cells": sixteenCellsAMachine };
  for (const [each, { hours, machines: used }] of Object.entries(sides)) {
    const took = Object.entries(hours).map(([name, number]) => `${name} ${number.toFixed(2)} h`);
    const first = Object.entries(used).sort(([, a], [, b]) => a - b);
    lines.push(
      "",
      `${cells.toLocaleString("en")} cells of ${minutes} min on ${machines} machines of ${each} at once: ${took.join(", ")}.`,
      `Used up at so many machines: ${first.map(([name, number]) => `${name} ${number.toLocaleString("en")}`).join("; ")}.`,
    );
  }
  return `${lines.join("\n")}\n`;
}

const options = readOptions();
if (options.help) process.stdout.write(USAGE);
else {
  process.env.TMPDIR = temporaryFolder("bench");
  const results = await measure(options, (line) => process.stderr.write(`${line}\n`));
  process.stdout.write(options.json ? `${JSON.stringify(results)}\n` : text(results));
}

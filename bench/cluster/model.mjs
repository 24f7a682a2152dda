// From what was measured to what was not: a day of many cells on many machines, simulated event by event, and the number of
// machines at which each resource is used up. Everything assumed stands in ASSUMED.
export const ASSUMED = {
  cells: 10_000,
  machines: 100,
  /** Of a cell: lognormal. */
  minutes: 10,
  sigma: 0.5,
  /** Of checkpoints and results. */
  megabytes: 1,
  checkpointSeconds: 60,
  /** The most that a cell may tell. */
  messagesPerSecond: 2,
  /** Opening, writing and closing the file of a task's progress. */
  operationsPerMessage: 3,
  renewalSeconds: 10,
  /** Of Redis' machine. */
  networkMegabytes: 1250,
  memoryMegabytes: 16_000,
  /** Of a shared file system, a second. */
  fileOperations: 10_000,
  /** Slurm's MaxArraySize. */
  tasks: 1001,
  /** --task-minutes; --workers is the number of cells that a machine trains at once. */
  taskMinutes: 10,
  /** Of a machine. */
  daysBetweenDeaths: 7,
  /** Until a dead machine's cells go on: a queue's lock; Slurm's requeue and the lease of a cell. */
  silenceSeconds: { bullmq: 20, slurm: 210 },
};

/** How much of each resource so many cells in training use up, from 0; 1 is all of it. */
export function usage({ costs, bullmq, files }, machines, cellsPerMachine) {
  const { minutes, megabytes, checkpointSeconds, messagesPerSecond, operationsPerMessage, renewalSeconds } = ASSUMED;
  const cells = machines * cellsPerMachine;
  const [messages, results, saves] = [cells * messagesPerSecond, cells / (60 * minutes), cells / checkpointSeconds];
  const { message, reader, megabyte } = costs;
  const bytesOut = messages * (message.bytesOut + machines * reader.bytesOut) + results * megabytes * 1e6;
  const shared =
    files &&
    results * files.cell +
      saves * files.checkpoint +
      (cells / renewalSeconds) * files.renewal +
      messages * operationsPerMessage;
  return {
    "the sweep's CPU": messages * message.ownCpu + results * bullmq.sweepCpuMilliseconds * 1e-3,
    "a worker's CPU, listening (of one core)": messages * message.ownCpu,
    "Redis' CPU":
      messages * (message.redisCpu + machines * reader.redisCpu) + (saves + results) * megabytes * megabyte.redisCpu,
    "Redis' network": (bytesOut / 1e6 + saves * megabytes) / ASSUMED.networkMegabytes,
    "Redis' memory": (cells * megabytes) / ASSUMED.memoryMegabytes,
    ...(files && { "shared file system's operations": shared / ASSUMED.fileOperations }),
  };
}

/** Machines at which a resource is used up. */
export function limits(measured, cellsPerMachine) {
  const names = Object.keys(usage(measured, 1, cellsPerMachine));
  return Object.fromEntries(
    names.map((name) => {
      let [low, high] = [0, 1e6];
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (usage(measured, middle, cellsPerMachine)[name] < 1) low = middle;
        else high = middle;
      }
      return [name, high];
    }),
  );
}

/** Numbers in [0, 1), the same at every run (mulberry32). */
function randomNumbers(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Seconds that a cell takes on a machine that may die meanwhile. */
function durations(silenceSeconds) {
  const { cells, minutes, sigma, checkpointSeconds, daysBetweenDeaths } = ASSUMED;
  const random = randomNumbers(1);
  return Array.from({ length: cells }, () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const seconds = 60 * minutes * Math.exp(sigma * normal - sigma ** 2 / 2);
    const dies = random() < seconds / (86_400 * daysBetweenDeaths);
    return seconds + (dies ? silenceSeconds + checkpointSeconds / 2 : 0);
  });
}

/**
 * One after the other, in the order in which they come.
 * @param share of its time that is used otherwise; of what is used up a hundredth is left, as a cell that tells waits for its message to be taken
 */
function server(share) {
  let free = 0;
  return (time, seconds) => (free = Math.max(time, free) + seconds / (1 - Math.min(share, 0.99)));
}

/**
 * The place that is free first takes the next of the loads, which then end in the order of their ends.
 * @param lasts how long a load is on its place, from when @param ended tells when the place is free again @returns when all are
 */
function simulate(places, loads, lasts, ended = (time) => time) {
  const until = new Float64Array(Math.min(places, loads.length)).map((_, i) => lasts(loads[i], 0));
  let end = 0;
  for (let i = 0; i < loads.length; i++) {
    let first = 0;
    for (let place = 1; place < until.length; place++) if (until[place] < until[first]) first = place;
    const free = ended(until[first]);
    end = Math.max(end, free);
    const next = i + until.length;
    until[first] = next < loads.length ? free + lasts(loads[next], free) : Infinity;
  }
  return end;
}

/** Hours that all cells take: by each executor, and were there nothing but training. */
export function day(measured, cellsPerMachine) {
  const { machines, megabytes, minutes, tasks, taskMinutes, silenceSeconds } = ASSUMED;
  const places = machines * cellsPerMachine;
  const shares = usage(measured, machines, cellsPerMachine);
  const total = (seconds) => seconds.reduce((sum, each) => sum + each, 0);
  const cells = durations(silenceSeconds.bullmq);
  const redis = server(shares["Redis' CPU"]);
  const sweep = server(shares["the sweep's CPU"]);
  let stored = 0;
  const { megabyte } = measured.costs;
  const each = measured.bullmq.overheadMilliseconds / 1000;
  const workers = simulate(
    places,
    cells,
    (seconds) => seconds + each,
    (time) => {
      const kept = redis(time, megabytes * megabyte.redisCpu);
      stored = sweep(kept, measured.bullmq.sweepCpuMilliseconds / 1000);
      return kept;
    },
  );
  const hours = { ideal: total(durations(0)) / places / 3600, bullmq: Math.max(workers, stored) / 3600 };
  if (!measured.slurm) return hours;
  // A task has a machine, and as many cells as last --task-minutes; which of them are long is not known beforehand.
  const number = Math.min(tasks, Math.round((cells.length * minutes) / (taskMinutes * cellsPerMachine)));
  const packed = Array.from({ length: number }, () => []);
  durations(silenceSeconds.slurm).forEach((seconds, i) =>
    packed[i % number].push(seconds + measured.slurm.overheadMilliseconds / 1000),
  );
  const launch = server(0);
  const { emptyTasksPerSecond, tasksPerSecond } = measured.tasks;
  const lasts = (task, time) =>
    launch(time, 1 / emptyTasksPerSecond) - time + 1 / tasksPerSecond + simulate(cellsPerMachine, task, (cell) => cell);
  return { ...hours, slurm: simulate(machines, packed, lasts) / 3600 };
}

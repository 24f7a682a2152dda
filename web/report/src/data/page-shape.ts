/** What data must be for the page to draw them. Every field that the page may read is named here; the compiler sees to that. */
import type { TrainConfig } from "../../../../src/core/config.js";
import type { EpochMetrics, Mistake, StepLosses, TestMetrics } from "../../../../src/core/training/result.js";
import type {
  FirstLayerFilters,
  LatestRun,
  LiveStatus,
  ReportData,
  ReportImages,
} from "../../../../src/sweeps/page/report-data.js";
import type { Search } from "../../../../src/sweeps/spec/search.js";
import type { CellRecord, RunFacts } from "../../../../src/sweeps/store/record.js";

/** @returns where in the value something else stands, and what is missing there; undefined where it is as it must be */
type Check = (value: unknown) => string | undefined;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const text: Check = (value) => (typeof value === "string" ? undefined : " is no text");
const number: Check = (value) => (Number.isFinite(value) ? undefined : " is no finite number");
const flag: Check = (value) => (typeof value === "boolean" ? undefined : " is neither true nor false");
const NOT_FINITE = new Set<unknown>(["NaN", "Infinity", "-Infinity"]);
/** A result, which may be absent (null too), or not finite and then written as text. */
const figure: Check = (value) =>
  typeof value === "number" || value === undefined || value === null || NOT_FINITE.has(value)
    ? undefined
    : " is no number";

const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || value === null ? undefined : check(value);

/** Sweeps of a thousand cells have a million values: what is in order is passed by without a closure or a copy. */
const list =
  (item: Check): Check =>
  (value) => {
    if (!Array.isArray(value)) return " is no list";
    for (let i = 0; i < value.length; i++) {
      const fault = item(value[i]);
      if (fault !== undefined) return `[${i}]${fault}`;
    }
    return undefined;
  };

const table =
  (item: Check): Check =>
  (value) =>
    isObject(value) ? among(Object.keys(value), () => item)(value) : " is no object";

/** The first fault among some fields of an object. */
const among =
  (names: readonly string[], checkOf: (index: number) => Check) =>
  (value: Record<string, unknown>): string | undefined => {
    for (let i = 0; i < names.length; i++) {
      const fault = checkOf(i)(value[names[i]]);
      if (fault !== undefined) return `.${names[i]}${fault}`;
    }
    return undefined;
  };

function shape<T>(fields: { [K in keyof T]-?: Check }): Check {
  const checks = Object.values<Check>(fields);
  const fault = among(Object.keys(fields), (i) => checks[i]);
  return (value) => (isObject(value) ? fault(value) : " is no object");
}

const row = shape<EpochMetrics>({
  epoch: number,
  trainLoss: figure,
  trainAccuracy: figure,
  testLoss: figure,
  testAccuracy: figure,
  validationLoss: figure,
  validationAccuracy: figure,
});

/** Reference results lack some of them; `where` reaches no page. */
const run = shape<Omit<RunFacts, "where">>({
  startedAt: optional(text),
  seconds: figure,
  trainSeconds: figure,
  testSeconds: figure,
  setupSeconds: figure,
  samplesPerSecond: figure,
  node: optional(text),
  platform: optional(text),
  cpu: optional(text),
  simdBits: optional(number),
  retries: figure,
  retryReasons: optional(list(text)),
  resumes: figure,
  kernelCheck: optional(shape<NonNullable<RunFacts["kernelCheck"]>>({ samples: figure, seconds: figure })),
});

const kind = shape<{ kind: string }>({ kind: text });

const cell = shape<CellRecord>({
  id: text,
  config: shape<Pick<TrainConfig, "model" | "optimizer" | "seed" | "permutation">>({
    model: kind,
    optimizer: kind,
    seed: number,
    permutation: number,
  }),
  dataset: optional(text),
  dataDigest: optional(text),
  engineVersion: figure,
  status: text,
  error: optional(text),
  curve: list(row),
  steps: optional(shape<StepLosses>({ every: number, loss: list(figure) })),
  parameters: figure,
  confusion: optional(list(list(number))),
  mistakes: optional(list(shape<Mistake>({ index: number, label: number, predicted: number, confidence: figure }))),
  test: optional(shape<TestMetrics>({ loss: figure, accuracy: figure })),
  weightsDigest: optional(text),
  run,
});

const live = shape<LiveStatus>({
  startedAt: number,
  heartbeat: number,
  nextHeartbeat: optional(number),
  running: list(
    shape<LiveStatus["running"][number]>({
      id: text,
      epoch: number,
      epochs: number,
      loss: figure,
      samplesPerSecond: figure,
    }),
  ),
  done: number,
  total: number,
  etaSeconds: figure,
});

const images = shape<ReportImages>({
  samples: list(shape<ReportImages["samples"][number]>({ label: number, pixels: text })),
  test: table(text),
  drawn: optional(flag),
});

type Parts = NonNullable<ReportData["parts"]>;
type Weights = NonNullable<Parts["weights"]>;
const parts = shape<Parts>({
  images: optional(shape<NonNullable<Parts["images"]>>({ name: text, pieces: number, bytes: number })),
  weights: optional(
    shape<Weights>({
      name: text,
      pieces: number,
      cells: list(shape<Weights["cells"][number]>({ id: text, bytes: number })),
    }),
  ),
});

type Samples = NonNullable<Search["samples"]>;
const anything: Check = () => undefined;
const search = shape<Search>({
  samples: optional(
    shape<Samples>({
      count: number,
      seed: number,
      axes: list(
        shape<Samples["axes"][number]>({
          path: text,
          draw: shape<{ logUniform?: number[]; uniform?: number[]; choice?: unknown[] }>({
            logUniform: optional(list(number)),
            uniform: optional(list(number)),
            choice: optional(list(anything)),
          }),
          when: optional(table(anything)),
        }),
      ),
    }),
  ),
  halving: optional(shape<NonNullable<Search["halving"]>>({ rungs: list(number), keep: number })),
});

/** The rest is optional: data of earlier versions lack some of it. */
const reportData = shape<ReportData>({
  source: optional(text),
  sweep: text,
  frame: optional(text),
  latest: optional(
    shape<LatestRun>({
      folder: text,
      link: optional(text),
      others: list(shape<LatestRun["others"][number]>({ folder: text, link: text })),
    }),
  ),
  dataset: text,
  datasetText: optional(
    shape<NonNullable<ReportData["datasetText"]>>({
      title: text,
      about: text,
      warning: optional(
        shape<{ badge: string; headline: string; text: string }>({ badge: text, headline: text, text }),
      ),
    }),
  ),
  imageSize: optional(shape<NonNullable<ReportData["imageSize"]>>({ height: number, width: number, channels: number })),
  counts: optional(shape<NonNullable<ReportData["counts"]>>({ train: number, test: number })),
  dataDigest: text,
  engineVersion: figure,
  classNames: optional(list(text)),
  wallSeconds: figure,
  workers: figure,
  planned: list(text),
  places: optional(table(shape<{ role?: string; label?: string }>({ role: optional(text), label: optional(text) }))),
  search: optional(search),
  cells: list(cell),
  images: optional(images),
  permutations: optional(table(list(number))),
  filters: optional(
    table(shape<FirstLayerFilters>({ height: number, width: number, count: number, values: list(figure) })),
  ),
  parts: optional(parts),
  live: optional(live),
});

/** A cell is asked for, and checked, by its id. */
function repeated(cells: readonly CellRecord[]): string | undefined {
  const seen = new Map(cells.map(({ id }, i) => [id, i]));
  const first = cells.findIndex(({ id }, i) => seen.get(id) !== i);
  return first < 0 ? undefined : `.cells[${first}] has the id of another cell`;
}

/** @throws Error that names the first field that is not what it must be */
export function requireReportData(value: unknown): asserts value is ReportData {
  const fault = reportData(value) ?? repeated((value as ReportData).cells);
  if (fault !== undefined) throw new Error(`the data${fault}`);
}

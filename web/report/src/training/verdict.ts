/** What a cell's record claims, and whether a training in the page bears it out. */
import { firstCurveDifference, firstDifference, stoppedAt } from "../../../../src/core/check/compare-results.js";
import type { TrainConfig } from "../../../../src/core/config.js";
import { canonicalJson } from "../../../../src/core/json-text.js";
import { cellName, MODELS } from "../../../../src/core/models/table.js";
import { ENGINE_VERSION } from "../../../../src/core/version.js";
import type { CellRecord } from "../../../../src/sweeps/store/record.js";
import type { PageData } from "../data/page-data.js";
import type { DataFacts, Fault, TrainedHere } from "../trainer/protocol.js";
import { Training } from "./training.js";

/** The one data set that pages draw themselves. */
const DRAWN = "synthetic";

/** What a check says of a record: so far, or in the end. */
export interface Verdict {
  /** Of each epoch that is trained and recorded, whether its figures are the same. */
  same: boolean[];
  /** The first figure that differs. */
  difference?: string;
  /** The cell is trained to its end, and nothing differs. */
  agrees: boolean;
}

/** A training of a record's config, which must be the one that its id stands for; or of another config on its data. */
export function trainingOf(data: PageData, record: CellRecord, key: string, config?: TrainConfig): Training {
  const { dataDigest } = record;
  const claim = { text: canonicalJson({ config: record.config, dataDigest }), digest: hashOf(record) };
  return new Training(
    key,
    config ?? record.config,
    factsOf(record, data),
    config ? undefined : claim,
    config ? undefined : stoppedAt(record),
  );
}

/** The 8 or 16 digits that end an id; of an id that does not name the config, what no digest begins with. */
function hashOf({ id, config }: CellRecord): string {
  if (!Object.hasOwn(MODELS, config.model.kind)) return "none";
  const name = `${cellName(config)}-`;
  const hash = id.slice(name.length);
  return id.startsWith(name) && /^(?:[0-9a-f]{8}){1,2}$/.test(hash) ? hash : "none";
}

function factsOf({ dataset, dataDigest }: CellRecord, { imageSize, classNames, counts }: PageData): DataFacts {
  const { height, width, channels } = imageSize ?? { height: 28, width: 28, channels: 1 };
  const drawn = dataset === DRAWN ? (counts ?? { train: 60_000, test: 10_000 }) : undefined;
  return { name: dataset, digest: dataDigest, height, width, channels, classNames, drawn };
}

/** Why a cell cannot be checked at all; undefined where it can. */
export function refusal(record: CellRecord): Fault | undefined {
  if (record.status === "failed") return { reason: "record", text: "This cell failed: it has no result to compare." };
  if (record.engineVersion === ENGINE_VERSION) return undefined;
  return {
    reason: "engine",
    text: `This record was made by engine version ${record.engineVersion}; this page has version ${ENGINE_VERSION}, whose numbers differ on purpose. The page of the run itself has the right one, if it was not written anew.`,
  };
}

/** Verdicts change with the record, a training's epochs and its end alone; those of a thousand cells are asked for many times a second. */
const known = new WeakMap<Training, { record: CellRecord; epochs: number; ended: boolean; verdict: Verdict }>();

/** Compares what a check has trained so far with the record: of the record's figures those that it carries. */
export function verdictOf(record: CellRecord, training: Training): Verdict {
  const [epochs, ended] = [training.curve.length, training.result !== undefined];
  let found = known.get(training);
  if (found?.record !== record || found.epochs !== epochs || found.ended !== ended) {
    found = { record, epochs, ended, verdict: compare(record, training) };
    known.set(training, found);
  }
  return found.verdict;
}

function compare(record: CellRecord, { curve, result }: Training): Verdict {
  const rows = record.curve.slice(0, curve.length);
  const same = rows.map((row, i) => firstCurveDifference([row], [curve[i]]) === undefined);
  let difference = firstCurveDifference(rows, curve);
  if (difference === undefined && result) {
    difference = firstDifference(record, { ...record, ...carriedOf(record, { ...result, curve }) });
  } else if (difference === undefined && record.curve.length > 0 && curve.length > record.curve.length)
    difference = `epochs: stored ${record.curve.length}, now more`;
  return { same, difference, agrees: result !== undefined && difference === undefined };
}

/** Digits of the confidence in mistakes that reference results carry, which are shortened. */
const REFERENCE_DIGITS = 4;

/** A result without what the record does not carry: reference results have no losses of steps and few mistakes, some no curve. */
function carriedOf(record: CellRecord, result: TrainedHere): Partial<CellRecord> {
  const { status, curve, steps, parameters, confusion, mistakes, test, weightsDigest } = result;
  const shortened = record.steps.loss.length === 0;
  return {
    status,
    parameters,
    weightsDigest,
    error: undefined,
    test: shortened ? record.test && test : test,
    curve: shortened && record.curve.length === 0 ? [] : curve,
    confusion: shortened && record.confusion.length === 0 ? [] : confusion,
    ...(shortened ? {} : { steps }),
    mistakes: shortened
      ? mistakes
          .slice(0, record.mistakes.length)
          .map((mistake) => ({ ...mistake, confidence: Number(mistake.confidence.toPrecision(REFERENCE_DIGITS)) }))
      : mistakes,
  };
}

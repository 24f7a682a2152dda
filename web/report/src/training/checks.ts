/** Checks of cells: each trained again in the page, and compared with its record. */
import { cellName } from "../../../../src/core/models/table.js";
import { firstCurveDifference, firstDifference } from "../../../../src/core/check/compare-results.js";
import { canonicalJson } from "../../../../src/core/json-text.js";
import { ENGINE_VERSION } from "../../../../src/core/version.js";
import type { CellRecord } from "../../../../src/sweeps/store/record.js";
import type { CellView } from "../data/cells.js";
import type { PageData } from "../data/page-data.js";
import { TrainedWeights } from "../trained-weights.js";
import type { DataFacts, Fault, TrainedHere } from "../trainer/protocol.js";
import { Training } from "./training.js";
import { Trainings } from "./trainings.js";

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

export class Checks {
  readonly trainings = new Trainings(() => {
    const images = this.data.parts?.images;
    return images && { digest: this.data.dataDigest, part: images };
  });
  /** Of the cells that were checked, and of those whose weights the reader gave. */
  readonly weights = new TrainedWeights();
  private readonly byCell = new Map<string, Training>();

  /** @param data the page's, as they are now */
  constructor(public data: PageData) {
    this.trainings.subscribe((training) => {
      const { key, result } = training;
      if (result && this.byCell.get(key) === training) this.weights.put(key, result.weights);
    });
  }

  /** The check of a cell, if there was one. */
  of(id: string): Training | undefined {
    return this.byCell.get(id);
  }

  /** Begins to check a cell, or goes on. */
  start(cell: CellView): Training {
    let check = this.byCell.get(cell.id);
    if (check?.phase === "ended") check = undefined;
    if (!check) this.byCell.set(cell.id, (check = this.training(cell, cell.id)));
    this.trainings.start(check);
    return check;
  }

  stop(): void {
    // Those that wait come first: they would begin as soon as others end.
    const awaited = [...this.byCell.values()].filter((check) => check.awaited);
    for (const check of awaited.sort((a, b) => Number(a.runs) - Number(b.runs))) this.trainings.stop(check);
  }

  /** All checks that wait for files of the same data as this one. */
  give(files: File[], training: Training): void {
    const waiting = [training, ...this.byCell.values()].filter(({ phase }) => phase === "files");
    this.trainings.give(files, training, new Set(waiting));
  }

  /** A training of a cell's config, or of another one on its data. */
  training({ record }: CellView, key: string, config = record.config): Training {
    const claim =
      config === record.config
        ? { text: canonicalJson({ config, dataDigest: record.dataDigest }), digest: hashOf(record) }
        : undefined;
    return new Training(key, config, factsOf(record, this.data), claim);
  }
}

/** The 8 or 16 digits that end an id; of an id that does not name the config, what no digest begins with. */
function hashOf({ id, config }: CellRecord): string {
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

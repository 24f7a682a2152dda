/**
 * A run directory: spec.json, plan.json and one folder a cell with its record.json and weights.bin, or, while
 * it is being trained, checkpoint.bin. All files are replaced as a whole, and what is read back is checked
 * against its digest.
 */
import { createHash } from "node:crypto";
import path from "node:path";
import { InputError } from "../../core/input-error.js";
import { cellIdPattern } from "../spec/cell-id.js";
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from "./checkpoint.js";
import {
  diskOperations,
  failureReason,
  isMissing,
  readBytes,
  readText,
  removeEmpty,
  TEMPORARY,
  writeAtomic,
  type FileOperations,
} from "./files.js";
import { takeLock } from "./lock.js";
import { decodePlan, encodePlan, type PlanFile } from "./plan-file.js";
import { decodeRecord, encodeRecord, type CellRecord } from "./record.js";
import { formatSpec, type SweepSpec } from "../spec/spec.js";
import { weightBytes } from "./weights.js";

/** Far more than the largest file of a sane run; a wrong file is not read whole. */
const MAX_FILE_BYTES = 256 << 20;
/** Parameters and optimizer state of the largest model that fits a cell's memory. */
const MAX_STATE_BYTES = 2 ** 31;

const CHECKPOINT = "checkpoint.bin";
const WEIGHTS = "weights.bin";

/** What lies in a cell's folder: no record, a valid one, or one that cannot be trusted. */
export type StoredRecord =
  { kind: "none" } | { kind: "valid"; record: CellRecord } | { kind: "damaged"; reason: string };
export type StoredCheckpoint =
  { kind: "none" } | { kind: "valid"; checkpoint: Checkpoint } | { kind: "damaged"; reason: string };

export class RunDirectory {
  constructor(
    readonly folder: string,
    private readonly operations: FileOperations = diskOperations,
  ) {}

  /** Makes the directory and tries whether it can be written. @throws InputError where it cannot, and leaves nothing behind */
  async prepare(): Promise<void> {
    const probe = path.join(this.folder, `probe.${process.pid}${TEMPORARY}`);
    let made: string[] = [];
    try {
      made = await this.operations.makeFolder(this.folder);
      await this.operations.write(probe, new Uint8Array(1));
      await this.operations.remove(probe);
    } catch (error) {
      await this.operations.remove(probe).catch(() => undefined);
      removeEmpty(made);
      throw new InputError(
        `cannot write to the run directory ${this.folder}: ${failureReason(error)}; expected a writable folder, name another with --out`,
      );
    }
  }

  /**
   * Keeps other sweeps out until the returned function is called.
   * @param onWait waits for another sweep, after telling who it is; without it, another sweep is an error
   * @throws InputError where another sweep runs here
   */
  lock(onWait?: (holder: string) => void): Promise<() => Promise<void>> {
    return takeLock(this.folder, { operations: this.operations, onWait });
  }

  /** The spec as run: `npm run sweep -- <this file>` runs it again. */
  async writeSpec(spec: SweepSpec): Promise<void> {
    await this.writeFile("spec.json", formatSpec(spec));
  }

  /** @throws InputError where the file cannot be written */
  private async writeFile(name: string, text: string): Promise<void> {
    const file = path.join(this.folder, name);
    try {
      await writeAtomic(this.operations, file, text);
    } catch (error) {
      throw new InputError(
        `${file}: cannot be written: ${failureReason(error)}; expected a writable folder, name another with --out`,
      );
    }
  }

  private get planPath(): string {
    return path.join(this.folder, "plan.json");
  }

  /** Undefined where no sweep ran here. @throws InputError where the file cannot be trusted */
  async readPlan(): Promise<PlanFile | undefined> {
    const text = await readText(this.operations, this.planPath, MAX_FILE_BYTES);
    return text === undefined ? undefined : decodePlan(text, this.planPath);
  }

  async writePlan(plan: PlanFile): Promise<void> {
    await this.writeFile("plan.json", encodePlan(plan));
  }

  cellFolder(id: string): string {
    // Ids come from our own hashing or from folder names; this is the wall behind both.
    if (!cellIdPattern.test(id))
      throw new InputError(`got the cell id "${id}", expected one like cnn-nesterov-perm1-seed0-3f9a1c2e`);
    return path.join(this.folder, id);
  }

  async readRecord(id: string): Promise<StoredRecord> {
    const file = path.join(this.cellFolder(id), "record.json");
    try {
      const text = await readText(this.operations, file, MAX_FILE_BYTES);
      if (text === undefined) return { kind: "none" };
      const record = decodeRecord(text, file);
      if (record.id !== id)
        throw new InputError(
          `${file}: holds the record of ${record.id}, expected ${id}; npm run sweep trains the cell again`,
        );
      return { kind: "valid", record };
    } catch (error) {
      if (error instanceof InputError) return { kind: "damaged", reason: error.message };
      throw error;
    }
  }

  /** Stores a cell's record, and its final weights if it has any; the record comes last, so that it vouches for them. */
  async writeRecord(record: CellRecord, weights?: Float32Array): Promise<void> {
    const folder = this.cellFolder(record.id);
    await this.operations.makeFolder(folder);
    if (weights) await writeAtomic(this.operations, path.join(folder, WEIGHTS), weightBytes(weights));
    await writeAtomic(this.operations, path.join(folder, "record.json"), encodeRecord(record));
    await this.operations.syncFolder(this.folder);
  }

  /** sha256 (hex) of a cell's final weights as they lie here; undefined where there are none. @throws InputError where they cannot be read */
  async storedWeightsDigest(id: string): Promise<string | undefined> {
    const bytes = await readBytes(this.operations, path.join(this.cellFolder(id), WEIGHTS), MAX_STATE_BYTES);
    return bytes && createHash("sha256").update(bytes).digest("hex");
  }

  /** A cell's final weights as they lie here; undefined where there are none. */
  async readWeights(id: string): Promise<Float32Array | undefined> {
    const bytes = await readBytes(this.operations, path.join(this.cellFolder(id), WEIGHTS), MAX_STATE_BYTES);
    return bytes && new Float32Array(new Uint8Array(bytes.subarray(0, bytes.length - (bytes.length % 4))).buffer);
  }

  async readCheckpoint(id: string): Promise<StoredCheckpoint> {
    const file = path.join(this.cellFolder(id), CHECKPOINT);
    try {
      const bytes = await readBytes(this.operations, file, MAX_STATE_BYTES);
      if (bytes === undefined) return { kind: "none" };
      const checkpoint = decodeCheckpoint(bytes, file);
      if (checkpoint.id !== id)
        throw new InputError(`${file}: holds the checkpoint of ${checkpoint.id}, expected ${id}`);
      return { kind: "valid", checkpoint };
    } catch (error) {
      if (error instanceof InputError) return { kind: "damaged", reason: error.message };
      throw error;
    }
  }

  async writeCheckpoint(checkpoint: Checkpoint): Promise<void> {
    const folder = this.cellFolder(checkpoint.id);
    await this.operations.makeFolder(folder);
    await writeAtomic(this.operations, path.join(folder, CHECKPOINT), encodeCheckpoint(checkpoint));
  }

  async removeCheckpoint(id: string): Promise<void> {
    await this.operations.remove(path.join(this.cellFolder(id), CHECKPOINT));
  }

  /** Removes what processes that died left half-written, and checkpoints of cells that have ended. To be called under the lock. */
  async tidy(ended: Set<string>): Promise<void> {
    for (const id of [".", ...(await this.cellIds())]) {
      const folder = path.join(this.folder, id);
      const names = await this.operations.list(folder).catch(() => []);
      const rubbish = names.filter((name) => name.endsWith(TEMPORARY) || (name === CHECKPOINT && ended.has(id)));
      for (const name of rubbish) await this.operations.remove(path.join(folder, name)).catch(() => undefined);
    }
  }

  /** Ids of all cells that have a folder here, sorted; empty where the directory is missing. */
  async cellIds(): Promise<string[]> {
    try {
      return (await this.operations.list(this.folder)).filter((name) => cellIdPattern.test(name)).sort();
    } catch (error) {
      if (isMissing(error)) return [];
      throw new InputError(`${this.folder}: cannot be read: ${failureReason(error)}; expected a run directory`);
    }
  }
}

/** A run directory: spec.json, plan.json, a lock, and a folder for each cell. */
import { createHash } from "node:crypto";
import path from "node:path";
import { InputError } from "../../core/input-error.js";
import { checkInit, INIT, initFile, MOST_INIT_BYTES } from "../spec/inits.js";
import { formatSpec, parseSpec, type SweepSpec } from "../spec/spec.js";
import { CellFolders, CHECKPOINT, MAX_FILE_BYTES } from "./cell-folders.js";
import { draftName, failureReason, readBytes, readText, removeEmpty, writeAtomic } from "./files.js";
import { probeFileSystem } from "./file-system.js";
import { LOCK, takeLock } from "./lock.js";
import { Submissions } from "./submission.js";
import { decodePlan, encodePlan, looksLikePlan, type PlanFile } from "./plan-file.js";

/** What writing a file of a run directory, locking it, or trying whether it can be written leaves behind when it is killed; in earlier versions, too. */
const DRAFT =
  /^(?:(?:(?:spec|plan|record)\.json|(?:checkpoint|weights)\.bin|[0-9a-f]{64}\.safetensors|probe)\.\d+(?:-\d+(?:-[0-9a-f]{8}-[0-9a-f]{8})?)?|lock\.[0-9a-f-]{32,36})\.tmp$/;

export class RunDirectory extends CellFolders {
  /**
   * Makes the directory and tries whether it can be written.
   * @throws InputError where it cannot, and leaves nothing behind, or where its plan.json is not a sweep's
   */
  async prepare(): Promise<void> {
    const probe = draftName(path.join(this.folder, "probe"));
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
    await this.refuseForeignPlan();
  }

  /**
   * Keeps other sweeps out until the returned function is called.
   * @param onWait waits for another sweep, after telling who it is; without it, another sweep is an error
   * @throws InputError where another sweep runs here
   */
  lock(onWait?: (holder: string) => void): Promise<() => Promise<void>> {
    return takeLock(this.folder, { operations: this.operations, onWait });
  }

  private async refuseForeignPlan(): Promise<void> {
    const text = await readText(this.operations, this.planPath, MAX_FILE_BYTES);
    if (text !== undefined && !looksLikePlan(text))
      throw new InputError(
        `${this.planPath} is not a sweep's plan, and would be overwritten; move it away, or name another directory with --out`,
      );
  }

  /** The text of spec.json, if that is one that a sweep wrote; null where another lies there. */
  private async ownSpec(last: PlanFile | undefined): Promise<string | null | undefined> {
    const text = await readText(this.operations, this.specPath, MAX_FILE_BYTES);
    if (text === undefined) return undefined;
    const own = last?.specDigests ? last.specDigests.includes(textDigest(text)) : last && isFormattedSpec(text);
    return own ? text : null;
  }

  /**
   * Writes the plan, and keeps the spec as run: `npm run sweep -- <this file>` runs it again.
   * @param source the file that the spec was read from, which is never written over
   * @param last the plan that lies there
   * @returns false where a spec.json lies there that no sweep wrote: it stays as it is
   */
  async writePlanAndSpec(
    plan: PlanFile,
    spec: SweepSpec,
    source: string,
    last: PlanFile | undefined,
  ): Promise<boolean> {
    const isSource = path.resolve(source) === path.resolve(this.specPath);
    const own = await this.ownSpec(last);
    const text = formatSpec(spec);
    // The plan comes first, since it makes the folder a run directory; until the spec is written, too, the old one is ours.
    plan.specDigests = [text, own ?? text].map(textDigest);
    await this.writeFile("plan.json", encodePlan(plan));
    if (!isSource && own !== null && own !== text) await this.writeFile("spec.json", text);
    return isSource || own !== null;
  }

  /** @throws InputError where the file cannot be written */
  private async writeFile(name: string, content: string | Uint8Array): Promise<void> {
    const file = path.join(this.folder, name);
    try {
      await writeAtomic(this.operations, file, content);
    } catch (error) {
      throw new InputError(
        `${file}: cannot be written: ${failureReason(error)}; expected a writable folder, name another with --out`,
      );
    }
  }

  /** Where the weights of that digest lie that cells start from. */
  initFile(digest: string): string {
    return initFile(this.folder, digest);
  }

  /** @throws InputError where they are missing, or were altered */
  async readInit(digest: string): Promise<Uint8Array> {
    const file = this.initFile(digest);
    const bytes = await readBytes(this.operations, file, MOST_INIT_BYTES);
    if (!bytes) throw new InputError(`${file} is missing; name the file in the spec: "init": { "file": … }`);
    checkInit(file, bytes, digest);
    return bytes;
  }

  /** Keeps weights that cells start from. To be called under the lock. @throws InputError where the file cannot be written */
  async writeInit(digest: string, bytes: Uint8Array): Promise<void> {
    const there = await this.readInit(digest).catch(() => undefined);
    if (there) return;
    await this.operations.makeFolder(path.join(this.folder, INIT));
    await this.writeFile(initFile("", digest), bytes);
  }

  /** Tries what several machines rely on that share the directory: see `probeFileSystem`. */
  probe(): Promise<string | undefined> {
    return probeFileSystem(this.operations, this.folder);
  }

  /** What was handed to a cluster from here. */
  get submissions(): Submissions {
    return new Submissions(this.folder, this.operations);
  }

  private get specPath(): string {
    return path.join(this.folder, "spec.json");
  }

  private get planPath(): string {
    return path.join(this.folder, "plan.json");
  }

  /** Undefined where no sweep ran here. @throws InputError where the file cannot be trusted */
  async readPlan(): Promise<PlanFile | undefined> {
    const text = await readText(this.operations, this.planPath, MAX_FILE_BYTES);
    return text === undefined ? undefined : decodePlan(text, this.planPath);
  }

  /**
   * Removes what processes that died left half-written, by our own names alone, checkpoints of cells that have ended, and
   * locks that nobody holds any more. Cells that a living process has locked stay as they are. To be called under the lock.
   */
  async tidy(ended: Set<string>): Promise<void> {
    for (const id of [".", INIT, ...(await this.cellFolders())]) {
      const folder = path.join(this.folder, id);
      const names = await this.operations.list(folder).catch((): string[] => []);
      const rubbish = names.filter((name) => DRAFT.test(name) || (name === CHECKPOINT && ended.has(id)));
      const release = id !== "." && names.includes(LOCK) ? await this.takeFromDead(id) : async () => undefined;
      if (!release) continue;
      for (const name of rubbish) await this.operations.remove(path.join(folder, name)).catch(() => undefined);
      await release();
    }
  }

  /** Undefined where a living process has the cell, or no lock lies there: what does is named where the cell is trained. */
  private async takeFromDead(id: string): Promise<(() => Promise<void>) | undefined> {
    if (await this.cellHolder(id)) return undefined;
    const { release } = await this.lockCell(id).catch(() => ({ release: undefined }));
    return release;
  }
}

/** Whether a spec file is formatted as sweeps format theirs. */
function isFormattedSpec(text: string): boolean {
  try {
    return formatSpec(parseSpec(text, "")) === text;
  } catch {
    return false;
  }
}

function textDigest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

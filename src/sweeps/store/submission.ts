/**
 * What was handed to a cluster: a folder below the run directory, named as the cluster's job is, with the plan as it was
 * then, the tasks, and room for what they write. A task needs nothing else, whatever has become of the run directory's plan.
 */
import path from "node:path";
import { z } from "zod";
import { InputError } from "../../core/input-error.js";
import { stringify } from "../../core/json-text.js";
import { parseJson } from "../spec/json.js";
import { dottedPath, firstMisfit } from "../spec/zod-issues.js";
import { MAX_FILE_BYTES } from "./cell-folders.js";
import { failureReason, isMissing, readText, writeAtomic, type FileOperations } from "./files.js";
import { decodePlan, encodePlan, type PlanFile } from "./plan-file.js";

const FOLDER = "cluster";

const tasksSchema = z.strictObject({
  /** Ids of the cells of each task, in the order in which they are trained. */
  tasks: z.array(z.array(z.string())),
  /** Cells that train at once in a task, and threads that share one. */
  workers: z.int().min(1),
  threadsPerCell: z.int().min(1),
  retries: z.int().min(0),
  stallSeconds: z.int().min(1),
  /** The user's options of sbatch. */
  sbatch: z.string().optional(),
  /** That a task should take, roughly. */
  taskMinutes: z.int().min(1),
});

export type SubmittedTasks = z.output<typeof tasksSchema>;

export interface Submission extends SubmittedTasks {
  /** Of the cluster's job, and of the folder. */
  name: string;
  plan: PlanFile;
}

export class Submissions {
  /** @param runFolder of the run directory */
  constructor(
    runFolder: string,
    private readonly operations: FileOperations,
  ) {
    this.folder = path.resolve(runFolder, FOLDER);
  }

  /** Absolute. */
  readonly folder: string;

  folderOf(name: string): string {
    return path.join(this.folder, name);
  }

  /** Where a task tells its progress. */
  progressFile(name: string, task: number): string {
    return path.join(this.folderOf(name), "progress", `${task}.jsonl`);
  }

  /** Where the cluster writes what the tasks print. It is there before it is named. */
  logFolder(name: string): string {
    return path.join(this.folderOf(name), "log");
  }

  /** @throws what the system says where the files cannot be written */
  async write({ name, plan, ...tasks }: Submission): Promise<void> {
    const folder = this.folderOf(name);
    await this.operations.makeFolder(this.logFolder(name));
    await this.operations.makeFolder(path.dirname(this.progressFile(name, 0)));
    await writeAtomic(this.operations, path.join(folder, "plan.json"), encodePlan(plan));
    await writeAtomic(this.operations, path.join(folder, "tasks.json"), `${stringify(tasks)}\n`);
  }

  /** @returns where it lies */
  async writeScript(name: string, script: string): Promise<string> {
    const file = path.join(this.folderOf(name), "script.sh");
    await writeAtomic(this.operations, file, script);
    return file;
  }

  /** @throws InputError where there is none of that name, or it cannot be trusted */
  async read(name: string): Promise<Submission> {
    const file = path.join(this.folderOf(name), "plan.json");
    const [text, tasks] = [await this.text(file), await this.readTasks(name)];
    if (text !== undefined && tasks) return { name, plan: decodePlan(text, file), ...tasks };
    throw new InputError(`${this.folderOf(name)}: nothing was handed over under that name; npm run sweep does it`);
  }

  /** `read` without the plan; undefined where the sweep died before it was whole. @throws InputError where it cannot be trusted */
  async readTasks(name: string): Promise<SubmittedTasks | undefined> {
    const file = path.join(this.folderOf(name), "tasks.json");
    const text = await this.text(file);
    if (text === undefined) return undefined;
    const value = parseJson(text, file);
    const parsed = tasksSchema.safeParse(value);
    if (parsed.success) return parsed.data;
    const { path: place, message } = firstMisfit(parsed.error, value);
    throw new InputError(`${file}: ${dottedPath(place)}: ${message}`);
  }

  /** All, one by one, the latest first. */
  async *latestFirst(): AsyncGenerator<SubmittedTasks & { name: string }, undefined> {
    for (const name of (await this.names()).reverse()) {
      const tasks = await this.readTasks(name);
      if (tasks) yield { name, ...tasks };
    }
    return undefined;
  }

  private text(file: string): Promise<string | undefined> {
    return readText(this.operations, file, MAX_FILE_BYTES);
  }

  /** The last line of a task's log, and where that lies. */
  async lastWords(name: string, index: number): Promise<string> {
    const file = path.join(this.logFolder(name), `${index}.log`);
    const text = await readText(this.operations, file, MAX_FILE_BYTES).catch(() => undefined);
    const last = text?.trimEnd().split("\n").at(-1);
    return last === undefined ? `it never began: there is no ${file}` : `${last || "it said nothing"} (${file})`;
  }

  /** The latest last: a name ends with the time. @throws InputError where the folder cannot be read */
  async names(): Promise<string[]> {
    try {
      const time = (name: string): string | undefined => /-(\d{8}T\d{6}-[0-9a-f]{6})$/.exec(name)?.[1];
      const names = await this.operations.list(this.folder);
      return names.filter(time).sort((a, b) => (time(a)! < time(b)! ? -1 : 1));
    } catch (error) {
      if (isMissing(error)) return [];
      throw new InputError(`${this.folder}: cannot be read: ${failureReason(error)}`);
    }
  }
}

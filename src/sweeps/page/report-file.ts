/** Files that a report is written into: each as a whole, where nothing is or an earlier report of its kind, never over anything else. */
import { InputError } from "../../core/input-error.js";
import { openRegular } from "../spec/regular-file.js";
import { failureReason, isMissing, NotWritten } from "../store/files.js";
import { replaceable, replaceFile } from "./replace-file.js";

/** What a file is to be, and how one of its kind begins. */
export interface ReportFile {
  /** The option that names it, or the folder that it lies in. */
  option: string;
  file: string;
  /** As in "no HTML page". */
  kind: string;
  beginning: RegExp;
}

/** Bytes within which a file's kind shows: in a PDF behind its title. */
export const BEGINNING = 4096;

const misplaced = ({ option, file }: ReportFile, error: unknown): InputError =>
  new InputError(`${option} ${file}: ${failureReason(error)}; name a file in a writable folder`);

/** Asked before the work that goes into it. @throws InputError where a file must not or cannot stand there */
export async function checkReportFile(report: ReportFile): Promise<void> {
  try {
    const { handle, size } = await openRegular(await replaceable(report.file), Infinity);
    try {
      const { buffer } = await handle.read(Buffer.alloc(BEGINNING), 0, BEGINNING, 0);
      if (size > 0 && !report.beginning.test(buffer.toString("latin1")))
        throw new InputError(`got a file that is no ${report.kind}, expected a new name or such a file`);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!isMissing(error)) throw misplaced(report, error);
  }
}

/** @throws NotWritten where the file cannot be written */
export async function writeReportFile(report: ReportFile, content: string | Uint8Array): Promise<void> {
  try {
    await replaceFile(report.file, content);
  } catch (error) {
    throw new NotWritten(misplaced(report, error).message);
  }
}

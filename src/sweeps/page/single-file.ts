/** The report as one self-contained HTML file; what goes into it is the page's business (web/report/single-file.mjs). */
import { fileURLToPath } from "node:url";
import { InputError } from "../../core/input-error.js";
import { openRegular } from "../spec/regular-file.js";
import { failureReason, isMissing, NotWritten } from "../store/files.js";
import { pageScript } from "./page-data.js";
import { replaceable, replaceFile } from "./replace-file.js";
import type { ReportData } from "./report-data.js";

interface PageModule {
  singleFile(report: { root: string; dataScript: string }): string;
}

const misplaced = (out: string, error: unknown): InputError =>
  new InputError(`--single-file ${out}: ${failureReason(error)}; name a file in a writable folder`);

/** How a page begins; what begins otherwise is no earlier report. */
const PAGE = /^<!doctype html/i;
const BEGINNING = 64;

/** Asked before the work that goes into it. @throws InputError where a file must not or cannot stand there */
export async function checkSingleFile(out: string): Promise<void> {
  try {
    const { handle, size } = await openRegular(await replaceable(out), Infinity);
    try {
      const { buffer } = await handle.read(Buffer.alloc(BEGINNING), 0, BEGINNING, 0);
      if (size > 0 && !PAGE.test(buffer.toString("latin1")))
        throw new InputError("got a file that is no HTML page, expected a new name or an earlier report");
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!isMissing(error)) throw misplaced(out, error);
  }
}

/** @throws InputError where the file cannot be written */
export async function writeSingleFile(data: ReportData, out: string): Promise<void> {
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  const page = (await import(new URL("../../../web/report/single-file.mjs", import.meta.url).href)) as PageModule;
  try {
    await replaceFile(out, page.singleFile({ root, dataScript: pageScript(data) }));
  } catch (error) {
    throw new NotWritten(misplaced(out, error).message);
  }
}

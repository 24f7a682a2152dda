/** The report as one self-contained HTML file; what goes into it is the page's business (web/report/single-file.mjs). */
import { fileURLToPath } from "node:url";
import { InputError } from "../../core/input-error.js";
import { failureReason } from "../store/files.js";
import { pageScript } from "./page-data.js";
import type { ReportData } from "./report-data.js";

interface PageModule {
  writeSingleFile(report: { root: string; dataScript: string; out: string }): void;
}

/** @throws InputError where the file cannot be written */
export async function writeSingleFile(data: ReportData, out: string): Promise<void> {
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  const page = (await import(new URL("../../../web/report/single-file.mjs", import.meta.url).href)) as PageModule;
  try {
    page.writeSingleFile({ root, dataScript: pageScript(data), out });
  } catch (error) {
    throw new InputError(`--single-file ${out}: ${failureReason(error)}; expected a file in a writable folder`);
  }
}

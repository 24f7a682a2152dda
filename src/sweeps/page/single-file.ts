/** The report as one self-contained HTML file; what goes into it is the page's business (web/report/single-file.mjs). */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { InputError } from "../../core/input-error.js";
import { failureReason } from "../store/files.js";
import { pageScript } from "./page-data.js";
import type { ReportData } from "./report-data.js";

interface PageModule {
  writeSingleFile(places: { root: string; dataJsPath: string; out: string }): void;
}

/** @throws InputError where the file cannot be written */
export async function writeSingleFile(data: ReportData, out: string): Promise<void> {
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  const page = (await import(new URL("../../../web/report/single-file.mjs", import.meta.url).href)) as PageModule;
  const folder = await mkdtemp(path.join(os.tmpdir(), "handgrad-"));
  try {
    const dataJsPath = path.join(folder, "data.js");
    await writeFile(dataJsPath, pageScript(data));
    page.writeSingleFile({ root, dataJsPath, out });
  } catch (error) {
    throw new InputError(`--single-file ${out}: ${failureReason(error)}; expected a file in a writable folder`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

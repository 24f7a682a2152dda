/** The report on paper: the single-file page, printed by a Chromium. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { NotWritten } from "../store/files.js";
import { printPage } from "./chromium.js";
import type { ReportData } from "./report-data.js";
import type { ReportFile } from "./report-file.js";
import { singleFilePage } from "./single-file.js";

export const PAPERS = ["a4", "letter"] as const;
export type Paper = (typeof PAPERS)[number];

/** Its title is the page's, at the beginning of the file. */
export const pdfAt = (file: string): ReportFile => ({
  option: "--pdf",
  file,
  kind: "earlier report's PDF",
  beginning: /^%PDF-[\s\S]*\/Title \(Handgrad/,
});

/**
 * The same data, paper and Chromium give the same bytes.
 * @throws NotWritten where the browser does not print
 */
export async function printReport(data: ReportData, paper: Paper, chromium: string): Promise<Uint8Array> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "handgrad-print-"));
  try {
    const [page, pdf] = [path.join(folder, "report.html"), path.join(folder, "report.pdf")];
    await writeFile(page, await singleFilePage(data, `@page{size:${paper}}`));
    await printPage(chromium, pathToFileURL(page), pdf, path.join(folder, "profile"));
    return undated(await readFile(pdf));
  } catch (error) {
    throw new NotWritten(`--pdf: the report could not be printed: ${(error as Error).message}`);
  } finally {
    // The browser's last processes may still write to it.
    await rm(folder, { recursive: true, force: true, maxRetries: 10 }).catch(() => undefined);
  }
}

/** The time of printing as spaces: a PDF's parts are found by where they lie, so that none may move. */
function undated(pdf: Buffer): Uint8Array {
  const text = pdf.toString("latin1", 0, 1024);
  return Buffer.concat([
    Buffer.from(
      text.replaceAll(/\/(?:Creation|Mod)Date \([^)]*\)/g, (date) => " ".repeat(date.length)),
      "latin1",
    ),
    pdf.subarray(text.length),
  ]);
}

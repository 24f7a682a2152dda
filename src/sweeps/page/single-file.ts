/** The report as one self-contained HTML file; what goes into it is the page's business (web/report/single-file.mjs). */
import { fileURLToPath } from "node:url";
import { pageScript } from "./page-data.js";
import type { ReportData } from "./report-data.js";
import type { ReportFile } from "./report-file.js";

interface PageModule {
  singleFile(report: { root: string; dataScript: string; style?: string }): string;
}

export const singleFileAt = (file: string): ReportFile => ({
  option: "--single-file",
  file,
  kind: "HTML page",
  beginning: /^<!doctype html/i,
});

/** @param style further rules for its style sheet */
export async function singleFilePage(data: ReportData, style = ""): Promise<string> {
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  const page = (await import(new URL("../../../web/report/single-file.mjs", import.meta.url).href)) as PageModule;
  return page.singleFile({ root, dataScript: pageScript(data), style });
}

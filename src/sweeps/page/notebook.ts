/** The report as a Jupyter notebook; what goes into it is the page's business (web/report/src/notebook). */
import path from "node:path";
import { asTyped } from "../spec/program.js";
import type { ReportData } from "./report-data.js";
import type { ReportFile } from "./report-file.js";

/** What a notebook reads, as CSV. */
const TABLES = ["cells", "curves", "confusion"] as const;
type Tables = Record<(typeof TABLES)[number], string>;

interface NotebookModule {
  notebook(report: ReportData, tables: Tables, embedded: boolean): string;
}

/** Characters of tables that a notebook carries in itself; beyond, they lie beside it. */
const MOST_EMBEDDED = 2 * 2 ** 20;

export const notebookAt = (file: string): ReportFile => ({
  option: "--notebook",
  file,
  kind: "notebook that a report wrote",
  beginning: /^\{\s*"nbformat": 4,\s*"nbformat_minor": 5,\s*"metadata": \{\s*"handgrad"/,
});

/** Where a notebook's tables lie that it does not carry itself; undefined where it does. */
export function tablesFolder(file: string, texts: Record<`${keyof Tables}.csv`, string>): string | undefined {
  const length = TABLES.reduce((sum, name) => sum + texts[`${name}.csv`].length, 0);
  return length > MOST_EMBEDDED ? `${file.replace(/\.ipynb$/i, "")}-data` : undefined;
}

/** @param folder of the tables, which lies beside the notebook; undefined where it carries them */
export async function notebookText(
  data: ReportData,
  texts: Record<`${keyof Tables}.csv`, string>,
  folder: string | undefined,
): Promise<string> {
  const page = (await import(
    new URL("../../../web/report/build/notebook.mjs", import.meta.url).href
  )) as NotebookModule;
  const table = (name: keyof Tables) =>
    folder === undefined ? texts[`${name}.csv`] : `${path.basename(folder)}/${name}.csv`;
  const tables = { cells: table("cells"), curves: table("curves"), confusion: table("confusion") };
  return asTyped(page.notebook(data, tables, folder === undefined));
}

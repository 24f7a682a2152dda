/** A copy of the page in a folder of its own, with data of the test's choice. */
import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { stringify } from "../../src/core/json-text.js";

export const root = path.resolve(import.meta.dirname, "../..");

interface PageBuild {
  pageFiles(root: string, places?: { reference?: string; bonus?: string }): Promise<Map<string, string | Uint8Array>>;
}

export interface PageCopy {
  folder: string;
  url: string;
  data: string;
  writeData(data: unknown): void;
  remove(): void;
}

/** A script that sets the page's data, as a sweep writes it. */
export function dataScript(data: unknown): string {
  return `window.HANDGRAD_DATA = ${stringify(data)};\n`;
}

export async function buildModule(name: string): Promise<unknown> {
  return import(pathToFileURL(path.join(root, "web/report", name)).href);
}

const NO_FILE = path.join(root, "no-such-file.json");

/** The built page, once for all files of a run: all of them share its temporary folder. */
async function builtPage(reference: string, bonus: string): Promise<string> {
  const results = [reference, bonus].map((file) => (fs.existsSync(file) ? fs.readFileSync(file) : ""));
  const key = createHash("sha256").update(JSON.stringify(results)).digest("hex").slice(0, 16);
  const folder = path.join(os.tmpdir(), `page-build-${key}`);
  if (fs.existsSync(folder)) return folder;
  const { pageFiles } = (await buildModule("build.mjs")) as PageBuild;
  const draft = fs.mkdtempSync(`${folder}-`);
  for (const [name, content] of await pageFiles(root, { reference, bonus }))
    fs.writeFileSync(path.join(draft, name), content);
  try {
    fs.renameSync(draft, folder);
  } catch (error) {
    // Another file's test was first.
    if (!fs.existsSync(folder)) throw error;
  }
  return folder;
}

/** The page in a temporary folder; without data, its stub says that no sweep was run. */
export async function copyPage(data?: unknown, reference = NO_FILE, bonus = NO_FILE): Promise<PageCopy> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "handgrad-page-"));
  const out = path.join(folder, "build");
  fs.cpSync(await builtPage(reference, bonus), out, { recursive: true });
  fs.copyFileSync(path.join(root, "web/report/index.html"), path.join(folder, "index.html"));
  const copy: PageCopy = {
    folder,
    url: pathToFileURL(path.join(folder, "index.html")).href,
    data: path.join(out, "data.js"),
    writeData: (next) => {
      // Atomic, as the page may load it at any moment.
      fs.writeFileSync(`${copy.data}.new`, dataScript(next));
      fs.renameSync(`${copy.data}.new`, copy.data);
    },
    remove: () => fs.rmSync(folder, { recursive: true, force: true }),
  };
  if (data !== undefined) copy.writeData(data);
  return copy;
}

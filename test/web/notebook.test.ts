/** The report as a notebook: valid by the rules of nbformat, in the page's words, with tables and pictures that are the data's. */
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { decode } from "fast-png";
import { beforeAll, describe, expect, it } from "vitest";
import { csvTables } from "../../src/sweeps/commands/report-tables.js";
import { notebookAt, tablesFolder } from "../../src/sweeps/page/notebook.js";
import type { ReportData } from "../../src/sweeps/page/report-data.js";
import { findings, title } from "../../web/report/src/comments/findings.js";
import { learningComments } from "../../web/report/src/comments/learning.js";
import { parameterComments } from "../../web/report/src/comments/parameters.js";
import { permutationComments, permutationEffects } from "../../web/report/src/comments/permutation.js";
import { visible } from "../../web/report/src/data/format.js";
import { readPageData } from "../../web/report/src/data/page-data.js";
import { sweepCells } from "../../web/report/src/data/sweep-cells.js";
import { run } from "../process.js";
import { samplePlan, temporaryFolder } from "../sweeps/fixtures.js";
import { bonusData, fiveAxes, fixtureData, fixtureRecord, HOSTILE, homeworkCells, hostileData } from "./fixture.js";
import { copyPage } from "./page-copy.js";

interface NotebookCell {
  id: string;
  cell_type: string;
  source: string[];
  outputs?: { output_type: string; data: Record<string, string | string[]> }[];
  execution_count?: number;
}
interface Notebook {
  nbformat: number;
  nbformat_minor: number;
  metadata: { kernelspec: { name: string } };
  cells: NotebookCell[];
}

const SWEEPS: Record<string, ReportData> = {
  "the homework": fixtureData(homeworkCells([0, 1])),
  "a sweep of one's own": fixtureData(fiveAxes(), { sweep: "rates", frame: "neutral" }),
  "a bonus sweep": bonusData(),
  "hostile names": hostileData(),
  "no cell": fixtureData([], { images: undefined }),
  "cells without a result": fixtureData([
    fixtureRecord({ model: { kind: "mlp" }, optimizer: { kind: "sgd" } }, { ending: "failed" }),
    fixtureRecord({ model: { kind: "cnn" }, optimizer: { kind: "sgd" } }, { ending: "diverged" }),
  ]),
};

const HOSTILE_TABLE = `id,label\r\n${HOSTILE.map((name) => `x,"${name.replaceAll('"', '""')}""""\\\u2028\0"\r\n`).join("")}`;
const CURVES = "id,epoch,testLoss,testAccuracy,validationLoss,validationAccuracy\r\n";

describe("a notebook", () => {
  let make: (report: ReportData, tables: Record<string, string>, embedded: boolean) => string;
  const folder = temporaryFolder();
  const tablesOf = (data: ReportData) => {
    // Models of a later version are in no table of this one.
    if (data === SWEEPS["hostile names"]) return { cells: HOSTILE_TABLE, curves: CURVES, confusion: HOSTILE_TABLE };
    const { cells } = data;
    const texts = csvTables(samplePlan(cells), cells);
    return { cells: texts["cells.csv"], curves: texts["curves.csv"], confusion: texts["confusion.csv"] };
  };
  const text = (data: ReportData): string => make(data, tablesOf(data), true);
  const read = (data: ReportData): Notebook => JSON.parse(text(data)) as Notebook;
  /** What is written in Markdown without code, its marks read. */
  const prose = ({ cells }: Notebook): string =>
    cells
      .filter(({ cell_type }) => cell_type === "markdown")
      .map(({ source }) => source.join(""))
      .join("\n\n")
      .replaceAll(/```.*?```/gs, "")
      .replaceAll(/\\([\\*_$|[\]`])/g, "$1")
      .replaceAll("&lt;", "<")
      .replaceAll("&amp;", "&");

  beforeAll(async () => {
    const copy = await copyPage();
    ({ notebook: make } = (await import(pathToFileURL(path.join(copy.folder, "build/notebook.mjs")).href)) as {
      notebook: typeof make;
    });
    copy.remove();
  });

  it.each(Object.entries(SWEEPS))("is valid nbformat 4.5, known again, and the same each time: %s", (_, data) => {
    const notebook = read(data);
    expect([notebook.nbformat, notebook.nbformat_minor, notebook.metadata.kernelspec.name]).toEqual([4, 5, "python3"]);
    expect(new Set(notebook.cells.map(({ id }) => id)).size).toBe(notebook.cells.length);
    let count = 0;
    for (const { id, cell_type, source, outputs, execution_count, ...rest } of notebook.cells) {
      expect(id).toMatch(/^[a-zA-Z0-9-_]{1,64}$/);
      expect(Object.keys(rest)).toEqual(["metadata"]);
      expect(source.slice(0, -1).every((line) => /^[^\n]*\n$/.test(line)) && !/\n/.test(source.at(-1)!)).toBe(true);
      expect([execution_count, outputs === undefined]).toEqual(
        cell_type === "code" ? [++count, false] : [undefined, true],
      );
      for (const { output_type, data: shown } of outputs ?? []) {
        expect(output_type).toBe("display_data");
        expect(Object.keys(shown)[0]).toMatch(/^image\/(?:svg\+xml|png)$/);
        expect(JSON.stringify(shown)).not.toMatch(/NaN|Infinity|undefined/);
      }
    }
    expect(prose(notebook)).not.toMatch(/\{\{|undefined|\[object/);
    expect(text(data)).toBe(text(data));
    expect(text(data)).toMatch(notebookAt("x.ipynb").beginning);
  });

  it.each(Object.entries(SWEEPS))("has the page's words: %s", (_, data) => {
    const sweep = sweepCells(readPageData(data), null);
    const said = prose(read(data)).replaceAll(/\s+/g, " ");
    const { variants, homework, neutral, ownBonus } = sweep;
    const original = ["mlp", "cnn"].map((kind) => variants.filter((v) => v.modelKind === kind && v.permutation === 0));
    const words = [
      title(sweep),
      ...findings(homework, neutral ? [] : ownBonus),
      ...(neutral ? [] : parameterComments(variants)),
      ...(neutral || permutationEffects(variants).length === 0
        ? []
        : permutationComments(permutationEffects(variants))),
      ...(neutral
        ? []
        : original.filter((own) => new Set(own.map((v) => v.model)).size === 1).flatMap(learningComments)),
    ];
    for (const sentence of words) expect(said).toContain(visible(sentence).replaceAll(/\s+/g, " "));
    expect(said.includes("2.6 Bonus")).toBe(!neutral && ownBonus.length > 0);
    expect(said.includes("Backpropagation with logistic loss")).toBe(!neutral);
  });

  it("carries the tables, the images and their permutation as the data have them", () => {
    const data = SWEEPS["the homework"];
    const { cells } = read(data);
    const source = (id: string): string => cells.find((cell) => cell.id === id)!.source.join("");
    const tables = tablesOf(data);
    for (const name of ["cells", "curves", "confusion"] as const) {
      const literal = new RegExp(`^${name} = pd.read_csv\\(io.StringIO\\((".*")\\)\\)$`, "m").exec(
        source("tables"),
      )![1];
      expect(JSON.parse(literal)).toBe(tables[name]);
    }
    expect(make(data, { ...tables, curves: "out-data/curves.csv" }, false)).toContain(
      'curves = pd.read_csv(\\"out-data/curves.csv\\")',
    );
    const picture = (id: string) =>
      decode(Buffer.from(cells.find((cell) => cell.id === id)!.outputs![0].data["image/png"] as string, "base64"));
    const [plain, permuted] = [picture("images"), picture("permuted-images")];
    expect([plain.width, plain.height, plain.channels]).toEqual([10 * 30 - 2, 4 * 30 - 2, 1]);
    const first = Buffer.from(data.images!.samples.find(({ label }) => label === 1)!.pixels, "base64");
    const order = data.permutations[1];
    for (let i = 0; i < 784; i++) {
      const at = Math.floor(i / 28) * plain.width + 30 + (i % 28);
      expect([255 - plain.data[at], 255 - permuted.data[at]]).toEqual([first[i], first[order[i]]]);
    }
  });

  it("takes the names of classes for text, not for marks of Markdown, HTML or formulas", () => {
    const classNames = ["<b>bold</b>", "$x$", "ti`ck", "a|b", "_it_", "R&amp;D", ...Array.from("wxyz")];
    const notebook = read(fixtureData(homeworkCells(), { classNames }));
    const note = notebook.cells.find(({ id }) => id === "images-note")!.source.join("");
    expect(note).toContain("&lt;b>bold&lt;/b>, \\$x\\$, ti\\`ck, a\\|b, \\_it\\_, R&amp;amp;D, w, x, y and z");
    expect(notebook.cells.find(({ id }) => id === "drawing")!.source.join("")).toContain('replace("$", r"\\$")');
  });

  it.each([
    [8, 8, "Columns: 0, 1, 2, 3, 4, 5, 6 and 7."],
    [10, 10, "Columns: 0, 1, 2, 3, 4, 5, 6, 7, 8 and 9."],
    [12, 10, "Row by row: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 1, "],
  ])("names the classes of %i as their images lie", (classes, columns, said) => {
    const data = fixtureData(homeworkCells(), { classNames: Array.from({ length: classes }, (_, i) => String(i)) });
    const [{ pixels }] = data.images!.samples;
    const samples = Array.from({ length: 4 * classes }, (_, i) => ({ label: i % classes, pixels }));
    const { cells } = read({ ...data, images: { ...data.images!, samples } });
    const source = (id: string): string => cells.find((cell) => cell.id === id)!.source.join("");
    expect(source("images-note")).toContain(said);
    expect(source("images")).toContain(`draw_images(IMAGES, ${columns})`);
  });

  it("is of Python that compiles", async ({ skip }) => {
    const files = Object.entries(SWEEPS).map(([, data], i) => {
      const file = path.join(folder, `cells-${i}.py`);
      const code = read(data).cells.filter(({ cell_type }) => cell_type === "code");
      fs.writeFileSync(file, code.map(({ source }) => source.join("")).join("\n\n"));
      return file;
    });
    const compiled = await run(["-m", "py_compile", ...files], { program: "python3" }).catch(() => undefined);
    if (!compiled) return skip("there is no python3");
    expect([compiled.code, compiled.stderr]).toEqual([0, ""]);
  });

  it("has its tables beside it where they are long", () => {
    const texts = (length: number) => ({ "cells.csv": "x".repeat(length), "curves.csv": "", "confusion.csv": "" });
    expect(tablesFolder("a/out.ipynb", texts(2 * 2 ** 20))).toBeUndefined();
    expect(tablesFolder("a/out.ipynb", texts(2 * 2 ** 20 + 1))).toBe("a/out-data");
  });
});

/** The page's fixed prose: a file a section, and places that the page fills. */
import fs from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { buildModule, root } from "./page-copy.js";

interface Words {
  number?: string;
  title: string;
  asked?: string;
  texts: Record<string, string>;
}
const { readWords } = (await buildModule("words.mjs")) as { readWords(text: string): Words };

it("reads number, title, question, text and further texts", () => {
  const words = readWords(
    "# 2.3 Convolutional network\n\n> Train `it`, and *comment*.\n\nThere are {{count}} cells.\n\n{{chart}}\n\n## absent\n\nNone.\n",
  );
  expect(words).toEqual({
    number: "2.3",
    title: "Convolutional network",
    asked: "Train <code>it</code>, and <em>comment</em>.",
    texts: {
      body: '<p>There are <span data-slot="count"></span> cells.</p>\n<div data-slot="chart"></div>\n',
      absent: "<p>None.</p>\n",
    },
  });
});

it("refuses a file without a title", () => expect(() => readWords("Text.")).toThrow("expected one as its first line"));

const folder = path.join(root, "web/report/words");
const sources = path.join(root, "web/report/src");
const code = (fs.readdirSync(sources, { recursive: true }) as string[])
  .filter((name) => name.endsWith(".ts"))
  .map((name) => fs.readFileSync(path.join(sources, name), "utf8"))
  .join("");
it.each(fs.readdirSync(folder))("%s is written as a section, and used", (name) => {
  // Those of a sweep of one's own are found by the name of the homework's section, too.
  expect(code).toMatch(new RegExp(`"(?:own-)?${path.basename(name, ".md").replace(/^own-/, "")}"`));
  const { title, texts } = readWords(fs.readFileSync(path.join(folder, name), "utf8"));
  expect(title).not.toBe("");
  // Whatever is written as a place is one.
  for (const text of Object.values(texts)) expect(text).not.toMatch(/\{\{|\}\}/);
});

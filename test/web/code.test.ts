/** The code that the page shows: cut from the sources, whole and as it stands there. */
import fs from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { highlight } from "../../web/report/src/data/highlight.js";
import { buildModule, root } from "./page-copy.js";

const { cutDeclaration, shownCode } = (await buildModule("code.mjs")) as {
  cutDeclaration(source: string, file: string, name: string): string;
  shownCode(root: string): Record<string, { file: string; text: string }>;
};
const textOf = (html: string): string =>
  html
    .replaceAll(/<[^>]+>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");

it("cuts functions, constants and members of classes by name, with their docstrings", () => {
  const source = `/** Not this. */
const other = () => {
  return "\n}\n";
};
/** One. */
export const one = make({
  two: 2,
});
class Three {
  /**
   * Four.
   */
  private *four(): void {
    yield 4;
  }
}
export function five<T>() {}
`;
  const cut = (name: string): string => cutDeclaration(source, "x.ts", name);
  expect(cut("one")).toBe("/** One. */\nexport const one = make({\n  two: 2,\n});");
  expect(cut("Three.four")).toBe("/**\n * Four.\n */\nprivate *four(): void {\n  yield 4;\n}");
  expect(cut("five")).toBe("export function five<T>() {}");
  expect(() => cut("four")).toThrow("x.ts has no four");
  expect(() => cut("Three.five")).toThrow("x.ts has no Three.five");
});

it("highlights without changing a character, line by line", () => {
  const source = 'if (a < 1 && b) {\n  /* two\n     lines */\n      return "<b>";\n}';
  const html = highlight(source);
  expect(textOf(html)).toBe(`${source}\n`);
  expect(html.match(/<span class="line in-\d">/g)).toEqual([0, 1, 2, 3, 0].map((n) => `<span class="line in-${n}">`));
  expect(html).toContain('<span class="code-comment">/* two</span>\n</span>');
  expect(html).toContain('<span class="code-string">"&lt;b&gt;"</span>');
});

it.each(Object.entries(shownCode(root)))("shows %s as it stands in its file", (name, { file, text }) => {
  const bare = (code: string): string => code.replaceAll(/^ +/gm, "");
  expect(bare(fs.readFileSync(path.join(root, file), "utf8"))).toContain(bare(text));
  expect(textOf(highlight(text))).toBe(`${text}\n`);
  expect(text.startsWith("/**"), "has a docstring").toBe(true);
  expect(text).toContain(name.split(".").at(-1));
});

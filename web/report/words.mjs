// The page's fixed prose: the Markdown files of web/report/words, one a section, as markup with places for what is computed.
import fs from "node:fs";
import path from "node:path";
import { marked } from "marked";

/** `{{name}}` in a sentence, or alone on a line: a place that the page fills. */
const SLOT = /\{\{([\w-]+)\}\}/g;

function markup(tokens) {
  return marked
    .parser(tokens)
    .replaceAll(/<p>\{\{([\w-]+)\}\}<\/p>/g, '<div data-slot="$1"></div>')
    .replaceAll(SLOT, '<span data-slot="$1"></span>');
}

/** Markdown as it is written. */
const plain = (tokens) =>
  tokens
    .map(({ raw }) => raw)
    .join("")
    .trim();

/**
 * A section's words. `# 2.1 Title` names it, with its number in the homework where it has one; the quotation that follows is the
 * question; the rest is its text. Each `## name` begins a text of its own, for cases in which the page needs it.
 */
export function readWords(text, render = markup) {
  const tokens = marked.lexer(text);
  const [heading] = tokens.splice(
    tokens.findIndex(({ type, depth }) => type === "heading" && depth === 1),
    1,
  );
  if (heading?.depth !== 1) throw new Error(`words: got a file without "# title", expected one as its first line`);
  const [, number, title] = /^(?:(\d+\.\d+) )?(.*)$/.exec(heading.text);
  const quoted = tokens.findIndex(({ type }) => type === "blockquote");
  const asked = quoted < 0 ? undefined : render(tokens.splice(quoted, 1)[0].tokens).replaceAll(/<\/?p>/g, "");
  const texts = { body: [] };
  let into = texts.body;
  for (const token of tokens) {
    if (token.type === "heading" && token.depth === 2) into = texts[token.text] = [];
    else into.push(token);
  }
  return {
    number,
    title,
    asked: asked?.trim(),
    texts: Object.fromEntries(Object.entries(texts).map(([name, part]) => [name, render(part)])),
  };
}

/** All sections' words by name, as JSON text: markup, or as they are written. */
export const pageWords = (here) => allWords(here, markup);
export const plainWords = (here) => allWords(here, plain);

function allWords(here, render) {
  const folder = path.join(here, "words");
  const files = fs.readdirSync(folder).filter((name) => name.endsWith(".md"));
  return JSON.stringify(
    Object.fromEntries(
      files
        .sort()
        .map((name) => [
          path.basename(name, ".md"),
          readWords(fs.readFileSync(path.join(folder, name), "utf8"), render),
        ]),
    ),
  );
}

/** What the documents print that a reader may copy: JSON blocks, and commands in blocks and in running text. */
import fs from "node:fs";
import path from "node:path";
import { root } from "./workers/built.js";

export interface Printed {
  /** Document and line, to be found by. */
  at: string;
  text: string;
}

const documents = [
  "README.md",
  ...fs
    .readdirSync(path.join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
].map((name) => ({ name, text: fs.readFileSync(path.join(root, name), "utf8") }));

function find(pattern: RegExp): (Printed & { language: string })[] {
  return documents.flatMap(({ name, text }) =>
    [...text.matchAll(pattern)].map((match) => ({
      at: `${name}:${text.slice(0, match.index).split("\n").length}`,
      language: match.groups?.language ?? "",
      text: match.groups?.text ?? "",
    })),
  );
}

/** Every fenced block, with the language after its fence ("" where there is none). */
export const codeBlocks = find(/^ *```(?<language>[^\n]*)\n(?<text>.*?)^ *```$/gms);

/** Every code span of running text that starts like a command. */
const spans = find(/(?<!`)`(?<text>(?:npm|npx|node|python3) [^`\n]+)`(?!`)/g);

/** The lines of a block of commands, without comments. A line that is indented goes on the one before: with options in brackets, or in words. */
function lines({ at, text }: Printed): Printed[] {
  const joined = text
    .replace(/\s+#.*$/gm, "")
    .replace(/\n +(?=\[)/g, " ")
    .replace(/\n .*/g, "")
    .trim();
  return joined.split("\n").map((line) => ({ at, text: line }));
}

/** Every command, "&&" taken apart. What a list of commands says behind one, after two spaces or more, is not of it. */
export const commands = [...codeBlocks.filter(({ language }) => language === "").flatMap(lines), ...spans].flatMap(
  ({ at, text }) =>
    text.split(" && ").map((command) => ({
      at,
      text: command
        .trim()
        .replace(/ +-- /, " -- ")
        .replace(/ {2,}.*$/, ""),
    })),
);

/** The words of a command line, each without its quotes. */
export function wordsOf(line: string): string[] {
  return (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ""));
}

/** The text of a spec file, as people write it by hand: what is wrong is said with line and column. */
import { findNodeAtLocation, parseTree, printParseErrorCode, visit, type Node } from "jsonc-parser";
import { InputError } from "../../core/input-error.js";
import { checkDepth, isForbiddenKey, parseJson, type JsonValue } from "./json.js";
import { didYouMean } from "./closest.js";
import { dottedPath, quoted } from "./zod-issues.js";

/** How files begin that some editors write instead of UTF-8; the longer marks first. Without a mark, every ASCII character brings zeros along. */
const ENCODINGS: readonly [start: readonly number[], name: string][] = [
  [[0xff, 0xfe, 0, 0], "UTF-32"],
  [[0, 0], "UTF-32"],
  [[0xff, 0xfe], "UTF-16"],
  [[0xfe, 0xff], "UTF-16"],
];

/** @param source names the file in errors @returns the text without the mark that UTF-8 may begin with @throws InputError where it is not UTF-8 */
export function decodeText(bytes: Uint8Array, source: string): string {
  const marked = ENCODINGS.find(([start]) => start.every((byte, i) => bytes[i] === byte))?.[1];
  const encoding = marked ?? (bytes.subarray(0, 2).includes(0) ? "UTF-16" : undefined);
  if (encoding !== undefined)
    throw new InputError(`${source}: got ${encoding} text, expected UTF-8; save it in that encoding`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new InputError(`${source}: got bytes that are no UTF-8 text, expected a JSON sweep spec`);
  }
}

/** By the name of what the parser found wrong. */
const EXPECTED: Record<string, string> = {
  InvalidSymbol: `a value: text needs double quotes`,
  InvalidNumberFormat: "a number",
  PropertyNameExpected: "a key in double quotes",
  ValueExpected: "a value",
  ColonExpected: "a colon",
  CommaExpected: "a comma",
  CloseBraceExpected: "a closing brace",
  CloseBracketExpected: "a closing bracket",
  EndOfFileExpected: "the end of the file",
  InvalidCommentToken: "no comment: JSON has none",
  UnexpectedEndOfComment: "no comment: JSON has none",
  UnexpectedEndOfString: "a closing quote on the same line",
  UnexpectedEndOfNumber: "a whole number to its end",
  InvalidUnicode: "four hexadecimal digits after \\u",
  InvalidEscapeCharacter: 'one of " \\ / b f n r t u after a backslash',
  InvalidCharacter: "no control character within text",
};

/**
 * Parses JSON that was written by hand. -0 is read as 0, since ids and records do not tell them apart.
 * @param source names the file in errors
 * @throws InputError on anything but harmless JSON, and where a key is given twice or a number is too large
 */
export function parseSpecText(text: string, source: string): JsonValue {
  /** The keys so far of the objects around the place at hand; undefined stands for a list. */
  const around: (Set<string> | undefined)[] = [];
  const at = (line: number, column: number): string => `${source}: line ${line + 1}, column ${column + 1}`;
  const enter = (keys: Set<string> | undefined, line: number, column: number): void => {
    around.push(keys);
    checkDepth(around.length, at(line, column));
  };
  const leave = (): void => void around.pop();
  visit(
    text,
    {
      onObjectBegin: (_offset, _length, line, column) => enter(new Set(), line, column),
      onArrayBegin: (_offset, _length, line, column) => enter(undefined, line, column),
      onObjectEnd: leave,
      onArrayEnd: leave,
      onObjectProperty(key, _offset, _length, line, column, pathOf) {
        const keys = around.at(-1);
        const named = (): string => `${at(line, column)}: got the key "${quoted(dottedPath([...pathOf(), key]))}"`;
        if (keys?.has(key)) throw new InputError(`${named()} twice; remove one`);
        if (isForbiddenKey(key)) throw new InputError(`${named()}, which no file of ours may have; remove it`);
        keys?.add(key);
      },
      onLiteralValue(value, offset, length, line, column, pathOf) {
        if (typeof value !== "number" || Number.isFinite(value)) return;
        const path = pathOf();
        const place = path.length === 0 ? "" : `${quoted(dottedPath(path))}: `;
        throw new InputError(
          `${at(line, column)}: ${place}got ${quoted(text.slice(offset, offset + length))}, expected a number of at most ${Number.MAX_VALUE}`,
        );
      },
      onError(code, offset, length, line, column) {
        const got = length === 0 ? "the end of the file" : quoted(text.slice(offset, offset + length));
        const expected = EXPECTED[printParseErrorCode(code)] ?? "JSON";
        throw new InputError(
          `${at(line, column)}: not JSON: got ${got}, expected ${expected}${remedy(text, offset, got)}`,
        );
      },
    },
    { disallowComments: true },
  );
  return parseJson(text, source, undefined, (_key, value: unknown) => (value === 0 ? 0 : value));
}

/** What to try against the commonest faults: a comma before a bracket that closes, and Python's words. */
function remedy(text: string, offset: number, got: string): string {
  if (/^[}\]]/.test(got) && text.slice(0, offset).trimEnd().endsWith(",")) return "; take the comma before it out";
  return didYouMean(/^\w+$/.test(got) ? got : undefined, ["true", "false", "null"]);
}

/** Keys and positions that lead to a part of a spec, such as ["axes", "optimizer.lr", 1]. */
export type SpecPath = readonly (string | number)[];

/** "line 4, column 23": where a part stands in a spec's text; of one that it lacks, where what should have it does. */
export function placeIn(text: string, path: SpecPath, wrong: "key" | "value"): string {
  const root = parseTree(text, [], { disallowComments: true });
  const nodeAt = (length: number): Node | undefined => root && findNodeAtLocation(root, path.slice(0, length));
  let length = path.length;
  while (length > 0 && nodeAt(length) === undefined) length--;
  const value = nodeAt(length);
  const isKey = wrong === "key" && length === path.length && value?.parent?.type === "property";
  const lines = text.slice(0, (isKey ? value?.parent : value)?.offset ?? 0).split(/\r\n|\r|\n/);
  return `line ${lines.length}, column ${lines[lines.length - 1].length + 1}`;
}

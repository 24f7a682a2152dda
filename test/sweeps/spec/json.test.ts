import { describe, expect, test } from "vitest";
import { canonicalJson, parse, stringify } from "../../../src/core/json-text.js";
import { anyNumber, parseJson } from "../../../src/sweeps/spec/json.js";

test("numbers survive the way through a file, non-finite ones included", () => {
  const numbers = [0, 0.1, -1e-323, 1.7976931348623157e308, NaN, Infinity, -Infinity];
  const back = (parseJson(stringify(numbers), "numbers") as unknown[]).map((value) => anyNumber.parse(value));
  expect(back).toEqual(numbers);
  expect(parse(stringify({ numbers }))).toEqual({ numbers });
  expect(anyNumber.safeParse("nan").success).toBe(false);
  expect(anyNumber.safeParse(null).success).toBe(false);
});

test("canonical JSON does not depend on key order and drops undefined", () => {
  expect(canonicalJson({ b: 1, a: { d: [2, { f: NaN, e: 3 }], c: undefined } })).toBe(
    '{"a":{"d":[2,{"e":3,"f":"NaN"}]},"b":1}',
  );
});

describe("hostile JSON", () => {
  const cases: [name: string, text: string, message: RegExp][] = [
    ["__proto__", '{"a":{"__proto__":{"x":1}}}', /"a\.__proto__"/],
    ["constructor", '{"constructor":1}', /"constructor"/],
    ["prototype in a list", '[{"prototype":1}]', /"0\.prototype"/],
    ["deep nesting", "[".repeat(100_000) + "]".repeat(100_000), /levels deep/],
    ["cut short", '{"a":', /f\.json: not JSON/],
    ["control characters are not repeated", "\u0007\u001b[31m", /^[^\u0007\u001b]*$/],
  ];
  test.each(cases)("%s", (_name, text, message) => {
    expect(() => parseJson(text, "f.json")).toThrow(
      expect.objectContaining({ name: "InputError", message: expect.stringMatching(message) }),
    );
  });
});

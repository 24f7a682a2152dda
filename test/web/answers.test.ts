/** What "Try it" computes without a browser: the brush, pictures as images, and the words for what models say. */
import { describe, expect, it } from "vitest";
import { answerSentences, type ModelAnswer } from "../../web/report/src/comments/answers.js";
import { Cover } from "../../web/report/src/data/brush.js";
import { viewCells, type CellView } from "../../web/report/src/data/cells.js";
import { fitPicture, lightEdge } from "../../src/core/data/fit-picture.js";
import { homeworkCells } from "./fixture.js";

const cells = viewCells(homeworkCells());
const name = (label: number): string => ["Shirt", "Bag", "Boot", "Coat", "Dress"][label] ?? `class ${label}`;
/** Answers of these cells, with the same sureness each. */
const given = (labels: readonly number[], of: readonly CellView[] = cells): ModelAnswer[] =>
  labels.map((label, i) => ({ cell: of[i], label, probability: 0.75 }));
const plain = cells.filter(({ outcome, permutation }) => outcome === "done" && permutation === 0);

describe("the words for answers", () => {
  it.each<[string, number[], string]>([
    ["one", [1], "The model says Bag, 75.0\u202f% sure."],
    ["two alike", [1, 1], "Both models say Bag."],
    ["all alike", [0, 0, 0], "All 3 models say Shirt."],
    ["a majority", [0, 0, 1], "2 of 3 models say Shirt and 1 says Bag."],
    ["two groups of a size", [1, 0], "The models disagree: 1 of 2 models says Bag and 1 says Shirt."],
    [
      "many groups",
      [0, 0, 1, 2, 3, 4],
      "The models disagree: 2 of 6 models say Shirt, 1 says Bag, 1 says Boot and 2 say something else.",
    ],
  ])("count %s", (_, labels, words) => {
    const distinct = labels.map((_, i) => ({ ...plain[0], recipeKey: `recipe ${i}` }));
    expect(answerSentences(given(labels, distinct), name)).toEqual([words]);
  });

  it("say nothing of no models", () => expect(answerSentences([], name)).toEqual([]));

  it("say of a sample who recognises it", () => {
    const said = (labels: number[], truth: number) => answerSentences(given(labels, plain), name, truth)[1];
    expect(said([2], 2)).toBe("The sample is of the class Boot: the model recognises it.");
    expect(said([2], 1)).toBe("The sample is of the class Bag: the model does not recognise it.");
    expect(said([2, 1, 1], 2)).toBe("The sample is of the class Boot: 1 of 3 models recognises it.");
    expect(said([1, 1, 1], 2)).toBe("The sample is of the class Boot: none of 3 models recognise it.");
  });

  it("tell those that say one thing whatever they see from those that happen to", () => {
    const collapsed = cells.filter(({ outcome }) => outcome === "collapsed");
    expect(collapsed.length).toBeGreaterThan(1);
    const others = plain.slice(0, 2);
    const said = (labels: number[], of: CellView[]) => answerSentences(given(labels, of), name).slice(1);
    const all = [...collapsed, ...others];
    expect(said([...collapsed.map(() => 8), 8, 1], all)).toEqual([
      `The ${collapsed.length} trained by Adam say class 8 whatever they are shown: that was their answer to every test image.`,
    ]);
    // What it says here is not what it said of the test images.
    expect(said([1, ...collapsed.slice(1).map(() => 8)], collapsed)).toEqual([
      `${collapsed.length - 1} of the ${collapsed.length} trained by Adam ${collapsed.length === 2 ? "says" : "say"} class 8 whatever ${collapsed.length === 2 ? "it is" : "they are"} shown: that was ${collapsed.length === 2 ? "its" : "their"} answer to every test image.`,
    ]);
    expect(said([8], [{ ...collapsed[0], optimizerWord: "Muon" }])).toEqual([
      "The one trained by Muon says class 8 whatever it is shown: that was its answer to every test image.",
    ]);
  });

  it("compare recipes on permuted pixels with themselves on original ones", () => {
    const pairs = cells.filter(({ outcome }) => outcome === "done");
    const permuted = pairs.filter(({ permutation }) => permutation > 0).length;
    const said = (odd: number) => {
      let left = odd;
      const labels = pairs.map(({ permutation }) => (permutation > 0 && left-- > 0 ? 1 : 0));
      return answerSentences(given(labels, pairs), name).at(-1);
    };
    expect(said(0)).toBe(
      `Of the ${permuted} models on permuted pixels all answer as the same recipe does on original ones.`,
    );
    expect(said(permuted)).toContain("none answer as");
    expect(said(permuted - 1)).toContain(" 1 answers as");
    const [one] = pairs.filter(({ permutation }) => permutation > 0);
    const twin = pairs.find(({ recipeKey, permutation }) => recipeKey === one.recipeKey && permutation === 0);
    expect(answerSentences(given([0, 1], [one, twin!]), name).at(-1)).toBe(
      "On permuted pixels the same recipe gives another answer than on original ones.",
    );
  });
});

describe("the brush", () => {
  const size = { width: 6, height: 4 };
  const draw = (strokes: [from: [number, number], to: [number, number]][], radius: number, ink = [200]) => {
    const cover = new Cover(size.width, size.height);
    for (const [[x, y], [u, v]] of strokes) cover.sweep({ x, y }, { x: u, y: v }, radius);
    const image = new Uint8Array(24 * ink.length);
    cover.paint(image, new Uint8Array(24 * ink.length).fill(100), ink);
    return [...image];
  };

  it("inks the pixels that it passes whole, those at its edge in part, and no others", () => {
    const row = draw(
      [
        [
          [0.5, 1.5],
          [4.5, 1.5],
        ],
      ],
      0.75,
    );
    expect(row.slice(6, 12)).toEqual([200, 200, 200, 200, 200, 125]);
    expect(row.slice(0, 6)).toEqual([125, 125, 125, 125, 125, 100]);
    expect(row.slice(18)).toEqual(new Array(6).fill(100));
  });

  it("inks a pixel once however often a stroke passes it, in every channel, also beyond the edge", () => {
    const once = draw(
      [
        [
          [-2, 1.5],
          [9, 1.5],
        ],
      ],
      0.75,
      [200, 0, 100],
    );
    const twice = draw(
      [
        [
          [-2, 1.5],
          [9, 1.5],
        ],
        [
          [9, 1.5],
          [-2, 1.5],
        ],
      ],
      0.75,
      [200, 0, 100],
    );
    expect(twice).toEqual(once);
    expect(once.slice(18, 21)).toEqual([200, 0, 100]);
    expect(once.slice(0, 3)).toEqual([125, 75, 100]);
  });
});

describe("a picture as an image", () => {
  const picture = (width: number, height: number, of: (x: number, y: number) => number[]) => ({
    width,
    height,
    data: Uint8ClampedArray.from(
      Array.from({ length: width * height }, (_, i) => [...of(i % width, Math.floor(i / width)), 255]).flat(),
    ),
  });
  const grey = (value: number) => [value, value, value];

  it("of the same size is the same, byte for byte", () => {
    const bytes = picture(5, 3, (x, y) => grey(40 * x + y));
    expect([...fitPicture(bytes, { width: 5, height: 3, channels: 1 })]).toEqual([
      0, 40, 80, 120, 160, 1, 41, 81, 121, 161, 2, 42, 82, 122, 162,
    ]);
    const colours = picture(2, 1, (x) => [x, 10 + x, 20 + x]);
    expect([...fitPicture(colours, { width: 2, height: 1, channels: 3 })]).toEqual([0, 10, 20, 1, 11, 21]);
  });

  it("is the mean of what each pixel covers, in the middle, on the colour of its edge", () => {
    const wide = picture(8, 4, (x, y) => grey(x % 2 === 0 ? 100 : y % 2 === 0 ? 120 : 140));
    const edge = Math.round((100 * 10 + 120 * 5 + 140 * 5) / 20);
    expect([...fitPicture(wide, { width: 4, height: 4, channels: 1 })]).toEqual(
      [0, 1, 1, 0].flatMap((inside) => new Array<number>(4).fill(inside ? 115 : edge)),
    );
    // Of a colour, as bright as it is to the eye.
    expect([
      ...fitPicture(
        picture(1, 1, () => [0, 255, 0]),
        { width: 1, height: 1, channels: 1 },
      ),
    ]).toEqual([150]);
  });

  it("is larger than it was without a new value", () => {
    expect([
      ...fitPicture(
        picture(2, 1, (x) => grey(200 * x)),
        { width: 4, height: 2, channels: 1 },
      ),
    ]).toEqual([0, 0, 200, 200, 0, 0, 200, 200]);
  });

  it("is light or dark by its edge", () => {
    const size = { width: 3, height: 3, channels: 1 };
    expect(lightEdge([[255, 255, 255, 255, 0, 255, 255, 255, 255]], size)).toBe(true);
    expect(lightEdge([[0, 0, 0, 0, 255, 0, 0, 0, 0]], size)).toBe(false);
    expect(lightEdge([], size)).toBe(false);
  });
});

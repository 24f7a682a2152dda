/** Every sentence that is computed holds for sweeps that nobody chose: its figures, counts and names are recounted from the raw records. */
import { expect, it } from "vitest";
import { ablationComments, ablationTable } from "../../web/report/src/comments/ablation.js";
import { bonusComments, judgedBy } from "../../web/report/src/comments/bonus.js";
import { findings, headline } from "../../web/report/src/comments/findings.js";
import { learningComments } from "../../web/report/src/comments/learning.js";
import { parameterComments } from "../../web/report/src/comments/parameters.js";
import { permutationComments, permutationEffects } from "../../web/report/src/comments/permutation.js";
import { quickRun, scopeSentence, scopeText } from "../../web/report/src/comments/scope.js";
import { viewCells } from "../../web/report/src/data/cells.js";
import { ladderOf } from "../../web/report/src/data/ladder.js";
import { variantsOf } from "../../web/report/src/data/variants.js";
import type { CellRecord } from "../../src/sweeps/store/record.js";
import { randomSweep, type RandomSweep } from "./random-sweep.js";
import {
  answersOneClass,
  byImages,
  chance,
  deviation,
  diverged,
  heldOut,
  heldOutLoss,
  imagesOf,
  interval,
  judged,
  judges,
  mean,
  strictlyOneClass,
  testAccuracy,
  type Interval,
} from "./recount.js";

const SWEEPS = 120;

/** The cells of one config over its seeds, named as the page names them. */
interface Group {
  model: string;
  recipe: string;
  records: CellRecord[];
}
type Captured = Record<string, string | undefined>;
/** What a sentence looks like, and what must be true of it. */
type Sentence = [pattern: string, check: (captured: Captured) => void];

const number = (text: string | undefined): number => Number((text ?? "NaN").replaceAll(",", "").replace("−", "-"));

/** A figure as written is the value, rounded to as many digits. @param slack of the value itself */
function near(text: string | undefined, value: number, slack = 1e-7): void {
  const digits = text?.split(".")[1]?.length ?? 0;
  expect(Math.abs(number(text) - value), `${text} for ${value}`).toBeLessThanOrEqual(0.5 * 10 ** -digits + slack);
}

/** Student's quantiles stand in the page to four digits. */
const QUANTILE = 3e-4;

/** "88.0 %", or "88.0 ± 0.2 %" of several. */
function nearSpread(text: string | undefined, values: readonly number[]): void {
  const finite = values.filter(Number.isFinite);
  const [first, second] = (text ?? "").replace(" %", "").split(" ± ");
  near(first, 100 * mean(finite));
  if (finite.length > 1) near(second, 100 * deviation(finite));
  else expect(second).toBeUndefined();
}

/** "3.7 ± 0.9 points", whatever its sign; where chance may explain it the words must say so, and nowhere else. */
function nearInterval(text: string | undefined, of: Interval, saysChance?: boolean): void {
  const [value, half] = (text ?? "").replace(" points", "").split(" ± ");
  near(value.replace(/^[+−]/, ""), Math.abs(100 * of.value));
  near(half, 100 * of.half, 1e-7 + 100 * QUANTILE * of.half);
  if (/^[+−]/.test(value)) expect(value.startsWith("+")).toBe(of.value > 0);
  const close = Math.abs(Math.abs(of.value) - of.half) < QUANTILE * of.half;
  if (saysChance !== undefined && !close) expect(saysChance, `chance: ${JSON.stringify(of)}`).toBe(chance(of));
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const anyOf = (names: readonly string[]) =>
  `(?:${
    [...new Set(names)]
      .sort((a, b) => b.length - a.length)
      .map(escaped)
      .join("|") || "(?!)"
  })`;

const P = "[\\d.]+(?: ± [\\d.]+)? %";
const W = "[\\d.]+ ± [\\d.]+ points";
const MAYBE = ", which may be chance";
const ALL = "(?:both seeds|all \\d+ seeds)";
const SEEDS = `(?:it|${ALL}|\\d+ of \\d+ seeds)`;
const TROUBLE = `${SEEDS} (?:(?:gives?) (?:nearly )?every image one class(?:, ${SEEDS} diverged)?|diverged)`;
const OVER = "(?: \\(mean ± standard deviation over (?<over>\\d+(?: to \\d+)?) seeds\\))?";
const RISING =
  "still rises by (?<rate>[\\d.]+) points (?:in its last epoch|an epoch over its last (?<span>\\d+) epochs)";
const INTERVAL: Sentence = ["Differences are given with their 95 % interval\\.", () => undefined];

/** Reads the texts from their first to their last letter. @throws where a sentence is none of these, or not true */
function readAll(texts: readonly string[], sentences: readonly Sentence[]): Set<string> {
  const seen = new Set<string>();
  for (const raw of texts) {
    const text = raw.replaceAll("\u202f", " ");
    expect(text).not.toMatch(/NaN|undefined|null|∞|Infinity| {2}|\(\)|: \.|,,|\bsolely\b/);
    let at = 0;
    while (at < text.length) {
      let read = false;
      for (const [pattern, check] of sentences) {
        const match = new RegExp(`${pattern}(?: |$)`, "y");
        match.lastIndex = at;
        const found = match.exec(text);
        if (!found) continue;
        try {
          check(found.groups ?? {});
        } catch (error) {
          throw new Error(`"${found[0]}"`, { cause: error });
        }
        seen.add(pattern);
        [read, at] = [true, match.lastIndex];
        break;
      }
      if (!read) throw new Error(`no such sentence: "${text.slice(at)}"`);
    }
    if (texts.length > 0) expect(text.length).toBeGreaterThan(0);
  }
  return seen;
}

/** What the words say of a mean's seeds is what they are; without words all are sound. */
function checkTrouble(text: string | undefined, records: readonly CellRecord[]): void {
  const said = { class: 0, diverged: 0 };
  for (const clause of (text ?? "").split(", ").filter(Boolean)) {
    const [, who] = /^(it|both seeds|all \d+ seeds|\d+ of \d+ seeds) /.exec(clause) ?? [];
    const counts = who === "both seeds" ? [2] : [...who.matchAll(/\d+/g)].map(Number);
    const [k, n] = who === "it" ? [1, 1] : counts.length === 1 ? [counts[0], counts[0]] : counts;
    expect(n).toBe(records.length);
    said[clause.endsWith("diverged") ? "diverged" : "class"] = k;
    if (clause.includes("one class"))
      expect(clause.includes("nearly")).toBe(!records.filter(answersOneClass).every(strictlyOneClass));
  }
  expect(said).toEqual({ class: records.filter(answersOneClass).length, diverged: records.filter(diverged).length });
}

/** The recipes' troubles in brackets: of exactly those groups that have any, in their order. */
function checkNotes(text: string | undefined, groups: readonly Group[]): void {
  const notes = (text ?? "")
    .replace(/^ \(|\)$/g, "")
    .split("; ")
    .filter(Boolean);
  const troubled = groups.filter(({ records }) => records.some((r) => answersOneClass(r) || diverged(r)));
  expect(notes.length).toBe(troubled.length);
  troubled.forEach(({ recipe, records }, i) => {
    expect(notes[i].startsWith(`${recipe}: `)).toBe(true);
    checkTrouble(notes[i].slice(recipe.length + 2), records);
  });
}

const accuracies = (group: Group) => group.records.map(judged).filter(Number.isFinite);
const tested = (group: Group) => group.records.map(testAccuracy).filter(Number.isFinite);
const level = (group: Group) => (accuracies(group).length > 0 ? mean(accuracies(group)) : -1);
const judge = ({ records: [{ config }] }: Group) => config.validation;
/** Those that the largest part of the groups shares its images with; groups with a result decide. */
function alike<T extends Group>(groups: readonly T[]): T[] {
  const known = groups.some((group) => level(group) >= 0) ? groups.filter((group) => level(group) >= 0) : groups;
  const votes = (group: T) => known.filter((other) => judge(other) === judge(group)).length;
  const most = known.find((group) => votes(group) === Math.max(...known.map(votes)));
  return most ? groups.filter((group) => judge(group) === judge(most)) : [];
}
const splitOf = (group: Group | undefined) => (group && judge(group) !== undefined ? "validation" : "test");
const judgeWords = (group: Group) =>
  judge(group) === undefined ? "the test set" : `${judge(group)} validation images`;
/** The test accuracies of the chosen groups, told where validation chose them. */
function besideOf(chosen: () => readonly Group[], name: (group: Group) => string): Sentence {
  return [
    `Chosen by (?<n>[\\d,]+) validation images(?:; test accuracy is (?<figures>${P} with ${anyOf(chosen().map(name))}(?:(?:, | and )${P} with ${anyOf(chosen().map(name))})*))?\\.`,
    (c) => {
      const groups = chosen();
      for (const group of groups) expect(judge(group)).toBe(number(c.n));
      const known = groups.filter((group) => tested(group).length > 0);
      const parts = [
        ...(c.figures ?? "").matchAll(new RegExp(`(?<p>${P}) with (?<name>${anyOf(groups.map(name))})`, "g")),
      ];
      expect(parts.map((part) => part.groups?.name)).toEqual(known.map(name));
      parts.forEach((part, i) => nearSpread(part.groups?.p, tested(known[i])));
    },
  ];
}
/** Who is left out of a ranking. */
const apartOf = (groups: readonly Group[]): Sentence => [
  "Ranked are those judged by (?<judge>the test set|[\\d,]+ validation images); (?<k>\\d+) variants? judged by (?<others>.+?) cannot be compared with them\\.",
  (c) => {
    const kept = alike(groups);
    const others = groups.filter((group) => !kept.includes(group));
    expect([c.judge, Number(c.k)]).toEqual([judgeWords(kept[0]), others.length]);
    expect(c.others?.split(/, | and /)).toEqual([...new Set(others.map(judgeWords))]);
  },
];
const best = (groups: readonly Group[]) => Math.max(...groups.map(level));
const between = (a: Group, b: Group) => interval(a.records, b.records);
const sound = ({ records }: Group) => records.every((r) => r.status === "done" && !answersOneClass(r));

/** Mean over the seeds, epoch by epoch, as far as all of them go. */
function curveOf({ records }: Group, values: (record: CellRecord) => number[]): number[] {
  const all = records.map(values);
  return Array.from({ length: Math.min(...all.map((row) => row.length)) }, (_, i) => mean(all.map((row) => row[i])));
}

function checkRising(group: Group, { rate, span }: Captured): void {
  const curve = curveOf(group, heldOut);
  const k = Number(span ?? 1);
  const slope = (100 * (curve[curve.length - 1] - curve[curve.length - 1 - k])) / k;
  near(rate, slope);
  expect(slope).toBeGreaterThan(0.25);
}

function checkOver(text: string | undefined, groups: readonly Group[]): void {
  const counts = groups.map((group) => accuracies(group).length).filter((n) => n > 0);
  const [low, high] = [Math.min(...counts), Math.max(...counts)];
  expect(text).toBe(counts.length === 0 || high < 2 ? undefined : low === high ? `${high}` : `${low} to ${high}`);
}

/** Sentences on one model's groups on original pixels. */
function learning(groups: readonly Group[]): Sentence[] {
  const R = anyOf(groups.map(({ recipe }) => recipe));
  const named = (recipe: string | undefined): Group => {
    const found = groups.filter((group) => group.recipe === recipe);
    expect(found).toHaveLength(1);
    return found[0];
  };
  const cells = groups.flatMap(({ records }) => records);
  const kept = alike(groups);
  const order = kept.map(level).sort((a, b) => b - a);
  const ON = "(?: on (?:both|all \\d+|\\d+ of \\d+) seeds)?";
  const FOLLOWER = `${R} with (?:no finite result|${P} \\(${W} behind(?:${MAYBE})?(?:; ${TROUBLE})?\\))`;
  const list = (item: string) => `${item}(?:(?:, | and )(?:${item}|\\d+ more))*`;
  /** "Adam on 2 of 3 seeds and SGD": each group that is hit, with its seeds, four at most. */
  const checkList = (text: string | undefined, hit: (record: CellRecord) => boolean): void => {
    const affected = groups.filter(({ records }) => records.some(hit));
    const items = [
      ...(text ?? "").matchAll(
        new RegExp(
          `(?<=^|, | and )(?<recipe>${R})(?: on (?:(?<both>both)|all (?<all>\\d+)|(?<k>\\d+) of (?<n>\\d+)) seeds)?(?: in epoch (?<epochs>\\d+(?:(?:, | and )\\d+(?! more))*))?(?=$|, | and )`,
          "g",
        ),
      ),
    ];
    expect(items.map((item) => item.groups?.recipe)).toEqual(affected.slice(0, 4).map(({ recipe }) => recipe));
    for (const { groups: item } of items) {
      const { records } = named(item?.recipe);
      const some = records.filter(hit);
      const all = item?.both ? 2 : (item?.all ?? 1);
      expect([Number(item?.k ?? all), Number(item?.n ?? all)]).toEqual([some.length, records.length]);
      if (item?.epochs !== undefined)
        expect(item.epochs.split(/, | and /).map(Number)).toEqual(
          [...new Set(some.map(({ curve }) => curve.length))].sort((a, b) => a - b),
        );
    }
    const more = /(\d+) more$/.exec(text ?? "")?.[1];
    expect(Number(more ?? 0)).toBe(Math.max(0, affected.length - 4));
  };
  const overfit = (c: Captured): Group => {
    const group = named(c.recipe);
    expect([level(group), sound(group), kept.includes(group)]).toEqual([best(kept), true, true]);
    expect(c.of).toBe(splitOf(group));
    const train = mean(group.records.map(({ curve }) => curve[curve.length - 1].trainAccuracy));
    const n = Math.min(...group.records.map(judges));
    const gap = byImages(train, n, level(group), n);
    nearInterval(c.w, gap, c.chance !== undefined);
    if (number(c.w?.split(" ")[0]) > 0) expect(c.side).toBe(gap.value < 0 ? "below" : "above");
    return group;
  };
  const high = (c: Captured): Group => {
    const adam = named(c.recipe);
    const { optimizer } = adam.records[0].config;
    expect([optimizer.kind, optimizer.lr, sound(adam)]).toEqual(["adam", number(c.lr), true]);
    expect(number(c.times)).toBe(Math.round(number(c.lr) / 0.001));
    return adam;
  };
  const HIGH = `The learning rate of (?<recipe>${R}), (?<lr>[\\d.]+), is (?<times>\\d+) times Adam's usual 0\\.001`;
  const NOTE = `(?<note> \\(${R}: ${TROUBLE}(?:; ${R}: ${TROUBLE})*\\))?`;
  const OVERFIT = `The training accuracy of (?<recipe>${R}) ends (?<w>${W}) (?<side>below|above) its (?<of>test|validation) accuracy`;
  const momentum = (c: Captured, faster: string): [Group, Group, Interval] => {
    const [sgd, nesterov] = [groups.filter(kind("sgd")), groups.filter(kind("nesterov"))];
    expect([sgd.length, nesterov.length, sgd[0].recipe]).toEqual([1, 1, c.slow]);
    if (c.recipe !== undefined) expect(c.recipe).toBe(nesterov[0].recipe);
    const { optimizer: a, ...rest } = sgd[0].records[0].config;
    const { optimizer: b, ...other } = nesterov[0].records[0].config;
    expect([b.lr, { ...other, seed: 0 }]).toEqual([a.lr, { ...rest, seed: 0 }]);
    checkNotes(c.note, [sgd[0], nesterov[0]]);
    const gain = between(nesterov[0], sgd[0]);
    nearInterval(c.w, gain, faster === "chance");
    return [sgd[0], nesterov[0], gain];
  };
  return [
    INTERVAL,
    apartOf(groups),
    besideOf(
      () => kept.filter((group) => level(group) === order[0]).slice(0, 1),
      ({ recipe }) => recipe,
    ),
    ["No cell of this model has ended yet\\.", () => expect(cells).toHaveLength(0)],
    [
      `(?:After (?<epochs>\\d+) epochs?|After the last epoch of each), no recipe has a finite (?<split>test|validation) accuracy\\.`,
      (c) => expect([order[0], c.split]).toEqual([-1, splitOf(kept[0])]),
    ],
    [
      `(?:After (?<epochs>\\d+) epochs?|After the last epoch of each), (?<recipe>${R}) (?<verb>leads|ends) with a (?<split>test|validation) accuracy of (?<p>${P})(?: \\((?<trouble>${TROUBLE})\\))?${OVER}(?:; then (?<followers>${FOLLOWER}(?:(?:, | and )${FOLLOWER})*)(?:; (?<more>\\d+) further variants? rank below)?)?\\.`,
      (c) => {
        const leader = named(c.recipe);
        expect([c.split, kept.includes(leader)]).toEqual([splitOf(leader), true]);
        const lengths = [...new Set(kept.flatMap(({ records }) => records.map(({ curve }) => curve.length)))];
        expect(c.epochs).toBe(lengths.length === 1 ? `${lengths[0]}` : undefined);
        expect(level(leader)).toBe(order[0]);
        nearSpread(c.p, accuracies(leader));
        checkTrouble(c.trouble, leader.records);
        checkOver(c.over, kept);
        const item = `(?<recipe>${R}) with (?:no finite result|(?<p>${P}) \\((?<w>${W}) behind(?<chance>${MAYBE})?(?:; (?<trouble>${TROUBLE}))?\\))`;
        const followers = [...(c.followers ?? "").matchAll(new RegExp(item, "g"))].map((m) => m.groups ?? {});
        expect([followers.length, Number(c.more ?? 0)]).toEqual([
          Math.min(4, kept.length - 1),
          Math.max(0, kept.length - 5),
        ]);
        followers.forEach((f, i) => {
          const group = named(f.recipe);
          expect([level(group), kept.includes(group)]).toEqual([order[i + 1], true]);
          if (f.p === undefined) return expect(accuracies(group)).toHaveLength(0);
          nearSpread(f.p, accuracies(group));
          nearInterval(f.w, between(leader, group), f.chance !== undefined);
          checkTrouble(f.trouble, group.records);
        });
      },
    ],
    [
      `Momentum does not clearly help here: (?<recipe>${R}) ends (?<w>${W}) (?<side>behind|ahead of) (?<slow>${R}), which may be chance(?<few> \\(too few (?<by>seeds|images) to tell\\))?${NOTE}\\.`,
      (c) => {
        const [, , gain] = momentum(c, "chance");
        expect(c.side).toBe(gain.value < 0 ? "behind" : "ahead of");
        expect(c.few !== undefined).toBe(Math.abs(gain.value) + gain.half > 0.02);
        if (c.by) expect(c.by).toBe(gain.by);
      },
    ],
    [
      `Against the usual expectation, momentum costs (?<w>${W}) against (?<slow>${R})${NOTE}\\.`,
      (c) => expect(momentum(c, "sure")[2].value).toBeLessThan(0),
    ],
    [
      `Momentum gains (?<w>${W}) over (?<slow>${R})${NOTE}\\. While gradients agree from step to step, momentum (?<m>[\\d.]+) lengthens the steps up to (?<fold>[\\d.]+)-fold, at the same learning rate\\.`,
      (c) => {
        const [, nesterov, gain] = momentum(c, "sure");
        expect(gain.value).toBeGreaterThan(0);
        expect(nesterov.records[0].config.optimizer).toMatchObject({ momentum: number(c.m) });
        near(c.fold, 1 / (1 - number(c.m)));
      },
    ],
    [
      `It reaches (?<recipe>${R})'s last (?<split>test|validation) accuracy in epoch (?<epoch>\\d+)\\.`,
      (c) => {
        const target = curveOf(named(c.recipe), heldOut).at(-1) as number;
        const curve = curveOf(groups.filter(kind("nesterov"))[0], heldOut);
        expect([c.split, curve.findIndex((x) => x >= target) + 1]).toEqual([splitOf(named(c.recipe)), Number(c.epoch)]);
      },
    ],
    [
      `The (?<split>test|validation) accuracy of (?<recipe>${R}) ${RISING}: the run is too short to tell where it would end\\.`,
      (c) => (expect(c.split).toBe(splitOf(named(c.recipe))), checkRising(named(c.recipe), c)),
    ],
    [
      `(?<k>\\d+) of (?<n>\\d+) cells? gives? (?<nearly>nearly )?every image one class: (?<list>${list(R + ON)})\\. (?:Its|Their) test accuracy is (?<low>${P})(?: to (?<high>${P}))?\\. (?:The records do not tell why\\. Units whose ReLU is below zero for every image pass no gradient, which is the usual cause|In its first steps Adam moves every weight by about its learning rate, here (?<lr>[\\d.]+), whatever the size of the gradient, so weights outgrow their initial size within a few steps\\. ReLUs that are then below zero for every image pass no gradient; the records do not tell whether that happened here)\\.`.replaceAll(
        "gives?",
        "(?:gives|give)",
      ),
      (c) => {
        const some = cells.filter(answersOneClass);
        expect([Number(c.k), Number(c.n)]).toEqual([some.length, cells.length]);
        expect(c.nearly === undefined).toBe(some.every(strictlyOneClass));
        checkList(c.list, answersOneClass);
        const figures = some.map(testAccuracy);
        nearSpread(c.low, [Math.min(...figures)]);
        nearSpread(c.high ?? c.low, [Math.max(...figures)]);
        const kinds = new Set(some.map(({ config }) => `${config.optimizer.kind} ${config.optimizer.lr}`));
        const adam =
          kinds.size === 1 && some[0].config.optimizer.kind === "adam" && some[0].config.optimizer.lr >= 0.05;
        expect(c.lr).toBe(adam ? `${some[0].config.optimizer.lr}` : undefined);
      },
    ],
    [
      `(?<k>\\d+) of (?<n>\\d+) cells? diverged: (?<list>${list(`${R}${ON} in epoch \\d+(?:(?:, | and )\\d+(?! more))*`)})\\. A loss, a weight or a running statistic stopped being finite, which ends the cell and counts as its result\\.`,
      (c) => {
        expect([Number(c.k), Number(c.n)]).toEqual([cells.filter(diverged).length, cells.length]);
        checkList(c.list, diverged);
      },
    ],
    [
      `${HIGH}: in each early step every weight moves by about that much, whatever the size of its gradient\\. It ends (?<w>${W}) behind (?<first>${R})${NOTE}\\.`,
      (c) => {
        const [adam, first] = [high(c), named(c.first)];
        expect(level(first)).toBe(order[0]);
        nearInterval(c.w, between(first, adam), false);
        checkNotes(c.note, [first]);
      },
    ],
    [
      `${HIGH} and expected to do harm, which these records do not show: it (?:leads|ends (?<w>${W}) behind (?<first>${R}), which may be chance${NOTE})\\.`,
      (c) => {
        const adam = high(c);
        if (c.first === undefined) return expect(level(adam)).toBe(order[0]);
        nearInterval(c.w, between(named(c.first), adam), true);
        checkNotes(c.note, [named(c.first)]);
      },
    ],
    [
      `From one epoch to the next, the (?<split>test|validation|held-out) accuracy falls by more than 3 points with (?<list>${list(`${R} \\(by up to ${W} after epoch \\d+\\)`)}): it jumps rather than settles\\.`,
      (c) => {
        const falls = groups.filter(sound).flatMap((group) => {
          const all = group.records.flatMap((record) => {
            const [curve, n] = [heldOut(record), record.config.validation ?? imagesOf(record)];
            return curve.flatMap((x, i) => (i < 2 ? [] : [{ epoch: i, fall: byImages(curve[i - 1], n, x, n) }]));
          });
          const real = all.filter(({ fall }) => fall.value > 0.03 && !chance(fall));
          return real.length > 0 ? [{ group, real }] : [];
        });
        const splits = [...new Set(falls.map(({ group }) => splitOf(group)))];
        expect(c.split).toBe(splits.length > 1 ? "held-out" : splits[0]);
        const items = [
          ...(c.list ?? "").matchAll(
            new RegExp(`(?<recipe>${R}) \\(by up to (?<w>${W}) after epoch (?<epoch>\\d+)\\)`, "g"),
          ),
        ];
        expect(items.map((m) => m.groups?.recipe)).toEqual(falls.slice(0, 4).map(({ group }) => group.recipe));
        items.forEach((m, i) => {
          const largest = Math.max(...falls[i].real.map(({ fall }) => fall.value));
          const at = falls[i].real.filter(
            ({ epoch, fall }) => fall.value > largest - 1e-9 && epoch === Number(m.groups?.epoch),
          );
          const half = (fall: Interval) => Math.abs(100 * fall.half - number(m.groups?.w?.split(/ ± | points/)[1]));
          expect(at.length).toBeGreaterThan(0);
          nearInterval(m.groups?.w, at.sort((a, b) => half(a.fall) - half(b.fall))[0].fall);
        });
        expect(Number(/(\d+) more$/.exec(c.list ?? "")?.[1] ?? 0)).toBe(Math.max(0, falls.length - 4));
      },
    ],
    [
      `${OVERFIT}(?<chance>${MAYBE})?\\. Its (?<split>test|validation) loss was lowest in epoch (?<epoch>\\d+) and ends (?<rise>${P}) higher, while the training loss fell further: it has begun to overfit\\.`,
      (c) => {
        const group = overfit(c);
        const [loss, train] = [
          curveOf(group, heldOutLoss),
          curveOf(group, ({ curve }) => curve.map((row) => row.trainLoss)),
        ];
        const [lowest, last] = [Number(c.epoch) - 1, loss.length - 1];
        expect([c.split, loss[lowest]]).toEqual([splitOf(group), Math.min(...loss)]);
        near(c.rise?.replace(" %", ""), 100 * (loss[last] / loss[lowest] - 1));
        expect(train[last]).toBeLessThan(train[lowest]);
      },
    ],
    [`${OVERFIT}(?<chance>${MAYBE})?: no sign of overfitting\\.`, (c) => void overfit(c)],
    [
      `${OVERFIT}: it fits the images that it trains on better than new ones\\.`,
      (c) => (overfit(c), expect(c.side).toBe("above")),
    ],
    [
      "\\(A training figure is the mean over an epoch, each batch before its update, so it lags behind\\.\\)",
      () => undefined,
    ],
  ];
}

const kind = (name: string) => (group: Group) => group.records[0].config.optimizer.kind === name;
const isKind = (name: string) => (group: Group) => group.records[0].config.model.kind === name;
const permutation = (k: number) => (group: Group) => group.records[0].config.permutation === k;
/** Of the groups on original pixels: each model's with the highest mean. */
function bestOfModels(groups: readonly Group[]): Group[] {
  const own = alike(groups.filter(permutation(0))).filter((group) => level(group) >= 0);
  return [...new Set(own.map(({ model }) => model))].map((model) => {
    const same = own.filter((group) => group.model === model);
    return same.find((group) => level(group) === best(same)) as Group;
  });
}
const ofModel = ({ model }: Group) => `the ${model}`;
const ON = "(?<on> on validation images)?";
const size = ({ records }: Group) => records[0].parameters;

function names(groups: readonly Group[]): { R: string; M: string; NOTE: string } {
  const R = anyOf(groups.map(({ recipe }) => recipe));
  return {
    R,
    M: anyOf(groups.map(({ model }) => model)),
    NOTE: `(?<note> \\(${R}: ${TROUBLE}(?:; ${R}: ${TROUBLE})*\\))?`,
  };
}

function parameters(groups: readonly Group[]): Sentence[] {
  const { R, M, NOTE } = names(groups);
  const tops = bestOfModels(groups);
  const model = (name: string | undefined) => tops.find((group) => group.model === name) as Group;
  const FACTS = `The (?<large>${M}) has (?<a>[\\d,]+) parameters and reaches (?<p>${P})${ON} with (?<r>${R}); the (?<small>${M}) has (?<b>[\\d,]+), (?<times>[\\d.]+) times fewer, and reaches (?<q>${P}) with (?<s>${R}), (?<w>${W}) (?<side>more|less)(?<chance>${MAYBE})?${NOTE}\\.`;
  const facts = (c: Captured): Interval => {
    const [large, small] = [model(c.large), model(c.small)];
    expect([number(c.a), number(c.b), c.r, c.s]).toEqual([size(large), size(small), large.recipe, small.recipe]);
    expect([size(large), size(small)]).toEqual([Math.max(...tops.map(size)), Math.min(...tops.map(size))]);
    expect(c.on !== undefined).toBe(splitOf(large) === "validation");
    near(c.times, size(large) / size(small));
    nearSpread(c.p, [level(large)]);
    nearSpread(c.q, [level(small)]);
    const gain = between(small, large);
    nearInterval(c.w, gain, c.chance !== undefined);
    expect(c.side).toBe(gain.value < 0 ? "less" : "more");
    checkNotes(c.note, [large, small]);
    return gain;
  };
  const bySize = [...tops].sort((a, b) => size(b) - size(a));
  const top = tops.length > 3 ? bySize.filter((group) => level(group) === best(tops)).slice(0, 1) : [];
  return [
    INTERVAL,
    apartOf(groups.filter(permutation(0))),
    besideOf(() => (tops.length > 3 ? top : bySize.filter((_, i) => i === 0 || i === tops.length - 1)), ofModel),
    [
      "(?<who>No model|Only one model) has a result on original pixels: there is nothing to compare\\.",
      (c) => expect(tops.length).toBe(c.who === "No model" ? 0 : 1),
    ],
    [`Not clearly\\. ${FACTS}`, (c) => expect(chance(facts(c))).toBe(true)],
    [`No\\. ${FACTS}`, (c) => (expect(facts(c).value).toBeGreaterThan(0), expect(c.chance).toBeUndefined())],
    [
      `In this sweep, yes\\. ${FACTS}`,
      (c) => (expect(facts(c).value).toBeLessThan(0), expect(c.chance).toBeUndefined()),
    ],
    [
      "What counts is where the parameters sit: a convolution uses the same few weights at every place of the image, while a dense layer must learn each place anew\\.",
      () => expect([tops.some(isKind("cnn")), tops.some(isKind("mlp"))]).toEqual([true, true]),
    ],
    ["What counts is how the parameters are arranged, not how many there are\\.", () => undefined],
    [
      "That contradicts the usual finding on images, where the smaller convolutional network wins\\.",
      () =>
        expect(
          [...tops]
            .sort((a, b) => size(b) - size(a))
            .filter((_, i, all) => i % (all.length - 1) === 0 || i === all.length - 1)
            .every(({ records }) => records[0].config.trainLimit === undefined),
        ).toBe(true),
    ],
    [
      `The run is too short to tell whether that would last: (?<why>.+)\\.(?= Differences|$)`,
      ({ why = "" }) => {
        const limit = /training was limited to ([\d,]+) images/.exec(why);
        if (limit) expect(tops.map(({ records }) => records[0].config.trainLimit)).toContain(number(limit[1]));
        const rising = [
          ...why.matchAll(
            new RegExp(`the (?:test|validation) accuracy of the (?<model>${M}) with (?<recipe>${R}) ${RISING}`, "g"),
          ),
        ];
        for (const { groups: c = {} } of rising) {
          expect(model(c.model).recipe).toBe(c.recipe);
          checkRising(model(c.model), c);
        }
        expect((limit ? 1 : 0) + rising.length).toBeGreaterThan(0);
      },
    ],
    [
      `The (?<a>${M}) and the (?<b>${M}) have (?<n>[\\d,]+) parameters each, so their number explains nothing\\.`,
      (c) => expect([size(model(c.a)), size(model(c.b))]).toEqual([number(c.n), number(c.n)]),
    ],
    [
      `Of (?<n>\\d+) models the counts or the accuracies do not vary, so there is no relation to speak of\\.`,
      (c) => {
        expect(tops).toHaveLength(Number(c.n));
        expect(Math.min(new Set(tops.map(size)).size, new Set(tops.map(level)).size)).toBe(1);
      },
    ],
    [
      `Over (?<n>\\d+) models the rank correlation between parameters and (?<split>test|validation) accuracy is (?<rho>−?[\\d.]+): (?<verdict>that may be chance|larger models tended to be (?:better|worse))\\.`,
      (c) => {
        expect([tops.length, splitOf(tops[0])]).toEqual([Number(c.n), c.split]);
        const rank = (of: (group: Group) => number) =>
          tops.map(
            (x) => tops.filter((y) => of(y) < of(x)).length + (tops.filter((y) => of(y) === of(x)).length + 1) / 2,
          );
        const [x, y] = [rank(size), rank(level)];
        const [mx, my] = [mean(x), mean(y)];
        const rho =
          mean(x.map((v, i) => (v - mx) * (y[i] - my))) /
          Math.sqrt(mean(x.map((v) => (v - mx) ** 2)) * mean(y.map((v) => (v - my) ** 2)));
        near(c.rho, rho);
        const sure = Math.abs(rho) >= 1.96 / Math.sqrt(tops.length - 1);
        expect(c.verdict).toBe(
          sure ? `larger models tended to be ${rho > 0 ? "better" : "worse"}` : "that may be chance",
        );
      },
    ],
    [
      `The best one, (?<model>${M}), has (?<n>[\\d,]+) parameters${NOTE}\\.`,
      (c) => {
        expect([level(model(c.model)), size(model(c.model))]).toEqual([best(tops), number(c.n)]);
        checkNotes(c.note, [model(c.model)]);
      },
    ],
  ];
}

/** Original and permuted, of each model's best recipe that has both. */
function effectsOf(
  groups: readonly Group[],
): { model: string; original: Group; permuted: Group; drop: Interval; under: string }[] {
  return [...new Set(groups.map(({ model }) => model))].flatMap((model) => {
    const own = groups.filter((group) => group.model === model);
    const pairs = own.filter(permutation(0)).flatMap((original) => {
      const others = own.filter(
        (group) => !permutation(0)(group) && group.recipe === original.recipe && level(group) >= 0,
      );
      const least = Math.min(...others.map(({ records }) => records[0].config.permutation));
      const permuted = others.find(permutation(least));
      const under = others.length > 1 ? ` (permutation ${least}, one of ${others.length})` : "";
      return permuted && level(original) >= 0
        ? [{ model, original, permuted, drop: between(original, permuted), under }]
        : [];
    });
    const kept = alike(pairs.map(({ original }) => original));
    const top = pairs.find(({ original }) => kept.includes(original) && level(original) === best(kept));
    return top ? [top] : [];
  });
}

/** Which permutation the words are about, where there are several. */
const UNDER = "(?<under> \\(permutation \\d+, one of \\d+\\))?";
const MIXED = `(?: \\((?:original pixels: (?<before>${TROUBLE}))?(?:; )?(?:permuted pixels: (?<after>${TROUBLE}))?\\))?`;

function permuting(groups: readonly Group[]): Sentence[] {
  const { R, M } = names(groups);
  const effects = effectsOf(groups);
  const of = (model: string | undefined) =>
    effects.find((effect) => effect.model === model) as (typeof effects)[number];
  const comparable = alike(effects.map(({ original }) => original));
  const order = effects
    .filter(({ original }) => comparable.includes(original))
    .sort((a, b) => b.drop.value - a.drop.value);
  const isOf = (name: string, ok: (drop: Interval) => boolean) => (c: Captured) => {
    const models = effects.filter(({ original, drop }) => isKind(name)(original) && ok(drop)).map(({ model }) => model);
    expect(models).toContain(c.model);
  };
  const apart = (a: Interval, b: Interval): Interval => ({
    value: a.value - b.value,
    half: Math.hypot(a.half, b.half),
    by: a.by,
  });
  return [
    INTERVAL,
    [
      "No recipe was run on both original and permuted pixels, so there is nothing to compare yet\\.",
      () => expect(effects).toHaveLength(0),
    ],
    [
      `The (?<model>${M}) with (?<recipe>${R}) goes from (?<p>${P})${ON} to (?<q>${P})${UNDER}: it (?:(?<verb>loses|gains) (?<w>${W})|stays where it was; (?<still>${W}) may be chance|changes by (?<open>${W}), which may be chance: there are too few (?<by>seeds|images) to tell)${MIXED}\\.`,
      (c) => {
        const { original, permuted, drop, under } = of(c.model);
        expect([original.recipe, under]).toEqual([c.recipe, c.under ?? ""]);
        expect(c.on !== undefined).toBe(splitOf(original) === "validation");
        nearSpread(c.p, [level(original)]);
        nearSpread(c.q, [level(permuted)]);
        nearInterval(c.w ?? c.still ?? c.open, drop, c.w === undefined);
        if (c.verb) expect(c.verb).toBe(drop.value > 0 ? "loses" : "gains");
        else expect(c.still !== undefined).toBe(Math.abs(drop.value) + drop.half <= 0.02);
        if (c.by) expect(c.by).toBe(drop.by);
        checkTrouble(c.before, original.records);
        checkTrouble(c.after, permuted.records);
      },
    ],
    [
      `Theory expects no change: the first layer of the (?<model>${M}) is connected to all pixels alike, so that permuting the pixels and the columns of its weight matrix together leaves every output as it is\\.`,
      isOf("mlp", () => true),
    ],
    [
      "With one seed, the draw of the initial weights may explain this one; more seeds would tell\\.",
      () =>
        expect(
          effects.some((e) => !chance(e.drop) && Math.min(e.original.records.length, e.permuted.records.length) === 1),
        ).toBe(true),
    ],
    [
      "These records go against it\\.",
      () =>
        expect(
          effects.some((e) => !chance(e.drop) && Math.min(e.original.records.length, e.permuted.records.length) > 1),
        ).toBe(true),
    ],
    [
      `The (?<model>${M}) is built on neighbourhood: a small filter looks for edges and textures among pixels that lie beside each other, the same filter everywhere, and pooling keeps what was found nearby\\. After the permutation neighbours are unrelated pixels\\.`,
      isOf("cnn", (d) => !chance(d) && d.value > 0),
    ],
    [
      `The (?<model>${M}) is expected to suffer, since its small shared filters rely on neighbouring pixels; these records do not show it\\.`,
      isOf("cnn", (d) => chance(d) || d.value < 0),
    ],
    [
      `Which of the two suffers more, the (?<a>${M}) or the (?<b>${M}), these records cannot tell: the difference, (?<w>${W}), may be chance\\.`,
      (c) => {
        expect(of(c.a).drop.value).toBeCloseTo(order[0].drop.value, 9);
        expect(of(c.b).drop.value).toBeCloseTo(order[1].drop.value, 9);
        nearInterval(c.w, apart(of(c.a).drop, of(c.b).drop), true);
      },
    ],
    [
      `So permuting costs the (?<a>${M}) (?<w>${W}) more than the (?<b>${M})\\.`,
      (c) => {
        expect(of(c.a).drop.value).toBeCloseTo(order[0].drop.value, 9);
        expect(of(c.b).drop.value).toBeCloseTo(order[1].drop.value, 9);
        nearInterval(c.w, apart(of(c.a).drop, of(c.b).drop), false);
      },
    ],
    [
      `On permuted pixels the (?<b>${M}) even overtakes the (?<a>${M}), by (?<w>${W})\\.`,
      (c) => {
        const [a, b] = [of(c.a), of(c.b)];
        expect(level(a.original)).toBeGreaterThan(level(b.original));
        expect(level(b.permuted)).toBeGreaterThan(level(a.permuted));
        nearInterval(c.w, between(b.permuted, a.permuted), false);
      },
    ],
  ];
}

/** "8 of 12 cells with Adam give every image one class", in every form that it has. */
function troubles(records: readonly CellRecord[], recipeOf: (record: CellRecord) => string): Sentence {
  const R = anyOf(records.map(recipeOf));
  const item = `(?:(?:\\d+ of \\d+ cells?|[Tt]he only cell)(?: with ${R})? (?:(?:gives|give) (?:nearly )?every image one class|diverged|failed with an error))`;
  return [
    `(?<all>${item}(?:(?:, | and |; )${item})*)\\.`,
    ({ all = "" }) => {
      const said = { class: 0, diverged: 0, failed: 0 };
      for (const { groups: c = {} } of all.matchAll(
        new RegExp(
          `(?:(?<k>\\d+) of (?<n>\\d+) cells?|[Tt]he only cell)(?: with (?<recipe>${R}))? (?<what>(?:gives|give) (?:nearly )?every image one class|diverged|failed)`,
          "g",
        ),
      )) {
        const group = records.filter((record) => c.recipe === undefined || recipeOf(record) === c.recipe);
        const what = c.what.endsWith("class") ? "class" : (c.what as "diverged" | "failed");
        const hit = { class: answersOneClass, diverged, failed: (r: CellRecord) => r.status === "failed" }[what];
        expect([Number(c.k ?? 1), Number(c.n ?? 1)]).toEqual([group.filter(hit).length, group.length]);
        if (what === "class") expect(c.what.includes("nearly")).toBe(!group.filter(hit).every(strictlyOneClass));
        said[what] += Number(c.k ?? 1);
      }
      expect(said).toEqual({
        class: records.filter(answersOneClass).length,
        diverged: records.filter(diverged).length,
        failed: records.filter(({ status }) => status === "failed").length,
      });
    },
  ];
}

function sweepWide(
  groups: readonly Group[],
  records: readonly CellRecord[],
  recipeOf: (record: CellRecord) => string,
  finals: readonly CellRecord[],
): Sentence[] {
  const { R, M, NOTE } = names(groups);
  const tops = bestOfModels(groups);
  const sorted = [...tops].sort((a, b) => level(b) - level(a) || size(b) - size(a));
  const all = alike(groups);
  const LEAD = `(?:, (?<ahead>${W}) ahead of (?<second>${R})(?<chance>${MAYBE})?)?${NOTE}`;
  const bare = (pattern: string) => pattern.replaceAll(/\?<\w+>/g, "?:");
  const part = `(?<p>${P}) with the (?<model>${M})(?: and (?<recipe>${R}))?${LEAD}`;
  const rivals = (top: Group) =>
    groups.filter(
      (g) => g.model === top.model && permutation(0)(g) && g !== top && level(g) >= 0 && judge(g) === judge(top),
    );
  const checkPart = (c: Captured, i: number) => {
    const top = tops.find(({ model }) => model === c.model) as Group;
    expect(level(top)).toBe(level(sorted[i]));
    if (c.recipe) expect(c.recipe).toBe(top.recipe);
    nearSpread(c.p, accuracies(top));
    const others = rivals(top);
    if (c.second === undefined) {
      expect(others).toHaveLength(0);
      return checkNotes(c.note, [top]);
    }
    const second = others.find(({ recipe }) => recipe === c.second) as Group;
    expect(level(second)).toBe(best(others));
    nearInterval(c.ahead, between(top, second), c.chance !== undefined);
    checkNotes(c.note, [top, second]);
  };
  const checkParts = (text: string | undefined) => {
    const parts = [...(text ?? "").matchAll(new RegExp(part, "g"))];
    expect(parts).toHaveLength(Math.min(3, tops.length));
    parts.forEach((match, i) => checkPart(match.groups ?? {}, i));
    return parts.map((match) => tops.find(({ model }) => model === match.groups?.model) as Group);
  };
  const effects = effectsOf(groups);
  /** The best group, which has the model and recipe that are named. */
  const onPermuted = (c: Captured): Group => {
    const found = all.find(
      (group) => level(group) === best(all) && group.model === c.model && group.recipe === c.recipe,
    );
    expect(found).toBeDefined();
    return found as Group;
  };
  const permuted = `(?:(?<verb>costs|gains) the|changes the) (?<model>${M})(?: by)? (?<w>${W})(?<chance>${MAYBE})?${UNDER}${MIXED}`;
  return [
    INTERVAL,
    apartOf(groups),
    besideOf(
      () => (tops.length > 0 ? sorted.slice(0, 3) : all.filter((group) => level(group) === best(all)).slice(0, 1)),
      ofModel,
    ),
    [
      `No cell on original pixels has ended with a finite result yet\\.(?: On permuted pixels the highest (?<split>test|validation) accuracy${OVER} is (?<p>${P}), with the (?<model>${M}) and (?<recipe>${R})(?: \\((?<named>${R}): (?<trouble>${TROUBLE})\\))?\\.)?`,
      (c) => {
        expect(tops).toHaveLength(0);
        if (c.p === undefined) return expect(groups.filter((group) => level(group) >= 0)).toHaveLength(0);
        expect(c.split).toBe(splitOf(all[0]));
        checkOver(c.over, [onPermuted(c)]);
        nearSpread(c.p, accuracies(onPermuted(c)));
        checkTrouble(c.trouble, onPermuted(c).records);
      },
    ],
    [
      `On permuted pixels, (?<recipe>${R}) takes the (?<model>${M}) to ${REACHED}`,
      (c) => {
        expect([tops.length, sound(onPermuted(c))]).toEqual([0, true]);
        checkReached(c, onPermuted(c));
      },
    ],
    [
      `The highest (?<split>test|validation) accuracy, (?<p>${P}) on permuted pixels, is not sound: (?<trouble>${TROUBLE})`,
      (c) => {
        expect(tops).toHaveLength(0);
        nearSpread(c.p, [best(all)]);
        expect(c.split).toBe(splitOf(all[0]));
        checkTrouble(c.trouble, (all.find((group) => level(group) === best(all)) as Group).records);
      },
    ],
    [
      `(?:(?<recipe>${R}) (?:reaches the highest (?<a>test|validation) accuracy|is the only (?<only>recipe)) with (?:every model|the best 3 of (?<n>\\d+) models)(?:; its (?<b>test|validation) accuracy)?|The highest (?<c>test|validation) accuracy)${OVER}: (?<parts>${bare(part)}(?:; ${bare(part)})*)\\.`,
      (c) => {
        const shown = checkParts(c.parts);
        expect(c.a ?? c.b ?? c.c).toBe(splitOf(shown[0]));
        checkOver(c.over, shown);
        if (c.n) expect(tops).toHaveLength(Number(c.n));
        if (c.recipe) expect(c.only === undefined).toBe(shown.some((top) => rivals(top).length > 0));
        if (c.recipe) expect([...new Set(shown.map(({ recipe }) => recipe))]).toEqual([c.recipe]);
      },
    ],
    [
      `Permuting the pixels (?<parts>${bare(permuted)}(?:; it ${bare(permuted)})*)\\.`,
      (c) => {
        const parts = [...(c.parts ?? "").matchAll(new RegExp(permuted, "g"))].map((match) => match.groups ?? {});
        expect(parts.map(({ model }) => model)).toEqual(effects.slice(0, 3).map(({ model }) => model));
        parts.forEach((p, i) => {
          nearInterval(p.w, effects[i].drop, p.chance !== undefined);
          expect(p.under ?? "").toBe(effects[i].under);
          expect(p.verb).toBe(chance(effects[i].drop) ? undefined : effects[i].drop.value > 0 ? "costs" : "gains");
          checkTrouble(p.before, effects[i].original.records);
          checkTrouble(p.after, effects[i].permuted.records);
        });
      },
    ],
    troubles(records, recipeOf),
    [
      "No cell diverged(?<one>, and none gives every image one class)?\\.",
      (c) => {
        expect(records.filter((r) => diverged(r) || answersOneClass(r) || r.status === "failed")).toHaveLength(0);
        if (c.one) expect(records.every(({ confusion }) => confusion.length > 0)).toBe(true);
      },
    ],
    [
      `For the bonus, a recipe reaches a test accuracy of (?<p>${P})(?: \\(mean ± standard deviation over (?<over>\\d+) seeds\\))?(?<than>, (?<w>${W}) (?<side>more|less) than (?<base>.+?)(?<chance>${MAYBE})?)?\\.(?: Of the recipe, (?<trouble>${TROUBLE})\\.)?(?=$| Differences)`,
      (c) => {
        nearSpread(c.p, finals.map(testAccuracy));
        checkOver(c.over, [{ model: "", recipe: "", records: [...finals] }]);
        checkTrouble(c.trouble, finals);
      },
    ],
    [
      `(?<recipe>${R}) wins(?<rest>, and shuffling.*)?`,
      (c) => {
        for (const top of tops) {
          const others = rivals(top);
          const second = others.find((group) => level(group) === best(others)) as Group;
          expect([top.recipe, sound(top), chance(between(top, second))]).toEqual([c.recipe, true, false]);
        }
        checkShuffling(c.rest, effects);
      },
    ],
    [
      `(?<recipe>${R}) takes the (?<model>${M}) to ${REACHED}(?<rest>, and shuffling.*)?`,
      (c) => {
        const top = tops.find(({ model }) => model === c.model) as Group;
        expect([level(top), top.recipe, sound(top)]).toEqual([best(tops), c.recipe, true]);
        checkReached(c, top);
        checkShuffling(c.rest, effects);
      },
    ],
    [
      `The highest (?<split>test|validation) accuracy, (?<p>${P}), is not sound: (?<trouble>${TROUBLE})(?<rest>, and shuffling.*)?`,
      (c) => {
        nearSpread(c.p, [best(tops)]);
        expect(c.split).toBe(splitOf(tops[0]));
        // Of models that are level, the one with the most parameters comes first.
        const [top] = tops.filter((group) => level(group) === best(tops)).sort((a, b) => size(b) - size(a));
        checkTrouble(c.trouble, top.records);
        expect(c.trouble).toBeDefined();
        checkShuffling(c.rest, effects);
      },
    ],
    [
      "No cell has a result yet",
      () => expect([...groups.flatMap(accuracies), ...finals.map(testAccuracy).filter(Number.isFinite)]).toEqual([]),
    ],
    [
      `The bonus recipe reaches (?<p>${P})(?:, though (?<trouble>${TROUBLE}))?`,
      (c) => (nearSpread(c.p, [mean(finals.map(testAccuracy))]), checkTrouble(c.trouble, finals)),
    ],
  ];
}

const REACHED =
  "(?:(?<p>PERCENT)|a (?<of>test|validation) accuracy of (?<q>PERCENT)(?<by>, chosen by validation)?)".replaceAll(
    "PERCENT",
    P,
  );
/** The test accuracy, whatever the group was chosen by; the validation accuracy where there is none. */
function checkReached(c: Captured, group: Group): void {
  if (splitOf(group) === "test") return nearSpread(c.p, [level(group)]);
  const of = tested(group).length > 0 ? "test" : "validation";
  expect([c.of, c.by !== undefined]).toEqual([of, of === "test"]);
  nearSpread(c.q, [of === "test" ? mean(tested(group)) : level(group)]);
}

function checkShuffling(text: string | undefined, effects: ReturnType<typeof effectsOf>): void {
  const judged = effects.filter(({ original, permuted }) => sound(original) && sound(permuted));
  const clear = judged.filter(({ drop }) => !chance(drop));
  if (judged.length === 0) return expect(text).toBeUndefined();
  if (clear.length === 0) return expect(text).toBe(", and shuffling the pixels makes no clear difference");
  const { verb, model, x, under } =
    /^, and shuffling the pixels (?<verb>costs|gains) the (?<model>.+) (?<x>[\d.]+) points(?<under> \(.+\))?$/.exec(
      text ?? "",
    )?.groups ?? {};
  const found = clear.find((effect) => effect.model === model);
  expect(under ?? "").toBe(found?.under);
  near(x, 100 * Math.abs(found?.drop.value ?? NaN));
  expect(verb).toBe((found?.drop.value ?? 0) > 0 ? "costs" : "gains");
  expect(Math.abs(found?.drop.value ?? 0)).toBeCloseTo(Math.max(...clear.map(({ drop }) => Math.abs(drop.value))), 12);
}

/** "1 min 05 s" in seconds. */
function checkDuration(text: string | undefined, seconds: number): void {
  const units: Record<string, number> = { h: 3600, min: 60, s: 1 };
  const parts = [...(text ?? "").matchAll(/([\d.]+) (h|min|s)/g)];
  const total = parts.reduce((sum, [, value, unit]) => sum + Number(value) * units[unit], 0);
  expect(Math.abs(total - seconds)).toBeLessThanOrEqual(0.5 * units[parts[parts.length - 1][2]] + 1e-9);
}

/** Sentences on a bonus sweep. @param referenceId of the cell that its rungs are compared with */
function bonusSentences({ homework, bonus, places }: RandomSweep, referenceId: string | undefined): Sentence[] {
  const ended = bonus.filter(({ curve }) => curve.length > 0);
  const finals = ended.filter(({ id }) => places[id].role === "final");
  const last = (record: CellRecord) => (diverged(record) ? NaN : (heldOut(record).at(-1) ?? NaN));
  const imagesBy = (record: CellRecord) => record.config.validation ?? imagesOf(record);
  const reference = ended.find(({ id }) => id === referenceId);
  const labelled = (label: string | undefined) =>
    ended.find(({ id }) => places[id].role === "ablation" && places[id].label === label) as CellRecord;
  const rungs = ended.filter((record) => {
    const { config } = record;
    return (
      places[record.id].role === "ablation" &&
      record !== reference &&
      config.model.kind === "cnn" &&
      config.epochs === reference?.config.epochs
    );
  });
  const added = (record: CellRecord) => record.config.augment !== undefined;
  const difference = (record: CellRecord) => interval([record], [reference as CellRecord], last, imagesBy);
  const RUNG = "[^(]+? \\((?:diverged|[+−]?[\\d.]+ ± [\\d.]+(?:, which may be chance)?)\\)";
  const LIST = `${RUNG}(?:(?:, | and )${RUNG})*`;
  const checkRungs = (text: string | undefined, expected: readonly CellRecord[], says: boolean): void => {
    const items = [
      ...(text ?? "").matchAll(
        /(?<=^|, | and )(?<label>[^(]+?) \((?:diverged|(?<w>[+−]?[\d.]+ ± [\d.]+)(?<chance>, which may be chance)?)\)/g,
      ),
    ].map((m) => m.groups ?? {});
    expect(items.map(({ label }) => label).sort()).toEqual(expected.map(({ id }) => places[id].label).sort());
    for (const { label, w, chance: said } of items) {
      const record = labelled(label);
      if (w === undefined) expect(diverged(record)).toBe(true);
      else nearInterval(w, difference(record), says ? said !== undefined : undefined);
    }
  };
  const known = reference !== undefined && Number.isFinite(last(reference));
  const back = rungs.filter((record) => known && !added(record));
  const open = back.filter((record) => Number.isFinite(last(record)) && chance(difference(record)));
  const better = back.filter((record) => !open.includes(record) && difference(record).value > 0);
  const worse = back.filter((record) => !open.includes(record) && !better.includes(record));
  const BUDGET = (name: string) => `\\((?<${name}E>\\d+) epochs?, (?<${name}T>[\\d. hmins]+) a cell\\)`;
  const checkBudget = (c: Captured, name: string, records: readonly CellRecord[]): void => {
    expect(Number(c[`${name}E`])).toBe(records[0].config.epochs);
    checkDuration(c[`${name}T`], mean(records.map(({ run }) => run.seconds)));
  };
  const baseline = (name: string | undefined): CellRecord[] => {
    const groups = grouped(
      homework.filter(
        ({ config }) =>
          config.model.kind === "cnn" &&
          config.permutation === 0 &&
          config.trainLimit === undefined &&
          config.testLimit === undefined,
      ),
    );
    const kept = alike(groups);
    const top = kept.find((group) => level(group) === best(kept) && level(group) >= 0);
    if (!top) {
      expect(name).toBe("the homework's CNN in the ablation");
      return [labelled("the homework's CNN")];
    }
    expect(name).toMatch(new RegExp(`^the homework's best .+, `));
    return top.records;
  };
  const OF = `(?: Of the recipe, (?<trouble>${TROUBLE})\\.)?`;
  const reached = (c: Captured) => {
    nearSpread(c.p, finals.map(testAccuracy));
    checkBudget(c, "own", finals);
    checkTrouble(c.trouble, finals);
  };
  return [
    INTERVAL,
    [`The recipe's test accuracy is (?<p>${P}) ${BUDGET("own")}\\.${OF}`, reached],
    [
      `(?<verdict>Yes|No|Not clearly): test accuracy is (?<p>${P}) with the recipe ${BUDGET("own")} and (?<q>${P}) with (?<base>[^(]+) ${BUDGET("base")}, (?<w>${W}) (?<side>more|less)(?<chance>${MAYBE})?\\.${OF}`,
      (c) => {
        reached(c);
        const base = baseline(c.base);
        nearSpread(c.q, base.map(testAccuracy));
        checkBudget(c, "base", base);
        const gain = interval(finals, base, testAccuracy, imagesOf);
        nearInterval(c.w, gain, c.chance !== undefined);
        expect(c.side).toBe(gain.value < 0 ? "less" : "more");
        expect(c.verdict).toBe(c.chance ? "Not clearly" : gain.value > 0 ? "Yes" : "No");
      },
    ],
    [
      `On its (?<n>[\\d,]+) validation images the recipe reaches (?<p>${P}), (?<w>${W}) (?<side>more|less) than on the (?<m>[\\d,]+) test images, which were read once(?<tail>; that may be chance|: the two sets differ in how hard they are|: recipes were compared by these images too, which flatters them)?\\.`,
      (c) => {
        expect([number(c.n), number(c.m)]).toEqual([finals[0].config.validation, imagesOf(finals[0])]);
        const own = finals.map(last).filter(Number.isFinite);
        nearSpread(c.p, own);
        const gap = byImages(
          mean(own),
          number(c.n),
          mean(finals.map(testAccuracy).filter(Number.isFinite)),
          number(c.m),
        );
        nearInterval(c.w, gap, c.tail?.includes("chance") ?? false);
        expect(c.side).toBe(gap.value < 0 ? "less" : "more");
        if (c.tail?.includes("hard")) expect(gap.value).toBeLessThan(0);
        if (c.tail?.includes("flatters"))
          expect((reference ?? finals[0]).config.validation ?? 0).toBeGreaterThanOrEqual(number(c.n));
      },
    ],
    [
      `(?:(?<k>\\d+) of (?<n>\\d+) decisions? helps? beyond chance; changing each alone does this, in points with their 95 % interval: (?<list>${LIST})|None of (?<none>\\d+) decisions? helps beyond chance)\\.`,
      (c) => {
        expect([Number(c.k ?? 0), Number(c.n ?? c.none)]).toEqual([worse.length, back.length]);
        checkRungs(c.list, worse, false);
      },
    ],
    [`Better without, beyond chance: (?<list>${LIST})\\.`, (c) => checkRungs(c.list, better, false)],
    [
      `(?:One change|(?<k>\\d+) changes) may do nothing: (?<list>${LIST})\\.`,
      (c) => (expect(Number(c.k ?? 1)).toBe(open.length), checkRungs(c.list, open, false)),
    ],
    [
      `Decisions of the recipe that the ablation's budget leaves out, tried there, in points with their 95 % interval: (?<list>${LIST})\\.`,
      (c) => checkRungs(c.list, rungs.filter(added), true),
    ],
    [
      "Each rung is one cell with one seed, judged by (?<n>[\\d,]+) images\\. The intervals come from these images alone: another seed would give other figures\\.",
      (c) => expect(number(c.n)).toBe(imagesBy(reference as CellRecord)),
    ],
  ];
}

function checkBonus(sweep: RandomSweep): void {
  const cells = viewCells(sweep.bonus, sweep.places);
  const ladder = ladderOf(cells);
  if (!ladder) return;
  const seen = readAll(bonusComments(ladder, viewCells(sweep.homework)), bonusSentences(sweep, ladder.reference?.id));
  expect(seen.size).toBeGreaterThan(0);
  const judged =
    /^Recipes are compared by the last ([\d,]+) training images(?:, which no cell trains on|; the one that was chosen holds out the last ([\d,]+), which its curves are of, and trains on all others)\. Each cell reads the test set once, after its last epoch\.$/.exec(
      judgedBy(ladder),
    );
  const own = ladder.recipe.cells[0].record.config.validation;
  if (!judged) return expect([own, ladder.reference?.record.config.validation]).toContain(undefined);
  expect(number(judged[1])).toBe((ladder.reference ?? ladder.recipe.cells[0]).record.config.validation);
  expect(number(judged[2] ?? judged[1])).toBe(own);
}

function checkAblation(homework: readonly CellRecord[]): void {
  const table = ablationTable(viewCells(homework));
  if (!table) return;
  const groups = alike(grouped(homework).filter(permutation(0)));
  const top = groups.find((group) => level(group) === best(groups)) as Group;
  const of = (cells: readonly { id: string }[]) =>
    groups.find(({ records }) => records.some(({ id }) => id === cells[0].id)) as Group;
  const others = table.rows.map(({ other }) => of(other.cells));
  const { R } = names(groups);
  readAll(ablationComments(table), [
    INTERVAL,
    [
      "No single change costs more than chance could explain\\.",
      () => expect(others.every((other) => chance(between(top, other)))).toBe(true),
    ],
    [
      `Of the changes that chance cannot explain, (?<field>[\\w.]+) matters most: (?<changed>.+?) instead of (?<kept>.+?) costs (?<w>${W})(?<note> \\(${R}: ${TROUBLE}(?:; ${R}: ${TROUBLE})*\\))?\\.`,
      (c) => {
        const sure = others.filter((other) => !chance(between(top, other)));
        const worst = sure.find((other) => level(other) === Math.min(...sure.map(level))) as Group;
        nearInterval(c.w, between(top, worst), false);
        checkNotes(c.note, [top, worst]);
        const value = ({ records: [{ config }] }: Group) =>
          JSON.stringify((config as unknown as Record<string, unknown>)[(c.field ?? "").split(".")[0]]);
        expect(value(top)).not.toBe(value(worst));
      },
    ],
  ]);
}

function checkScope({ homework, counts }: RandomSweep): void {
  const configs = homework.map(({ config }) => config);
  const range = (values: readonly number[]) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return low === high ? low.toLocaleString("en") : `${low.toLocaleString("en")} to ${high.toLocaleString("en")}`;
  };
  if (configs.length === 0)
    return expect([scopeText(configs, counts), scopeSentence(configs, counts), quickRun(configs, counts)]).toEqual([
      "",
      "",
      undefined,
    ]);
  const epochs = configs.map((config) => config.epochs);
  const trained = configs.map(({ trainLimit, validation = 0 }) => Math.min(trainLimit ?? 60_000, 60_000) - validation);
  const tested = configs.map(({ testLimit }) => testLimit ?? 10_000);
  const quick =
    epochs.some((n) => n < 10) ||
    trained.some((n, i) => n + (configs[i].validation ?? 0) < 60_000) ||
    tested.some((n) => n < 10_000) ||
    (!counts && configs.some(({ trainLimit }) => trainLimit !== undefined));
  const phrase = (values: readonly number[], whole: number, name: string) =>
    counts
      ? `${values.every((n) => n === whole) ? `all ${range([whole])}` : `${range(values)} of ${range([whole])}`} ${name} images`
      : `${range(values)} ${name} images`;
  for (const text of [scopeText(configs, counts), scopeSentence(configs, counts), quickRun(configs, counts)]) {
    if (text === undefined) {
      expect(quick).toBe(false);
      continue;
    }
    expect(text).toContain(`${range(epochs)} epoch`);
    if (counts || configs[0].trainLimit !== undefined)
      expect(text).toContain(` on ${phrase(trained, 60_000, "training")}`);
    else expect(text).not.toContain("training images");
    if (counts || configs[0].testLimit !== undefined)
      expect(text).toContain(`tested on ${phrase(tested, 10_000, "test")}`);
    else expect(text).not.toContain("test images");
  }
  const seeds = new Set(configs.map(({ seed }) => seed)).size;
  expect(scopeText(configs, counts)).toMatch(new RegExp(` · ${seeds} seeds?$`));
  expect(scopeSentence(configs, counts)).toMatch(new RegExp(`, with ${seeds} seeds?\\.$`));
  expect(quickRun(configs, counts) !== undefined).toBe(quick);
}

/** Groups of the records that ended, with the names that the page gives them. */
function grouped(records: readonly CellRecord[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { id, model, recipe, record } of viewCells(records)) {
    expect(record.id).toBe(id);
    if (record.status === "failed" || record.curve.length === 0) continue;
    const key = JSON.stringify({ ...record.config, seed: 0 });
    const group = groups.get(key) ?? { model, recipe, records: [] };
    group.records.push(record);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function checkHomework({ homework, bonus, places }: RandomSweep): void {
  const cells = viewCells(homework);
  const groups = grouped(homework);
  const variants = variantsOf(cells);
  const collapsed = (some: readonly Group[]) => some.some(({ records }) => records.some(answersOneClass));
  for (const model of new Set(groups.map((group) => group.model))) {
    const own = groups.filter((group) => group.model === model && permutation(0)(group));
    const seen = readAll(
      learningComments(variants.filter((v) => v.model === model && v.permutation === 0)),
      learning(own),
    );
    expect(
      [...seen].some((pattern) => pattern.includes("every image one class: ")),
      "collapsed cells are told",
    ).toBe(collapsed(own));
  }
  readAll(parameterComments(variants), parameters(groups));
  readAll(permutationComments(permutationEffects(variants)), permuting(groups));
  const names = new Map(cells.map(({ id, recipe }) => [id, recipe]));
  const bonusCells = viewCells(bonus, places);
  const finals = bonus.filter(({ id, curve }) => places[id].role === "final" && curve.length > 0);
  const all = homework.length > 0 ? homework : bonus;
  const recipeOf = ({ id }: CellRecord) => names.get(id) ?? places[id].label ?? "";
  const wide = sweepWide(groups, all, recipeOf, finals);
  readAll(findings(cells, bonusCells), wide);
  readAll([headline(cells, bonusCells)], wide);
}

it(`computed sentences hold for ${SWEEPS} random sweeps`, () => {
  for (let seed = 0; seed < SWEEPS; seed++) {
    try {
      const sweep = randomSweep(seed);
      checkHomework(sweep);
      checkBonus(sweep);
      checkAblation(sweep.homework);
      checkScope(sweep);
    } catch (error) {
      throw new Error(`sweep ${seed}: ${(error as Error).message}`, { cause: (error as Error).cause ?? error });
    }
  }
});

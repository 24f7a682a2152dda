/** What trained networks say of one image, in sentences computed from their answers. */
import { groupBy, type CellView } from "../data/cells.js";
import { commonestAnswer } from "../data/confusion.js";
import { capital, list, percent } from "../data/format.js";

export interface ModelAnswer {
  cell: CellView;
  /** The class that it holds for likeliest. */
  label: number;
  /** Of that class. */
  probability: number;
}

type Name = (label: number) => string;

/** Answers that are counted by name. */
const NAMED = 3;

const says = (models: number): string => (models === 1 ? "says" : "say");

/** Answers of the same class, the commonest first. */
const byLabel = (answers: readonly ModelAnswer[]): ModelAnswer[][] =>
  [...groupBy(answers, ({ label }) => String(label)).values()].sort((a, b) => b.length - a.length);

/** @param truth the image's class, where it is known */
export function answerSentences(answers: readonly ModelAnswer[], name: Name, truth?: number): string[] {
  if (answers.length === 0) return [];
  return [
    verdict(answers, name),
    truth === undefined ? "" : recognised(answers, name(truth), truth),
    collapsedOnes(answers, name),
    permutedOnes(answers),
  ].filter(Boolean);
}

function verdict(answers: readonly ModelAnswer[], name: Name): string {
  const [first] = answers;
  if (answers.length === 1) return `The model says ${name(first.label)}, ${percent(first.probability)} sure.`;
  const groups = byLabel(answers);
  const all = answers.length === 2 ? "Both" : `All ${answers.length}`;
  if (groups.length === 1) return `${all} models say ${name(first.label)}.`;
  const [most, ...others] = groups.slice(0, groups.length > NAMED + 1 ? NAMED : groups.length);
  const counted = [
    `${most.length} of ${answers.length} models ${says(most.length)} ${name(most[0].label)}`,
    ...others.map((group) => `${group.length} ${says(group.length)} ${name(group[0].label)}`),
  ];
  const rest = answers.length - most.length - others.reduce((sum, group) => sum + group.length, 0);
  if (rest > 0) counted.push(`${rest} ${says(rest)} something else`);
  return `${2 * most.length > answers.length ? "" : "The models disagree: "}${list(counted)}.`;
}

function recognised(answers: readonly ModelAnswer[], className: string, truth: number): string {
  const right = answers.filter(({ label }) => label === truth).length;
  const who =
    answers.length === 1
      ? right === 1
        ? "the model recognises it"
        : "the model does not recognise it"
      : `${right === 0 ? "none" : right} of ${answers.length} models ${right === 1 ? "recognises" : "recognise"} it`;
  return `The sample is of the class ${className}: ${who}.`;
}

/** Those that gave one answer to all test images and give it here. */
function collapsedOnes(answers: readonly ModelAnswer[], name: Name): string {
  const stuck = answers.filter(
    ({ cell, label }) => cell.outcome === "collapsed" && commonestAnswer(cell.record.confusion).label === label,
  );
  if (stuck.length === 0) return "";
  const words = new Set(stuck.map(({ cell }) => cell.optimizerWord));
  const [word] = words;
  const alike = answers.filter(({ cell }) => cell.optimizerWord === word).length;
  const one = stuck.length === 1;
  const who =
    words.size > 1
      ? `${stuck.length} models`
      : alike === stuck.length
        ? `the ${one ? "one" : stuck.length} trained by ${word}`
        : `${stuck.length} of the ${alike} trained by ${word}`;
  const groups = byLabel(stuck);
  const labels = groups.map((group) => `${name(group[0].label)}${groups.length > 1 ? ` (${group.length})` : ""}`);
  const every = stuck.every(({ cell }) => {
    const { answers: given, images } = commonestAnswer(cell.record.confusion);
    return given === images;
  });
  return `${capital(who)} ${says(stuck.length)} ${list(labels)} whatever ${one ? "it is" : "they are"} shown: that was ${one ? "its" : "their"} answer to ${every ? "every" : "nearly every"} test image.`;
}

/** The permuted beside the original: networks of one recipe and seed. Collapsed ones would agree for no reason. */
function permutedOnes(answers: readonly ModelAnswer[]): string {
  const able = answers.filter(({ cell }) => cell.outcome === "done");
  const key = ({ cell }: ModelAnswer): string => `${cell.recipeKey} ${cell.seed}`;
  const originals = new Map(able.filter(({ cell }) => cell.permutation === 0).map((answer) => [key(answer), answer]));
  const permuted = able.filter((answer) => answer.cell.permutation > 0 && originals.has(key(answer)));
  if (permuted.length === 0) return "";
  const same = permuted.filter((answer) => originals.get(key(answer))?.label === answer.label).length;
  if (permuted.length === 1)
    return `On permuted pixels the same recipe gives ${same === 1 ? "the same answer as" : "another answer than"} on original ones.`;
  const how = same === permuted.length ? "all" : same === 0 ? "none" : String(same);
  return `Of the ${permuted.length} models on permuted pixels ${how} ${same === 1 ? "answers" : "answer"} as the same recipe does on original ones.`;
}

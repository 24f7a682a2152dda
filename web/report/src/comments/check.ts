/** What a check of a cell says, in words. */
import { heldOut, heldOutSplit } from "../../../../src/core/training/held-out.js";
import { plural } from "../../../../src/core/numeric/words.js";
import type { CellView } from "../data/cells.js";
import { capital, count, duration, percent, signedPoints } from "../data/format.js";
import type { Training } from "../training/training.js";
import type { Verdict } from "../training/verdict.js";

const MEGABYTE = 1e6;

/** Where a training stands. */
export function standing({ phase, until: epochs, curve, progress, loaded, fault, facts }: Training): string {
  switch (phase) {
    case "queued":
      return "Waits for another training to end.";
    case "files":
      return fault?.text ?? "";
    case "loading":
      if (facts.drawn) return "Drawing the images …";
      return loaded > 0 ? `Loading the images: ${(loaded / MEGABYTE).toFixed(0)} MB …` : "Loading the trainer …";
    case "training": {
      if (!progress) return `Epoch ${curve.length + 1} of ${epochs} …`;
      const { epoch, samples, samplesPerEpoch } = progress;
      return `Epoch ${epoch} of ${epochs}: ${count(samples)} of ${count(samplesPerEpoch)} images.`;
    }
    case "stopped":
      return curve.length === 0
        ? "Stopped before the first epoch ended."
        : `Stopped; goes on from the end of epoch ${curve.length}.`;
    case "ended":
      return "";
  }
}

/** "12,300 images/s here, 15,900 on the machine of the record; about 40 s left." */
export function speedWords(training: Training, recorded: number): string {
  const { progress, until, curve, result } = training;
  const here = result?.samplesPerSecond ?? progress?.samplesPerSecond ?? NaN;
  if (!(here > 0)) return "";
  const there = recorded > 0 ? `, ${count(recorded)} on the machine of the record` : "";
  const left = progress ? ((until - curve.length) * progress.samplesPerEpoch - progress.samples) / here : 0;
  return `${count(here)} training images/s here${there}${left > 0 ? `; about ${duration(left)} left` : ""}.`;
}

/** The verdict in one sentence, or two; "" while nothing can be said. @param pageData digest of the data that the page speaks of */
export function verdictWords(
  { record }: CellView,
  { result, phase, facts }: Training,
  verdict: Verdict,
  pageData: string,
): string {
  const { same, difference, agrees } = verdict;
  const rows = record.curve.length;
  if (agrees && result) {
    const other =
      facts.digest === pageData
        ? ""
        : ` But these are not the data that this page speaks of: their digest is ${facts.digest.slice(0, 8)}…, not ${pageData.slice(0, 8)}….`;
    const epochs =
      rows === 0 ? "" : `loss and accuracy of ${rows === 1 ? "the one epoch" : `all ${plural(rows, "epoch")}`} and `;
    return `The same bits: ${epochs}the digest of the final weights (${record.weightsDigest.slice(0, 8)}…) equal the record.${other}`;
  }
  if (difference !== undefined)
    return `Not the same bits. First difference: ${difference}. The record was altered, or not made by this version on these data.`;
  if (same.length === 0 || phase === "ended") return "";
  return same.length === 1
    ? "The first epoch equals the record, bit for bit."
    : `The first ${same.length} epochs equal the record, bit for bit.`;
}

/** "7 of 12 cells agree so far, 1 differs; 4 to go." */
export function tally(total: number, agree: number, differ: number, unable: number): string {
  const open = total - agree - differ - unable;
  const rest = [
    differ > 0 ? `${differ} ${differ === 1 ? "differs" : "differ"}` : "",
    unable > 0 ? `${unable} cannot be checked` : "",
    open > 0 ? `${open} to go` : "",
  ].filter(Boolean);
  return `${agree} of ${plural(total, "cell")} ${agree === 1 ? "agrees" : "agree"}${rest.length > 0 ? `; ${rest.join(", ")}` : ""}.`;
}

/** How a variant did beside the record. */
export function variantDifference(cell: CellView, { curve, result }: Training): string {
  const last = curve.at(-1);
  if (!last || !result) return "";
  const here = heldOut(last).accuracy;
  const split = heldOutSplit(cell.record.config);
  const ended = result.status === "diverged" ? "It diverged: " : "";
  const beside = Number.isFinite(cell.judged)
    ? `, the record’s after ${cell.curve.length} is ${percent(cell.judged, 2)} (${signedPoints(here - cell.judged, 2)} points)`
    : "";
  return `${ended}${capitalIf(ended === "", `${split} accuracy`)} after ${plural(curve.length, "epoch")} is ${percent(here, 2)}${beside}. Not part of the sweep.`;
}

const capitalIf = (is: boolean, text: string): string => (is ? capital(text) : text);

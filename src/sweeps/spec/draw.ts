/** Draws the points of a search: the R-sequence, which spreads any number of them evenly, and what its coordinates stand for. */
import { exp, integerPower, log } from "../../core/numeric/math.js";
import { RandomStream } from "../../core/numeric/random.js";
import type { JsonValue } from "./json.js";
import type { Draw } from "./search.js";

/** Significant digits of a drawn number: as many as people read and retype. */
const DIGITS = 4;
/** More halvings of [1, 2] leave nothing between two neighbours in Float64. */
const HALVINGS = 60;

/** The generalised golden ratio of d dimensions, the root of x^(d+1) = x + 1 above 1, found by bisection. */
function goldenRatio(dimensions: number): number {
  let [low, high] = [1, 2];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (integerPower(middle, dimensions + 1) < middle + 1) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * The R-sequence (Roberts, "The unreasonable effectiveness of quasirandom sequences", 2018): coordinate j of point i is the
 * fraction of start_j + i / ratio^j, j = 1 … d. Any first points of it are the same, however many follow.
 * @param seed of the starts
 * @returns point i, from 0 on, of [0, 1)^dimensions
 */
export function rSequence(dimensions: number, seed: number): (i: number) => number[] {
  const ratio = goldenRatio(dimensions);
  const lines = Array.from({ length: dimensions }, (_, j) => ({
    start: new RandomStream("samples", seed, j).uniform(),
    step: 1 / integerPower(ratio, j + 1),
  }));
  return (i) => lines.map(({ start, step }) => (start + i * step) % 1);
}

/** The value that a coordinate in [0, 1) stands for; a number is rounded by its decimal text, and stays within the bounds. */
export function drawnValue(draw: Draw, coordinate: number): JsonValue {
  if ("choice" in draw) return draw.choice[Math.floor(coordinate * draw.choice.length)];
  const isLog = "logUniform" in draw;
  const [low, high] = isLog ? draw.logUniform : draw.uniform;
  const value = isLog
    ? exp(log(low) + coordinate * (log(high) - log(low)))
    : low * (1 - coordinate) + high * coordinate;
  return Math.min(high, Math.max(low, Number(value.toPrecision(DIGITS))));
}

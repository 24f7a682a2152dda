/** Whether two ways to the same numbers differ by more than rounding. */
import type { Network } from "../network/network.js";
import { RandomStream } from "../numeric/random.js";

/** What a pass computes, by name: "loss" and "logits", whose scale is one, and whatever else. */
export type Figures = Record<string, ArrayLike<number>>;

/** Further ways to the figures of both sides: what they differ by from their own side is rounding's, or ill-conditioned. */
export interface Others {
  got: Figures[];
  expected: Figures[];
}

/** A figure that differs by more than rounding. */
export interface Misfit {
  figure: string;
  place: number;
  got: number;
  expected: number;
}

/** Weights are changed by up to this part of their size, those that are 0 as well: some hundred times what Float32 rounds by. */
const PERTURBATION = 1 / 131_072;
const TRIALS = 3;
/** How many times the largest difference that other ways make is allowed. */
const SPREAD = 16;
/** Figures smaller than this count as this large: a probability near 1 is rounded as 1 is, however small the gradient that it leaves. */
const SMALLEST_SCALE = 0.1;

/**
 * Looks for a figure that lies further from `expected` than `tolerance` times the largest value of its kind. Where a ReLU or a
 * maximum is all but undecided, a variance all but 0, or a sum far smaller than its terms, rounding counts for more: then as far
 * as `others`, further ways to the figures of either side, lie from them.
 */
export function beyondRounding(
  got: Figures,
  expected: Figures,
  tolerance: (figure: string) => number,
  others: () => Others,
): Misfit | undefined {
  // A loss is off by as much as the logits are.
  const allowed = (figure: string): number =>
    tolerance(figure) * Math.max(SMALLEST_SCALE, size(expected[figure]), figure === "loss" ? size(expected.logits) : 0);
  const figures = Object.keys(expected);
  const misfits = figures.filter((figure) => furthest(got[figure], expected[figure]).distance > allowed(figure));
  if (misfits.length === 0) return undefined;
  const further = others();
  for (const figure of misfits) {
    const spreadOf = (figures: Figures, ways: Figures[]): number =>
      ways.reduce((most, way) => Math.max(most, furthest(way[figure], figures[figure]).distance), 0);
    const spread = Math.max(spreadOf(got, further.got), spreadOf(expected, further.expected));
    const { place, distance } = furthest(got[figure], expected[figure]);
    if (!(distance <= allowed(figure) + SPREAD * spread))
      return { figure, place, got: got[figure][place], expected: expected[figure][place] };
  }
  return undefined;
}

function size(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]));
  return most;
}

/** The largest difference and where it is; infinite where one side alone is NaN, or infinite. */
function furthest(a: ArrayLike<number>, b: ArrayLike<number>): { place: number; distance: number } {
  let found = { place: 0, distance: a.length === b.length ? 0 : Infinity };
  for (let i = 0; i < b.length; i++) {
    if (Object.is(a[i], b[i])) continue;
    const difference = Math.abs(a[i] - b[i]);
    const distance = Number.isNaN(difference) ? Infinity : difference;
    if (distance > found.distance) found = { place: i, distance };
  }
  return found;
}

/** The figures of a network whose weights, Float32 numbers, are a little different, a few times; its weights are then as before. */
export function perturbed(network: Network, figures: () => Figures): Figures[] {
  const { parameters } = network;
  const weights = parameters.pack(parameters.values);
  const set = (values: ArrayLike<number>): void => {
    parameters.unpack(values, parameters.values);
    network.refresh();
  };
  const moved = Array.from({ length: TRIALS }, (_, trial) => {
    const random = new RandomStream("init", 0, trial);
    set(
      Float64Array.from(
        weights,
        (weight) => weight + PERTURBATION * (2 * random.uniform() - 1) * (SMALLEST_SCALE + Math.abs(weight)),
      ),
    );
    return figures();
  });
  set(weights);
  return moved;
}

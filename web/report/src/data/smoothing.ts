/**
 * Exponential moving average with the start corrected for its bias, as in Adam: s_t = w s_{t−1} + (1 − w) x_t,
 * shown as s_t / (1 − w^t). A value that is not finite breaks the line and restarts the average.
 *
 * @param weight in [0, 1): 0 leaves the values as they are
 */
export function smooth(values: readonly number[], weight: number): number[] {
  if (!(weight > 0)) return [...values];
  const out = new Array<number>(values.length);
  let sum = 0;
  let mass = 0;
  for (let i = 0; i < values.length; i++) {
    const x = values[i];
    if (!Number.isFinite(x)) {
      sum = mass = 0;
      out[i] = x;
      continue;
    }
    sum = weight * sum + (1 - weight) * x;
    mass = weight * mass + (1 - weight);
    out[i] = sum / mass;
  }
  return out;
}

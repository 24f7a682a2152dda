/** Largest and smallest of any number of values: spread into the arguments of Math.max, some 10^5 of them overflow the stack. */

/** The largest value, at least `least`; NaN if any is. */
export function largest(values: Iterable<number>, least = -Infinity): number {
  for (const value of values) least = Math.max(least, value);
  return least;
}

/** The smallest value, at most `most`; NaN if any is. */
export function smallest(values: Iterable<number>, most = Infinity): number {
  for (const value of values) most = Math.min(most, value);
  return most;
}

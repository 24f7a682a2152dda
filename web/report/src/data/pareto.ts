/** Which results no other beats at less cost. */

/** Indices of the points that no other reaches at the same or less cost, cheapest first; of equal ones the first. */
export function paretoFrontier(points: readonly { cost: number; gain: number }[]): number[] {
  const order = points
    .map((_, i) => i)
    .sort((i, j) => points[i].cost - points[j].cost || points[j].gain - points[i].gain || i - j);
  let best = -Infinity;
  return order.filter((i) => {
    if (!(points[i].gain > best)) return false;
    best = points[i].gain;
    return true;
  });
}

/**
 * Classes of garments that share a body plan: a few measures, of which each class is a distribution. Those of similar
 * classes overlap, as those of real shirts and coats do.
 */
import type { Canvas } from "./canvas.js";
import type { Dice, Spread } from "./dice.js";

export interface BodyPlan<Name extends string> {
  plain: Record<Name, Spread>;
  /** By label: what differs from the plain measures. */
  kinds: Record<number, Partial<Record<Name, Spread>>>;
  /** By label: the classes it is easily taken for. */
  kin: Record<number, number[]>;
  /** How often a piece is something between two of them. */
  between: number;
  draw(canvas: Canvas, dice: Dice, measures: Record<Name, number>): void;
}

/** Draws a piece of its class's own measures, or now and then any share of the way to those of a kindred class. */
export function drawPiece<Name extends string>(plan: BodyPlan<Name>, label: number, canvas: Canvas, dice: Dice): void {
  const { plain, kinds, kin, between } = plan;
  const measure = (kind: number): Record<Name, number> => {
    const piece = {} as Record<Name, number>;
    for (const name in plain) piece[name] = dice.spread(kinds[kind][name] ?? plain[name]);
    return piece;
  };
  const piece = measure(label);
  if (dice.chance(between)) {
    const other = measure(kin[label][dice.below(kin[label].length)]);
    const share = dice.between(0, 1);
    for (const name in plain) piece[name] += share * (other[name] - piece[name]);
  }
  plan.draw(canvas, dice, piece);
}

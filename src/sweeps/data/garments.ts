/**
 * How the ten garments are drawn. Tops and shoes are two body plans that take a few measures each; a class is
 * a distribution over its plan's measures, and the distributions of similar classes overlap, as those of real
 * shirts and coats do. Coordinates are pixels, x to the right, y down, the middle at x = 14.
 */
import type { Canvas } from "./canvas.js";
import type { Dice } from "./dice.js";
import { ankleBoot, drawShoe, sandal, sneaker, type Shoe } from "./shoes.js";
import { coat, drawTop, dress, pullover, shirt, tShirt, type Top } from "./tops.js";

function drawTrouser(canvas: Canvas, dice: Dice): void {
  const shade = dice.shade();
  const top = dice.around(1.6, 0.4);
  const hem = dice.chance(0.1) ? dice.around(19, 3) : dice.around(26.4, 0.7);
  const waist = dice.around(4.6, 0.6);
  const hip = waist + dice.around(0.8, 0.4);
  const foot = hip + dice.around(0.1, 0.9);
  const leg = dice.around(3.4, 0.7);
  const gap = dice.around(0.5, 0.4);
  const crotch = top + dice.around(8, 1);
  canvas.pair(
    [
      14 - waist,
      top,
      14 - hip,
      top + 6,
      14 - foot,
      hem,
      Math.min(14 - foot + leg, 14),
      hem,
      14 - Math.max(gap, 0) / 2,
      crotch,
      14.1,
      crotch - 0.5,
      14.1,
      top,
    ],
    shade,
  );
  if (dice.chance(0.7))
    canvas.polygon(
      [14 - waist, top, 14 + waist, top, 14 + waist, top + 1.4, 14 - waist, top + 1.4],
      shade * dice.between(0.4, 0.9),
    );
  if (dice.chance(0.5)) canvas.line(14, top, 14, crotch, 0.6, shade * dice.between(0.3, 0.8));
}

function drawBag(canvas: Canvas, dice: Dice): void {
  const shade = dice.shade();
  const half = dice.around(11.4, 1.5);
  const top = dice.around(9.8, 2.3);
  const bottom = dice.around(24.6, 1.2);
  const taper = dice.around(0.5, 1.2);
  if (dice.chance(0.78)) {
    const grip = half * dice.between(0.35, 0.85);
    const peak = Math.max(1, top - dice.between(2.5, 9));
    const strap = dice.between(0.9, 2);
    const strapShade = shade * dice.between(0.6, 1);
    canvas.line(14 - grip, top + 1, 14 - grip * 0.75, (top + peak) / 2, strap, strapShade);
    canvas.line(14 - grip * 0.75, (top + peak) / 2, 14 - grip * 0.3, peak, strap, strapShade);
    canvas.line(14 - grip * 0.35, peak, 14 + grip * 0.35, peak, strap, strapShade);
    canvas.line(14 + grip * 0.3, peak, 14 + grip * 0.75, (top + peak) / 2, strap, strapShade);
    canvas.line(14 + grip * 0.75, (top + peak) / 2, 14 + grip, top + 1, strap, strapShade);
  }
  canvas.polygon(
    [
      14 - half + taper,
      top,
      14 + half - taper,
      top,
      14 + half,
      top + 2,
      14 + half + 0.3,
      bottom - 1.2,
      14 + half - 1,
      bottom,
      14 - half + 1,
      bottom,
      14 - half - 0.3,
      bottom - 1.2,
      14 - half,
      top + 2,
    ],
    shade,
  );
  if (dice.chance(0.55)) {
    const flap = top + (bottom - top) * dice.between(0.3, 0.7);
    canvas.polygon(
      [
        14 - half + taper,
        top,
        14 + half - taper,
        top,
        14 + half - 1,
        flap - 1.5,
        14 + half * 0.4,
        flap,
        14 - half * 0.4,
        flap,
        14 - half + 1,
        flap - 1.5,
      ],
      shade * dice.between(0.55, 0.9),
    );
    canvas.line(14, flap - 1, 14, flap + 1.2, 2, Math.min(255, shade + 80));
  }
}

/** A class's own measures, the classes it is easily taken for, and how often a piece is something between. */
interface Kind<Measures> {
  measures: (dice: Dice) => Measures;
  kin: number[];
  between: number;
}

const tops: Partial<Record<number, Kind<Top>>> = {
  0: { measures: tShirt, kin: [6, 6, 2, 3], between: 0.19 },
  2: { measures: pullover, kin: [6, 4, 0], between: 0.2 },
  3: { measures: dress, kin: [0, 4, 6], between: 0.12 },
  4: { measures: coat, kin: [6, 2, 2, 3], between: 0.2 },
  6: { measures: shirt, kin: [0, 2, 4], between: 0.25 },
};
const shoes: Partial<Record<number, Kind<Shoe>>> = {
  5: { measures: sandal, kin: [7, 7, 9], between: 0.08 },
  7: { measures: sneaker, kin: [9, 5], between: 0.08 },
  9: { measures: ankleBoot, kin: [7, 7, 5], between: 0.08 },
};

/** The measures of one piece: its class's own, or now and then any share of the way to those of a kindred class. */
function measure<Measures extends { [name in keyof Measures]: number }>(
  kinds: Partial<Record<number, Kind<Measures>>>,
  { measures, kin, between }: Kind<Measures>,
  dice: Dice,
): Measures {
  const own = measures(dice);
  const other = dice.chance(between) ? kinds[kin[dice.below(kin.length)]] : undefined;
  if (!other) return own;
  const share = dice.between(0, 1);
  const theirs = other.measures(dice);
  for (const name in own) own[name] = (own[name] + share * (theirs[name] - own[name])) as Measures[typeof name];
  return own;
}

/** Something before the garment, or a piece of it out of the picture. */
function occlude(canvas: Canvas, dice: Dice): void {
  const x = dice.between(2, 22);
  const y = dice.between(2, 22);
  const width = dice.between(3, 9);
  const height = dice.between(3, 9);
  canvas.polygon(
    [
      x,
      y,
      x + width,
      y + dice.around(0, 1),
      x + width + dice.around(0, 1),
      y + height,
      x + dice.around(0, 1),
      y + height,
    ],
    0,
  );
}

/** Draws one garment of the class into 784 bytes of `out` from `offset` on. */
export function drawGarment(canvas: Canvas, dice: Dice, label: number, out: Uint8Array, offset: number): void {
  canvas.begin(dice);
  const top = tops[label];
  const shoe = shoes[label];
  if (top) drawTop(canvas, dice, measure(tops, top, dice));
  else if (shoe) drawShoe(canvas, dice, measure(shoes, shoe, dice));
  else if (label === 1) drawTrouser(canvas, dice);
  else drawBag(canvas, dice);
  if (dice.chance(0.12)) occlude(canvas, dice);
  canvas.finish(dice, out, offset);
}

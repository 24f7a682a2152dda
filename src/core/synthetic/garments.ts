/** How the ten garments are drawn. Coordinates are pixels: x from the middle, y from the garment's upper edge down. */
import { drawPiece } from "./body-plan.js";
import type { Canvas } from "./canvas.js";
import type { Dice } from "./dice.js";
import { shoes } from "./shoes.js";
import { tops } from "./tops.js";

function drawTrouser(canvas: Canvas, dice: Dice): void {
  const shade = dice.shade();
  const hem = dice.spread([0.1, 17.4, 3, 24.8, 0.8]);
  const waist = dice.around(4.6, 0.6);
  const hip = waist + dice.around(0.8, 0.4);
  const foot = hip + dice.around(0.1, 0.9);
  const inside = Math.max(foot - dice.around(3.4, 0.7), 0);
  const gap = Math.max(dice.around(0.5, 0.4), 0) / 2;
  const crotch = dice.around(8, 1);
  canvas.place(dice, dice.around(1.6, 0.4));
  canvas.pair([waist, 0, hip, 6, foot, hem, inside, hem, gap, crotch, -0.1, crotch - 0.5, -0.1, 0], shade);
  if (dice.chance(0.7)) canvas.band(waist, 0, 1.4, shade * dice.between(0.4, 0.9));
  if (dice.chance(0.5)) canvas.band(0.3, 0, crotch, shade * dice.between(0.3, 0.8));
}

function drawBag(canvas: Canvas, dice: Dice): void {
  const shade = dice.shade();
  const half = dice.around(11.4, 1.5);
  const top = dice.around(9.8, 2.3);
  const height = dice.around(24.6, 1.2) - top;
  const mouth = half - dice.around(0.5, 1.2);
  canvas.place(dice, top);
  if (dice.chance(0.78)) {
    const grip = half * dice.between(0.35, 0.85);
    const peak = Math.max(1 - top, -dice.between(2.5, 9));
    const bow = [-grip, 1, -0.75 * grip, peak / 2, -0.3 * grip, peak, 0.3 * grip, peak, 0.75 * grip, peak / 2, grip, 1];
    canvas.stroke(bow, dice.between(0.9, 2), shade * dice.between(0.6, 1));
  }
  canvas.symmetric([mouth, 0, half, 2, half + 0.3, height - 1.2, half - 1, height], shade);
  if (dice.chance(0.55)) {
    const flap = height * dice.between(0.3, 0.7);
    canvas.symmetric([mouth, 0, half - 1, flap - 1.5, half * 0.4, flap], shade * dice.between(0.55, 0.9));
    canvas.band(1, flap - 1, flap + 1.2, Math.min(255, shade + 80));
  }
}

/** Something before the garment, or a piece of it out of the picture. */
function occlude(canvas: Canvas, dice: Dice): void {
  const [x, y] = [dice.between(-12, 8), dice.between(2, 22)];
  const [right, bottom] = [x + dice.between(3, 9), y + dice.between(3, 9)];
  canvas.place(dice, 0);
  canvas.polygon([x, y, right, y, right, bottom, x, bottom], 0);
}

/** Draws one garment of the class into the picture that starts at `offset` of `out`. */
export function drawGarment(canvas: Canvas, dice: Dice, label: number, out: Uint8Array, offset: number): void {
  if (label in tops.kinds) drawPiece(tops, label, canvas, dice);
  else if (label in shoes.kinds) drawPiece(shoes, label, canvas, dice);
  else if (label === 1) drawTrouser(canvas, dice);
  else drawBag(canvas, dice);
  if (dice.chance(0.12)) occlude(canvas, dice);
  canvas.finish(dice, out, offset);
}

/** Shoes from the side: one body plan, and three classes as distributions over its measures. Coordinates as in garments.ts. */
import type { Canvas } from "./canvas.js";
import { unit, type Dice } from "./dice.js";

/** Measures of a shoe seen from the side, its toe at the left; lengths in pixels. */
export interface Shoe {
  /** How far the opening for the foot is above the sole: about 6 for a low shoe, 15 for a boot. */
  shaft: number;
  sole: number;
  heel: number;
  /** In [0, 1]: how much of the upper is cut away between straps. */
  open: number;
  laces: number;
  /** Height of the toe cap. */
  toe: number;
}

/** Draws a shoe of these measures, its grey and its trimmings by chance. */
export function drawShoe(canvas: Canvas, dice: Dice, shoe: Shoe): void {
  const shade = dice.shade();
  const { shaft, sole, toe } = shoe;
  const heel = Math.max(shoe.heel, 0);
  const ground = dice.around(20.6 + shaft * 0.34, 0.6);
  const left = dice.around(0.9, 0.4);
  const right = dice.around(27, 0.4);
  // The line on which the foot stands, raised at the right by the heel.
  const fore = ground - sole;
  const back = fore - heel;
  const mouth = dice.around(15.5 + unit((shaft - 5) / 8) * 1.2, 1);
  const rim = back - shaft;
  const instep = fore - toe - (shaft - toe) * 0.35;
  canvas.polygon(
    [
      left,
      fore,
      left + 0.4,
      fore - toe * 0.6,
      left + 3,
      fore - toe,
      left + 7,
      fore - toe - 0.6,
      12,
      instep - heel * 0.4,
      mouth,
      rim + dice.around(0.5, 0.6),
      right - 1,
      rim,
      right - 0.6,
      rim + shaft * 0.5,
      right,
      back,
      16,
      fore - heel * 0.35,
    ],
    shade,
  );
  const open = unit(shoe.open);
  if (open > 0.05) {
    const straps = 2 + dice.below(3);
    const from = left + 3;
    const pitch = (right - 2 - from) / straps;
    const cut = pitch * (0.2 + 0.62 * open);
    for (let s = 0; s < straps; s++) {
      const x = from + s * pitch + dice.around(0, 0.5);
      const lift = heel * unit((x - 10) / 14);
      const lean = dice.around(2.4, 2);
      canvas.polygon(
        [x - lean, fore - 0.6 - lift, x + lean, rim - 1, x + lean + cut, rim - 1, x - lean + cut, fore - 0.6 - lift],
        dice.chance(0.75) ? 0 : shade * 0.25,
      );
    }
  }
  const soleShade = dice.chance(0.5) ? Math.min(255, shade * dice.between(1.1, 1.7)) : shade * dice.between(0.25, 0.9);
  canvas.polygon(
    [
      left,
      fore,
      12,
      fore,
      18,
      fore - heel * 0.45,
      right,
      back,
      right,
      back + sole,
      18,
      ground - heel * 0.45,
      12,
      ground,
      left + 0.5,
      ground,
    ],
    soleShade,
  );
  if (heel > 0.8)
    canvas.polygon(
      [
        right - dice.between(1.6, 6),
        back + sole - 0.5,
        right,
        back + sole - 0.5,
        right - 0.3,
        ground,
        right - dice.between(1.2, 3.4),
        ground,
      ],
      soleShade,
    );
  const laces = unit(shoe.laces);
  if (laces > 0.1)
    for (let l = 0; l < 3; l++)
      canvas.line(
        10.5 + l * 1.9,
        instep - l * 0.9 + 1,
        12.2 + l * 1.9,
        instep - l * 0.9 + 3,
        0.9,
        Math.min(255, shade + 120 * laces),
      );
  if (dice.chance(0.4)) canvas.line(15, fore - 1, 19, rim + 1.5, 1.3, shade * dice.between(0.4, 0.8));
}

/** Low, flat and laced; one in eight as high as a boot. */
export function sneaker(dice: Dice): Shoe {
  return {
    shaft: dice.chance(0.12) ? dice.around(12, 1.7) : dice.around(8, 1.2),
    sole: dice.around(2.3, 0.5),
    heel: dice.around(0.1, 0.4),
    open: dice.around(-0.18, 0.2),
    laces: dice.around(0.4, 0.4),
    toe: dice.around(4.4, 0.7),
  };
}

/** High, with or without a heel. */
export function ankleBoot(dice: Dice): Shoe {
  return {
    shaft: dice.around(16.5, 2.1),
    sole: dice.around(1.5, 0.5),
    heel: dice.chance(0.4) ? dice.around(3, 1.4) : dice.around(0.5, 0.5),
    open: dice.around(-0.25, 0.18),
    laces: dice.around(0.05, 0.35),
    toe: dice.around(5.2, 0.7),
  };
}

/** Low and cut open, with or without a heel. */
export function sandal(dice: Dice): Shoe {
  return {
    shaft: dice.around(8, 2.4),
    sole: dice.around(1.8, 0.6),
    heel: dice.chance(0.45) ? dice.around(4, 1.8) : dice.around(0.4, 0.4),
    open: dice.around(0.55, 0.32),
    laces: 0,
    toe: dice.around(3.6, 0.8),
  };
}

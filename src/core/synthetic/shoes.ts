/** Shoes from the side, the toe at the left: one body plan. Coordinates are pixels: x from the middle, y from the top of the sole down. */
import type { BodyPlan } from "./body-plan.js";
import { unit, type Spread } from "./dice.js";

/** A sneaker's: low, flat and laced; one in eight as high as a boot. */
const plain = {
  /** How far the opening for the foot is above the sole. */
  shaft: [0.12, 12, 1.7, 8, 1.2],
  sole: [2.3, 0.5],
  heel: [0.1, 0.4],
  /** In [0, 1]: how much of the upper is cut away between straps. */
  open: [-0.18, 0.2],
  laces: [0.4, 0.4],
  /** Height of the toe cap. */
  toe: [4.4, 0.7],
} satisfies Record<string, Spread>;

export const shoes: BodyPlan<keyof typeof plain> = {
  plain,
  kinds: {
    // Sandals: low and cut open, with or without a heel.
    5: {
      shaft: [8, 2.4],
      sole: [1.8, 0.6],
      heel: [0.45, 4, 1.8, 0.4, 0.4],
      open: [0.55, 0.32],
      laces: [0, 0],
      toe: [3.6, 0.8],
    },
    // Sneakers.
    7: {},
    // Ankle boots: high, with or without a heel.
    9: {
      shaft: [16.5, 2.1],
      sole: [1.5, 0.5],
      heel: [0.4, 3, 1.4, 0.5, 0.5],
      open: [-0.25, 0.18],
      laces: [0.05, 0.35],
      toe: [5.2, 0.7],
    },
  },
  kin: { 5: [7, 7, 9], 7: [9, 5], 9: [7, 7, 5] },
  between: 0.08,
  draw(canvas, dice, { shaft, sole, toe, ...shoe }) {
    const shade = dice.shade();
    const [heel, open, laces] = [Math.max(shoe.heel, 0), unit(shoe.open), unit(shoe.laces)];
    const [left, right] = [dice.around(-13.1, 0.4), dice.around(13, 0.4)];
    // The heel raises the line on which the foot stands, at the right.
    const rim = -heel - shaft;
    const mouth = dice.around(1.5 + unit((shaft - 5) / 8) * 1.2, 1);
    const instep = -toe - (shaft - toe) * 0.35;
    canvas.place(dice, dice.around(20.6 + shaft * 0.34, 0.6) - sole);
    const front = [left, 0, left + 0.4, -toe * 0.6, left + 3, -toe, left + 7, -toe - 0.6, -2, instep - heel * 0.4];
    const ankle = [mouth, rim + dice.around(0.5, 0.6), right - 1, rim, right - 0.6, rim + shaft * 0.5, right, -heel];
    canvas.polygon([...front, ...ankle, 2, -heel * 0.35], shade);
    const straps = open > 0.05 ? 2 + dice.below(3) : 0;
    for (let strap = 0; strap < straps; strap++) {
      const pitch = (right - 5 - left) / straps;
      const cut = pitch * (0.2 + 0.62 * open);
      const x = left + 3 + strap * pitch + dice.around(0, 0.5);
      const foot = -0.6 - heel * unit((x + 4) / 14);
      const lean = dice.around(2.4, 2);
      const gap = [x - lean, foot, x + lean, rim - 1, x + lean + cut, rim - 1, x - lean + cut, foot];
      canvas.polygon(gap, dice.chance(0.75) ? 0 : shade * 0.25);
    }
    const soleShade = shade * (dice.chance(0.5) ? dice.between(1.1, 1.7) : dice.between(0.25, 0.9));
    const arch = heel * 0.45;
    const ground = [right, sole - heel, 4, sole - arch, -2, sole, left + 0.5, sole];
    canvas.polygon([left, 0, -2, 0, 4, -arch, right, -heel, ...ground], Math.min(255, soleShade));
    const [from, to] = [right - dice.between(1.6, 6), right - dice.between(1.2, 3.4)];
    const heelTop = sole - heel - 0.5;
    if (heel > 0.8)
      canvas.polygon([from, heelTop, right, heelTop, right - 0.3, sole, to, sole], Math.min(255, soleShade));
    for (let lace = 0; lace < (laces > 0.1 ? 3 : 0); lace++) {
      const [x, y] = [1.9 * lace - 3.5, instep - 0.9 * lace + 1];
      canvas.stroke([x, y, x + 1.7, y + 2], 0.9, Math.min(255, shade + 120 * laces));
    }
    if (dice.chance(0.4)) canvas.stroke([1, -1, 5, rim + 1.5], 1.3, shade * dice.between(0.4, 0.8));
  },
};

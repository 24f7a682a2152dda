/** Tops, coats and dresses: one body plan. Coordinates are pixels: x from the middle, y from the shoulders down. */
import type { BodyPlan } from "./body-plan.js";
import { unit, type Spread } from "./dice.js";

const plain = {
  hem: [23.4, 1.1],
  /** Half the width; shoulder, waist and skirt are that much wider. */
  chest: [7.6, 0.8],
  shoulder: [0.4, 0.5],
  waist: [-0.3, 0.6],
  skirt: [0.1, 0.7],
  /** 0 is sleeveless, 18 reaches the wrist. */
  sleeve: [17.5, 2],
  sleeveWidth: [3.7, 0.6],
  neck: [3, 0.6],
  neckDepth: [1.8, 0.7],
  /** Contrasts from here on: none is seen at 0. */
  collar: [0, 0.12],
  placket: [0, 0.12],
  lapel: [0, 0],
  /** Of cuffs and hem. */
  rib: [0, 0.15],
  pocket: [0, 0],
  belt: [0, 0],
} satisfies Record<string, Spread>;

export const tops: BodyPlan<keyof typeof plain> = {
  plain,
  kinds: {
    // T-shirts: short sleeves, now and then long ones.
    0: { hem: [22.8, 1.3], sleeve: [0.08, 14.5, 2.5, 6.5, 2.2], sleeveWidth: [4.3, 0.7], neckDepth: [2.4, 1] },
    // Pullovers: ribbed cuffs.
    2: { rib: [0.5, 0.35], collar: [0.03, 0.15], pocket: [0, 0.15] },
    // Dresses: narrow above, wide below, mostly without sleeves.
    3: {
      hem: [24.2, 1],
      chest: [5, 0.8],
      shoulder: [-0.3, 0.5],
      waist: [-0.9, 0.6],
      skirt: [1.2, 1.6],
      sleeve: [0.6, 0, 0.5, 10.5, 5],
      sleeveWidth: [2.4, 0.5],
      neck: [2.4, 0.5],
      neckDepth: [3, 1.4],
      belt: [0.35, 0.55, 0.25, 0, 0],
    },
    // Coats: long, open or buttoned down the front, with lapels and pockets.
    4: {
      hem: [24.4, 0.9],
      shoulder: [0.3, 1.2],
      waist: [-0.4, 1.2],
      skirt: [0.7, 0.7],
      sleeve: [18.2, 1.7],
      collar: [0.12, 0.25],
      placket: [0.5, 0.35],
      lapel: [0.4, 0.4],
      pocket: [0.25, 0.35],
      belt: [0.15, 0.5, 0.2, 0, 0],
    },
    // Shirts: a collar and a line of buttons, sleeves short or long.
    6: {
      sleeve: [0.3, 7.5, 2.4, 17, 2.2],
      collar: [0.42, 0.32],
      placket: [0.36, 0.28],
      rib: [0.08, 0.2],
      lapel: [0, 0.12],
      pocket: [0, 0.2],
    },
  },
  kin: { 0: [6, 6, 2, 3], 2: [6, 4, 0], 3: [0, 4, 6], 4: [6, 2, 2, 3], 6: [0, 2, 4] },
  between: 0.17,
  draw(canvas, dice, { hem, chest, sleeve, sleeveWidth, neck, neckDepth, collar, placket, lapel, rib, ...top }) {
    const shade = dice.shade();
    const dark = (contrast: number): number => shade * (1 - 0.75 * unit(contrast));
    const bright = (contrast: number): number => Math.min(255, shade + 90 * unit(contrast));
    const [shoulder, waist, skirt] = [chest + top.shoulder, chest + top.waist, chest + top.skirt];
    canvas.place(dice, dice.around(2.2, 0.5));
    if (sleeve > 1) {
      const end = 1.4 + Math.min(sleeve, 20);
      const elbow = shoulder + dice.around(2.6, 1.1) * unit(sleeve / 12);
      const wrist = elbow + dice.around(0.3, 0.6);
      const inner = wrist - sleeveWidth;
      const outside = [shoulder - 0.6, 0.8, elbow, end / 2 + 0.7, wrist, end];
      canvas.pair([...outside, inner, end + 0.4, chest - 0.8, 7.2, chest - 1, 3], shade * dice.between(0.82, 1));
      if (rib > 0.12)
        canvas.pair([wrist + 0.1, end - 1.6, inner, end - 1.2, inner, end + 0.4, wrist, end], dark(rib * 0.7));
      const fold = [chest + 0.35, 6, chest - 0.35, 6, waist - 0.3, end, waist + 0.35, end];
      canvas.pair(fold, shade * dice.between(0.2, 0.8));
    }
    const middle = hem * 0.55;
    const neckline = [0, neckDepth, neck * 0.55, neckDepth * 0.8, neck, 0];
    canvas.symmetric([...neckline, shoulder, 1.4, chest, 7, waist, middle, skirt, hem], shade);
    if (rib > 0.12) canvas.band(skirt, hem - 2, hem, dark(rib * 0.7));
    if (top.belt > 0.15) canvas.band(waist, middle - 0.8, middle + 0.8, dark(top.belt));
    if (placket > 0.05) {
      canvas.band(0.45, neckDepth, hem, dark(placket * 0.8));
      if (dice.chance(0.6))
        for (let button = 5; button < hem - 1; button += 4.5) canvas.band(0.6, button, button + 1.1, bright(placket));
    }
    if (lapel > 0.1) canvas.pair([neck, 0.3, 0.3, 9, 1.6, 8, neck + 1.6, 2.6], dark(lapel * 0.55));
    if (collar > 0.1)
      canvas.pair([neck + 0.6, 0.2, neck - 0.8, -1, 0.2, neckDepth + 0.4, 1.4, neckDepth + 2], bright(collar * 0.8));
    if (top.pocket > 0.15)
      canvas.pair([waist - 1, hem - 8, 1.4, hem - 8.6, 1.4, hem - 7.4, waist - 1, hem - 6.8], dark(top.pocket * 0.7));
  },
};

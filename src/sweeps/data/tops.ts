/** Tops, coats and dresses: one body plan, and five classes as distributions over its measures. Coordinates as in garments.ts. */
import type { Canvas } from "./canvas.js";
import { unit, type Dice } from "./dice.js";

/** Measures of a top, a dress or a coat; lengths in pixels, contrasts in [0, 1]. */
export interface Top {
  hem: number;
  /** Half widths. */
  shoulder: number;
  chest: number;
  waist: number;
  skirt: number;
  /** 0 is sleeveless, 18 reaches the wrist. */
  sleeve: number;
  sleeveWidth: number;
  neck: number;
  neckDepth: number;
  collar: number;
  /** The line of buttons down the front. */
  placket: number;
  lapel: number;
  /** Ribbed cuffs and hem. */
  rib: number;
  pocket: number;
  belt: number;
}

/** Draws a top of these measures, its grey and its cut by chance. */
export function drawTop(canvas: Canvas, dice: Dice, top: Top): void {
  const shade = dice.shade();
  const { hem, shoulder, chest, waist, skirt, sleeve, neck, neckDepth } = top;
  const dark = (contrast: number) => shade * (1 - 0.75 * unit(contrast));
  const bright = (contrast: number) => Math.min(255, shade + 90 * unit(contrast));
  const y = dice.around(2.2, 0.5);
  if (sleeve > 1) {
    const wide = top.sleeveWidth;
    const out = dice.around(2.6, 1.1);
    const reach = Math.min(sleeve, 20);
    const elbow = 14 - shoulder - out * unit(reach / 12);
    const wrist = 14 - shoulder - out * unit(reach / 12) - dice.around(0.3, 0.6);
    const end = y + 1.4 + reach;
    const sleeveShade = shade * dice.between(0.82, 1);
    canvas.pair(
      [
        14 - shoulder + 0.6,
        y + 0.8,
        elbow,
        y + 1.4 + reach / 2,
        wrist,
        end,
        wrist + wide,
        end + 0.4,
        14 - chest + 0.8,
        y + 7.2,
        14 - chest + 1,
        y + 3,
      ],
      sleeveShade,
    );
    if (top.rib > 0.12)
      canvas.pair(
        [wrist - 0.1, end - 1.6, wrist + wide, end - 1.2, wrist + wide, end + 0.4, wrist, end],
        dark(top.rib * 0.7),
      );
    canvas.pair(
      [14 - chest - 0.35, y + 6, 14 - chest + 0.35, y + 6, 14 - waist + 0.3, end, 14 - waist - 0.35, end],
      shade * dice.between(0.2, 0.8),
    );
  }
  const middle = y + (hem - y) * 0.55;
  canvas.polygon(
    [
      14 - neck,
      y,
      14 - shoulder,
      y + 1.4,
      14 - chest,
      y + 7,
      14 - waist,
      middle,
      14 - skirt,
      hem,
      14 + skirt,
      hem,
      14 + waist,
      middle,
      14 + chest,
      y + 7,
      14 + shoulder,
      y + 1.4,
      14 + neck,
      y,
      14 + neck * 0.55,
      y + neckDepth * 0.8,
      14,
      y + neckDepth,
      14 - neck * 0.55,
      y + neckDepth * 0.8,
    ],
    shade,
  );
  if (top.rib > 0.12)
    canvas.polygon([14 - skirt, hem - 2, 14 + skirt, hem - 2, 14 + skirt, hem, 14 - skirt, hem], dark(top.rib * 0.7));
  if (top.belt > 0.15)
    canvas.polygon(
      [14 - waist, middle - 0.8, 14 + waist, middle - 0.8, 14 + waist, middle + 0.8, 14 - waist, middle + 0.8],
      dark(top.belt),
    );
  if (top.placket > 0.05) {
    canvas.line(14, y + neckDepth, 14, hem, 0.9, dark(top.placket * 0.8));
    if (dice.chance(0.6))
      for (let button = y + 5; button < hem - 1; button += 4.5)
        canvas.line(14, button, 14, button + 1.1, 1.2, bright(top.placket));
  }
  if (top.lapel > 0.1)
    canvas.pair([14 - neck, y + 0.3, 13.7, y + 9, 12.4, y + 8, 14 - neck - 1.6, y + 2.6], dark(top.lapel * 0.55));
  if (top.collar > 0.1)
    canvas.pair(
      [14 - neck - 0.6, y + 0.2, 14 - neck + 0.8, y - 1, 13.8, y + neckDepth + 0.4, 12.6, y + neckDepth + 2],
      bright(top.collar * 0.8),
    );
  if (top.pocket > 0.15)
    canvas.pair(
      [14 - waist + 1, hem - 8, 12.6, hem - 8.6, 12.6, hem - 7.4, 14 - waist + 1, hem - 6.8],
      dark(top.pocket * 0.7),
    );
}

/** What most tops have in common; each class says where it differs. */
function plainTop(dice: Dice): Top {
  const chest = dice.around(7.6, 0.8);
  return {
    hem: dice.around(25.6, 1),
    shoulder: chest + dice.around(0.4, 0.5),
    chest,
    waist: chest + dice.around(-0.3, 0.6),
    skirt: chest + dice.around(0.1, 0.7),
    sleeve: dice.around(17.5, 2),
    sleeveWidth: dice.around(3.7, 0.6),
    neck: dice.around(3, 0.6),
    neckDepth: dice.around(1.8, 0.7),
    collar: dice.around(0, 0.12),
    placket: dice.around(0, 0.12),
    lapel: 0,
    rib: dice.around(0, 0.15),
    pocket: 0,
    belt: 0,
  };
}

/** Short sleeves, no collar; now and then long sleeves. */
export function tShirt(dice: Dice): Top {
  return {
    ...plainTop(dice),
    hem: dice.around(25, 1.2),
    sleeve: dice.chance(0.08) ? dice.between(11, 18) : dice.around(6.5, 2.2),
    sleeveWidth: dice.around(4.3, 0.7),
    neckDepth: dice.around(2.4, 1),
  };
}

/** Long sleeves and ribbed cuffs. */
export function pullover(dice: Dice): Top {
  return {
    ...plainTop(dice),
    rib: dice.around(0.5, 0.35),
    collar: dice.around(0.03, 0.15),
    pocket: dice.around(0, 0.15),
  };
}

/** A collar and a line of buttons, sleeves short or long. */
export function shirt(dice: Dice): Top {
  return {
    ...plainTop(dice),
    sleeve: dice.chance(0.3) ? dice.around(7.5, 2.4) : dice.around(17, 2.2),
    collar: dice.around(0.42, 0.32),
    placket: dice.around(0.36, 0.28),
    rib: dice.around(0.08, 0.2),
    lapel: dice.around(0, 0.12),
    pocket: dice.around(0, 0.2),
  };
}

/** Longer, open or buttoned down the front, with lapels and pockets. */
export function coat(dice: Dice): Top {
  const chest = dice.around(7.7, 0.8);
  return {
    ...plainTop(dice),
    hem: dice.around(26.6, 0.8),
    chest,
    skirt: chest + dice.around(0.7, 0.7),
    sleeve: dice.around(18.2, 1.7),
    collar: dice.around(0.12, 0.25),
    placket: dice.around(0.5, 0.35),
    lapel: dice.around(0.4, 0.4),
    pocket: dice.around(0.25, 0.35),
    belt: dice.chance(0.15) ? dice.between(0.2, 0.8) : 0,
  };
}

/** Narrow above, wide below, mostly without sleeves. */
export function dress(dice: Dice): Top {
  const chest = dice.around(5, 0.8);
  const sleeve = dice.chance(0.55) ? 0 : dice.chance(0.5) ? dice.around(6, 2.5) : dice.around(15, 3);
  return {
    ...plainTop(dice),
    hem: dice.around(26.4, 0.9),
    chest,
    shoulder: chest + dice.around(-0.3, 0.5),
    waist: chest + dice.around(-0.9, 0.6),
    skirt: chest + dice.around(1.2, 1.6),
    sleeve,
    sleeveWidth: dice.around(2.4, 0.5),
    neck: dice.around(2.4, 0.5),
    neckDepth: dice.around(3, 1.4),
    belt: dice.chance(0.35) ? dice.between(0.2, 0.9) : 0,
  };
}

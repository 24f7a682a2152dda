/** Figures as SVG, for what reads a notebook without running it. Colours are those that matplotlib would take. */
import { largest, smallest } from "../../../../src/core/numeric/extremes.js";
import { lossTick, percentTick } from "../data/format.js";
import { curveOf, epochAxis, wantsLog, type Curve, type Metric } from "../data/learning-curves.js";
import type { CurveGroup } from "../data/shown-models.js";
import { linearTicks, logTicks } from "../data/ticks.js";

export type Lines = readonly Pick<CurveGroup, "label" | "cells">[];

const COLOURS = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f"];
const PANEL = { width: 420, height: 320 };
/** Around the plot: ticks and labels on the left and below. */
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 12, 28, 44];
/** Pixels of the legend for each line. */
const LEGEND = 20;

const text = (value: string): string =>
  value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
const at = (x: number): string => x.toFixed(1);
const label = (x: number, y: number, value: string, more = ""): string =>
  `<text x="${at(x)}" y="${at(y)}" ${more}>${text(value)}</text>`;

const svg = (width: number, height: number, title: string, parts: readonly string[]): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" style="max-width:100%;height:auto" role="img" font-family="sans-serif" font-size="12">`,
    `<title>${text(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...parts,
    "</svg>",
  ].join("\n");

/** Pieces of a line between the points where it has no value. */
function path(values: readonly (number | null)[], x: (i: number) => number, y: (value: number) => number): string {
  return values
    .map((value, i) =>
      value === null ? "" : `${i === 0 || values[i - 1] === null ? "M" : "L"}${at(x(i))} ${at(y(value))}`,
    )
    .join("");
}

function panel(lines: Lines, metric: Metric, left: number): string[] {
  const epochs = epochAxis(lines.flatMap(({ cells }) => cells));
  const curves = lines.map(({ cells }) => [
    curveOf(cells, metric, "heldOut", epochs),
    curveOf(cells, metric, "train", epochs),
  ]);
  const drawn = curves.flat().flatMap(({ mean, low = [], high = [] }) => [mean, low, high]);
  const log = metric === "loss" && wantsLog(drawn, 40);
  const known = drawn.flat().filter((v): v is number => v !== null && (!log || v > 0));
  const [min, max] = [smallest(known), largest(known)];
  const scale = log ? Math.log10 : (v: number) => v;
  const pad = 0.05 * (scale(max) - scale(min)) || 0.01;
  const [low, high] = [scale(min) - pad, scale(max) + pad];
  const [width, height] = [PANEL.width - LEFT - RIGHT, PANEL.height - TOP - BOTTOM];
  const x = (i: number) => left + LEFT + (epochs.length > 1 ? (i / (epochs.length - 1)) * width : width / 2);
  const y = (v: number) => TOP + height - ((scale(v) - low) / (high - low)) * height;
  const across = linearTicks(1, epochs.length, 8, true).filter((epoch) => epoch >= 1);
  const up = log ? logTicks(min, max, 6) : linearTicks(low, high, 6);
  const tickText = (v: number) => (metric === "loss" ? lossTick : percentTick)(v, up.length > 1 ? up[1] - up[0] : 0);
  const shape = (colour: string, { mean, low: from, high: to, split }: Curve): string[] => {
    const positive = (values: readonly (number | null)[]) =>
      values.map((v) => (v !== null && log && v <= 0 ? null : v));
    const band = from && to ? [...positive(to), ...positive(from).reverse()] : [];
    const back = (i: number) => x(i < epochs.length ? i : 2 * epochs.length - 1 - i);
    const lone =
      epochs.length === 1 ? `<circle cx="${at(x(0))}" cy="${at(y(mean[0] ?? NaN))}" r="3" fill="${colour}"/>` : "";
    return [
      band.length > 0 && !band.includes(null)
        ? `<path d="${path(band, back, y)}Z" fill="${colour}" fill-opacity="0.15"/>`
        : "",
      `<path d="${path(positive(mean), x, y)}" fill="none" stroke="${colour}" stroke-width="1.8"${split === "train" ? ' stroke-dasharray="6 4"' : ""}/>`,
      mean[0] === null ? "" : lone,
    ].filter(Boolean);
  };
  return [
    label(left + LEFT + width / 2, 18, metric, 'text-anchor="middle" font-weight="bold"'),
    ...up.map((v) => `<path d="M${at(left + LEFT)} ${at(y(v))}h${width}" stroke="#ddd"/>`),
    ...up.map((v) => label(left + LEFT - 6, y(v) + 4, tickText(v), 'text-anchor="end"')),
    ...across.map((epoch) => label(x(epoch - 1), TOP + height + 18, String(epoch), 'text-anchor="middle"')),
    label(left + LEFT + width / 2, TOP + height + 36, "epoch", 'text-anchor="middle"'),
    `<rect x="${at(left + LEFT)}" y="${TOP}" width="${width}" height="${height}" fill="none" stroke="#999"/>`,
    ...curves.flatMap((pair, k) => pair.flatMap((curve) => shape(COLOURS[k % COLOURS.length], curve))),
  ];
}

/** Accuracy and loss by epoch, side by side: held-out figures solid, training figures dashed. */
export function curvesSvg(title: string, lines: Lines): string {
  const legend = lines.flatMap((line, k) => {
    const y = PANEL.height + LEGEND * k + 12;
    return [
      `<path d="M${LEFT} ${y - 4}h24" stroke="${COLOURS[k % COLOURS.length]}" stroke-width="3"/>`,
      label(LEFT + 32, y, line.label),
    ];
  });
  return svg(2 * PANEL.width, PANEL.height + LEGEND * lines.length + 8, title, [
    ...panel(lines, "accuracy", 0),
    ...panel(lines, "loss", PANEL.width),
    ...legend,
  ]);
}

/** Side of a field of a matrix, and room for the names beside it. */
const FIELD = 44;
const NAMES = 120;

/** A confusion matrix: rows are the true classes, columns the answers; a field is the darker, the more of its row it has. */
export function confusionSvg(
  title: string,
  confusion: readonly (readonly number[])[],
  names: readonly string[],
): string {
  const size = FIELD * confusion.length;
  const fields = confusion.flatMap((row, i) => {
    const images = row.reduce((sum, n) => sum + n, 0);
    return row.flatMap((n, k) => {
      const share = images > 0 ? n / images : 0;
      const [x, y] = [NAMES + FIELD * k, FIELD * i];
      const rgb = [255 - 224 * share, 255 - 136 * share, 255 - 75 * share].map(Math.round).join(",");
      const ink = `text-anchor="middle" font-size="11" fill="${share > 0.5 ? "#fff" : "#333"}"`;
      return [
        `<rect x="${x}" y="${y}" width="${FIELD}" height="${FIELD}" fill="rgb(${rgb})" stroke="#eee"/>`,
        ...(n > 0 ? [label(x + FIELD / 2, y + FIELD / 2 + 4, String(n), ink)] : []),
      ];
    });
  });
  const nameOf = (i: number) => names[i] ?? String(i);
  return svg(NAMES + size, size + NAMES, title, [
    ...fields,
    ...confusion.map((_, i) => label(NAMES - 6, FIELD * i + FIELD / 2 + 4, nameOf(i), 'text-anchor="end"')),
    ...confusion.map((_, k) => {
      const [x, y] = [NAMES + FIELD * k + FIELD / 2 + 4, size + 8];
      return label(x, y, nameOf(k), `text-anchor="end" transform="rotate(-90 ${x} ${y})"`);
    }),
  ]);
}

/** What the explorer shows, as text after the # of the address: a link reopens the same view. */
import type { Versus } from "./pairs.js";

export interface ViewState {
  /** Allowed values per field, as text; a field without entry is not filtered. */
  filters: Record<string, string[]>;
  /** Allowed range per numeric column. */
  ranges: Record<string, [number, number]>;
  search: string;
  /** A column, "variant", "none" for single cells, or "" for what suits their number. */
  group: string;
  /** By "judged": what cells are ranked by, those judged alike before all others. */
  sort: { column: string; descending: boolean };
  compare: string[];
  /** Two values of an axis set against each other. */
  versus: Versus | null;
  /** Column that colours stand for. */
  colour: string;
  /** Columns that the parallel coordinates show only when asked to. */
  axes: string[];
  /** Axis along which results are shown; "" for the one that matters most. */
  slice: string;
  /** The two axes of the heat map, rows first; none for the two that matter most. */
  heat: string[];
  /** Cell whose details are open. */
  cell: string;
  metric: "accuracy" | "loss";
  /** "test" stands for the held-out split, whichever a cell has. */
  split: "test" | "train" | "both";
  log: boolean;
  mean: boolean;
  smoothing: number;
  /** Epochs shown, when zoomed. */
  zoom: [number, number] | null;
}

export const INITIAL_STATE: ViewState = {
  filters: {},
  ranges: {},
  search: "",
  group: "",
  sort: { column: "judged", descending: true },
  compare: [],
  versus: null,
  colour: "optimizer",
  axes: [],
  slice: "",
  heat: [],
  cell: "",
  metric: "accuracy",
  split: "test",
  log: false,
  mean: false,
  smoothing: 0.9,
  zoom: null,
};

/** Text of any kind, also with half a surrogate pair, which encodeURIComponent refuses. */
const encode = (text: string): string => encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\ufffd"));

/** Text that is no encoding is taken as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const writeList = (items: readonly string[]): string => items.map(encode).join(",");
const readList = (text: string): string[] => (text === "" ? [] : text.split(",").map(decode));

function readRange(text: string): [number, number] | null {
  const [low, high] = text.split("..").map(Number);
  return Number.isFinite(low) && Number.isFinite(high) && low <= high ? [low, high] : null;
}

const readVersus = (texts: string[]): Versus | null =>
  texts.length === 3 ? { axis: texts[0], a: texts[1], b: texts[2] } : null;
const readHeat = (texts: string[]): string[] => (texts.length === 2 ? texts : []);

/** The state as hash text without #; empty for the initial state. */
export function writeHash(state: ViewState): string {
  const parts: string[] = [];
  for (const name of Object.keys(state.filters).sort())
    parts.push(`f.${encode(name)}=${writeList(state.filters[name])}`);
  for (const name of Object.keys(state.ranges).sort()) parts.push(`r.${encode(name)}=${state.ranges[name].join("..")}`);
  if (state.search) parts.push(`q=${encode(state.search)}`);
  if (state.group) parts.push(`group=${encode(state.group)}`);
  const { column, descending } = state.sort;
  if (column !== INITIAL_STATE.sort.column || !descending) parts.push(`sort=${descending ? "-" : ""}${encode(column)}`);
  if (state.compare.length > 0) parts.push(`compare=${writeList(state.compare)}`);
  if (state.versus) parts.push(`versus=${writeList([state.versus.axis, state.versus.a, state.versus.b])}`);
  if (state.colour !== INITIAL_STATE.colour) parts.push(`colour=${encode(state.colour)}`);
  if (state.axes.length > 0) parts.push(`axes=${writeList(state.axes)}`);
  if (state.slice) parts.push(`slice=${encode(state.slice)}`);
  if (state.heat.length > 0) parts.push(`heat=${writeList(state.heat)}`);
  if (state.metric !== INITIAL_STATE.metric) parts.push(`metric=${state.metric}`);
  if (state.split !== INITIAL_STATE.split) parts.push(`split=${state.split}`);
  if (state.log) parts.push("log=1");
  if (state.mean) parts.push("mean=1");
  if (state.smoothing !== INITIAL_STATE.smoothing) parts.push(`smoothing=${state.smoothing}`);
  if (state.zoom) parts.push(`zoom=${state.zoom.join("..")}`);
  if (state.cell) parts.push(`cell=${encode(state.cell)}`);
  return parts.join("&");
}

/** The id that a text names: itself, or the only one of these that begins with it. Else the text as it is. */
export function wholeId(text: string, ids: ReadonlySet<string>): string {
  if (text === "" || ids.has(text)) return text;
  const found = [...ids].filter((id) => id.startsWith(text));
  return found.length === 1 ? found[0] : text;
}

/** Id of the element that a hash leads to: its anchor, or the explorer for a state of it. Empty where a cell's details open over the page. */
export function anchorOf(hash: string): string {
  const text = hash.replace(/^#/, "");
  if (!text.includes("=")) return decode(text);
  return text.startsWith("cell=") ? "" : "explorer";
}

/** The state a hash stands for; what it does not say, or says wrongly, is as initially. */
export function readHash(hash: string): ViewState {
  const state = structuredClone(INITIAL_STATE);
  const text = hash.replace(/^#/, "");
  if (!text.includes("=")) return state;
  const filters = new Map<string, string[]>();
  const ranges = new Map<string, [number, number]>();
  for (const part of text.split("&")) {
    const at = part.indexOf("=");
    if (at < 0) continue;
    const key = part.slice(0, at);
    const value = part.slice(at + 1);
    if (key.startsWith("f.")) filters.set(decode(key.slice(2)), readList(value));
    else if (key.startsWith("r.")) {
      const range = readRange(value);
      if (range) ranges.set(decode(key.slice(2)), range);
    } else if (key === "q") state.search = decode(value);
    else if (key === "group") state.group = decode(value);
    else if (key === "sort")
      state.sort = { column: decode(value.replace(/^-/, "")), descending: value.startsWith("-") };
    else if (key === "compare") state.compare = readList(value);
    else if (key === "versus") state.versus = readVersus(readList(value));
    else if (key === "colour") state.colour = decode(value);
    else if (key === "axes") state.axes = readList(value);
    else if (key === "slice") state.slice = decode(value);
    else if (key === "heat") state.heat = readHeat(readList(value));
    else if (key === "cell") state.cell = decode(value);
    else if (key === "metric" && (value === "accuracy" || value === "loss")) state.metric = value;
    else if (key === "split" && (value === "test" || value === "train" || value === "both")) state.split = value;
    else if (key === "log") state.log = value === "1";
    else if (key === "mean") state.mean = value === "1";
    else if (key === "smoothing") state.smoothing = Math.min(0.999, Math.max(0, Number(value) || 0));
    else if (key === "zoom") state.zoom = readRange(value);
  }
  return { ...state, filters: Object.fromEntries(filters), ranges: Object.fromEntries(ranges) };
}

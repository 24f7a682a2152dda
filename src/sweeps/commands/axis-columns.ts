/** The fields that tell a sweep's cells apart, as columns of a table. */
import type { TrainConfig } from "../../core/config.js";
import { configFields } from "../../core/config-fields.js";
import { familyOf } from "../../core/models/table.js";
import { OPTIMIZERS } from "../../core/optimizers/table.js";
import type { CellPlace } from "../spec/place.js";
import type { Column } from "./table.js";

export interface ConfiguredCell extends CellPlace {
  id: string;
  config: TrainConfig;
}

/** Of a digest, as many as tell files apart. */
const DIGITS = 8;
/** Left out after the figures, the last field first. */
const SPARE = 100;

/**
 * A column for labels, if there are any, for models and optimizers in words, and for every field of the configs, where they differ.
 * A field has none where the words before it say which value it has.
 * @param ignored a field that has no column
 */
export function axisColumns(cells: readonly ConfiguredCell[], ignored?: string): Column[] {
  const fields = cells.map(({ config }) => configFields(config));
  const labels = cells.map(({ label, role }) => label ?? role ?? "");
  const models = cells.map(({ config }) => familyOf(config.model).word(config.model as never));
  const optimizers = cells.map(({ config }) => OPTIMIZERS[config.optimizer.kind].word);
  const columns = [
    { title: "label", texts: labels },
    { title: "model", texts: models },
    { title: "optimizer", texts: optimizers },
  ].filter(({ title, texts }) => new Set(texts).size > 1 || (title === "label" && texts.some((text) => text !== "")));
  for (const path of new Set(fields.flatMap((of) => [...of.keys()]))) {
    if (path === ignored) continue;
    const most = path === "init.digest" ? DIGITS : Infinity;
    const texts = fields.map((of) => String(of.get(path) ?? "").slice(0, most) || "none");
    const words = path.startsWith("model.") ? models : path.startsWith("optimizer.") ? optimizers : [];
    if (differWithin(texts, (i) => JSON.stringify([labels[i], words[i]])))
      columns.push({ title: path, texts: path === "model.layers" ? differences(texts) : texts });
  }
  return shortTitles(columns).map((column, i) => ({ ...column, words: "long", spare: SPARE - i }));
}

/** Whether two cells of one group have other texts. */
function differWithin(texts: string[], groupOf: (index: number) => string): boolean {
  const first = new Map<string, string>();
  return texts.some((text, i) => {
    const group = groupOf(i);
    const known = first.get(group);
    if (known === undefined) first.set(group, text);
    return known !== undefined && known !== text;
  });
}

/** Lists of layers without what all of them begin and end with. */
function differences(texts: string[]): string[] {
  const lists = texts.map((text) => text.split(" · "));
  const most = lists.reduce((least, { length }) => Math.min(least, length), Infinity) - 1;
  const alike = (index: number): boolean => lists.every((list) => list.at(index) === lists[0].at(index));
  let first = 0;
  while (first < most && alike(first)) first += 1;
  let last = 0;
  while (first + last < most && alike(-1 - last)) last += 1;
  return lists.map(
    (list) => (first > 0 ? "… " : "") + list.slice(first, list.length - last).join(" · ") + (last > 0 ? " …" : ""),
  );
}

/** `optimizer.lr` as "lr" where no other column ends so, and `schedule.kind` as "schedule". */
function shortTitles<T extends { title: string }>(columns: T[]): T[] {
  const last = (title: string): string => title.replace(/\.kind$/, "").replace(/^.*\./, "");
  return columns.map((column) => {
    const twins = columns.filter(({ title }) => last(title) === last(column.title));
    return twins.length > 1 ? column : { ...column, title: last(column.title) };
  });
}

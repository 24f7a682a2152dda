/** What if: a cell's config with another optimizer, rate, width, length or seed, trained in the page beside the record. */
import { variantDifference } from "../comments/check.js";
import type { CellView } from "../data/cells.js";
import { button, copyButton, h } from "../draw/dom.js";
import type { Report } from "../report.js";
import type { Training } from "../training/training.js";
import {
  defaultRate,
  optimizerChoices,
  specOf,
  unchanged,
  variantOf,
  widthName,
  type Changes,
  type Faults,
} from "../training/variant.js";
import { refusal } from "../training/verdict.js";
import { TrainingView } from "./training-view.js";

export function whatIfPanel(report: Report, cell: CellView, keep: Report["keep"]): HTMLElement {
  const { checks } = report;
  const { record } = cell;
  let training: Training | undefined;
  let variants = 0;
  const form = changeForm(record.config);
  const go = () => {
    if (training?.phase === "stopped") checks.trainings.start(training);
    view.update();
  };
  const begin = () => {
    const variant = form.read();
    if (!variant) return;
    if (training) checks.trainings.stop(training);
    training = checks.training(cell, `${cell.id} variant ${(variants += 1)}`, variant);
    checks.trainings.start(training);
    view.reset();
  };
  const words = {
    label: "the variant",
    id: "what-if",
    said: (of: Training) => [
      of.phase === "ended" && of.fault ? h("p", { class: "verdict verdict-differs" }, of.fault.text) : null,
      of.phase === "ended" && of.result ? h("p", { class: "verdict" }, variantDifference(cell, of)) : null,
      specToCopy(of),
    ],
    begin: () => button("action", "Train this variant", begin),
    go,
  };
  const view = new TrainingView(report, cell, words, () => training, keep);
  keep({ destroy: () => training && checks.trainings.stop(training) });
  const start = record.config.init && refusal(record);
  const content = h(
    "div",
    {},
    h(
      "p",
      { class: "note" },
      start?.text ??
        "Change what you like and train it in this browser, on the same images, beside the recorded curve. It is no part of the sweep, and is gone when this sheet is closed.",
    ),
    ...(start ? [] : [form.element, view.element]),
  );
  return h("details", { class: "what-if print-hide" }, h("summary", {}, "What if …?"), content);
}

/** The fields of what can be changed. */
function changeForm(config: CellView["record"]["config"]) {
  const first = unchanged(config);
  const faults = new Map<keyof Changes, HTMLElement>();
  const inputs = new Map<keyof Changes, HTMLInputElement | HTMLSelectElement>();
  const field = (name: keyof Changes, label: string, input: HTMLInputElement | HTMLSelectElement): HTMLElement => {
    const id = `what-if-${name}`;
    const fault = h("span", { class: "field-fault", id: `${id}-fault` });
    input.id = id;
    input.value = first[name] ?? "";
    input.setAttribute("aria-describedby", fault.id);
    inputs.set(name, input);
    faults.set(name, fault);
    return h("div", { class: "field" }, h("label", { for: id }, label), input, fault);
  };
  const text = (mode: string) =>
    h("input", { type: "text", inputmode: mode, autocomplete: "off", spellcheck: "false" });
  const choice = h(
    "select",
    {},
    optimizerChoices.map(({ kind, word }) => h("option", { value: kind }, word)),
  );
  choice.addEventListener("change", () => {
    const rate = inputs.get("lr");
    if (rate) rate.value = choice.value === first.optimizer ? first.lr : defaultRate(choice.value);
  });
  const widths = widthName(config.model);
  const element = h(
    "div",
    { class: "change-form" },
    field("optimizer", "optimizer", choice),
    field("lr", "learning rate", text("decimal")),
    widths === undefined ? null : field("width", widths, text("text")),
    field("epochs", "epochs", text("numeric")),
    field("seed", "seed", text("numeric")),
  );
  const tell = (found: Faults) => {
    for (const [name, place] of faults) {
      place.textContent = found[name] ?? "";
      inputs.get(name)?.setAttribute("aria-invalid", String(found[name] !== undefined));
    }
  };
  const read = () => {
    const changes = { ...first };
    for (const [name, input] of inputs) changes[name] = input.value;
    const variant = variantOf(config, changes);
    const found = "faults" in variant ? variant.faults : {};
    tell(found);
    const wrong = Object.keys(found) as (keyof Changes)[];
    if (wrong.length > 0) inputs.get(wrong[0])?.focus();
    return "config" in variant ? variant.config : undefined;
  };
  return { element, read };
}

/** Data sets that a spec can name. */
const NAMED = new Set(["fashion-mnist", "synthetic"]);

/** A spec file, folded, ready to copy. */
function specToCopy({ config, facts }: Training): HTMLElement {
  const published = NAMED.has(facts.name);
  const spec = specOf(config, published ? facts.name : undefined);
  return h(
    "details",
    {},
    h("summary", {}, "Its spec"),
    h(
      "p",
      { class: "note" },
      "Saved as a file, this spec trains it for good: ",
      h("code", {}, `npm run sweep -- FILE.json${published ? "" : " --data-dir FOLDER"}`),
      " ",
      copyButton(spec, "the spec of the variant"),
    ),
    h("pre", { class: "spec" }, spec),
  );
}

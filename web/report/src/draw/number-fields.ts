/** Fields for numbers, and results that follow them. What is no number stays in its field, and is named below it. */
import { readNumber } from "../data/format.js";
import { h } from "./dom.js";
import { watchDrawing } from "./watch-drawing.js";

type Field = HTMLInputElement | HTMLSelectElement;

interface FieldsSpec {
  /** Begins the ids of the fields. */
  id: string;
  /** What each field is called. */
  names: readonly string[];
  /** The numbers that stand in them at first. */
  initial: readonly number[];
  /** The only numbers that there are, where they are few. */
  choices?: readonly number[];
  /** Fields in a row of a table, where they stand in one: arrow keys move within it. */
  columns?: number;
}

/** What readers typed, by field: it outlives a page that is drawn anew while a sweep runs. */
const typed = new Map<string, string>();

export class NumberFields {
  readonly fields: Field[];
  /** The line that says what is wrong; empty where nothing is. */
  readonly error: HTMLElement;

  constructor(private readonly spec: FieldsSpec) {
    const { id, names, initial, choices, columns } = spec;
    this.error = h("p", { class: "field-error", id: `${id}-error`, "aria-live": "polite" });
    this.fields = names.map((name, i) => {
      const attributes = { id: `${id}-${i}`, "aria-label": name, "aria-describedby": this.error.id };
      const field = choices
        ? h(
            "select",
            attributes,
            choices.map((choice) => h("option", {}, choice)),
          )
        : h("input", { ...attributes, type: "text", autocomplete: "off", spellcheck: "false" });
      field.value = typed.get(field.id) ?? String(initial[i]);
      return field;
    });
    if (columns)
      moveByArrows(
        this.fields.filter((field) => field instanceof HTMLInputElement),
        columns,
      );
  }

  get initial(): number[] {
    return [...this.spec.initial];
  }

  /** The numbers; undefined where a field holds none, which is said then. */
  read(): number[] | undefined {
    const numbers = this.fields.map(({ value }) => readNumber(value));
    this.fields.forEach((field, i) => {
      typed.set(field.id, field.value);
      // On paper it stands in the place of the field.
      field.parentElement?.setAttribute("data-typed", field.value);
      if (numbers[i] === undefined) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    });
    const bad = numbers.indexOf(undefined);
    this.error.textContent = bad < 0 ? "" : this.refusal(bad);
    return bad < 0 ? (numbers as number[]) : undefined;
  }

  write(numbers: readonly number[]): void {
    this.fields.forEach((field, i) => (field.value = String(numbers[i])));
  }

  private refusal(i: number): string {
    const text = this.fields[i].value.trim();
    const got = text === "" ? "is empty" : `got “${text}”, which is no number that Float64 can hold`;
    return `${this.spec.names[i]}${text === "" ? " " : ": "}${got}; type one such as −0.5 or 1e10.`;
  }
}

/** Arrow keys move between the fields of a table, from the ends of a text; Tab passes the table in one step. */
function moveByArrows(fields: readonly HTMLInputElement[], columns: number): void {
  const steps = new Map([
    ["ArrowUp", -columns],
    ["ArrowDown", columns],
    ["ArrowLeft", -1],
    ["ArrowRight", 1],
  ]);
  fields.forEach((field, i) => {
    field.tabIndex = i === 0 ? 0 : -1;
    field.addEventListener("focus", () => fields.forEach((other) => (other.tabIndex = other === field ? 0 : -1)));
    field.addEventListener("keydown", (event) => {
      const next = fields[i + (steps.get(event.key) ?? NaN)];
      if (!next) return;
      if (event.key === "ArrowLeft" && field.selectionStart !== 0) return;
      if (event.key === "ArrowRight" && field.selectionEnd !== field.value.length) return;
      event.preventDefault();
      next.focus();
      next.select();
    });
  });
}

interface Following {
  /** Draws again: to be called after `write`. */
  update(): void;
  destroy(): void;
}

/**
 * Draws results from fields once they come near the view, and again when their numbers change. While a field holds none, the
 * results are marked as those of the numbers before.
 */
export function follow(
  place: HTMLElement,
  groups: readonly NumberFields[],
  results: HTMLElement,
  draw: (numbers: number[][]) => void,
): Following {
  const note = h(
    "p",
    { class: "field-error", hidden: true },
    "Not current: the results of the last values that could be read.",
  );
  results.prepend(note);
  let drawn = false;
  const update = () => {
    const numbers = groups.flatMap((group) => {
      const read = group.read();
      return read ? [read] : [];
    });
    const current = numbers.length === groups.length;
    note.hidden = current;
    results.classList.toggle("stale", !current);
    if (current || !drawn) draw(current ? numbers : groups.map((group) => group.initial));
    drawn = true;
  };
  place.addEventListener("input", update);
  const begin = (is: boolean) => {
    if (is && !drawn) update();
  };
  const destroy = watchDrawing(place, place, { near: begin, printing: begin });
  return { update, destroy };
}

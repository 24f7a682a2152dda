/** "Try it": the trained networks asked in the page. Trainer and weights are loaded once the reader wants them. */
import type { CellView } from "../data/cells.js";
import { button, h, paragraph, refill } from "../draw/dom.js";
import { written } from "../draw/written.js";
import { loadPart } from "../parts.js";
import type { Report } from "../report.js";
import { Trainer } from "../trainer/trainer.js";
import { plural } from "../../../../src/core/numeric/words.js";
import { writtenSection } from "./section.js";
import { MOST_MODELS, Workbench } from "./try-workbench.js";

/** Cells that can be asked, whose weights are here or can be loaded. */
interface Found {
  cells: CellView[];
  bytes: number;
}

function found({ data, checks }: Report, done: readonly CellView[]): Found {
  const sizes = new Map(data.parts?.weights?.cells.map(({ id, bytes }) => [id, bytes]));
  const cells = done.filter(({ id }) => checks.weights.get(id) ?? sizes.has(id));
  return { cells, bytes: cells.reduce((sum, { id }) => sum + (sizes.get(id) ?? 0), 0) };
}

/** Of cells whose weights travel with the page, by id: little-endian Float32, one after the other. */
async function travelled({ data }: Report, onProgress: (bytes: number) => void): Promise<Map<string, Float32Array>> {
  const part = data.parts?.weights;
  const weights = new Map<string, Float32Array>();
  if (!part) return weights;
  const bytes = await loadPart(part.name, part.pieces, onProgress);
  let at = 0;
  for (const cell of part.cells) {
    const own = bytes.slice(at, (at += cell.bytes));
    weights.set(cell.id, new Float32Array(own.buffer, 0, Math.floor(own.length / 4)));
  }
  return weights;
}

/** Null where no cell has a network to ask, or the size of the images is not known. */
export function trySection(report: Report): HTMLElement | null {
  const size = report.data.imageSize;
  const done = report.cells.filter(({ record }) => record.status === "done");
  if (!size || done.length === 0) return null;
  const place = h("div", { class: "try-place" });
  const { cells, bytes } = found(report, done);
  const label =
    cells.length > 0
      ? `Load ${plural(cells.length, "model")}, ${(bytes / 1e6).toFixed(1)} MB`
      : "Open the drawing board";
  const said = h("p", { class: "note", role: "status" });
  const load = async () => {
    const progress = h("progress", { max: bytes, "aria-label": "Loading the models" });
    refill(said, progress);
    opener.disabled = true;
    let bench: Workbench | undefined;
    try {
      const trainer = await Trainer.start();
      bench = report.keep(new Workbench(report, trainer, done, size));
      let fault: unknown;
      const weights = await travelled(report, (got) => (progress.value = got)).catch((error: unknown) => {
        fault = error;
        return new Map<string, Float32Array>();
      });
      const best = [...done].sort((a, b) => b.judged - a.judged);
      const known = best.flatMap((cell) => {
        const own = report.checks.weights.get(cell.id) ?? weights.get(cell.id);
        return own ? [[cell, own] as const] : [];
      });
      await bench.add(known.slice(0, MOST_MODELS));
      place.classList.add("wide");
      refill(place, bench.element);
      bench.element.querySelector("input")?.focus({ preventScroll: true });
      if (fault !== undefined) bench.tell(fault);
    } catch (error) {
      bench?.destroy();
      opener.disabled = false;
      refill(said, error instanceof Error ? error.message : String(error));
    }
  };
  const opener = button("action", label, () => void load());
  refill(place, [paragraph(opener), cells.length > 0 ? null : written("try", {}, "missing"), said]);
  const hint = report.data.dataset === "fashion-mnist" ? ", photographs of garments with cloth, folds and shade" : "";
  const section = writtenSection("try", { hint, bench: place });
  section.classList.add("print-hide");
  return section;
}

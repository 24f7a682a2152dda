/** The workbench of "Try it": an image to draw, choose or drop, each permutation's view of it, and what every model says. */
import { bytesOf, type ImageSize } from "../../../../src/core/kernels/shape.js";
import { answerSentences, type ModelAnswer } from "../comments/answers.js";
import { groupBy, type CellView } from "../data/cells.js";
import { lightEdge } from "../../../../src/core/data/fit-picture.js";
import { AnswerTable, likeliest } from "../draw/answer-table.js";
import { bdi, button, h, paragraph, paragraphs, refill, type Child } from "../draw/dom.js";
import { DrawingBoard } from "../draw/drawing-board.js";
import { decodePixels } from "../data/pixels.js";
import { imageCanvas } from "../draw/images.js";
import { swatch } from "../draw/marks.js";
import { PermutedViews } from "../draw/permuted-views.js";
import type { Kept, Report } from "../report.js";
import type { DataFacts, Answers } from "../trainer/protocol.js";
import type { Trainer } from "../trainer/trainer.js";
import { pictureIn, weightsIn } from "./try-files.js";
import { missingModels } from "./try-missing.js";

/** Models that are asked at once: each has a WebAssembly memory of its own. */
export const MOST_MODELS = 60;

interface Sample {
  label: number;
  bytes: Uint8Array;
}

export class Workbench implements Kept {
  readonly element: HTMLElement;
  private readonly classNames: string[];
  private readonly samples: Sample[];
  private readonly light: boolean;
  private readonly board: DrawingBoard;
  private readonly table: AnswerTable;
  private readonly ready = new Set<string>();
  private readonly refused = new Map<string, string>();
  private readonly views: PermutedViews;
  private readonly verdict = h("p", { class: "try-verdict" });
  private readonly said = h("div", { class: "commentary" });
  /** What is said once the image has settled, for those who hear the page. */
  private readonly spoken = h("p", { class: "visually-hidden", "aria-live": "polite" });
  private readonly note = h("p", { class: "note", role: "status" });
  private readonly missing = h("div", { class: "try-missing" });
  private asking = false;
  private stale = false;
  private readonly stop: () => void;

  /** @param cells those that can have weights, in the order of the report */
  constructor(
    private readonly report: Report,
    private readonly trainer: Trainer,
    private readonly cells: readonly CellView[],
    private readonly size: ImageSize,
  ) {
    const { data, classes, checks, openCell } = report;
    this.classNames = Array.from({ length: classes }, (_, k) => data.classNames[k] ?? String(k));
    this.samples = (data.images?.samples ?? [])
      .map(({ label, pixels }) => ({ label, bytes: decodePixels(pixels) }))
      .filter(({ bytes }) => bytes.length === bytesOf(size));
    this.light = lightEdge(
      this.samples.map(({ bytes }) => bytes),
      size,
    );
    this.board = new DrawingBoard(size, this.light ? 255 : 0, () => this.ask());
    this.views = new PermutedViews(size);
    this.table = new AnswerTable(this.classNames, openCell);
    this.element = this.layout();
    if (this.samples.length > 0) this.board.put(this.samples[0].bytes);
    this.stop = checks.weights.subscribe((id) => {
      const [cell, weights] = [cells.find((one) => one.id === id), checks.weights.get(id)];
      if (cell && weights) void this.add([[cell, weights]]);
    });
  }

  destroy(): void {
    this.stop();
    this.trainer.end();
  }

  /** Has the trainer keep models, each if its weights are those of its record, and asks them. */
  async add(found: readonly (readonly [CellView, Float32Array])[]): Promise<void> {
    const room = found.slice(0, Math.max(0, MOST_MODELS - this.ready.size));
    const models = room.map(([{ id, record }, weights]) => ({
      id,
      config: record.config,
      weights,
      digest: record.weightsDigest,
    }));
    const { dataset: name, dataDigest: digest } = this.report.data;
    const facts: DataFacts = { name, digest, classNames: this.classNames, ...this.size };
    try {
      const refusals = await this.trainer.models(facts, models);
      for (const { id } of models)
        if (Object.hasOwn(refusals, id)) this.refused.set(id, refusals[id]);
        else this.ready.add(id);
    } catch (error) {
      this.tell(error);
    }
    this.arrange();
    this.ask();
  }

  /** Says what went wrong, or what was done. */
  tell(what: unknown): void {
    refill(this.note, what instanceof Error ? what.message : String(what));
  }

  private layout(): HTMLElement {
    const chooser = h("input", { type: "file", multiple: true, hidden: true });
    chooser.addEventListener("change", () => {
      void this.take([...(chooser.files ?? [])]);
      chooser.value = "";
    });
    const over = (is: boolean) => (event: Event) => {
      event.preventDefault();
      this.element.classList.toggle("dropping", is);
    };
    return h(
      "div",
      {
        class: "try-bench",
        ondragover: over(true),
        ondragleave: over(false),
        ondrop: (event) => {
          over(false)(event);
          if (event instanceof DragEvent) void this.take([...(event.dataTransfer?.files ?? [])]);
        },
      },
      h(
        "div",
        { class: "try-image" },
        this.board.element,
        this.views.element,
        this.sampleButtons(),
        h(
          "p",
          { class: "board-tools" },
          button("quiet", "Choose a picture…", () => chooser.click()),
          chooser,
          "or drop one here",
        ),
        this.note,
      ),
      h("div", { class: "try-answers" }, this.verdict, this.spoken, this.table.element, this.said, this.missing),
    );
  }

  /** One for each class; pressed again, it goes on to the class's next. */
  private sampleButtons(): Child {
    const byClass = groupBy(this.samples, ({ label }) => String(label));
    if (byClass.size === 0) return null;
    return h(
      "div",
      { class: "try-samples", role: "group", "aria-label": "Samples to begin with" },
      [...byClass.values()].map((samples) => {
        const name = this.classNames[samples[0].label] ?? String(samples[0].label);
        let next = 0;
        const show = () => this.board.put(samples[next++ % samples.length].bytes);
        return button("try-sample", imageCanvas(samples[0].bytes, this.size, `Sample: ${name}`), show, { title: name });
      }),
    );
  }

  /** Rows, views and what is missing, as the models are that can be asked. */
  private arrange(): void {
    const models = this.cells.filter(({ id }) => this.ready.has(id));
    const several = new Set(this.cells.map(({ seed }) => seed)).size > 1;
    this.table.element.hidden = models.length === 0;
    const nameOf = (cell: CellView) => [cell.model, cell.recipe, ...(several ? [`seed ${cell.seed}`] : [])].join(", ");
    this.table.use(
      models.map((cell) => {
        const { colour, shape } = this.report.mark(cell);
        const mark = swatch(colour, shape, false, { dotted: cell.permutation > 0 });
        return { cell, name: [mark, bdi(nameOf(cell))], pixels: this.pixelsOf(cell.permutation) };
      }),
    );
    const permutations = [...new Set(models.map(({ permutation }) => permutation))].sort((a, b) => a - b);
    this.views.use(permutations, (k) => this.pixelsOf(k));
    const absent = this.cells.filter(({ id }) => !this.ready.has(id));
    refill(
      this.missing,
      models.length < MOST_MODELS
        ? missingModels({
            cells: absent,
            refused: this.refused,
            nameOf: (cell) => `${nameOf(cell)}, ${this.pixelsOf(cell.permutation)} pixels`,
            openCell: this.report.openCell,
          })
        : paragraph(`${MOST_MODELS} models are asked at most; ${absent.length} more have results here.`),
    );
  }

  private pixelsOf(permutation: number): string {
    if (permutation === 0) return "original";
    const several = this.cells.some((cell) => cell.permutation > 0 && cell.permutation !== permutation);
    return several ? `permutation ${permutation}` : "permuted";
  }

  /** Asks the models about the image: once a frame at most, and never while they are being asked. */
  private ask(): void {
    this.stale = this.asking;
    if (this.asking) return;
    this.asking = true;
    requestAnimationFrame(() => void this.predict());
  }

  private async predict(): Promise<void> {
    this.views.show(this.board.bytes);
    try {
      this.show(await this.trainer.predict(this.board.bytes));
    } catch (error) {
      this.tell(error);
    }
    this.asking = false;
    if (this.stale) this.ask();
  }

  private show(answers: Answers): void {
    const given = this.cells
      .filter(({ id }) => Object.hasOwn(answers, id))
      .map((cell): ModelAnswer => {
        const label = likeliest(answers[cell.id]);
        return { cell, label, probability: answers[cell.id][label] };
      });
    const counts = groupBy(given, ({ label }) => String(label));
    const [most] = [...counts.values()].sort((a, b) => b.length - a.length);
    for (const { cell } of given) this.table.show(cell.id, answers[cell.id], most[0].label);
    const sample = this.samples.find(({ bytes }) => bytes.every((value, i) => value === this.board.bytes[i]));
    const sentences = answerSentences(given, (label) => this.classNames[label], sample?.label);
    const [verdict = "No model’s weights are here yet.", ...more] = sentences;
    refill(this.verdict, verdict);
    refill(this.said, paragraphs(more));
    if (!this.board.drawing && !this.stale) refill(this.spoken, sentences.join(" "));
  }

  /** Pictures, to be asked about, and weights, which their digest gives to a cell. */
  private async take(files: readonly File[]): Promise<void> {
    try {
      for (const file of files)
        if (file.type.startsWith("image/")) {
          const { value, text } = await pictureIn(file, this.size, this.light);
          this.board.put(value);
          this.tell(text);
        } else {
          const { value, text } = await weightsIn(file, this.cells, this.trainer);
          for (const { id } of value.owners) this.report.checks.weights.put(id, value.weights);
          this.tell(text);
        }
    } catch (error) {
      this.tell(error);
    }
  }
}

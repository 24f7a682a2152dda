/** A training in the page as it goes on: its progress, its curve over a recorded one, and what can be done about it. */
import { standing, speedWords } from "../comments/check.js";
import { viewCells, type CellView } from "../data/cells.js";
import type { Metric } from "../data/learning-curves.js";
import { button, h, refill, refillInPlace, type Child } from "../draw/dom.js";
import { figure } from "../draw/figure.js";
import type { Report } from "../report.js";
import type { Training } from "../training/training.js";
import type { CurveGroup } from "../data/shown-models.js";
import { curveFigure } from "./curve-figures.js";

/** What is shown of a training beside its progress and its curve. */
export interface TrainingWords {
  /** What its curve is called beside the record's. */
  label: string;
  /** Names its parts on the page. */
  id: string;
  /** Under the progress: spoken when it changes. */
  said(training: Training): Child;
  /** What begins it, for the first time or again. */
  begin(again: boolean): Child;
  /** Goes on with it. */
  go(): void;
}

/** The recorded curve lies under the one of the page, wider and grey. */
const RECORDED = { colour: 7, shape: 0, width: 7 };
const [HERE_COLOUR, HERE_SHAPE] = [0, 1];

/** @param keep told of what is to be taken down with the view */
export class TrainingView {
  readonly element: HTMLElement;
  private readonly controls = h("div", { class: "training-controls" });
  private readonly told = h("p", { class: "note training-standing" });
  private readonly said = h("div", { class: "training-said", "aria-live": "polite" });
  private readonly bar = h("progress", { max: 1, value: 0, "aria-label": "Progress of the training", hidden: true });
  private readonly charts = h("div", { class: "columns" });
  private figures: ReturnType<typeof figure>[] = [];
  private drawn = -1;
  private spoken = "";
  private used?: { training?: Training; phase?: Training["phase"] };

  constructor(
    private readonly report: Report,
    private readonly cell: CellView,
    private readonly words: TrainingWords,
    private readonly find: () => Training | undefined,
    private readonly keep: Report["keep"],
  ) {
    this.element = h("div", { class: "training" }, this.controls, this.bar, this.told, this.said, this.charts);
    const unsubscribe = report.checks.trainings.subscribe((changed) => {
      if (changed === this.find()) this.update();
    });
    keep({ destroy: unsubscribe });
    this.update();
  }

  update(): void {
    const training = this.find();
    // A button that is pressed stays until it does something else.
    if (!this.used || training !== this.used.training || training?.phase !== this.used.phase)
      refillInPlace(this.controls, training ? this.buttons(training) : this.words.begin(false));
    this.used = { training, phase: training?.phase };
    this.told.textContent = training
      ? [standing(training), speedWords(training, training.claim ? this.cell.metrics.samplesPerSecond : NaN)]
          .filter(Boolean)
          .join(" ")
      : "";
    const { progress, curve = [], until } = training ?? {};
    this.bar.hidden = !training?.runs;
    if (until) this.bar.value = (curve.length + (progress ? progress.samples / progress.samplesPerEpoch : 0)) / until;
    const said = training ? this.words.said(training) : null;
    const text = h("div", {}, said);
    if (text.innerHTML !== this.spoken) refill(this.said, said);
    this.spoken = text.innerHTML;
    if (training && curve.length !== this.drawn && curve.length > 0) this.draw(training);
  }

  /** Shows another training. */
  reset(): void {
    this.drawn = -1;
    this.update();
  }

  private buttons(training: Training): Child {
    const { trainings } = this.report.checks;
    switch (training.phase) {
      case "queued":
      case "loading":
      case "training":
        return button("quiet", "Stop", () => trainings.stop(training));
      case "stopped":
        return button("action", "Go on", () => this.words.go());
      case "files":
        return filePicker(training, (files) => this.report.checks.give(files, training));
      case "ended":
        return this.words.begin(true);
    }
  }

  private draw(training: Training): void {
    this.drawn = training.curve.length;
    const specs = (["accuracy", "loss"] as const).map((metric) => this.spec(training, metric));
    if (this.figures.length > 0) this.figures.forEach((chart, i) => chart.update(specs[i]));
    else {
      this.figures = specs.map((spec) => this.keep(figure(spec)));
      refill(
        this.charts,
        this.figures.map(({ element }) => element),
      );
    }
  }

  private spec(training: Training, metric: Metric) {
    const { report, cell, words } = this;
    const [here] = viewCells([{ ...cell.record, config: training.config, status: "done", curve: training.curve }]);
    const recorded: CurveGroup = { label: "the record", cells: [cell], ...RECORDED };
    const groups = [
      ...(cell.curve.length > 0 ? [recorded] : []),
      { label: words.label, cells: [here], colour: HERE_COLOUR, shape: HERE_SHAPE },
    ];
    const title = metric === "accuracy" ? "Accuracy, recorded and here" : "Loss, recorded and here";
    const spec = curveFigure(report, { id: `${words.id}-${metric}`, title, metric, groups, set: "cell", height: 220 });
    return { ...spec, cellIds: undefined };
  }
}

/** Takes the files of a data set, dropped or chosen. */
export function filePicker({ facts }: Training, give: (files: File[]) => void): HTMLElement {
  const take = (list: FileList | null | undefined) => {
    if (list && list.length > 0) give([...list]);
  };
  const input = h("input", { type: "file", multiple: true, class: "visually-hidden" });
  input.addEventListener("change", () => take(input.files));
  const place = h(
    "label",
    { class: "drop-place" },
    input,
    h("strong", {}, "Drop the four files here, or choose them."),
    h(
      "span",
      { class: "note" },
      facts.name === "fashion-mnist"
        ? "train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz, as FashionMNIST is published. They stay on this machine."
        : "Images and labels for training and for testing as IDX files. They stay on this machine.",
    ),
  );
  const over = (is: boolean) => (event: Event) => {
    event.preventDefault();
    place.classList.toggle("over", is);
  };
  place.addEventListener("dragover", over(true));
  place.addEventListener("dragleave", over(false));
  place.addEventListener("drop", (event) => {
    over(false)(event);
    take(event.dataTransfer?.files);
  });
  return place;
}

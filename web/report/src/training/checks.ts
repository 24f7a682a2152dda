/** Checks of cells: each trained again in the page. */
import type { TrainConfig } from "../../../../src/core/config.js";
import type { CellView } from "../data/cells.js";
import type { PageData } from "../data/page-data.js";
import { TrainedWeights } from "../trained-weights.js";
import type { Training } from "./training.js";
import { Trainings } from "./trainings.js";
import { trainingOf } from "./verdict.js";

export class Checks {
  readonly trainings = new Trainings(() => {
    const images = this.data.parts?.images;
    return images && { digest: this.data.dataDigest, part: images };
  });
  /** Of the cells that were checked, and of those whose weights the reader gave. */
  readonly weights = new TrainedWeights();
  private readonly byCell = new Map<string, Training>();

  /** @param data the page's, as they are now */
  constructor(public data: PageData) {
    this.trainings.subscribe((training) => {
      const { key, result } = training;
      if (result && this.byCell.get(key) === training) this.weights.put(key, result.weights);
    });
  }

  /** The check of a cell, if there was one. */
  of(id: string): Training | undefined {
    return this.byCell.get(id);
  }

  /** Begins to check a cell, or goes on. */
  start(cell: CellView): Training {
    let check = this.byCell.get(cell.id);
    if (check?.phase === "ended") check = undefined;
    if (!check) this.byCell.set(cell.id, (check = this.training(cell, cell.id)));
    this.trainings.start(check);
    return check;
  }

  stop(): void {
    // Those that wait come first: they would begin as soon as others end.
    const awaited = [...this.byCell.values()].filter((check) => check.awaited);
    for (const check of awaited.sort((a, b) => Number(a.runs) - Number(b.runs))) this.trainings.stop(check);
  }

  /** All checks that wait for files of the same data as this one. */
  give(files: File[], training: Training): void {
    const waiting = [training, ...this.byCell.values()].filter(({ phase }) => phase === "files");
    this.trainings.give(files, training, new Set(waiting));
  }

  /** A training of a cell's config, or of another one on its data. */
  training({ record }: CellView, key: string, config?: TrainConfig): Training {
    return trainingOf(this.data, record, key, config);
  }
}

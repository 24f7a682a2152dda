/** Writes a cell's checkpoints beside its training. A slow disk costs checkpoints, never training time. */
import type { Checkpoint } from "./checkpoint.js";
import { failureReason } from "./files.js";
import type { RunDirectory } from "./run-directory.js";

export class CheckpointWriter {
  private next?: Checkpoint;
  private writing?: Promise<void>;
  private failed = false;

  /** @param onFailure told once, at the first checkpoint that cannot be written */
  constructor(
    private readonly directory: RunDirectory,
    private readonly onFailure: (reason: string) => void,
  ) {}

  /** Of checkpoints that come while another is being written, only the last is written. Resolves when nothing is being written. */
  save(checkpoint: Checkpoint): Promise<void> {
    this.next = checkpoint;
    return (this.writing ??= this.writeAll());
  }

  /** Resolves when nothing is being written any more. */
  async settled(): Promise<void> {
    await this.writing;
  }

  private async writeAll(): Promise<void> {
    while (this.next) {
      const checkpoint = this.next;
      this.next = undefined;
      try {
        await this.directory.writeCheckpoint(checkpoint);
      } catch (error) {
        if (!this.failed) this.onFailure(failureReason(error));
        this.failed = true;
      }
    }
    this.writing = undefined;
  }
}

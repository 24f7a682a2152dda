/** Reads what tasks of a cluster tell of their cells' training, as they go on telling it. */
import { open } from "node:fs/promises";
import { parse } from "../../core/json-text.js";
import type { CellMessage } from "../../workers/protocol.js";
import { isMissing } from "../store/files.js";

export interface ProgressLine {
  id: string;
  messages: CellMessage[];
}

export class ProgressReader {
  /** Of each file the bytes that were read. */
  private readonly read = new Map<string, number>();

  /** Gives what has been told in a file since the last call; a line that is still being written comes with the next. */
  async news(file: string): Promise<ProgressLine[]> {
    const handle = await open(file).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (!handle) return [];
    try {
      const from = this.read.get(file) ?? 0;
      const { size } = await handle.stat();
      const bytes = Buffer.alloc(Math.max(0, size - from));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, from);
      const end = bytes.subarray(0, bytesRead).lastIndexOf("\n") + 1;
      this.read.set(file, from + end);
      const lines = bytes.toString("utf8", 0, end).split("\n");
      return lines.filter((line) => line !== "").flatMap(parsed);
    } finally {
      await handle.close();
    }
  }
}

/** A task that was killed may have left half a line, to which the next one added its own. */
function parsed(line: string): ProgressLine[] {
  try {
    return [parse(line) as ProgressLine];
  } catch {
    return [];
  }
}

/** Whether a folder's file system does what machines that share a run directory rely on, tried before they do. */
import { statfs } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { InputError } from "../../core/input-error.js";
import { draftName, failureReason, readText, syncFolder, type FileOperations } from "./files.js";

/** By the numbers that Linux gives them, statfs(2). */
const KINDS: Record<number, string> = {
  0x6969: "nfs",
  0x0bd00bd0: "lustre",
  0xff534d42: "cifs",
  0xfe534d42: "smb2",
  0x517b: "smb",
  0x65735546: "fuse",
  0x794c7630: "overlay",
  0x01021994: "tmpfs",
  0x858458f6: "ramfs",
  0xef53: "ext4",
  0x58465342: "xfs",
  0x9123683e: "btrfs",
  0x2fc12fc1: "zfs",
  0x19830326: "beegfs",
  0x47504653: "gpfs",
  0x00c36400: "ceph",
  0x5346414f: "afs",
  0x01161970: "gfs2",
  0x7461636f: "ocfs2",
  0x01021997: "9p",
  0x4d44: "vfat",
  0x2011bab0: "exfat",
};

/** Times of some file systems have steps of 2 s. */
const [MOST_LOOKS, LOOK_MILLISECONDS] = [250, 10];

/** The kind of file system that a folder lies on, such as "nfs"; undefined where it cannot be told. */
export async function fileSystemKind(folder: string): Promise<string | undefined> {
  if (process.platform !== "linux") return undefined;
  const type = await statfs(folder).then(
    (found) => found.type >>> 0,
    () => undefined,
  );
  return type === undefined ? undefined : KINDS[type];
}

/**
 * Tries, by files of its own in a run directory, what several machines rely on there. To be called under the directory's lock.
 * @returns what a user should know though it is no obstacle: that folders cannot be synced there
 * @throws InputError where something does not work, and says what
 */
export async function probeFileSystem(operations: FileOperations, folder: string): Promise<string | undefined> {
  const kind = await fileSystemKind(folder);
  const place = `${folder}${kind === undefined ? "" : ` (${kind})`}`;
  const [first, second] = [1, 2].map(() => draftName(path.join(folder, "probe")));
  const write = (file: string, text: string): Promise<void> => operations.write(file, new TextEncoder().encode(text));
  const fails = (what: string, reason: string): never => {
    throw new InputError(
      `${place}: ${what} does not work: ${reason}; several machines cannot share a run directory there, name one on another file system with --out`,
    );
  };
  /** @param attempt resolves to what is wrong, or to undefined */
  const tried = async (what: string, attempt: () => Promise<string | undefined>): Promise<void> => {
    const wrong = await attempt().catch((error: unknown) => failureReason(error));
    if (wrong !== undefined) fails(what, wrong);
  };
  let syncs = true;
  try {
    await tried("writing a file and syncing it", async () => {
      await write(first, "first");
      await write(second, "second");
      return undefined;
    });
    await tried("making a file only where there is none", async () => {
      await operations.remove(second);
      await operations.link(first, second);
      const again = await operations.link(first, second).then(
        () => "made",
        (error: NodeJS.ErrnoException) => error.code,
      );
      return again === "EEXIST" ? undefined : `got ${again} where there is one, expected EEXIST`;
    });
    await tried("renaming a file over another", async () => {
      // Of two names of one file, a rename leaves both.
      await operations.remove(second);
      await write(second, "second");
      await operations.rename(second, first);
      const text = await readText(operations, first, 1 << 10);
      return text === "second" ? undefined : `got ${JSON.stringify(text)} in its place`;
    });
    await tried("syncing a folder", async () => {
      syncs = await syncFolder(operations, folder);
      return undefined;
    });
    await tried("the time of a file that is written again", async () => {
      const before = await operations.modified(first);
      for (let looks = 0; looks < MOST_LOOKS; looks++) {
        await sleep(LOOK_MILLISECONDS);
        if (!(await operations.renew(first, "second"))) return "the file is not as it was written";
        if ((await operations.modified(first)) > before) return undefined;
      }
      return "it stands still";
    });
  } finally {
    for (const file of [first, second]) await operations.remove(file).catch(() => undefined);
  }
  return syncs ? undefined : `${place}: folders cannot be synced there, so a power loss may cost the newest records`;
}

import { copyFileSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { fileSystemKind, probeFileSystem } from "../../../src/sweeps/store/file-system.js";
import { diskOperations, type FileOperations } from "../../../src/sweeps/store/files.js";
import { temporaryFolder } from "../fixtures.js";

const fault = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));
const probe = async (changes: Partial<FileOperations>): Promise<string | undefined> => {
  const folder = temporaryFolder();
  try {
    return await probeFileSystem({ ...diskOperations, ...changes }, folder);
  } catch (error) {
    expect(error).toMatchObject({
      name: "InputError",
      message: expect.stringMatching(
        /^\S+( \(\w+\))?: [^\n]*; several machines cannot share a run directory there, name one on another file system with --out$/,
      ),
    });
    throw error;
  } finally {
    // Nothing stays there, whatever does not work.
    expect(readdirSync(folder)).toEqual([]);
  }
};

test("a file system that does all is fine", async () => {
  expect(await probe({})).toBeUndefined();
});

test("what does not work is named", async () => {
  let renames = 0;
  const cases: [Partial<FileOperations>, RegExp][] = [
    [{ write: fault("EDQUOT") }, /: writing a file and syncing it does not work: quota used up \(EDQUOT\); /],
    [{ link: fault("ENOTSUP") }, /: making a file only where there is none does not work: ENOTSUP \(ENOTSUP\); /],
    [
      { link: async (from, to) => copyFileSync(from, to) },
      /only where there is none does not work: got made where there is one, expected EEXIST; /,
    ],
    [
      { rename: () => (renames++, fault("EACCES")()) },
      /: renaming a file over another does not work: permission denied \(EACCES\); /,
    ],
    [{ rename: async () => undefined }, /renaming a file over another does not work: got "first" in its place; /],
    [{ syncFolder: fault("EIO") }, /: syncing a folder does not work: input\/output error \(EIO\); /],
    [{ modified: async () => 5 }, /: the time of a file that is written again does not work: it stands still; /],
    [{ renew: async () => false }, /that is written again does not work: the file is not as it was written; /],
    [{ modified: fault("ESTALE") }, /again does not work: removed or replaced on the file server \(ESTALE\); /],
  ];
  for (const [changes, said] of cases) await expect(probe(changes)).rejects.toThrow(said);
  expect(renames).toBe(1);
});

test("where folders cannot be synced, that is a note", async () => {
  for (const code of ["EINVAL", "ENOTSUP"])
    expect(await probe({ syncFolder: fault(code) })).toMatch(
      /: folders cannot be synced there, so a power loss may cost the newest records$/,
    );
});

test.skipIf(process.platform !== "linux")("the kind of file system is told where it is known", async () => {
  expect(await fileSystemKind("/dev/shm")).toBe("tmpfs");
  expect(await fileSystemKind("/proc")).toBeUndefined();
  expect(await fileSystemKind("/nowhere")).toBeUndefined();
});
